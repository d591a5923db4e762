// Elements, made without markup: nothing that comes from a letter is ever parsed as HTML here.

/// An element. `attributes` may hold `class`, `data` (an object), `on` (listeners by event), booleans and
/// plain attributes; children are nodes or text, and what is null or false is left out.
export function h(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) put(element, name, value);
  element.append(...children.flat(3).filter((child) => child !== null && child !== undefined && child !== false));
  return element;
}

function put(element, name, value) {
  if (value === null || value === undefined || value === false) return;
  if (name === "class") element.className = value;
  else if (name === "data") Object.assign(element.dataset, value);
  else if (name === "on") for (const [event, listener] of Object.entries(value)) element.addEventListener(event, listener);
  else if (name === "value") element.value = value;
  else element.setAttribute(name, value === true ? "" : value);
}

const SVG = "http://www.w3.org/2000/svg";

/// A symbol of icons.svg, silent for screen readers: the name stands beside it, or in a label.
export function icon(name, extra = "") {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", `icon ${extra}`.trim());
  svg.setAttribute("aria-hidden", "true");
  const use = document.createElementNS(SVG, "use");
  use.setAttribute("href", `assets/icons.svg#${name}`);
  svg.append(use);
  return svg;
}

/// The element with this id, which stands in index.html.
export const by = (id) => document.getElementById(id);

/// Puts new children into an element, and gives the focus back to the one with the same `data-key`, and the
/// scroll position to the element itself.
export function refill(element, ...children) {
  const { scrollTop, scrollLeft } = element;
  const focused = element.contains(document.activeElement) ? document.activeElement : null;
  const key = focused?.dataset.key;
  element.replaceChildren(...children.flat(3).filter(Boolean));
  element.scrollTop = scrollTop;
  element.scrollLeft = scrollLeft;
  if (key) element.querySelector(`[data-key="${CSS.escape(key)}"]`)?.focus({ preventScroll: true });
}

/// A size for people: `812 bytes`, `41.3 KB`, of 1,024 bytes each.
export function bytes(count) {
  if (count === null || count === undefined) return "";
  if (count < 1024) return count === 1 ? "1 byte" : `${count} bytes`;
  if (count < 1024 * 1024) return `${tenths(count / 1024)} KB`;
  return `${tenths(count / 1024 / 1024)} MB`;
}

const tenths = (count) => count.toFixed(1).replace(/\.0$/, "");

/// `1 letter`, `2 letters`.
export const many = (count, one, several = `${one}s`) => `${count.toLocaleString("en")} ${count === 1 ? one : several}`;

/// How the key that opens the palette is written on this machine.
export const COMMAND = /Mac|iPhone|iPad/.test(navigator.platform) ? "⌘" : "Ctrl ";

/// Moves the focus among the children of a group with the arrow keys, Home and End: one of them is in the tab
/// order at a time. `chosen` is called with the element that got the focus.
export function roving(group, selector, chosen = () => {}) {
  group.addEventListener("keydown", (event) => {
    const all = [...group.querySelectorAll(selector)].filter((element) => !element.disabled);
    const at = all.indexOf(event.target.closest(selector));
    const to = at < 0 ? null : target(event.key, at, all.length);
    if (to === null) return;
    event.preventDefault();
    for (const element of all) element.tabIndex = -1;
    all[to].tabIndex = 0;
    all[to].focus();
    chosen(all[to]);
  });
}

function target(key, at, length) {
  if (key === "ArrowRight" || key === "ArrowDown") return (at + 1) % length;
  if (key === "ArrowLeft" || key === "ArrowUp") return (at - 1 + length) % length;
  if (key === "Home") return 0;
  return key === "End" ? length - 1 : null;
}
