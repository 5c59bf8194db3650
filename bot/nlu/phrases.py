"""Phrases over the tokens of a message, found quickly among thousands: only those whose words all occur are tried.

The syntax is told in bot/nlu/crisis.py. A phrase is text and an entry in an index: under its anchor, the rarest word it
cannot do without. Phrases whose anchor stands in the message are read, and those whose other words stand there too are
walked through. spaCy's Matcher finds the same spans (tests/nlu/test_crisis_patterns.py compares them), but all patterns
of a language take it milliseconds a message and a hundred megabytes, and its states multiply with every gap: an ordinary
sentence of twenty words took it a second.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache, lru_cache
from sys import intern

from spacy.tokens import Doc

from bot.nlu.normalise import fold
from bot.nlu.tokenizer import blank

ARABIZI = {"7": "[7h]", "5": "(?:5|kh|x)", "2": "[2q9gk']", "3": "[3']", "$": "(?:sh|ch)", "8": "(?:8|gh)", "y": "[yi]"}
# How many tokens a gap may take; the narrow one stays in its sentence.
GAPS = {"*": 3, "**": 12}
STOPS = frozenset((".", "!", "?", "؟"))
# Longer tokens are no words: their consonants are not looked at.
LONGEST = 60


@dataclass(frozen=True, slots=True)
class Word:
    """One place of a phrase as it is written: alternatives, whether it may be absent; a gap has no options."""

    options: tuple[str, ...]
    absent: bool = False
    gap: str = ""

    @property
    def partial(self) -> bool:
        """True when an alternative is only a part of a word."""
        return any(len(o) > 1 and (o[0] in "-%" or o.endswith("-")) for o in self.options)

    def pieces(self) -> list[Word]:
        """One word for each token: a single literal may be several ("can't")."""
        if self.gap or self.partial or len(self.options) != 1:
            return [self]
        if len(self.options[0]) > 3 and self.options[0].isalpha():  # letters alone are one token
            return [self]
        return [Word((piece.text,), self.absent) for piece in blank("xx").make_doc(self.options[0])]


@dataclass(frozen=True, slots=True)
class Slot:
    """One place of a phrase as it is looked for: words and parts of words that may stand there, or a gap of 0..gap."""

    words: frozenset[str] = frozenset()
    begins: tuple[str, ...] = ()
    ends: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()
    shapes: tuple[re.Pattern[str], ...] = ()
    absent: bool = False
    gap: int = 0

    @classmethod
    def of(cls, word: Word) -> Slot:
        """The slot of a place of a phrase."""
        if word.gap:
            return cls(gap=GAPS[word.gap])
        if not word.partial:
            return cls(frozenset(word.options), absent=word.absent)
        kinds: dict[str, list[str]] = {"word": [], "begin": [], "end": [], "inside": [], "%": []}
        for option in word.options:
            kinds[_kind(option)].append(option.strip("-"))
        return cls(
            frozenset(kinds["word"]),
            tuple(kinds["begin"]),
            tuple(kinds["end"]),
            tuple(kinds["inside"]),
            tuple(map(_shape, kinds["%"])),
            word.absent,
        )

    def met(self, said: set[str]) -> bool:
        """Whether any of the folded tokens of a message may stand here."""
        if not self.words.isdisjoint(said):
            return True
        parts = self.begins or self.ends or self.inside or self.shapes
        return bool(parts) and any(map(self.fits, said))

    def fits(self, token: str) -> bool:
        """Whether a folded token of a message may stand here."""
        return (
            token in self.words
            or token.startswith(self.begins)
            or token.endswith(self.ends)
            or (bool(self.inside) and any(part in token for part in self.inside))
            or (bool(self.shapes) and any(_has_shape(shape, token) for shape in self.shapes))
        )

    def after(self, tokens: list[str], ends: set[int]) -> set[int]:
        """Where the next slot may begin when this one may begin at `ends`; numbers of tokens."""
        if self.gap:
            return {end + n for end in ends for n in self._steps(tokens, end)}
        found = {end + 1 for end in ends if end < len(tokens) and self.fits(tokens[end])}
        return found | ends if self.absent else found

    def _steps(self, tokens: list[str], at: int) -> Iterator[int]:
        """How many tokens this gap may take from `at` on."""
        yield 0
        for n in range(1, min(self.gap, len(tokens) - at) + 1):
            if self.gap == GAPS["*"] and tokens[at + n - 1] in STOPS:
                return
            yield n


def _kind(option: str) -> str:
    """What an alternative is: a word, a part of one ("begin", "end", "inside"), or "%" for consonants."""
    if len(option) < 2:
        return "word"
    if option[0] == "%":
        return "%"
    return {(True, True): "inside", (True, False): "end", (False, True): "begin", (False, False): "word"}[
        option[0] == "-", option[-1] == "-"
    ]


@cache
def _shape(option: str) -> re.Pattern[str]:
    """The consonants of an Arabic word in Latin letters, with any vowels between them; `option` is `%consonants`."""
    return re.compile("[aeiou]*" + "".join(f"{ARABIZI.get(letter, letter)}+[aeiou]*" for letter in option[1:]))


def _has_shape(shape: re.Pattern[str], token: str) -> bool:
    return token.isascii() and len(token) <= LONGEST and shape.fullmatch(token) is not None


def words_of(phrase: str, sets: dict[str, str] | None = None, known: dict[str, Word] | None = None) -> list[Word]:
    """The places of a phrase; `sets` are the alternatives that `<name>` stands for. KeyError for an unknown name.

    `known` are places that were read before, by how they are written.
    """
    known = {} if known is None else known
    found = []
    for written in re.sub(r"<(\w+)>", lambda m: (sets or {})[m[1]].strip("|"), phrase).split():
        word = known.get(written)
        if word is None:
            word = known[written] = _word(written)
        found.append(word)
    return found


def _word(written: str) -> Word:
    if written in GAPS:
        return Word((), gap=written)
    options = tuple(_spelt(option) for option in written.rstrip("?").split("|"))
    return Word(options, absent=written.endswith("?"))


@lru_cache(maxsize=100_000)
def _spelt(option: str) -> str:
    """An alternative folded; the same few thousand stand in hundreds of thousands of places."""
    return intern(fold(option))


class PhraseFinder:
    """Phrases with a name each; finds (name, start, end) of all that occur in a Doc of folded text.

    KeyError when a phrase names a set of alternatives that `sets` does not have.
    """

    def __init__(self, phrases: Iterable[tuple[str, str]], sets: dict[str, str] | None = None) -> None:
        self._names: list[str] = []
        self._slots: list[tuple[Slot, ...]] = []
        self._whole: dict[str, list[int]] = {}
        self._begin: dict[str, list[int]] = {}
        self._end: dict[str, list[int]] = {}
        self._inside: dict[str, list[int]] = {}
        self._shapes: dict[re.Pattern[str], list[int]] = {}
        self._always: list[int] = []
        # The same words stand in many phrases: one slot serves them all. `known` keeps the words, so their ids are theirs.
        known: dict[str, Word] = {}
        made: dict[int, tuple[Slot, ...]] = {}
        rarity: dict[int, tuple[int, int]] = {}
        for i, (name, phrase) in enumerate(phrases):
            words = words_of(phrase, sets, known)
            for word in words:
                if id(word) not in made:
                    made[id(word)] = tuple(map(Slot.of, word.pieces()))
                    rarity[id(word)] = (min((len(o.strip("-%")) for o in word.options), default=0), -len(word.options))
            self._names.append(name)
            self._slots.append(tuple(slot for word in words for slot in made[id(word)]))
            needed = [word for word in words if not word.gap and not word.absent]
            # Under the word it cannot do without whose shortest alternative is longest: the rarest.
            anchor = max(needed, key=lambda word: rarity[id(word)], default=None)
            # One literal may be several tokens: "can't".
            self._file(i, None if anchor is None else made[id(anchor)][0])
        _spelt.cache_clear()
        self._any_shape = re.compile("|".join(f"(?:{s.pattern})" for s in self._shapes)) if self._shapes else None
        self._sizes = [sorted({len(key) for key in index}) for index in (self._begin, self._end)]

    def _file(self, i: int, slot: Slot | None) -> None:
        """File a phrase under the place it cannot do without; None when it has no such place."""
        if slot is None:
            self._always.append(i)
            return
        for index, keys in (
            (self._whole, slot.words),
            (self._begin, slot.begins),
            (self._end, slot.ends),
            (self._inside, slot.inside),
        ):
            for key in keys:
                index.setdefault(key, []).append(i)
        for shape in slot.shapes:
            self._shapes.setdefault(shape, []).append(i)

    def _candidates(self, said: set[str]) -> set[int]:
        found = set(self._always)
        for word in said:
            found.update(self._whole.get(word, ()))
            for size in self._sizes[0]:
                found.update(self._begin.get(word[:size], ()))
            for size in self._sizes[1]:
                found.update(self._end.get(word[-size:], ()))
            for part, numbers in self._inside.items():
                if part in word:
                    found.update(numbers)
            # One look for all of them: hardly a word has a shape.
            if self._any_shape is not None and _has_shape(self._any_shape, word):
                for shape, numbers in self._shapes.items():
                    if shape.fullmatch(word):
                        found.update(numbers)
        return found

    def find(self, doc: Doc) -> Iterator[tuple[str, int, int]]:
        """Every occurrence, also overlapping ones."""
        return self.find_in(tokens_of(doc))

    def find_in(self, tokens: list[str]) -> Iterator[tuple[str, int, int]]:
        """The same in a text cut up once for several finders."""
        said = set(tokens)
        for i in sorted(self._candidates(said)):
            slots = self._slots[i]
            if all(slot.gap or slot.absent or slot.met(said) for slot in slots):
                for start, end in _spans(slots, tokens):
                    yield self._names[i], start, end


def tokens_of(doc: Doc) -> list[str]:
    """What a finder reads of a Doc."""
    return [token.lower_ for token in doc]


def _spans(slots: tuple[Slot, ...], tokens: list[str]) -> Iterator[tuple[int, int]]:
    """First and past-the-last token of every occurrence of the slots of a phrase."""
    for start in range(len(tokens)):
        ends = {start}
        for slot in slots:
            ends = slot.after(tokens, ends)
            if not ends:
                break
        for end in sorted(ends - {start}):
            yield start, end
