// The colour an office chooses for the widget, made readable; loaded only where one is given.

/** A colour as [red, green, blue] of 0 to 1, or nothing when it is none.
 * @param {string} colour */
function rgb(colour) {
  const context = document.createElement("canvas").getContext("2d");
  if (!context || !colour || !CSS.supports("color", colour)) return null;
  context.fillStyle = "#010203";
  context.fillStyle = colour; // what is none, such as "var(--x)", changes nothing
  if (context.fillStyle === "#010203") return null;
  const found = /^#(..)(..)(..)$/.exec(String(context.fillStyle));
  return found && found.slice(1).map((part) => parseInt(part, 16) / 255);
}

/** Relative luminance, WCAG 2.2.
 * @param {number[]} colour */
function luminance(colour) {
  const [red, green, blue] = colour.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4));
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** The colour, made darker or lighter until it can be read on paper and be written on.
 * @param {number[]} colour @param {boolean} dark */
function readable(colour, dark) {
  let shade = colour;
  for (let step = 0; step < 40; step += 1) {
    const bright = luminance(shade);
    // 5:1 against the light paper and the white of its text, or against the dark paper
    if (dark ? bright >= 0.26 : bright <= 0.15) break;
    shade = shade.map((part) => (dark ? part + (1 - part) * 0.08 : part * 0.92));
  }
  return `rgb(${shade.map((part) => Math.round(part * 255)).join(" ")})`;
}

/**
 * The accent on light and on dark paper; empty when the colour is none.
 * @param {string} colour
 * @returns {Record<string, string>}
 */
export function shades(colour) {
  const parts = rgb(colour);
  return { "--_light": parts ? readable(parts, false) : "", "--_dark": parts ? readable(parts, true) : "" };
}
