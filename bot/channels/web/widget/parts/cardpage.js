// The page behind the code of a card: shows it again on the counsellor's device. What it says stands behind #.

import { h } from "./replies.js";
import { dress, lines, unpacked } from "./card.js";

/** @param {string} path */
async function get(path) {
  const answer = await fetch("/api/v1/" + path, { credentials: "omit", referrerPolicy: "no-referrer" });
  if (!answer.ok) throw new Error(String(answer.status));
  return answer.json();
}

async function show() {
  const main = document.querySelector("main");
  const facts = await unpacked(location.hash.slice(1));
  history.replaceState(null, "", location.pathname);
  if (!main || !facts) return;
  try {
    const [own, german, topics, germanTopics] = await Promise.all([
      get("strings?lang=" + facts.language), get("strings?lang=de"), get("topics?lang=" + facts.language), get("topics?lang=de"),
    ]);
    const known = own.languages.find((/** @type {{code: string}} */ row) => row.code === facts.language);
    if (!known) return;
    facts.topics = facts.topics.filter((topic) => topics.topics[topic] && germanTopics.topics[topic]);
    const names = { own: known.name, german: new Intl.DisplayNames(["de"], { type: "language" }).of(facts.language) || known.name };
    const texts = { own: own.strings, german: german.strings, names, dir: own.dir, topics: topics.topics, germanTopics: germanTopics.topics };
    main.replaceChildren(h("section", { class: "counter-card" }, lines(facts, texts, facts.words.length > 0, true)));
    dress(document);
  } catch {
    /* the sentence of the page stays */
  }
}

addEventListener("hashchange", show);
show();
