"""HSDS schedules (a part of RFC 5545) into one OSM opening_hours string.

Computed: WEEKLY with days, MONTHLY with numbered weekdays or days of the month, each with both times. Anything
else (every second week, a number of times, no time) is left out of the string: its description becomes a note.
"""

from __future__ import annotations

import re
from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from opening_hours import OpeningHours, State  # type: ignore[attr-defined]

from actions.directory.hours import DAYS, MONTHS, HoursError, osm_date, week
from actions.directory.sources.hsds_models import Schedule

# February 29 and no other day that a month lacks.
DAYS_OF_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
# Nobody is told about an opening further away than this (actions/directory/hours.py). A schedule that begins within
# it says since when; one that ends within it is written out day by day: the search for the opening after the last
# one of a rule with weekdays and an end goes on to the year 10000 (opening-hours-py 2.1.4), for many seconds.
AHEAD = timedelta(days=60)
# Days back, for nights that are not over yet.
BEFORE = timedelta(days=7)
# Hours from UTC of a German clock, and of feeds that mean UTC by nothing.
GERMAN_OFFSETS = (0, 1, 2)
SEPARATOR = " · "
MOST_SCHEDULES = 60
# Of several schedules, those that one attends from afar say nothing about the door.
REMOTE = re.compile(r"online|video|virtual|phone|telefon|remote|\bweb", re.IGNORECASE)

_YEAR = re.compile(r"\b[12]\d{3}\b")
_EXPRESSION = re.compile(r"\d\d:\d\d|24/7")
_TIME = re.compile(r"(\d{1,2}):(\d\d)(?::\d\d(?:\.\d+)?)?\s*(?:Z|[+-]\d\d(?::?\d\d)?)?", re.IGNORECASE)
_BYDAY = re.compile(r"([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)")


class _NotComputed(Exception):
    """The schedule cannot be said exactly in OSM terms."""


@dataclass(frozen=True, slots=True)
class Opening:
    """`hours` is an OSM expression ("" when nothing could be computed), `note` what the feed says in words."""

    hours: str
    note: str


def opening(schedules: Sequence[Schedule], today: date) -> Opening:
    """All schedules that hold today or begin within two months, added up.

    Where some are for visitors and others for the telephone or online, only the former are hours. Where the one
    description of all is an OSM expression for the same week, as our own export writes it, it says more exactly.
    """
    schedules = schedules[:MOST_SCHEDULES]
    held = [(schedule, span) for schedule in schedules if (span := _span(schedule, today)) is not None]
    visited = any(not REMOTE.search(schedule.attending_type) for schedule, _ in held)
    rules: dict[tuple[str, str], set[tuple[int, int]]] = {}
    dated: dict[str, set[date]] = {}
    missing = False
    for schedule, span in held:
        try:
            if not span or (visited and REMOTE.search(schedule.attending_type)):
                raise _NotComputed
            start, end = span
            times, days = _times(schedule), _days(schedule)
            if end <= today + AHEAD:
                first = max(start, today - BEFORE)
                every = (first + timedelta(n) for n in range((end - first).days + 1))
                dated.setdefault(times, set()).update(day for day in every if _falls(day, days))
            elif start <= today:
                rules.setdefault(("", times), set()).update(days)
            elif all(day >= 0 for day, _ in days):
                rules.setdefault((f"{osm_date(start)}+ ", times), set()).update(days)
            else:
                raise _NotComputed  # OSM cannot say a day of each month and a beginning at once
        except _NotComputed:
            missing = missing or bool(schedule.opens_at or schedule.byday or schedule.freq)
    found = [f"{since}{days} {times}" for (since, times), which in rules.items() for days in _selectors(which)]
    found += [f"{','.join(osm_date(day) for day in sorted(days))} {times}" for times, days in dated.items() if days]
    hours = ", ".join(found)
    descriptions = {schedule.description for schedule, _ in held}
    plain = not missing and not dated and not any(since for since, _ in rules)
    exact = descriptions.pop() if len(descriptions) == 1 and plain else ""
    if exact and _same_week(exact, hours, today):
        hours = exact
    texts = [text for schedule, _ in held for text in (schedule.description, schedule.notes) if text != hours]
    return Opening(hours, SEPARATOR.join(dict.fromkeys(text for text in texts if text)))


def _same_week(expression: str, hours: str, today: date) -> bool:
    """Whether a text is an OSM expression that recurs every year, and for the week of `hours` where there are any."""
    if not _EXPRESSION.search(expression) or _YEAR.search(expression):
        return False
    moment = datetime.combine(today, time())
    try:
        days = week(expression, moment)
    except HoursError:
        return False
    if hours:
        return bool(days) and days == week(hours, moment)
    year = OpeningHours(expression).intervals(moment, moment + timedelta(days=366))
    return any(state != State.CLOSED for _, _, state, _ in year)


