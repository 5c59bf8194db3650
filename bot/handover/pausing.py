"""What a conversation's tracker shows of a person who has it: Rasa's pause, and none of the words."""

from __future__ import annotations

from typing import Any

from rasa.shared.core.events import ConversationPaused, ConversationResumed, SlotSet
from rasa.shared.core.trackers import DialogueStateTracker


def pause(tracker: DialogueStateTracker) -> None:
    """The assistant is silent."""
    if not tracker.is_paused():
        tracker.update(ConversationPaused())


def resume(tracker: DialogueStateTracker) -> None:
    """The assistant has it again, with the topic from before."""
    if tracker.is_paused():
        tracker.update(ConversationResumed())
        for name, value in (tracker.get_slot("matter") or {}).items():
            tracker.update(SlotSet(name, value))
        tracker.update(SlotSet("matter", None))


def no_persons(entities: list[dict[str, Any]]) -> None:
    """In a group nobody is connected: everybody there would read it. Counselling is named as always."""
    entities[:] = [e for e in entities if e.get("entity") != "person"]


def words_of(text: str, entities: list[dict[str, Any]]) -> str:
    """What the counsellor reads: the message, or a location that was shared."""
    points = [str(e.get("value")) for e in entities if e.get("entity") == "point"]
    return f"Standort (auf etwa einen Kilometer): {points[-1]}" if text.startswith("/") and points else text


def chosen(entities: list[dict[str, Any]]) -> str:
    """What a button about persons says."""
    return next((str(e["value"]) for e in entities if e.get("entity") == "person"), "")


def wipe(latest: Any) -> None:
    """What is written to a person is nobody else's to read: not those who count, not those who learn."""
    latest.text = ""
    latest.parse_data["text"] = ""
