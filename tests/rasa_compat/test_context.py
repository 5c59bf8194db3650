"""A message is read with the conversation's language and the pieces before it; nothing of that is stored."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest
from rasa.core.channels.channel import UserMessage
from rasa.core.processor import MessageProcessor

from bot.memory.fragments import Fragments
from bot.rasa_compat.context import ContextProcessor

ANSWERS = {
    "hello": ("greet", 0.99),
    "i have": ("nlu_fallback", 0.2),
    "hello i have": ("nlu_fallback", 0.25),
    "a problem": ("housing_problem", 0.3),
    "hello i have a problem": ("housing_problem", 0.9),
    "a doctor": ("doctor", 0.9),
    "ok": ("affirm", 0.95),
}


@pytest.fixture
def processor(monkeypatch: pytest.MonkeyPatch) -> ContextProcessor:
    """The real subclass over a parser that knows a few texts."""
    seen: list[tuple[str, dict]] = []

    async def parse(self: Any, message: UserMessage, tracker: Any = None, only_output_properties: bool = True) -> dict:
        seen.append((message.text, dict(message.metadata or {})))
        name, confidence = ANSWERS[message.text]
        ranking = [{"name": "housing_problem" if name == "nlu_fallback" else name, "confidence": confidence}]
        return {"text": message.text, "intent": {"name": name, "confidence": confidence}, "intent_ranking": ranking}

    monkeypatch.setattr(MessageProcessor, "parse_message", parse)
    made = ContextProcessor.__new__(ContextProcessor)
    made.fragments = Fragments()
    made.seen = seen  # type: ignore[attr-defined]
    return made


def say(processor: ContextProcessor, text: str, sender: str = "a") -> dict[str, Any]:
    message = UserMessage(text=text, sender_id=sender, metadata={"hint": "de"})
    tracker = SimpleNamespace(get_slot=lambda _: "uk")
    parsed = asyncio.run(processor.parse_message(message, tracker))  # type: ignore[arg-type]
    assert message.metadata == {"hint": "de"}, "what is passed on for reading must not be stored"
    assert message.text == text
    return parsed


def test_a_question_in_three_sends(processor: ContextProcessor) -> None:
    assert [say(processor, t)["intent"]["name"] for t in ("hello", "i have", "a problem")] == [
        "greet", "nlu_fallback", "housing_problem",
    ]  # fmt: skip


def test_the_answer_is_about_what_was_sent_last(processor: ContextProcessor) -> None:
    parsed = [say(processor, t) for t in ("hello", "i have", "a problem")][-1]
    assert (parsed["text"], parsed["intent"]["confidence"]) == ("a problem", 0.9)


def test_what_was_understood_is_not_joined_to_what_comes_next(processor: ContextProcessor) -> None:
    say(processor, "a doctor")
    say(processor, "i have")
    assert [text for text, _ in processor.seen] == ["a doctor", "i have"]  # type: ignore[attr-defined]


def test_a_clear_message_is_read_alone(processor: ContextProcessor) -> None:
    say(processor, "hello")
    say(processor, "ok")
    assert [text for text, _ in processor.seen] == ["hello", "ok"]  # type: ignore[attr-defined]
    assert asyncio.run(processor.fragments.before("a")) == ""


def test_conversations_are_kept_apart(processor: ContextProcessor) -> None:
    say(processor, "hello", "a")
    say(processor, "i have", "b")
    assert asyncio.run(processor.fragments.before("b")) == "i have"


def test_the_conversations_language_is_handed_on(processor: ContextProcessor) -> None:
    say(processor, "hello")
    assert processor.seen[0][1] == {"hint": "de", "conversation": "uk"}  # type: ignore[attr-defined]
