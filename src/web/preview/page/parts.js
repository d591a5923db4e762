// The parts of a letter beside the message itself: text, sources, headers, structure, the whole of it, values.

import { by, bytes, h, icon, refill } from "./dom.js";
import { inline } from "./findings.js";
import { mail, tags } from "./ink.js";
import { copy } from "./say.js";
import { letterUrl } from "./server.js";
import { sizes } from "./sizes.js";
import { on, state } from "./store.js";

/// Each tab with what it shows of a View; what is `unmerged` shows where the letter of a reader cannot be made, too.
export const PARTS = {
  message: { words: "Message" },
  text: { words: "Text", show: (view) => source(view.text, "The text part", null) },
  html: { words: "HTML", show: (view) => source(view.html, "HTML", tags) },
  mjml: { words: "MJML", unmerged: true, show: (view) => source(view.mjml, "MJML", tags) },
  headers: { words: "Headers", show: (view) => headers(view.headers) },
  structure: { words: "Structure", show: (view) => structure(view.tree) },
  letter: { words: "Letter", show: (view) => letter(view) },
  values: { words: "Values", unmerged: true, show: (view) => values(view.values) },
  sizes: { words: "Sizes", show: (view) => sizes(view) },
};

export function startParts() {
  on(["view", "tab"], render);
}

function render() {
  const part = PARTS[state.tab];
  const message = !part?.show;
  by("panel-message").hidden = !message;
  by("panel-part").hidden = message;
  if (message) return;
  by("panel-part").setAttribute("aria-labelledby", `tab-${state.tab}`);
  const other = by("panel-part").dataset.part !== state.tab;
  by("panel-part").dataset.part = state.tab;
  refill(by("panel-part"), state.view?.html || (state.view?.mjml && part.unmerged) ? part.show(state.view) : empty());
  if (other) by("panel-part").scrollTop = 0;
}

function empty() {
  const why = state.view?.error ?? state.problem;
  return h("p", { class: "empty-line" }, why ? ["There is no letter to take apart: ", inline(why.message)] : "There is no letter to take apart yet.");
}

/// A text with a button that copies it.
export function source(text, words, colour, ...tools) {
  if (!text) return h("p", { class: "empty-line" }, `There is no ${words.replace(/^The /, "")}.`);
  const lines = text.replace(/\r/g, "").split("\n");
  const body = colour ? lines.flatMap((line) => [...colour(line).map(([kind, part]) => (kind ? h("span", { class: `ink-${kind}` }, part) : part)), "\n"]) : [text];
  const copier = h("button", { type: "button", class: "small-button", data: { key: "copy" }, on: { click: () => copy(text, words) } }, icon("copy"), "Copy");
  return [h("div", { class: "part-tools" }, h("p", {}, `${words} · ${bytes(new TextEncoder().encode(text).length)}`), tools, copier), h("pre", { class: colour ? "source" : "source prose", dir: "auto" }, h("code", {}, body))];
}

/// The headers of a letter as a table.
export function headers(pairs) {
  const rows = (pairs ?? []).map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, name), h("td", {}, value)));
  return h("table", { class: "pairs" }, h("caption", { class: "quiet-name" }, "Headers"), h("tbody", {}, rows));
}

/// The tree of MIME parts.
export function structure(tree) {
  return tree ? h("ul", { class: "tree" }, branch(tree)) : h("p", { class: "empty-line" }, "There is no structure to show.");
}

function branch(part) {
  const children = part.children ?? [];
  return h(
    "li",
    {},
    h("span", { class: "tree-part" }, h("code", {}, part.type), part.name ? h("span", { class: "tree-name" }, part.name) : null, h("span", { class: "tree-bytes" }, bytes(part.bytes))),
    children.length ? h("ul", {}, children.map(branch)) : null,
  );
}

function letter(view) {
  const download = h("a", { class: "small-button", href: letterUrl(view.id, { as: state.as }), download: `${view.id}.eml` }, icon("download"), "Save as .eml");
  return source(view.eml, "The whole letter", mail, download);
}

function values(pairs) {
  if (!pairs?.length) return h("p", { class: "empty-line" }, "This issue uses no merge fields.");
  const rows = pairs.map(([name, value]) => h("tr", {}, h("th", { scope: "row" }, h("code", {}, name)), h("td", {}, value === null || value === "" ? h("span", { class: "missing" }, value === null ? "missing" : "empty") : h("bdi", {}, String(value)))));
  return h("table", { class: "pairs" }, h("caption", { class: "pairs-words" }, "What merge fields hold for this reader"), h("tbody", {}, rows));
}
