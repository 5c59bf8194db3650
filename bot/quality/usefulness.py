"""`wegweiser bench usefulness`: does the assistant beat a search over the same articles? Questions with the right topic."""

from __future__ import annotations

import json
import math
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from actions.knowledge.loader import load
from actions.knowledge.model import Knowledge
from bot.nlu.message_files import read_messages
from bot.quality.evaluate import load_cases
from bot.quality.figures import CRISIS, interval, share
from bot.quality.sections import put
from bot.quality.site_search import TITLE_WEIGHT, SiteSearch, article_text, pieces, with_questions, words
from bot.quality.usefulness_card import SECTION, lines
from bot.settings import ROOT, Settings
from bot.speech.catalogue import Catalogue

QUESTIONS = ROOT / "tests" / "nlu"
CARD = ROOT / "docs" / "quality.md"
OUT = ROOT / "build" / "usefulness.json"
# What is compared: the search as it comes, a stronger one, one that also has our training messages, the German site.
SEARCHES = ("words", "pieces", "questions", "german")
ASSISTANT = "assistant"
# As actions/clarify.py offers topics when the assistant asks back (a test compares them).
LOOKED_AT, OFFERED, LEAST, ENOUGH = 6, 3, 0.02, 0.4
Row = dict[str, Any]


def questions(paths: Iterable[str], topics: Iterable[str]) -> list[Row]:
    """The messages of these files or folders that ask about a topic with an article."""
    known = frozenset(topics)
    return [row for row in load_cases(paths) if row["intent"] in known]


def engines(knowledge: Knowledge, languages: Iterable[str]) -> dict[str, dict[str, SiteSearch]]:
    """Every search of SEARCHES for every language."""
    catalogue = Catalogue.load(ROOT / "locales")
    messages = read_messages(ROOT / "data" / "nlu")
    german = SiteSearch({t: article_text(a, catalogue, "de") for t, a in knowledge.articles.items()}, words)
    found: dict[str, dict[str, SiteSearch]] = {name: {} for name in SEARCHES}
    for language in languages:
        pages = {t: article_text(a, catalogue, language) for t, a in knowledge.articles.items()}
        asked = with_questions(pages, ((intent, text) for code, intent, text in messages if code == language))
        found["words"][language] = SiteSearch(pages, words)
        found["pieces"][language] = SiteSearch(pages, pieces, TITLE_WEIGHT)
        found["questions"][language] = SiteSearch(asked, pieces, TITLE_WEIGHT)
        found["german"][language] = german
    return found


def assistant_of(parsed: dict[str, Any], topics: frozenset[str]) -> Row:
    """What the assistant makes of a message, from Rasa's parse data.

    `final` is the intent it answers ("nlu_fallback" or "crisis_near" where it asks back), `first` the first three
    topics of its ranking, `seen` the topics before the person: the answer, or the buttons when it asks back.
    """
    final = str((parsed.get("intent") or {}).get("name") or "nlu_fallback")
    ranking = [(str(r["name"]), float(r["confidence"])) for r in parsed.get("intent_ranking") or []]
    offered = [(n, c) for n, c in ranking if n != "nlu_fallback" and n != "crisis_near"][:LOOKED_AT]
    buttons = [(n, c) for n, c in offered if c > LEAST and n in topics][:OFFERED]
    if final == "crisis_near":  # the emergency numbers are shown at once
        seen = list(CRISIS)
    elif final == "nlu_fallback":
        seen = [n for n, _ in buttons] if sum(c for _, c in buttons) >= ENOUGH else []
    else:
        seen = [final]
    return {"final": final, "first": [n for n, _ in ranking if n in topics][:3], "seen": seen}


def measure(parser: Any, cases: list[Row], knowledge: Knowledge) -> list[Row]:
    """Ask the assistant and every search each question; ValueError for a message that no channel would take."""
    from bot.channels.gate import Refused, clean_text

    topics = frozenset(knowledge.articles)
    searches = engines(knowledge, sorted({c["lang"] for c in cases}))
    results = []
    for case in cases:
        try:
            text = clean_text(case["text"])
        except Refused as exc:
            raise ValueError(f"a message cannot be measured: {exc}") from exc
        found = {name: searches[name][case["lang"]].find(text) for name in SEARCHES}
        results.append(case | {ASSISTANT: assistant_of(parser.parse(text), topics)} | found)
    return results


