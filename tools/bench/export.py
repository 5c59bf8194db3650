"""What stock's actions answer from: our articles in English and the cards of every topic in every town, looked up in advance.

A lookup in a dictionary is the cheapest an action can do; so the comparison is about the engines, not about our search.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

import yaml

from bot.settings import ROOT

CARDS = 3
WITHOUT_PLACE = ""


def export(resources: Any, places: tuple[tuple[str, str], ...], path: Path) -> None:
    """Write the file; its cards are those our own actions would show now, in English."""
    from actions.answer import COUNSELLING
    from actions.directory.query import Query
    from actions.turn import PARTS_BY_INTENT, card_facts
    from bot.launcher import build_speech

    domain = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    speech: Any = build_speech(domain["responses"], resources.gazetteer)
    now: datetime = resources.clock()
    cards: dict[str, Any] = {}
    shown: dict[str, dict[str, list[str]]] = {}
    articles: dict[str, Any] = {}
    for topic, article in resources.knowledge.articles.items():
        shown[topic] = {}
        for place in (WITHOUT_PLACE, *(name for name, _ in places)):
            where = resources.gazetteer.get(place) if place else None
            for wanted in (topic, COUNSELLING):
                query = Query(topic=wanted, place=where, language="en", limit=CARDS)
                found = resources.directory.search(query, now)
                if found:
                    break
            for match in found:
                if match.service.id not in cards:
                    written = speech.cards.write(card_facts(match, resources), "en", "ltr", now)
                    cards[match.service.id] = asdict(written)
            shown[topic][place] = [match.service.id for match in found]
        articles[topic] = {
            "title": article.title,
            "parts": {name: " ".join(statement.text for statement in article.part(name)) for name in article.parts},
        }
    content = {
        "articles": articles,
        "cards": cards,
        "shown": shown,
        "parts": PARTS_BY_INTENT,
        "places": {name.casefold(): place for place, name in places} | {place: place for place, _ in places},
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(content, ensure_ascii=False) + "\n", encoding="utf-8")
