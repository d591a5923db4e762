// The preview's page: reads the workspace and the issue, listens for changes, and puts the pieces together.

import { by, COMMAND, h, icon, many, refill } from "./dom.js";
import { offer, offered } from "./actions.js";
import { choose, matches } from "./chooser.js";
import { startFindings } from "./findings.js";
import { startInbox } from "./inbox.js";
import { badge, currentIssue, startIssues } from "./issues.js";
import { listenToKeys, showKeys, shown } from "./keys.js";
import { heardLink, linkCount, startLinks } from "./links.js";
import { heardMail, startMailbox } from "./mailbox.js";
import { startManuscript } from "./manuscript.js";
import { PARTS, startParts } from "./parts.js";
import { startPeople } from "./people.js";
import { say } from "./say.js";
import { startSend } from "./send.js";
import { get, listen } from "./server.js";
import { blockAt, startStage } from "./stage.js";
import { on, set, state } from "./store.js";
import { fillTabs } from "./tabs.js";
import { startTheme } from "./theme.js";
import { startToolbar } from "./toolbar.js";
import { startTrouble } from "./trouble.js";

const AREAS = { letter: ["Letter", "letter", "1"], proof: ["Proof", "proof", "2"], mailbox: ["Mailbox", "tray", "3"] };

function start() {
  tools();
  startToolbar();
  startTheme();
  startSend();
  startIssues();
  startPeople();
  startInbox();
  startStage(clickedInMessage);
  startParts();
  startManuscript();
  startFindings();
  startLinks();
  startMailbox();
  startTrouble();
  listenToKeys();
  on(["view", "tab"], letterTabs);
  on(["view", "panel", "links"], proofTabs);
  on(["area", "unread"], areas);
  on(["issue", "as"], () => state.workspace && readIssue());
  actions();
  letterTabs();
  proofTabs();
  areas();
  readWorkspace();
  listen(heard, connected);
}

/// A click in the message leads to the line of its block; a link is named and not followed.
function clickedInMessage(element, frame) {
  const place = blockAt(element, frame);
  const link = element.closest?.("a[href]");
  if (place) {
    const finding = (state.view.findings ?? []).findIndex((finding) => finding.line >= place.block.line && finding.line <= place.block.end_line);
    set({ line: place.block.line, finding: finding < 0 ? null : finding, panel: "findings" });
    frame.mark(place.block.selector, false);
  }
  if (place && !link && matchMedia("(max-width: 60rem)").matches) say(`line ${place.block.line} of the manuscript`, "plain", h("button", { type: "button", class: "small-button", on: { click: () => set({ area: "proof" }) } }, "Go there"));
  if (!link) return;
  const href = link.getAttribute("href");
  const open = /^https?:/i.test(href) ? h("a", { class: "small-button", href, target: "_blank", rel: "noopener noreferrer" }, "Open") : null;
  say(`this link leads to ${href}`, "plain", open);
}

async function readWorkspace() {
  try {
    set({ workspace: await get("workspace"), problem: null });
  } catch (refused) {
    return troubled(refused);
  }
  await readIssue();
}

let asked = 0;

async function readIssue() {
  const id = currentIssue();
  if (!id) return set({ view: null });
  const mine = (asked += 1);
  by("letter-area").setAttribute("aria-busy", "true");
  try {
    const view = await get(`issue/${encodeURIComponent(id)}`, { as: state.as });
    // Its id may be another by now; the address follows.
    if (mine === asked) set({ view, problem: null, ...kept(view), issue: id === state.issue ? view.id : state.issue });
  } catch (refused) {
    if (mine === asked) troubled(refused);
  }
  if (mine === asked) by("letter-area").removeAttribute("aria-busy");
}

/// What was looked at stays so where it is still there.
function kept(view) {
  const before = state.view?.findings?.[state.finding];
  if (!before) return {};
  const now = (view.findings ?? []).findIndex((finding) => finding.rule === before.rule && finding.message === before.message);
  return { finding: now < 0 ? null : now, line: now < 0 ? null : view.findings[now].line };
}