def right(row: Row, engine: str, most: int) -> bool:
    """Whether the topic is what an engine puts first (`most` 1), or among its first three (3).

    The assistant's first is the answer it gives: asking back is not right. "seen" is what is before the person.
    """
    if engine == ASSISTANT:
        told = row[ASSISTANT]
        return bool(told["final"] == row["intent"] if most == 1 else row["intent"] in told["first"])
    if engine == "seen":
        return row["intent"] in row[ASSISTANT]["seen"]
    return row["intent"] in row[engine][:most]


def figures(rows: list[Row]) -> Row:
    """Shares with 95 % intervals, and the assistant beside each search question by question."""
    found: Row = {"n": len(rows), "seen": _share(rows, "seen", 3)}
    found["asked_back"] = share(r[ASSISTANT]["final"] in ("nlu_fallback", "crisis_near") for r in rows)
    found["nothing_found"] = share(not r["words"] for r in rows)
    for name in (ASSISTANT, *SEARCHES):
        found[name] = {"top1": _share(rows, name, 1), "top3": _share(rows, name, 3)}
    found["pairs"] = {
        name: {
            "top1": pair([(right(r, ASSISTANT, 1), right(r, name, 1)) for r in rows]),
            "top3": pair([(right(r, "seen", 3), right(r, name, 3)) for r in rows]),
        }
        for name in SEARCHES
    }
    return found


def _share(rows: list[Row], engine: str, most: int) -> Row:
    hits = [right(r, engine, most) for r in rows]
    return {"share": share(hits), "interval": interval(sum(hits), len(hits))}


def pair(both: list[tuple[bool, bool]]) -> Row:
    """McNemar's comparison: questions that only one of the two has right, and its exact two-sided p."""
    ours, theirs = sum(a and not b for a, b in both), sum(b and not a for a, b in both)
    n, less = ours + theirs, min(ours, theirs)
    tail = sum(math.comb(n, k) for k in range(less + 1))
    return {"only_assistant": ours, "only_search": theirs, "p": min(1.0, 2 * tail / 2**n)}


def reason(row: Row, topics: frozenset[str]) -> str:
    """Why the assistant's answer was not right, in one word of REASONS of the card."""
    told = row[ASSISTANT]
    if told["final"] in ("nlu_fallback", "crisis_near"):
        return "button" if row["intent"] in told["seen"] else "asked"
    if told["final"] in CRISIS:
        return "emergency"
    return "topic" if told["final"] in topics else "act"


def report(results: list[Row], topics: Iterable[str]) -> Row:
    """Figures of all, of each language and each style, and the questions that only a search has right."""
    known = frozenset(topics)
    lost = [r for r in results if right(r, "pieces", 1) and not right(r, ASSISTANT, 1)]
    return {
        "topics": len(known),
        "overall": figures(results),
        "languages": {k: figures(v) for k, v in _groups(results, "lang").items()},
        "styles": {k: figures(v) for k, v in _groups(results, "style").items()},
        "lost": {
            "n": len(lost),
            "reasons": dict(Counter(reason(r, known) for r in lost).most_common()),
            "languages": Counter(r["lang"] for r in lost).most_common(3),
            "styles": Counter(r.get("style", "none") for r in lost).most_common(3),
            "topics": Counter((r["intent"], r[ASSISTANT]["final"]) for r in lost).most_common(10),
        },
    }


def _groups(rows: list[Row], key: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        found[row.get(key, "none")].append(row)
    return dict(sorted(found.items()))


def main(settings: Settings, out: str = "", card: Path | None = CARD) -> int:
    """Measure, print, write the figures as JSON and the table into the quality card; 1 when it cannot be measured."""
    from bot.launcher import build_parser

    knowledge = load(ROOT / "data" / "articles", ROOT / "data" / "knowledge")
    try:
        results = measure(build_parser(settings), questions([str(QUESTIONS)], knowledge.articles), knowledge)
    except ModuleNotFoundError as exc:
        print(f"wegweiser bench usefulness: {exc.name} is missing: run `make setup`", file=sys.stderr)
        return 1
    except (OSError, ValueError) as exc:
        print(f"wegweiser bench usefulness: {exc}", file=sys.stderr)
        return 1
    content = report(results, knowledge.articles)
    path = Path(out) if out else OUT
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content | {"results": results}, ensure_ascii=False, indent=1) + "\n", "utf-8")
    written = lines(content)
    print("\n".join(written))
    if card is not None:
        put(card, SECTION, written)
    return 0
