// Letters that have arrived: the outbox and the sink, shown as a mail program shows them.

import { by, bytes, h, icon, many, refill } from "./dom.js";
import { offer } from "./actions.js";
import { Frame } from "./frame.js";
import { avatar } from "./inbox.js";
import { headers, source, structure } from "./parts.js";
import { mail } from "./ink.js";
import { boxUrl, get } from "./server.js";
import { on, set, state } from "./store.js";
import { fillTabs } from "./tabs.js";

const TABS = [["message", "Message"], ["text", "Text"], ["headers", "Headers"], ["structure", "Structure"], ["letter", "Letter"]];

/// What was read of the mailbox: its letters, what was searched for, the letter that is open and its tab.
const box = { letters: null, total: 0, typed: "", open: null, tab: "message", problem: null, asked: 0 };

export function startMailbox() {
  on(["area", "box", "workspace"], () => state.area === "mailbox" && read());
  on(["letter"], () => state.area === "mailbox" && openLetter());
  offer({ id: "search-mail", group: "The mailbox", icon: "search", key: "/", words: "Search the mailbox", run: () => by("mail-search")?.focus(), when: () => state.area === "mailbox" });
}

const boxes = () => state.workspace?.boxes ?? [];
const chosen = () => boxes().find((one) => one.name === state.box) ?? boxes()[0];

/// Letters have come into a box, or went from it.
export function heardMail({ box: name, came, went }) {
  if (state.area === "mailbox" && chosen()?.name === name) return read();
  const unread = new Set([...state.unread, ...came.map((id) => `${name}/${id}`)]);
  went.forEach((id) => unread.delete(`${name}/${id}`));
  set({ unread });
}

async function read() {
  if (!chosen()) return refill(by("mailbox-area"), h("div", { class: "nothing" }, icon("tray"), h("p", {}, h("b", {}, "No mailbox here."), " Letters go to a mail server, or this file stands outside of a workspace.")));
  const asked = (box.asked += 1);
  set({ unread: new Set() });
  try {
    const answer = await get(`mailbox/${encodeURIComponent(chosen().name)}`, { q: box.typed });
    if (asked !== box.asked) return;
    Object.assign(box, answer, { problem: null });
  } catch (problem) {
    Object.assign(box, { letters: [], total: 0, problem });
  }
  render();
  if (state.letter && box.open?.id !== state.letter) openLetter();
}

function render() {
  if (!by("mail-list")) by("mailbox-area").replaceChildren(column(), h("div", { class: "reading", id: "reading" }));
  refill(by("box-tabs"), boxes().map(boxButton));
  by("box-words").textContent = chosen().words ?? "";
  by("mail-count").textContent = box.typed ? `${many(box.total, "letter")} of that kind` : many(box.total, "letter");
  refill(by("mail-list"), box.letters.length ? box.letters.map(row) : none());
  by("mailbox-area").toggleAttribute("data-open", Boolean(state.letter));
  if (!state.letter) by("reading").replaceChildren(h("div", { class: "nothing" }, icon("letter"), h("p", {}, "Choose a letter to read it.")));
}

function column() {
  const search = h("input", { type: "search", id: "mail-search", class: "field", placeholder: "Search letters", "aria-label": "Search letters", on: { input: () => typed(search.value) } });
  return h(
    "div",
    { class: "mail-column" },
    h("div", { class: "segments boxes", id: "box-tabs", role: "group", "aria-label": "Mailboxes" }), h("p", { class: "hint", id: "box-words" }),
    h("div", { class: "mail-search" }, icon("search"), search), h("p", { class: "hint", id: "mail-count", role: "status" }), h("ol", { class: "mail-list", id: "mail-list", "aria-label": "Letters" }),
  );
}

const boxButton = (one) => h("button", { type: "button", class: "segment", "aria-pressed": String(one.name === chosen().name), data: { key: `box-${one.name}` }, on: { click: () => set({ box: one.name, letter: "" }) } }, icon(one.name === "outbox" ? "send" : "tray"), h("span", {}, one.name));

let typing;

function typed(text) {
  box.typed = text.trim();
  clearTimeout(typing);
  typing = setTimeout(read, 150);
}

