// The card for the counter: what a person asked and needs, in their language and in German; made on the device.

import { h } from "./replies.js";
import { plain, picture, print, save } from "./tools.js";
import { qrImage, qrMatrix } from "./qr.js";

/**
 * @typedef {Record<string, string>} Words
 * @typedef {{name: string, address?: string, phone?: string}} Service
 * @typedef {{language: string, topics: string[], place: string, words: string[], interpreter: boolean, services: Service[]}} Facts
 * @typedef {{own: Words, german: Words, names: {own: string, german: string}, dir: string,
 *   topics: Words, germanTopics: Words}} Texts
 */

const MOST_TOPICS = 6;
const MOST_SERVICES = 3;
const MOST_BYTES = 1000; // more is hard to photograph from a phone
const LONGEST = 300; // letters of one value
const DEFLATED = 1;
// Control characters and those that turn the direction of what follows.
const HIDDEN = /[\u0000-\u0009\u000b-\u001f\u007f\u202a-\u202e\u2066-\u2069]/g;

/**
 * Whether a topic is one of a table, and not what every object has.
 * @param {Words} topics @param {string} topic
 */
export function known(topics, topic) {
  return Object.keys(topics).includes(topic);
}

/**
 * What the conversation tells: topics in the order they came up, the town, the person's own words, the last places.
 * @param {any[]} log @param {Words} topics @param {string} language
 * @returns {Facts}
 */
export function factsOf(log, topics, language) {
  /** @type {Facts} */
  const facts = { language, topics: [], place: "", words: [], interpreter: false, services: [] };
  for (const { me, body, reply } of log) {
    if (body && body.text && typeof me === "string") facts.words.push(me.slice(0, LONGEST));
    // of an emergency nothing is shown to whoever holds the phone: its topics are none of `topics`
    if (!reply || (reply.topic && !known(topics, reply.topic))) continue;
    if (reply.topic && !facts.topics.includes(reply.topic)) facts.topics.push(reply.topic);
    if (reply.place) facts.place = reply.place;
    /** @type {Service[]} */
    const cards = (reply.cards || []).slice(0, MOST_SERVICES);
    if (cards.length) facts.services = cards.map(({ name, address, phone }) => ({ name, address, phone }));
  }
  facts.topics = facts.topics.slice(-MOST_TOPICS);
  facts.words = facts.words.slice(-3);
  return facts;
}

/**
 * One thing said twice: in the person's language, beneath it in German; once when that is the same.
 * @param {Texts} texts @param {Facts} facts @param {string} own @param {string} german @param {boolean} germanFirst
 */
function twice(texts, facts, own, german, germanFirst) {
  const said = [h("p", { class: "text", lang: facts.language, dir: texts.dir }, own)];
  if (facts.language !== "de") said.push(h("p", { class: "text german", lang: "de", dir: "ltr" }, german));
  return h("div", { class: "pair" }, ...(germanFirst ? said.reverse() : said));
}

/**
 * The lines of the card.
 * @param {Facts} facts @param {Texts} texts @param {boolean} showWords @param {boolean} germanFirst
 * @returns {HTMLElement}
 */
export function lines(facts, texts, showWords, germanFirst) {
  const { own, german } = texts;
  const both = (/** @type {string} */ key, /** @type {(text: string, side: "own" | "german") => string} */ fill = (text) => text) =>
    twice(texts, facts, fill(own[key] || "", "own"), fill(german[key] || "", "german"), germanFirst);
  const box = h("div", { class: "lines" }, both("card_speak", (text, side) => text.replace("{language}", texts.names[side])));
  if (facts.place) box.append(both("card_live", (text) => text.replace("{place}", facts.place)));
  if (facts.topics.length) {
    box.append(both("card_asked", (text, side) => {
      const titles = side === "own" ? texts.topics : texts.germanTopics;
      return [text, ...facts.topics.map((topic) => "• " + titles[topic])].join("\n");
    }));
  }
  if (showWords && facts.words.length) {
    box.append(both("card_words"));
    for (const words of facts.words) box.append(h("blockquote", { lang: facts.language, dir: "auto" }, words));
  }
  if (facts.interpreter) box.append(both("card_interpreter"));
  box.append(both("card_write"));
  if (facts.services.length) {
    box.append(both("card_places"));
    for (const { name, address, phone } of facts.services) {
      const text = [name, address, phone].filter(Boolean).join("\n");
      box.append(h("p", { class: "text service", lang: "de", dir: "ltr" }, text));
    }
  }
  return box;
}

