// How a message looks elsewhere, made in the frame's copy of it: light or dark as its author meant it, dark as
// some programs force it, without images, without its style sheets.

import { darken, INVERSION } from "./forced.js";

/// The looks, with the honest word on those that are only like a real program.
export const LOOKS = {
  light: { words: "Light", icon: "sun" },
  dark: { words: "Dark", icon: "moon" },
  partial: { words: "Forced dark", icon: "half", honest: "Emulated: some programs (Outlook.com, Gmail for Android) darken light colours by rules of their own. This is near to what they do, and not the same." },
  full: { words: "Inverted", icon: "invert", honest: "Emulated: some programs (Gmail for iOS, Outlook for Windows) invert every colour. This is near to what they do, and not the same." },
};

export const STYLES_HONEST = "Without <style>: Gmail with an account of another provider, and some company filters, drop every style sheet and keep style attributes. Other differences of theirs are not shown.";

/// Dresses a document that has just been loaded.
export function dress(document, { look, images, styles }) {
  if (styles === "dropped") dropStyles(document);
  setScheme(document, look === "dark" ? "dark" : "light");
  if (images === "off") takeImagesAway(document);
  if (look === "partial") darken(document);
  if (look === "full") addStyle(document, INVERSION);
}

/// What such programs keep is put into their own page, where a body has no margin of its own.
function dropStyles(document) {
  for (const sheet of document.querySelectorAll("style, link")) sheet.remove();
  document.body.style.margin = "0";
}

/// Makes the media queries of a document answer for a scheme, whatever the system is set to.
function setScheme(document, scheme) {
  for (const source of document.querySelectorAll("[media]")) source.media = answered(source.media, scheme);
  for (const sheet of document.styleSheets) rewrite(sheet.cssRules, scheme);
  const root = document.documentElement;
  const authored = document.querySelector("meta[name='color-scheme']")?.content ?? "";
  if (authored.includes("dark")) root.style.colorScheme = scheme;
}

function rewrite(rules, scheme) {
  for (const rule of rules) {
    if (rule.media) rule.media.mediaText = answered(rule.media.mediaText, scheme);
    if (rule.cssRules) rewrite(rule.cssRules, scheme);
  }
}

const answered = (media, scheme) =>
  media.replace(/\(\s*prefers-color-scheme\s*:\s*(dark|light)\s*\)/gi, (_, asked) => (asked.toLowerCase() === scheme ? "(min-width: 0px)" : "(max-width: 0px)"));

/// What a program shows that loads no images: their text, in a box of their size.
function takeImagesAway(document) {
  for (const image of document.images) {
    image.style.minHeight = "1.5em";
    image.style.border = "1px dashed currentColor";
    image.style.boxSizing = "border-box";
    for (const name of ["src", "srcset"]) image.removeAttribute(name);
  }
  for (const source of document.querySelectorAll("source")) source.remove();
  for (const element of document.querySelectorAll("[background]")) element.removeAttribute("background");
  const none = "* { background-image: none !important; }";
  addStyle(document, none);
}

/// A style sheet of this page in the message; it is known by its mark, and never part of the letter.
export function addStyle(document, text) {
  const style = Object.assign(document.createElement("style"), { textContent: text });
  style.dataset.courant = "";
  document.head.append(style);
}
