// <wegweiser-chat lang api place topic>: the assistant on any web page, described in docs/widget-api.md.
// No build step, no cookies, nothing from third parties; text reaches the page through textContent only.

const KEPT = 80; // entries of the conversation that survive a reload of this tab
const PATIENCE = 40_000; // milliseconds one request may take; a repeated id never asks twice
const HERE = new URL("./", import.meta.url).href;

const CSS = `
:host {
  --_paper: var(--wegweiser-paper, #fffdf9); --_ink: var(--wegweiser-ink, #2b2520);
  --_soft: #63574b; --_line: #dccfbf; --_mine: #f3e2d2; --_sunk: #f8f0e5;
  --_accent: var(--wegweiser-accent, #9a3f1c); --_on: #fff; --_good: #22633a; --_bad: #8f2f24;
  color-scheme: light dark; display: flex; flex-direction: column; height: 38rem; max-height: 100vh;
  box-sizing: border-box; min-width: 0; color: var(--_ink);
  font: 1.0625rem/1.55 system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans Arabic", sans-serif;
}
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; }
.chat { flex: 1; min-height: 0; display: flex; flex-direction: column; background: var(--_paper);
  border: 1px solid var(--_line); border-radius: 14px; overflow: hidden; }
.bar { display: flex; justify-content: space-between; gap: .5rem; padding: .4rem; background: var(--_sunk);
  border-block-end: 1px solid var(--_line); }
.log { flex: 1; min-height: 0; overflow-y: auto; overscroll-behavior: contain; position: relative;
  padding: .75rem; display: flex; flex-direction: column; gap: .75rem; }
.bubble { max-width: min(92%, 36rem); padding: .6rem .8rem; border-radius: 14px; overflow-wrap: anywhere;
  border: 1px solid var(--_line); align-self: flex-start; }
.bubble > * + * { margin-block-start: .6rem; }
.mine { align-self: flex-end; background: var(--_mine); border-color: transparent; }
.note { align-self: center; color: var(--_soft); text-align: center; }
p, h3, ul, dl, dd { margin: 0; padding: 0; }
.text { white-space: pre-line; }
:lang(ar), :lang(fa), :lang(ps), :lang(ckb), :lang(ur) { line-height: 1.75; }
button, select, textarea { font: inherit; color: inherit; }
button, select, .go { min-height: 44px; min-width: 44px; border-radius: 10px; border: 1px solid var(--_line);
  background: var(--_paper); padding: .3rem .8rem; cursor: pointer; }
button:hover, .go:hover { border-color: var(--_accent); }
.bar label { min-width: 0; } select { max-width: 100%; }
.row { display: flex; flex-wrap: wrap; gap: .5rem; }
.choice { text-align: start; border-color: var(--_accent); color: var(--_accent); font-weight: 600; }
.send { background: var(--_accent); border-color: var(--_accent); color: var(--_on); font-weight: 600; }
.delete { display: inline-flex; align-items: center; gap: .4rem; }
.delete svg { width: 1.25rem; height: 1.25rem; flex: none; }
:focus-visible { outline: 3px solid var(--_accent); outline-offset: 2px; }
.log:focus-visible { outline-offset: -3px; }
a { color: var(--_accent); }
.go { display: inline-flex; align-items: center; text-decoration: none; font-weight: 600; }
.cards, .sources ul { list-style: none; display: grid; gap: .6rem; }
.card { border: 1px solid var(--_line); border-radius: 12px; padding: .7rem; background: var(--_sunk);
  display: grid; gap: .45rem; }
.card h3 { font-size: 1.0625rem; line-height: 1.35; }
.soft, .sources { color: var(--_soft); font-size: .9375rem; }
.sign { font-weight: 700; }
.open { color: var(--_good); } .closed { color: var(--_bad); }
.warn { border-inline-start: 4px solid var(--_accent); padding-inline-start: .6rem; }
dl { display: grid; gap: .35rem; }
dt { color: var(--_soft); font-size: .9375rem; }
dd { white-space: pre-line; }
summary { min-height: 44px; display: flex; align-items: center; gap: .4rem; cursor: pointer; }
summary::before { content: "+"; font-weight: 700; } [open] > summary::before { content: "\\2212"; }
summary::-webkit-details-marker { display: none; }
.sources a, .card .soft a { display: inline-flex; align-items: center; min-height: 44px; }
.failed { color: var(--_bad); display: flex; flex-wrap: wrap; align-items: center; gap: .5rem; }
.typing { min-height: 1.9rem; padding: .1rem .9rem .3rem; color: var(--_soft); font-size: .9375rem; display: flex; gap: .4rem; }
.typing:empty { min-height: 0; padding: 0; }
.dots { display: inline-flex; gap: .2rem; align-items: center; }
.dots i { width: .4rem; height: .4rem; border-radius: 50%; background: currentColor; animation: dot 1.2s infinite; }
.dots i:nth-child(2) { animation-delay: .2s; } .dots i:nth-child(3) { animation-delay: .4s; }
@keyframes dot { 50% { opacity: .25; } }
form { display: flex; gap: .5rem; padding: .5rem; border-block-start: 1px solid var(--_line); background: var(--_sunk); }
textarea { flex: 1; min-width: 0; min-height: 48px; max-height: 9rem; resize: none; padding: .65rem .8rem;
  border-radius: 10px; border: 1px solid #8c7d6d; background: var(--_paper); }
textarea::placeholder { color: var(--_soft); opacity: 1; }
.sr { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
@media (max-width: 30rem) {
  .chat { border-radius: 10px; } .log { padding: .5rem; } .bubble { max-width: 96%; }
  .delete span { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); }
}
@media (prefers-color-scheme: dark) {
  :host { --_paper: var(--wegweiser-paper, #211d19); --_ink: var(--wegweiser-ink, #f3ece2); --_soft: #c3b6a7;
    --_line: #4a4138; --_mine: #46362a; --_sunk: #2a2520; --_accent: var(--wegweiser-accent, #f2a983);
    --_on: #2b1509; --_good: #8fd3a4; --_bad: #ffb3a6; }
}
@media (prefers-reduced-motion: reduce) { .dots i { animation: none; } }
`;

