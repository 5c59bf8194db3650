"""The registry of languages, read once from languages.yml."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

FILE = Path(__file__).with_name("languages.yml")


@dataclass(frozen=True, slots=True)
class Language:
    """One language: `code` is ISO 639-1, `direction` ltr or rtl, `status` as in languages.yml."""

    code: str
    endonym: str
    direction: str
    script: str
    fallback: tuple[str, ...]
    status: str

    @property
    def complete(self) -> bool:
        """True when everything people read is translated."""
        return self.status == "complete"

    @property
    def trained(self) -> bool:
        """True when messages in it are understood and answered in it, as far as the sentences are translated."""
        return self.status in ("complete", "understood")


@lru_cache(maxsize=1)
def languages() -> dict[str, Language]:
    """All languages by code, in the order of the file."""
    rows = yaml.safe_load(FILE.read_text(encoding="utf-8"))["languages"]
    return {
        code: Language(code, r["endonym"], r["direction"], r["script"], tuple(r["fallback"]), r["status"])
        for code, r in rows.items()
    }


def offered() -> list[dict[str, str]]:
    """The languages we speak, as channels offer them: code, their own name and direction."""
    return [
        {"code": code, "name": item.endonym, "dir": item.direction}
        for code, item in languages().items()
        if item.trained
    ]


def spoken(code: str) -> str:
    """The language in which `code` is answered: itself, else the first trained one of its chain, else English."""
    known = languages()
    language = known.get(code)
    for candidate in (code, *(language.fallback if language else ())):
        if candidate in known and known[candidate].trained:
            return candidate
    return "en"
