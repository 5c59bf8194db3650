"""The interface of a source of services, and what is asked of it: a topic and a place, never a message."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from actions.directory.geo import Place
from actions.directory.model import Service


class Unavailable(Exception):
    """There is neither an answer nor a last-known-good one. The text says why, without any request data."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """All that a source may know of a question: intent, place, language, level; nothing of the person."""

    topic: str
    place: Place | None = None
    language: str = ""
    level: str = ""


@dataclass(frozen=True, slots=True)
class Batch:
    """Services of one source under one key, as one piece: a newer batch takes the place of the older.

    `origin` is network, fresh or stale; `as_of` when the source said so (aware, UTC). `dropped` counts records
    that could not be used; one of them never empties a batch.
    """

    key: str
    services: tuple[Service, ...]
    origin: str
    as_of: datetime
    dropped: int = 0
    # Why records were dropped, for the operator: never their contents.
    faults: tuple[str, ...] = field(default=())


class Source(Protocol):
    """One upstream. To add one: a module with a class like this, a line in `registry.py`, a setting."""

    name: str
    # Seconds for which a batch counts as current.
    ttl: float

    def key(self, wanted: Wanted) -> str | None:
        """Which batch answers this question; None when the source has nothing to say to it. No input or output."""

    async def load(self, key: str, wanted: Wanted) -> Batch:
        """Fetch the batch. Raises `Unavailable` when there is neither an answer nor a last-known-good one."""

    async def close(self) -> None:
        """Close connections."""