/** An element with properties, attributes and children; strings become text nodes. */
function h(tag, props = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(props)) {
    if (name.startsWith("on")) element.addEventListener(name.slice(2), value);
    else if (value !== undefined && value !== "") element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null && child !== undefined && child !== ""));
  return element;
}

/** The address when it leads to a web page, otherwise nothing: no script or data addresses. */
function web(url) {
  try {
    const parsed = new URL(url);
    return ["https:", "http:"].includes(parsed.protocol) ? parsed : null;
  } catch {
    return null;
  }
}

function link(url, text, className) {
  const parsed = web(url);
  return parsed && h("a", { href: parsed.href, target: "_blank", rel: "noopener noreferrer", class: className }, text);
}

const phoneAddress = (text) => "tel:" + text.replace(/\+(\d+)\s*\(0\)/, "+$1").replace(/[^\d+]/g, "");

// Addresses, and numbers as they are written in Germany: 110, 112, 116 117, 0341 1234567, +49 …
const LINKS = /(https?:\/\/[^\s<>"\u2066-\u2069]+[^\s<>"\u2066-\u2069.,;:!?)])|(\+49[\d /()-]{6,}\d|\b0\d{2,4}[ /-]?\d[\d -]{3,}\d\b|\b116 ?\d{3}\b|\b11[02]\b)/g;

/** True where 110 or 112 is an amount, a paragraph or a house number instead of an emergency call. */
function isAmount(before, after) {
  return /[\d.,]$|[\u00a7\u20ac][\s\u00a0]?$|stra\u00dfe $|str\. $/i.test(before)
    || /^([.,]\d|,?[\s\u00a0]?\d{3}|[\s\u00a0]?(\u20ac|%|EUR|\u0435\u0432\u0440\u043e|\u064a\u0648\u0631\u0648|\u06cc\u0648\u0631\u0648))/i.test(after);
}

/** Text with its addresses and phone numbers as links. */
function linked(text) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(LINKS)) {
    const [whole, url] = found;
    const after = text.slice(found.index + whole.length);
    if (/^11[02]$/.test(whole) && isAmount(text.slice(0, found.index), after)) continue;
    parts.push(text.slice(end, found.index));
    const node = url ? link(url, url) : h("a", { href: phoneAddress(whole) }, whole);
    if (node) node.dir = "ltr";
    parts.push(node || whole);
    end = found.index + whole.length;
  }
  return [...parts, text.slice(end)];
}

