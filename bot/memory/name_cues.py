"""Names of persons, as far as what stands beside them tells: "my name is", "Frau", a greeting at the end, a first name.

Latin and Cyrillic names have capitals, which helps; Arabic and Ethiopic ones end at the words that follow names.
"""

from __future__ import annotations

import re
from collections.abc import Container
from functools import lru_cache
from itertools import zip_longest

from bot.memory.name_guess import PLACED, Known, addressed, cased, family, may_name, strange
from bot.memory.name_lists import is_cued_name, is_first_name, is_no_name
from bot.memory.name_words import (
    AFTER_SELF,
    BEHIND,
    COMPOUND,
    FROM,
    GERMAN,
    GREETINGS,
    INSTITUTION,
    JOINERS,
    KIN,
    LISTED,
    LOOSE,
    OFFICE,
    OTHERS,
    PEOPLE,
    SAINT,
    STRONG,
    TITLES,
    UNCASED,
)

Found = tuple[int, int, str]

_WORD = re.compile(r"[^\W\d_](?:[\w\u064b-\u0652\u0670\u200c\u135d-\u135f'’\-]{0,40}\w)?\.?")
# A word with a capital behind these is rather a town.
_WHERE = re.compile(r"(?<!\w)(?:в|во|из|із|in|from|li|ji|à|en|near|aus|nach)\s$", re.I)
_GAP = re.compile(r"[ \u00a0]{1,2}")
_LEAD = r"(?:\s{0,2}[:,–\-(\"„“«]\s{0,2}|\s{1,2}|፡\s?)"
# Arabic and Tigrinya write "and", "to", "by" together with the cue.
_NO_LETTER = r"(?<![\w\u064b-\u0652])(?:[وفبل]{1,2}|[ንብ])?"
_BEFORE = re.compile(
    r"(?:(?<![\w\-'’])([^\W\d_][\w\u200c'’\-]{1,30})\s)?(?<![\w\-'’])([^\W\d_][\w\u200c'’\-]{1,30})\s$"
)
_COMPOUND = re.compile(rf"(?<!\w)(?:{COMPOUND})(?!\w)")
_CUED_FROM = re.compile(rf"(?<!\w)([^\W\d_]\w{{1,20}})\s(?:{FROM})\s")
# "Frau von der Heyde", not "die Frau von der Wohnungshilfe".
_NOBLE = re.compile(
    rf"{_NO_LETTER}(?:{TITLES}){_LEAD}((?:von|van|zu)\s(?:der\s|den\s|dem\s)?([^\W\d_][\w\-]{{1,30}}))", re.I
)
# "Nachbar, der Said".
_ARTICLE = r"(?:,?\s(?:der|die|is|ist))?"
_CUES = {
    "strong": STRONG,
    "title": TITLES,
    "uncased": UNCASED,
    "greeting": GREETINGS,
    "kin": f"(?:{KIN}){_ARTICLE}",
    "loose": LOOSE,
    "listed": LISTED,
}


def _pattern(cues: str) -> re.Pattern[str]:
    return re.compile(rf"{_NO_LETTER}(?:{cues}){_LEAD}", re.I)


@lru_cache(maxsize=1)
def _patterns() -> dict[str, re.Pattern[str]]:
    made = {name: _pattern(listed) for name, listed in _CUES.items()}
    return made | {"behind": re.compile(rf"(?<=\s)(?:{BEHIND})(?!\w)", re.I)}


def names(text: str, known: Known = None) -> list[Found]:
    """Where names of persons stand in a text, as (start, end, "name"); `known` words are none."""
    patterns = _patterns()
    found = [_after(text, m.end(), known, strong=True) for m in patterns["strong"].finditer(text)]
    found += [_after(text, m.end(), known, titled=True) for m in patterns["title"].finditer(text)]
    found += [_after(text, m.end(), known, titled=True, uncased=True) for m in patterns["uncased"].finditer(text)]
    found += [_closing(text, m.end()) for m in patterns["greeting"].finditer(text)]
    found += [_before(text, m, known) for m in patterns["behind"].finditer(text)]
    found += [m.span() for m in _COMPOUND.finditer(text)]
    found += [m.span(1) for m in _CUED_FROM.finditer(text) if m[1][0].isupper() and is_cued_name(m[1])]
    for m in _WORD.finditer(text):
        if is_first_name(m[0]) and not _institution(text, m):
            found.append(_after(text, m.start(), known, listed=True))
    found += [_cued(text, m.end(), known, lower=True) for m in patterns["kin"].finditer(text)]
    found += [_cued(text, m.end(), known, lower=False, alone=True) for m in patterns["loose"].finditer(text)]
    found += [_cued(text, m.end(), None, lower=False) for m in patterns["listed"].finditer(text)]
    found += [m.span(1) for m in _NOBLE.finditer(text) if strange(m[2], known)]
    if known is not None:
        found += _capitals(text, known)
    return [(start, end, "name") for start, end in found if end > start]


