"""The last word of understanding: crisis first, bare details, then whether we are sure enough to answer."""

from __future__ import annotations

from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.nlu.constants import ENTITIES
from rasa.shared.nlu.training_data.message import Message
from spacy.tokens import Doc

from bot.nlu.crisis import INTENTS, patterns
from bot.nlu.tokenizer import DOC

# Words that may stand beside a bare detail without changing it: "in Leipzig", "من دمشق", "з Хемніца".
FILLERS = frozenset(
    [
        "in",
        "aus",
        "bei",
        "nach",
        "von",
        "ich",
        "wohne",
        "bin",
        "komme",
        "near",
        "at",
        "from",
        "i",
        "am",
        "live",
        "the",
        "town",
        "of",
        "city",
        "stadt",
        "und",
        "and",
        "dresden",
        "в",
        "у",
        "з",
        "із",
        "на",
        "я",
        "живу",
        "біля",
        "з-під",
        "في",
        "من",
        "ب",
        "انا",
        "أنا",
        "ساكن",
        "اسكن",
        "أسكن",
        "مدينة",
        "عند",
        "plz",
        "postleitzahl",
    ]
)
SHORT_WORDS = 3


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class Decision(GraphComponent):
    """Turns the ranking into the final intent.

    Order: a crisis phrase or enough crisis probability; a message that is nothing but details (inform);
    a German office word alone (its topic); else the classifier, or `nlu_fallback` below the threshold.
    """

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """threshold: below it we ask with buttons; crisis: sum of crisis probabilities that is enough;
        phrase: classifier probability a crisis phrase needs beside it."""
        return {"threshold": 0.30, "crisis": 0.40, "phrase": 0.01}

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> Decision:
        """Needs only its thresholds."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Decide each message."""
        for message in messages:
            self._decide(message)
            message.set(DOC, None)
        return messages

    def _decide(self, message: Message) -> None:
        ranking: list[dict[str, Any]] = list(message.get("intent_ranking") or [])
        doc = message.get(DOC)
        if not ranking or doc is None:
            return
        chosen = self._crisis(doc, ranking) or _bare(doc, message.get(ENTITIES) or [])
        if chosen is not None:
            _put_first(message, ranking, chosen)
        elif ranking[0]["confidence"] < self.config["threshold"]:
            fallback = {"name": DEFAULT_NLU_FALLBACK_INTENT_NAME, "confidence": 1 - ranking[0]["confidence"]}
            message.set("intent", fallback, add_to_output=True)
            message.set("intent_ranking", ranking, add_to_output=True)

    def _crisis(self, doc: Doc, ranking: list[dict[str, Any]]) -> tuple[str, float] | None:
        odds = {row["name"]: row["confidence"] for row in ranking if row["name"] in INTENTS}
        total = sum(odds.values())
        phrase = patterns().find(doc)
        if phrase is not None and total >= self.config["phrase"]:
            # The phrase says that it is a crisis; which one, the classifier often knows better.
            likeliest = max(odds, key=lambda k: odds[k])
            return (likeliest if odds[likeliest] > 0.5 else phrase), max(0.9, total)
        if total >= self.config["crisis"]:
            return max(odds, key=lambda k: odds[k]), total
        return None


def _bare(doc: Doc, entities: list[dict[str, Any]]) -> tuple[str, float] | None:
    """inform for nothing but details, the term's topic for nothing but a German word; else None."""
    covered = [(e["start"], e["end"]) for e in entities]
    rest = [
        t.text
        for t in doc
        if any(c.isalnum() for c in t.text) and not any(a <= t.idx < b for a, b in covered) and t.text not in FILLERS
    ]
    if not entities or rest:
        return None
    kinds = {e["entity"] for e in entities}
    terms = [e["value"] for e in entities if e["entity"] == "term"]
    if terms and kinds <= {"term", "place"}:
        return str(terms[0]), 0.9
    if kinds <= {"place", "status", "level", "point"}:
        return "inform", 0.95
    return None


def _put_first(message: Message, ranking: list[dict[str, Any]], chosen: tuple[str, float]) -> None:
    name, confidence = chosen
    sure = float(min(1.0, confidence))
    first = {"name": name, "confidence": sure}
    scale = (1 - sure) / max(1e-9, sum(r["confidence"] for r in ranking if r["name"] != name))
    rest = [{"name": r["name"], "confidence": r["confidence"] * min(1.0, scale)} for r in ranking if r["name"] != name]
    message.set("intent", first, add_to_output=True)
    message.set("intent_ranking", [first, *rest], add_to_output=True)


__all__ = ["Decision"]
