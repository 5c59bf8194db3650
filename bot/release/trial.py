"""The examination of a new model before anybody talks to it: does it know what this program needs, does it understand?"""

from __future__ import annotations

import asyncio
import time
from typing import Any, Protocol

from rasa.core.channels.channel import UserMessage
from rasa.shared.constants import DEFAULT_NLU_FALLBACK_INTENT_NAME
from rasa.shared.core.constants import ACTION_LISTEN_NAME, DEFAULT_INTENTS, USER_INTENT_OUT_OF_SCOPE
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SessionStarted, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

from bot.release.archive import Contents
from bot.release.manifest import ReleaseError

# Said by the dialogue and not by people, so that no classifier learns them.
NOT_LEARNT = (frozenset(DEFAULT_INTENTS) - {USER_INTENT_OUT_OF_SCOPE}) | {
    DEFAULT_NLU_FALLBACK_INTENT_NAME,
    "crisis_near",
}
# What a turn gets that no rule foresees.
UNFORESEEN = "action_clarify"
# Plain sentences that any good model understands, four of them where a life may depend on it.
SENTENCES = (
    ("Wo kann ich einen Deutschkurs machen?", "de", "german_course"),
    ("I am looking for a flat", "en", "find_housing"),
    ("أبحث عن طبيب", "ar", "doctor"),
    ("Я шукаю роботу", "uk", "find_job"),
    ("Çocuğum için anaokulu arıyorum", "tr", "childcare"),
    ("Je cherche un cours d'allemand", "fr", "german_course"),
    ("I want to kill myself", "en", "crisis_suicide"),
    ("أريد أن أنتحر", "ar", "crisis_suicide"),
    ("می‌خواهم خودکشی کنم", "fa", "crisis_suicide"),
    ("Mein Mann schlägt mich gerade, bitte helfen Sie mir", "de", "emergency_violence"),
)


class Model(Protocol):
    """A processor of Rasa's, as far as it is examined."""

    domain: Domain

    async def parse_message(self, message: UserMessage) -> dict[str, Any]:
        """The parse data of a message outside any conversation."""

    def predict_next_with_tracker(self, tracker: DialogueStateTracker) -> dict[str, Any] | None:
        """The scores of the next actions."""


def check_knowledge(contents: Contents, domain: Domain, running: Domain) -> None:
    """ReleaseError when the conversations under way, or the program around the model, need what it does not know.

    Intents, entities and slots may be added but not taken away. Actions and responses may be taken away but not added.
    """
    _require("does not know the intents", set(running.intents) - NOT_LEARNT - contents.intents)
    _require("lacks in its domain the intents", set(running.intents) - set(domain.intents))
    _require("lacks in its domain the entities", set(running.entities) - set(domain.entities))
    _require("lacks in its domain the slots", {s.name for s in running.slots} - {s.name for s in domain.slots})
    _require(
        "needs a newer program with the actions or responses",
        set(domain.action_names_or_texts) - set(running.action_names_or_texts),
    )


async def examine(model: Model) -> None:
    """ReleaseError when the model misunderstands a plain sentence, or knows no answer to it."""
    for text, language, intent in SENTENCES:
        parsed = await model.parse_message(UserMessage(text))
        found = str((parsed.get("intent") or {}).get("name"))
        if found != intent:
            raise ReleaseError(f"the model takes a plain sentence in {language} about {intent} for {found}")
        spoken = str((parsed.get("language") or {}).get("name"))
        if spoken != language:
            raise ReleaseError(f"the model takes a plain sentence in {language} for {spoken}")
        # In a thread: a policy works for milliseconds, and these are its own.
        action = await asyncio.to_thread(_next_action, model, parsed)
        if action in (UNFORESEEN, ACTION_LISTEN_NAME, ""):
            raise ReleaseError(f"the model has no rule that answers {intent}")


def _next_action(model: Model, parsed: dict[str, Any]) -> str:
    """What the dialogue does about the first message of a conversation."""
    said = UserUttered("", parsed["intent"], parsed.get("entities") or [], parsed, time.time())
    events = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted(ACTION_LISTEN_NAME), said]
    tracker = DialogueStateTracker.from_events("trial", events, model.domain.slots)
    scores = (model.predict_next_with_tracker(tracker) or {}).get("scores") or []
    best = max(scores, key=lambda row: row["score"], default=None)
    return str(best["action"]) if best is not None and best["score"] > 0 else ""


def _require(fault: str, names: set[str]) -> None:
    if names:
        shown = ", ".join(sorted(names)[:5]) + (" …" if len(names) > 5 else "")
        raise ReleaseError(f"the model {fault} {shown}")
