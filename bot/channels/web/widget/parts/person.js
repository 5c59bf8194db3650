// A person talks instead of the assistant: their messages are waited for and shown; loaded when the first one does.

import { h } from "./replies.js";

/**
 * @typedef {import("./replies.js").Reply} Reply
 * @typedef {{number: number, reply: Reply}} Written
 * @typedef {{conversation?: string, token?: string, after?: number, draft?: string}} Talked
 * @typedef {{language: string, epoch: number, waiting: number, input: any, form: any, log: any, ui: any,
 *   shadowRoot: ShadowRoot | null, store: {state: Talked, save: () => void}, frame: import("./replies.js").Frame,
 *   t: (key: string) => string, _request: (path: string, options: RequestInit) => Promise<any>,
 *   _send: (shown: string, body: object) => void, _fit: () => void,
 *   _add: (entry: {reply?: Reply, note?: string}) => void, _person: (talks: boolean) => Promise<void>}} Chat
 */

const PATIENCE = 35_000; // milliseconds; the server answers after 20 seconds at the latest
const SOON = 1_000; // at least between two questions that brought nothing
const LONGEST = 60_000; // between two tries without a network
const LOST = 2; // tries in vain before the person is told

const STYLE = `
.person { display: flex; flex-wrap: wrap; align-items: center; gap: .3em .75em; padding: .3em .6em;
  border-block-start: 1px solid var(--_line); background: var(--_sunk); font-size: .9375em; }
.person p { flex: 1 1 12em; } .chat:has(.sheet) .person { display: none; }
.theirs { border: 2px solid var(--_accent); } .theirs .who { font-weight: 600; }
.theirs .text { unicode-bidi: plaintext; text-align: start; }
`;

