"""Phone numbers, e-mail and web addresses as people type them, in the form of the directory, or "" when that is not safe."""

from __future__ import annotations

import re
from collections.abc import Set

from actions.directory.dialling import DEAR

# Numbers that are dialled as they are.
SHORT = re.compile(r"11[0257]|116\d{3}")
# Area codes without the leading 0: large cities, Saxony, mobile networks. German codes are free of prefixes, so
# a number written in one piece can be divided after a code that stands here, and only then.
AREA_CODES = frozenset(
    "30 40 69 89 201 211 221 228 231 241 251 340 341 345 351 355 361 365 371 375 381 385 391 421 431 511 521 531 541 551"
    " 561 611 621 651 681 711 721 761 821 841 911 931 941"
    " 3421 3423 3425 3431 3433 3435 3437 3501 3504 3521 3522 3523 3525 3528 3529 3571 3576 3578 3581 3583 3585 3586 3588"
    " 3591 3592 3594 3596 3721 3722 3723 3724 3725 3726 3727 3731 3733 3735 3737 3741 3744 3745 3761 3762 3763 3764 3765"
    " 3771 3772 3773 3774"
    " 151 152 155 157 159 160 162 163 170 171 172 173 174 175 176 177 178 179".split()
)
# Of these those of large cities and mobile networks: no longer code begins alike that somebody could have meant.
LARGE_CODES = frozenset(
    "30 40 69 89 341 351 355 371 375 151 152 155 157 159 160 162 163 170 171 172 173 174 175 176 177 178 179".split()
)
FREE = "800"

# Longer ones are none.
LONGEST_PHONE, LONGEST_EMAIL, LONGEST_URL = 200, 254, 2000
_EMAIL = re.compile(r"[^@\s<>,;:\"()]+@[^@\s<>,;:\"()]+\.[a-z]{2,}")
# The first dot behind the first letter parts the host, so that there is one way only to read it.
_URL = re.compile(r"https?://[^\s<>\"'/@][^\s<>\"'/@.]*\.[^\s<>\"'/@]+(/[^\s<>\"']*)?", re.IGNORECASE)


def phone_number(text: str, codes: Set[str] = AREA_CODES) -> str:
    """A German number as "+49 341 123456", "0800 1234567" or a short number; "" for anything else.

    Of several numbers in one text the first counts. A second part behind a slash is another ending, not a part.
    A number written in one piece is divided behind one of `codes` only. Words before it and a remark in brackets
    behind it are passed over.
    """
    if len(text) > LONGEST_PHONE or _strange_digits(text) or re.match(r"\W*(tele)?fax", text, re.IGNORECASE):
        return ""
    text = re.sub(r"\([^()\d]*\)", " ", re.sub(r"^[^\d+(]+", "", text))
    text = re.split(r"[;,]|\s(?:oder|or|und|and|bzw\.?)\s", text, maxsplit=1)[0].strip()
    text = re.sub(r"^\(\s*(?=\+|00)", "", text)
    if re.search(r"[^\d+()/.\s–-]", text) or "+" in text[1:]:
        return ""
    whole = re.sub(r"\D", "", text)
    if SHORT.fullmatch(whole):
        return whole
    international = re.match(r"(?:\+|00)\s*49\s*(?:\(\s*0\s*\)|0)?", text)
    if international:
        text = text[international.end() :]
    elif re.match(r"\(?\s*0\s*\)?[1-9]", text):
        text = re.sub(r"^\(?\s*0\s*\)?", "", text, count=1)
    else:
        return ""
    return _divided(text, codes)


def _strange_digits(text: str) -> bool:
    """Digits of other scripts: no telephone dials them."""
    return any(letter.isdigit() and not letter.isascii() for letter in text)


def _divided(text: str, codes: Set[str]) -> str:
    """Area code and number of a text without country code and leading 0."""
    area, border, rest = re.fullmatch(r"[(\s./–-]*(\d*)([^\d]*)(.*)", text, re.DOTALL).groups()  # type: ignore[union-attr]
    rest = rest.split("/")[0]
    number = re.sub(r"\D", "", rest)
    if not number or len(area) > 5:
        digits = area + ("" if "/" in border else number)
        area = next((code for code in (*sorted(codes), FREE) if digits.startswith(code)), "")
        number = digits[len(area) :]
    if not re.fullmatch(r"[1-9]\d{1,4}", area) or area.startswith(DEAR) or len(number) < 3:
        return ""
    if not 5 <= len(area + number) <= 13 or (len(area) == 2 and area not in AREA_CODES):
        return ""
    return f"0{area} {number}" if area == FREE else f"+49 {area} {number}"


def email_address(*texts: str) -> str:
    """The first that is an e-mail address."""
    for text in texts:
        name, at, host = text.removeprefix("mailto:").strip().rpartition("@")
        if at and len(text) <= LONGEST_EMAIL and _EMAIL.fullmatch(f"{name}@{host.lower()}"):
            return f"{name}@{host.lower()}"
    return ""


def web_address(*texts: str) -> str:
    """The first that is a complete http address, without a user's name in it."""
    return next((text.strip() for text in texts if len(text) <= LONGEST_URL and _URL.fullmatch(text.strip())), "")
