// The page's own light and dark: as the system is set, unless somebody chose.

import { by, h, icon } from "./dom.js";
import { offer } from "./actions.js";

const KEY = "courant.theme";
const THEMES = { system: ["As the system", "half"], light: ["Light", "sun"], dark: ["Dark", "moon"] };

export function startTheme() {
  const button = h("button", { type: "button", class: "tool", id: "theme", on: { click: next } });
  by("tools").append(button);
  apply(chosen());
  offer({ id: "theme", group: "The page", icon: "half", key: "x", words: "Light or dark page", run: next });
}

const chosen = () => (localStorage.getItem(KEY) in THEMES ? localStorage.getItem(KEY) : "system");

function next() {
  const names = Object.keys(THEMES);
  const theme = names[(names.indexOf(chosen()) + 1) % names.length];
  localStorage.setItem(KEY, theme);
  apply(theme);
}

function apply(theme) {
  const [words, name] = THEMES[theme];
  document.documentElement.dataset.theme = theme;
  const button = by("theme");
  button.replaceChildren(icon(name));
  button.title = `The page: ${words.toLowerCase()}`;
  button.setAttribute("aria-label", `Page colours: ${words.toLowerCase()}`);
}
