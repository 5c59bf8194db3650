"""Events of an Integreat region, every date of a recurring one by itself as the server expands it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actions.directory.hours import BERLIN
from actions.directory.sources.integreat_models import Event
from actions.directory.sources.records import read

TTL = 30 * 60.0


@dataclass(frozen=True, slots=True)
class Happening:
    """An event: `start` and `end` are aware in Europe/Berlin (`end` may be unknown), `all_day` has no hour.

    `place` is one line, "" for none (online). `url` is the page for people.
    """

    title: str
    start: datetime
    end: datetime | None
    all_day: bool
    place: str
    url: str


def upcoming(rows: Iterable[Any], now: datetime) -> list[Happening]:
    """What has not ended at `now` (aware), the next first; rows that cannot be read are left out.

    The recurrence rule is not read: its times are in UTC without saying so, an hour off when summer time ends.
    """
    events, _ = read(Event, rows)
    found = [_happening(event) for event in events if event.title and event.event.start is not None]
    found = [happening for happening in found if _last_moment(happening) > now]
    return sorted(found, key=lambda happening: (happening.start, happening.title))


def _happening(event: Event) -> Happening:
    start, end, where = event.event.start, event.event.end, event.location
    assert start is not None
    place = ", ".join(
        dict.fromkeys(" ".join(part.split()) for part in (where.name, where.address, where.town) if part.strip())
    )
    return Happening(
        title=" ".join(event.title.split()),
        start=start.astimezone(BERLIN),
        end=end.astimezone(BERLIN) if end is not None and end >= start else None,
        all_day=event.event.all_day,
        place=place,
        url=event.url,
    )


def _last_moment(happening: Happening) -> datetime:
    last = happening.end or happening.start
    return last.replace(hour=23, minute=59, second=59) if happening.all_day else last
