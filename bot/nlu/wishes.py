"""What a person wishes of a place besides its topic: "free", "for women", "open now", "in the evening".

data/wishes.yml lists phrases per language and wish, in the syntax of the crisis phrases without `%`, `-part-` and `=`; a
gap ends at a comma. The phrases of all languages count in every message: people mix them. Two things are added: a phrase
after `~ ` counts only when at most one word stands beside it that is not of the language's `light` set ("and online?");
the phrases of `none` are look-alikes, whose words are not read again ("I am free on Monday", "good evening").
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.nlu.normalise import fold
from bot.nlu.phrases import Slot, words_of

DATA = Path(__file__).resolve().parents[2] / "data" / "wishes.yml"
WISHES = (
    *("open_now", "free", "women", "men", "evening", "weekend", "morning", "online", "childcare", "wheelchair"),
    *("interpreter", "appointment_free", "near"),
)
NONE, WORDS, LIGHT, WEAK = "none", "words", "light", "~ "
BESIDE = 1
# A word is letters and digits; a hyphen or an apostrophe ends it. What ends a clause is a token of its own: no gap
# reaches over it.
TOKEN = re.compile(r"[^\W_]+|[.,،!?؟;؛\n]")
END = re.compile(r"[^\w]")


def _rarity(slot: Slot) -> tuple[int, int]:
    """Larger for a better word to look a phrase up by."""
    keys = [*slot.words, *slot.begins, *slot.ends]
    return (0, 0) if slot.gap or slot.absent else (min(map(len, keys)), -len(keys))


@dataclass(frozen=True, slots=True, eq=False)
class Phrase:
    """A phrase of a wish: its anchor, and the slots before it (nearest first) and behind it; light words if weak."""

    wish: str
    anchor: Slot
    before: tuple[Slot, ...]
    behind: tuple[Slot, ...]
    light: frozenset[str] | None = None

    def span(self, words: list[str], at: int) -> tuple[int, int] | None:
        """First and last word when the anchor is the word `at`, or None."""
        if not self.anchor.fits(words[at]):
            return None
        last = _walk(words, at, self.behind, 1)
        first = _walk(words, at, self.before, -1) if last is not None else None
        if first is None or last is None or (self.light is not None and not self._alone(words, first, last)):
            return None
        return first, last

    def _alone(self, words: list[str], first: int, last: int) -> bool:
        beside = [w for w in (*words[:first], *words[last + 1 :]) if w and not END.match(w)]
        return sum(w not in (self.light or ()) for w in beside) <= BESIDE


def _walk(words: list[str], at: int, slots: tuple[Slot, ...], step: int) -> int | None:
    """The last word that the slots take, from the one beside `at` on, forwards or backwards; None if they do not fit."""
    if not slots:
        return at
    slot, rest = slots[0], slots[1:]
    if slot.gap:
        for _ in range(slot.gap + 1):
            found = _walk(words, at, rest, step)
            at += step
            if found is not None or not 0 <= at < len(words) or END.match(words[at]):
                return found
        return None
    beside = at + step
    if 0 <= beside < len(words) and slot.fits(words[beside]):
        found = _walk(words, beside, rest, step)
        if found is not None:
            return found
    return _walk(words, at, rest, step) if slot.absent else None


class SlotFinder:
    """Phrases by their anchors: a message is compared with those alone whose anchor it holds."""

    def __init__(self) -> None:
        self._words: dict[str, list[Phrase]] = {}
        self._begins: dict[str, list[Phrase]] = {}
        self._ends: dict[str, list[Phrase]] = {}
        self._sizes: list[list[int]] = [[], []]

    def add(
        self, wish: str, phrase: str, sets: dict[str, str] | None = None, light: frozenset[str] = frozenset()
    ) -> None:
        """Add a phrase of a wish; `sets` are the words it may name, `light` what may stand beside a weak one."""
        slots = [Slot.of(word) for word in words_of(phrase.removeprefix(WEAK), sets or {})]
        i = max(range(len(slots)), key=lambda n: _rarity(slots[n]))
        anchor, before, behind = slots[i], tuple(slots[:i][::-1]), tuple(slots[i + 1 :])
        made = Phrase(wish, anchor, before, behind, light if phrase.startswith(WEAK) else None)
        for index, keys in ((self._words, anchor.words), (self._begins, anchor.begins), (self._ends, anchor.ends)):
            for key in keys:
                index.setdefault(key, []).append(made)

    def ready(self) -> None:
        """After the last phrase."""
        self._sizes = [sorted({len(key) for key in index}) for index in (self._begins, self._ends)]

    def candidates(self, words: list[str]) -> Iterator[tuple[Phrase, int]]:
        """Phrases whose anchor a message may hold, and where."""
        for at, word in enumerate(words):
            for phrase in self._words.get(word, ()):
                yield phrase, at
            for size in self._sizes[0]:
                for phrase in self._begins.get(word[:size], ()) if size <= len(word) else ():
                    yield phrase, at
            for size in self._sizes[1]:
                for phrase in self._ends.get(word[-size:], ()) if size <= len(word) else ():
                    yield phrase, at


class WishFinder(SlotFinder):
    """Finds the wishes in a folded text, each once."""

    def __init__(self, content: dict[str, Any]) -> None:
        super().__init__()
        for rows in content.values():
            sets = rows[WORDS]
            light = frozenset(map(fold, sets[LIGHT].split("|")))
            for wish in (NONE, *WISHES):
                for phrase in rows[wish]:
                    self.add(wish, phrase, sets, light)
        self.ready()

    def find(self, text: str) -> list[dict[str, Any]]:
        """`wish` entities {entity, value, start, end} of a folded text in the order of their words."""
        tokens = list(TOKEN.finditer(text))
        words = [token[0] for token in tokens]
        candidates = list(self.candidates(words))
        look_alikes = [phrase.span(words, at) for phrase, at in candidates if phrase.wish == NONE]
        for first, last in filter(None, look_alikes):
            words[first : last + 1] = [""] * (last + 1 - first)
        found: dict[str, tuple[int, int]] = {}
        for phrase, at in candidates:
            span = phrase.span(words, at) if phrase.wish != NONE else None
            if span and (phrase.wish not in found or span[1] - span[0] > found[phrase.wish][1] - found[phrase.wish][0]):
                found[phrase.wish] = span
        return [
            _entity(wish, tokens[first].start(), tokens[last].end())
            for wish, (first, last) in sorted(found.items(), key=lambda row: (row[1], row[0]))
        ]


def _entity(wish: str, start: int, end: int) -> dict[str, Any]:
    return {"entity": "wish", "value": wish, "start": start, "end": end, "extractor": "wishes"}


@lru_cache(maxsize=1)
def finder() -> WishFinder:
    """The finder of this process."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return WishFinder(yaml.load(DATA.read_text(encoding="utf-8"), Loader=loader))
