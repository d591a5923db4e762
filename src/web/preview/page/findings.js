// What the checks found: counted, filtered by severity, and each with its way to the line and to the message.

import { by, h, icon, many, refill, roving } from "./dom.js";
import { offer } from "./actions.js";
import { copy } from "./say.js";
import { inOwnFile, placeFrom, placeOf } from "./manuscript.js";
import { point } from "./stage.js";
import { on, set, state } from "./store.js";

const SEVERITIES = { error: ["error", "Errors"], warning: ["warning", "Warnings"], info: ["note", "Notes"] };

export function startFindings() {
  on(["view", "severity", "finding"], render);
  on(["view"], stay);
  roving(by("findings"), ".finding-head", () => {});
  const group = "The proof";
  offer(
    { id: "finding-next", group, icon: "proof", key: "j", words: "The next finding", run: () => step(1), when: any },
    { id: "finding-back", group, icon: "proof", key: "k", words: "The finding before", run: () => step(-1), when: any },
    { id: "explain", group, icon: "copy", key: "c", words: "Copy `courant check --explain` for this finding", run: () => explain(all()[state.finding]), when: () => all()[state.finding] },
  );
}

const all = () => state.view?.findings ?? [];
const any = () => all().length > 0;
const visible = () => all().map((finding, at) => ({ finding, at })).filter(({ finding }) => state.severity === "all" || finding.severity === state.severity);

function step(direction) {
  const shown = visible();
  if (!shown.length) return;
  const now = shown.findIndex(({ at }) => at === state.finding);
  const next = now < 0 ? (direction > 0 ? 0 : shown.length - 1) : (now + direction + shown.length) % shown.length;
  look(shown[next].at);
}

/// Looks at a finding: its line in the manuscript, and its place in the message.
export function look(at) {
  const finding = all()[at];
  set({ finding: at, line: inOwnFile(finding) ? finding.line : null, panel: "findings", ...(state.area === "mailbox" ? { area: "letter" } : {}) });
  point(selectorOf(finding));
  by("findings").querySelector("[aria-expanded=true]")?.scrollIntoView({ block: "nearest" });
}

/// In a new letter the mark stays at what is looked at, wherever that went.
function stay() {
  const finding = all()[state.finding];
  if (finding || state.line) point(finding ? selectorOf(finding) : placeFrom(state.line), false);
}

/// Where a finding is in the message, or null.
const selectorOf = (finding) => finding.selector ?? (finding.line && inOwnFile(finding) ? placeOf(finding.line) : null);

/// Brings the message to the front, at the place of the finding.
function show(finding) {
  set({ area: "letter", tab: "message" });
  point(selectorOf(finding));
}

function render() {
  if (!state.view) return;
  refill(by("findings"), chips(), list(), skipped());
}

function chips() {
  const chip = (id, words, count) =>
    h("button", { type: "button", class: "chip", "aria-pressed": String(state.severity === id), data: { key: `chip-${id}`, tone: id }, on: { click: () => set({ severity: id }) } }, id === "all" ? null : icon(id), words, h("b", {}, String(count)));
  const count = (severity) => all().filter((finding) => finding.severity === severity).length;
  const each = Object.entries(SEVERITIES).map(([id, [, several]]) => chip(id, several, count(id)));
  return h("div", { class: "chips", role: "group", "aria-label": "Show findings by severity" }, chip("all", "All", all().length), each);
}

function list() {
  const shown = visible();
  if (!all().length && state.view.checking) return h("p", { class: "empty-line", role: "status" }, "Reading the proof…");
  if (!all().length) return h("div", { class: "nothing" }, icon("check"), h("p", {}, h("b", {}, "Nothing to mend."), " Every rule that ran is content with this issue."));
  if (!shown.length) return h("p", { class: "empty-line" }, `No ${(SEVERITIES[state.severity]?.[1] ?? "Findings").toLowerCase()} in this issue`);
  const first = shown.some(({ at }) => at === state.finding) ? state.finding : shown[0].at;
  return h("ol", { class: "finding-list", "aria-label": "Findings" }, shown.map(({ finding, at }) => item(finding, at, at === first)));
}

function item(finding, at, inOrder) {
  const open = at === state.finding;
  const severity = SEVERITIES[finding.severity]?.[0] ?? finding.severity;
  const head = h(
    "button",
    { type: "button", class: "finding-head", "aria-expanded": String(open), tabindex: inOrder ? "0" : "-1", data: { key: `finding-${at}`, finding: String(at) }, on: { click: () => (open ? set({ finding: null }) : look(at)) } },
    icon(finding.severity in SEVERITIES ? finding.severity : "info"), h("span", { class: "quiet-name" }, `${severity}: `),
    h("span", { class: "finding-message" }, inline(finding.message)), h("span", { class: "finding-place" }, place(finding)),
  );
  return h("li", { class: "finding", data: { severity: finding.severity } }, head, open ? details(finding) : null);
}

function place(finding) {
  if (!finding.line) return finding.file && !inOwnFile(finding) ? finding.file : "whole issue";
  return inOwnFile(finding) ? `line ${finding.line}` : `${finding.file}:${finding.line}`;
}

/// A sentence whose parts between backticks are code.
export const inline = (words) => words.split("`").map((part, at) => (at % 2 ? h("code", {}, part) : part));

function details(finding) {
  return h(
    "div",
    { class: "finding-details" },
    finding.help ? h("p", { class: "finding-help" }, inline(finding.help)) : null,
    finding.explanation ? h("p", { class: "finding-why" }, inline(finding.explanation)) : null,
    h("p", { class: "finding-foot" }, h("code", {}, finding.rule), finding.fixable ? h("span", { class: "fixable" }, h("code", {}, "courant check --fix"), " mends it") : null, selectorOf(finding) ? h("button", { type: "button", class: "small-button", on: { click: () => show(finding) } }, icon("letter"), "In the message") : null, h("button", { type: "button", class: "small-button", title: `courant check --explain ${finding.rule}`, on: { click: () => explain(finding) } }, icon("copy"), "Copy --explain")),
  );
}

const explain = (finding) => copy(`courant check --explain ${finding.rule}`, `courant check --explain ${finding.rule}`);

/// Whether the list of skipped rules is open, from one drawing to the next.
let skippedOpen = false;

/// Rules that did not run are never taken for passed.
function skipped() {
  const rules = state.view.skipped ?? [];
  if (!rules.length) return null;
  const rows = rules.map((rule) => h("div", {}, h("dt", {}, h("code", {}, rule.rule)), h("dd", {}, rule.reason)));
  const toggled = (event) => (skippedOpen = event.target.open);
  return h("details", { class: "skipped", open: skippedOpen, on: { toggle: toggled } }, h("summary", { data: { key: "skipped" } }, `${many(rules.length, "rule")} did not run`), h("dl", {}, rows));
}