function troubled(refused) {
  if (!refused.gone) set({ problem: { message: refused.message, help: refused.help } });
}

function heard(name, data) {
  if (name === "changed" && data.id === null) readWorkspace();
  if (name === "changed" && data.id === currentIssue()) readIssue();
  if (name === "link") heardLink(data);
  if (name === "mail") heardMail(data);
}

function connected(how) {
  set({ connection: how });
  if (how === "back") readWorkspace();
}

function areas() {
  const button = ([id, [words, name]]) =>
    h("button", { type: "button", class: "area", "aria-current": state.area === id ? "page" : null, data: { area: id, key: `area-${id}` }, on: { click: () => set({ area: id }) } }, icon(name), h("span", {}, words), id === "mailbox" && state.unread.size ? h("span", { class: "count", data: { tone: "info" } }, String(state.unread.size), h("span", { class: "quiet-name" }, " new")) : null);
  refill(by("areas"), Object.entries(AREAS).map(button));
  document.body.dataset.area = state.area in AREAS ? state.area : "letter";
  const mailbox = state.area === "mailbox";
  by("mailbox-area").hidden = !mailbox;
  by("letter-area").hidden = mailbox;
  by("proof-area").hidden = mailbox;
}

function letterTabs() {
  const tabs = Object.entries(PARTS).map(([id, part]) => ({ id, words: part.words }));
  fillTabs(by("tabs"), tabs, state.tab in PARTS ? state.tab : "message", (id) => (id === "message" ? "panel-message" : "panel-part"), (id) => set({ tab: id }));
}

function proofTabs() {
  const counts = state.view?.counts ?? {};
  const tone = counts.error ? "error" : counts.warning ? "warning" : "plain";
  const tabs = [{ id: "findings", words: "Findings", count: state.view?.findings?.length ?? 0, tone }, { id: "links", words: "Links", ...linkCount() }];
  fillTabs(by("proof-tabs"), tabs, state.panel, (id) => `panel-${id}`, (id) => set({ panel: id }));
  by("panel-findings").hidden = state.panel === "links";
  by("panel-links").hidden = state.panel !== "links";
}

function tools() {
  const tool = (label, name, run, key) => h("button", { type: "button", class: "tool", "aria-label": label, title: key ? `${label} (${key})` : label, on: { click: run } }, icon(name));
  by("tools").append(h("button", { type: "button", class: "palette-button", title: "Find an action by its name", "aria-haspopup": "dialog", on: { click: palette } }, icon("search"), h("span", {}, "Actions"), h("kbd", {}, `${COMMAND}K`)), tool("Keys", "keys", showKeys, "?"));
}

function palette() {
  if (document.querySelector("dialog[open]")) return;
  const find = (typed) => {
    const found = offered().filter((action) => action.id !== "palette" && matches(`${action.words} ${action.group}`, typed));
    return [...Map.groupBy(found, (action) => action.group)].map(([words, actions]) => ({ words, items: actions.map((action) => ({ words: action.words, icon: action.icon, hint: action.key ? h("kbd", {}, shown(action.key)) : null, pick: action.run })) }));
  };
  choose({ title: "Find an action", placeholder: "What do you want to do?", find });
}

function actions() {
  const group = "The page";
  offer(
    ...Object.entries(AREAS).map(([id, [words, name, key]]) => ({ id: `area-${id}`, group, icon: name, key, words: `Go to: ${words.toLowerCase()}`, run: () => set({ area: id }) })),
    { id: "palette", group, icon: "search", words: "Find an action", run: palette },
    { id: "keys", group, icon: "keys", key: "?", words: "Show the keys", run: showKeys },
    ...Object.entries(PARTS).map(([id, part]) => ({ id: `tab-${id}`, group: "Parts of the letter", icon: "proof", words: `Show: ${part.words}`, run: () => set({ tab: id, area: "letter" }) })),
    { id: "links", group: "The proof", icon: "link", key: "u", words: "Show the links", run: () => set({ panel: "links", area: state.area === "mailbox" ? "letter" : state.area }) },
  );
}

start();
