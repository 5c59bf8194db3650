// An answer or a card on paper and as a picture, without anything leaving the device.

import { h } from "./replies.js";
import { today } from "./lines.js";

/**
 * @typedef {import("./lines.js").Line} Line
 * @typedef {{language: string, dir: string, matrix?: boolean[][], figure?: Node, large?: boolean}} Sheet
 *   The language and direction of the whole, a QR code and the same as an element, large type.
 */

const NAME = "Wegweiser"; // of the print job: says nothing of what was asked
const FONT = 'system-ui, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", "Noto Sans Ethiopic", sans-serif';
const PRINTED = `
@page { margin: 15mm; }
html { background: #fff; color: #000; color-scheme: light; font: 12pt/1.5 ${FONT}; }
html.large { font-size: 15pt; }
body { margin: 0; }
h2, p { margin: 0; font-size: 1em; overflow-wrap: anywhere; }
h2 { break-after: avoid; }
.apart { margin-block-start: .8em; }
:lang(ar), :lang(fa), :lang(ps), :lang(ckb) { line-height: 1.75; }
svg { display: block; width: 75mm; margin-block: 1em; break-inside: avoid; }
footer { margin-block-start: 1.5em; border-block-start: 1px solid #000; font-size: .8em; }
`;
// For browsers that print the page around a frame instead of the frame (Chrome on Android): then only the frame is seen.
const AROUND = `@media print {
body > :not(.wegweiser-print) { display: none !important; }
body > .wegweiser-print { display: block !important; position: static !important; width: 100% !important; clip-path: none !important; }
}`;
const PATIENCE = 120_000; // milliseconds after which the sheet goes even when nobody says that it was printed

/** A style sheet of a window, or nothing in browsers before 2023: then print is plain, not broken.
 * @param {any} view @param {string} css @returns {CSSStyleSheet[]} */
function sheets(view, css) {
  try {
    const sheet = new view.CSSStyleSheet();
    sheet.replaceSync(css);
    return [sheet];
  } catch {
    return [];
  }
}

/** Puts the lines into a frame of their own and prints it.
 * @param {Line[]} lines @param {Sheet} sheet */
export async function printed(lines, { language, dir, figure, large }) {
  document.querySelector("iframe.wegweiser-print")?.remove();
  const frame = /** @type {HTMLIFrameElement} */ (h("iframe", { class: "wegweiser-print", "aria-hidden": "true", tabindex: "-1" }));
  Object.assign(frame.style, { position: "fixed", width: "190mm", height: "0", border: "0", left: "0", bottom: "0", visibility: "hidden" });
  await new Promise((resolve) => {
    frame.addEventListener("load", resolve, { once: true }); // Firefox puts its empty page in late
    document.body.append(frame);
  });
  const view = frame.contentWindow;
  const page = frame.contentDocument;
  if (!view || !page) return;
  page.title = NAME;
  page.documentElement.lang = language;
  page.documentElement.dir = dir;
  page.documentElement.className = large ? "large" : "";
  const own = sheets(view, PRINTED);
  if (own.length) page.adoptedStyleSheets = own;
  for (const line of lines) {
    const block = page.createElement(line.heading ? "h2" : "p");
    block.textContent = line.text;
    block.lang = line.language || language;
    block.dir = line.dir;
    if (line.apart) block.className = "apart";
    page.body.append(block);
  }
  if (figure) page.body.append(page.importNode(figure, true));
  const footer = page.createElement("footer");
  footer.textContent = `${NAME} · \u2068${today(language)}\u2069`;
  page.body.append(footer);

  const around = sheets(window, AROUND);
  if (around.length) document.adoptedStyleSheets = [...document.adoptedStyleSheets, ...around];
  frame.style.height = page.documentElement.scrollHeight + "px";
  frame.style.visibility = "";
  frame.style.zIndex = "-1";
  frame.style.clipPath = "inset(50%)";
  const done = () => {
    frame.remove();
    if (around.length) document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => !around.includes(one));
  };
  view.addEventListener("afterprint", () => setTimeout(done), { once: true });
  addEventListener("afterprint", () => setTimeout(done), { once: true });
  setTimeout(done, PATIENCE);
  view.focus();
  view.print();
}

// --- the picture ---------------------------------------------------------------------------------------------

const WIDTH = 360; // of the picture in its own pixels, of which SCALE make one
const SCALE = 3;
const MARGIN = 18;
const SIZE = 17;
const TALLEST = 10_000; // device pixels: what canvases of old phones can hold

