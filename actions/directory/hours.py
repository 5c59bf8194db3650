"""Opening hours: an OSM expression and a moment in, an honest state out, Saxony's holidays included.

`;` in OSM syntax overrides earlier rules for the same days and `,` adds to them. `PH off` knows only
Germany's nationwide holidays, so it is replaced by one dated rule per Saxon holiday.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from zoneinfo import ZoneInfo

import holidays
from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]

BERLIN = ZoneInfo("Europe/Berlin")
# As OSM writes months and days of the week.
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
# Longer expressions are none that a person has written; reading one takes longer than its length tells.
LONGEST = 3000
_LOOK_AHEAD_DAYS = 60
_ALWAYS_DAYS = 366
# `;` or a comma before the days of an added rule, not the one between days or times.
_RULE_BORDER = re.compile(r"(;\s*|,\s+(?=(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)\b))")


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


def osm_date(day: date) -> str:
    """A day as OSM writes it: "2026 Nov 18"."""
    return f"{day.year} {MONTHS[day.month - 1]} {day.day:02d}"


@lru_cache(maxsize=16)
def saxon_holidays(year: int) -> tuple[date, ...]:
    """The eleven public holidays of Saxony in `year` (Buß- und Bettag and Reformationstag among them)."""
    return tuple(sorted(holidays.country_holidays("DE", subdiv="SN", years=year)))


def _expand(expression: str, year: int) -> str:
    """Replace `PH` by one dated rule per Saxon holiday of this and the next year."""
    plain, on_holidays = _without_holidays(expression)
    if not plain and not on_holidays:
        return expression  # nothing that says when: left to the parser to refuse
    if not on_holidays:
        # A source silent about holidays: weekday offices are shut, a seven-day or 24/7 service is not.
        if expression.strip() == "24/7" or {"Sa", "Su"} <= _open_days(plain):
            return expression
        on_holidays = "off"
    dated = [f"{osm_date(d)} {on_holidays}" for y in (year, year + 1) for d in saxon_holidays(y)]
    return "; ".join([*([plain] if plain else []), *dated])


def _without_holidays(expression: str) -> tuple[str, str]:
    """The expression with every `PH` taken out, and the times it gave for holidays ("" when it gave none)."""
    plain, on_holidays, separator = "", "", ""
    for number, piece in enumerate(_RULE_BORDER.split(expression)):
        if number % 2:
            separator = piece
            continue
        selector, _, times = piece.strip().partition(" ")
        days = selector.split(",")
        if "PH" in days:
            on_holidays = times
            days.remove("PH")
            piece = f"{','.join(days)} {times}" if days else ""
        if piece.strip():
            plain += (separator if plain else "") + piece.strip()
    return plain, on_holidays


def _open_days(expression: str) -> set[str]:
    rules = [r.strip() for r in _RULE_BORDER.split(expression)[::2]]
    return {day for r in rules if not r.endswith((" off", " closed")) for day in _expand_days(r.split(" ")[0])}


@lru_cache(maxsize=2048)
def _parsed(expression: str, year: int) -> OpeningHours:
    if len(expression) > LONGEST:
        raise HoursError("opening hours that are too long")
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
    if state == State.OPEN:
        until = _end_of_spell(hours, moment)
        return HoursState("open", until=until, always=until is None, holiday=is_holiday)
    return HoursState("closed", opens=_next_opening(hours, moment), holiday=is_holiday)


def _later(moment: datetime, days: int) -> datetime:
    """So many days later; half past two in the night when clocks are put forward does not exist, and is half past three."""
    return (moment + timedelta(days=days)).astimezone(timezone.utc).astimezone(BERLIN)


def _end_of_spell(hours: OpeningHours, moment: datetime) -> datetime | None:
    """When an open spell ends, None when it goes on for a year.

    `next_change` would look for an end until the year 10000, more than a second for "Mo-Su 00:00-24:00".
    """
    limit = _later(moment, _ALWAYS_DAYS)
    first = next(iter(hours.intervals(moment, limit)))
    return first[1] if first[1] < limit else None


def _next_opening(hours: OpeningHours, moment: datetime) -> datetime | None:
    """The beginning of the next open spell within 60 days.

    `next_change` would look for one until the year 10000, twenty seconds for a week of one November.
    """
    limit = _later(moment, _LOOK_AHEAD_DAYS)
    spells = hours.intervals(moment, limit)
    return next((start for start, _, state, *_ in spells if state == State.OPEN and start > moment), None)


def week(expression: str, moment: datetime) -> list[tuple[int, str]]:
    """Regular week as (weekday, "09:00-12:00, 13:00-18:00") for open days; Monday is 0.

    Computed on the rule itself and by the clock on the wall, so neither a public holiday in the current week nor a
    Sunday of 23 or 25 hours hides or moves anything.
    """
    if len(expression) > LONGEST:
        raise HoursError("opening hours that are too long")
    try:
        hours = OpeningHours(_without_holidays(expression)[0] or "off")
    except (ParserError, ValueError) as exc:
        raise HoursError(f"not valid opening hours: {expression!r}") from exc
    start = datetime(moment.year, moment.month, moment.day) - timedelta(days=moment.weekday())
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
        if first in DAYS and (not last or last in DAYS):
            start = DAYS.index(first)
            days.extend(DAYS[(start + n) % 7] for n in range((DAYS.index(last or first) - start) % 7 + 1))
    return days
