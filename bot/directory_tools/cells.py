"""One cell of an editor's table: how a value is written there, and what is understood when it comes back."""

from __future__ import annotations

import re
import unicodedata
from datetime import date

SEPARATOR = "|"
# What spreadsheets take for a formula when a cell begins with it.
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
YES = {"yes", "true", "1", "x", "ja", "wahr", "y", "j"}
NO = {"no", "false", "0", "nein", "falsch", "n", "-"}
UNDATED = {"undated", "undatiert", "ohne datum", "unbekannt"}
MONTHS = ("jan", "feb", "mär", "apr", "mai", "jun", "jul", "aug", "sep", "okt", "nov", "dez")
OTHER_MONTHS = {"mar": 3, "mrz": 3, "may": 5, "oct": 10, "dec": 12}
LANDLINE = re.compile(r"(?:\+49 ?(?:\(0\))?|\(?0)([1-9]\d{1,4})\)?[ /–-]+(\d[\d /–-]*)")


class CellError(ValueError):
    """A cell that cannot be understood; the message says in plain words what is expected."""


def neutral(text: str) -> str:
    """The text with an apostrophe in front when a spreadsheet could take it for a formula."""
    return "'" + text if text.startswith("'") or _risky(text) else text


def plain(text: str) -> str:
    """The text that `neutral` was given; other texts stay as they are."""
    return text[1:] if text.startswith("'") and (text[1:2] == "'" or _risky(text[1:])) else text


def _risky(text: str) -> bool:
    return text.startswith(FORMULA_STARTS) or text.lstrip().startswith(FORMULA_STARTS)


def tidy(text: str) -> str:
    """One form of line ends, no spaces around."""
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def unwritable(text: str) -> str:
    """The first character that no table can carry, as U+…, or "". Line feeds and tabs are fine."""
    for character in text:
        category = unicodedata.category(character)
        if (category == "Cc" and character not in "\n\t") or category == "Cs" or ord(character) & 0xFFFE == 0xFFFE:
            return f"U+{ord(character):04X}"
    return ""


def join(values: list[str]) -> str:
    """Several values in one cell; a bar inside a value gets a backslash."""
    return SEPARATOR.join(v.replace("\\", "\\\\").replace(SEPARATOR, "\\" + SEPARATOR) for v in values)


def split(text: str) -> list[str]:
    """The values of `join`, without spaces around and without empty ones."""
    parts: list[str] = []
    current, escaped = "", False
    for character in text:
        if escaped:
            current, escaped = current + character, False
        elif character == "\\":
            escaped = True
        elif character == SEPARATOR:
            parts.append(current)
            current = ""
        else:
            current += character
    parts.append(current + ("\\" if escaped else ""))
    return [part.strip() for part in parts if part.strip()]


def words(text: str) -> str:
    """Free text; CellError for characters that have no place in it."""
    bad = unwritable(text)
    if bad:
        raise CellError(f"holds a character that cannot be kept ({bad})")
    return tidy(text)


def values(text: str) -> list[str]:
    """A list of values."""
    return split(words(text))


def flag(text: str) -> bool:
    """True for yes; False for no, which a record says by leaving the field out."""
    word = tidy(text).casefold()
    if word in YES:
        return True
    if word in NO:
        return False
    raise CellError("must be yes or empty")


def _western(text: str) -> str:
    """The text with ASCII digits, on whatever keyboard it was typed."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def number(text: str) -> int:
    """A whole number; "18,0" and "18.0" are what spreadsheets make of 18."""
    found = re.fullmatch(r"(\d{1,6})([.,]0{1,2})?", _western(tidy(text)))
    if not found:
        raise CellError("must be a whole number")
    return int(found[1])


def day(text: str) -> str:
    """A date in ISO form, as exact as it was written: year, month or day; "undated" for an unknown one.

    Reads ISO dates, German ones (24.5.2024, 5.2024, 5/2024) and what Excel makes of a month (Mai 24).
    """
    word = re.sub(r"[ T]00:00(:00)?$", "", _western(tidy(text))).casefold()
    if word in UNDATED:
        return "undated"
    if re.fullmatch(r"\d{4}([.,]0)?", word):
        return word[:4]
    if found := re.fullmatch(r"(\d{4})-(\d\d)(?:-(\d\d))?", word):
        return _iso(found[1], found[2], found[3])
    if found := re.fullmatch(r"(\d{1,2})\.\s?(\d{1,2})\.\s?(\d{4}|\d\d)", word):
        return _iso(_century(found[3]), found[2], found[1])
    if found := re.fullmatch(r"(\d{1,2})[./](\d{4})", word):
        return _iso(found[2], found[1], None)
    if found := re.fullmatch(r"([a-zä]{3,9})[. -]{1,2}(\d{4}|\d\d)", word):
        month = _month(found[1])
        if month:
            return _iso(_century(found[2]), str(month), None)
    raise CellError("must be a date such as 2024, 2024-05, 2024-05-24 or 24.05.2024")


def _month(word: str) -> int:
    start = word[:3]
    return MONTHS.index(start) + 1 if start in MONTHS else OTHER_MONTHS.get(start, 0)


def _century(year: str) -> str:
    return year if len(year) == 4 else "20" + year


def _iso(year: str, month: str, day_of_month: str | None) -> str:
    try:
        stamp = date(int(year), int(month), int(day_of_month or 1)).isoformat()
    except ValueError as exc:
        raise CellError("is no day of the calendar") from exc
    return stamp if day_of_month else stamp[:7]


def postcode(text: str) -> str:
    """Five digits as text."""
    word = _western(tidy(text))
    if not re.fullmatch(r"\d{5}", word):
        raise CellError("must have five digits; spreadsheets drop a zero at the beginning")
    return word


def phone(text: str) -> str:
    """A number as the directory keeps it. German notations with a visible area code are brought into its form."""
    word = re.sub(r"\s+", " ", _western(words(text)))
    found = LANDLINE.fullmatch(word)
    if not found or found[1].startswith("800"):
        return word
    return " ".join(["+49", found[1], *re.findall(r"\d+", found[2])])


def hours(text: str) -> str:
    """Opening hours in OSM terms. Excel takes 24/7 for a day in July; that cannot be told from a date."""
    word = words(text)
    if july_24(word):
        raise CellError("is a date; if your spreadsheet made it of 24/7, type '24/7 with the apostrophe in front")
    return word.removeprefix("'")


def july_24(text: str) -> bool:
    """True for what spreadsheets make of 24/7."""
    return bool(re.fullmatch(r"24[. -]+(0?7|jul[iy]?)\.?([. -]*\d{2,4})?|\d{4}-07-24.*", tidy(text).casefold()))