/** @param {Uint8Array} bytes @param {any} stream */
async function through(bytes, stream) {
  const piped = new Blob([bytes]).stream().pipeThrough(stream);
  return new Uint8Array(await new Response(piped).arrayBuffer());
}

/**
 * The facts as a text for the part of an address behind #, which no server sees.
 * @param {Facts} facts @param {boolean} showWords
 */
export async function packed(facts, showWords) {
  const { language, topics, place, words, interpreter, services } = facts;
  const full = { l: language, t: topics, p: place, i: interpreter ? 1 : 0,
    s: services.map(({ name, address, phone }) => [name, address || "", phone || ""]), w: showWords ? words : [] };
  const shorter = [full, { ...full, w: full.w.slice(-1) }, { ...full, w: [] }, { ...full, w: [], s: full.s.slice(0, 1) },
    { ...full, w: [], s: [] }];
  let text = "";
  for (const given of shorter) {
    const plainBytes = new TextEncoder().encode(JSON.stringify(given));
    const Stream = /** @type {any} */ (globalThis).CompressionStream;
    const body = Stream ? await through(plainBytes, new Stream("deflate-raw")) : plainBytes;
    const bytes = Uint8Array.from([Stream ? DEFLATED : 0, ...body]);
    text = btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
    if (text.length <= MOST_BYTES) break;
  }
  return text;
}

/**
 * The facts in such a text, or nothing when it is none of ours; every value is cut to what a card can hold.
 * @param {string} text
 * @returns {Promise<Facts | null>}
 */
export async function unpacked(text) {
  try {
    if (text.length > 4 * MOST_BYTES || !/^[\w-]+$/.test(text)) return null;
    const bytes = Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));
    const Stream = /** @type {any} */ (globalThis).DecompressionStream;
    const body = bytes[0] === DEFLATED ? await through(bytes.subarray(1), new Stream("deflate-raw")) : bytes.subarray(1);
    if (body.length > 20_000) return null;
    const given = JSON.parse(new TextDecoder().decode(body));
    const words = (/** @type {unknown} */ value) => (typeof value === "string" ? value.replace(HIDDEN, "").slice(0, LONGEST) : "");
    const list = (/** @type {unknown} */ value, /** @type {number} */ most) => (Array.isArray(value) ? value.slice(0, most) : []);
    if (!/^[a-z]{2,3}$/.test(words(given.l))) return null;
    return {
      language: given.l, place: words(given.p), interpreter: given.i === 1,
      topics: list(given.t, MOST_TOPICS).map(words).filter((topic) => /^[a-z_]+$/.test(topic)),
      words: list(given.w, 3).map(words).filter(Boolean),
      services: list(given.s, MOST_SERVICES).map((row) => list(row, 3).map(words)).filter((row) => row[0])
        .map(([name, address, phone]) => ({ name, address, phone })),
    };
  } catch {
    return null;
  }
}

