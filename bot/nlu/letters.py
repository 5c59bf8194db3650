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
LETTER, OTHER = "letter", "other"
STRONG, WEAK, ENOUGH = 2, 1, 3
# What a letter that never speaks to its reader ("The application is refused.") needs to be one.
PLAIN_ENOUGH = 4
FEWEST_WORDS = 8
# A reader's camera loses dots and mistakes I, l and 1; who types a letter writes ae, or a.
_FLAT = str.maketrans({"ä": "a", "ö": "o", "ü": "u", "l": "i"})
_DIGRAPH = re.compile(r"(?<![aeiouäöüq])([aou])e(?!i)")
_STROKES = re.compile("ii+")
_HYPHEN = re.compile(r"(?<=[^\W\d_])-\s*\n\s*(?=[^\W\d_A-ZÄÖÜ])|(?<=[a-zäöüß])- (?!und|oder|bzw|bis)(?=[a-zäöüß])")
_SPACED = re.compile(r"\b(?:[^\W\d_] ){3,}[^\W\d_]\b")
# What stands in letters of offices and companies and hardly in what people write: sections of laws, amounts with
# cents, numbers of accounts and files, days.
_OFFICIAL = tuple(
    re.compile(pattern, re.I)
    for pattern in (
        r"§\s?\d",
        r"\d,\d\d\s?(?:€|eur\b|euro\b)",
        r"\bn(?:r|ummer)\.?:?\s?[a-z]{0,3}[- ]?\d{3,}|\b\d{2,4} \d{3,4} \d{3,4}\b",
        r"\b\d{1,2}\.\s?\d{1,2}\.(?:\d{2,4})?",
    )
)
_LINK = re.compile(
    r"https?://|www\.|geschenkkarte|gutscheinkarte|gutscheincode|paysafe|google play|bitcoin|western union", re.I
)


def joined(text: str) -> str:
    """A text whose words are whole again: those parted at the end of a line, and "z w e i"."""
    return _SPACED.sub(lambda match: match[0].replace(" ", ""), _HYPHEN.sub("", text))


def flat(text: str) -> str:
    """A folded text that does not depend on dots, on ae for ä, or on I and l."""
    return _STROKES.sub("i", _DIGRAPH.sub(r"\1", fold(text)).translate(_FLAT))


