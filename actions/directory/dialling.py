"""Numbers that cost the caller extra: nobody is sent to them, whoever named them."""

from __future__ import annotations

import re

# How they begin behind +49 or 0: 0900, 0137, 0138, 0180, 0190 and enquiries (118xx).
DEAR = ("900", "137", "138", "180", "190", "118")
_ENQUIRIES = re.compile(r"118\d{2,3}")


def dear(phone: str) -> bool:
    """Whether a German number costs more than a usual call, however it is written; False for what is no number."""
    digits = re.sub(r"\D", "", phone)
    if "+" in phone or digits.startswith("00"):
        number = digits.removeprefix("00")
        return number.startswith("49") and number[2:].lstrip("0").startswith(DEAR)
    if digits.startswith("0"):
        return digits[1:].startswith(DEAR)
    return _ENQUIRIES.fullmatch(digits) is not None
