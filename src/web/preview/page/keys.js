// The keyboard: one key for each action, unless somebody types or has switched single keys off.

import { by, COMMAND, h } from "./dom.js";
import { offered, run } from "./actions.js";
import { dialog } from "./dialog.js";

const OFF = "courant.single-keys-off";

const single = () => localStorage.getItem(OFF) === null;

/// The listener of the page; the frames hand their keys here, too.
export function pressed(event) {
  if ((event.ctrlKey || event.metaKey) && !event.shiftKey && !event.altKey && event.key.toLowerCase() === "k") {
    event.preventDefault();
    return run("palette");
  }
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  if (!single() || typing(event.target) || document.querySelector("dialog[open]")) return;
  const action = offered().find((action) => action.key === event.key);
  if (!action) return;
  event.preventDefault();
  action.run();
}

const typing = (target) => target instanceof Element && target.closest("input, textarea, select, [contenteditable]") !== null;

/// The list of all keys, and the switch for those of one character.
export function showKeys() {
  const groups = Map.groupBy(
    offered().filter((action) => action.key),
    (action) => action.group,
  );
  const lists = [...groups].map(([group, actions]) =>
    h("section", { class: "keys-group" }, h("h3", {}, group), h("dl", {}, actions.map((action) => h("div", {}, h("dt", {}, h("kbd", {}, shown(action.key))), h("dd", {}, action.words))))),
  );
  const box = h("input", { type: "checkbox", id: "single-keys", on: { change: () => keep(box.checked) } });
  box.checked = single();
  dialog(
    "Keys",
    h("div", { class: "keys" }, lists),
    h("p", { class: "keys-more" }, h("kbd", {}, `${COMMAND}K`), " finds every action by its name; ", h("kbd", {}, "Esc"), " closes what is open; arrow keys move within tabs, lists and the handle of the message."),
    h("label", { class: "keys-switch" }, box, " Single keys act without Ctrl or Cmd"),
  );
}

function keep(on) {
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "yes");
}

/// A key as it stands on the keyboard.
export const shown = (key) => ({ Enter: "↵", Escape: "Esc", ArrowLeft: "←", ArrowRight: "→" })[key] ?? key;

export function listenToKeys() {
  addEventListener("keydown", pressed);
  by("skip").addEventListener("click", (event) => {
    event.preventDefault();
    by("main").focus();
  });
}