def _institution(text: str, m: re.Match[str]) -> bool:
    """Whether a first name belongs to a church, a school, a foundation."""
    return bool(
        SAINT.search(text[max(0, m.start() - 12) : m.start()]) or INSTITUTION.match(text[m.end() : m.end() + 20])
    )


def _before(text: str, m: re.Match[str], known: Known) -> tuple[int, int]:
    """A name of one word or two before "hanım", "هستم", "se llama"."""
    offset = max(0, m.start() - 70)
    words = _BEFORE.search(text[offset : m.start()])
    if words is None or not may_name(words[2], known, lower=False):
        return 0, 0
    two = words[1] is not None and may_name(words[1], known, lower=False)
    return offset + words.start(1 if two else 2), offset + words.end(2)


def _cued(text: str, at: int, known: Known, lower: bool, alone: bool = False) -> tuple[int, int]:
    """The name behind a cue from `at` on, at most three words; an empty span when there is none.

    `alone` wants more than an unknown word where there are no capitals.
    """
    start = end = at
    for number in range(3):
        m = _WORD.match(text, end if not number else _skip(text, end))
        if m is None or (number and m.start() == end):
            break
        if number and not family(text[start:end], m[0], known):
            break
        if not number and not may_name(m[0], known, lower):
            break
        if not number and alone and not cased(m[0]) and not AFTER_SELF.match(text, m.end()):
            if not (is_first_name(m[0]) or is_cued_name(m[0])):
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
    # In letters without capitals a Latin word with one stands out.
    small = sum(m[0][0].islower() or not cased(m[0]) for m in words)
    found = []
    german = sum(m[0].lower() in GERMAN for m in words)
    for m, after in zip_longest(words, words[1:]):
        if not m[0][0].isupper() or m[0].isupper() or not strange(m[0], known) or small == 0 or _institution(text, m):
            continue
        if SAINT.search(m[0] + " "):
            continue
        pair = after is not None and after[0][0].isupper() and after.start() - m.end() <= 2 and strange(after[0], known)
        opens = m.start() == 0 or text[max(0, m.start() - 2) : m.start()].strip() in (".", "!", "?", "\n")
        if pair and after is not None:
            found.append((m.start(), after.start() + len(after[0].rstrip("."))))
        elif not opens and german < 2 and not _WHERE.search(text[max(0, m.start() - 6) : m.start()]):
            found.append((m.start(), m.start() + len(m[0].rstrip("."))))
    return found


def _after(
    text: str,
    at: int,
    known: Known,
    strong: bool = False,
    titled: bool = False,
    uncased: bool = False,
    listed: bool = False,
) -> tuple[int, int]:
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
            or PLACED.search(bare)
            or bare.startswith(("می\u200c", "نمی\u200c"))
            or (not listed and bare in PEOPLE and not (words == 0 and bare in ("dr", "prof")))
        ):
            break
        if words and family(text[start:end], word, known):
            pass
        elif cased(word):
            first = words == 0 and (strong or listed or (titled and addressed(word)))
            if not word[0].isupper() and not first and not (strong and words == 1 and text[start].islower()):
                break
            if words and (OFFICE.search(bare) or is_no_name(word)):
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


def _skip(text: str, at: int) -> int:
    gap = _GAP.match(text, at)
    return gap.end() if gap is not None else at


def _goes_on(so_far: str, word: str, words: int, strong: bool) -> bool:
    """Whether a second or third word without capitals still belongs to the name."""
    if so_far.split()[-1] in JOINERS:
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