def _span(schedule: Schedule, today: date) -> tuple[date, date] | tuple[()] | None:
    """First and last day, () when they cannot be read, None when the schedule is over or far away."""
    try:
        starts = [d for d in (_day(schedule.valid_from), _day(schedule.dtstart)) if d]
        ends = [d for d in (_day(schedule.valid_to), _day(schedule.until)) if d]
    except _NotComputed:
        return ()
    start, end = max(starts, default=date.min), min(ends, default=date.max)
    return None if start > today + AHEAD or end < max(start, today) else (start, end)


def _falls(day: date, days: set[tuple[int, int]]) -> bool:
    """Whether a day is one of these: see `_days`."""
    left = (monthrange(day.year, day.month)[1] - day.day) // 7 + 1
    return not days.isdisjoint(
        {(day.weekday(), 0), (day.weekday(), (day.day - 1) // 7 + 1), (day.weekday(), -left), (-1, day.day)}
    )


def _day(text: str) -> date | None:
    """The day of an ISO date or time ("" is none)."""
    if not text:
        return None
    compact = re.fullmatch(r"(\d{4})(\d\d)(\d\d)(T\d{6}Z?)?", text)  # as RFC 5545 writes `until`
    try:
        return date.fromisoformat("-".join(compact.groups()[:3]) if compact else text[:10])
    except ValueError as exc:
        raise _NotComputed from exc


def _times(schedule: Schedule) -> str:
    """Wall-clock times; an offset behind them is ignored, for feeds write `Z` and mean the clock on the wall."""
    if schedule.timezone is not None and schedule.timezone not in GERMAN_OFFSETS:
        raise _NotComputed
    opens, closes = _minutes(schedule.opens_at), _minutes(schedule.closes_at)
    # HSDS cannot say 24:00: one minute to midnight is the end of the day.
    if closes == 23 * 60 + 59 or (closes == 0 and opens > 0):
        closes = 24 * 60
    if opens == closes or opens == 24 * 60:
        raise _NotComputed
    return f"{opens // 60:02d}:{opens % 60:02d}-{closes // 60:02d}:{closes % 60:02d}"


def _minutes(text: str) -> int:
    found = _TIME.fullmatch(text)
    minutes = int(found[1]) * 60 + int(found[2]) if found else -1
    if found is None or int(found[2]) > 59 or minutes > 24 * 60:
        raise _NotComputed
    return minutes


def _days(schedule: Schedule) -> set[tuple[int, int]]:
    """Pairs (weekday, which of the month; 0 for each), or (-1, day of the month)."""
    if schedule.interval not in (None, 1) or schedule.count is not None or schedule.byweekno or schedule.byyearday:
        raise _NotComputed
    named = [_BYDAY.fullmatch(part) for part in re.split(r"[\s,;]+", schedule.byday.strip().upper()) if part]
    days = {(DAYS.index(found[2].capitalize()), int(found[1] or 0)) for found in named if found}
    if None in named or any(found and found[1] and not 1 <= abs(int(found[1])) <= 5 for found in named):
        raise _NotComputed
    freq = schedule.freq.upper()
    if freq == "WEEKLY" and not schedule.bymonthday:
        first = _day(schedule.dtstart)
        if not days and first is not None:
            days = {(first.weekday(), 0)}
        if days and all(which == 0 for _, which in days):
            return days
    if freq == "MONTHLY" and days and not schedule.bymonthday and all(which != 0 for _, which in days):
        return days
    if freq == "MONTHLY" and not days and schedule.bymonthday:
        parts = [part for part in re.split(r"[\s,;]+", schedule.bymonthday) if part]
        if parts and all(part.isascii() and part.isdigit() and 1 <= int(part) <= 31 for part in parts):
            return {(-1, int(part)) for part in parts}
    raise _NotComputed


def _selectors(days: set[tuple[int, int]]) -> list[str]:
    """OSM selectors for the same times: plain weekdays, numbered ones, days of the month."""
    found = []
    plain = sorted(day for day, which in days if day >= 0 and which == 0)
    if plain:
        found.append(_runs(plain))
    numbered: dict[int, list[int]] = {}
    for day, which in sorted(days):
        if day >= 0 and which != 0 and day not in plain:
            numbered.setdefault(day, []).append(which)
    if numbered:
        found.append(",".join(f"{DAYS[day]}[{','.join(str(n) for n in which)}]" for day, which in numbered.items()))
    of_month = sorted(which for day, which in days if day < 0)
    if of_month:
        written = [
            f"{MONTHS[month]} {day:02d}" for month in range(12) for day in of_month if day <= DAYS_OF_MONTH[month]
        ]
        found.append(",".join(written))
    return found


def _runs(days: list[int]) -> str:
    """Weekdays, three and more in a row as a range."""
    runs: list[list[int]] = []
    for day in days:
        if runs and day == runs[-1][-1] + 1:
            runs[-1].append(day)
        else:
            runs.append([day])
    return ",".join(
        f"{DAYS[run[0]]}-{DAYS[run[-1]]}" if len(run) > 2 else ",".join(DAYS[day] for day in run) for run in runs
    )
