// One frame with a message in it. The frame is sandboxed and runs no script; this page, which is of the same
// origin, reaches in to keep the scroll position, to mark a place, and to hear clicks.

import { h } from "./dom.js";
import { addStyle, dress } from "./looks.js";
import { pressed } from "./keys.js";

/// What is drawn over a message to point at something; it is never part of the letter.
const MARKS = `
  [data-courant-mark] { outline: 3px solid #d9480f !important; outline-offset: 4px !important; }
  [data-courant-over] { outline: 1px dashed #1f7a99 !important; outline-offset: 3px !important; cursor: pointer !important; }`;

export class Frame {
  /// `holder` gets the frame; `clicked(element)` is called with what was clicked in the message.
  constructor(holder, { clicked = () => {}, over = () => null } = {}) {
    this.holder = holder;
    this.clicked = clicked;
    this.over = over;
    this.current = null;
    this.asked = 0;
  }

  /// Shows what is at `url`, dressed as told. The old message stays until the new one is ready, and the new one
  /// begins where the old one was scrolled to.
  show(url, title, dressing) {
    const asked = (this.asked += 1);
    const next = h("iframe", { class: "frame", sandbox: "allow-same-origin", title, "data-next": "" });
    next.style.colorScheme = dressing.look === "dark" ? "dark" : "light";
    return new Promise((done) => {
      next.addEventListener("load", () => {
        if (asked !== this.asked || !next.contentDocument?.body) next.remove();
        else this.#swap(next, dressing);
        done();
      });
      next.src = url;
      this.holder.append(next);
    });
  }

  #swap(next, dressing) {
    const document = next.contentDocument;
    dress(document, dressing);
    addStyle(document, MARKS);
    this.#listen(document);
    const { x, y } = this.scroll();
    next.contentWindow.scrollTo(x, y);
    next.removeAttribute("data-next");
    for (const old of [...this.holder.querySelectorAll("iframe")]) if (old !== next) old.remove();
    this.current = next;
    if (this.marked) this.mark(this.marked, false);
  }

  #listen(document) {
    document.addEventListener("click", (event) => {
      event.preventDefault();
      this.clicked(event.target);
    });
    document.addEventListener("pointerover", (event) => {
      for (const old of document.querySelectorAll("[data-courant-over]")) old.removeAttribute("data-courant-over");
      this.over(event.target)?.setAttribute("data-courant-over", "");
    });
    document.addEventListener("keydown", pressed);
  }

  /// The message's own document, once one is there.
  get document() {
    return this.current?.contentDocument ?? null;
  }

  /// How far the message is scrolled.
  scroll() {
    const window = this.current?.contentWindow;
    return { x: window?.scrollX ?? 0, y: window?.scrollY ?? 0 };
  }

  /// Draws a border around a place, and scrolls to it; `null` takes it away.
  mark(selector, scroll = true) {
    this.marked = selector;
    if (!this.document) return;
    for (const old of this.document.querySelectorAll("[data-courant-mark]")) old.removeAttribute("data-courant-mark");
    const place = find(this.document, selector);
    place?.setAttribute("data-courant-mark", "");
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (scroll) place?.scrollIntoView({ block: "center", behavior: calm ? "auto" : "smooth" });
  }
}

/// The element of a selector; a selector that this browser does not know finds nothing.
export function find(document, selector) {
  if (!selector) return null;
  try {
    return document.querySelector(selector);
  } catch {
    return null;
  }
}
