"""The numbers of a sentence, to compare a translation with its English."""

from __future__ import annotations

import re

_NUMBER = re.compile(r"\d[\d.,]*\d|\d")


def numbers(text: str) -> list[str]:
    """All numbers in digits, sorted, without separators: "1,200.50" and "1.200,50" are the same."""
    return sorted(re.sub(r"[.,]", "", n) for n in _NUMBER.findall(text))