const SHEET = `
.counter-card { padding: 1em; background: #fff; color: #000; font-size: 1.125em; line-height: 1.5; }
.counter-card .text { margin: 0; white-space: pre-line; } .counter-card .pair { margin-block-end: .8em; }
.counter-card .german { font-weight: 700; } .counter-card blockquote { margin: 0 0 .6em; padding-inline-start: .7em;
  border-inline-start: 4px solid #555; } .counter-card .service { border: 1px solid #555; border-radius: 8px; padding: .4em .6em;
  margin-block-end: .5em; overflow-wrap: anywhere; }
.counter-card .code svg { width: min(100%, 20em); height: auto; display: block; margin: 0 auto .4em; }
.counter-card .options label { display: flex; align-items: center; gap: .6em; min-height: 44px; }
.counter-card input { width: 1.5em; height: 1.5em; flex: none; }
.counter-card .row { display: flex; flex-wrap: wrap; gap: .5em; margin-block: .6em; }
.counter-card button { min-height: 44px; border: 1px solid #555; border-radius: 10px; background: #fff; color: #000;
  font: inherit; padding: .3em .8em; }
.counter-card .note { text-align: start; color: #333; font-size: .9em; margin: 0 0 .8em; }
`;

/**
 * The card as it stands in the widget.
 * @param {{base: string, here: string, language: string, dir: string, own: Words, german: Words,
 *   languageNames: {own: string, german: string}, log: any[], topics: Words, germanTopics: Words, close: () => void}} given
 * @returns {Promise<HTMLElement>}
 */
export async function counterCard(given) {
  const { here, language, dir, own, german, languageNames, log, topics, germanTopics, close } = given;
  const facts = factsOf(log, topics, language);
  const texts = { own, german, names: languageNames, dir, topics, germanTopics };
  const section = h("section", { class: "counter-card", lang: language, dir, "aria-label": own.card });
  const back = h("button", { type: "button", class: "back", onclick: close }, own.card_back);
  if (!facts.topics.length && !facts.words.length) {
    section.append(styled(), h("p", { class: "note" }, own.card_empty), back);
    return section;
  }
  const paper = h("div", { class: "paper" });
  const said = h("span", { role: "status" });
  let showWords = false;
  /** @type {boolean[][]} */
  let code = [];
  let drawn = 0;
  const draw = async () => {
    drawn += 1;
    const mine = drawn;
    const address = `${here}card#${await packed(facts, showWords)}`;
    if (mine !== drawn) return; // something else was ticked meanwhile
    code = qrMatrix(new TextEncoder().encode(address));
    paper.replaceChildren(lines(facts, texts, showWords, false), h("div", { class: "code" }, qrImage(code, own)));
  };
  const option = (/** @type {string} */ key, /** @type {(on: boolean) => void} */ change) => {
    const box = /** @type {HTMLInputElement} */ (h("input", { type: "checkbox" }));
    box.addEventListener("change", () => { change(box.checked); draw(); });
    return h("label", {}, box, own[key]);
  };
  const options = h("div", { class: "options" }, option("card_interpreter", (on) => { facts.interpreter = on; }));
  if (facts.words.length) options.append(option("card_show_words", (on) => { showWords = on; }));
  const row = h("div", { class: "row" },
    h("button", { type: "button", class: "print", onclick: () => print(paper, language, dir) }, own.print),
    h("button", { type: "button", class: "save", onclick: async () => {
      if (save(await picture(plain(paper), language, dir, code))) said.textContent = own.saved;
    } }, own.save_picture),
    back, said);
  await draw();
  section.append(styled(), h("p", { class: "note" }, own.card_intro), options, paper,
    h("p", { class: "note" }, own.card_code), row);
  return section;
}

/** The card's own looks; a constructed sheet, which a strict policy allows, put where the card stands. */
function styled() {
  const anchor = h("span", { hidden: "hidden" });
  queueMicrotask(() => requestAnimationFrame(() => dress(anchor.getRootNode())));
  return anchor;
}

/**
 * @param {any} root */
export function dress(root) {
  try {
    if (root.adoptedStyleSheets.some((/** @type {any} */ sheet) => sheet.wegweiserCard)) return;
    const sheet = new CSSStyleSheet();
    /** @type {any} */ (sheet).wegweiserCard = true;
    sheet.replaceSync(SHEET);
    root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
  } catch {
    /* an old browser shows it plain */
  }
}
