// A little colour for sources: Markdown, and what has tags. Each gives `[[kind, text], …]` for one line.

/// The kinds are classes `ink-…` of proof.css; an empty kind is plain text.
const MARKDOWN = [
  ["merge", /\{\{.*?\}\}|\{%.*?%\}/y],
  ["code", /`[^`]+`/y],
  ["link", /!?\[[^\]]*\]\([^)]*\)/y],
  ["strong", /\*\*[^*]+\*\*|__[^_]+__/y],
  ["mark", /^(?:\s*(?:[-*+]|\d+[.)])\s|>\s?|:::.*|\|)/y],
];

/// Colours one line of Markdown. `front` says whether the line is in the front matter.
export function markdown(line, front) {
  if (front) {
    const key = line.match(/^[\w-]+\s*[:=]/)?.[0];
    return key ? [["key", key], ["", line.slice(key.length)]] : [["faint", line]];
  }
  if (/^#{1,6}\s/.test(line)) return [["heading", line]];
  return cut(line, MARKDOWN);
}

const TAGS = [
  ["faint", /<!--.*?-->|<!doctype[^>]*>/iy],
  ["merge", /\{\{.*?\}\}|\{%.*?%\}/y],
  ["tag", /<\/?[\w:-]+|\/?>/y],
  ["text", /"[^"]*"/y],
];

/// Colours a line of HTML or MJML.
export const tags = (line) => cut(line, TAGS);

const HEADER = [["key", /^[\w-]+:/y], ["faint", /^--=?[\w=-]+$/y]];

/// Colours a line of a letter as it travels.
export const mail = (line) => cut(line, HEADER);

function cut(line, rules) {
  const parts = [];
  let plain = 0;
  for (let at = 0; at < line.length; ) {
    const found = match(line, at, rules);
    if (!found) {
      at += 1;
      continue;
    }
    if (plain < at) parts.push(["", line.slice(plain, at)]);
    parts.push(found);
    at += found[1].length;
    plain = at;
  }
  if (plain < line.length) parts.push(["", line.slice(plain)]);
  return parts;
}

function match(line, at, rules) {
  for (const [kind, rule] of rules) {
    rule.lastIndex = at;
    const found = rule.exec(line)?.[0];
    if (found) return [kind, found];
  }
  return null;
}
