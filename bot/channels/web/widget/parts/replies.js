// How answers, cards and the person's own messages look; loaded beside the words, after the field can be used.

/**
 * @typedef {{title: string, payload: string}} Choice
 * @typedef {{id: string, name: string, kind?: string, address?: string, phone?: string, email?: string, hours?: string,
 *   open_now?: boolean, languages?: string[], website?: string, map?: string, route?: string, distance_km?: number,
 *   cost?: string, about?: string[], checked?: string, note?: string, source?: string}} Card
 * @typedef {{text?: string, language?: string, dir?: string, cards?: Card[], choices?: Choice[], asks?: string,
 *   topic?: string, place?: string, author?: string, links?: {url: string, title?: string, text?: string}[],
 *   sources?: {url?: string, date?: string}[]}} Reply
 * @typedef {{t: (key: string) => string, language: string, dir: string,
 *   choice: (choice: Choice) => HTMLElement,
 *   here: (location: {lat: number, lon: number}) => void, lost: () => void}} Frame
 */

/**
 * An element with attributes, listeners ("onclick") and children; strings become text nodes.
 * @param {string} tag
 * @param {Record<string, any>} [props]
 * @param {...(Node | string | null | undefined)} children
 * @returns {HTMLElement}
 */
export function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== "") element.setAttribute(name, value);
  }
  for (const child of children) if (child !== null && child !== undefined && child !== "") element.append(child);
  return element;
}

/** The address when it leads to a web page, otherwise nothing: no script or data addresses.
 * @param {string} url */
function web(url) {
  try {
    const parsed = new URL(url);
    return ["https:", "http:"].includes(parsed.protocol) ? parsed : null;
  } catch {
    return null;
  }
}

/** @param {string} url @param {Node | string} text @param {string} [className] */
function link(url, text, className) {
  const parsed = web(url);
  return parsed && h("a", { href: parsed.href, target: "_blank", rel: "noopener noreferrer", class: className }, text);
}

/** @param {string} text */
const phoneAddress = (text) => "tel:" + text.replace(/\+(\d+)\s*\(0\)/, "+$1").replace(/[^\d+]/g, "");

// Addresses, and numbers as they are written in Germany: 110, 112, 116 117, 0341 1234567, +49 …
const LINKS = /(https?:\/\/[^\s<>"\u2066-\u2069]+[^\s<>"\u2066-\u2069.,;:!?)])|(\+49[\d /()-]{6,}\d|\b0\d{2,4}[ /-]?\d[\d -]{3,}\d\b|\b116 ?\d{3}\b|\b11[02]\b)/g;

/** True where 110 or 112 is an amount, a paragraph or a house number instead of an emergency call.
 * @param {string} before @param {string} after */
function isAmount(before, after) {
  return /[\d.,]$|[\u00a7\u20ac][\s\u00a0]?$|stra\u00dfe $|str\. $/i.test(before)
    || /^([.,]\d|,?[\s\u00a0]?\d{3}|[\s\u00a0]?(\u20ac|%|EUR|\u0435\u0432\u0440\u043e|\u064a\u0648\u0631\u0648|\u06cc\u0648\u0631\u0648))/i.test(after);
}

/** Text with its addresses and phone numbers as links.
 * @param {string} text @returns {(Node | string)[]} */
function linked(text) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(LINKS)) {
    const [whole, url] = found;
    const at = found.index || 0;
    const after = text.slice(at + whole.length);
    if (/^11[02]$/.test(whole) && isAmount(text.slice(0, at), after)) continue;
    parts.push(text.slice(end, at));
    const node = url ? link(url, url) : h("a", { href: phoneAddress(whole) }, whole);
    if (node) node.dir = "ltr";
    parts.push(node || whole);
    end = at + whole.length;
  }
  return [...parts, text.slice(end)];
}

// The German word to say at the counter stands in round brackets; in other scripts every Latin word there is one.
const TERMS = /\(([\u2066-\u2069]?[A-Z\u00c4\u00d6\u00dc][A-Za-z\u00c4\u00d6\u00dc\u00e4\u00f6\u00fc\u00df .\/&-]{1,60}[\u2066-\u2069]?)\)/g;

/** Text as nodes: links, and German words marked as German, so that a screen reader speaks them so.
 * @param {string} text @param {string} [language] @returns {(Node | string)[]} */
export function written(text, language) {
  if (language === "de") return linked(text);
  /** @type {(Node | string)[]} */
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(TERMS)) {
    const at = (found.index || 0) + 1;
    parts.push(...linked(text.slice(end, at)), h("span", { lang: "de", dir: "ltr" }, found[1]));
    end = at + found[1].length;
  }
  return [...parts, ...linked(text.slice(end))];
}

/** Who speaks, for those who do not see the bubbles.
 * @param {string} name */
export function speaker(name) {
  return h("span", { class: "sr" }, name + ": ");
}

/** An ISO date or its beginning in words, as it is when the browser does not know the language.
 * @param {string} iso @param {string} language */
function day(iso, language) {
  const [year, month, date] = iso.split("-").map(Number);
  if (!month || !Intl.DateTimeFormat.supportedLocalesOf([language]).length) return iso;
  /** @type {Intl.DateTimeFormatOptions} */
  const options = { year: "numeric", month: "long", calendar: "gregory", numberingSystem: "latn", timeZone: "UTC" };
  if (date) options.day = "numeric";
  return new Intl.DateTimeFormat(language, options).format(Date.UTC(year, month - 1, date || 1));
}

