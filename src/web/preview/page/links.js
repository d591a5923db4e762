// Every link of the letter and where it leads, as the answers come in.

import { by, h, icon, many, refill } from "./dom.js";
import { inline } from "./findings.js";
import { placeOf } from "./manuscript.js";
import { point } from "./stage.js";
import { on, set, state, touched } from "./store.js";

/// The verdicts, those that need somebody first.
export const VERDICTS = {
  dead: { words: "dead", tone: "error", icon: "error" },
  changed: { words: "another page", tone: "warning", icon: "warning" },
  insecure: { words: "insecure", tone: "warning", icon: "warning" },
  moved: { words: "moved", tone: "warning", icon: "arrow" },
  slow: { words: "slow", tone: "warning", icon: "clock" },
  walled: { words: "behind a wall", tone: "info", icon: "info" },
  skipped: { words: "not visited", tone: "plain", icon: "minus" },
  waiting: { words: "waiting", tone: "plain", icon: "clock" },
  alive: { words: "alive", tone: "good", icon: "check" },
};

export function startLinks() {
  on(["view", "links"], render);
}

const links = () => state.view?.links ?? [];

/// What the tab says: how many links there are, and how bad the worst is.
export function linkCount() {
  const tones = links().map((link) => VERDICTS[link.state]?.tone);
  const tone = ["error", "warning"].find((tone) => tones.includes(tone)) ?? "plain";
  return { count: links().length, tone };
}

/// A verdict has arrived.
export function heardLink({ id, url, state: verdict, words, chain }) {
  if (id !== state.view?.id) return;
  for (const link of links()) if (link.url === url) Object.assign(link, { state: verdict, words, chain });
  touched("links");
}

function render() {
  if (!state.view) return;
  if (!links().length) return by("panel-links").replaceChildren(h("div", { class: "nothing" }, icon("link"), h("p", {}, h("b", {}, "No links"), " in this issue.")));
  const order = Object.keys(VERDICTS);
  const sorted = links().toSorted((a, b) => order.indexOf(a.state) - order.indexOf(b.state));
  refill(by("panel-links"), progress(), h("ol", { class: "links", "aria-label": "Links" }, sorted.map(row)));
}

function progress() {
  const waiting = links().filter((link) => link.state === "waiting").length;
  const done = links().length - waiting;
  const total = links().length;
  const words = waiting ? `${done} of ${many(total, "link")} visited` : `${many(total, "link")} seen to`;
  return h("div", { class: "progress" }, h("p", { id: "links-words", role: "status" }, words), waiting ? h("progress", { max: String(total), value: String(done), "aria-labelledby": "links-words" }) : null);
}

function row(link, at) {
  const verdict = VERDICTS[link.state] ?? VERDICTS.waiting;
  const line = link.line ? h("button", { type: "button", class: "place-button", data: { key: `link-${at}` }, on: { click: () => place(link) } }, `line ${link.line}`) : null;
  return h(
    "li",
    { class: "link", data: { tone: verdict.tone } },
    h("span", { class: "verdict" }, icon(verdict.icon), link.image ? `image, ${verdict.words}` : verdict.words), line,
    link.text ? h("p", { class: "link-text" }, link.text) : null,
    h("a", { class: "link-url", href: safe(link.url), target: "_blank", rel: "noopener noreferrer" }, link.url),
    link.words && link.words !== verdict.words ? h("p", { class: "link-words" }, inline(link.words)) : null,
    chain(link),
  );
}

/// Only what a browser opens as a page becomes a way out of this one.
const safe = (url) => (/^(https?|mailto|tel):/i.test(url) ? url : null);

function chain(link) {
  const hops = (link.chain ?? []).filter((hop) => hop.to || hop.status);
  if (hops.length < 2 && !hops[0]?.to) return null;
  return h("ol", { class: "chain", "aria-label": "Redirects" }, hops.map((hop) => h("li", {}, h("b", {}, String(hop.status ?? "")), hop.to ? [icon("arrow"), h("span", {}, hop.to)] : null)));
}

function place(link) {
  set({ line: link.line, finding: null, panel: "findings" });
  point(placeOf(link.line));
}
