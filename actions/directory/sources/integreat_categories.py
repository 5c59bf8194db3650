"""From what an Integreat CMS calls a place to our kind and topics, by the tables of data/integreat_categories.yml."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

from actions.directory.geo import fold

FILE = Path(__file__).parents[3] / "data" / "integreat_categories.yml"
# Words up to this length stand alone: "Hort" is not in "Hortensie".
SHORT = 4


@dataclass(frozen=True, slots=True)
class Meaning:
    """A key of data/services/kinds.yml, intents with the main one first, and for whom ("women", "men" or "")."""

    kind: str
    topics: tuple[str, ...]
    gender: str = ""


class Categories:
    """The tables: words of titles, German names of categories, icons."""

    def __init__(self, tables: dict[str, Any]) -> None:
        self._titles = [(_pattern(row["words"]), _meaning(row)) for row in tables["titles"]]
        self._names = {fold(name): _meaning(row) for name, row in tables["names"].items()}
        self._icons = {icon: _meaning(row) for icon, row in tables["icons"].items()}

    @classmethod
    def load(cls, file: Path = FILE) -> Categories:
        """Read the tables."""
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        return cls(yaml.load(file.read_text(encoding="utf-8"), Loader=loader))

    def of(self, title: str, name: str, icon: str) -> Meaning | None:
        """What a place is: by its title, else by its category's name, else by its icon; None when no topic fits."""
        text = fold(title)
        by_title = next((meaning for pattern, meaning in self._titles if pattern.search(text)), None)
        found = by_title or self._names.get(fold(name)) or self._icons.get(icon)
        return found if found is not None and found.topics else None


def _meaning(row: dict[str, Any]) -> Meaning:
    return Meaning(row["kind"], tuple(row["topics"]), row.get("gender", ""))


def _pattern(words: list[str]) -> re.Pattern[str]:
    forms = [re.escape(fold(word)) for word in words]
    return re.compile("|".join(rf"\b{form}\b" if len(form) <= SHORT else form for form in forms))
