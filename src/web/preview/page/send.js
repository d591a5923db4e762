// The proof to oneself: the real letter, through the real transport, by the code of `courant test`.

import { by, h, icon } from "./dom.js";
import { offer } from "./actions.js";
import { dialog } from "./dialog.js";
import { say } from "./say.js";
import { get, post } from "./server.js";
import { set, state } from "./store.js";

export function startSend() {
  by("tools").append(h("button", { type: "button", class: "send-button", id: "send-button", on: { click: open } }, icon("send"), h("span", {}, "Send a test")));
  offer({ id: "send", group: "The letter", icon: "send", key: "s", words: "Send a test", run: open, when: () => state.view?.html });
}

function open() {
  if (!state.view?.html) return say("there is no letter to send yet", "bad");
  const own = state.workspace.preview_to ?? [];
  const field = h("input", { type: "email", id: "send-to", class: "field", autocomplete: "email", placeholder: own.length ? own.join(", ") : "you@example.org", "aria-describedby": "send-hint" });
  const told = h("p", { class: "told", id: "send-told", role: "status" });
  const button = h("button", { type: "submit", class: "send-button" }, icon("send"), h("span", {}, "Send"));
  const form = h("form", { class: "send-form", novalidate: true }, h("label", { for: "send-to" }, "To"), field, hint(own), way(), told, h("div", { class: "dialog-foot" }, button));
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    send(field, button, told);
  });
  dialog("Send a test", form);
  field.focus();
}

const hint = (own) => h("p", { class: "hint", id: "send-hint" }, own.length ? `Left empty, it goes to ${own.join(", ")} (preview_to in courant.toml).` : "Nobody is named in preview_to of courant.toml, so write an address here.");

function way() {
  const { transport } = state.workspace;
  const words = transport.live ? "This is real mail." : "Nothing leaves this machine.";
  return h("p", { class: "hint way", data: { live: String(Boolean(transport.live)) } }, icon(transport.live ? "send" : "tray"), h("span", {}, `Through ${transport.name}: ${transport.words}. ${words} The subject begins with [Proof]; no delivery of this issue is touched.`));
}

async function send(field, button, told) {
  if (button.disabled) return;
  button.disabled = true;
  tell(told, "Sending…", "plain");
  try {
    const answer = await post("test", { id: state.view.id, as: state.as || null, to: field.value.trim() || null });
    // The first letter of an outbox makes the outbox.
    if (answer.ok) set({ workspace: await get("workspace") });
    finished(answer, told);
  } catch (refused) {
    tell(told, [refused.message, refused.help].filter(Boolean).join(": "), "bad");
  }
  button.disabled = false;
}

function finished({ ok, outcome, words }, told) {
  const sentence = words || outcome;
  tell(told, sentence, ok ? "good" : "bad");
  if (!ok) return;
  const box = (state.workspace.boxes ?? []).find((box) => box.name === state.workspace.transport.name) ?? state.workspace.boxes?.[0];
  if (box && !state.workspace.transport.live) told.append(" ", h("button", { type: "button", class: "text-button", on: { click: () => show(told, box) } }, `Look at it in the ${box.name}`));
}

function show(told, box) {
  told.closest("dialog").close();
  set({ area: "mailbox", box: box.name, letter: "" });
}

function tell(told, words, tone) {
  told.dataset.tone = tone;
  told.replaceChildren(...(tone === "plain" ? [] : [icon(tone === "good" ? "check" : "error")]), words);
}
