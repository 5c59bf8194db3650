// <wegweiser-chat lang api place topic campaign colour position exit>: the assistant on any web page; docs/widget-api.md.
// No build step, no cookies, nothing from third parties; text reaches the page through textContent only.

/**
 * @typedef {import("./parts/replies.js").Reply} Reply
 * @typedef {{language: string, dir: string, strings: Record<string, string>,
 *   languages: {code: string, name: string, dir: string}[]}} Words
 * @typedef {{id?: string, me?: string, body?: object, state?: "waiting" | "sent" | "failed" | "offline", error?: string,
 *   reply?: Reply, note?: string}} Entry
 * @typedef {{log: Entry[], undeleted: {conversation: string, token: string}[], lang?: string, chosen?: boolean,
 *   strayed?: number, conversation?: string, token?: string, size?: number, open?: boolean,
 *   person?: boolean, after?: number, draft?: string}} State
 */

const KEPT = 80; // entries of the conversation that survive a reload of this tab
const PATIENCE = 40_000; // milliseconds one request may take; a repeated id never asks twice
const AGAIN = [3_000, 8_000, 20_000, 60_000]; // when a message without a network is tried again
const SIZES = [0.875, 1, 1.25, 1.5, 2]; // of the text
const TWICE = 800; // milliseconds between two Escapes that mean "away from here"
const EXIT = "https://www.dwd.de/"; // the weather: what anybody may look at
const HERE = new URL("./", import.meta.url).href;
// The words of the empty field in every language, filled in by the server: typing can begin before the rest is here.
/** @type {Record<string, Words>} */
const FIRST = {};

