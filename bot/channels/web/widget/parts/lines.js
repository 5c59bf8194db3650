// An answer or a card as lines of plain text: what is copied, printed, drawn and read aloud.

/**
 * @typedef {{text: string, language: string, dir: string, heading: boolean, apart: boolean}} Line
 *   `apart`: with space before it.
 */

// Buttons and what only screen readers get is none of the text.
const LEFT_OUT = ".keep, .sr, .locate, button, input, svg, [hidden]";
const BLOCKS = /^(P|H\d|LI|UL|OL|DIV|DL|DETAILS|SUMMARY|SECTION|LABEL|BLOCKQUOTE)$/;
const MARKS = /[\u2066-\u2069]/g; // directional isolates
const PDI = "\u2069";

/** @param {HTMLElement} element */
function direction(element) {
  return getComputedStyle(element).direction || element.closest("[dir]")?.getAttribute("dir") || "ltr";
}

/** A piece in its own direction, so that "0341 12345" keeps its order in Arabic; plain words do by themselves.
 * @param {string} text @param {string} dir */
function isolated(text, dir) {
  return /[^\p{L}\p{M}\s]/u.test(text) ? ({ ltr: "\u2066", rtl: "\u2067" }[dir] || "\u2068") + text + PDI : text;
}

/** The lines of one bubble or card.
 * @param {HTMLElement} root
 * @param {boolean} [addresses] With the addresses that links lead to; without, as it is spoken.
 * @returns {Line[]} */
export function linesOf(root, addresses = true) {
  /** @type {Line[]} */
  const lines = [];
  let text = "";
  let apart = false;

  /** @param {HTMLElement} block */
  const end = (block) => {
    for (const part of text.trim() ? text.trim().split("\n") : []) {
      lines.push({
        text: part.trim(), language: block.closest("[lang]")?.getAttribute("lang") || "", dir: direction(block),
        heading: /^H\d$/.test(block.tagName), apart: apart && lines.length > 0,
      });
      apart = false;
    }
    text = "";
  };

  /** @param {HTMLElement} element @param {HTMLElement} block */
  const visit = (element, block) => {
    for (const node of element.childNodes) {
      if (node instanceof Text) text += node.data;
      else if (node instanceof HTMLElement && !node.matches(LEFT_OUT) && !node.querySelector(":scope > .locate")) enter(node, block);
      else if (node instanceof HTMLBRElement) text += "\n";
    }
  };

  /** @param {HTMLElement} node @param {HTMLElement} block */
  const enter = (node, block) => {
    if (BLOCKS.test(node.tagName) || node.matches("a.go")) {
      end(block);
      apart ||= node.parentElement === root || node.matches(".card, .pair, .service");
      if (node instanceof HTMLAnchorElement) link(node, node);
      else visit(node, node);
      end(node);
    } else if (node instanceof HTMLAnchorElement) link(node, block);
    else if (node.tagName === "DT") {
      visit(node, block);
      text += ": ";
    } else {
      const before = text;
      visit(node, block);
      const isolates = node.tagName === "BDI" || node.dir;
      if (isolates && direction(block) === "rtl") text = before + isolated(text.slice(before.length), node.dir);
    }
  };

  /** "Title: address", the address alone where there is no title, the number as it is written.
   * @param {HTMLAnchorElement} node @param {HTMLElement} block */
  const link = (node, block) => {
    const before = text;
    visit(node, block);
    const title = text.slice(before.length).replace(MARKS, "").trim();
    const address = node.protocol === "mailto:" ? decodeURIComponent(node.pathname) : node.href;
    const bare = node.protocol === "tel:" || title === address || title === node.getAttribute("href");
    const isolate = (/** @type {string} */ piece) => (direction(block) === "rtl" ? isolated(piece, "ltr") : piece);
    if (bare && !addresses && node.protocol.startsWith("http")) text = before + node.hostname.replace(/^www\./, "");
    else if (bare && node.dir) text = before + isolate(title);
    else if (!bare && addresses) text += ": " + isolate(address);
  };

  visit(root, root);
  end(root);
  return lines;
}

/** The text of a bubble as it can be pasted anywhere: links as "title: address", without buttons.
 * @param {HTMLElement} element */
export function plain(element) {
  return linesOf(element).map((line) => (line.apart ? "\n" : "") + line.text).join("\n");
}

/** The direction of a line nobody has said one for: that of its first letter, isolated pieces aside.
 * @param {string} text @param {string} otherwise */
function directionOf(text, otherwise) {
  const letter = /\p{L}/u.exec(text.replace(/[\u2066-\u2068][^\u2066-\u2069]*\u2069/g, ""));
  return letter ? (/[\p{Script=Arabic}\p{Script=Hebrew}]/u.test(letter[0]) ? "rtl" : "ltr") : otherwise;
}

/** Lines of plain text; an empty one makes space.
 * @param {string} text @param {string} language @param {string} dir @returns {Line[]} */
export function linesOfText(text, language, dir) {
  const rows = text.split("\n");
  return rows.flatMap((row, at) => (row.trim()
    ? [{ text: row.trim(), language, dir: directionOf(row, dir), heading: false, apart: at > 0 && !rows[at - 1].trim() }] : []));
}

/** Today in words, in digits where the browser does not know the language.
 * @param {string} language */
export function today(language) {
  const now = new Date();
  if (!Intl.DateTimeFormat.supportedLocalesOf([language]).length) return now.toISOString().slice(0, 10);
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { year: "numeric", month: "long", day: "numeric", calendar: "gregory", numberingSystem: "latn" };
  return new Intl.DateTimeFormat(language, options).format(now);
}
