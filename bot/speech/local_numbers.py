"""Numbers in translated sentences as the language writes them: 1,603.50 in English, 1.603,50 in German, 1 603,50 in French."""

from __future__ import annotations

import re
from decimal import Decimal

from babel.numbers import format_decimal

from bot.speech.formats import locale_of

# Only numbers with a separator: years, telephone numbers and paragraphs have none.
_SEPARATED = re.compile(
    r"(?<![\d.,])\d{1,3}(?:,\d{3}){1,6}(?:\.\d{1,9})?(?![\d.,]*\d)|(?<![\d.,])\d+\.\d{1,2}(?![\d.,]*\d)"
)
_WRITTEN = re.compile(r"\d(?:[\d.,]|[ \u00a0\u202f](?=\d{3}))*\d")


def local_numbers(english: str, translated: str, language: str) -> str:
    """The translation with the separated numbers of its English sentence in the language's own writing (CLDR)."""
    wanted = {_digits(match[0]): match[0] for match in _SEPARATED.finditer(english)}
    if not wanted:
        return translated
    return _WRITTEN.sub(
        lambda m: _local(wanted[_digits(m[0])], language) if _digits(m[0]) in wanted else m[0], translated
    )


def _digits(number: str) -> str:
    return re.sub(r"\D", "", number)


def _local(number: str, language: str) -> str:
    decimals = len(number.partition(".")[2])
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    value = Decimal(number.replace(",", ""))
    return str(format_decimal(value, format=pattern, locale=locale_of(language), numbering_system="latn"))
