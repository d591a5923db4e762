// The stage: one or two frames with the message, at the width of a device, with a handle to drag.

import { by, h } from "./dom.js";
import { Frame, find } from "./frame.js";
import { LOOKS, STYLES_HONEST } from "./looks.js";
import { messageUrl } from "./server.js";
import { on, set, state, touched } from "./store.js";

export const DEVICES = {
  phone: { words: "Phone", width: 375, icon: "phone" },
  tablet: { words: "Tablet", width: 640, icon: "tablet" },
  desktop: { words: "Desktop", width: 1024, icon: "desktop" },
  both: { words: "Phone and desktop", icon: "both" },
  free: { words: "Free width", icon: "free" },
};

const NARROWEST = 280;
const WIDEST = 1400;
const GAP = 32;

/// The frames that show now: `[{ name, element, screen, frame, caption, handle }]`.
let slots = [];

/// Where a part of the manuscript is in the message: set by main.js, called with a block.
let clicked = () => {};

export function startStage(whenClicked) {
  clicked = whenClicked;
  on(["device"], arrange);
  on(["device", "width", "zoom"], lay);
  on(["view", "look", "images", "styles", "device"], () => show());
  new ResizeObserver(lay).observe(by("stage"));
  arrange();
}

const names = () => (state.device === "both" ? ["phone", "desktop"] : [state.device]);

export const widthOf = (name) => (name === "free" ? Math.min(WIDEST, Math.max(NARROWEST, Number(state.width) || 720)) : DEVICES[name].width);

/// Makes as many slots as there are devices to show. A single slot is kept from one device to the next, so that
/// the message stays where it is.
function arrange() {
  if (!(state.device in DEVICES)) return set({ device: "desktop" });
  if (slots.length === names().length && slots.length === 1) {
    slots[0].name = state.device;
    return;
  }
  slots = names().map((name) => slot(name));
  by("stage").replaceChildren(...slots.map((slot) => slot.element));
}

function slot(name) {
  const screen = h("div", { class: "screen" });
  const caption = h("figcaption", { class: "slot-caption" });
  const handle = state.device === "both" ? null : separator();
  const element = h("figure", { class: "slot" }, caption, h("div", { class: "slot-body" }, screen, handle));
  const frame = new Frame(screen, { clicked: (element) => clicked(element, frame), over: (element) => blockAt(element, frame)?.element });
  return { name, element, screen, caption, handle, frame };
}

/// The innermost block of the manuscript around an element of a message, with its element there.
export function blockAt(element, frame) {
  const around = (state.view?.blocks ?? [])
    .map((block) => ({ block, element: find(frame.document, block.selector) }))
    .filter((place) => place.element?.contains(element));
  return around.reduce((inner, place) => (!inner || inner.element.contains(place.element) ? place : inner), null);
}

/// Shows the letter that was asked for last, in each slot.
export async function show() {
  const view = state.view;
  by("stage").toggleAttribute("data-stale", Boolean(view?.stale));
  by("stage").toggleAttribute("data-empty", !view?.html);
  say();
  if (!view?.html) return;
  const url = messageUrl(view.id, { as: state.as, remote: state.images === "remote" ? "1" : "" });
  await Promise.all(slots.map((slot) => slot.frame.show(url, title(slot), { look: state.look, images: state.images, styles: state.styles })));
  touched("message");
}

const title = (slot) => `The message, ${widthOf(slot.name)} pixels wide, ${LOOKS[state.look]?.words.toLowerCase() ?? "light"}`;

function say() {
  const words = [LOOKS[state.look]?.honest, state.styles === "dropped" ? STYLES_HONEST : null].filter(Boolean);
  by("honest").hidden = !words.length;
  by("honest").textContent = words.join(" ");
}

/// Sizes the slots for the room there is.
export function lay() {
  const stage = by("stage");
  const room = { width: stage.clientWidth - 48, height: Math.max(stage.clientHeight - 56, 320) };
  const widths = slots.map((slot) => widthOf(slot.name));
  const all = widths.reduce((sum, width) => sum + width, 0) + GAP * (widths.length - 1);
  const zoom = state.zoom === "fit" ? Math.min(1, Math.max(0.25, room.width / all)) : Number(state.zoom) / 100 || 1;
  slots.forEach((slot, at) => size(slot, widths[at], room.height, zoom));
  by("zoom-words")?.replaceChildren(`${Math.round(zoom * 100)} %`);
}

function size(slot, width, height, zoom) {
  slot.element.style.setProperty("--slot-width", `${width * zoom}px`);
  slot.element.style.setProperty("--slot-height", `${height}px`);
  slot.screen.style.setProperty("--screen-width", `${width}px`);
  slot.screen.style.setProperty("--screen-height", `${height / zoom}px`);
  slot.screen.style.setProperty("--zoom", zoom);
  slot.element.dataset.device = slot.name;
  slot.caption.textContent = `${DEVICES[slot.name].words} · ${width} px`;
  slot.handle?.setAttribute("aria-valuenow", String(width));
  slot.handle?.setAttribute("aria-valuetext", `${width} pixels`);
}

function separator() {
  const handle = h("div", {
    class: "handle", role: "separator", tabindex: "0", "aria-orientation": "vertical", "aria-label": "Width of the message",
    "aria-valuemin": String(NARROWEST), "aria-valuemax": String(WIDEST), "aria-valuenow": "720", title: "Drag, or use the arrow keys",
  });
  handle.addEventListener("keydown", (event) => {
    const step = { ArrowLeft: -10, ArrowRight: 10, PageDown: -100, PageUp: 100, Home: -WIDEST, End: WIDEST }[event.key];
    if (!step) return;
    event.preventDefault();
    widen(widthOf(state.device) + step);
  });
  handle.addEventListener("pointerdown", (event) => drag(handle, event));
  return handle;
}

function drag(handle, event) {
  const from = { x: event.clientX, width: widthOf(state.device), zoom: Number(slots[0].screen.style.getPropertyValue("--zoom")) || 1 };
  handle.setPointerCapture(event.pointerId);
  // The slot stands in the middle, so its edge moves half as far as it grows.
  const move = (event) => widen(from.width + (2 * (event.clientX - from.x)) / from.zoom);
  handle.addEventListener("pointermove", move);
  handle.addEventListener("lostpointercapture", () => handle.removeEventListener("pointermove", move), { once: true });
}

function widen(width) {
  set({ device: "free", width: String(Math.round(Math.min(WIDEST, Math.max(NARROWEST, width)))) });
}

/// Points at a place in every frame.
export function point(selector, scroll = true) {
  for (const slot of slots) slot.frame.mark(selector, scroll);
}

/// The next zoom step up or down.
export function zoomed(direction) {
  const steps = [25, 50, 67, 80, 100, 125, 150, 200];
  const now = Math.round((Number(slots[0]?.screen.style.getPropertyValue("--zoom")) || 1) * 100);
  const next = direction > 0 ? steps.find((step) => step > now) : steps.findLast((step) => step < now);
  if (next) set({ zoom: String(next) });
}
