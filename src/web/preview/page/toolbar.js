// The bar above the stage: devices, looks, images, style sheets, zoom.

import { by, h, icon, roving } from "./dom.js";
import { offer } from "./actions.js";
import { LOOKS } from "./looks.js";
import { DEVICES, zoomed } from "./stage.js";
import { on, set, state } from "./store.js";

const DEVICE_KEYS = { phone: "p", tablet: "t", desktop: "d", both: "b", free: "f" };

export function startToolbar() {
  by("toolbar").append(
    choice("device", "Device", DEVICES),
    choice("look", "Appearance", LOOKS),
    h("div", { class: "cluster" }, images(), styles()),
    zoom(),
  );
  on(["device", "look", "images", "styles"], mark);
  mark();
  offer(...actions());
}

/// A group of buttons of which one is pressed.
function choice(name, words, options) {
  const buttons = Object.entries(options).map(([id, option]) =>
    h("button", { type: "button", role: "radio", class: "segment", title: option.words, data: { [name]: id, key: `${name}-${id}` }, on: { click: () => set({ [name]: id }) } }, icon(option.icon), h("span", { class: "segment-words" }, option.words)),
  );
  const group = h("div", { class: "segments", role: "radiogroup", "aria-label": words, data: { group: name } }, buttons);
  roving(group, "[role=radio]", (button) => button.click());
  return group;
}

function images() {
  const options = [["shown", "Images in the letter"], ["remote", "Images, also from the web"], ["off", "Images off"]];
  const select = h("select", { class: "select", id: "images", "aria-label": "Images", on: { change: () => set({ images: select.value }) } }, options.map(([value, words]) => h("option", { value }, words)));
  return select;
}

function styles() {
  return h("button", { type: "button", class: "toggle", id: "styles", "aria-pressed": "false", title: "As Gmail shows it without <style>", on: { click: () => toggleStyles() } }, "No ", h("code", {}, "<style>"));
}

const toggleStyles = () => set({ styles: state.styles === "dropped" ? "kept" : "dropped" });

function zoom() {
  const step = (direction, words, name) => h("button", { type: "button", class: "tool", "aria-label": words, title: words, on: { click: () => zoomed(direction) } }, icon(name));
  const fit = h("button", { type: "button", class: "zoom-words", title: "Fit to the room", on: { click: () => set({ zoom: "fit" }) } }, h("span", { class: "quiet-name" }, "Zoom "), h("span", { id: "zoom-words" }, "100 %"));
  return h("div", { class: "cluster zoom", role: "group", "aria-label": "Zoom" }, step(-1, "Smaller", "minus"), fit, step(1, "Larger", "plus"));
}

function mark() {
  for (const name of ["device", "look"]) {
    for (const button of by("toolbar").querySelectorAll(`[data-group=${name}] [role=radio]`)) {
      const chosen = button.dataset[name] === state[name];
      button.setAttribute("aria-checked", String(chosen));
      button.tabIndex = chosen ? 0 : -1;
    }
  }
  by("images").value = state.images;
  by("styles").setAttribute("aria-pressed", String(state.styles === "dropped"));
}

function actions() {
  const group = "The message";
  const devices = Object.entries(DEVICES).map(([id, device]) => ({ id: `device-${id}`, group, icon: device.icon, key: DEVICE_KEYS[id], words: device.width ? `${device.words}, ${device.width} px` : device.words, run: () => set({ device: id, tab: "message", area: "letter" }) }));
  const looks = Object.keys(LOOKS);
  return [
    ...devices,
    { id: "look-next", group, icon: "half", key: "l", words: "The next appearance: light, dark, forced dark, inverted", run: () => set({ look: looks[(looks.indexOf(state.look) + 1) % looks.length], tab: "message" }) },
    ...looks.map((id) => ({ id: `look-${id}`, group, icon: LOOKS[id].icon, words: `Appearance: ${LOOKS[id].words.toLowerCase()}`, run: () => set({ look: id, tab: "message" }) })),
    { id: "images", group, icon: "picture", key: "i", words: "Images on or off", run: () => set({ images: state.images === "off" ? "shown" : "off" }) },
    { id: "remote", group, icon: "picture", words: "Images from the web, too", run: () => set({ images: "remote" }) },
    { id: "styles", group, icon: "letter", key: "g", words: "As Gmail without <style>, or as it is", run: toggleStyles },
    { id: "zoom-in", group, icon: "plus", key: "+", words: "Zoom in", run: () => zoomed(1) },
    { id: "zoom-out", group, icon: "minus", key: "-", words: "Zoom out", run: () => zoomed(-1) },
    { id: "zoom-fit", group, icon: "free", key: "0", words: "Zoom to fit", run: () => set({ zoom: "fit" }) },
  ];
}
