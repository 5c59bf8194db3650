"""One spelling for what people mean the same: used by every component that compares letters."""

from __future__ import annotations

import re
import unicodedata

_ARABIC = str.maketrans(
    {"أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ى": "ي", "ی": "ي", "ک": "ك", "ة": "ه", "ـ": None, "ؤ": "و", "ئ": "ي"}
)
_MARKS = re.compile(r"[\u064b-\u065f\u0670\u06d6-\u06ed\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]")
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")
_APOSTROPHES = str.maketrans({c: "'" for c in "’‘ʼ`´ʹ"})
_REPEAT = re.compile(r"(.)\1{2,}")


def normalise(text: str) -> str:
    """Lower case, no diacritics on Arabic, one kind of digit and apostrophe, elongation cut to two letters."""
    text = unicodedata.normalize("NFKC", text).casefold()
    text = _MARKS.sub("", text).translate(_ARABIC).translate(_DIGITS).translate(_APOSTROPHES)
    return _REPEAT.sub(r"\1\1", text).strip()
