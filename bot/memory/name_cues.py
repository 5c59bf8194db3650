"""Names of persons, as far as what stands beside them tells: "my name is", "Frau", a greeting at the end, a first name.

Latin and Cyrillic names have capitals, which helps; Arabic and Ethiopic ones end at the words that follow names.
"""

from __future__ import annotations

import re
from collections.abc import Container
from functools import lru_cache
from itertools import zip_longest
from pathlib import Path

from bot.memory.name_words import GERMAN, GREETINGS, JOINERS, NEAR, OFFICE, OTHERS, PEOPLE, STRONG, TITLES, UNCASED

FIRST_NAMES = Path(__file__).resolve().parents[2] / "data" / "first_names.txt"
Found = tuple[int, int, str]

_WORD = re.compile(r"[^\W\d_](?:[\w\u064b-\u0652\u0670\u200c\u135d-\u135f'’\-]{0,40}\w)?\.?")
# "Köln'de", "Jobcenter'daki": where, not who.
_PLACED = re.compile(r"['’][dt][ea](?:n|ki)?$")
_GAP = re.compile(r"[ \u00a0]{1,2}")
_LEAD = r"(?:\s{0,2}[:,–\-]\s{0,2}|\s{1,2}|፡\s?)"
_NO_LETTER = r"(?<![\w\u064b-\u0652])"


def _pattern(cues: str) -> re.Pattern[str]:
    return re.compile(rf"{_NO_LETTER}(?:{cues}){_LEAD}", re.I)


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    cues = {"strong": STRONG, "title": TITLES, "uncased": UNCASED, "greeting": GREETINGS, "near": NEAR}
    return {name: _pattern(listed) for name, listed in cues.items()}


@lru_cache(maxsize=1)
def first_names() -> frozenset[str]:
    """First names in lower case."""
    lines = FIRST_NAMES.read_text(encoding="utf-8").splitlines()
    return frozenset(name for line in lines if not line.startswith("#") for name in line.split())


def names(text: str, known: Container[str] | None = None) -> list[Found]:
    """Where names of persons stand in a text, as (start, end, "name"); `known` words are none."""
    patterns = _patterns()
    found = [_after(text, m.end(), strong=True) for m in patterns["strong"].finditer(text)]
    found += [_after(text, m.end(), strong=False) for m in patterns["title"].finditer(text)]
    found += [_after(text, m.end(), strong=False, uncased=True) for m in patterns["uncased"].finditer(text)]
    found += [_closing(text, m.end()) for m in patterns["greeting"].finditer(text)]
    found += [_around(text, m) for m in _AROUND.finditer(text)]
    listed = first_names()
    for m in _WORD.finditer(text):
        if m[0].lower() in listed:
            found.append(_after(text, m.start(), strong=False, known=True))
    if known is not None:
        found += [_unknown(text, m.end(), known) for m in patterns["near"].finditer(text)]
        found += _capitals(text, known)
    return [(start, end, "name") for start, end in found if end > start]


# "Ayşe hanım", "ኣነ ብርሃነ እበሃል": the cue stands behind.
_AROUND = re.compile(
    r"(?<!\w)(?:([^\W\d_][\w'’\-]{1,30})\s(?:hanım|bey|abla|hoca)(?:'?\w{0,5})(?!\w)|([\u1200-\u137f]{2,12})\s(?:እበሃል|ዝበሃል|ትበሃል|ይበሃል)(?!\w))",
)


def _around(text: str, m: re.Match[str]) -> tuple[int, int]:
    which = 1 if m[1] else 2
    if m[which].lower() in OTHERS or (which == 1 and not m[1][0].isupper()):
        return 0, 0
    return m.span(which)


def _strange(word: str, known: Container[str]) -> bool:
    """Whether a word is none that people write to us, inflected or not, and none with digits."""
    bare = word.rstrip(".").lower()
    return (
        len(bare) > 2
        and bare not in OTHERS
        and bare not in PEOPLE
        and not any(c.isdecimal() for c in bare)
        and not OFFICE.search(bare)
        and not any(part in known for part in (bare, re.split(r"['’-]", bare)[0]))
    )


