// Which issue is on the desk, and the way to another.

import { by, h } from "./dom.js";
import { offer } from "./actions.js";
import { choose, matches } from "./chooser.js";
import { on, set, state } from "./store.js";

export function startIssues() {
  by("issue-button").addEventListener("click", chooseIssue);
  on(["workspace", "view", "issue"], render);
  offer({ id: "issue", group: "The workspace", icon: "proof", key: "o", words: "Open another issue", run: chooseIssue, when: () => issues().length });
}

const issues = () => state.workspace?.issues ?? [];

/// The id of the issue that shows: the one of the address, while it is in the list or was shown last, else the
/// server's. The server knows what it shows by every id that it had.
export function currentIssue() {
  const known = state.view?.id === state.issue || issues().some((issue) => issue.id === state.issue);
  return known ? state.issue : state.workspace?.current ?? state.issue;
}

function render() {
  const issue = issues().find((issue) => issue.id === currentIssue());
  // One that went, or has another id until its view comes, keeps its name.
  if (!issue && issues().length && state.view) return;
  const title = issue?.title ?? (state.workspace ? "No issue yet" : "Opening the workspace");
  by("issue-title").textContent = title;
  by("issue-number").textContent = issue?.number ? `No. ${issue.number}` : "";
  by("issue-state").replaceChildren(...(issue ? [badge(issue)] : []));
  by("issue-button").disabled = !issues().length;
  by("heading").textContent = `Preview: ${title}`;
  document.title = `${title} · ${state.workspace?.name ?? "Courant"}`;
}

/// The state of an issue, in one word.
export const badge = (issue) => h("span", { class: "badge", data: { state: issue.state }, title: issue.state_words ?? issue.state }, issue.state);

export function chooseIssue() {
  choose({ title: "Open an issue", placeholder: "Search the issues", find: (typed) => [{ words: state.workspace.name || "Issues", items: issues().filter((issue) => matches(`${issue.title} ${issue.file} ${issue.number ?? ""} ${issue.state}`, typed)).map(item) }] });
}

const item = (issue) => ({
  words: issue.number ? `${issue.number} · ${issue.title}` : issue.title,
  detail: [issue.file, issue.state_words].filter(Boolean).join(" · "),
  hint: badge(issue),
  icon: "proof",
  current: issue.id === currentIssue(),
  pick: () => set({ issue: issue.id, as: "", finding: null, line: null, area: "letter" }),
});