/** @param {number} kilometres @param {Frame} frame */
function distance(kilometres, frame) {
  const locale = Intl.NumberFormat.supportedLocalesOf([frame.language])[0] || "en";
  const number = new Intl.NumberFormat(locale + "-u-nu-latn", { maximumFractionDigits: 1 });
  return frame.t("distance").replace("{distance}", number.format(kilometres));
}

/** A word of the interface inside a reply that may be in another language.
 * @param {Frame} frame @param {string} key @param {string} [text] */
function word(frame, key, text = frame.t(key)) {
  return h("bdi", { lang: frame.language }, text);
}

/** One answer.
 * @param {Reply} reply @param {Frame} frame */
export function drawReply(reply, frame) {
  const { text = "", language, dir = "auto", cards = [], choices = [], links = [], sources = [], asks } = reply;
  const bubble = h("div", { class: "bubble", lang: language, dir },
    h("p", { class: "text" }, speaker("Wegweiser"), ...written(text, language)));
  if (cards.length) bubble.append(h("ul", { class: "cards" }, ...cards.map((card) => drawCard(card, frame))));
  const extra = links.map(({ url, title, text: words }) => link(url, title || words || url, "go")).filter(Boolean);
  if (extra.length) bubble.append(h("div", { class: "row" }, ...extra));
  if (asks === "place" && navigator.geolocation) bubble.append(drawLocation(frame));
  if (choices.length) bubble.append(h("div", { class: "row choices" }, ...choices.map(frame.choice)));
  if (sources.length) bubble.append(drawSources(sources, frame));
  return bubble;
}

/**
 * What happens with a location, and the button that asks for it; rounded before it leaves the device.
 * @param {Frame} frame
 */
function drawLocation(frame) {
  const round = (/** @type {number} */ degrees) => Math.round(degrees * 100) / 100;
  const locate = () => {
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => frame.here({ lat: round(coords.latitude), lon: round(coords.longitude) }),
      frame.lost,
      { enableHighAccuracy: false, timeout: 15_000, maximumAge: 600_000 },
    );
  };
  return h("div", { lang: frame.language, dir: frame.dir }, h("p", { class: "soft" }, frame.t("location_note")),
    h("button", { type: "button", class: "choice locate", onclick: locate }, frame.t("use_location")));
}

/** @param {{url?: string, date?: string}[]} sources @param {Frame} frame */
function drawSources(sources, frame) {
  const rows = sources.map(({ url = "", date }) => {
    const parsed = web(url);
    const words = h("bdi", {}, parsed ? parsed.hostname.replace(/^www\./, "") : url);
    return h("li", {}, link(url, words) || words, date ? " · " : "", date ? h("bdi", {}, day(date, frame.language)) : "");
  });
  return h("details", { class: "sources" }, h("summary", {}, word(frame, "sources")), h("ul", {}, ...rows));
}

/** @param {Card} card @param {Frame} frame */
function drawCard(card, frame) {
  /** @param {string} key @param {string | undefined} value */
  const row = (key, value) => value
    ? [h("div", {}, h("dt", {}, word(frame, key)), h("dd", {}, h("bdi", {}, value)))] : [];
  const sign = card.open_now === true ? "open" : card.open_now === false ? "closed" : "";
  const phones = (card.phone || "").split(/[;,]/).map((text) => text.trim()).filter((text) => /\d/.test(text));
  const actions = [
    ...phones.map((phone) => h("a", { class: "go", href: phoneAddress(phone) },
      word(frame, "call"), "\u00a0", h("bdi", { dir: "ltr" }, phone))),
    card.email ? h("a", { class: "go", href: "mailto:" + encodeURIComponent(card.email).replace(/%40/g, "@") },
      word(frame, "email")) : null,
    card.website ? link(card.website, word(frame, "website"), "go") : null,
    card.map ? link(card.map, word(frame, "map"), "go") : null,
    card.route ? link(card.route, word(frame, "route"), "go") : null,
  ].filter(Boolean);
  const facts = [
    ...row("address", card.address), ...row("hours", card.hours),
    ...row("languages", (card.languages || []).join(", ")), ...row("cost", card.cost),
  ];
  const checked = card.checked ? frame.t("checked").replace("{date}", day(card.checked, frame.language)) : "";
  return h("li", { class: "card" },
    h("h3", {}, h("bdi", {}, card.name || "")),
    card.kind ? h("p", { class: "soft" }, card.kind) : null,
    card.about && card.about.length ? h("p", { class: "soft" }, card.about.join(" · ")) : null,
    sign ? h("p", { class: "sign " + sign }, word(frame, sign + "_now")) : null,
    card.distance_km !== undefined ? h("p", { class: "soft" }, word(frame, "distance", distance(card.distance_km, frame))) : null,
    facts.length ? h("dl", {}, ...facts) : null,
    card.note ? h("p", { class: "warn" }, ...linked(card.note)) : null,
    actions.length ? h("div", { class: "row" }, ...actions) : null,
    checked || card.source ? h("p", { class: "soft" }, checked ? word(frame, "checked", checked) : "",
      checked && card.source ? " · " : "", card.source ? link(card.source, word(frame, "source")) || card.source : "") : null);
}