def _unknown(text: str, at: int, known: Container[str]) -> tuple[int, int]:
    """The words from `at` on that nobody else writes, at most three; a capital is wanted where there are capitals."""
    start = end = at
    for number in range(3):
        m = _WORD.match(text, end if not number else _skip(text, end))
        if m is None or (number and m.start() == end) or not _strange(m[0], known):
            break
        if _cased(m[0]) and not m[0][0].isupper() and (number or len(m[0]) > 9):
            break
        start, end = (m.start() if not number else start), m.start() + len(m[0].rstrip("."))
        if m[0].endswith("."):
            break
    return start, end


def _capitals(text: str, known: Container[str]) -> list[tuple[int, int]]:
    """Unknown words with a capital: two beside each other anywhere, one where not every noun has a capital.

    German compounds are made on the spot, so one alone is no name there; nor is one at the beginning of a sentence.
    """
    words = list(_WORD.finditer(text))
    small = sum(m[0][0].islower() for m in words)
    found = []
    german = sum(m[0].lower() in GERMAN for m in words)
    for m, after in zip_longest(words, words[1:]):
        if not m[0][0].isupper() or m[0].isupper() or not _strange(m[0], known) or small == 0:
            continue
        pair = (
            after is not None and after[0][0].isupper() and after.start() - m.end() <= 2 and _strange(after[0], known)
        )
        opens = m.start() == 0 or text[max(0, m.start() - 2) : m.start()].strip() in (".", "!", "?", "\n")
        if pair and after is not None:
            found.append((m.start(), after.start() + len(after[0].rstrip("."))))
        elif not opens and german < 2:
            found.append((m.start(), m.start() + len(m[0].rstrip("."))))
    return found


def _cased(word: str) -> bool:
    """Whether the letters of a word have capitals."""
    return word[0].upper() != word[0].lower()


def _after(text: str, at: int, strong: bool, uncased: bool = False, known: bool = False) -> tuple[int, int]:
    """Where the name ends that begins at `at`; an empty span when there is none."""
    start = end = at
    words = 0
    limit = 4 if strong else 3
    while words < limit:
        m = _WORD.match(text, end if not words else _skip(text, end))
        if m is None or (words and m.start() == end):
            break
        word = m[0]
        bare = word.rstrip(".").lower()
        if (
            bare in OTHERS
            or _PLACED.search(bare)
            or bare.startswith(("می\u200c", "نمی\u200c"))
            or (not known and bare in PEOPLE and not (words == 0 and bare in ("dr", "prof")))
        ):
            break
        if _cased(word):
            if (
                not word[0].isupper()
                and not (words == 0 and (strong or known))
                and not (strong and words == 1 and _lower(text, start))
            ):
                break
        elif (words and not _goes_on(text[start:end], word, words, strong)) or (uncased and len(bare) < 3):
            break
        start, end = (m.start() if not words else start), m.start() + len(word.rstrip("."))
        words += 1
        if word.endswith(".") and len(bare) > 3:
            break
        if word.endswith("."):
            end = m.end()
    return start, end


def _lower(text: str, start: int) -> bool:
    return text[start].islower()


def _skip(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap is not None else at


def _goes_on(so_far: str, word: str, words: int, strong: bool) -> bool:
    """Whether a second or third word without capitals still belongs to the name."""
    last = so_far.split()[-1]
    if last in JOINERS:
        return True
    if word.startswith("و") and len(word) > 3:  # "and …"
        return False
    return (strong and words == 1) or (not strong and words == 1 and word.startswith("ال"))


def _closing(text: str, at: int) -> tuple[int, int]:
    """The last words of a message, at most four, behind a greeting."""
    rest = text[at : at + 80].strip(" .!)\n")
    if not rest or len(text) - at > 80 or len(rest.split()) > 4 or any(c.isdecimal() for c in rest):
        return at, at
    if any(w.strip(",").lower() in OTHERS for w in rest.split()[:1]):
        return at, at
    start = text.index(rest, at)
    return start, start + len(rest)