function bin() {
  const ns = "http://www.w3.org/2000/svg";
  const svg = document.createElementNS(ns, "svg");
  const path = document.createElementNS(ns, "path");
  svg.setAttribute("viewBox", "0 0 24 24");
  svg.setAttribute("aria-hidden", "true");
  path.setAttribute("d", "M9 3h6l1 2h4v2H4V5h4zM6 9h12l-1 12H7zm4 2v8m4-8v8");
  path.setAttribute("fill", "none");
  path.setAttribute("stroke", "currentColor");
  path.setAttribute("stroke-width", "1.6");
  svg.append(path);
  return svg;
}

function messageId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (n) => n.toString(16).padStart(2, "0")).join("");
}

const wait = (milliseconds) => new Promise((resolve) => setTimeout(resolve, milliseconds));

class ApiError extends Error {
  constructor(status, retryAfter) {
    super(String(status));
    this.status = status;
    this.retryAfter = retryAfter;
  }
}

/** The conversation of this tab in sessionStorage; without storage it lasts as long as the page. */
class Store {
  constructor(key) {
    this.key = key;
    this.state = { log: [], undeleted: [] };
    try {
      const kept = JSON.parse(sessionStorage.getItem(key));
      if (kept && Array.isArray(kept.log)) this.state = { ...this.state, ...kept };
    } catch {
      /* storage is blocked or holds something foreign: start empty */
    }
    for (const entry of this.state.log) if (entry.state === "waiting") entry.state = "failed";
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
    const { lang, chosen, undeleted } = this.state;
    this.state = { lang, chosen, undeleted, log: [] };
    this.save();
  }
}

class WegweiserChat extends HTMLElement {
  static get observedAttributes() {
    return ["lang"];
  }

  connectedCallback() {
    if (this.shadowRoot) return;
    this.words = new Map();
    this.languages = [];
    this.waiting = 0;
    this.epoch = 0;
    this.queue = Promise.resolve();
    const base = new URL((this.getAttribute("api") || HERE).replace(/\/?$/, "/"), document.baseURI);
    this.base = new URL("api/v1/", base).href;
    this.store = new Store("wegweiser " + this.base);
    this._build();
    this._start();
  }

  attributeChangedCallback(_, old, value) {
    if (this.ui && value && value !== this.language && value !== old) this._speak(value).catch(() => {});
  }

  // --- the frame ---------------------------------------------------------------------------------------------

