"""Phrases as spaCy token patterns, found quickly among thousands: only those whose words all occur are tried.

The syntax is told in bot/nlu/crisis.py. A spaCy Matcher of all phrases of a language takes milliseconds a message,
because every pattern looks at every token, and a hundred megabytes for twelve languages. Here a phrase is text and an
entry in an index: under its anchor, the rarest word it cannot do without. Phrases whose anchor stands in the message
are read, and those whose other words stand there too get a Matcher that lives for this message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

from spacy.matcher import Matcher
from spacy.tokens import Doc

from bot.nlu.normalise import fold
from bot.nlu.tokenizer import blank

ARABIZI = {"7": "[7h]", "5": "(?:5|kh|x)", "2": "[2q9gk']", "3": "[3']", "$": "(?:sh|ch)", "8": "(?:8|gh)", "y": "[yi]"}
GAPS: dict[str, dict[str, Any]] = {
    "*": {"OP": "{0,3}", "LOWER": {"NOT_IN": [".", "!", "?", "؟"]}},
    "**": {"OP": "{0,12}"},
}


# Phrases of a language that are kept as words, not only as text.
KEPT = 128


@dataclass(frozen=True, slots=True)
class Word:
    """One place of a phrase: what may stand there, whether it may be absent; a gap has no options."""

    options: tuple[str, ...]
    absent: bool = False
    gap: str = ""

    @property
    def partial(self) -> bool:
        """True when an alternative is only a part of a word."""
        return any(len(o) > 1 and (o[0] in "-%" or o.endswith("-")) for o in self.options)

    def tokens(self) -> list[dict[str, Any]]:
        """spaCy's token patterns."""
        if self.gap:
            return [GAPS[self.gap]]
        absent = {"OP": "?"} if self.absent else {}
        if self.partial:
            return [{"LOWER": {"REGEX": f"^(?:{'|'.join(_part(o) for o in self.options)})$"}, **absent}]
        if len(self.options) == 1:
            return [{"LOWER": piece.text, **absent} for piece in blank("xx").make_doc(self.options[0])]
        return [{"LOWER": {"IN": list(self.options)}, **absent}]


def words_of(phrase: str, sets: dict[str, str] | None = None) -> list[Word]:
    """The places of a phrase; `sets` are the alternatives that `<name>` stands for. KeyError for an unknown name."""
    found = []
    for word in re.sub(r"<(\w+)>", lambda m: (sets or {})[m[1]].strip("|"), phrase).split():
        if word in GAPS:
            found.append(Word((), gap=word))
        else:
            options = tuple(fold(option) for option in word.rstrip("?").split("|"))
            found.append(Word(options, absent=word.endswith("?")))
    return found


def pattern(words: list[Word]) -> list[dict[str, Any]]:
    """A spaCy token pattern of one phrase."""
    return [token for word in words for token in word.tokens()]


def _part(option: str) -> str:
    """A regular expression of one alternative: `stem-`, `-end`, `-part-`, `%consonants` or a whole word."""
    if option.startswith("%"):
        return "[aeiou]*" + "".join(f"{ARABIZI.get(letter, letter)}+[aeiou]*" for letter in option[1:])
    before = r"\w*" if option.startswith("-") else ""
    after = r"\w*" if option.endswith("-") else ""
    return before + re.escape(option.strip("-")) + after


class PhraseFinder:
    """Phrases with a name each; finds (name, start, end) of all that occur in a Doc of folded text.

    KeyError when a phrase names a set of alternatives that `sets` does not have.
    """

    def __init__(self, phrases: Iterable[tuple[str, str]], sets: dict[str, str] | None = None) -> None:
        self._phrases = list(phrases)
        self._sets = sets or {}
        # The same anchors come up again and again; the rest of the phrases stay text.
        self._words = lru_cache(maxsize=KEPT)(lambda i: words_of(self._phrases[i][1], self._sets))
        self._whole: dict[str, list[int]] = {}
        self._begin: dict[str, list[int]] = {}
        self._end: dict[str, list[int]] = {}
        self._inside: list[tuple[str, int]] = []
        self._shapes: list[tuple[re.Pattern[str], int]] = []
        self._always: list[int] = []
        for i, (_, phrase) in enumerate(self._phrases):
            self._anchor(i, words_of(phrase, self._sets))

    def _anchor(self, i: int, words: list[Word]) -> None:
        """File a phrase under the word it cannot do without whose shortest alternative is longest: the rarest."""
        needed = [w for w in words if not w.gap and not w.absent]
        if not needed:
            self._always.append(i)
            return
        anchor = max(needed, key=lambda w: (min(len(o.strip("-%")) for o in w.options), -len(w.options)))
        if len(anchor.options) == 1 and not anchor.partial:
            # One literal may be several tokens: "can't".
            self._whole.setdefault(anchor.tokens()[0]["LOWER"], []).append(i)
            return
        for option in anchor.options:
            bare = option.strip("-")
            if option.startswith("%"):
                self._shapes.append((re.compile(f"^{_part(option)}$"), i))
            elif len(option) > 1 and option[0] == "-" and option[-1] == "-":
                self._inside.append((bare, i))
            elif len(option) > 1 and option[0] == "-":
                self._end.setdefault(bare, []).append(i)
            elif len(option) > 1 and option[-1] == "-":
                self._begin.setdefault(bare, []).append(i)
            else:
                self._whole.setdefault(option, []).append(i)

    def _candidates(self, said: set[str]) -> set[int]:
        found = set(self._always)
        for word in said:
            found.update(self._whole.get(word, ()))
            for n in range(1, len(word) + 1):
                found.update(self._begin.get(word[:n], ()))
                found.update(self._end.get(word[-n:], ()))
            found.update(i for part, i in self._inside if part in word)
            if word.isascii():
                found.update(i for shape, i in self._shapes if shape.match(word))
        return found

    def find(self, doc: Doc) -> Iterator[tuple[str, int, int]]:
        """Every occurrence, also overlapping ones."""
        said = {token.lower_ for token in doc}
        matcher = None
        for i in sorted(self._candidates(said)):
            words = self._words(i)
            if all(_possible(word, said) for word in words if not word.gap and not word.absent):
                matcher = matcher or Matcher(blank("xx").vocab, validate=False)
                matcher.add(str(i), [pattern(words)])
        for key, start, end in matcher(doc) if matcher else ():
            yield self._phrases[int(doc.vocab.strings[key])][0], start, end


def _possible(word: Word, said: set[str]) -> bool:
    """Whether one of a message's words can stand at this place of a phrase."""
    if word.partial:
        return any(_fits(option, other) for option in word.options for other in said)
    if not said.isdisjoint(word.options):
        return True
    # One literal may be several tokens: "can't".
    return len(word.options) == 1 and said.issuperset(token["LOWER"] for token in word.tokens())


def _fits(option: str, word: str) -> bool:
    """Whether a word is what an alternative says; a superset for consonants, which the Matcher checks."""
    if option.startswith("%"):
        return word.isascii()
    bare, begins, ends = option.strip("-"), option[-1] == "-", option[0] == "-"
    if begins and ends:
        return bare in word
    if begins or ends:
        return word.startswith(bare) if begins else word.endswith(bare)
    return word == option
