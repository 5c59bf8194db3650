"""Messages to measure speed with: conversations of topic questions, follow-ups and buttons, none of which comes twice.

A question is one of our test messages with a town behind it, which no training message has; so a cache of whole
messages helps nobody.
"""

from __future__ import annotations

import json
import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, TypeVar

from bot.quality.evaluate import load_cases
from bot.settings import ROOT

QUESTIONS = ROOT / "tests" / "nlu"
FOLLOW_UPS = frozenset(
    {
        *("ask_cost", "ask_eligibility", "ask_documents", "ask_how", "ask_duration", "ask_contact"),
        *("ask_opening_hours", "ask_more_options", "ask_service_language"),
    }
)
TOPIC, FOLLOW_UP, BUTTON = "topic", "follow-up", "button"
KINDS = (TOPIC, FOLLOW_UP, BUTTON)
# What one conversation holds, in this order; fewer than the 20 messages a minute that are allowed.
ORDER = (TOPIC, FOLLOW_UP, BUTTON, TOPIC, FOLLOW_UP, BUTTON)

T = TypeVar("T")


@dataclass(frozen=True)
class Ask:
    """One message: `text` is typed, or `payload` comes from a button; `intent` and `place` are what it is about.

    `language` is that of the conversation, which the interface tells as a hint.
    """

    kind: str
    intent: str
    place: str
    text: str = ""
    payload: str = ""
    language: str = ""


@dataclass(frozen=True)
class Workload:
    """Enough messages for a run. `questions` and `follow_ups` are (language, intent, text), `places` are (id, name)."""

    questions: tuple[tuple[str, str, str], ...]
    follow_ups: tuple[tuple[str, str, str], ...]
    topics: tuple[str, ...]
    places: tuple[tuple[str, str], ...]

    @cached_property
    def languages(self) -> tuple[str, ...]:
        """Those there are both questions and follow-ups in; a conversation is in one of them."""
        return tuple(sorted({row[0] for row in self.questions} & {row[0] for row in self.follow_ups}))

    @cached_property
    def _texts(self) -> dict[tuple[str, str], list[tuple[str, str]]]:
        found: dict[tuple[str, str], list[tuple[str, str]]] = {}
        for kind, rows in ((TOPIC, self.questions), (FOLLOW_UP, self.follow_ups)):
            for language, intent, text in rows:
                found.setdefault((kind, language), []).append((intent, text))
        return found

    def conversation(self, number: int) -> list[Ask]:
        """The six messages of one conversation; the same for the same number, and no message of another one."""
        turn, which = divmod(number, len(self.languages))
        language = self.languages[which]
        seen = dict.fromkeys(KINDS, 0)
        found = []
        for kind in ORDER:
            each = ORDER.count(kind)
            if kind == BUTTON:
                topic, (place, _) = self._pair(self.topics, number * each + seen[kind])
                payload = f'/{topic}{{"place": "{place}"}}'
                found.append(Ask(kind, topic, place, payload=payload, language=language))
            else:
                row, (place, name) = self._pair(self._texts[kind, language], turn * each + seen[kind])
                found.append(Ask(kind, row[0], place, text=f"{row[1]} {name}", language=language))
            seen[kind] += 1
        return found

    @property
    def conversations(self) -> int:
        """So many conversations can be held before a message comes again."""
        number = len(self.languages)
        sizes = [len(self.topics) * len(self.places) // ORDER.count(BUTTON)]
        for kind in (TOPIC, FOLLOW_UP):
            fewest = min(len(self._texts[kind, language]) for language in self.languages)
            sizes.append(fewest * len(self.places) // ORDER.count(kind) * number)
        return min(sizes)

    def _pair(self, rows: Sequence[T], number: int) -> tuple[T, tuple[str, str]]:
        """A row and a place: a step without a common divisor visits each pair once, far from the last one."""
        size = len(rows) * len(self.places)
        row, column = divmod(number * _step(size) % size, len(self.places))
        return rows[row], self.places[column]

    def save(self, path: Path) -> None:
        """Write it as JSON, for processes that know nothing of the assistant."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), ensure_ascii=False) + "\n", encoding="utf-8")

    @classmethod
    def read(cls, path: Path) -> Workload:
        """What `save` wrote."""
        content = json.loads(path.read_text(encoding="utf-8"))
        rows = {name: tuple(map(tuple, content[name])) for name in ("questions", "follow_ups", "places")}
        return cls(topics=tuple(content["topics"]), **rows)


@lru_cache(maxsize=256)
def _step(size: int) -> int:
    """About 0.618 of the size, and without a common divisor."""
    step = max(1, round(size * 0.6180339887))
    while math.gcd(step, size) != 1:
        step += 1
    return step


def draw(resources: Any, urgent: frozenset[str] = frozenset()) -> Workload:
    """The workload of our test messages: those that name no place yet, about topics with services, emergencies left out."""
    from bot.nlu.places import matcher
    from bot.nlu.tokenizer import shared_vocab_doc

    served = {topic for service in resources.directory.services.values() for topic in service.topics}
    topics = sorted((served & set(resources.knowledge.articles)) - urgent)
    cases = [row for row in load_cases([str(QUESTIONS)]) if row["set"] != "crisis"]
    placeless = [
        (row["lang"], row["intent"], row["text"])
        for row in cases
        if not matcher().find(shared_vocab_doc(row["text"]), row["text"])
    ]
    towns = [p for p in resources.gazetteer.places.values() if p.kind in ("city", "municipality")]
    towns.sort(key=lambda place: (-place.population, place.id))
    return Workload(
        questions=tuple(dict.fromkeys(row for row in placeless if row[1] in topics)),
        follow_ups=tuple(dict.fromkeys(row for row in placeless if row[1] in FOLLOW_UPS)),
        topics=tuple(topics),
        places=tuple((place.id, place.name) for place in towns),
    )


def load_resources() -> Any:
    """Directory, articles and places as the assistant has them, without its model."""
    from actions.resources import Resources

    return Resources.load(ROOT / "data")
