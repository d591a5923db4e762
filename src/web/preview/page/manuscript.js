// The author's file beside what was found in it: line numbers, a wavy line under each finding, and the way from
// a line to its place in the message.

import { by, h, icon, refill, roving } from "./dom.js";
import { markdown } from "./ink.js";
import { on, set, state } from "./store.js";
import { point } from "./stage.js";

export function startManuscript() {
  on(["view"], render);
  on(["line", "finding"], mark);
  roving(by("manuscript"), ".line-number", () => {});
}

let shown = null;

function render() {
  const view = state.view;
  const text = view?.markdown ?? null;
  const key = JSON.stringify([text, view?.findings]);
  if (key === shown) return;
  shown = key;
  if (text === null) return by("manuscript").replaceChildren();
  const lines = text.replace(/\n$/, "").split(/\r?\n/);
  const front = frontMatter(lines);
  const list = h("ol", { class: "lines" }, lines.map((line, at) => row(line, at + 1, at <= front)));
  refill(by("manuscript"), h("h2", { class: "manuscript-name" }, icon("proof"), h("span", {}, view.file)), list);
  mark();
}

/// Index of the line that ends the front matter, or -1.
function frontMatter(lines) {
  const fence = /^(---|\+\+\+)\s*$/.exec(lines[0] ?? "")?.[1];
  return fence ? lines.findIndex((line, at) => at > 0 && line.trimEnd() === fence) : -1;
}

function row(text, number, front) {
  const found = (state.view.findings ?? []).filter((finding) => inOwnFile(finding) && finding.line === number);
  const worst = ["error", "warning", "info"].find((severity) => found.some((finding) => finding.severity === severity));
  const label = found.length ? `Line ${number}: ${found.map((finding) => finding.message).join("; ")}` : `Line ${number}`;
  const button = h("button", { type: "button", class: "line-number", tabindex: number === 1 ? "0" : "-1", "aria-label": label, data: { key: `line-${number}` }, on: { click: () => choose(number) } }, worst ? icon(worst) : String(number));
  return h("li", { class: "line", data: { line: String(number), ...(worst ? { severity: worst } : {}) } }, button, h("code", { class: "line-text" }, inked(text, number, front, found)));
}

/// Findings of a template or of the settings have a place in another file.
export const inOwnFile = (finding) => !finding.file || finding.file === state.view.file;

function inked(text, number, front, found) {
  const spans = found.filter((finding) => finding.column).map((finding) => span(finding, number, text));
  const edges = [...new Set(spans.flatMap((span) => [span.from, span.to]))].sort((a, b) => a - b);
  let at = 0;
  return markdown(text, front).flatMap(([kind, part]) => {
    const pieces = split(part, edges.map((edge) => edge - at));
    return pieces.map((piece) => {
      const severity = spans.find((span) => span.from <= at && at < span.to)?.severity;
      at += [...piece].length;
      const classes = [kind && `ink-${kind}`, severity && `wavy wavy-${severity}`].filter(Boolean).join(" ");
      return classes ? h("span", { class: classes }, piece) : piece;
    });
  });
}

/// Columns count characters from 1; a finding that goes on to another line reaches the end of this one.
function span(finding, number, text) {
  const from = finding.column - 1;
  const ends = (finding.end_line ?? number) === number && finding.end_column > finding.column;
  return { from, to: ends ? finding.end_column - 1 : finding.end_line > number ? [...text].length : from + 1, severity: finding.severity };
}

function split(text, edges) {
  const letters = [...text];
  const cuts = [0, ...edges.filter((edge) => edge > 0 && edge < letters.length), letters.length];
  return cuts.slice(1).map((cut, at) => letters.slice(cuts[at], cut).join(""));
}

/// Chooses a line: its finding if it has one, and its place in the message.
function choose(number) {
  const finding = (state.view.findings ?? []).findIndex((finding) => inOwnFile(finding) && finding.line === number);
  set({ line: number, finding: finding < 0 ? null : finding });
  point(placeOf(number));
}

/// The selector of the innermost block of a line, or null.
export function placeOf(number) {
  const around = (state.view?.blocks ?? []).filter((block) => block.line <= number && number <= block.end_line);
  return around.reduce((inner, block) => (!inner || block.end_line - block.line <= inner.end_line - inner.line ? block : inner), null)?.selector ?? null;
}

/// The selector of the first block from a line on: what a condition decides stands below it.
export const placeFrom = (number) => placeOf(number) ?? (state.view?.blocks ?? []).filter((block) => block.line >= number).sort((a, b) => a.line - b.line)[0]?.selector ?? null;

/// Marks the line that is looked at, and brings it into view.
function mark() {
  for (const old of by("manuscript").querySelectorAll("[data-chosen]")) old.removeAttribute("data-chosen");
  const row = by("manuscript").querySelector(`[data-line="${state.line}"]`);
  if (!row) return;
  row.dataset.chosen = "yes";
  for (const button of by("manuscript").querySelectorAll(".line-number[tabindex='0']")) button.tabIndex = -1;
  row.querySelector(".line-number").tabIndex = 0;
  const list = by("manuscript");
  const { top, bottom } = row.getBoundingClientRect();
  const room = list.getBoundingClientRect();
  if (top < room.top + 40 || bottom > room.bottom - 8) list.scrollTop += top - room.top - room.height / 3;
}
