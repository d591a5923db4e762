// What the page knows and shows. One place changes it (`set`), and whoever shows a part of it listens.

/// What is kept in the address after `#`, so that a reload or a shared address shows the same.
const KEPT = {
  area: "letter",
  issue: "",
  as: "",
  tab: "message",
  panel: "findings",
  device: "desktop",
  width: "720",
  look: "light",
  images: "shown",
  styles: "kept",
  zoom: "fit",
  severity: "all",
  box: "",
  letter: "",
};

export const state = {
  ...KEPT,
  ...fromAddress(),
  /// The answer of `api/workspace`, the View of the issue, and what came over the wire since.
  workspace: null,
  view: null,
  problem: null,
  connection: "waiting",
  /// Index of the finding that is looked at, and the line of the manuscript; null for none.
  finding: null,
  line: null,
  /// The letters that came since a box was looked into, each as `BOX/ID`.
  unread: new Set(),
};

if (!location.hash && matchMedia("(max-width: 60rem)").matches) state.device = "phone";

const listeners = [];

/// Calls `listener` whenever one of these values changes.
export function on(names, listener) {
  listeners.push([names, listener]);
}

/// Changes values and tells those who listen, each once.
export function set(changes) {
  const changed = Object.keys(changes).filter((name) => state[name] !== changes[name]);
  if (!changed.length) return;
  Object.assign(state, changes);
  if (changed.some((name) => name in KEPT)) remember();
  for (const [names, listener] of listeners) if (names.some((name) => changed.includes(name))) listener();
}

/// Tells those who listen to a value that was changed in its inside.
export function touched(name) {
  for (const [names, listener] of listeners) if (names.includes(name)) listener();
}

function fromAddress() {
  const given = new URLSearchParams(location.hash.slice(1));
  return Object.fromEntries([...given].filter(([name]) => name in KEPT));
}

function remember() {
  const kept = new URLSearchParams();
  for (const [name, usual] of Object.entries(KEPT)) if (state[name] !== usual) kept.set(name, state[name]);
  history.replaceState(null, "", `#${kept}`);
}

/// Somebody may write another address into the browser's line.
addEventListener("hashchange", () => set({ ...KEPT, ...fromAddress() }));