const STYLE = `
:host {
  --_paper: var(--wegweiser-paper, #fffdf9); --_ink: var(--wegweiser-ink, #2b2520);
  --_soft: #63574b; --_line: #dccfbf; --_mine: #f3e2d2; --_sunk: #f8f0e5;
  --_accent: var(--_light, var(--wegweiser-accent, #9a3f1c)); --_on: #fff; --_good: #22633a; --_bad: #8f2f24;
  color-scheme: light dark; display: flex; flex-direction: column; height: 38rem; max-height: 100vh;
  box-sizing: border-box; min-width: 0; color: var(--_ink);
  font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", sans-serif;
}
:host([hidden]), [hidden] { display: none !important; }
:host([position="corner"]) { position: fixed; inset-block-end: 1rem; inset-inline-end: 1rem; z-index: 9999;
  width: min(26rem, calc(100vw - 2rem)); height: auto; max-height: calc(100vh - 2rem); align-items: flex-end; }
:host([position="corner"]) .chat { width: 100%; height: 38rem; max-height: calc(100vh - 6rem); flex: 0 1 auto; }
.opener { margin-block-start: .5em; font-weight: 600; background: var(--_accent); border-color: var(--_accent); color: var(--_on); }
* { box-sizing: border-box; }
.chat { flex: 1; min-height: 0; display: flex; flex-direction: column; background: var(--_paper);
  border: 1px solid var(--_line); border-radius: 14px; overflow: hidden; }
.bar { display: flex; flex-wrap: wrap; gap: .35em; padding: .4em; background: var(--_sunk);
  border-block-end: 1px solid var(--_line); }
.bar label { flex: 1 1 9em; min-width: 0; display: flex; } select { width: 100%; max-width: 14em; }
.bar button { padding: .3em .5em; }
.bar svg { width: 1.35em; height: 1.35em; display: block; margin: auto; }
.leave { font-weight: 600; border-color: var(--_bad); color: var(--_bad); }
.log { flex: 1; min-height: 6em; overflow-y: auto; overscroll-behavior: contain; position: relative;
  padding: .75em; display: flex; flex-direction: column; gap: .75em; }
.bubble { max-width: min(92%, 36em); padding: .6em .8em; border-radius: 14px; overflow-wrap: anywhere;
  border: 1px solid var(--_line); align-self: flex-start; }
.bubble > * + * { margin-block-start: .6em; }
.mine { align-self: flex-end; background: var(--_mine); border-color: transparent; }
.note { align-self: center; color: var(--_soft); text-align: center; }
p, h2, h3, ul, dl, dd { margin: 0; padding: 0; }
.text { white-space: pre-line; }
:lang(ar), :lang(fa), :lang(ps), :lang(ckb), :lang(ur) { line-height: 1.75; }
button, select, textarea { font: inherit; color: inherit; }
button, select, .go { min-height: 44px; min-width: 44px; border-radius: 10px; border: 1px solid var(--_line);
  background: var(--_paper); padding: .3em .8em; cursor: pointer; }
button:hover, .go:hover { border-color: var(--_accent); }
.row { display: flex; flex-wrap: wrap; gap: .5em; }
.choice { text-align: start; border-color: var(--_accent); color: var(--_accent); font-weight: 600; }
.send { background: var(--_accent); border-color: var(--_accent); color: var(--_on); font-weight: 600; }
:focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px; }
.log:focus-visible, .bar :focus-visible { outline-offset: -3px; }
a { color: var(--_accent); }
.go { display: inline-flex; align-items: center; text-decoration: none; font-weight: 600; }
.cards, .sources ul { list-style: none; display: grid; gap: .6em; }
.card { border: 1px solid var(--_line); border-radius: 12px; padding: .7em; background: var(--_sunk);
  display: grid; gap: .45em; }
.card h3 { font-size: 1em; line-height: 1.35; }
.soft, .sources, .keep { color: var(--_soft); font-size: .9375em; }
.sign { font-weight: 700; }
.open { color: var(--_good); } .closed { color: var(--_bad); }
.warn { border-inline-start: 4px solid var(--_accent); padding-inline-start: .6em; }
dl { display: grid; gap: .35em; }
dt { color: var(--_soft); font-size: .9375em; }
dd { white-space: pre-line; }
summary { min-height: 44px; display: flex; align-items: center; gap: .4em; cursor: pointer; }
summary::before { content: "+"; font-weight: 700; } [open] > summary::before { content: "\\2212"; }
summary::-webkit-details-marker { display: none; }
.sources a, .card .soft a, .safe a { display: inline-flex; align-items: center; min-height: 44px; }
.failed { color: var(--_bad); display: flex; flex-wrap: wrap; align-items: center; gap: .5em; }
.typing { min-height: 1.9em; padding: .1em .9em .3em; color: var(--_soft); font-size: .9375em; display: flex; gap: .4em; }
.typing:empty { min-height: 0; padding: 0; }
.dots { display: inline-flex; gap: .2em; align-items: center; }
.dots i { width: .4em; height: .4em; border-radius: 50%; background: currentColor; animation: dot 1.2s infinite; }
.dots i:nth-child(2) { animation-delay: .2s; } .dots i:nth-child(3) { animation-delay: .4s; }
@keyframes dot { 50% { opacity: .25; } }
form { display: flex; gap: .5em; padding: .5em; border-block-start: 1px solid var(--_line); background: var(--_sunk); }
textarea { flex: 1; min-width: 0; min-height: 48px; max-height: 9em; resize: none; padding: .65em .8em;
  border-radius: 10px; border: 1px solid #8c7d6d; background: var(--_paper); }
textarea::placeholder { color: var(--_soft); opacity: 1; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.sheet { flex: 1; min-height: 0; overflow-y: auto; }
@media (max-width: 30rem) { .chat { border-radius: 10px; } .log { padding: .5em; } .bubble { max-width: 96%; } }
@media (prefers-color-scheme: dark) {
  :host { --_paper: var(--wegweiser-paper, #211d19); --_ink: var(--wegweiser-ink, #f3ece2); --_soft: #c3b6a7;
    --_line: #4a4138; --_mine: #46362a; --_sunk: #2a2520; --_accent: var(--_dark, var(--wegweiser-accent, #f2a983));
    --_on: #2b1509; --_good: #8fd3a4; --_bad: #ffb3a6; }
}
@media (prefers-reduced-motion: reduce) { .dots i { animation: none; } }
@media (forced-colors: active) {
  .dots i { background: CanvasText; forced-color-adjust: none; } .mine, .send, .opener { border: 2px solid; }
}
`;

// Drawn on 24 x 24: a bin, and a card with a face.
const BIN = "M9 3h6l1 2h4v2H4V5h4zM6 9h12l-1 12H7zm4 2v8m4-8v8";
const CARD = "M3 5h18v14H3zM8.5 8.5a2 2 0 1 1 0 4 2 2 0 1 1 0-4M5.5 16.5c0-4 6-4 6 0M14 10h4m-4 4h4";

/** @param {string} d */
function icon(d) {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  const path = document.createElementNS(ns, "path");
  for (const [name, value] of Object.entries({ viewBox: "0 0 24 24", "aria-hidden": "true" })) svg.setAttribute(name, value);
  for (const [name, value] of Object.entries({ d, fill: "none", stroke: "currentColor", "stroke-width": "1.6" })) {
    path.setAttribute(name, value);
  }
  svg.append(path);
  return svg;
}

