"""Articles: what is known about a topic, sentence by sentence, each resting on researched items."""

from __future__ import annotations

from dataclasses import dataclass, field

PARTS = ("summary", "who", "cost", "how", "documents", "duration", "rights", "warning")
STATUSES = ("asylum_seeker", "tolerated", "recognised", "ukraine", "eu", "student_worker", "undocumented")


class KnowledgeError(ValueError):
    """An article or item cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class Item:
    """One researched statement. `date` is an ISO prefix or "undated"; `source` a URL or a citation.

    `expires` is the last ISO day on which it surely holds, "" when none is known ("in 2026 ...").
    """

    id: str
    statement: str
    source: str
    date: str
    applies_to: str = ""
    caution: str = ""
    expires: str = ""


@dataclass(frozen=True, slots=True)
class Statement:
    """One sentence people read, in plain English (a msgid).

    `statuses` and `area` limit whom it holds for; empty means everyone and everywhere. `expires` is the first
    last day among its items.
    """

    text: str
    items: tuple[str, ...]
    statuses: tuple[str, ...] = ()
    area: str = ""
    caution: bool = False
    expires: str = ""


@dataclass(frozen=True, slots=True)
class Article:
    """The answer to one topic in parts; a part that is absent is not known.

    `simple` says the most important of it once more in easy language (CEFR A1).
    """

    topic: str
    title: str
    related: tuple[str, ...] = ()
    place: bool = True
    status: bool = False
    parts: dict[str, tuple[Statement, ...]] = field(default_factory=dict)
    simple: tuple[Statement, ...] = ()

    def part(self, name: str, status: str = "", areas: frozenset[str] = frozenset()) -> list[Statement]:
        """Statements of a part that hold for this status and these place names.

        Without a known status every variant is given; a local statement needs its place.
        """
        return _holding(self.parts.get(name, ()), status, areas)

    def easy(self, status: str = "", areas: frozenset[str] = frozenset()) -> list[Statement]:
        """The statements in easy language that hold for this status and these place names."""
        return _holding(self.simple, status, areas)


def _holding(statements: tuple[Statement, ...], status: str, areas: frozenset[str]) -> list[Statement]:
    return [
        s
        for s in statements
        if (not status or not s.statuses or status in s.statuses) and (not s.area or s.area.casefold() in areas)
    ]


class Knowledge:
    """All articles by topic and all items by id."""

    def __init__(self, articles: dict[str, Article], items: dict[str, Item]) -> None:
        self.articles = articles
        self.items = items

    def article(self, topic: str | None) -> Article | None:
        """The article of a topic, or None."""
        return self.articles.get(topic or "")

    def sources(self, statements: list[Statement]) -> list[dict[str, str]]:
        """The sources behind statements as {id, url, date}, one per item, in order of use."""
        seen: dict[str, dict[str, str]] = {}
        for statement in statements:
            for item_id in statement.items:
                item = self.items[item_id]
                seen.setdefault(item_id, {"id": item_id, "url": item.source, "date": item.date})
        return list(seen.values())
