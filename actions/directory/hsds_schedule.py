"""Opening hours as HSDS schedules: weekly rows for an ordinary week, and the OSM expression beside them."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any

from actions.directory.hours import DAYS, HoursError, week
from actions.directory.hsds_terms import identity
from actions.directory.model import Service

# Weeks that are compared: six in a row see every second week and "last Saturday"; one a month sees seasons.
_WEEKS = (*range(6), *range(9, 53, 4))

Row = tuple[str, str, str]


def schedules(service: Service, now: datetime) -> list[dict[str, Any]]:
    """HSDS schedules of a service whose hours may be shown; `now` is aware. Empty when they cannot be read.

    Hours that differ from week to week give one row without `freq`: only the description tells them.
    """
    if not service.hours:
        return []
    try:
        rows = ordinary_week(service.hours, now.date() - timedelta(days=now.weekday()))
    except HoursError:
        return []
    offset = now.utcoffset() or timedelta()
    notes = " ".join(filter(None, ["By appointment." if service.by_appointment else "", service.hours_note]))
    found = []
    for byday, opens, closes in rows or (("", "", ""),):
        row: dict[str, Any] = {
            "id": identity("schedule", service.id, byday, opens, closes),
            "service_id": identity("service", service.id),
            "timezone": offset // timedelta(hours=1),
            "description": service.hours,
        }
        if byday:
            row |= {"freq": "WEEKLY", "wkst": "MO", "byday": byday, "opens_at": opens}
            row |= {"closes_at": closes} if closes else {}
        found.append({**row, "notes": notes} if notes else row)
    return found


@lru_cache(maxsize=2048)
def ordinary_week(expression: str, monday: date) -> tuple[Row, ...]:
    """(byday, opens_at, closes_at) of a week that is like every other of the year, otherwise nothing.

    Midnight as an end is 23:59, which HSDS readers take for the end of the day; an end that nobody knows
    ("17:00+") is "". HoursError when the expression cannot be read.
    """
    start = datetime.combine(monday, time())
    weeks = [week(expression, start + timedelta(weeks=ahead)) for ahead in _WEEKS]
    if any(other != weeks[0] for other in weeks):
        return ()
    days: dict[tuple[str, str], list[str]] = {}
    for weekday, spans in weeks[0]:
        for span in spans.split(", "):
            opens, _, closes = span.partition("-")
            closes = "" if f"{opens}+" in expression else "23:59" if closes == "24:00" else closes
            days.setdefault((opens, closes), []).append(DAYS[weekday].upper())
    return tuple((",".join(names), opens, closes) for (opens, closes), names in days.items())
