"""Single fields of an Integreat place in our form: telephone number, opening hours, plain text of editors' HTML."""

from __future__ import annotations

import re
from collections.abc import Sequence
from html.parser import HTMLParser

from actions.directory.hours import BERLIN, DAYS
from actions.directory.sources.integreat_models import Day
from actions.directory.validation import PHONE, PHONE_IN_TEXT

APPOINTMENT = 'unknown "by appointment"'
DESCRIPTION_LETTERS = 300
# Letters of HTML that are looked at for a description.
HTML_READ = 20_000

_TIME = re.compile(r"([01]\d|2[0-3]):[0-5]\d")

# Area codes that can be cut off a number written without any separator: mobile ones and those of large cities with
# no longer code that begins alike. Any other number of that kind could be cut in two ways and is not used.
_UNSEPARATED = re.compile(r"(1[567]\d|30|40|69|89|341|351|355|371|375)(\d{5,9})")
_TWO_DIGITS = ("30", "40", "69", "89")
# Premium, shared-cost and mass numbers: nothing to send people to without its price.
_COSTLY = ("118", "137", "180", "190", "900")
_ANOTHER = re.compile(r",|;|\boder\b|\bund\b|\bbzw\b", re.IGNORECASE)


def phone(text: str) -> str:
    """The first number of a field as "+49 341 123456" or as a short number; "" when the parts are not certain."""
    for part in _ANOTHER.split(text):
        found = _number(part)
        if found:
            return found
    return ""


def _number(text: str) -> str:
    # What precedes the number ("Tel.:") and what follows it ("Frau …", "bis -99") goes.
    start = re.search(r"[+(\d]", text)
    raw = re.match(r"[+\d()/\s.\-–]*", text[start.start() :]) if start else None
    if raw is None:
        return ""
    digits = re.sub(r"\D", "", raw[0])
    if PHONE.fullmatch(digits):  # 112, 116117
        return digits
    if digits.startswith("0800"):
        return f"0800 {digits[4:]}" if 9 <= len(digits) <= 12 else ""
    rest = re.sub(r"^[\s(]*(\+|00)\s*49\)?", "", raw[0])
    if rest == raw[0]:
        if not re.match(r"[\s(]*0[1-9]", rest):
            return ""  # no area code, or a foreign number
    rest = re.sub(r"^[\s(]*0[\s)]*", "", rest, count=1)
    area, number = _parts(rest.strip())
    plausible = 2 <= len(area) <= 5 and (len(area) > 2 or area in _TWO_DIGITS) and 3 <= len(number) <= 10
    plausible = plausible and not area.startswith(_COSTLY)
    found = f"+49 {area} {number}"
    return found if plausible and len(area + number) >= 7 and PHONE.fullmatch(found) else ""


def _parts(rest: str) -> tuple[str, str]:
    """Area code and number of a national number without its 0, ("", "") when they cannot be told apart."""
    found = re.match(r"\(?\s*(\d+)\s*[)/.\s\-–]+(.*)", rest)
    if found:
        # After a further slash another number follows.
        return found[1], re.sub(r"\D", "", found[2].partition("/")[0])
    bare = _UNSEPARATED.fullmatch(rest)
    return (bare[1], bare[2]) if bare else ("", "")


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
    slots = []
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


class _Text(HTMLParser):
    """Text with a space where a block ends; contact cards (people's names and numbers) and scripts are left out."""

    _INLINE = frozenset("a abbr b em i small span strong sub sup u".split())
    _VOID = frozenset("area base br col embed hr img input link meta source track wbr".split())

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._skipped: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in self._INLINE:
            self.parts.append(" ")
        if tag in self._VOID:
            return
        classes = (dict(attrs).get("class") or "").split()
        if self._skipped or tag in ("script", "style") or "contact-card" in classes:
            self._skipped.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if tag not in self._INLINE:
            self.parts.append(" ")
        if tag in self._skipped:
            while self._skipped.pop() != tag:
                pass

    def handle_data(self, data: str) -> None:
        if not self._skipped:
            self.parts.append(data)


def plain(html: str) -> str:
    """The text of editors' HTML on one line. The CMS's own `excerpt` glues the words of neighbouring blocks."""
    parser = _Text()
    parser.feed(html[:HTML_READ])
    parser.close()
    return re.sub(r"\s+", " ", "".join(parser.parts)).strip()


def description(text: str) -> str:
    """The first sentences, 300 letters at most, without those that hold a telephone number: numbers have a field."""
    sentences = [s for s in re.split(r"(?<=[.!?])\s+", text) if not PHONE_IN_TEXT.search(s)]
    kept = " ".join(sentences)
    if len(kept) <= DESCRIPTION_LETTERS:
        return kept
    return kept[: DESCRIPTION_LETTERS - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"