/** An element with attributes, listeners ("onclick") and children, as in parts/replies.js.
 * @param {string} tag @param {Record<string, any>} [props] @param {...(Node | string | null)} children
 * @returns {any} */
function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== "") element.setAttribute(name, value);
  }
  for (const child of children) if (child !== null && child !== "") element.append(child);
  return element;
}

function messageId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16).padStart(2, "0")).join("");
}

/** @param {number} milliseconds */
const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

class ApiError extends Error {
  /** @param {number} status @param {number} [retryAfter] @param {string} [code] */
  constructor(status, retryAfter, code) {
    super(String(status));
    this.status = status;
    this.retryAfter = retryAfter;
    this.code = code;
  }
}

/** The conversation of this tab in sessionStorage; without storage it lasts as long as the page. */
class Store {
  /** @param {string} key */
  constructor(key) {
    this.key = key;
    /** @type {State} */
    this.state = { log: [], undeleted: [] };
    try {
      const kept = JSON.parse(sessionStorage.getItem(key) || "null");
      if (kept && Array.isArray(kept.log)) this.state = { ...this.state, ...kept };
    } catch {
      /* storage is blocked or holds something foreign: start empty */
    }
    // what was under way is sent again under its id, which is answered once
    for (const entry of this.state.log) if (entry.state === "waiting") entry.state = "offline";
  }
  save() {
    this.state.log = this.state.log.slice(-KEPT);
    try {
      sessionStorage.setItem(this.key, JSON.stringify(this.state));
    } catch {
      /* full or blocked */
    }
  }
  clear() {
    const { lang, chosen, undeleted, size, open } = this.state;
    this.state = { lang, chosen, undeleted, size, open, log: [] };
    this.save();
  }
  /** Leave nothing of it on this device. */
  erase() {
    this.state = { log: [], undeleted: [] };
    try {
      sessionStorage.removeItem(this.key);
    } catch {
      /* blocked */
    }
  }
}

class WegweiserChat extends HTMLElement {
  language = "";
  waiting = 0;
  epoch = 0; // raised when the conversation is deleted: what is still under way belongs to an older one
  tries = 0;
  escaped = -TWICE;
  queue = Promise.resolve();
  /** @type {Map<string, Words>} */
  words = new Map(Object.entries(FIRST));
  languages = Object.values(FIRST).flatMap((words) => words.languages);
  /** @type {typeof import("./parts/replies.js") | null} */
  drawing = null;
  /** @type {import("./parts/person.js").Talk | null} What shows a person's messages, once one talks. */
  talk = null;
  /** @type {HTMLElement | null} */
  sheet = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer;
  /** @type {any} */
  ui = null;
  /** @type {any} */
  opener = null;
  /** @type {Store} */
  store = /** @type {any} */ (null);

  static get observedAttributes() {
    return ["lang", "colour"];
  }

  connectedCallback() {
    document.addEventListener("keydown", this._escape, true);
    addEventListener("online", this._online);
    if (this.shadowRoot) {
      if (this.store.state.person) this.talk?.start();
      return;
    }
    const base = new URL((this.getAttribute("api") || HERE).replace(/\/?$/, "/"), document.baseURI);
    this.home = base.href;
    this.base = new URL("api/v1/", base).href;
    this.store = new Store("wegweiser " + this.base);
    this._build();
    this._paint().catch(() => {});
    this._begin();
  }

  disconnectedCallback() {
    document.removeEventListener("keydown", this._escape, true);
    removeEventListener("online", this._online);
    this.talk?.stop();
  }

  /** @param {string} name @param {string | null} old @param {string | null} value */
  attributeChangedCallback(name, old, value) {
    if (!this.ui || value === old) return;
    if (name === "colour") this._paint().catch(() => {});
    else if (value && value !== this.language) this._speak(value).catch(() => {});
  }

  // --- the frame ---------------------------------------------------------------------------------------------

