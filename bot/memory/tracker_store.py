"""Conversations in SQLite: bounded, forgotten on time, without the words people wrote (rasa-facts B4).

Rasa needs the intents, slots and our own last answers to go on with a conversation; the text of a message
is only needed while it is answered, so it is never written down.
"""

from __future__ import annotations

import asyncio
import json
import logging
import sqlite3
import time
import zlib
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import SESSION_START_METADATA_SLOT
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
    deserialise_events,
)
from rasa.shared.core.trackers import DialogueStateTracker

logger = logging.getLogger(__name__)
USER_TURNS = 12
SWEEP_EVERY = 200
_KEPT_PARSE_KEYS = ("intent", "entities", "language")


class SqliteTrackerStore(TrackerStore):
    """One row a conversation: its last turns, compressed. Every call to SQLite runs in a worker thread.

    `retention_hours` after its last message a conversation is deleted, at start-up and every 200 saves.
    `on_forget` is told the id of a conversation that asked to be forgotten, for all who keep something of it.
    `on_turn` is given the tracker after each answer, while the message is still in it, for those who count.
    """

    def __init__(
        self, domain: Domain, path: Path | str, retention_hours: int = 24, event_broker: EventBroker | None = None
    ) -> None:
        super().__init__(domain, event_broker)
        self.path = str(path)
        self.retention_seconds = retention_hours * 3600
        self.on_forget: list[Callable[[str], object]] = []
        self.on_turn: list[Callable[[DialogueStateTracker], object]] = []
        self._saves = 0
        self._write = asyncio.Lock()
        self._connection = self._open()
        self.sweep()

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")
        connection.execute("PRAGMA secure_delete=ON")
        connection.execute(
            "CREATE TABLE IF NOT EXISTS conversations (sender TEXT PRIMARY KEY, updated REAL NOT NULL, events BLOB NOT NULL)"
        )
        connection.execute("CREATE INDEX IF NOT EXISTS conversations_updated ON conversations(updated)")
        return connection

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Store the last turns, or delete the conversation when it asked to be forgotten."""
        sender = str(tracker.sender_id)
        self._tell(tracker)
        if tracker.get_slot("forget"):
            await self.delete(sender)
            for forget in self.on_forget:
                forget(sender)
            return
        packed = zlib.compress(json.dumps(_events(tracker), ensure_ascii=False).encode(), 1)
        async with self._write:
            await asyncio.to_thread(self._replace, sender, time.time(), packed)
        self._saves += 1
        if self._saves % SWEEP_EVERY == 0:
            await asyncio.to_thread(self.sweep)

    def _tell(self, tracker: DialogueStateTracker) -> None:
        for told in self.on_turn:
            try:
                told(tracker)
            except Exception as exc:  # a number that is not counted must not cost the person the conversation
                logger.error("a turn could not be counted: %s", exc.__class__.__name__)

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """The conversation as it was after its last message, or None."""
        row = await asyncio.to_thread(self._select, sender_id)
        if row is None or row[0] < time.time() - self.retention_seconds:
            return None
        try:
            events = deserialise_events(json.loads(zlib.decompress(row[1])))
            return DialogueStateTracker.from_events(sender_id, events, self.domain.slots)
        except Exception as exc:  # a conversation that cannot be read must not silence the person: it begins anew
            logger.error("a stored conversation cannot be read and begins anew: %s", exc.__class__.__name__)
            return None

    async def delete(self, sender_id: str) -> None:
        """Forget one conversation at once."""
        async with self._write:
            await asyncio.to_thread(
                self._connection.execute, "DELETE FROM conversations WHERE sender = ?", (sender_id,)
            )

    async def keys(self) -> Iterable[str]:
        """Ids of all stored conversations."""
        rows = await asyncio.to_thread(lambda: self._connection.execute("SELECT sender FROM conversations").fetchall())
        return [row[0] for row in rows]

    def sweep(self) -> int:
        """Delete what is older than the retention; returns how many conversations."""
        limit = time.time() - self.retention_seconds
        return int(self._connection.execute("DELETE FROM conversations WHERE updated < ?", (limit,)).rowcount)

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _replace(self, sender: str, updated: float, packed: bytes) -> None:
        self._connection.execute("INSERT OR REPLACE INTO conversations VALUES (?, ?, ?)", (sender, updated, packed))

    def _select(self, sender: str) -> tuple[float, bytes] | None:
        row = self._connection.execute(
            "SELECT updated, events FROM conversations WHERE sender = ?", (sender,)
        ).fetchone()
        return (float(row[0]), bytes(row[1])) if row else None


def _events(tracker: DialogueStateTracker) -> list[dict[str, Any]]:
    """The last user turns as dicts, opened by the slot values that older turns had set."""
    events = list(tracker.events)
    starts = [i for i, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(starts) > USER_TURNS:
        cut = starts[-USER_TURNS]
        slots: dict[str, Any] = {e.key: e.value for e in events[:cut] if isinstance(e, SlotSet)}
        opening: list[Event] = [
            ActionExecuted("action_session_start"),
            SessionStarted(),
            ActionExecuted("action_listen"),
        ]
        events = [*opening, *(SlotSet(k, v) for k, v in slots.items() if v is not None), *events[cut:]]
    # Rasa copies the channel's metadata into a slot; nothing reads it, so nothing keeps it.
    events = [e for e in events if not (isinstance(e, SlotSet) and e.key == SESSION_START_METADATA_SLOT)]
    last_reply = max((i for i, e in enumerate(events) if isinstance(e, BotUttered)), default=-1)
    return [_lean(event, i == last_reply) for i, event in enumerate(events)]


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
