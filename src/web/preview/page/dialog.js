// A window above the page: the browser's own dialog keeps the focus inside and gives it back.

import { h, icon } from "./dom.js";

let count = 0;

/// Opens a window with a title; it removes itself when it is closed.
export function dialog(title, ...content) {
  count += 1;
  const id = `dialog-title-${count}`;
  const close = h("button", { type: "button", class: "tool", "aria-label": "Close", on: { click: () => window.close() } }, icon("close"));
  const head = h("div", { class: "dialog-head" }, h("h2", { id }, title), close);
  const window = h("dialog", { class: "dialog", "aria-labelledby": id }, head, h("div", { class: "dialog-body" }, content));
  return opened(window);
}

/// Shows a dialog; a click beside it, and Esc, close it.
export function opened(window) {
  document.body.append(window);
  window.addEventListener("close", () => window.remove());
  window.addEventListener("click", (event) => event.target === window && window.close());
  window.showModal();
  return window;
}
