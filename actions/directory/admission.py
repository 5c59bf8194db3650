"""What a record of another directory may say here: the one gate behind all sources, whatever they read themselves.

A feed can be taken over, or have an editor who means harm. So nothing from outside names an emergency number, a
helpline or a shelter, changes what the embedded records say of them, or sends anybody to a number that costs extra.
"""

from __future__ import annotations

import re
from dataclasses import replace
from typing import Any

from actions.directory.dialling import dear
from actions.directory.geo import fold
from actions.directory.model import Service
from actions.directory.validation import PHONE_IN_TEXT

# Who is sent here is in danger, or may be: only records that editors of ours have checked.
GUARDED_KINDS = frozenset(
    "emergency_number helpline womens_shelter mens_shelter violence_counselling trafficking_counselling victim_support "
    "child_protection".split()
)
GUARDED_TOPICS = frozenset(
    "emergency_medical emergency_violence crisis_suicide domestic_violence forced_marriage_trafficking hate_crime".split()
)
# Names that promise one of these, folded; what a record calls its kind does not make it one.
_POSES = re.compile(
    r"frauen ?(schutz)?(haus|hauser|wohnung|unterkunft|zuflucht)|manner ?schutz|schutz ?(haus|wohnung|unterkunft)"
    r"|notruf|hilfe ?telefon|seelsorge ?telefon|telefon ?seelsorge|krisen ?telefon|sorgen ?telefon|kinderschutz ?(notruf|dienst)"
    r"|\bwom[ae]n ?s? (shelter|refuge)|\bsafe house|\b(emergency|crisis) (number|line|hotline|call)|\bhelpline"
)
TEXTS = ("name", "alternate_name", "organization", "description", "address_1", "city", "postal_code", "hours_note",
         "cost", "notes", "alert")  # fmt: skip
# Shown beside our own words, where a number or an address would look like one of ours.
_SHOWN = ("alternate_name", "organization", "address_1", "city", "hours_note", "alert")
LONGEST = 2000
LONGEST_ADDRESS = 500
# Written inside words of Persian, Kurdish and others; all else that does not show is taken out.
_JOINERS = "\u200c\u200d"
# Letters of two alphabets in one word: it is to be read as another word.
_DISGUISED = re.compile(r"(?<!\w)(?=\w*[A-Za-z])\w*[\u0370-\u052f\u13a0-\u13ff]")
_MARKUP = re.compile(r"<[^<>]{0,500}>")
_ADDRESS_IN_TEXT = re.compile(r"://|\bwww\.|\w@\w", re.IGNORECASE)
_PHONE = re.compile(r"\+?[\d ()/.\u2013-]{2,40}")
_CODE = re.compile(r"[a-z]{2,3}")
# Of Germany, or one of the short numbers that are dialled as they are.
_GERMAN = re.compile(r"(\+|00)\D*49[\D0]*[1-9]|\(?0\)?\D*[1-9]|\D*(11[0257]|116\D?\d\d\d)\D*$")
_EMAIL = re.compile(r"[^@\s<>,;:\"()]{1,64}@[^@\s<>,;:\"()]{1,190}\.[a-z]{2,24}", re.IGNORECASE)
_WEB = re.compile(r"https?://[^\s<>\"'/@\\?#]+([/?#][^\s<>\"'\\]*)?", re.IGNORECASE)


def guarded(service: Service) -> bool:
    """Whether people in danger are sent to this record, so that no source may change it."""
    return service.kind in GUARDED_KINDS or not GUARDED_TOPICS.isdisjoint(service.topics)


def admitted(service: Service) -> Service | None:
    """The record of a source as it may be shown; None when it may not be at all."""
    if service.kind in GUARDED_KINDS or ":" not in service.id:  # without a colon an id would be one of ours
        return None
    topics = tuple(topic for topic in service.topics if topic not in GUARDED_TOPICS)
    said: dict[str, Any] = {name: one_line(getattr(service, name)) for name in TEXTS}
    if not topics or not said["name"] or carries(said["name"]):
        return None
    if any(_poses(said[name]) for name in ("name", "alternate_name", "organization")):
        return None
    said |= {name: "" for name in _SHOWN if carries(said[name])}
    said |= {"topics": topics, "phone": _phone(service.phone), "email": _email(service.email)}
    said |= {"url": web_address(service.url), "sources": _sources(service.sources)}
    said |= {"languages": tuple(code for code in service.languages if _CODE.fullmatch(code))}
    said |= {"hours": service.hours if len(service.hours) <= LONGEST and service.hours.isprintable() else ""}
    changed = {name: value for name, value in said.items() if value != getattr(service, name)}
    return replace(service, **changed) if changed else service


def one_line(text: str, most: int = LONGEST) -> str:
    """A text without markup, control characters and what turns its direction around, on one line."""
    if text.isascii() and text.isprintable() and "<" not in text:
        return text[:most]
    text = _MARKUP.sub(" ", text)
    if "<" in text and ">" in text:  # tags inside of tags
        text = text.replace("<", " ").replace(">", " ")
    shown = (c for c in text if c.isprintable() or c.isspace() or c in _JOINERS)
    return " ".join("".join(shown).split())[:most]


def carries(text: str) -> bool:
    """Whether a text holds a phone number, a web address or an e-mail address."""
    return _ADDRESS_IN_TEXT.search(text) is not None or PHONE_IN_TEXT.search(text) is not None or _dear_in(text)


def web_address(text: str) -> str:
    """The text when it is a plain http(s) address, else ""."""
    fits = len(text) <= LONGEST_ADDRESS and text.isprintable() and _WEB.fullmatch(text)
    return text if fits else ""


def _poses(text: str) -> bool:
    plain = text.translate(dict.fromkeys(map(ord, _JOINERS)))
    return _DISGUISED.search(plain) is not None or _POSES.search(fold(plain)) is not None


def _dear_in(text: str) -> bool:
    return any(dear(found) for found in re.findall(r"(?<!\d)(?:\+|0)[\d ()/.-]{5,30}", text))


def _phone(text: str) -> str:
    fits = _PHONE.fullmatch(text) and _GERMAN.match(text)
    return text if fits and not dear(text) else ""


def _email(text: str) -> str:
    return text if text.isprintable() and _EMAIL.fullmatch(text) else ""


def _sources(sources: tuple[dict[str, Any], ...]) -> tuple[dict[str, Any], ...]:
    if all(web_address(str(source.get("url", ""))) == source.get("url", "") for source in sources):
        return sources
    return tuple(source | {"url": web_address(str(source.get("url", "")))} for source in sources)
