// Whom the letter is for: any subscriber, somebody for each branch of the conditionals, or an edge case.

import { by, h, icon, many, refill } from "./dom.js";
import { offer } from "./actions.js";
import { avatar } from "./inbox.js";
import { choose, matches } from "./chooser.js";
import { get } from "./server.js";
import { placeFrom } from "./manuscript.js";
import { point } from "./stage.js";
import { on, set, state } from "./store.js";

export function startPeople() {
  on(["view", "as"], render);
  on(["message"], arrived);
  const group = "The reader";
  offer(
    { id: "reader", group, icon: "letter", key: "r", words: "Choose a reader", run: chooseReader, when: () => state.view?.people },
    { id: "branch-next", group, icon: "branch", key: "]", words: "The next branch of the conditionals", run: () => step(1), when: () => open().length },
    { id: "branch-back", group, icon: "branch", key: "[", words: "The branch before", run: () => step(-1), when: () => open().length },
  );
}

const people = () => state.view?.people ?? { total: 0, some: [], personas: [], branches: [] };

/// The branches that somebody takes.
const open = () => (people().branches ?? []).filter((branch) => branch.address);

/// Where we are among the branches: the one that was stepped to last, if its reader still shows.
let stepped = -1;

const here = () => (open()[stepped]?.address === chosenAddress() ? stepped : open().findIndex((branch) => branch.address === chosenAddress()));

const chosenAddress = () => state.as || people().chosen?.address || "";

function step(direction) {
  const all = open();
  const at = here();
  stepped = at < 0 ? (direction > 0 ? 0 : all.length - 1) : (at + direction + all.length) % all.length;
  go(all[stepped]);
}

/// The line to point at when the letter of a branch has come.
let awaited = null;

function go(branch) {
  awaited = branch.line;
  set({ as: branch.address, line: branch.line, finding: null });
  if (branch.address === people().chosen?.address) arrived();
}

function arrived() {
  if (awaited !== null) point(placeFrom(awaited));
  awaited = null;
}

function render() {
  by("addressed").hidden = !state.view;
  if (state.view) refill(by("addressed"), button(), note(), branches());
}

function button() {
  const chosen = people().chosen;
  const persona = (people().personas ?? []).find((persona) => `persona:${persona.id}` === state.as);
  const name = persona ? persona.words : chosen?.name || chosen?.address || "nobody";
  const detail = persona ? "made up, to see the edges" : chosen?.name ? chosen.address : "";
  return h(
    "button",
    { type: "button", class: "reader-button", id: "reader-button", "aria-haspopup": "dialog", data: { key: "reader" }, on: { click: chooseReader } },
    h("span", { class: "reader-for" }, "For"), avatar(persona ? "?" : chosen?.name || chosen?.address),
    h("span", { class: "reader-name" }, h("bdi", {}, name)), h("span", { class: "reader-address" }, detail), icon("down"),
  );
}

/// What is to be said of the reader.
const note = () => (people().note ? h("p", { class: "reader-note" }, people().note) : null);

function branches() {
  const all = people().branches ?? [];
  if (!all.length) return null;
  if (!open().length) return h("p", { class: "branch-words" }, "No subscriber takes a branch");
  const at = here();
  const now = open()[at];
  const words = now ? [`${at + 1} of ${open().length}`, h("span", { class: "branch-more" }, ": ", h("code", {}, now.words), ` · ${many(now.count, "reader")}`)] : [many(open().length, "branch", "branches"), h("span", { class: "branch-more" }, " to step through")];
  const arrow = (direction, label, name) => h("button", { type: "button", class: "tool", "aria-label": label, title: label, data: { key: label }, on: { click: () => step(direction) } }, icon(name));
  return h("div", { class: "branches", role: "group", "aria-label": "Branches of the conditionals" }, arrow(-1, "The branch before", "left"), h("p", { class: "branch-words", "aria-live": "polite" }, icon("branch"), h("span", {}, words)), arrow(1, "The next branch", "right"));
}

export function chooseReader() {
  choose({ title: "Choose a reader", placeholder: `Search ${many(people().total ?? 0, "subscriber")}`, find: found, wait: 150 });
}

async function found(typed) {
  const readers = typed ? (await get(`people/${encodeURIComponent(state.view.id)}`, { q: typed })).some : people().some ?? [];
  const personas = (people().personas ?? []).filter((persona) => matches(persona.words, typed));
  const branches = (people().branches ?? []).filter((branch) => matches(branch.words, typed));
  return [
    { words: "Branches of the conditionals", items: branches.map(branchItem) },
    { words: "Subscribers", items: readers.map(readerItem) },
    { words: "Made up, to see the edges", items: personas.map(personaItem) },
  ];
}

const readerItem = (person) => ({ words: person.name || person.address, detail: person.name ? person.address : "no name", icon: avatar(person.name || person.address), current: person.address === chosenAddress(), pick: () => set({ as: person.address }) });

const personaItem = (persona) => ({ words: persona.words, icon: avatar("?"), current: state.as === `persona:${persona.id}`, pick: () => set({ as: `persona:${persona.id}` }) });

function branchItem(branch) {
  const pick = () => {
    stepped = open().indexOf(branch);
    if (branch.address) go(branch);
  };
  return { words: branch.words, detail: branch.address ? `line ${branch.line} · ${many(branch.count, "reader")}` : `line ${branch.line} · nobody`, icon: "branch", pick };
}
