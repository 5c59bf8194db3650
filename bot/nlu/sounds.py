"""German words as people hear and write them: "wonberechtigung schain", "kopperazionsplan", "кюндигунг", "دولدونغ".

`sound()` spells a word as it is heard, whatever alphabet has vowels; `skeleton()` keeps the consonants alone, coarsely,
for alphabets that hardly write vowels. Both are only ever compared with each other.
"""

from __future__ import annotations

import re
from functools import lru_cache

from anyascii import anyascii

from bot.nlu.normalise import fold

# In this order; what stands left is heard as what stands right.
_HEARD = tuple(
    (re.compile(pattern), heard)
    for pattern, heard in (
        (r"[^a-zäöü]", ""),
        (r"ä|ae", "e"),
        (r"ö|oe", "o"),
        (r"ü|ue(?!r)", "u"),
        (r"tsch|tch", "c"),
        (r"s?ch(?=[tp])|sh(?=[tp])", "s"),
        (r"sch|sh", "x"),
        (r"kh", "h"),
        (r"t(?:s|z)?i?ion|[cz]i?[iy]on|syon|siyon|zjon", "zion"),
        (r"tz|ts|zz|c(?=[eiy])", "z"),
        (r"ch", "h"),
        (r"ck|c|q", "k"),
        (r"x", "x"),
        (r"ph|v|w", "f"),
        (r"th|dt", "t"),
        (r"[ea][iyj]+", "1"),
        (r"eu|[oa]y|oi", "2"),
        (r"i[ey](?![mn]t)", "i"),
        (r"[yj]", "i"),
        (r"(?<=[aeiou12])h", ""),
        (r"(?<=[^aeiou12])h(?=[aeiou12])", ""),
        (r"d$", "t"),
        (r"g$", "k"),
        (r"b$", "p"),
        (r"(.)\1+", r"\1"),
    )
)
_COARSE = str.maketrans(
    {"b": "p", "d": "t", "g": "k", "q": "k", "c": "k", "j": "k", "v": "f", "z": "s", "h": None, "w": None, "y": None}
)
# Of a run of s only the first begins one, so that a long run is read once.
_SIBILANT = re.compile(r"(?:t|(?<!s))s+c?h|tz|ts|zh|x")
_GUTTURAL = re.compile(r"[kgc]h")


@lru_cache(maxsize=4096)
def sound(word: str) -> str:
    """How a word in an alphabet with vowels is heard; "" when it has no letters."""
    text = fold(word).replace("ß", "ss")
    if not text.isascii() and not re.fullmatch("[a-zäöü]*", text):
        text = anyascii(text).lower()
    for pattern, heard in _HEARD:
        text = pattern.sub(heard, text)
    return text


@lru_cache(maxsize=4096)
def skeleton(word: str) -> str:
    """The consonants of a word in a few classes; "" when it has none."""
    text = re.sub("[^a-z]", "", anyascii(fold(word)).lower())
    text = _GUTTURAL.sub("k", _SIBILANT.sub("s", text))
    text = re.sub("[aeiou]", "", text).translate(_COARSE)
    return re.sub(r"(.)\1+", r"\1", text)
