"""Who runs this copy, for the imprint and the privacy notice: `operator.yml` in WEGWEISER_LEGAL_DIR."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

FILE = "operator.yml"
# What is done with data of people; each needs a legal basis that the operator confirms.
PURPOSES = ("questions", "telegram", "counters", "learning", "callbacks", "handover", "security")
LANGUAGES = ("de", "en")
_LONGEST = 4000
_LARGEST_FILE = 512 * 1024  # bytes; all texts at their longest are less
_MAIL = re.compile(r"[^\s@<>\"]{1,64}@[^\s@<>\"]{3,200}")
_WEB = re.compile(r"https?://[^\s<>\"]{3,300}")


class LegalError(ValueError):
    """The file cannot be used; the message lists every fault, one a line."""


@dataclass(frozen=True)
class Contact:
    """An office or a person; "" for what is not given. `address` has lines."""

    name: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""


@dataclass(frozen=True)
class Operator:
    """Who runs the assistant, as the law asks to be told.

    `security_contact` is an e-mail or https address for reports of weaknesses.

    `legal_bases` are German texts by purpose; what is missing there is shown as not confirmed yet. `confirmed` is the
    ISO day on which the operator has checked the notice, "" when nobody has. `more` are own paragraphs, by page
    ("imprint", "privacy") and language.
    """

    contact: Contact
    represented_by: str
    supervisory_authority: Contact = Contact()
    responsible_for_content: str = ""
    vat_id: str = ""
    data_protection_officer: Contact = Contact()
    data_protection_authority: Contact = Contact()
    hosting: Contact = Contact()
    proxy_logs: str = ""
    legal_bases: Mapping[str, str] = field(default_factory=dict)
    confirmed: str = ""
    security_contact: str = ""
    more: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def blanks(self) -> list[str]:
        """Keys of operator.yml that a public office will have to fill in and that are empty."""
        names = ("data_protection_officer", "data_protection_authority", "hosting")
        found = [name for name in names if getattr(self, name) == Contact()]
        found += [f"legal_bases.{name}" for name in PURPOSES if not self.legal_bases.get(name)]
        return found + ([] if self.confirmed else ["confirmed"])


_CONTACTS = ("supervisory_authority", "data_protection_officer", "data_protection_authority", "hosting")
_TEXTS = ("represented_by", "responsible_for_content", "vat_id", "proxy_logs", "confirmed", "security_contact")
_PAGES = ("imprint_more", "privacy_more")
_REQUIRED = ("name", "address", "email", "represented_by")


def load(folder: Path | None) -> Operator | None:
    """The operator, None when no folder is set. LegalError when the file is missing or wrong."""
    if folder is None:
        return None
    import yaml

    from actions import plain_yaml

    file = folder / FILE
    try:
        with file.open("rb") as opened:
            raw = opened.read(_LARGEST_FILE + 1)
        if len(raw) > _LARGEST_FILE:
            raise LegalError(f"{file}: is larger than {_LARGEST_FILE} bytes")
        content = plain_yaml.load(raw)
    except FileNotFoundError:
        raise LegalError(f"{file}: there is no such file; deploy/legal/operator.example.yml is a sample") from None
    except OSError as exc:
        raise LegalError(f"{file}: cannot be read ({exc.strerror})") from exc
    except yaml.YAMLError as exc:
        mark = getattr(exc, "problem_mark", None)
        where = f", line {mark.line + 1}" if mark is not None else ""
        raise LegalError(f"{file}: is no YAML in UTF-8{where}") from exc
    reader = _Reader(content if isinstance(content, dict) else {})
    if not isinstance(content, dict):
        reader.faults.append("must hold names and values")
    operator = reader.operator()
    if reader.faults:
        raise LegalError("\n".join(f"{file}: {fault}" for fault in reader.faults))
    return operator


class _Reader:
    """Reads what YAML gave, and collects what is wrong."""

    def __init__(self, content: dict[Any, Any]) -> None:
        self.content, self.faults = content, list[str]()

    def operator(self) -> Operator:
        """The operator; only to be used when there are no faults."""
        own = (*Contact.__dataclass_fields__, *_TEXTS, *_CONTACTS, *_PAGES, "legal_bases")
        self._strangers("", self.content, own)
        self.faults += [
            f"{name}: is missing" for name in _REQUIRED if not self._text(self.content, name, "", quiet=True)
        ]
        texts = {name: self._text(self.content, name, "") for name in _TEXTS}
        if texts["confirmed"] and not _is_day(texts["confirmed"]):
            self.faults.append("confirmed: must be a day such as 2026-10-01")
        told = texts["security_contact"]
        if told and not (_MAIL.fullmatch(told) or (told.startswith("https://") and _WEB.fullmatch(told))):
            self.faults.append("security_contact: must be an e-mail address or begin with https://")
        more = {name.removesuffix("_more"): self._group(name, LANGUAGES) for name in _PAGES}
        contacts = {name: self._contact(self._mapping(name), f"{name}.") for name in _CONTACTS}
        bases = self._group("legal_bases", PURPOSES)
        return Operator(self._contact(self.content, ""), legal_bases=bases, more=more, **contacts, **texts)  # type: ignore[arg-type]

    def _contact(self, values: dict[Any, Any], prefix: str) -> Contact:
        names = tuple(Contact.__dataclass_fields__)
        if prefix:
            self._strangers(prefix, values, names)
        if isinstance(values.get("phone"), (int, float)):  # YAML takes 0341 for an octal number
            self.faults.append(f"{prefix}phone: must stand in quotes")
        contact = Contact(**{name: self._text(values, name, prefix) for name in names})
        if contact.email and not _MAIL.fullmatch(contact.email):
            self.faults.append(f"{prefix}email: is no e-mail address")
        if contact.website and not _WEB.fullmatch(contact.website):
            self.faults.append(f"{prefix}website: must begin with https:// or http://")
        if contact.phone and len(re.findall(r"\d", contact.phone)) < 3:
            self.faults.append(f"{prefix}phone: is no number")
        return contact

    def _group(self, name: str, known: tuple[str, ...]) -> dict[str, str]:
        values = self._mapping(name)
        self._strangers(f"{name}.", values, known)
        return {key: self._text(values, key, f"{name}.") for key in known}

    def _mapping(self, name: str) -> dict[Any, Any]:
        value = self.content.get(name) or {}
        if isinstance(value, dict):
            return value
        self.faults.append(f"{name}: must hold names and values")
        return {}

    def _text(self, values: dict[Any, Any], name: str, prefix: str, quiet: bool = False) -> str:
        value = values.get(name)
        if value is None:
            return ""
        # A day and a number are read by YAML as such.
        if isinstance(value, (dict, list, bool)) or len(str(value)) > _LONGEST:
            if not quiet:
                self.faults.append(f"{prefix}{name}: must be a text of at most {_LONGEST} characters")
            return ""
        return str(value).strip()

    def _strangers(self, prefix: str, values: dict[Any, Any], known: tuple[str, ...]) -> None:
        for key in values:
            if key not in known:
                self.faults.append(f"{prefix}{key}: no such name (known: {', '.join(known)})")


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False
