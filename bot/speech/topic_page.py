"""A topic as a page of its own: all that the assistant may say of it, part by part, in one language."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from babel.core import get_global

from actions.directory.geo import SAXONY, Gazetteer, Place
from actions.directory.search import Directory, Match, Query
from actions.knowledge.model import PARTS, Article, Knowledge, Statement
from bot.languages import languages, spoken
from bot.speech.cards import CardWriter
from bot.speech.catalogue import Catalogue
from bot.speech.formats import isolate, isolate_terms, join
from bot.speech.reply import Card

# What is said before everything else where somebody may be in danger.
CRISIS = {
    "emergency_medical": "utter_emergency_medical",
    "emergency_violence": "utter_emergency_violence",
    "crisis_suicide": "utter_crisis_suicide",
}
OTHERS = 5
LARGE = 20000
_POSTCODE = re.compile(r"(?<!\d)\d{5}(?!\d)", re.ASCII)


class Voice(Protocol):
    """What a page needs of bot.speech.nlg.CatalogueNLG."""

    catalogue: Catalogue
    cards: CardWriter

    def sentence(self, key: str, language: str, args: dict[str, Any] | None = None, now: datetime | None = None) -> str:
        """A response of domain.yml in one language."""


@dataclass(frozen=True)
class Rules:
    """The assistant's own rules, handed in by the composition root, so that a page says what a conversation says.

    `card(match)` are the facts of a card; `cards` and `anywhere` how many are shown with and without a place;
    `statuses` maps a status to the response that names it; `drafts` are the languages no person has reviewed;
    `refresh(topic, place, language)` brings the directory up to date.
    """

    card: Callable[[Match], dict[str, Any]]
    cards: int
    anywhere: int
    counselling: str
    numbers: Mapping[str, str]
    crisis_cards: int
    crisis_looked_at: int
    statuses: Mapping[str, str]
    drafts: frozenset[str]
    refresh: Callable[[str, Place | None, str], Awaitable[None]]


@dataclass(frozen=True, slots=True)
class Line:
    """One sentence, the language it is in, and for whom it holds in words ("" for everybody)."""

    text: str
    language: str
    dir: str
    statuses: str = ""


@dataclass(frozen=True, slots=True)
class Section:
    """One part of an article; `note` says that some of it may no longer hold."""

    part: str
    lines: list[Line]
    note: str = ""


@dataclass(slots=True)
class TopicPage:
    """Everything a page shows; `language` is the one asked for, lines may have fallen back to another.

    `place` is the id of the town meant, `others` what else its name may mean as (id, name). `unknown_town` tells
    that a name was given and is no town of ours. `elsewhere` tells that the cards are counselling, because the
    topic itself has no door there.
    """

    topic: str
    title: Line
    language: str
    dir: str
    urgent: str = ""
    number: str = ""
    notes: list[str] = field(default_factory=list)
    draft: str = ""
    german: str = ""
    simple: Section | None = None
    sections: list[Section] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    elsewhere: str = ""
    place: str = ""
    place_name: str = ""
    others: list[tuple[str, str]] = field(default_factory=list)
    unknown_town: bool = False
    related: list[tuple[str, str]] = field(default_factory=list)
    sources: list[dict[str, str]] = field(default_factory=list)

    @property
    def description(self) -> str:
        """The first sentences, at most 200 characters, for search engines and shared links."""
        text = " ".join(line.text for section in self.sections[:1] for line in section.lines)
        return text if len(text) <= 200 else text[:199].rsplit(" ", 1)[0] + "…"


class TopicPages:
    """Writes the pages of all topics."""

    def __init__(
        self,
        knowledge: Knowledge,
        directory: Directory,
        gazetteer: Gazetteer,
        voice: Voice,
        clock: Callable[[], datetime],
        rules: Rules,
    ) -> None:
        self.knowledge, self.directory, self.gazetteer = knowledge, directory, gazetteer
        self.voice, self.clock, self.rules = voice, clock, rules

    def knows(self, topic: str) -> bool:
        """True when there is a page for this topic."""
        return topic in self.knowledge.articles

    def title(self, topic: str, language: str) -> str:
        """What a topic is called; "" for an unknown one."""
        article = self.knowledge.article(topic)
        return self._line(article.title, language).text if article is not None else ""

    def place_name(self, place_id: str, language: str) -> str:
        """A place as readers of the language write it; "" for an unknown one."""
        place = self.gazetteer.get(place_id)
        return isolate(place.display(language), languages()[language].direction) if place is not None else ""

    def find(self, typed: str) -> list[Place]:
        """The places a town or postal code may mean, the likeliest first; empty when it is none of ours."""
        typed = typed.strip()[:80]
        known = self.gazetteer.get(typed)
        code = _POSTCODE.search(typed)
        if known is not None:
            found = [known]
        elif code is not None:
            found = self.gazetteer.by_postcode(code[0])
        else:
            found = self.gazetteer.candidates(typed) or self.gazetteer.candidates(re.split("[,(،]", typed)[0])
        return [place for place in found if place.settlement or place.kind == "district"]

    async def page(self, topic: str, language: str, typed: str = "") -> TopicPage | None:
        """The page of a topic with the places that help in the town as it was typed; None for an unknown topic."""
        article = self.knowledge.article(topic)
        if article is None:
            return None
        language = spoken(language)
        places = self.find(typed) if typed.strip() else []
        place = places[0] if places else None
        await self.rules.refresh(topic, place, language)
        page = TopicPage(topic, self._line(article.title, language), language, languages()[language].direction)
        page.unknown_town = bool(typed.strip()) and place is None
        if place is not None:
            page.place = place.id
        page.place_name = self.place_name(place.id if place is not None else SAXONY, language)
        page.others = [(p.id, self.place_name(p.id, language)) for p in _rivals(places)]
        self._write(page, article, place)
        self._add_helpers(page, place)
        related = [self.knowledge.articles[t] for t in article.related if t in self.knowledge.articles]
        page.related = [(a.topic, self._line(a.title, language).text) for a in related]
        return page

    def _write(self, page: TopicPage, article: Article, place: Place | None) -> None:
        """What the article says for everybody and for this place, with its sources and what must be owned up to."""
        language = page.language
        areas = _area_names(place, self.gazetteer)
        told: list[Statement] = []
        for part in PARTS:
            statements = article.part(part, "", areas)
            if statements:
                page.sections.append(self._section(part, statements, language))
                told += statements
        easy = article.easy("", areas)
        if easy:
            page.simple = self._section("simple", easy, language)
            told += easy
        page.sources = self._sources(told)
        if article.topic in CRISIS:
            page.urgent = self.voice.sentence(CRISIS[article.topic], language)
            page.number = self.rules.numbers.get(article.topic, "")
        shown = [line for section in [*page.sections, page.simple] if section for line in section.lines]
        if any(line.language != language for line in shown):
            page.notes.append(
                self.voice.sentence("utter_language_partly", language, {"language": {"language": language}})
            )
        if language in self.rules.drafts:
            page.draft = self.voice.sentence("utter_draft", language)
            page.german = self.voice.sentence("utter_choice_german", language)

    def _section(self, part: str, statements: list[Statement], language: str) -> Section:
        lines = [self._line(s.text, language, s.statuses) for s in statements]
        now = self.clock()
        gone = [s.expires for s in statements if s.expires and s.expires < now.date().isoformat()]
        note = self.voice.sentence("utter_expired", language, {"date": {"day": min(gone)}}, now) if gone else ""
        return Section(part, lines, note)

    def _line(self, msgid: str, language: str, statuses: Sequence[str] = ()) -> Line:
        text, found = self.voice.catalogue.text(msgid, language)
        direction = languages()[found].direction
        names = [self.voice.sentence(self.rules.statuses[status], language) for status in statuses]
        return Line(isolate_terms(text, direction), found, direction, join(names, language) if names else "")

    def _add_helpers(self, page: TopicPage, place: Place | None) -> None:
        """The cards a conversation would show; where the topic has none, those of counselling."""
        matches = self._search(page.topic, place, page.language)
        if not matches and page.topic not in CRISIS:
            page.elsewhere = self.title(self.rules.counselling, page.language)
            matches = self._search(self.rules.counselling, place, page.language)
        now = self.clock()
        write = self.voice.cards.write
        page.cards = [write(self.rules.card(match), page.language, page.dir, now) for match in matches]

    def _search(self, topic: str, place: Place | None, language: str) -> list[Match]:
        rules = self.rules
        urgent = topic in CRISIS
        limit = rules.crisis_looked_at if urgent else rules.cards if place is not None else rules.anywhere
        found = self.directory.search(Query(topic=topic, place=place, language=language, limit=limit), self.clock())
        if not urgent:
            return found
        reachable = [match for match in found if match.shown.phone]
        reachable.sort(key=lambda match: match.service.phone != rules.numbers.get(topic))
        return reachable[: rules.crisis_cards]

    def _sources(self, statements: list[Statement]) -> list[dict[str, str]]:
        """Each page or citation once, with the newest of its dates; "undated" is no date."""
        found: dict[str, str] = {}
        for source in self.knowledge.sources(statements):
            stamp = "" if source["date"] == "undated" else source["date"]
            found[source["url"]] = max(found.get(source["url"], ""), stamp)
        return [{"url": url, "date": stamp} for url, stamp in found.items()]


def og_locale(language: str) -> str:
    """Language and territory as Open Graph wants them, for example de_DE; the likeliest territory of CLDR."""
    likely = str(get_global("likely_subtags").get(language, "")).split("_")
    return f"{language}_{likely[-1]}" if len(likely) > 1 else language


def _area_names(place: Place | None, gazetteer: Gazetteer) -> frozenset[str]:
    """Folded names under which local statements hold, as in actions/answer.py."""
    if place is None:
        return frozenset()
    return frozenset(p.name.casefold() for p in (place, gazetteer.get(place.district)) if p is not None)


def _rivals(places: list[Place]) -> list[Place]:
    """What else a name may mean, when it is not clear."""
    if not places:
        return []
    best = places[0]
    alike = [p for p in places[1:] if p.kind == best.kind or (p.settlement and best.settlement)]
    return [p for p in alike if not (best.population >= LARGE and p.kind == "quarter")][:OTHERS]
