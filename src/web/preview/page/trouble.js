// What is wrong with the files, told above the letter until it is mended; and the server that is gone.

import { by, h, icon } from "./dom.js";
import { inline } from "./findings.js";
import { on, state } from "./store.js";

export function startTrouble() {
  on(["view", "problem", "workspace"], render);
  on(["connection"], connection);
}

let shown = "";

function render() {
  const error = state.view?.error ?? state.problem;
  const key = JSON.stringify([error, state.view?.stale, !state.view?.html, state.workspace?.issues?.length]);
  if (key === shown) return;
  shown = key;
  if (error) return by("trouble").replaceChildren(report(error));
  by("trouble").replaceChildren(...(state.workspace && !state.workspace.issues.length ? [blank()] : []));
}

function report(error) {
  return h(
    "div",
    { class: "report", role: "alert" },
    h("h2", {}, icon("error"), h("span", {}, inline(error.message))),
    error.place ? h("p", { class: "report-place" }, placeWords(error.place)) : null,
    error.excerpt?.length ? excerpt(error) : null,
    error.help ? h("p", { class: "report-help" }, h("b", {}, "help "), inline(error.help)) : null,
    h("p", { class: "report-stale" }, below(), "This goes away by itself when the file is mended."),
  );
}

/// Whose letter still shows, if one does.
function below() {
  const view = state.view;
  if (!view?.html) return "";
  return view.error && !view.stale ? "Below is the letter of somebody made up. " : "Below is the letter as it was before. ";
}

const placeWords = ({ file, line, column }) => [file, line, column].filter((part) => part !== null && part !== undefined).join(":");

/// The lines around the place, with a caret under what is meant.
function excerpt({ excerpt, place }) {
  const width = String(excerpt.at(-1).line).length;
  const lines = excerpt.flatMap(({ line, text }) => {
    const bad = line === place?.line;
    const row = h("span", { class: bad ? "excerpt-line excerpt-bad" : "excerpt-line" }, h("i", {}, String(line).padStart(width)), " ", text, "\n");
    return bad && place.column ? [row, caret(place, width)] : [row];
  });
  return h("pre", { class: "excerpt", tabindex: "0", "aria-label": "The lines around it" }, h("code", {}, lines));
}

function caret({ column, end_column: end }, width) {
  const length = Math.max(1, (end ?? column + 1) - column);
  return h("span", { class: "excerpt-caret", "aria-hidden": "true" }, " ".repeat(width + column), "^".repeat(length), "\n");
}

function blank() {
  return h("div", { class: "blank" }, icon("proof"), h("h2", {}, "No issue yet"), h("p", {}, "Type ", h("code", {}, 'courant new "What the tide left"'), " in the workspace; it shows here as soon as the file is there."));
}

const PULSE = { waiting: "Connecting", live: "Live", back: "Live", again: "Reconnecting", gone: "Ended" };

function connection() {
  by("pulse").dataset.state = state.connection;
  by("pulse-words").textContent = PULSE[state.connection];
  const gone = state.connection === "gone";
  by("gone").hidden = !gone;
  by("gone").replaceChildren(...(gone ? [icon("warning"), h("p", {}, h("b", {}, h("code", {}, "courant preview"), " has ended."), " Start it again in the workspace: this page finds it by itself.")] : []));
}
