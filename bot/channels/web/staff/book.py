"""What the staff pages show and do, as functions that the composition root hands in."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any


class Unable(ValueError):
    """Something cannot be made; the message is a German sentence for staff."""


@dataclass(frozen=True)
class Named:
    """Something to choose: its id, and what staff call it."""

    id: str
    name: str


@dataclass(frozen=True)
class File:
    """What is shown or downloaded; `name` is the file's name."""

    name: str
    content: bytes
    content_type: str


@dataclass(frozen=True)
class Sheet:
    """A poster as it is wished for: ids of a site, topics, languages and a format; a short name of the campaign."""

    site: str
    topics: tuple[str, ...]
    languages: tuple[str, ...]
    format: str
    campaign: str = ""


@dataclass(frozen=True)
class Goal:
    """Where a link leads: ids of a place, a topic and a language, and a campaign; "" for what is left open."""

    place: str = ""
    topic: str = ""
    language: str = ""
    campaign: str = ""


@dataclass(frozen=True)
class Shared:
    """A link for the web and one for Telegram, "" where there is none, and the text to pass on."""

    web: str
    telegram: str
    text: str
    language: str = "de"
    direction: str = "ltr"


@dataclass(frozen=True)
class CallBack:
    """Somebody asks to be called: `rows` are pairs of a German label and what was given."""

    id: str
    phone: str
    rows: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Queue:
    """How many messages wait to be looked at: in total, and by reason and language, each as name and number.

    `oldest` is the day of the oldest, in words.
    """

    total: int
    tables: Sequence[tuple[str, Sequence[tuple[str, int]]]] = ()
    oldest: str = ""


@dataclass(frozen=True)
class StaffBook:
    """All parts of the staff pages. A function that is None is a part that is off; the page says so.

    `poster(sheet, kind)` makes "pdf" or "html", `report(month, kind)` "html", "csv", "trend.csv" or
    "json"; `link`, `poster` and `report` raise Unable. Functions may take seconds: they are called in a thread. `done(id)` marks a request as
    answered, False when it is gone. `notes` say in German what is missing, by the name of the part.
    """

    sites: Sequence[Named] = ()
    places: Sequence[Named] = ()
    topics: Sequence[Named] = ()
    poster_topics: Sequence[Named] = ()
    languages: Sequence[Named] = ()
    formats: Sequence[Named] = ()
    poster: Callable[[Sheet, str], File] | None = None
    months: Callable[[], Sequence[str]] | None = None
    report: Callable[[str, str], File] | None = None
    link: Callable[[Goal], Shared] | None = None
    qr: Callable[[str], str] | None = None
    callbacks: Callable[[], Sequence[CallBack]] | None = None
    done: Callable[[str], bool] | None = None
    queue: Callable[[], Queue] | None = None
    notes: dict[str, str] = field(default_factory=dict)

    def has(self, part: str) -> bool:
        """Whether a page's part is on."""
        functions: dict[str, Any] = {
            "posters": self.poster,
            "report": self.report,
            "link": self.link,
            "callbacks": self.callbacks,
            "review": self.queue,
        }
        return functions[part] is not None
