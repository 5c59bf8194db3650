"""Names of programmes, offices and prizes in a message, from data/programmes.yml, in the words of many languages."""

from __future__ import annotations

from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from bot.nlu.normalise import fold
from bot.nlu.wishes import TOKEN, SlotFinder

DATA = Path(__file__).resolve().parents[2] / "data" / "programmes.yml"


class ProgrammeFinder(SlotFinder):
    """Finds programmes in a folded text, the longest name first."""

    def __init__(self, programmes: list[dict[str, Any]]) -> None:
        super().__init__()
        self._topics = {row["id"]: row.get("topic", "") for row in programmes}
        self._common = frozenset(row["id"] for row in programmes if row.get("common"))
        for row in programmes:
            for name in row["names"]:
                self.add(row["id"], _phrase(name))
        self.ready()

    def find(self, text: str) -> list[dict[str, Any]]:
        """`programme` entities {entity, value, common, topic, start, end} of a folded text, none inside another."""
        tokens = list(TOKEN.finditer(text))
        words = [token[0] for token in tokens]
        spans = {
            (*span, phrase.wish)
            for phrase, at in self.candidates(words)
            for span in (phrase.span(words, at),)
            if span is not None
        }
        found: list[tuple[int, int, str]] = []
        for first, last, programme in sorted(spans, key=lambda span: (span[0] - span[1], span)):
            if not any(first <= b and a <= last for a, b, _ in found):
                found.append((first, last, programme))
        return [
            {
                "entity": "programme",
                "value": programme,
                "common": programme in self._common,
                "topic": self._topics[programme],
                "start": tokens[first].start(),
                "end": tokens[last].end(),
                "extractor": "programmes",
            }
            for first, last, programme in sorted(found)
        ]


def _phrase(name: str) -> str:
    """A name in the words that a message is cut into; a `-` at the end of a word stays."""
    return " ".join(" ".join(TOKEN.findall(fold(word))) + ("-" if word.endswith("-") else "") for word in name.split())


@lru_cache(maxsize=1)
def finder() -> ProgrammeFinder:
    """The finder of this process."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return ProgrammeFinder(yaml.load(DATA.read_text(encoding="utf-8"), Loader=loader)["programmes"])
