"""What actions work with: the fact rooms and a clock, built once by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

from actions.directory.freshness import LIMITS, Limits
from actions.directory.geo import Gazetteer
from actions.directory.hours import BERLIN
from actions.directory.model import load_kinds, load_records
from actions.directory.search import Directory
from actions.directory.sources.gather import Sources
from actions.directory.sources.handbook import Handbook
from actions.directory.sources.registry import SourceSettings, build_handbook, build_sources, open_store
from actions.knowledge.glossary import Word, load_letter_kinds, load_words
from actions.knowledge.loader import load as load_knowledge
from actions.knowledge.model import Knowledge
from actions.knowledge.programmes import Programme, load_programmes
from actions.people import People

if TYPE_CHECKING:
    from actions.directory.sources.store import LastKnownGood


def berlin_now() -> datetime:
    """The time in Saxony."""
    return datetime.now(BERLIN)


def _nowhere(service_id: str, what: str, day: date) -> bool:
    """Reports of wrong cards go nowhere where there is no queue, as in a tool."""
    return False


@dataclass
class Resources:
    """Knowledge, directory, places and the clock; `clock` is replaced by `talk --at` and by tests.

    `letter_kinds` maps a kind of letter to its title (a msgid). `languages` are the codes the assistant answers in; empty when that is not known here;
    `drafts` are those of them that no person has reviewed. `sources` keep the
    directory current, the `handbook` has their pages and events; `report(service id, what, day)` puts a card that is wrong into the editors' queue.
    `people` are the counsellors who can be reached through the assistant itself. `answers` are the last good ones of the
    sources, None without any.
    """

    knowledge: Knowledge
    directory: Directory
    gazetteer: Gazetteer
    kinds: dict[str, dict[str, str]]
    clock: Callable[[], datetime] = field(default=berlin_now)
    programmes: dict[str, Programme] = field(default_factory=dict)
    words: dict[str, Word] = field(default_factory=dict)
    letter_kinds: dict[str, str] = field(default_factory=dict)
    languages: frozenset[str] = frozenset()
    drafts: frozenset[str] = frozenset()
    sources: Sources | None = None
    handbook: Handbook | None = None
    report: Callable[[str, str, date], bool] = _nowhere
    people: People = field(default_factory=People)
    answers: LastKnownGood | None = None

    @classmethod
    def load(
        cls,
        data: Path,
        clock: Callable[[], datetime] = berlin_now,
        languages: frozenset[str] = frozenset(),
        upstreams: SourceSettings | None = None,
        limits: Limits = LIMITS,
    ) -> Resources:
        """Read everything under `data/`; the rooms' own errors name what is wrong."""
        gazetteer = Gazetteer.load(data / "places.yml", data / "postcodes.yml")
        directory = Directory.from_records(load_records(data / "services"), gazetteer, limits)
        settings = upstreams or SourceSettings(store=Path())
        store = open_store(settings)
        built = build_sources(settings, gazetteer, clock, store)
        knowledge = load_knowledge(data / "articles", data / "knowledge")
        return cls(
            knowledge=knowledge,
            programmes=load_programmes(data / "programmes.yml", knowledge),
            words=load_words(data / "glossary.yml", knowledge),
            letter_kinds=load_letter_kinds(data / "letters.yml"),
            directory=directory,
            gazetteer=gazetteer,
            kinds=load_kinds(data / "services"),
            clock=clock,
            languages=languages,
            sources=Sources(built, directory) if built else None,
            handbook=build_handbook(settings, gazetteer, clock, store, built),
            answers=store,
        )
