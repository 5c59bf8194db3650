"""`wegweiser messages stale`: sentences of the articles that need another look, by the file that owns them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import yaml

from actions.directory.freshness import months
from actions.knowledge.loader import load
from actions.knowledge.model import Item, Statement

UNDATED = "undated"


@dataclass(frozen=True, slots=True)
class Finding:
    """A sentence to look at: why ("expired", "old", "undated"), and the date that says so ("" for none)."""

    owner: str
    topic: str
    part: str
    why: str
    date: str
    item: str
    text: str


def findings(data: Path, today: date, limit: int) -> list[Finding]:
    """Sentences that have expired, rest on an item older than `limit` months, or on one without a date.

    By owner (the file of the article); in it the expired ones first, then the oldest.
    """
    knowledge = load(data / "articles", data / "knowledge")
    owners = _owners(data / "articles")
    found = [
        finding
        for topic, article in knowledge.articles.items()
        for part, statements in (*article.parts.items(), ("simple", article.simple))
        for statement in statements
        for finding in _of(owners[topic], topic, part, statement, knowledge.items, today, limit)
    ]
    return sorted(found, key=lambda f: (f.owner, f.why != "expired", f.date or "9", f.topic, f.part))


def _of(
    owner: str, topic: str, part: str, statement: Statement, items: dict[str, Item], today: date, limit: int
) -> Iterator[Finding]:
    now = today.year * 12 + today.month - 1
    oldest = min((items[i] for i in statement.items), key=lambda item: "" if item.date == UNDATED else item.date)
    if statement.expires and statement.expires < today.isoformat():
        yield Finding(owner, topic, part, "expired", statement.expires, oldest.id, statement.text)
    elif oldest.date == UNDATED:
        yield Finding(owner, topic, part, UNDATED, "", oldest.id, statement.text)
    elif now - months(oldest.date) > limit:
        yield Finding(owner, topic, part, "old", oldest.date, oldest.id, statement.text)


def _owners(folder: Path) -> dict[str, str]:
    rows = (
        (path, yaml.safe_load(path.read_text(encoding="utf-8"))["articles"]) for path in sorted(folder.glob("*.yml"))
    )
    return {article["topic"]: path.name for path, articles in rows for article in articles}


def report(data: Path, today: date, limit: int) -> list[str]:
    """The findings as lines for people, a heading with the count before each owner's."""
    lines: list[str] = []
    rows = findings(data, today, limit)
    for owner in dict.fromkeys(row.owner for row in rows):
        own = [row for row in rows if row.owner == owner]
        lines += ["", f"{owner}: {len(own)} sentences"]
        lines += [f"  {r.topic}/{r.part}: {r.why} {r.date}".rstrip() + f" ({r.item}): {r.text[:80]}" for r in own]
    return lines or ["every sentence was checked in time"]