function none() {
  if (box.problem) return h("li", { class: "empty-line" }, [box.problem.message, box.problem.help].filter(Boolean).join(": "));
  return h("li", { class: "empty-line" }, box.typed ? "No letter holds these words." : "No letter yet. Send a test, and it lies here.");
}

function row(letter) {
  const open = letter.id === state.letter;
  const to = letter.to || "nobody";
  return h(
    "li",
    {},
    h(
      "button",
      { type: "button", class: "mail-row", "aria-current": open ? "true" : null, data: { key: `mail-${letter.id}` }, on: { click: () => set({ letter: letter.id }) } },
      avatar(to),
      h("span", { class: "mail-lines" }, h("span", { class: "mail-head" }, h("bdi", { class: "mail-from" }, to), h("span", { class: "mail-time" }, when(letter.date))), h("span", { class: "mail-subject" }, letter.proof ? h("span", { class: "badge", data: { state: "proof" } }, "proof") : null, h("bdi", {}, letter.subject || "(no subject)")), h("span", { class: "mail-bytes" }, bytes(letter.bytes))),
    ),
  );
}

/// The time of today's letters, the day of others.
function when(text) {
  const date = new Date(text);
  if (Number.isNaN(date.valueOf())) return text ?? "";
  const today = date.toDateString() === new Date().toDateString();
  return today ? date.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" }) : date.toLocaleDateString([], { day: "numeric", month: "short" });
}

async function openLetter() {
  if (!by("mail-list")) return;
  render();
  if (!state.letter) return;
  const id = state.letter;
  try {
    const letter = await get(`mailbox/${encodeURIComponent(chosen().name)}/${encodeURIComponent(id)}`);
    if (id !== state.letter) return;
    box.open = { id, ...letter };
    reading();
  } catch (problem) {
    by("reading").replaceChildren(h("p", { class: "empty-line" }, [problem.message, problem.help].filter(Boolean).join(": ")));
  }
}

function reading() {
  const value = (name) => box.open.headers?.find(([header]) => header.toLowerCase() === name)?.[1] ?? "";
  const back = h("button", { type: "button", class: "tool back", "aria-label": "Back to the letters", on: { click: () => set({ letter: "" }) } }, icon("left"));
  const download = h("a", { class: "small-button", href: boxUrl(chosen().name, box.open.id, "eml"), download: `${box.open.id}.eml` }, icon("download"), "Save as .eml");
  const head = h("header", { class: "reading-head" }, back, h("div", {}, h("h2", {}, h("bdi", {}, value("subject") || "(no subject)")), h("p", {}, h("bdi", {}, value("from")), icon("arrow"), h("bdi", {}, value("to")))), download);
  const tabs = h("div", { class: "tabs", role: "tablist", id: "mail-tabs", "aria-label": "Parts of this letter" });
  by("reading").replaceChildren(head, tabs, h("div", { class: "panel part", role: "tabpanel", id: "panel-mail", tabindex: "0" }));
  part();
}

function part() {
  const tabs = TABS.filter(([id]) => id !== "message" || box.open.html);
  if (!tabs.some(([id]) => id === box.tab)) box.tab = tabs[0][0];
  fillTabs(by("mail-tabs"), tabs.map(([id, words]) => ({ id: `mail-${id}`, words })), `mail-${box.tab}`, () => "panel-mail", (id) => ((box.tab = id.slice(5)), part()));
  by("panel-mail").setAttribute("aria-labelledby", `tab-mail-${box.tab}`);
  by("panel-mail").replaceChildren(...[shows()].flat());
  by("panel-mail").toggleAttribute("data-frame", box.tab === "message");
}

function shows() {
  const letter = box.open;
  if (box.tab === "text") return source(letter.text, "The text part", null);
  if (box.tab === "headers") return headers(letter.headers);
  if (box.tab === "structure") return structure(letter.tree);
  if (box.tab === "letter") return source(letter.eml, "The whole letter", mail);
  const holder = h("div", { class: "mail-frame" });
  new Frame(holder).show(boxUrl(chosen().name, letter.id, "html"), "The message as it arrived", { look: "light", images: "shown", styles: "kept" });
  return holder;
}