const LINKS = /https?:\/\/[^\s<>"\u2066-\u2069]+[^\s<>"\u2066-\u2069.,;:!?)]/g;
// An address that begins with its host in letters that cannot be mistaken.
const PLAIN = /^https?:\/\/[a-z0-9.-]+(:\d+)?([/?#][^@]*)?$/;

/** Text with its web addresses as links and nothing else; where one may mislead, its host stands behind it.
 * @param {string} text @returns {(Node | string)[]} */
export function addresses(text) {
  /** @type {(Node | string)[]} */
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(LINKS)) {
    let url;
    try {
      url = new URL(found[0]);
    } catch {
      continue;
    }
    const at = found.index || 0;
    parts.push(text.slice(end, at),
      h("a", { href: url.href, target: "_blank", rel: "noopener noreferrer", dir: "ltr" }, found[0]));
    if (!PLAIN.test(found[0])) parts.push(" ", h("b", { dir: "ltr" }, `(${url.host})`));
    end = at + found[0].length;
  }
  return [...parts, text.slice(end)];
}

/** One message of a person, under words that say so.
 * @param {Reply} reply @param {import("./replies.js").Frame} frame */
export function drawPerson(reply, frame) {
  const { text = "", language, choices = [] } = reply;
  const bubble = h("div", { class: "bubble theirs", lang: language, dir: "auto" },
    h("p", { class: "who", lang: frame.language, dir: frame.dir }, frame.t("person_writes")),
    h("p", { class: "text", dir: "auto" }, ...addresses(text)));
  if (choices.length) bubble.append(h("div", { class: "row choices" }, ...choices.map(frame.choice)));
  return bubble;
}

/** Asks for messages of a person for as long as there is one; rests while nobody sees the page. */
export class Talk {
  run = 0; // raised by every stop: an older loop ends itself
  fails = 0;
  on = false;
  /** @type {AbortController | null} */
  asking = null;
  /** @type {(() => void) | null} */
  poke = null;

  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
    this.said = h("p", { role: "status", class: "reads" });
    this.back = h("button", { type: "button", class: "back", onclick: () => this._back() });
    this.bar = h("div", { class: "person" }, this.said, this.back);
    const root = chat.shadowRoot;
    try {
      const sheet = new CSSStyleSheet();
      sheet.replaceSync(STYLE);
      if (root) root.adoptedStyleSheets = [...root.adoptedStyleSheets, sheet];
    } catch {
      root?.append(h("style", {}, STYLE));
    }
  }

  /** @param {Reply} reply */
  draw(reply) {
    return drawPerson(reply, this.chat.frame);
  }

  start() {
    if (this.on) return;
    this.on = true;
    this.fails = 0;
    const { chat } = this;
    this.said.textContent = "";
    chat.ui.insertBefore(this.bar, chat.form);
    this.label();
    if (!chat.input.value && chat.store.state.draft) {
      chat.input.value = chat.store.state.draft;
      chat._fit();
    }
    document.addEventListener("visibilitychange", this._seen);
    addEventListener("online", this._seen);
    addEventListener("pagehide", this._keep);
    this._loop();
  }

  /** Nothing more is asked for, at once; the messages shown stay. */
  stop() {
    this.on = false;
    this.run += 1;
    this.asking?.abort();
    this.poke?.();
    this.chat.store.state.draft = undefined;
    const focused = this.bar.contains(this.chat.shadowRoot?.activeElement || null);
    this.bar.remove();
    if (focused) this.chat.input.focus();
    document.removeEventListener("visibilitychange", this._seen);
    removeEventListener("online", this._seen);
    removeEventListener("pagehide", this._keep);
  }

  /** The words in the language of now; the status is filled after it is on the page, so that it is read out. */
  label() {
    this.back.textContent = this.chat.t("person_stop");
    requestAnimationFrame(() => this._say());
  }

  _say() {
    const text = this.chat.t(this.fails >= LOST ? "person_lost" : "person_reads");
    if (this.said.textContent !== text) this.said.textContent = text;
  }

  _back() {
    this.chat._send(this.chat.t("person_stop"), { payload: '/human_handover{"person":"stop"}' });
    this.chat.input.focus();
  }

  /** The page is seen or hidden, or there is a network: nothing waits any longer than it has to. */
  _seen = (/** @type {Event} */ event) => {
    if (document.hidden || event.type === "online") this.asking?.abort(); // the old connection may be dead
    if (!document.hidden) this.poke?.();
  };

  /** What is in the field survives a reload of this tab. */
  _keep = () => {
    this.chat.store.state.draft = this.chat.input.value;
    this.chat.store.save();
  };

  /** Until the time is over or something happens; without a time only the latter.
   * @param {number} [milliseconds] @returns {Promise<void>} */
  _rest(milliseconds) {
    return new Promise((resolve) => {
      const timer = milliseconds === undefined ? undefined : setTimeout(resolve, milliseconds);
      this.poke = () => { clearTimeout(timer); resolve(); };
    });
  }

  async _loop() {
    const run = this.run;
    const { chat } = this;
    while (run === this.run) {
      if (document.hidden) {
        await this._rest();
        continue;
      }
      const began = performance.now();
      try {
        const { messages, person } = await this._ask();
        if (run !== this.run) return;
        this.fails = 0;
        this._show(messages);
        this._say();
        if (!person) {
          await chat._person(false);
          // an answer that is on its way says it itself
          if (!chat.waiting) chat._add({ note: "person_left" });
          return;
        }
        if (!messages.length) await this._rest(Math.max(0, SOON - (performance.now() - began)));
      } catch (/** @type {any} */ problem) {
        if (run !== this.run) return;
        if (document.hidden) continue;
        if (problem.status && ![408, 429].includes(problem.status) && problem.status < 500) {
          await chat._person(false); // the server does not know this conversation
          return;
        }
        this.fails += 1;
        this._say();
        await this._rest(pause(this.fails, problem.retryAfter));
      }
    }
  }

  async _ask() {
    const { conversation = "", token, after = 0 } = this.chat.store.state;
    const asking = new AbortController();
    this.asking = asking;
    const timer = setTimeout(() => asking.abort(), PATIENCE);
    try {
      const path = `conversations/${encodeURIComponent(conversation)}/messages?after=${after}`;
      return await this.chat._request(path, { headers: { Authorization: "Bearer " + token }, signal: asking.signal, cache: "no-store" });
    } finally {
      clearTimeout(timer);
      this.asking = null;
    }
  }

  /** @param {Written[]} messages */
  _show(messages) {
    const { chat } = this;
    const { log } = chat;
    // whoever reads further up is not torn away; a long message is read from its beginning
    const atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80;
    const first = log.children.length;
    for (const { number, reply } of messages) {
      chat.store.state.after = number;
      chat._add({ reply });
    }
    const shown = log.children[first];
    if (shown && atEnd) log.scrollTop = shown.offsetTop - 12;
  }
}

/** Milliseconds until the next try: twice as long each time, never the same for all who lost the same server.
 * @param {number} fails @param {number} [retryAfter] seconds the server asks for */
export function pause(fails, retryAfter) {
  const wanted = retryAfter ? retryAfter * 1000 : Math.min(LONGEST, SOON * 2 ** (fails - 1));
  return wanted * (retryAfter ? 1 + Math.random() / 2 : 0.5 + Math.random());
}
