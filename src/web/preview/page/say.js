// Short sentences at the foot of the page, which screen readers hear.

import { by, h, icon } from "./dom.js";

const ICONS = { good: "check", bad: "error", plain: "info" };

/// Says a sentence for some seconds; a bad one stays until it is closed. `more` may be a button beside it.
export function say(words, tone = "plain", more = null) {
  const close = h("button", { type: "button", class: "tool", "aria-label": "Close this message", on: { click: () => saying.remove() } }, icon("close"));
  const saying = h("div", { class: "saying", data: { tone } }, icon(ICONS[tone]), h("span", {}, words), more, close);
  const box = by("sayings");
  while (box.children.length > 2) box.firstChild.remove();
  box.append(saying);
  if (tone !== "bad") setTimeout(() => saying.remove(), 8000);
}

/// Copies a text and says so.
export async function copy(text, words) {
  try {
    await navigator.clipboard.writeText(text);
    say(`${words} copied`, "good");
  } catch {
    say(`the browser did not let the page copy; here it is: ${text}`, "bad");
  }
}
