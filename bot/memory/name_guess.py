"""Whether a word may be a name: by the lists, by what other people write, and by the look of it."""

from __future__ import annotations

import re
from collections.abc import Container

from bot.memory.name_lists import forms, is_cued_name, is_family_name, is_first_name, is_no_name, lowered
from bot.memory.name_words import FAMILY, JOINERS, OFFICE, OTHERS, PEOPLE, UNCASED_WORD, WORDLIKE

Known = Container[str] | None

# "Köln'de", "Jobcenter'daki": where, not who.
PLACED = re.compile(r"['’][dt][ea](?:n|ki|y[ıi]m)?$")


def strange(word: str, known: Known) -> bool:
    """Whether a word is none that people write to us, inflected or not, and none with digits."""
    bare = lowered(word)
    return (
        known is not None
        and len(bare) > 2
        and bare not in OTHERS
        and bare not in PEOPLE
        and not any(c.isdecimal() for c in bare)
        and not OFFICE.search(bare)
        and not is_no_name(word)
        and not namesake(word)
        and not PLACED.search(bare)
        and not any(part in known for part in (*forms(word), re.split(r"['’-]", bare)[0]))
    )


def may_name(word: str, known: Known, lower: bool) -> bool:
    """Whether a word beside a cue is a name; `lower` also when nobody knows it and it has no capital."""
    bare = lowered(word)
    if PLACED.search(bare) or (bare in OTHERS and not (word[0].isupper() and is_cued_name(word))):
        return False
    if is_first_name(word) or is_cued_name(word) or (word[0].isupper() and is_family_name(word)):
        return True
    if not strange(word, known):
        return False
    if not cased(word):
        return not UNCASED_WORD.search(bare)
    return word[0].isupper() or (lower and 3 < len(bare) < 10 and not WORDLIKE.search(bare))


def family(so_far: str, word: str, known: Known) -> bool:
    """Whether a word behind a name belongs to it: known as a name, a capital that nobody else writes, a likely ending."""
    bare = lowered(word)
    last = so_far.split()[-1]
    if last in JOINERS:
        return True
    if bare in OTHERS or PLACED.search(bare):
        return False
    if is_first_name(word) or is_family_name(word) or (not cased(word) and is_cued_name(word)):
        return True
    if cased(word) and word[0].isupper():
        return last[0].isupper() and bare not in PEOPLE and not OFFICE.search(bare) and not is_no_name(word)
    if not strange(word, known):
        return False
    if cased(word):
        return last[0].islower() and bool(FAMILY.search(bare))
    return bool(FAMILY.search(bare)) or word.startswith("ال") or (is_first_name(last) and not UNCASED_WORD.search(bare))


def namesake(word: str) -> bool:
    """Whether a word with a hyphen is what is named after somebody: "Konrad-Adenauer", "Käthe-Kollwitz-Schule"."""
    parts = [part for part in word.split("-") if part]
    return len(parts) > 1 and (any(map(is_no_name, parts)) or (is_first_name(parts[0]) and not is_first_name(parts[1])))


def cased(word: str) -> bool:
    """Whether the letters of a word have capitals."""
    return word[0].upper() != word[0].lower()


def addressed(word: str) -> bool:
    """Whether a word in lower case behind "frau" or "herr" is a name that we know."""
    return is_first_name(word) or is_family_name(word)
