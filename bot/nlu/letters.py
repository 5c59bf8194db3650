"""Reading a pasted German letter: which kind it probably is, and the words about time in it.

Nothing of the letter is kept: what goes on is the kind's id, and periods and dates as numbers.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.nlu.normalise import fold
from bot.nlu.wishes import TOKEN, SlotFinder

DATA = Path(__file__).resolve().parents[2] / "data" / "letters.yml"
STRONG, WEAK, ENOUGH = 2, 1, 3
FEWEST_WORDS = 8
# A letter speaks to its reader at least as often as of its writer; who asks something speaks of himself.
OWN = frozenset(map(fold, "ich mir mich mein meine meinen meinem meiner meines".split()))
READER = frozenset(map(fold, "sie ihnen ihr ihre ihren ihrem ihrer ihres euch eltern".split()))
GERMAN = frozenset(
    map(
        fold,
        "der die das den dem des ein eine einen einer eines und oder sie ihr ihre ihnen ihren ist sind wird werden wurde "
        "hat haben nicht noch mit für von vom zu zum zur in im am an auf aus bei bis nach um über bitte wir uns".split(),
    )
)
GERMAN_SHARE = 0.2
MOST_TIMES = 4

_NUMBERS = {
    "einem": 1, "einer": 1, "eines": 1, "ein": 1, "zwei": 2, "drei": 3, "vier": 4, "fünf": 5, "sechs": 6, "sieben": 7,
    "acht": 8, "zehn": 10, "vierzehn": 14, "dreißig": 30,
}  # fmt: skip
_UNITS = {"tag": "day", "woche": "week", "monat": "month"}
_MONTHS = (
    *("januar", "februar", "märz", "april", "mai", "juni", "juli", "august", "september", "oktober", "november"),
    "dezember",
)
_PERIOD = re.compile(
    r"\b(?:innerhalb|binnen|frist)\s+(?:einer\s+frist\s+)?(?:von\s+)?(\d{1,2}|" + "|".join(_NUMBERS) + r")\s+"
    r"(?:kalender)?(tag|woche|monat)(?:e|en|s|n)?\b",
    re.I,
)
_DATE = re.compile(
    r"\bbis\s+(?:spätestens\s+)?(?:zum\s+)?(?:\w+,\s*(?:den\s+)?)?(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2})\b", re.I
)
_WORDED = re.compile(
    r"\bbis\s+(?:spätestens\s+)?(?:zum\s+)?(?:\w+,\s*(?:den\s+)?)?(\d{1,2})\.\s?("
    + "|".join(_MONTHS)
    + r")\s+(\d{4})\b",
    re.I,
)
_APPOINTMENT = re.compile(
    r"\bam\s+(?:\w+,?\s+(?:den\s+)?|dem\s+)?(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2}),?\s+(?:um\s+)?(\d{1,2})[:.](\d{2})\s*uhr",
    re.I,
)
# "from 01.03. until 31.05.2026" is a time that is told of, no deadline.
_SPAN = re.compile(r"\bvom\s+\d{1,2}\.\s?\d{1,2}\.?\s?\d{0,4}\s*$", re.I)
_AT_ONCE = re.compile(r"\b(?:unverzüglich|umgehend|sofort)\b", re.I)


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of letter; `title` is a msgid."""

    id: str
    topic: str
    title: str


class LetterReader:
    """Reads texts; `kinds` are those it knows by id."""

    def __init__(self, content: dict[str, Any]) -> None:
        self.kinds = {row["id"]: Kind(row["id"], row["topic"], row["title"]) for row in content["kinds"]}
        self._signs = SlotFinder()
        for phrase in content["letter"]:
            self._signs.add("letter", fold(phrase))
        for row in content["kinds"]:
            for name, weight in (("strong", STRONG), ("weak", WEAK)):
                for phrase in row[name]:
                    self._signs.add(f"{row['id']} {weight}", fold(phrase))
        self._signs.ready()

    def read(self, text: str) -> dict[str, Any] | None:
        """A `letter` entity {entity, value, topic, times, start, end} for an official letter, else None.

        `value` is "" when no kind fits. `times` are {"period": [2, "week"]}, {"day": ISO date}, {"moment": ISO
        time} (an appointment) and {"at_once": True}, each once, in their order.
        """
        words = TOKEN.findall(fold(text))
        plain = [word for word in words if word.isalpha()]
        if len(plain) < FEWEST_WORDS or sum(word in GERMAN for word in plain) < GERMAN_SHARE * len(plain):
            return None
        spoken_to = sum(word in READER for word in plain)
        if not spoken_to or sum(word in OWN for word in plain) > spoken_to:
            return None
        found = {phrase for phrase, at in self._signs.candidates(words) if phrase.span(words, at) is not None}
        scores: dict[str, int] = {}
        for sign in found:
            name, _, weight = sign.wish.partition(" ")
            if weight:
                scores[name] = scores.get(name, 0) + int(weight)
        official = sum(sign.wish == "letter" for sign in found)
        best = max(scores, key=lambda name: (scores[name], -list(self.kinds).index(name)), default="")
        sure = bool(best) and scores[best] >= ENOUGH
        if not official or (official < 2 and not sure):
            return None
        kind = self.kinds[best] if sure else None
        return {
            "entity": "letter",
            "value": kind.id if kind else "",
            "topic": kind.topic if kind else "migration_counselling",
            "times": times(text),
            "start": 0,
            "end": len(text),
            "extractor": "letters",
        }


def times(text: str) -> list[dict[str, Any]]:
    """Words about time in a letter as facts, see LetterReader.read."""
    rows: list[tuple[int, dict[str, Any]]] = []
    for match in _PERIOD.finditer(text):
        number = int(match[1]) if match[1].isdigit() else _NUMBERS[match[1].lower()]
        rows.append((match.start(), {"period": [number, _UNITS[match[2].lower()]]}))
    for match in _DATE.finditer(text):
        if _SPAN.search(text[: match.start()]):
            continue
        rows.append((match.start(), _day(match[3], match[2], match[1])))
    for match in _WORDED.finditer(text):
        rows.append((match.start(), _day(match[3], str(_MONTHS.index(match[2].lower()) + 1), match[1])))
    for match in _APPOINTMENT.finditer(text):
        day = _day(match[3], match[2], match[1]).get("day")
        if day and int(match[4]) < 24 and int(match[5]) < 60:
            rows.append((match.start(), {"moment": f"{day}T{int(match[4]):02}:{match[5]}"}))
    once = _AT_ONCE.search(text)
    if once:
        rows.append((once.start(), {"at_once": True}))
    found: list[dict[str, Any]] = []
    for _, row in sorted(rows, key=lambda pair: pair[0]):
        if row and row not in found:
            found.append(row)
    return found[:MOST_TIMES]


def _day(year: str, month: str, day: str) -> dict[str, Any]:
    try:
        return {"day": date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day)).isoformat()}
    except ValueError:
        return {}


@lru_cache(maxsize=1)
def reader() -> LetterReader:
    """The reader of this process."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return LetterReader(yaml.load(DATA.read_text(encoding="utf-8"), Loader=loader))
