"""A phone number in what somebody answered when asked for one: taken out before anything is logged or stored."""

from __future__ import annotations

import re
from collections import OrderedDict
from dataclasses import dataclass

MOST = 2_000
REGION = "DE"
UNREADABLE, GIVEN_UP = "unreadable", "given up"
# Digits that look like a try to write a number; five alone are a postal code.
DIGITS, POSTAL_CODE = 6, 5
MOST_LETTERS = 12


@dataclass(frozen=True)
class Found:
    """`value` is the end of the number ("…4567"), or UNREADABLE or GIVEN_UP; `rest` what was written around it."""

    value: str
    rest: str


class Numbers:
    """Numbers between the message they came in and the action that notes them, in memory."""

    def __init__(self) -> None:
        self._taken: OrderedDict[str, str] = OrderedDict()
        self._tries: OrderedDict[str, int] = OrderedDict()
        self._left: set[str] = set()  # those that nobody had taken a minute ago

    def read(self, conversation: str, text: str) -> Found | None:
        """The number in a text, or a try to write one; None for any other message, which is answered as always."""
        import phonenumbers

        for match in phonenumbers.PhoneNumberMatcher(text, REGION):
            number = phonenumbers.format_number(match.number, phonenumbers.PhoneNumberFormat.E164)
            self._tries.pop(conversation, None)
            _keep(self._taken, conversation, number)
            self._left.discard(conversation)
            # No second number stays in what is read further.
            return Found(f"…{number[-4:]}", _without_digits(text[: match.start] + " " + text[match.end :]))
        digits = sum(c.isdecimal() for c in text)
        letters = sum(c.isalpha() for c in text)
        tried = digits >= DIGITS and letters <= MOST_LETTERS
        if not tried and (letters or digits == 0 or digits == POSTAL_CODE):
            self._tries.pop(conversation, None)
            return None
        tries = self._tries.get(conversation, 0) + 1
        if tries > 1:
            self._tries.pop(conversation, None)
            return Found(GIVEN_UP, "")
        _keep(self._tries, conversation, tries)
        return Found(UNREADABLE, "")

    def take(self, conversation: str) -> str:
        """The number that was read in the latest message; it is forgotten with this."""
        return self._taken.pop(conversation, "")

    def trim(self) -> None:
        """Drop numbers that no action has taken since the last time; to be called every minute."""
        for conversation in self._left:
            self._taken.pop(conversation, None)
        self._left = set(self._taken)

    def forget(self, conversation: str) -> None:
        """Nothing of this conversation stays."""
        self._taken.pop(conversation, None)
        self._tries.pop(conversation, None)


def _keep(kept: OrderedDict[str, str] | OrderedDict[str, int], conversation: str, value: object) -> None:
    kept[conversation] = value  # type: ignore[assignment]
    kept.move_to_end(conversation)
    if len(kept) > MOST:
        kept.popitem(last=False)


def _without_digits(text: str) -> str:
    """What is left around a number, without anything that may be a piece of one."""
    return " ".join(re.sub(r"\+?\d[\d\s/().-]*", " ", text).split())
