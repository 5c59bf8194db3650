// The page behind the code of a card: shows it again on the counsellor's device. What it says stands behind #.

import { h } from "./replies.js";
import { dress, known, lines, unpacked } from "./card.js";

/** @param {string} path */
async function get(path) {
  const answer = await fetch("/api/v1/" + path, { credentials: "omit", referrerPolicy: "no-referrer" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

const PAUSES = [2_000, 5_000, 15_000];

async function show() {
  const facts = await unpacked(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
  if (facts) await draw(facts, 0);
}

/**
 * The address no longer holds the card: without a network it is tried again.
 * @param {import("./card.js").Facts} facts @param {number} tries
 */
async function draw(facts, tries) {
  const main = document.querySelector("main");
  if (!main) return;
  try {
    const [own, german, topics, germanTopics] = await Promise.all([
      get("strings?lang=" + facts.language), get("strings?lang=de"), get("topics?lang=" + facts.language), get("topics?lang=de"),
    ]);
    const spoken = own.languages.find((/** @type {{code: string}} */ row) => row.code === facts.language);
    if (!spoken) return;
    facts.topics = facts.topics.filter((topic) => known(topics.topics, topic) && known(germanTopics.topics, topic));
    const names = { own: spoken.name, german: new Intl.DisplayNames(["de"], { type: "language" }).of(facts.language) || spoken.name };
    const texts = { own: own.strings, german: german.strings, names, dir: own.dir, topics: topics.topics, germanTopics: germanTopics.topics };
    main.replaceChildren(h("section", { class: "counter-card" }, lines(facts, texts, facts.words.length > 0, true)));
    dress(document);
  } catch {
    if (tries < PAUSES.length) setTimeout(() => draw(facts, tries + 1), PAUSES[tries]);
  }
}

addEventListener("hashchange", show);
show();
