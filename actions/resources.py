"""What actions work with: the fact rooms and a clock, built once by the composition root."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from actions.directory.geo import Gazetteer
from actions.directory.hours import BERLIN
from actions.directory.model import load_kinds, load_records
from actions.directory.search import Directory
from actions.knowledge.loader import load as load_knowledge
from actions.knowledge.model import Knowledge


def berlin_now() -> datetime:
    """The time in Saxony."""
    return datetime.now(BERLIN)


@dataclass
class Resources:
    """Knowledge, directory, places and the clock; `clock` is replaced by `talk --at` and by tests.

    `languages` are the codes the assistant answers in; empty when that is not known here.
    """

    knowledge: Knowledge
    directory: Directory
    gazetteer: Gazetteer
    kinds: dict[str, dict[str, str]]
    clock: Callable[[], datetime] = field(default=berlin_now)
    languages: frozenset[str] = frozenset()

    @classmethod
    def load(
        cls, data: Path, clock: Callable[[], datetime] = berlin_now, languages: frozenset[str] = frozenset()
    ) -> Resources:
        """Read everything under `data/`; the rooms' own errors name what is wrong."""
        gazetteer = Gazetteer.load(data / "places.yml", data / "postcodes.yml")
        return cls(
            knowledge=load_knowledge(data / "articles", data / "knowledge"),
            directory=Directory.from_records(load_records(data / "services"), gazetteer),
            gazetteer=gazetteer,
            kinds=load_kinds(data / "services"),
            clock=clock,
            languages=languages,
        )
