"""Takes what identifies a person out of a message, in twelve languages and their scripts.

Made for messages that are kept to learn from: too much is taken out rather than too little. What it finds are
numbers, e-mails, links, dates, addresses and, as far as words beside them tell, names (bot/memory/name_cues.py).
It cannot see a name that nothing points to, nor a person told of by circumstances: a human reads what is kept.
Every pattern is bounded, so that no text of 2,000 characters takes long.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Container
from dataclasses import dataclass
from functools import cache

from bot.memory.addresses import addresses
from bot.memory.mails import links, mails
from bot.memory.name_cues import names

LONGEST = 2000
Finder = Callable[[str], list[tuple[int, int, str]]]
# A postal code is neither kept nor marked: the town beside it says enough.
MARKS = {kind: f"[{kind}]" for kind in ("phone", "email", "number", "name", "address", "link")} | {"postcode": ""}
# Numbers everybody calls; they say what a message is about. Each stands in data/ with its source.
PUBLIC = frozenset(
    (
        "110 112 115 116116 116117 116111 116006 116016 116123 "
        "08000116016 08001110111 08001110222 08001110550 08002255530 08004040020"
    ).split()
)


@dataclass(frozen=True, order=True)
class Span:
    """What was found from `start` to `end`; `kind` is a key of MARKS."""

    start: int
    end: int
    kind: str


def scrub(text: str, known: Container[str] | None = None) -> str:
    """The text, at most 2,000 characters of it, with [phone], [name] and so on in the place of what identifies."""
    text = text[:LONGEST]
    parts, at = [], 0
    for span in find(text, known):
        parts += [text[at : span.start], MARKS[span.kind]]
        at = span.end
    return re.sub(r"\s+", " ", "".join([*parts, text[at:]])).strip(" ,;")


def identifying(text: str, known: Container[str] | None = None) -> bool:
    """Whether something is still to be taken out, or was: a text with a mark is no message anybody wrote."""
    return bool(find(text, known)) or any(mark and mark in text for mark in MARKS.values())


def find(text: str, known: Container[str] | None = None) -> list[Span]:
    """What identifies in the first 2,000 characters, in order and without overlaps.

    `known` are words in lower case that people write to us. With them "I am Grace" is told from "I am pregnant", and
    an unknown word with a capital is taken for a name; without them many names are missed.
    """
    text = text[:LONGEST]
    plain = _with_digits(text)
    taken: list[Span] = []
    finders: tuple[Finder, ...] = (
        mails,
        links,
        _dates,
        _codes,
        addresses,
        _numbers,
        lambda given: names(given, known),
    )
    for finder in finders:
        for start, end, kind in finder(plain):
            if not any(start < span.end and span.start < end for span in taken):
                taken.append(Span(start, end, kind))
            elif kind not in ("email", "link"):  # what overlaps is widened, never left half
                taken = _widened(taken, start, end, kind)
    return sorted(taken)


def _widened(taken: list[Span], start: int, end: int, kind: str) -> list[Span]:
    """The spans with one that covers the new one and all it touches; the longest of them gives the kind."""
    touched = [span for span in taken if start < span.end and span.start < end]
    longest = max((*touched, Span(start, end, kind)), key=lambda span: span.end - span.start)
    whole = Span(min(start, *(s.start for s in touched)), max(end, *(s.end for s in touched)), longest.kind)
    return [span for span in taken if span not in touched] + [whole]


@cache
def _digit(character: str) -> str:
    """The ASCII digit of a character of any script; itself when it is none."""
    value = unicodedata.numeric(character, None)
    if value is None or not (unicodedata.category(character) == "Nd" or "\u1369" <= character <= "\u137c"):
        return character
    return str(int(value))[0]


def _with_digits(text: str) -> str:
    """The text letter by letter with ASCII digits: positions stay."""
    return text if text.isascii() else "".join(map(_digit, text))


# First letters of the months, also the Iranian ones, in twelve languages.
_MONTHS = (
    "jan|feb|mär|mar|apr|mai|may|jun|jul|aug|sep|okt|oct|nov|dez|dec|ene|abr|ago|dic|janv|févr|fevr|avr|juin|juil|août|aout|déc"
    "|oca|şub|sub|nis|haz|tem|ağu|agu|eyl|eki|kas|ara|янв|фев|мар|апр|мая|май|июн|июл|авг|сен|окт|ноя|дек"
    "|січ|лют|бер|кві|тра|чер|лип|сер|вер|жов|лис|гру|يناير|فبراير|مارس|أبريل|ابريل|مايو|يونيو|يوليو|أغسطس|سبتمبر|أكتوبر|نوفمبر"
    "|ديسمبر|كانون|شباط|آذار|نيسان|أيار|حزيران|تموز|آب|أيلول|ايلول|تشرين|ژانویه|فوریه|آوریل|ژوئن|ژوئیه|اوت|سپتامبر|اکتبر|نوامبر"
    "|دسامبر|فروردین|اردیبهشت|خرداد|تیر|مرداد|شهریور|مهر|آبان|آذر|دی|بهمن|اسفند|حمل|ثور|جوزا|سرطان|اسد|سنبله|میزان|عقرب|قوس|جدی"
    "|دلو|حوت|çile|sibat|adar|nîsan|gulan|hezîran|tîrmeh|tebax|îlon|cotmeh|mijdar|berfanbar|ጥሪ|ለካቲት|መጋቢት|ሚያዝያ|ግንቦት|ሰነ|ሓምለ"
    "|ነሓሰ|መስከረም|ጥቅምቲ|ሕዳር|ታሕሳስ"
)
_WORDED = re.compile(
    rf"(?<!\d)\d{{1,2}}\.?(?:st|nd|rd|th|er|ère|ro|º|°|-?[гт]?[оые])?\s{{0,2}}(?:de\s|of\s|ê\s|ی\s)?(?:{_MONTHS})\w{{0,10}}\.?,?\s(?:de\s|del\s)?(?:1[34]|19|20)\d\d(?!\d)",
    re.I,
)
_MONTH_FIRST = re.compile(rf"\b(?:{_MONTHS})\w{{0,10}}\.?\s\d{{1,2}}(?:st|nd|rd|th)?,?\s(?:19|20)\d\d(?!\d)", re.I)
_FIGURES = re.compile(r"(?<!\d)(\d{1,4})\s?([./\-])\s?(\d{1,2})\s?\2\s?(\d{2,4})(?!\d)")


def _dates(text: str) -> list[tuple[int, int, str]]:
    """Whole dates with their year: most are dates of birth."""
    found = [(*m.span(), "number") for pattern in (_WORDED, _MONTH_FIRST) for m in pattern.finditer(text)]
    for m in _FIGURES.finditer(text):
        first, second, third = int(m[1]), int(m[3]), int(m[4])
        year_first = len(m[1]) == 4 and 1 <= second <= 12 and third <= 31
        if year_first or (len(m[1]) < 3 and min(first, second) in range(1, 13) and max(first, second) <= 31):
            found.append((*m.span(), "number"))
    return found


_IBAN = re.compile(r"(?<![A-Za-z0-9])[A-Z]{2}\d{2}(?:[ \-]?[A-Z0-9]{4}){2,7}(?:[ \-]?\d{1,4})?(?![A-Za-z0-9])", re.I)
# A court's file "5 K 1234/23.A", a pension number "12 030690 M 001".
_COURT = re.compile(r"(?<!\w)\d{1,3}\s?[A-Z]{1,3}\s\d{1,6}/\d{2}(?:\.\w{1,2})?(?!\w)")
_PENSION = re.compile(r"(?<!\w)\d{2}\s?\d{6}\s?[A-Za-z]\s?\d{3}(?!\w)")
# A passport of Russia or Ukraine with its series, "45 08 № 123456".
_SERIES = re.compile(r"(?<!\d)\d{2}(?:\s?\d{2})?\s?(?:№|N|no?\.?)\s?\d{5,8}(?!\d)", re.I)
_PLATE = re.compile(
    r"(?:kennzeichen|nummernschild|autonummer|licen[cs]e plate|number plate|matrícula|plaque|plaka|номерний знак|номер машин\w)\W{1,3}(?:\w{1,8}\W)?[A-ZÄÖÜ]{1,3}[ \-]?[A-Z]{1,2}[ \-]?\d{1,4}(?!\w)",
    re.I,
)
# Digits that are said one by one.
_SPOKEN = re.compile(
    r"(?<!\w)(?:(?:null|eins|zwei|zwo|drei|vier|fünf|fuenf|sechs|sieben|acht|neun|zero|oh|one|two|three|four|five|six|seven|eight|nine|double"
    r"|sıfır|bir|iki|üç|dört|beş|altı|yedi|sekiz|dokuz|cero|uno|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|zéro|un|deux|trois|quatre|cinq|sept|huit|neuf"
    r"|ноль|нуль|один|два|три|четыре|чотири|пять|п['’]ять|шесть|шість|семь|сім|восемь|вісім|девять|дев['’]ять|صفر|واحد|اثنين|تنين|ثلاثة|تلاتة|اربعة|أربعة|خمسة|ستة|سبعة|ثمانية|تمانية|تسعة"
    r"|یک|دو|سه|چهار|پنج|شش|هفت|هشت|نه|یو|دوه|درې|څلور|پنځه|شپږ|اووه|اته|sifir|yek|du|sê|çar|pênc|şeş|heft|heşt|neh|ዜሮ|ባዶ|ሓደ|ክልተ|ሰለስተ|ኣርባዕተ|ሓሙሽተ|ሽዱሽተ|ሸውዓተ|ሸሞንተ|ትሽዓተ)"
    r"[\s,.\-]{1,3}){5,24}\w{2,9}",
    re.I,
)
_CUE = re.compile(
    r"(?:aktenzeichen|geschäftszeichen|ausweis|pass|nummer|nr\.|\bnr\b|\baz\b|\bazr\b|kennzeichen|passport|number|\bno\.|reference|case"
    r"|номер|паспорт|справи|дела|رقم|جواز|شماره|پاسپورت|پرونده|شمېر|پاسپورټ|numara|kimlik|pasaport|dosya|hejmar|número|expediente"
    r"|pasaporte|cédula|dossier|numéro|passeport|ቁጽሪ|ቁጽረይ|ፓስፖርት)\w{0,12}[\s:.#№\-]{1,3}((?:[A-Za-z]{1,4}[ \-])?[A-Za-z0-9][A-Za-z0-9\-/.]{3,30})",
    re.I,
)  # fmt: skip
_CLOCK = re.compile(r"\d{1,2}[hH]\d{2}")
_TOKEN = re.compile(r"(?<![A-Za-z0-9])[A-Za-z0-9](?:[A-Za-z0-9\-/]{0,60}[A-Za-z0-9])(?![A-Za-z0-9])")


def _codes(text: str) -> list[tuple[int, int, str]]:
    """IBANs, file numbers, numbers of papers: letters and digits that mean one person."""
    found = [
        (*m.span(), "number")
        for pattern in (_IBAN, _COURT, _PENSION, _SERIES, _PLATE, _SPOKEN)
        for m in pattern.finditer(text)
    ]
    found += [
        (*m.span(1), "number")
        for m in _CUE.finditer(text)
        if _digits(m[1]) >= 4 and not _year(m[1]) and m[1].strip(".") not in PUBLIC
    ]
    for m in _TOKEN.finditer(text):
        turns = len(re.findall(r"[a-z](?=\d)|\d(?=[a-z])", m[0], re.I))
        # Arabic in Latin letters writes some of its letters as digits: "b2addem", "ma3loumat".
        few = _digits(m[0]) < 3 and m[0] != m[0].upper()
        if not turns or few or _CLOCK.fullmatch(m[0]) or _year(m[0]):
            continue
        if _digits(m[0]) > 3 or (turns > 1 and len(m[0]) > 6):
            found.append((*m.span(), "number"))
    return found


def _digits(text: str) -> int:
    return sum(map(str.isdecimal, text))


def _year(text: str) -> bool:
    """A year, two of them, or one with a word beside it: "2024/2025", "Covid2020"."""
    return bool(re.fullmatch(r"[^\d]{0,12}(?:(?:19|20)\d\d(?:[\s/\-–]{1,3}(?:(?:19|20)?\d\d))?)[^\d]{0,12}", text))


# The letter O stands for the first nought, too.
_GROUP = re.compile(r"(?:\+\s?|\(\+?|(?<!\w)[oOоО](?=1[5-7]))?\d(?:[\s.\-/()\u200b-\u200f\u2010-\u2015]{0,3}\d){4,40}")
_MONEY = re.compile(r"\s?(?:€|eur|يورو|یورو|євро|евро|avro|ዩሮ)", re.I)
_AROUND = re.compile(r"[A-Za-z0-9\-/]*")


def _numbers(text: str) -> list[tuple[int, int, str]]:
    """Telephone numbers, and every run of five digits or seven with signs between; years and amounts stay."""
    found = []
    for m in _GROUP.finditer(text):
        digits, runs = "".join(re.findall(r"\d", m[0])), re.findall(r"\d+", m[0])
        called = digits[:1] == "0" or "+" in m[0]
        if digits in PUBLIC or all(_year(run) for run in runs):
            continue
        if re.fullmatch(r"\d{1,3}(?:[.\s]\d{3})+", m[0]) and _MONEY.match(text, m.end()):
            continue
        if max(map(len, runs)) < 5 and len(digits) < (6 if called else 7):
            continue
        if re.fullmatch(r"0\d{4}", digits) and len(runs) == 1:
            found.append((*m.span(), "postcode"))
        elif called and _telephone(("+" if "+" in m[0] else "") + digits):
            found.append((*m.span(), "phone"))
        else:
            found.append((*_whole(text, *m.span()), "number"))
    return found


def _whole(text: str, start: int, end: int) -> tuple[int, int]:
    """The number with the letters that belong to it: "ABH-2023-44871"."""
    while start > 0 and end - start < 80 and _AROUND.fullmatch(text[start - 1]):
        start -= 1
    series = re.search(r"(?<![A-Za-zА-Яа-яІЇЄ])[A-ZА-ЯІЇЄ]{1,3} $", text[max(0, start - 5) : start])
    start -= len(series[0]) if series is not None else 0
    behind = _AROUND.match(text, end, end + 40)
    return start, behind.end() if behind is not None else end


def _telephone(digits: str) -> bool:
    import phonenumbers

    try:
        return bool(phonenumbers.is_possible_number(phonenumbers.parse(digits, "DE")))
    except phonenumbers.NumberParseException:
        return False
