// The letter before it is opened: how an inbox shows it on a phone and on a desktop, and how long its lines are.

import { by, h, refill } from "./dom.js";
import { on, state } from "./store.js";

/// Characters of a subject that a phone held upright shows, and that most desktops show.
const SUBJECT = { phone: 35, most: 60 };
/// What a preheader should have: less lets the body's first words follow, more is cut everywhere.
const PREHEADER = { least: 30, most: 110 };

export function startInbox() {
  on(["view"], render);
}

function render() {
  const envelope = state.view?.envelope;
  by("inbox").hidden = !envelope;
  if (envelope) refill(by("inbox"), phone(envelope), desktop(envelope), meters(envelope));
}

const sender = (envelope) => envelope.from_name || envelope.from_address || "";

/// The round picture that programs draw for a sender they have none of.
export function avatar(name) {
  const letter = [...(name || "?").trim()][0]?.toUpperCase() ?? "?";
  return h("span", { class: "avatar", "aria-hidden": "true" }, letter);
}

const time = (envelope) => {
  const date = new Date(envelope.date);
  return Number.isNaN(date.valueOf()) ? "" : date.toLocaleTimeString([], { hour: "numeric", minute: "2-digit" });
};

function phone(envelope) {
  const lines = [
    h("span", { class: "mail-head" }, h("span", { class: "mail-from" }, sender(envelope)), h("span", { class: "mail-time" }, time(envelope))),
    h("span", { class: "mail-subject" }, envelope.subject || "(no subject)"),
    h("span", { class: "mail-preheader" }, envelope.preheader || "(no preheader: the first words of the letter)"),
  ];
  return h("section", { class: "mail mail-phone", "aria-label": "In an inbox on a phone", dir: "auto" }, avatar(sender(envelope)), h("span", { class: "mail-lines" }, lines));
}

function desktop(envelope) {
  const line = h("span", { class: "mail-line" }, h("span", { class: "mail-subject" }, envelope.subject || "(no subject)"), envelope.preheader ? h("span", { class: "mail-preheader" }, ` – ${envelope.preheader}`) : null);
  return h("section", { class: "mail mail-desktop", "aria-label": "In an inbox on a desktop", dir: "auto" }, h("span", { class: "mail-from" }, sender(envelope)), line, h("span", { class: "mail-time" }, time(envelope)));
}

function meters(envelope) {
  const subject = [...(envelope.subject ?? "")].length;
  const preheader = [...(envelope.preheader ?? "")].length;
  return h("div", { class: "meters" }, meter("Subject", subject, SUBJECT.most, subjectWords(subject)), meter("Preheader", preheader, PREHEADER.most, preheaderWords(preheader)));
}

function subjectWords(length) {
  if (length === 0) return ["missing", "error"];
  if (length > SUBJECT.most) return ["cut in most inboxes", "warning"];
  return length > SUBJECT.phone ? ["cut on a narrow phone", "plain"] : ["whole everywhere", "good"];
}

function preheaderWords(length) {
  if (length === 0) return ["missing", "warning"];
  if (length < PREHEADER.least) return ["short: the letter's first words follow it", "plain"];
  return length > PREHEADER.most ? ["cut everywhere", "plain"] : ["a good length", "good"];
}

function meter(words, length, most, [verdict, tone]) {
  const bar = h("meter", { min: "0", max: String(Math.round(most * 1.4)), value: String(length), "aria-label": `${words}: ${length} characters` });
  return h("p", { class: "meter", data: { tone } }, h("span", { class: "meter-words" }, words, " ", h("b", {}, String(length))), bar, h("span", { class: "meter-verdict" }, verdict));
}
