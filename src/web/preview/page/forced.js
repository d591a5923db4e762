// Dark mode as programs force it on a message that did not ask for it.

/// Turns every colour round, and pictures back: what a full inversion does.
export const INVERSION =
  "html { filter: invert(1) hue-rotate(180deg); background: #fff; } img, video { filter: invert(1) hue-rotate(180deg); }";

/// Darkens light backgrounds and lightens dark text, element by element, and leaves what is dark already: what
/// a partial inversion does. Lightness L of at least 50 becomes 50 - (L - 50) * 0.75 (text below 50 likewise, the
/// other way round), and chroma shrinks to four fifths.
export function darken(document) {
  const view = document.defaultView;
  const all = [document.documentElement, ...document.body.querySelectorAll("*"), document.body];
  const found = all.map((element) => [element, view.getComputedStyle(element)]).map(([element, style]) => [element, colours(style, element)]);
  for (const [element, colours] of found) for (const [name, value] of Object.entries(colours)) element.style.setProperty(name, value, "important");
}

function colours(style, element) {
  const ground = parse(style.backgroundColor);
  const ink = parse(style.color);
  const edge = parse(style.borderTopColor);
  const whole = element === element.ownerDocument.documentElement;
  return {
    ...(whole ? { "background-color": turned([255, 255, 255], false) } : {}),
    ...(ground && ground[3] > 0 ? { "background-color": turned(ground, false) } : {}),
    ...(ink ? { color: turned(ink, true) } : {}),
    ...(edge && edge[3] > 0 ? { "border-color": turned(edge, false) } : {}),
  };
}

function parse(colour) {
  const parts = colour.match(/[\d.]+/g)?.map(Number);
  return parts && parts.length >= 3 && colour.startsWith("rgb") ? [...parts.slice(0, 3), parts[3] ?? 1] : null;
}

function turned(rgb, text) {
  let [l, a, b] = toLab(rgb);
  if (text && l < 50) l = 50 + (50 - l) * 0.75;
  else if (!text && l >= 50) l = 50 - (l - 50) * 0.75;
  else return `rgb(${rgb.slice(0, 3).join(" ")} / ${rgb[3] ?? 1})`;
  return `lab(${l.toFixed(1)} ${(a * 0.8).toFixed(1)} ${(b * 0.8).toFixed(1)} / ${rgb[3] ?? 1})`;
}

/// sRGB (0 to 255) to CIE Lab, with the white of CSS (D50).
function toLab([red, green, blue]) {
  const [r, g, b] = [red, green, blue].map((value) => value / 255).map((value) => (value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4));
  const x = (0.4360747 * r + 0.3850649 * g + 0.1430804 * b) / 0.9642;
  const y = 0.2225045 * r + 0.7168786 * g + 0.0606169 * b;
  const z = (0.0139322 * r + 0.0971045 * g + 0.7141733 * b) / 0.8251;
  const [fx, fy, fz] = [x, y, z].map((value) => (value > 0.008856 ? Math.cbrt(value) : 7.787 * value + 16 / 116));
  return [116 * fy - 16, 500 * (fx - fy), 200 * (fy - fz)];
}
