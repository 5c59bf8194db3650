"""One spelling for what people mean the same: used by every component that compares letters."""

from __future__ import annotations

import re
import unicodedata

# Arabic, Persian, Kurdish and Pashto keyboards write the same letter with different characters; hamza seats,
# taa marbuta and alif maqsura are left out by most people who type.
_ARABIC = str.maketrans(
    {
        **dict.fromkeys("أإآٱ", "ا"),
        **dict.fromkeys("ىیۍېێئےۓ", "ي"),
        **dict.fromkeys("کڪ", "ك"),
        **dict.fromkeys("ةھہەۀۂ", "ه"),
        **dict.fromkeys("ؤۆۇۈ", "و"),
        "ګ": "گ",
        "ټ": "ت",
        "ډ": "د",
        "ړ": "ر",
        "ڼ": "ن",
        "ـ": None,
        "ء": None,
    }
)
# Letters of Ethiopic that sound the same in Tigrinya, seven or eight vowels each.
_ETHIOPIC = {
    ord(other) + vowel: chr(ord(one) + vowel) for other, one in ("ሠሰ", "ፀጸ", "ኀሐ") for vowel in range(7)
} | str.maketrans("፡።፣፤፥፦፧", " .,;::?")
_MARKS = re.compile(r"[\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\u135d-\u135f]")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_APOSTROPHES = str.maketrans({c: "'" for c in "’‘ʼ`´ʹʻ"})
# Of letters and signs, never of digits: 1000 is not 100, and 09111 is a postal code.
_REPEAT = re.compile(r"(\D)\1{2,}")
_TABLE = {**_ARABIC, **_ETHIOPIC, **_DIGITS, **_APOSTROPHES}
# Umlauts stay: "schon" and "schön", "toten" and "töten" are different words at a German counter.
_KEPT = frozenset("äöü")
_PLAIN = {"ı": "i", "ø": "o", "ł": "l", "đ": "d", "ё": "е"}


def normalise(text: str) -> str:
    """Lower case, one letter for the variants of a keyboard, no diacritics on Arabic, one kind of digit and
    apostrophe, elongation cut to two letters. Latin letters keep their diacritics: they tell languages apart.
    """
    text = unicodedata.normalize("NFKC", text).casefold()
    # casefold() makes an i with a dot above of the Turkish capital.
    text = unicodedata.normalize("NFC", text.replace("i\u0307", "i"))
    text = _MARKS.sub("", text).translate(_TABLE)
    return _REPEAT.sub(r"\1\1", text).strip()


def fold(text: str) -> str:
    """normalise(), and Latin letters without their diacritics, as on a phone that has none; umlauts stay."""
    return "".join(map(_plain, normalise(text)))


def _plain(char: str) -> str:
    if char < "\x80" or char in _KEPT:
        return char
    if char in _PLAIN:
        return _PLAIN[char]
    base = unicodedata.normalize("NFD", char)[0]
    return base if "a" <= base <= "z" else char
