// What the letter weighs, and which part of it weighs most: Gmail cuts what is longer than 102 KB.

import { bytes, h } from "./dom.js";
import { placeOf } from "./manuscript.js";
import { point } from "./stage.js";
import { set } from "./store.js";

/// The panel with the budget bar and the tables.
export function sizes({ sizes }) {
  if (!sizes) return h("p", { class: "empty-line" }, "There are no sizes to show.");
  return h("div", { class: "sizes" }, headline(sizes), budget(sizes), sections(sizes), images(sizes), rest(sizes));
}

const share = (part, whole) => `${Math.round((100 * part) / whole)} %`;

function headline({ html, limit }) {
  const over = html > limit;
  const words = over ? "Gmail cuts this message: take something out, or link to it." : `${share(html, limit)} of what Gmail shows before it cuts a message.`;
  return h("p", { class: "headline", data: { tone: over ? "error" : html > 0.8 * limit ? "warning" : "good" } }, h("b", {}, bytes(html)), " of ", bytes(limit), h("span", {}, words));
}

function budget({ html, limit, sections }) {
  const whole = Math.max(html, limit);
  const pieces = (sections ?? []).map((section, at) => piece(section.name, section.bytes, whole, at));
  const named = (sections ?? []).reduce((sum, section) => sum + section.bytes, 0);
  if (html > named) pieces.push(piece("the rest", html - named, whole, "rest"));
  return h("div", { class: "budget", role: "img", "aria-label": `The message takes ${bytes(html)} of ${bytes(limit)}` }, pieces);
}

function piece(name, count, whole, at) {
  const element = h("span", { class: "budget-piece", title: `${name}: ${bytes(count)}`, data: { hue: String(at === "rest" ? at : at % 6) } });
  element.style.setProperty("--share", `${(100 * count) / whole}%`);
  return element;
}

function sections({ html, sections }) {
  if (!sections?.length) return null;
  const rows = sections.map((section, at) => h("tr", {}, h("th", { scope: "row" }, h("span", { class: "swatch", data: { hue: String(at % 6) } }), section.line ? jump(section) : section.name), h("td", {}, bytes(section.bytes)), h("td", {}, share(section.bytes, html))));
  return table("Sections of the message", rows);
}

function jump(section) {
  const go = () => {
    set({ line: section.line, finding: null, panel: "findings", tab: "message" });
    point(placeOf(section.line));
  };
  return h("button", { type: "button", class: "text-button", on: { click: go } }, section.name);
}

function images({ images }) {
  if (!images?.length) return null;
  return table("Images in the letter", images.map((image) => h("tr", {}, h("th", { scope: "row" }, image.name), h("td", {}, bytes(image.bytes)), h("td", {}))));
}

function rest({ letter, text }) {
  const row = (words, count) => h("tr", {}, h("th", { scope: "row" }, words), h("td", {}, bytes(count)), h("td", {}));
  return table("On the wire", [row("The text part", text), row("The whole letter, with headers and images", letter)]);
}

const table = (words, rows) => h("table", { class: "weights" }, h("caption", {}, words), h("tbody", {}, rows));
