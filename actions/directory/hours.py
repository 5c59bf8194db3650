"""Opening hours: an OSM expression and a moment in, an honest state out, Saxony's holidays included.

`;` in OSM syntax overrides earlier rules for the same days and `,` adds to them. `PH off` knows only
Germany's nationwide holidays, so it is replaced by one dated rule per Saxon holiday.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]

BERLIN = ZoneInfo("Europe/Berlin")
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
_LOOK_AHEAD_DAYS = 60


class HoursError(ValueError):
    """The expression is not valid OSM opening_hours syntax."""


@dataclass(frozen=True, slots=True)
class HoursState:
    """state: open, closed, appointment or unknown; `until` ends an open spell, `opens` begins the next."""

    state: str
    until: datetime | None = None
    opens: datetime | None = None
    always: bool = False
    holiday: bool = False
    comment: str = ""


@lru_cache(maxsize=16)
def saxon_holidays(year: int) -> tuple[date, ...]:
    """The eleven public holidays of Saxony in `year` (Buß- und Bettag and Reformationstag among them)."""
    return tuple(sorted(holidays.country_holidays("DE", subdiv="SN", years=year)))


def _expand(expression: str, year: int) -> str:
    """Replace `PH` by one dated rule per Saxon holiday of this and the next year."""
    kept: list[str] = []
    on_holidays = ""
    for rule in (part.strip() for part in expression.split(";")):
        selector, _, times = rule.partition(" ")
        days = selector.split(",")
        if "PH" not in days:
            kept.append(rule)
            continue
        on_holidays = times
        if len(days) > 1:
            kept.append(",".join(d for d in days if d != "PH") + " " + times)
    if not on_holidays:
        # A source silent about holidays: weekday offices are shut, a seven-day or 24/7 service is not.
        if expression.strip() == "24/7" or {"Sa", "Su"} <= set(_open_days(kept)):
            return expression
        on_holidays = "off"
    dated = [
        f"{d.year} {_MONTHS[d.month - 1]} {d.day:02d} {on_holidays}"
        for y in (year, year + 1)
        for d in saxon_holidays(y)
    ]
    return "; ".join(kept + dated)


def _open_days(rules: list[str]) -> list[str]:
    return [day for rule in rules if not rule.endswith((" off", " closed")) for day in _expand_days(rule.split(" ")[0])]


@lru_cache(maxsize=2048)
def _parsed(expression: str, year: int) -> OpeningHours:
    try:
        return OpeningHours(_expand(expression, year), timezone=BERLIN)
    except (ParserError, ValueError) as exc:
        raise HoursError(f"not valid opening hours: {expression!r}") from exc


def state_at(expression: str, moment: datetime, by_appointment: bool = False) -> HoursState:
    """What `expression` says at `moment` (naive = local time). HoursError when it cannot be parsed."""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=BERLIN)
    moment = moment.astimezone(BERLIN)
    hours = _parsed(expression, moment.year)
    state, comment = hours.state(moment)[:2]
    is_holiday = moment.date() in saxon_holidays(moment.year)
    if state == State.UNKNOWN or by_appointment:
        return HoursState("appointment", comment=str(comment or ""), holiday=is_holiday)
    change = hours.next_change(moment)
    if state == State.OPEN:
        return HoursState("open", until=change, always=change is None, holiday=is_holiday)
    return HoursState("closed", opens=_next_opening(hours, moment), holiday=is_holiday)


def _next_opening(hours: OpeningHours, moment: datetime) -> datetime | None:
    """The next change into an open state within 60 days."""
    cursor, limit = moment, moment + timedelta(days=_LOOK_AHEAD_DAYS)
    while True:
        change = hours.next_change(cursor)
        if change is None or change > limit:
            return None
        if hours.is_open(change):
            return change
        cursor = change


def week(expression: str, moment: datetime) -> list[tuple[int, str]]:
    """Regular week as (weekday, "09:00-12:00, 13:00-18:00") for open days; Monday is 0.

    Computed on the rule itself, so a public holiday in the current week does not hide a day.
    """
    try:
        plain = "; ".join(r.strip() for r in expression.split(";") if not r.strip().startswith("PH"))
        hours = OpeningHours(plain.replace(",PH ", " ") or "off", timezone=BERLIN)
    except (ParserError, ValueError) as exc:
        raise HoursError(f"not valid opening hours: {expression!r}") from exc
    start = datetime(moment.year, moment.month, moment.day, tzinfo=BERLIN) - timedelta(days=moment.weekday())
    days: list[tuple[int, str]] = []
    for offset in range(7):
        begin = start + timedelta(days=offset)
        spans = []
        for left, right, state, _ in hours.intervals(begin, begin + timedelta(days=1)):
            if state == State.OPEN:
                closes = "24:00" if right >= begin + timedelta(days=1) else f"{right:%H:%M}"
                spans.append(f"{left:%H:%M}-{closes}")
        if spans:
            days.append((offset, ", ".join(spans)))
    return days


def lost_weekdays(expression: str) -> list[str]:
    """Weekdays whose earlier slot a later `;` rule silently replaces (usually `,` was meant)."""
    seen: dict[str, int] = {}
    for rule in expression.split(";"):
        head = rule.strip().split(" ")[0]
        for day in _expand_days(head):
            seen[day] = seen.get(day, 0) + 1
    return [day for day, count in seen.items() if count > 1]


def _expand_days(head: str) -> list[str]:
    days: list[str] = []
    for part in head.split(","):
        first, _, last = part.partition("-")
        if first in _DAYS and (not last or last in _DAYS):
            end = _DAYS.index(last or first)
            days.extend(_DAYS[_DAYS.index(first) : end + 1])
    return days
