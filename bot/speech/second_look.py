"""`wegweiser messages blind` and `back`: critical sentences, translated back by somebody who has not seen the English.

The second translator gets the sentences of one language alone. What comes back stands as a comment beside the
translation, with a mark of the translation it was made from: another translation needs another second look.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator

from babel.messages.catalog import Catalog, Message

from bot.speech import negations
from bot.speech.critical import is_critical
from bot.speech.numbers import numbers

_COMMENT = re.compile(r"back-translation ([0-9a-f]{8}): (.*)", re.S)


class SecondLookError(ValueError):
    """A line of back-translations cannot be used; the message names it."""


def mark(translated: str) -> str:
    """Eight hexadecimal digits that change with a translation."""
    return hashlib.sha256(translated.encode()).hexdigest()[:8]


def critical(catalog: Iterable[Message]) -> Iterator[Message]:
    """The translated messages of a catalogue that need a second look."""
    return (m for m in catalog if m.id and m.string and is_critical(str(m.id), m.auto_comments))


def recorded(message: Message) -> str:
    """The back-translation of the present translation, or "" when there is none."""
    match = _COMMENT.fullmatch(" ".join(message.user_comments))
    return match[2] if match and match[1] == mark(str(message.string)) else ""


def blind(catalog: Catalog) -> list[str]:
    """Lines "mark TAB translation" without a back-translation yet, for somebody who has not seen the English."""
    lines = (f"{mark(str(m.string))}\t{m.string}" for m in critical(catalog) if not recorded(m))
    return list(dict.fromkeys(lines))


def record(catalog: Catalog, lines: Iterable[str]) -> int:
    """Put lines "mark TAB English" beside their translations; how many. SecondLookError when a line is none."""
    by_mark: dict[str, list[Message]] = {}  # two English sentences can have one translation
    for message in critical(catalog):
        by_mark.setdefault(mark(str(message.string)), []).append(message)
    count = 0
    for line in filter(str.strip, lines):
        key, _, text = line.strip().partition("\t")
        if key not in by_mark or not text.strip():
            raise SecondLookError(f"no sentence for this line: {line.strip()[:60]!r}")
        for message in by_mark[key]:
            message.user_comments = [f"back-translation {key}: {text.strip()}"]
        count += 1
    return count


def fault(message: Message) -> str:
    """What is wrong with the second look at a critical message; "" for nothing."""
    back = recorded(message)
    if not back:
        return "no back-translation"
    if numbers(str(message.id)) != numbers(back):
        return "other numbers when translated back"
    if negations.english(str(message.id)) and not negations.english(back) and not _SOFT.search(back):
        return "no negation when translated back"
    return ""


# A negation may come back in another word.
_SOFT = re.compile(
    r"\b(?:free|nowhere|dis\w+|refus\w*|reject\w*|forbid\w*|un\w+|im\w+ible|avoid|only|except|anonymous\w*|lack\w*)\b",
    re.I,
)
