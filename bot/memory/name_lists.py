"""Lists of names, and of capitals that are none, from data/; a name is known with what languages hang on it.

`first_names.txt` are hardly ever anything else; `names_with_cues.txt` are everyday words, too; `family_names.txt` count
behind forms of address and first names; `no_names.txt` are towns, offices and those whom schools are named after.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path

DATA = Path(__file__).resolve().parents[2] / "data"

# "elifin", "Rojînê", "Fatimas": endings of Turkish, Kurdish, German and English; a short one wants a longer name.
_LATIN = (
    "nin",
    "nın",
    "nun",
    "nün",
    "in",
    "ın",
    "un",
    "ün",
    "ye",
    "ya",
    "yi",
    "yı",
    "de",
    "da",
    "den",
    "dan",
    "yle",
    "yla",
)
_LATIN_SHORT = ("s", "ê", "î", "e", "i", "ı", "a")
_CYRILLIC = ("ові", "еві", "єві", "ою", "єю", "ею", "ой", "ей", "ом", "ем", "єм", "ії", "ію", *"ауюеиіыяїй")
# Signs that are no ornament: "berät" is not "Berat".
_UMLAUT = re.compile("[äöüß]")
# "and", "to", "with" that are written together with the word behind them.
_ARABIC, _ETHIOPIC = "وفبلك", "ንብምክ"


@lru_cache(maxsize=8)
def _words(file: str) -> frozenset[str]:
    lines = (DATA / file).read_text(encoding="utf-8").splitlines()
    return frozenset(word for line in lines if not line.startswith("#") for word in line.split())


def first_names() -> frozenset[str]:
    """First names in lower case."""
    return _words("first_names.txt")


def lowered(word: str) -> str:
    """In lower case, without the full stop; a Turkish capital İ leaves no dot of its own."""
    return word.rstrip(".").lower().replace("i\u0307", "i").replace("’", "'").replace("ʼ", "'")


@lru_cache(maxsize=4096)
def forms(word: str) -> tuple[str, ...]:
    """The word in lower case, and what it may be without its endings and attached letters."""
    return tuple(dict.fromkeys(_forms(lowered(word))))


def _forms(bare: str) -> Iterator[str]:
    yield bare
    if "'" in bare[2:]:
        yield bare[: bare.index("'", 2)]
    if not bare:
        return
    if "\u0400" <= bare[0] <= "\u052f":
        for ending in _CYRILLIC:
            if bare.endswith(ending) and len(bare) - len(ending) >= 4:
                yield from (bare.removesuffix(ending) + own for own in ("", "а", "я", "ь", "й"))
    elif "\u0600" <= bare[0] <= "\u06ff":
        if bare[0] in _ARABIC and len(bare) > 4:
            yield bare[1:]
        if bare[-1] in "هو" and len(bare) > 4:  # "احمده", to call somebody in Pashto; "قفلو", an object in Persian
            yield bare[:-1]
        yield bare.replace("ي", "ی").replace("ك", "ک")
        yield bare.replace("ی", "ي").replace("ک", "ك")
    elif "\u1200" <= bare[0] <= "\u137f":
        if bare[0] in _ETHIOPIC and len(bare) > 2:
            yield bare[1:]
    else:
        for own in (bare, *(() if _UMLAUT.search(bare) else (_plain(bare),))):
            yield own
            for least, endings in ((4, _LATIN), (5, _LATIN_SHORT)):
                yield from (own.removesuffix(e) for e in endings if own.endswith(e) and len(own) - len(e) >= least)


@lru_cache(maxsize=4096)
def _plain(word: str) -> str:
    """Latin letters without their signs: "Rojin" for "Rojîn"."""
    return "".join(c for c in unicodedata.normalize("NFD", word) if not unicodedata.combining(c)).replace("ı", "i")


@lru_cache(maxsize=1)
def _all_first_names() -> frozenset[str]:
    return first_names() | {_plain(name) for name in first_names() if name[0] < "\u0250"}


@lru_cache(maxsize=1)
def _no_names() -> frozenset[str]:
    """The listed ones, and names of countries of one word in the languages of the messages."""
    from babel import Locale

    found = set(_words("no_names.txt"))
    for language in "ar de en es fa fr ku ps ru ti tr uk".split():
        found.update(lowered(name) for name in Locale.parse(language).territories.values() if " " not in name)
    return frozenset(found)


def is_first_name(word: str) -> bool:
    """Whether a word is a first name, whatever stands beside it."""
    return not _all_first_names().isdisjoint(forms(word))


def is_cued_name(word: str) -> bool:
    """Whether a word is a name beside what points to a person; what is listed with a capital needs one here."""
    listed = _words("names_with_cues.txt")
    given = forms(word)
    return not listed.isdisjoint(given) or (word[0].isupper() and any(form.capitalize() in listed for form in given))


def is_family_name(word: str) -> bool:
    """Whether a word is a family name behind a form of address or a first name."""
    return not _words("family_names.txt").isdisjoint(forms(word))


def is_no_name(word: str) -> bool:
    """Whether a word with a capital is a town, an office or somebody a school is named after."""
    return not _no_names().isdisjoint(forms(word))
