"""What is kept of a conversation: its last turns, compressed, without the words people wrote (rasa-facts B4).

Rasa needs the intents, slots and our own last answers to go on with a conversation; the text of a message
is only needed while it is answered, so it is never written down.
"""

from __future__ import annotations

import json
import logging
import zlib
from typing import Any

from rasa.shared.core.constants import SESSION_START_METADATA_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    AllSlotsReset,
    BotUttered,
    DefinePrevUserUtteredFeaturization,
    Event,
    Restarted,
    SessionStarted,
    SlotSet,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker

logger = logging.getLogger(__name__)
# With twelve a button in a long conversation took half as long again as in a short one (docs/growth.md).
USER_TURNS = 8
# Slots whose history bot/memory/turns.py reads.
_REREAD = frozenset({"topic", "place"})
# After these a slot is no longer what it was set to before.
_BEGINS_ANEW = (AllSlotsReset, Restarted, SessionStarted)
# The longest conversation is a hundredth of it; a file that somebody prepared must not fill the memory.
MOST_BYTES = 4 * 1024 * 1024
_KEPT_PARSE_KEYS = ("intent", "entities", "language")


def pack(tracker: DialogueStateTracker) -> bytes:
    """The last turns of a conversation, to be stored."""
    return zlib.compress(json.dumps(_events(tracker), ensure_ascii=False).encode(), 1)


def unpack(sender: str, packed: bytes, domain: Domain) -> DialogueStateTracker | None:
    """The conversation as it was packed; None when it cannot be read: it begins anew."""
    try:
        reader = zlib.decompressobj()
        content = reader.decompress(packed, MOST_BYTES)
        if not reader.eof:
            raise ValueError("cut off, or longer than any conversation")
        events = deserialise_events(json.loads(content))
        return DialogueStateTracker.from_events(sender, events, domain.slots)
    except Exception as exc:  # a conversation that cannot be read must not silence the person
        logger.error("a stored conversation cannot be read and begins anew: %s", exc.__class__.__name__)
        return None


def _events(tracker: DialogueStateTracker) -> list[dict[str, Any]]:
    """The last user turns as dicts, opened by what older ones had set; of turns that are over, what still counts."""
    events = list(tracker.events)
    starts = [i for i, event in enumerate(events) if isinstance(event, UserUttered)]
    begins = starts[-USER_TURNS] if len(starts) > USER_TURNS else (starts[0] if starts else 0)
    now = starts[-1] if starts else 0
    if starts and not any(isinstance(event, _BEGINS_ANEW) for event in events[starts[0] :]):
        told = frozenset(name for name, slot in tracker.slots.items() if slot.influence_conversation) | _REREAD
        events = _thinned(events, begins, now, told)
    elif len(starts) > USER_TURNS:
        slots = {e.key: e.value for e in events[:begins] if isinstance(e, SlotSet)}
        events = [*_opening(slots), *events[begins:]]
    # Rasa copies the channel's metadata into a slot; nothing reads it, so nothing keeps it.
    events = [e for e in events if not (isinstance(e, SlotSet) and e.key == SESSION_START_METADATA_SLOT)]
    last_reply = max((i for i, e in enumerate(events) if isinstance(e, BotUttered)), default=-1)
    return [_lean(event, i == last_reply) for i, event in enumerate(events)]


def _thinned(events: list[Event], begins: int, now: int, told: frozenset[str]) -> list[Event]:
    """The turns from `begins` on, those before `now` without what nobody reads again.

    That is replies but the last one, and of slots all but the changes of those `told`: the policies see them, or the
    counters. What the others were set to stands in the opening.
    """
    slots: dict[str, Any] = {}
    for event in events[:begins]:
        if isinstance(event, SlotSet):
            slots[event.key] = event.value
    before = {name: value for name, value in slots.items() if name in told}
    last_reply = max((i for i, event in enumerate(events) if isinstance(event, BotUttered)), default=-1)
    kept: list[Event] = []
    for i, event in enumerate(events[begins:now], begins):
        if isinstance(event, SlotSet) and event.key in told:
            if before.get(event.key) == event.value:
                continue
            before[event.key] = event.value
        elif isinstance(event, SlotSet):
            slots[event.key] = event.value
            continue
        elif isinstance(event, DefinePrevUserUtteredFeaturization) or (
            isinstance(event, BotUttered) and i < last_reply
        ):
            continue
        kept.append(event)
    return [*_opening(slots), *kept, *events[now:]]


def _opening(slots: dict[str, Any]) -> list[Event]:
    """The beginning of a conversation in which these slots are set."""
    begun: list[Event] = [ActionExecuted("action_session_start"), SessionStarted(), ActionExecuted("action_listen")]
    return [*begun, *(SlotSet(name, value) for name, value in slots.items() if value is not None)]


def _lean(event: Event, is_last_reply: bool) -> dict[str, Any]:
    """An event without the person's words, without rankings, and with facts only in the last answer."""
    row: dict[str, Any] = event.as_dict()
    if isinstance(event, UserUttered):
        parsed = row.get("parse_data") or {}
        row["text"] = ""
        row["parse_data"] = {k: parsed[k] for k in _KEPT_PARSE_KEYS if k in parsed} | {"text": ""}
        row["parse_data"]["entities"] = [e for e in parsed.get("entities") or [] if e.get("entity") != "phone"]
        row["parse_data"]["intent_ranking"] = (parsed.get("intent_ranking") or [])[:3]
        row["metadata"] = {}
        row.pop("input_channel", None)
    elif isinstance(event, BotUttered):
        facts = ((row.get("data") or {}).get("custom") or {}).get("facts") if is_last_reply else None
        row["text"] = None
        row["data"] = {"custom": {"facts": facts}} if facts else {}
        row["metadata"] = {}
    return row