/** Single letters as they are seen.
 * @param {string} word @param {string} language @returns {string[]} */
function letters(word, language) {
  const { Segmenter } = Intl;
  if (!Segmenter) return Array.from(word);
  return Array.from(new Segmenter(language || undefined).segment(word), (part) => part.segment);
}

/** Text in pieces no wider than a line; an isolate that is broken is closed and opened again.
 * @param {CanvasRenderingContext2D} context @param {string} text @param {string} language @param {number} width */
export function wrapped(context, text, language, width) {
  const fits = (/** @type {string} */ piece) => context.measureText(piece).width <= width;
  /** @type {string[]} */
  const rows = [];
  let row = "";
  const next = () => {
    /** @type {string[]} */
    const open = [];
    for (const letter of row) {
      if (/[\u2066-\u2068]/.test(letter)) open.push(letter);
      else if (letter === "\u2069") open.pop();
    }
    rows.push(row.trim() + "\u2069".repeat(open.length));
    row = open.join("");
  };
  for (const word of text.split(/(?<=\s)/)) {
    if (row && !fits((row + word).trimEnd())) next();
    if (fits(word.trimEnd())) {
      row += word;
      continue;
    }
    for (const letter of letters(word, language)) {
      if (row && !fits(row + letter)) next();
      row += letter;
    }
  }
  if (row.trim()) rows.push(row.trim());
  return rows;
}

/** The lines on a white canvas, with a QR code beneath them and the date.
 * @param {Line[]} lines @param {Sheet} sheet */
function drawn(lines, { language, dir, matrix, large }) {
  const canvas = document.createElement("canvas");
  const context = canvas.getContext("2d");
  if (!context) throw new Error("no canvas");
  const width = WIDTH - 2 * MARGIN;
  /** @type {{text: string, dir: string, font: string, y: number}[]} */
  const rows = [];
  let y = MARGIN;
  const add = (/** @type {Line} */ line, /** @type {number} */ size) => {
    const font = `${line.heading ? "bold " : ""}${size}px ${FONT}`;
    context.font = font;
    context.direction = line.dir === "rtl" ? "rtl" : "ltr";
    if (line.apart) y += size * 0.7;
    for (const text of wrapped(context, line.text, line.language, width)) {
      y += size * 1.6;
      rows.push({ text, dir: line.dir, font, y: y - size * 0.45 });
    }
  };
  for (const line of lines) add(line, large ? SIZE * 1.2 : SIZE);
  const module = matrix ? Math.max(2, Math.floor(width / (matrix.length + 8))) : 0;
  const code = matrix ? { left: Math.round((WIDTH - module * matrix.length) / 2), top: Math.ceil(y) + 5 * module } : null;
  if (matrix && code) y = code.top + module * (matrix.length + 4);
  add({ text: `${NAME} · \u2068${today(language)}\u2069`, language, dir, heading: false, apart: true }, SIZE * 0.8);
  const height = Math.ceil(y + MARGIN);

  const scale = Math.min(SCALE, TALLEST / height);
  canvas.width = Math.round(WIDTH * scale);
  canvas.height = Math.round(height * scale);
  context.fillStyle = "#fff";
  context.fillRect(0, 0, canvas.width, canvas.height);
  context.scale(scale, scale);
  context.fillStyle = "#000";
  context.textAlign = "start";
  for (const row of rows) {
    context.font = row.font;
    context.direction = row.dir === "rtl" ? "rtl" : "ltr";
    context.fillText(row.text, row.dir === "rtl" ? WIDTH - MARGIN : MARGIN, row.y);
  }
  if (matrix && code) {
    const { left, top } = code;
    matrix.forEach((line, down) => line.forEach((dark, right) => {
      if (dark) context.fillRect(left + right * module, top + down * module, module, module);
    }));
  }
  return canvas;
}

/** A picture of the lines, nothing when the browser cannot make one.
 * @param {Line[]} lines @param {Sheet} sheet @returns {Promise<Blob | null>} */
export async function painted(lines, sheet) {
  try {
    const canvas = drawn(lines, sheet);
    return await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
  } catch {
    return null;
  }
}

/** Has the browser keep a picture among its downloads; false when there is none.
 * @param {Blob | null} blob */
export function save(blob) {
  if (!blob) return false;
  const url = URL.createObjectURL(blob);
  const link = h("a", { href: url, download: "wegweiser.png", hidden: "hidden" });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(url), 60_000); // phones ask where to put it first
  return true;
}
