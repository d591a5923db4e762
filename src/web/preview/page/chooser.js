// A window to choose from: a line to type into, and the list of what matches. The palette, the issues and the
// people are three uses of it.

import { h, icon } from "./dom.js";
import { opened } from "./dialog.js";

/// `find(text)` gives (or promises) groups: `[{ words, items: [{ words, detail?, hint?, icon?, current?, pick }] }]`.
/// It is asked for a text when nothing more was typed for `wait` milliseconds.
export function choose({ title, placeholder, find, wait = 0 }) {
  const list = h("div", { class: "chooser-list", role: "listbox", id: "chooser-list", "aria-label": title });
  const field = h("input", {
    class: "chooser-field", type: "text", role: "combobox", placeholder, "aria-label": title, "aria-controls": "chooser-list",
    "aria-expanded": "true", "aria-autocomplete": "list", autocomplete: "off", spellcheck: "false",
  });
  const told = h("p", { class: "quiet-name", role: "status" });
  const window = h("dialog", { class: "dialog chooser", "aria-label": title }, h("div", { class: "chooser-head" }, icon("search"), field, h("kbd", {}, "Esc")), list, told);
  const chooser = { window, list, field, told, find, wait, items: [], at: 0, asked: 0 };
  field.addEventListener("input", () => (chooser.filled = fill(chooser)));
  field.addEventListener("keydown", (event) => move(chooser, event));
  opened(window);
  chooser.filled = fill(chooser);
  return window;
}

async function fill(chooser) {
  const asked = (chooser.asked += 1);
  if (chooser.wait && chooser.field.value) await new Promise((done) => setTimeout(done, chooser.wait));
  if (asked !== chooser.asked) return;
  let problem = null;
  const groups = await Promise.resolve(chooser.find(chooser.field.value.trim())).catch((refused) => ((problem = refused.message), []));
  if (asked !== chooser.asked) return;
  chooser.items = groups.flatMap((group) => group.items);
  const current = chooser.items.findIndex((item) => item.current);
  chooser.at = chooser.field.value || current < 0 ? 0 : current;
  chooser.list.replaceChildren(...groups.filter((group) => group.items.length).map((group) => section(chooser, group)));
  if (!chooser.items.length) chooser.list.append(h("p", { class: "empty-line" }, problem ?? "Nothing of that name"));
  chooser.told.textContent = `${chooser.items.length} to choose from`;
  mark(chooser);
}

function section(chooser, group) {
  const options = group.items.map((item) => option(chooser, item));
  return h("div", { role: "group", "aria-label": group.words, class: "chooser-group" }, h("p", { class: "chooser-words", "aria-hidden": "true" }, group.words), options);
}

function option(chooser, item) {
  const at = chooser.items.indexOf(item);
  return h(
    "div",
    { class: "option", role: "option", id: `option-${at}`, "aria-selected": "false", on: { click: () => pick(chooser, item), pointermove: () => at !== chooser.at && ((chooser.at = at), mark(chooser, false)) } },
    item.icon ? (item.icon instanceof Node ? item.icon : icon(item.icon)) : null,
    h("span", { class: "option-words" }, h("span", { class: "option-name" }, item.words), item.detail ? h("span", { class: "option-detail" }, item.detail) : null),
    item.hint ? (item.hint instanceof Node ? item.hint : h("span", { class: "option-hint" }, item.hint)) : null,
    item.current ? icon("check", "option-check") : null,
  );
}

function mark(chooser, scroll = true) {
  chooser.list.querySelectorAll("[role=option]").forEach((option, at) => {
    option.setAttribute("aria-selected", String(at === chooser.at));
    if (at === chooser.at && scroll) option.scrollIntoView({ block: "nearest" });
  });
  if (chooser.items.length) chooser.field.setAttribute("aria-activedescendant", `option-${chooser.at}`);
  else chooser.field.removeAttribute("aria-activedescendant");
}

function move(chooser, event) {
  const length = chooser.items.length;
  const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
  if (step && length) {
    event.preventDefault();
    chooser.at = (chooser.at + step + length) % length;
    mark(chooser);
  } else if (event.key === "Enter") {
    event.preventDefault();
    // Who types fast means what was typed, and not what the list still shows.
    chooser.filled.then(() => pick(chooser, chooser.items[chooser.at]));
  }
}

function pick(chooser, item) {
  if (!item || !chooser.window.open) return;
  chooser.window.close();
  item.pick();
}

/// Whether every word that was typed begins or stands somewhere in the text.
export const matches = (text, typed) => typed.toLowerCase().split(/\s+/).every((word) => text.toLowerCase().includes(word));
