"""The last word: details, crisis, near a crisis, doubt; with rankings written by hand."""

from __future__ import annotations

from typing import Any

import pytest
from rasa.shared.nlu.training_data.message import Message

from bot.nlu.decision import Decision
from bot.nlu.tokenizer import DOC, shared_vocab_doc
from bot.quality.figures import CLASSIFIER_ALONE


def decide(
    text: str,
    ranking: dict[str, float],
    entities: tuple[dict[str, Any], ...] = (),
    language: str = "en",
    sure: float = 0.99,
) -> Message:
    rows = [{"name": n, "confidence": c} for n, c in sorted(ranking.items(), key=lambda x: -x[1])]
    message = Message(
        {
            "text": text,
            "intent": rows[0],
            "intent_ranking": rows,
            "entities": list(entities),
            "language": {"name": language, "confidence": sure, "words": len(text.split())},
            DOC: shared_vocab_doc(text),
        }
    )
    Decision(Decision.get_default_config()).process([message])
    return message


def name(message: Message) -> str:
    return str(message.get("intent")["name"])


@pytest.mark.parametrize(
    ("text", "ranking", "intent"),
    [
        ("where is a doctor", {"doctor": 0.9, "medicine": 0.1}, "doctor"),
        ("well you know", {"doctor": 0.3, "medicine": 0.2}, "nlu_fallback"),
        ("start again", {"start_over": 0.5, "help": 0.2}, "nlu_fallback"),
        ("start again", {"start_over": 0.7, "help": 0.2}, "start_over"),
        # a crisis by probability, by phrase with a trace of probability
        ("it is so bad", {"doctor": 0.6, "emergency_medical": 0.12, "emergency_violence": 0.11}, "emergency_medical"),
        ("my son is not breathing", {"doctor": 0.9, "emergency_medical": 0.03}, "emergency_medical"),
        # near: some probability, or a phrase while nothing else is sure
        ("it is so bad", {"doctor": 0.8, "emergency_medical": 0.1}, "crisis_near"),
        ("my son is not breathing", {"doctor": 0.6, "medicine": 0.3}, "crisis_near"),
        # a phrase alone against a sure classifier is a look-alike
        ("the film is called not breathing", {"chitchat": 0.95, "doctor": 0.02}, "chitchat"),
        # but not of what people despair of
        ("i will kill myself if they deport me", {"rejection": 0.99, "doctor": 0.01}, "crisis_near"),
        ("my son is not breathing", {"rejection": 0.99, "doctor": 0.01}, "rejection"),
        ("so that was because of this", {"feedback_good": 0.5, "simplify": 0.2}, "nlu_fallback"),
    ],
)
def test_decisions(text: str, ranking: dict[str, float], intent: str) -> None:
    assert name(decide(text, ranking)) == intent


def test_the_quality_card_measures_the_classifier_as_it_decides() -> None:
    assert Decision.get_default_config()["crisis"] == CLASSIFIER_ALONE


def test_in_a_language_nobody_here_speaks_what_is_near_is_enough() -> None:
    ranking = {"doctor": 0.6, "crisis_suicide": 0.1}
    assert name(decide("nie chce juz zyc", ranking, language="pl")) == "crisis_suicide"
    assert name(decide("nie chce juz zyc", ranking, language="en")) == "crisis_near"


def test_the_paths_are_told_apart() -> None:
    message = decide("my son is not breathing", {"doctor": 0.9, "emergency_medical": 0.03})
    assert message.get("crisis_paths") == {"phrase": "emergency_medical", "classifier": 0.03}


def test_asking_back_keeps_the_ranking() -> None:
    message = decide("it is so bad", {"doctor": 0.8, "emergency_medical": 0.1})
    assert [r["name"] for r in message.get("intent_ranking")] == ["doctor", "emergency_medical"]


PLACE = {"entity": "place", "value": "leipzig", "start": 0, "end": 7}


@pytest.mark.parametrize(
    ("text", "entities", "intent"),
    [
        ("leipzig", (PLACE,), "inform"),
        ("leipzig now", (PLACE,), "inform"),
        (
            "leipzig jobcenter",
            (PLACE, {"entity": "term", "value": "social_benefits", "start": 8, "end": 17}),
            "social_benefits",
        ),
        ("leipzig 19", (PLACE, {"entity": "age", "value": "19", "start": 8, "end": 10}), "inform"),
        ("leipzig flat please", (PLACE,), "find_housing"),
    ],
)
def test_details_and_nothing_else(text: str, entities: tuple[dict[str, Any], ...], intent: str) -> None:
    assert name(decide(text, {"find_housing": 0.6, "inform": 0.3}, entities)) == intent