  _build() {
    const root = this.attachShadow({ mode: "open" });
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(CSS);
      root.adoptedStyleSheets = [sheet];
    } catch {
      root.append(h("style", {}, CSS)); // browsers before 2023; a strict policy leaves them unstyled, not broken
    }
    this.menuLabel = h("span", { class: "sr" });
    this.menu = h("select", { onchange: () => this._choose(this.menu.value) });
    this.deleteText = h("span");
    this.deleteButton = h("button", { type: "button", class: "delete", onclick: () => this._delete() }, bin(), this.deleteText);
    this.log = h("div", { class: "log", role: "log", "aria-live": "polite", tabindex: "0" });
    this.typing = h("div", { class: "typing", role: "status" });
    this.inputLabel = h("label", { class: "sr", for: "text" });
    this.input = h("textarea", {
      id: "text", rows: "1", maxlength: "2000", autocomplete: "off", enterkeyhint: "send",
      oninput: () => this._fit(),
      onkeydown: (event) => {
        if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
        event.preventDefault();
        this._submit();
      },
    });
    this.sendButton = h("button", { class: "send" });
    const form = h("form", { onsubmit: (event) => { event.preventDefault(); this._submit(); } },
      this.inputLabel, this.input, this.sendButton);
    this.ui = h("section", { class: "chat", part: "chat", hidden: "hidden" },
      h("div", { class: "bar" }, h("label", {}, this.menuLabel, this.menu), this.deleteButton),
      this.log, this.typing, form);
    this.fallback = document.createElement("slot"); // what the page put inside shows until the words are here
    root.append(this.fallback, this.ui);
  }

  async _start() {
    const { state } = this.store;
    const kept = state.chosen || state.log.length ? state.lang : "";
    const wishes = [kept, this.getAttribute("lang"), ...(navigator.languages || [navigator.language])];
    for (let pause = 1000; ; pause = Math.min(pause * 2, 30_000)) {
      try {
        await this._speak(wishes.filter(Boolean).join(","));
        break;
      } catch {
        await wait(pause); // the server may be starting
      }
    }
    this.fallback.hidden = true;
    this.ui.hidden = false;
    this._scroll();
  }

  // --- words and languages -----------------------------------------------------------------------------------

  t(key) {
    return this.words.get(this.language)?.strings[key] || "";
  }

  async _speak(wishes) {
    let words = this.words.get(wishes);
    if (!words) {
      words = await this._request("strings?lang=" + encodeURIComponent(wishes));
      this.words.set(words.language, words);
      this.languages = words.languages;
    }
    this.language = words.language;
    this.dir = words.dir;
    this.lang = words.language;
    this.ui.dir = words.dir;
    this.ui.lang = words.language;
    this.store.state.lang = words.language;
    this.store.save();
    this._label();
    this._render();
    const detail = { language: words.language, dir: words.dir, strings: words.strings };
    this.dispatchEvent(new CustomEvent("wegweiser-language", { bubbles: true, composed: true, detail }));
  }

  _label() {
    this.menuLabel.textContent = this.t("language");
    this.menu.replaceChildren(
      ...this.languages.map(({ code, name, dir }) => h("option", { value: code, lang: code, dir }, name)),
    );
    this.menu.value = this.language;
    this.deleteText.textContent = this.t("delete");
    this.deleteButton.title = this.t("delete");
    this.log.setAttribute("aria-label", this.t("log"));
    this.inputLabel.textContent = this.t("message");
    this.input.placeholder = this.t("message");
    this.sendButton.textContent = this.t("send");
    this._fit();
    this._showTyping();
  }

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

  /** Speaks as the assistant does: at once, or at the second answer when the menu said something else. */
  async _follow(spoken) {
    const { state } = this.store;
    state.strayed = spoken === this.language ? 0 : (state.strayed || 0) + 1;
    if (!state.strayed || !this.languages.some((language) => language.code === spoken)) return;
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

  _send(shown, body) {
    const entry = { id: messageId(), me: shown, body, state: "waiting" };
    this._add(entry);
    this._scroll();
    this._queue(entry);
  }

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

  async _deliver(entry, epoch) {
    let replies;
    try {
      replies = await this._ask(entry);
    } catch (problem) {
      if (epoch !== this.epoch) return;
      entry.state = "failed";
      entry.error = { 429: "busy", 400: "refused", 413: "refused" }[problem.status] || "failed";
      this._update(entry);
      this._scroll();
      return;
    }
    if (epoch !== this.epoch) return;
    entry.state = "sent";
    delete entry.error;
    this._update(entry);
    if (replies.length) await this._follow(replies[replies.length - 1].language);
    if (epoch !== this.epoch) return;
    for (const reply of replies) this._add({ reply });
    if (!replies.length) this._add({ note: "no_answer" });
    this._scroll();
  }

  /** The replies to one entry; opens a conversation first, and again when the server no longer knows ours. */
  async _ask(entry) {
    for (let attempt = 0; ; attempt += 1) {
      try {
        if (!this.store.state.token) await this._open();
        return (await this._post(entry.id, entry.body)).replies;
      } catch (problem) {
        if (problem.status === 401 && attempt === 0) this.store.state.token = undefined;
        else if (problem.status === 503 && attempt < 2) await wait(1000 * Math.min(problem.retryAfter || 2, 10));
        else throw problem;
      }
    }
  }

  async _open() {
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

  _post(id, body) {
    const { conversation, token } = this.store.state;
    const headers = { "Content-Type": "application/json", Authorization: "Bearer " + token };
    const data = JSON.stringify({ conversation, id, hint: this.language, ...body });
    return this._request("messages", { method: "POST", headers, body: data });
  }

  async _request(path, options = {}) {
    const controller = new AbortController();
    const timer = setTimeout(() => controller.abort(), PATIENCE);
    try {
      const response = await fetch(this.base + path, {
        credentials: "omit", referrerPolicy: "no-referrer", signal: controller.signal, ...options,
      });
      if (!response.ok) throw new ApiError(response.status, Number(response.headers.get("Retry-After")));
      return response.status === 204 ? null : await response.json();
    } finally {
      clearTimeout(timer);
    }
  }

  // --- deleting ----------------------------------------------------------------------------------------------

  async _delete() {
    const { state } = this.store;
    if (state.token) state.undeleted.push({ conversation: state.conversation, token: state.token });
    this.epoch += 1;
    this.queue = Promise.resolve();
    this.waiting = 0;
    this.input.value = "";
    this._fit();
    this.store.clear();
    this._render();
    this._showTyping();
    await this._deleteRest();
  }

  async _deleteRest() {
    const { state } = this.store;
    let note = "deleted";
    for (const { conversation, token } of [...state.undeleted]) {
      try {
        await this._request("conversations/" + encodeURIComponent(conversation), {
          method: "DELETE", headers: { Authorization: "Bearer " + token },
        });
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

  // --- the log -----------------------------------------------------------------------------------------------

  _add(entry) {
    this.store.state.log.push(entry);
    this.store.save();
    this.log.append(this._draw(entry));
    if (entry.note) this.log.scrollTop = this.log.scrollHeight;
  }

  _update(entry) {
    this.store.save();
    const old = this.log.querySelector(`[data-id="${entry.id}"]`);
    const hadFocus = old?.contains(this.shadowRoot.activeElement);
    old?.replaceWith(this._draw(entry));
    if (hadFocus) this.log.focus();
  }

  /** Draws everything anew without reading it out again. */
  _render() {
    const hadFocus = this.log.contains(this.shadowRoot.activeElement);
    this.log.setAttribute("aria-live", "off");
    this.log.replaceChildren(this._greeting(), ...this.store.state.log.map((entry) => this._draw(entry)));
    if (hadFocus) this.log.focus();
    requestAnimationFrame(() => requestAnimationFrame(() => this.log.setAttribute("aria-live", "polite")));
  }

  _greeting() {
    const topic = this.getAttribute("topic");
    const choices = [{ title: this.t("show_topics"), payload: "/help" }];
    if (/^[a-z_]+$/.test(topic || "")) choices.unshift({ title: this.t("page_topic"), payload: "/" + topic });
    return this._drawReply({ text: this.t("greeting"), language: this.language, dir: this.dir, choices });
  }

  _draw(entry) {
    if (entry.reply) return this._drawReply(entry.reply);
    if (entry.note) return this._drawNote(entry.note);
    const bubble = h("div", { class: "bubble mine", "data-id": entry.id },
      h("p", { class: "text", dir: "auto" }, this._speaker(this.t("you")), entry.me));
    if (entry.state === "failed") {
      const error = entry.error || "failed";
      const retry = () => { this._queue(entry); this._update(entry); };
      bubble.append(h("div", { class: "failed" }, h("span", {}, this.t(error)),
        error === "refused" ? null : h("button", { type: "button", class: "retry", onclick: retry }, this.t("retry"))));
    }
    return bubble;
  }

  _drawNote(key) {
    const note = h("div", { class: "note" }, h("p", {}, this.t(key)));
    if (key === "delete_failed") {
      note.append(h("button", { type: "button", class: "retry", onclick: () => this._deleteRest() }, this.t("retry")));
    }
    return note;
  }

  _speaker(name) {
    return h("span", { class: "sr" }, name + ": ");
  }

  _drawReply(reply) {
    const { text = "", language, dir = "auto", cards = [], choices = [], links = [], sources = [], asks } = reply;
    const bubble = h("div", { class: "bubble", lang: language, dir },
      h("p", { class: "text" }, this._speaker("Wegweiser"), ...linked(text)));
    if (cards.length) bubble.append(h("ul", { class: "cards" }, ...cards.map((card) => this._drawCard(card))));
    const extra = links.map(({ url, title, text: words }) => link(url, title || words || url, "go")).filter(Boolean);
    if (extra.length) bubble.append(h("div", { class: "row" }, ...extra));
    if (asks === "place" && navigator.geolocation) bubble.append(this._locationButton());
    const buttons = choices.map((choice) => this._drawChoice(choice));
    if (buttons.length) bubble.append(h("div", { class: "row" }, ...buttons));
    if (sources.length) bubble.append(this._drawSources(sources));
    return bubble;
  }

  /** A button; one that changes the language is written in it and takes the interface along. */
  _drawChoice({ title, payload }) {
    const code = /^\/change_language\{"service_language": ?"(\w+)"\}$/.exec(payload)?.[1];
    const { dir } = this.languages.find((language) => language.code === code) || {};
    const click = () => (dir ? this._choose(code) : this._send(title, { payload }));
    return h("button", { type: "button", class: "choice", lang: dir && code, dir, onclick: click }, title);
  }

  _drawSources(sources) {
    const rows = sources.map(({ url, date }) => {
      const parsed = web(url);
      const words = h("bdi", {}, parsed ? parsed.hostname.replace(/^www\./, "") : url || "");
      return h("li", {}, link(url, words) || words, date ? " · " : "", date ? h("bdi", {}, this._date(date)) : "");
    });
    return h("details", { class: "sources" }, h("summary", {}, this._word("sources")), h("ul", {}, ...rows));
  }

  /** A word of the interface inside a reply that may be in another language. */
  _word(key, text = this.t(key)) {
    return h("bdi", { lang: this.language }, text);
  }

  _drawCard(card) {
    const row = (key, value) => value
      ? [h("div", {}, h("dt", {}, this._word(key)), h("dd", {}, h("bdi", {}, value)))] : [];
    const sign = card.open_now === true ? "open" : card.open_now === false ? "closed" : "";
    const phones = (card.phone || "").split(/[;,]/).map((text) => text.trim()).filter((text) => /\d/.test(text));
    const actions = [
      ...phones.map((phone) => h("a", { class: "go", href: phoneAddress(phone) },
        this._word("call"), "\u00a0", h("bdi", { dir: "ltr" }, phone))),
      card.email ? h("a", { class: "go", href: "mailto:" + encodeURIComponent(card.email).replace(/%40/g, "@") },
        this._word("email")) : null,
      card.website ? link(card.website, this._word("website"), "go") : null,
      card.map ? link(card.map, this._word("map"), "go") : null,
      card.route ? link(card.route, this._word("route"), "go") : null,
    ].filter(Boolean);
    const facts = [
      ...row("address", card.address), ...row("hours", card.hours),
      ...row("languages", (card.languages || []).join(", ")), ...row("cost", card.cost),
    ];
    const checked = card.checked ? this.t("checked").replace("{date}", this._date(card.checked)) : "";
    return h("li", { class: "card" },
      h("h3", {}, h("bdi", {}, card.name || "")),
      card.kind ? h("p", { class: "soft" }, card.kind) : null,
      (card.about || []).length ? h("p", { class: "soft" }, card.about.join(" · ")) : null,
      sign ? h("p", { class: "sign " + sign }, this._word(sign + "_now")) : null,
      card.distance_km !== undefined ? h("p", { class: "soft" }, this._word("distance", this._distance(card.distance_km))) : null,
      facts.length ? h("dl", {}, ...facts) : null,
      card.note ? h("p", { class: "warn" }, ...linked(card.note)) : null,
      actions.length ? h("div", { class: "row" }, ...actions) : null,
      checked || card.source ? h("p", { class: "soft" }, checked ? this._word("checked", checked) : "",
        checked && card.source ? " · " : "", card.source ? link(card.source, this._word("source")) || card.source : "") : null);
  }

  _locationButton() {
    const note = h("p", { class: "soft" }, this.t("location_note"));
    const locate = () => {
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          const round = (degrees) => Math.round(degrees * 100) / 100;
          this._send(this.t("my_location"), { location: { lat: round(coords.latitude), lon: round(coords.longitude) } });
        },
        () => this._add({ note: "location_failed" }),
        { enableHighAccuracy: false, timeout: 15_000, maximumAge: 600_000 },
      );
    };
    return h("div", { lang: this.language, dir: this.dir },
      h("button", { type: "button", class: "choice locate", onclick: locate }, this.t("use_location")), note);
  }

  // --- small things ------------------------------------------------------------------------------------------

  /** An ISO date or its beginning in words, as it is when the browser does not know the language. */
  _date(iso) {
    const [year, month, day] = iso.split("-").map(Number);
    if (!month || !Intl.DateTimeFormat.supportedLocalesOf([this.language]).length) return iso;
    const options = { year: "numeric", month: "long", calendar: "gregory", numberingSystem: "latn", timeZone: "UTC" };
    if (day) options.day = "numeric";
    return new Intl.DateTimeFormat(this.language, options).format(Date.UTC(year, month - 1, day || 1));
  }

  _distance(kilometres) {
    const locale = Intl.NumberFormat.supportedLocalesOf([this.language])[0] || "en";
    const number = new Intl.NumberFormat(locale, { maximumFractionDigits: 1, numberingSystem: "latn" });
    return this.t("distance").replace("{distance}", number.format(kilometres));
  }

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

if (!customElements.get("wegweiser-chat")) customElements.define("wegweiser-chat", WegweiserChat);