  _build() {
    const root = this.attachShadow({ mode: "open" });
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      root.adoptedStyleSheets = [sheet];
    } catch {
      root.append(h("style", {}, STYLE)); // browsers before 2023; a strict policy leaves them unstyled, not broken
    }
    const button = (/** @type {string} */ name, /** @type {() => void} */ click, /** @type {(Node | string)[]} */ ...inside) =>
      h("button", { type: "button", class: name, onclick: click }, ...inside);
    this.menuLabel = h("span", { class: "sr" });
    this.menu = h("select", { onchange: () => this._choose(this.menu.value) });
    this.smallerButton = button("smaller", () => this._resize(-1), "A\u2212");
    this.largerButton = button("larger", () => this._resize(1), "A+");
    this.cardButton = button("counter", () => this._card(), icon(CARD));
    this.deleteButton = button("delete", () => this._delete(), icon(BIN));
    this.leaveButton = button("leave", () => this._leave());
    this.heading = h("h2", { class: "sr" });
    this.log = h("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0" });
    this.typing = h("div", { class: "typing", role: "status" });
    this.inputLabel = h("label", { class: "sr", for: "text" });
    this.input = h("textarea", {
      id: "text", rows: "1", maxlength: "2000", autocomplete: "off", enterkeyhint: "send",
      oninput: () => this._fit(),
      onkeydown: (/** @type {KeyboardEvent} */ event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this._submit();
      },
    });
    this.sendButton = h("button", { class: "send" });
    this.form = h("form", { onsubmit: (/** @type {Event} */ event) => { event.preventDefault(); this._submit(); } },
      this.inputLabel, this.input, this.sendButton);
    this.ui = h("section", { class: "chat", part: "chat", id: "chat", hidden: "hidden" }, this.heading,
      h("div", { class: "bar" }, this.leaveButton, h("label", {}, this.menuLabel, this.menu),
        this.smallerButton, this.largerButton, this.cardButton, this.deleteButton),
      this.log, this.typing, this.form);
    this.fallback = document.createElement("slot"); // what the page put inside shows until the words are here
    root.append(this.fallback, this.ui);
    if (this.getAttribute("position") === "corner") {
      this.opener = h("button", { type: "button", class: "opener", hidden: "hidden", "aria-controls": "chat",
        onclick: () => this._open(!this.store.state.open) });
      root.append(this.opener);
    }
    this._size();
  }

  async _begin() {
    const { state } = this.store;
    const kept = state.chosen || state.log.length ? state.lang : "";
    const wishes = [kept, this.getAttribute("lang"), ...(navigator.languages || [navigator.language])].filter(Boolean);
    const known = wishes.map((wish) => String(wish).toLowerCase().split("-")[0]).find((code) => code in FIRST);
    if (known || "en" in FIRST) this._use(FIRST[known || "en"]);
    for (let pause = 1000; ; pause = Math.min(pause * 2, 30_000)) {
      try {
        const person = state.person || state.log.some((entry) => entry.reply?.author);
        [this.drawing] = await Promise.all([import(HERE + "widget/replies.js"), this._load(wishes.join(",")),
          person && this._talk()]);
        break;
      } catch {
        await wait(pause); // the server may be starting, the network away
      }
    }
    await this._speak(this.language || wishes.join(","));
    this._resume();
    this._scroll();
    if (state.person) this._person(true);
  }

  /** @returns {Promise<import("./parts/person.js").Talk>} */
  async _talk() {
    const { Talk } = await import(HERE + "widget/person.js");
    return (this.talk ||= new Talk(this));
  }

  /** A person talks, or no longer.
   * @param {boolean} talks */
  async _person(talks) {
    const { state } = this.store;
    if (!talks && !state.person) return;
    state.person = talks;
    this.store.save();
    try {
      const talk = await this._talk();
      if (!this.store.state.person || !this.isConnected) talk.stop();
      else talk.start();
    } catch {
      setTimeout(() => this._person(Boolean(this.store.state.person)), AGAIN[1]);
    }
  }

  /** The office's colour, as far as it can be read. */
  async _paint() {
    const colour = this.getAttribute("colour");
    if (colour === null) return;
    const { shades } = await import(HERE + "widget/colour.js");
    for (const [name, value] of Object.entries(shades(colour))) {
      if (value) this.style.setProperty(name, value);
      else this.style.removeProperty(name);
    }
  }

  /** Open or close the panel in the corner.
   * @param {boolean} open */
  _open(open) {
    this.store.state.open = open;
    this.store.save();
    this._show();
    (open ? this.input : this.opener).focus();
  }

  _show() {
    if (this.fallback) this.fallback.hidden = true;
    const open = !this.opener || Boolean(this.store.state.open);
    this.ui.hidden = !open;
    if (!this.opener) return;
    this.opener.hidden = false;
    this.opener.textContent = this.t(open ? "close_chat" : "open_chat");
    this.opener.setAttribute("aria-expanded", String(open));
  }

  /** @param {number} step */
  _resize(step) {
    const { state } = this.store;
    const at = SIZES.indexOf(state.size || 1) + step;
    state.size = SIZES[Math.min(SIZES.length - 1, Math.max(0, at))];
    this.store.save();
    this._size();
    this._fit();
  }

  _size() {
    const size = this.store.state.size || 1;
    this.ui.style.fontSize = `${1.0625 * size}rem`;
    this.smallerButton.disabled = size === SIZES[0];
    this.largerButton.disabled = size === SIZES[SIZES.length - 1];
  }

  // --- words and languages -----------------------------------------------------------------------------------

  /** @param {string} key @returns {string} */
  t(key) {
    return this.words.get(this.language)?.strings[key] || "";
  }

  /** The words of the first language of `wishes` that we have.
   * @param {string} wishes @returns {Promise<Words>} */
  async _load(wishes) {
    let words = this.words.get(wishes);
    if (!words || words === FIRST[wishes]) {
      words = /** @type {Words} */ (await this._request("strings?lang=" + encodeURIComponent(wishes)));
      this.words.set(words.language, words);
      this.languages = words.languages;
    }
    return words;
  }

  /** @param {string} wishes */
  async _speak(wishes) {
    this._use(await this._load(wishes));
  }

  /** @param {Words} words */
  _use(words) {
    this.language = words.language;
    this.dir = words.dir;
    this.lang = words.language;
    this.ui.dir = words.dir;
    this.ui.lang = words.language;
    this.store.state.lang = words.language;
    this.store.save();
    this._label();
    this._render();
    this._show();
    const detail = { language: words.language, dir: words.dir, strings: words.strings };
    this.dispatchEvent(new CustomEvent("wegweiser-language", { bubbles: true, composed: true, detail }));
  }

  _label() {
    this.menuLabel.textContent = this.t("language");
    this.menu.replaceChildren(
      ...this.languages.map(({ code, name, dir }) => h("option", { value: code, lang: code, dir }, name)),
    );
    this.menu.value = this.language;
    for (const [button, key] of [[this.deleteButton, "delete"], [this.cardButton, "card"],
      [this.smallerButton, "smaller"], [this.largerButton, "larger"]]) {
      button.title = this.t(key);
      button.setAttribute("aria-label", this.t(key));
    }
    this.leaveButton.textContent = this.t("leave");
    this.leaveButton.title = this.t("leave_note");
    this.heading.textContent = this.t("log");
    this.log.setAttribute("aria-label", this.t("log"));
    this.inputLabel.textContent = this.t("message");
    this.input.placeholder = this.t("message");
    this.sendButton.textContent = this.t("send");
    this._fit();
    this._showTyping();
    this.talk?.label();
  }

  /** @param {string} code */
  async _choose(code) {
    this.store.state.chosen = true;
    const begun = this.store.state.log.some((entry) => entry.body);
    const title = this.languages.find((language) => language.code === code)?.name || code;
    try {
      await this._speak(code);
    } catch {
      this.menu.value = this.language;
      return;
    }
    if (begun) this._send(title, { payload: `/change_language{"service_language":"${code}"}` });
  }

  /** Speaks as the assistant does: at once, or at the second answer when the menu said something else.
   * @param {string} [spoken] */
  async _follow(spoken) {
    const { state } = this.store;
    state.strayed = spoken === this.language ? 0 : (state.strayed || 0) + 1;
    if (!spoken || !state.strayed || !this.languages.some((language) => language.code === spoken)) return;
    if (state.chosen && state.strayed < 2) return;
    state.chosen = false;
    state.strayed = 0;
    await this._speak(spoken).catch(() => {});
  }

  // --- sending -----------------------------------------------------------------------------------------------

  _submit() {
    const text = this.input.value.trim();
    if (!text) return;
    this.input.value = "";
    this._fit();
    this._send(text, { text });
  }

  /** @param {string} shown @param {object} body */
  _send(shown, body) {
    /** @type {Entry} */
    const entry = { id: messageId(), me: shown, body, state: "waiting" };
    this._add(entry);
    this._scroll();
    this._queue(entry);
  }

  /** @param {Entry} entry */
  _queue(entry) {
    const epoch = this.epoch;
    entry.state = "waiting";
    this.waiting += 1;
    this._showTyping();
    this.queue = this.queue.then(async () => {
      if (epoch !== this.epoch) return;
      await this._deliver(entry, epoch);
      if (epoch !== this.epoch) return;
      this.waiting -= 1;
      this._showTyping();
    });
  }

  /** @param {Entry} entry @param {number} epoch */
  async _deliver(entry, epoch) {
    let replies, person;
    try {
      ({ replies, person } = await this._ask(entry));
    } catch (/** @type {any} */ problem) {
      if (epoch !== this.epoch) return;
      const status = /** @type {number | undefined} */ (problem.status);
      entry.state = status ? "failed" : "offline";
      // When too many write, the words name the emergency numbers.
      const told = problem.code === "busy" ? "crowded" : { 429: "busy", 400: "refused", 413: "refused" }[status || 0];
      entry.error = status ? told || "failed" : "offline";
      this._update(entry);
      this._scroll();
      if (!status) this._later();
      return;
    }
    if (epoch !== this.epoch) return;
    this.tries = 0;
    entry.state = "sent";
    delete entry.error;
    this._update(entry);
    if (replies.length) await this._follow(replies[replies.length - 1].language);
    if (epoch !== this.epoch) return;
    for (const reply of replies) this._add({ reply });
    if (!replies.length && !person) this._add({ note: "no_answer" });
    this._person(Boolean(person));
    this._scroll();
  }

  /** Without a network: try again after a while; the browser often does not say when there is one. */
  _later() {
    clearTimeout(this.timer);
    this.timer = setTimeout(this._online, AGAIN[Math.min(this.tries, AGAIN.length - 1)]);
    this.tries += 1;
  }

  _online = () => this._resume();

  /** Send what waits for a network, in its order. */
  _resume() {
    clearTimeout(this.timer);
    for (const entry of this.store.state.log) {
      if (entry.state !== "offline") continue;
      this._queue(entry);
      this._update(entry);
    }
  }

  /** The replies to one entry; opens a conversation first, and again when the server no longer knows ours.
   * @param {Entry} entry @returns {Promise<{replies: Reply[], person?: boolean}>} */
  async _ask(entry) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        if (!this.store.state.token) await this._opened();
        return await this._post(entry.id || "", entry.body || {});
      } catch (/** @type {any} */ problem) {
        if (problem.status === 401 && attempt === 0) this.store.state.token = undefined;
        else if (problem.status === 503 && attempt < 2) await wait(1000 * Math.min(problem.retryAfter || 2, 10));
        else throw problem;
      }
    }
  }

  async _opened() {
    const epoch = this.epoch;
    const { conversation, token } = await this._request("conversations", { method: "POST" });
    if (epoch !== this.epoch) throw new ApiError(0);
    Object.assign(this.store.state, { conversation, token });
    this.store.save();
    const place = this.getAttribute("place");
    if (!place) return;
    // The page knows where its readers live: told to the assistant without a bubble.
    await this._post(messageId(), { payload: "/inform" + JSON.stringify({ place }) }).catch(() => {});
  }

  /** @param {string} id @param {object} body */
  _post(id, body) {
    const { conversation, token } = this.store.state;
    const headers = { "Content-Type": "application/json", Authorization: "Bearer " + token };
    const campaign = this.getAttribute("campaign") || undefined;
    const data = JSON.stringify({ conversation, id, hint: this.language, campaign, ...body });
    return this._request("messages", { method: "POST", headers, body: data });
  }

  /** @param {string} path @param {RequestInit} [options] @returns {Promise<any>} */
  async _request(path, options = {}) {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), PATIENCE);
    try {
      const response = await fetch(this.base + path, {
        credentials: "omit", referrerPolicy: "no-referrer", signal: controller.signal, ...options,
      });
      if (!response.ok) {
        const code = (await response.json().catch(() => null))?.error?.code;
        throw new ApiError(response.status, Number(response.headers.get("Retry-After")), code);
      }
      return response.status === 204 ? null : await response.json();
    } finally {
      clearTimeout(timer);
    }
  }

  // --- deleting and leaving ----------------------------------------------------------------------------------

  _forgotten() {
    const { state } = this.store;
    if (state.token && state.conversation) state.undeleted.push({ conversation: state.conversation, token: state.token });
    this.epoch += 1;
    this.queue = Promise.resolve();
    this.waiting = 0;
    clearTimeout(this.timer);
    this.talk?.stop();
    this.input.value = "";
    return state.undeleted;
  }

  async _delete() {
    this._forgotten();
    this._fit();
    this.store.clear();
    this._render();
    this._showTyping();
    await this._deleteRest();
  }

  async _deleteRest() {
    let note = "deleted";
    for (const { conversation, token } of [...this.store.state.undeleted]) {
      try {
        await this._request("conversations/" + encodeURIComponent(conversation), deletion(token));
        this.store.state.undeleted = this.store.state.undeleted.filter((row) => row.conversation !== conversation);
      } catch {
        note = "delete_failed";
      }
    }
    const rest = this.store.state.log.filter((entry) => entry.note !== "delete_failed");
    if (rest.length < this.store.state.log.length) {
      this.store.state.log = rest;
      this._render();
    }
    this._add({ note });
  }

  /** @param {KeyboardEvent} event */
  _escape = (event) => {
    if (event.key !== "Escape") return;
    if (event.timeStamp - this.escaped < TWICE) this._leave();
    else if (this.opener && this.store.state.open && event.composedPath().includes(this)) this._open(false);
    this.escaped = event.timeStamp;
  };

  /** Away from here at once: nothing stays on this device, the page is gone from the history, the server is told. */
  _leave() {
    for (const { conversation, token } of this._forgotten()) {
      this._request("conversations/" + encodeURIComponent(conversation), { ...deletion(token), keepalive: true }).catch(() => {});
    }
    this.store.erase();
    this.log.replaceChildren();
    this.hidden = true;
    document.title = "\u200b";
    document.head.append(h("meta", { name: "referrer", content: "no-referrer" }));
    let exit = EXIT;
    try {
      exit = new URL(this.getAttribute("exit") || EXIT).protocol === "https:" ? this.getAttribute("exit") || EXIT : EXIT;
    } catch {
      /* not an address */
    }
    try {
      /** @type {Window} */ (window.top || window).location.replace(exit);
    } catch {
      window.location.replace(exit); // a frame that may not move the page around it
    }
  }

  // --- the log -----------------------------------------------------------------------------------------------

  /** @returns {import("./parts/replies.js").Frame} */
  get frame() {
    return {
      t: (key) => this.t(key), language: this.language, dir: this.dir,
      choice: (choice) => this._drawChoice(choice), here: (location) => this._send(this.t("my_location"), { location }), lost: () => this._add({ note: "location_failed" }),
    };
  }

  /** @param {Entry} entry */
  _add(entry) {
    this.store.state.log.push(entry);
    this.store.save();
    this.log.append(this._draw(entry));
    if (entry.note) this.log.scrollTop = this.log.scrollHeight;
  }

  /** @param {Entry} entry */
  _update(entry) {
    this.store.save();
    const old = this.log.querySelector(`[data-id="${entry.id}"]`);
    const hadFocus = old?.contains(this.shadowRoot?.activeElement || null);
    old?.replaceWith(this._draw(entry));
    if (hadFocus) this.log.focus();
  }

  /** Draws everything anew without reading it out again. */
  _render() {
    const hadFocus = this.log.contains(this.shadowRoot?.activeElement || null);
    this.log.setAttribute("aria-live", "off");
    this.log.replaceChildren(...(this.drawing ? [this._greeting()] : []), ...this.store.state.log.map((entry) => this._draw(entry)));
    if (hadFocus) this.log.focus();
    requestAnimationFrame(() => requestAnimationFrame(() => this.log.setAttribute("aria-live", "polite")));
  }

  _greeting() {
    const topic = this.getAttribute("topic") || "";
    const choices = [{ title: this.t("show_topics"), payload: "/help" }];
    if (/^[a-z_]+$/.test(topic)) choices.unshift({ title: this.t("page_topic"), payload: "/" + topic });
    const bubble = this._drawReply({ text: this.t("greeting"), language: this.language, dir: this.dir, choices }, false);
    const safe = h("a", { href: `${this.home}safe?lang=${this.language}`, target: "_blank", rel: "noopener noreferrer" }, this.t("safe_use"));
    bubble.append(h("p", { class: "soft safe" }, safe));
    return bubble;
  }

  /** @param {Entry} entry */
  _draw(entry) {
    if (entry.reply) return this._drawReply(entry.reply, true);
    if (entry.note) return this._drawNote(entry.note);
    const bubble = h("div", { class: "bubble mine", "data-id": entry.id },
      h("p", { class: "text", dir: "auto" }, h("span", { class: "sr" }, this.t("you") + ": "), entry.me || ""));
    if (entry.state === "failed" || entry.state === "offline") {
      const error = entry.error || entry.state;
      const retry = () => { this._queue(entry); this._update(entry); };
      bubble.append(h("div", { class: "failed" }, h("span", {}, this.t(error)),
        error === "refused" ? null : h("button", { type: "button", class: "retry", onclick: retry }, this.t("retry"))));
    }
    return bubble;
  }

  /** @param {string} key */
  _drawNote(key) {
    const note = h("div", { class: "note" }, h("p", {}, this.t(key)));
    if (key === "delete_failed") {
      note.append(h("button", { type: "button", class: "retry", onclick: () => this._deleteRest() }, this.t("retry")));
    }
    return note;
  }

  /** @param {Reply} reply @param {boolean} keep Whether it can be copied, printed, saved and read aloud. */
  _drawReply(reply, keep) {
    if (!this.drawing || (reply.author && !this.talk)) return h("p", {}, reply.text || "");
    const bubble = reply.author && this.talk ? this.talk.draw(reply) : this.drawing.drawReply(reply, this.frame);
    if (!keep) return bubble;
    const more = h("details", { class: "keep", lang: this.language, dir: this.dir },
      h("summary", {}, this.t("more")));
    more.addEventListener("toggle", () => this._tools(more, bubble, reply), { once: true });
    bubble.append(more);
    return bubble;
  }

  /** @param {HTMLElement} more @param {HTMLElement} bubble @param {Reply} reply */
  async _tools(more, bubble, reply) {
    try {
      const { tools } = await import(HERE + "widget/tools.js");
      const { text = "", language = this.language, dir = "auto" } = reply;
      const words = this.words.get(this.language)?.strings || {};
      more.append(tools({ text, language, dir, words, element: bubble }));
    } catch {
      more.addEventListener("toggle", () => this._tools(more, bubble, reply), { once: true });
    }
  }

  /** A button; one that changes the language is written in it and takes the interface along.
   * @param {import("./parts/replies.js").Choice} choice */
  _drawChoice({ title, payload }) {
    const code = /^\/change_language\{"service_language": ?"(\w+)"\}$/.exec(payload)?.[1] || "";
    const { dir } = this.languages.find((language) => language.code === code) || {};
    const click = () => (dir ? this._choose(code) : this._send(title, { payload }));
    return h("button", { type: "button", class: "choice", lang: dir && code, dir, onclick: click }, title);
  }

  /** The card for the counter, in place of the conversation until it is closed. */
  async _card() {
    if (this.sheet) return;
    const { language } = this;
    const parts = [this.log, this.typing, this.form];
    try {
      const name = (/** @type {string} */ code) => new Intl.DisplayNames([code], { type: "language" }).of(language) || "";
      const endonym = this.languages.find((row) => row.code === language)?.name || language;
      const [{ counterCard }, own, german, topics, germanTopics] = await Promise.all([
        import(HERE + "widget/card.js"), this._load(language), this._load("de"),
        this._request("topics?lang=" + language), this._request("topics?lang=de"),
      ]);
      this.sheet = h("div", { class: "sheet", tabindex: "-1" }, await counterCard({
        base: this.base, here: HERE, language, dir: this.dir, own: own.strings, german: german.strings,
        languageNames: { own: endonym, german: name("de") || endonym }, log: this.store.state.log,
        topics: topics.topics, germanTopics: germanTopics.topics,
        close: () => {
          this.sheet?.remove();
          this.sheet = null;
          for (const part of parts) part.hidden = false;
          this.cardButton.focus();
        },
      }));
    } catch {
      this._add({ note: "failed" });
      return;
    }
    for (const part of parts) part.hidden = true;
    this.ui.append(this.sheet);
    this.sheet?.focus();
  }

  // --- small things ------------------------------------------------------------------------------------------

  _showTyping() {
    if (this.waiting > 0 && this.typing.childElementCount) return;
    const dots = h("span", { class: "dots", "aria-hidden": "true" }, h("i"), h("i"), h("i"));
    this.typing.replaceChildren(...(this.waiting > 0 ? [dots, h("span", {}, this.t("typing"))] : []));
  }

  /** The field grows with its text; empty it follows the interface's direction. */
  _fit() {
    this.input.dir = this.input.value ? "auto" : this.dir;
    this.input.style.height = "auto";
    if (this.input.value) this.input.style.height = this.input.scrollHeight + 2 + "px";
  }

  /** Brings the last question to the top, so that a long answer is read from its beginning. */
  _scroll() {
    const mine = this.log.querySelectorAll(".mine");
    const target = mine[mine.length - 1];
    const calm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    if (target) this.log.scrollTo({ top: target.offsetTop - 12, behavior: calm ? "auto" : "smooth" });
  }
}

/** @param {string} token @returns {RequestInit} */
function deletion(token) {
  return { method: "DELETE", headers: { Authorization: "Bearer " + token } };
}

if (!customElements.get("wegweiser-chat")) customElements.define("wegweiser-chat", WegweiserChat);