# A letter speaks to its reader at least as often as of its writer; who asks something speaks of himself.
OWN = frozenset(map(flat, "ich mir mich mein meine meinen meinem meiner meines".split()))
READER = frozenset(map(flat, "sie ihnen ihr ihre ihren ihrem ihrer ihres euch eltern".split()))
GERMAN = frozenset(
    map(
        flat,
        "der die das den dem des ein eine einen einer eines und oder sie ihr ihre ihnen ihren ist sind wird werden wurde "
        "hat haben nicht noch mit für von vom zu zum zur in im am an auf aus bei bis nach um über bitte wir uns".split(),
    )
)
GERMAN_SHARE = 0.2
MOST_TIMES = 4
LEAP_YEAR = 2028

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
    r"\b(?:innerhalb|binnen|frist|sp(?:ä|ae?)testens)\s+(?:einer\s+frist\s+)?(?:von\s+)?(\d{1,2}|"
    + "|".join(_NUMBERS)
    + r")\s+"
    r"(?:kalender)?(tag|woche|monat)(?:e|en|s|n)?\b",
    re.I,
)
_DATE = re.compile(
    r"\bbis\s+(?:sp(?:ä|ae?)testens\s+)?(?:zum\s+)?(?:\w+,\s*(?:den\s+)?)?"
    r"(\d{1,2})\.\s?(\d{1,2})\.(?!\d?[–-])(?:\s?(\d{4}|\d{2})\b(?!:))?",
    re.I,
)
_WORDED = re.compile(
    r"\bbis\s+(?:sp(?:ä|ae?)testens\s+)?(?:zum\s+)?(?:\w+,\s*(?:den\s+)?)?(\d{1,2})\.\s?("
    + "|".join(_MONTHS)
    + r")(?:\s+(\d{4}))?\b",
    re.I,
)
_APPOINTMENT = re.compile(
    r"\b(?:am|auf)\s+(?:\w+,?\s+(?:den\s+)?|dem\s+)?(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d{2}(?![:.]))?,?\s+(?:um\s+)?"
    r"(\d{1,2})[:.](\d{2})\s*uhr",
    re.I,
)
# "from 01.03. until 31.05.2026" is a time that is told of, no deadline.
_SPAN = re.compile(r"\bvom\s+\d{1,2}\.(?:\s?\d{1,2}\.?\s?\d{0,4})?\s*$", re.I)
# When an offence is said to have happened.
_PAST = re.compile(r"(?:vorgeworfen|beschuldigt sie|tatzeit)[^.]{0,20}$", re.I)
_AT_ONCE = re.compile(r"\b(?:unverz(?:ü|ue?)glich|umgehend|sofort)\b", re.I)


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
        for name in (LETTER, OTHER):
            for phrase in content[name]:
                self._signs.add(name, flat(str(phrase)))
        for row in content["kinds"]:
            for name, weight in (("strong", STRONG), ("weak", WEAK)):
                for phrase in row[name]:
                    self._signs.add(f"{row['id']} {weight}", flat(str(phrase)))
        self._signs.ready()

    def read(self, text: str) -> dict[str, Any] | None:
        """A `letter` entity {entity, value, topic, times, link, start, end} for an official letter, else None.

        `value` is "" when no kind fits. `times` are {"period": [2, "week"]}, {"day": ISO date, or "--12-31" without
        a year}, {"moment": ISO time} (an appointment) and {"at_once": True}, each once, in their order. `link` is
        True when it wants a click or a gift card.
        """
        whole = joined(text)
        words = TOKEN.findall(flat(whole))
        plain = [word for word in words if word.isalpha()]
        if len(plain) < FEWEST_WORDS or sum(word in GERMAN for word in plain) < GERMAN_SHARE * len(plain):
            return None
        spoken_to, own = (sum(word in listed for word in plain) for listed in (READER, OWN))
        if own > spoken_to:
            return None
        found = {phrase for phrase, at in self._signs.candidates(words) if phrase.span(words, at) is not None}
        scores: dict[str, int] = {}
        for sign in found:
            name, _, weight = sign.wish.partition(" ")
            if weight:
                scores[name] = scores.get(name, 0) + int(weight)
        best = max(scores, key=lambda name: (scores[name], -list(self.kinds).index(name)), default="")
        sure = bool(best) and scores[best] >= ENOUGH
        said = sum(sign.wish == LETTER for sign in found)
        official = said + sum(bool(pattern.search(whole)) for pattern in _OFFICIAL)
        if any(sign.wish == OTHER for sign in found) or not official or (official < 2 and not sure):
            return None
        if not spoken_to and (not said or scores.get(best, 0) < PLAIN_ENOUGH):
            return None
        kind = self.kinds[best] if sure else None
        return {
            "entity": "letter",
            "value": kind.id if kind else "",
            "topic": kind.topic if kind else "migration_counselling",
            "times": times(whole),
            "link": bool(_LINK.search(whole)),
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
        if _SPAN.search(text[: match.start()]):
            continue
        rows.append((match.start(), _day(match[3], str(_MONTHS.index(match[2].lower()) + 1), match[1])))
    for match in _APPOINTMENT.finditer(text):
        if _PAST.search(text[: match.start()]):
            continue
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


def _day(year: str | None, month: str, day: str) -> dict[str, Any]:
    try:
        if not year:
            return {"day": f"-{date(LEAP_YEAR, int(month), int(day)):-%m-%d}"}
        return {"day": date(int(year) + (2000 if len(year) == 2 else 0), int(month), int(day)).isoformat()}
    except ValueError:
        return {}


@lru_cache(maxsize=1)
def reader() -> LetterReader:
    """The reader of this process."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return LetterReader(yaml.load(DATA.read_text(encoding="utf-8"), Loader=loader))
