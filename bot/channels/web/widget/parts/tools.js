// What one can do with an answer: copy, print, save as a picture, have it read aloud; loaded when it is wanted.

import { h } from "./replies.js";
import { linesOf, linesOfText, plain } from "./lines.js";
import { painted, printed, save } from "./paper.js";
import { read, sentences, stopReading, voiceFor } from "./speech.js";

export { plain, save };

/** Prints an element alone, its code included; the dialog also saves as PDF.
 * @param {HTMLElement} element @param {string} language @param {string} dir */
export function print(element, language, dir) {
  const figure = element.querySelector("svg") || undefined; // a card
  return printed(linesOf(element), { language, dir, figure, large: Boolean(figure) });
}

/** A picture of a text, with a QR code beneath it; nothing when the browser cannot make one.
 * @param {string} text As from `plain`. @param {string} language @param {string} dir @param {boolean[][]} [matrix] */
export function picture(text, language, dir, matrix) {
  return painted(linesOfText(text, language, dir), { language, dir, matrix, large: Boolean(matrix) });
}

/** @param {string} name @param {string} label @param {() => void} click */
function button(name, label, click) {
  return h("button", { type: "button", class: name, onclick: click }, label);
}

/** A line that says what has happened; said again when it happens again.
 * @returns {[HTMLElement, (text: string) => void]} */
function teller() {
  const status = h("p", { role: "status", class: "soft" });
  return [status, (text) => {
    status.textContent = "";
    setTimeout(() => { status.textContent = text; }, 50);
  }];
}

/** Into the clipboard, also on plain http and old phones; false when the browser does not let us.
 * @param {string} text @param {HTMLElement} beside */
async function copy(text, beside) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = /** @type {HTMLTextAreaElement} */ (h("textarea", { readonly: "readonly", "aria-hidden": "true", tabindex: "-1" }));
    Object.assign(area.style, { position: "fixed", top: "0", left: "0", opacity: "0", pointerEvents: "none" });
    const root = beside.getRootNode();
    const focused = root instanceof ShadowRoot || root instanceof Document ? root.activeElement : null;
    area.value = text;
    beside.append(area);
    area.focus({ preventScroll: true });
    area.setSelectionRange(0, text.length);
    let copied = false;
    try {
      copied = document.execCommand("copy");
    } catch {
      /* not allowed */
    }
    area.remove();
    if (focused instanceof HTMLElement) focused.focus({ preventScroll: true });
    return copied;
  }
}

/**
 * The buttons for one answer.
 * @param {object} options
 * @param {string} options.text The answer without its cards; read aloud where the bubble has nothing to say.
 * @param {string} options.language Of the answer.
 * @param {string} options.dir
 * @param {Record<string, string>} options.words Of the interface.
 * @param {HTMLElement} options.element The bubble.
 */
export function tools({ text, language, dir, words, element }) {
  const [status, tell] = teller();
  const direction = dir === "auto" ? getComputedStyle(element).direction : dir;
  const row = h("div", { class: "row" },
    button("copy", words.copy, async () => {
      if (await copy(plain(element), row)) tell(words.copied);
      else getSelection()?.selectAllChildren(element); // to be copied by hand
    }),
    button("print", words.print, () => print(element, language, direction)),
    button("save_picture", words.save_picture, async () => {
      if (save(await painted(linesOf(element), { language, dir: direction }))) tell(words.saved);
    }));
  const aloud = button("aloud", words.read_aloud, () => {
    if (aloud.getAttribute("aria-pressed") === "true") return stopReading();
    const lines = linesOf(element, false).map((line) => line.text);
    const pieces = (lines.length ? lines : [text]).flatMap((line) => sentences(line, language));
    if (!pieces.length) return undefined;
    show(true);
    return read(pieces, language, aloud, () => show(false));
  });
  const show = (/** @type {boolean} */ on) => {
    aloud.setAttribute("aria-pressed", String(on));
    aloud.textContent = on ? words.stop_reading : words.read_aloud;
  };
  show(false);
  offer(aloud, row, language);
  // The log around it is read out when something comes in: not these buttons.
  return h("div", { class: "tools", "aria-live": "off" }, row, status);
}

/** Shows the button as soon as there is a voice; on Android voices come late.
 * @param {HTMLElement} aloud @param {HTMLElement} row @param {string} language */
function offer(aloud, row, language) {
  if (typeof speechSynthesis === "undefined") return;
  const look = () => {
    const found = voiceFor(language) !== null;
    if (found) row.append(aloud);
    if (found || gone()) speechSynthesis.removeEventListener?.("voiceschanged", look);
  };
  let shown = false;
  const gone = () => {
    shown ||= row.isConnected;
    return shown && !row.isConnected;
  };
  speechSynthesis.addEventListener?.("voiceschanged", look);
  look();
}
