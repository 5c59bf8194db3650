"""What a counsellor reads first: in German, each value beside it in the person's language."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

GERMAN = "de"
MOST_SHOWN = 5
# Id or key and language in, words out; "" for what is not known.
Words = Callable[[str, str], str]


@dataclass(frozen=True)
class Summary:
    """Puts what is known of a conversation into words; nothing of it is what the person wrote."""

    topic: Words
    place: Words
    status: Words
    language: Words
    service: Callable[[str], str]

    def write(self, matter: Mapping[str, Any], how: str) -> str:
        """The note, with what `matter` names; `how` is a German sentence on what the person wants."""
        spoken = str(matter.get("language") or "")
        rows = {
            "language": ("Sprache", self._both(self.language, spoken, spoken)),
            "topic": ("Thema", self._both(self.topic, str(matter.get("topic") or ""), spoken)),
            "place": ("Ort", self._both(self.place, str(matter.get("place") or ""), spoken)),
            "status": ("Aufenthalt", self._both(self.status, str(matter.get("status") or ""), spoken)),
            "shown": ("Gezeigt", self._shown(matter.get("shown") or ())),
        }
        said = [f"{label}: {value or 'nicht gesagt'}" for name, (label, value) in rows.items() if name in matter]
        return "\n".join([how, *said])

    def title_place(self, matter: Mapping[str, Any]) -> str:
        """The place in German, for the title."""
        place = str(matter.get("place") or "")
        return self.place(place, GERMAN) if place else ""

    def _both(self, words: Words, value: str, spoken: str) -> str:
        if not value:
            return ""
        said = [words(value, GERMAN), words(value, spoken) if spoken else ""]
        return " / ".join(dict.fromkeys(word for word in said if word))

    def _shown(self, ids: Any) -> str:
        names = [self.service(str(one)) for one in list(ids)[:MOST_SHOWN]]
        return "; ".join(name for name in names if name)
