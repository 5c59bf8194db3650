"""Which sentences hurt somebody when a translation gets them wrong: danger, violence, rejection, deadlines.

They are translated back by a second translator who has not seen the English (`bot/speech/second_look.py`). And which
changes of an English sentence make its old translation dangerous rather than only old.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from bot.speech import negations

# Everything said under these topics and keys, whatever its words.
TOPICS = frozenset(
    {
        "emergency_medical",
        "emergency_violence",
        "crisis_suicide",
        "domestic_violence",
        "forced_marriage_trafficking",
        "hate_crime",
        "rejection",
    }
)
KEYS = (
    *("domain.yml:utter_crisis", "domain.yml:utter_emergency", "domain.yml:utter_danger"),
    *("web/pages:safe_", "web:leave", "web:delete"),
    # what is passed on to people, and what is not; numbers to call
    *("domain.yml:utter_handover_consent", "domain.yml:utter_handover_back", "domain.yml:utter_callback_ask"),
    "staff:staff_number",
)
_DEADLINE = re.compile(
    r"\bwithin\b|deadline|too late|\bin time\b|at the latest|no later|at once|immediately|without delay|\bby the end\b"
    r"|\b(?:has|have|had|must|only|for)\b.{0,40}\b(?:hours?|days?|weeks?|months?) (?:to|after|from|of)\b"
    r"|objection|\bappeal|\bsue\b|lawsuit|\bcourt\b",
    re.I,
)
_REJECTION = re.compile(r"reject|refus|says no\b|deport|\bremov(?:al|ed)\b|Dublin|leave Germany", re.I)
_VIOLENCE = re.compile(
    r"violen|threat|\bbeat|\bhits?\b|\brap(?:e|ed)\b|abus|traffick|stalk|attack|forced|genital|emergency|\b11[02]\b"
    r"|suicid|\bkill|in danger|life is\b",
    re.I,
)


def is_critical(text: str, places: Iterable[str]) -> bool:
    """True for a sentence on danger, violence, a rejection or a deadline; `places` are where it is used."""
    if any(place.split(":")[0] in TOPICS or place.startswith(KEYS) for place in places):
        return True
    return any(pattern.search(text) for pattern in (_DEADLINE, _REJECTION, _VIOLENCE))


# What may, must and can be claimed: words whose change turns a right or a duty into another one.
_RIGHTS = re.compile(
    r"\b(?:may|must|can|cannot|need|needs|have to|has to|right|only|free|always|never|should|allowed)\b"
)
_NUMBER = re.compile(r"\d[\d.,:]*\d|\d|\b(?:one|two|three|four|five|six|seven|eight|nine|ten|twelve)\b", re.I)


def urgent(before: str, after: str) -> bool:
    """True when an English sentence changed in a number, a deadline, a right or a negation: the old must not be said.

    The order of words does not count, what they are does.
    """
    return any(
        sorted(found(before)) != sorted(found(after)) for found in (_numbers, _rights, _deadlines, negations.english)
    )


def _numbers(text: str) -> list[str]:
    return [n.lower() for n in _NUMBER.findall(text)]


def _rights(text: str) -> list[str]:
    return [w.lower() for w in _RIGHTS.findall(text.lower())]


def _deadlines(text: str) -> list[str]:
    return [w.lower() for w in _DEADLINE.findall(text)]
