"""Single fields of an Integreat place in our form: opening hours and a short description."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.directory.hours import BERLIN, DAYS
from actions.directory.sources.integreat_models import Day
from actions.directory.validation import PHONE_IN_TEXT

APPOINTMENT = 'unknown "by appointment"'
DESCRIPTION_LETTERS = 300
MOST_SLOTS = 12  # of one day

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")


def hours(days: Sequence[Day]) -> tuple[str, bool]:
    """An OSM opening_hours expression, and whether every open time is by appointment.

    The expression is "" where hours are unknown: nothing entered, a slot that cannot be, another time zone.
    ("", True) is "by appointment, at no stated time".
    """
    rules: list[str] = []
    for day in days:
        rule = _rule(day)
        if rule is None:
            return "", False
        rules.append(rule)
    given = [rule for rule in rules if rule]
    by_appointment = bool(given) and all(rule.endswith(APPOINTMENT) for rule in given)
    if by_appointment and all(rule == APPOINTMENT for rule in given):
        return "", True
    return "; ".join(f"{span} {rule}" for span, rule in _spans(rules)), by_appointment


def _rule(day: Day) -> str | None:
    """The times of one day, "" for none, None for what cannot be right."""
    if day.closed:
        return ""
    slots: list[str] = []
    if len(day.timeSlots) > MOST_SLOTS:
        return None
    for slot in [] if day.allDay else day.timeSlots:
        valid = _TIME.fullmatch(slot.start) and _TIME.fullmatch(slot.end) and slot.start < slot.end
        if not valid or slot.timezone != BERLIN.key:
            return None
        slots.append(f"{slot.start}-{slot.end}")
    times = "00:00-24:00" if day.allDay else ",".join(sorted(slots))
    return f"{times} {APPOINTMENT}".strip() if day.appointmentOnly else times


def _spans(rules: Sequence[str]) -> list[tuple[str, str]]:
    """(days, times) with neighbouring equal days as one: "Mo-We"."""
    found: list[tuple[int, int, str]] = []
    for number, rule in enumerate(rules):
        if not rule:
            continue
        if found and found[-1][1] == number - 1 and found[-1][2] == rule:
            found[-1] = (found[-1][0], number, rule)
        else:
            found.append((number, number, rule))
    return [(DAYS[a] if a == b else f"{DAYS[a]}-{DAYS[b]}", rule) for a, b, rule in found]


def description(text: str) -> str:
    """The first sentences, 300 letters at most, without those that hold a telephone number: numbers have a field."""
    sentences = [s for s in re.split(r"(?<=[.!?])\s+", text) if not PHONE_IN_TEXT.search(s)]
    kept = " ".join(sentences)
    if len(kept) <= DESCRIPTION_LETTERS:
        return kept
    return kept[: DESCRIPTION_LETTERS - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
