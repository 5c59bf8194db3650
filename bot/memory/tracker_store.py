"""Conversations in SQLite: bounded, forgotten on time, for one process that serves alone."""

from __future__ import annotations

import asyncio
import sqlite3
import threading
import time
from collections.abc import Iterable
from pathlib import Path

from rasa.core.brokers.broker import EventBroker
from rasa.shared.core.domain import Domain

from bot.memory.conversations import Conversations

SWEEP_EVERY = 200
# As many rows at once: a sweep after a quiet night must not keep the next message waiting.
SWEPT_AT_ONCE = 500
# An update in place leaves the index of ids alone; INSERT OR REPLACE deletes the row and writes it anew at the end of the
# file, which with a million conversations takes four times as long as with a thousand.
_KEEP = (
    "INSERT INTO conversations VALUES (?, ?, ?)"
    " ON CONFLICT(sender) DO UPDATE SET updated = excluded.updated, events = excluded.events"
)
_SWEEP = "DELETE FROM conversations WHERE rowid IN (SELECT rowid FROM conversations WHERE updated < ? LIMIT ?)"


class SqliteTrackerStore(Conversations):
    """One row a conversation. Every call to SQLite runs in a worker thread; reading does not wait for writing.

    `retention_hours` after its last message a conversation is deleted, at start-up and every 200 saves.
    """

    def __init__(
        self, domain: Domain, path: Path | str, retention_hours: int = 24, event_broker: EventBroker | None = None
    ) -> None:
        super().__init__(domain, retention_hours, event_broker)
        self.path = str(path)
        self._saves = 0
        self._write = asyncio.Lock()
        self._connection = self._open()
        self._reading = threading.Lock()
        self._reader = sqlite3.connect(self.path, check_same_thread=False, isolation_level=None)
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

    async def delete(self, sender_id: str) -> None:
        """Forget one conversation at once."""
        async with self._write:
            await asyncio.to_thread(
                self._connection.execute, "DELETE FROM conversations WHERE sender = ?", (sender_id,)
            )

    async def keys(self) -> Iterable[str]:
        """Ids of all stored conversations."""
        return await asyncio.to_thread(self._senders)

    def sweep(self) -> int:
        """Delete what is older than the retention; returns how many conversations."""
        limit, count = time.time() - self.retention_seconds, 0
        while True:
            deleted = self._connection.execute(_SWEEP, (limit, SWEPT_AT_ONCE)).rowcount
            count += deleted
            if deleted < SWEPT_AT_ONCE:
                return count

    def close(self) -> None:
        """Close the file."""
        self._reader.close()
        self._connection.close()

    async def _keep(self, sender: str, packed: bytes) -> None:
        async with self._write:
            await asyncio.to_thread(self._replace, sender, time.time(), packed)
        self._saves += 1
        if self._saves % SWEEP_EVERY == 0:
            await asyncio.to_thread(self.sweep)

    async def _find(self, sender: str) -> bytes | None:
        row = await asyncio.to_thread(self._select, sender)
        return None if row is None or row[0] < time.time() - self.retention_seconds else row[1]

    def _replace(self, sender: str, updated: float, packed: bytes) -> None:
        self._connection.execute(_KEEP, (sender, updated, packed))

    def _senders(self) -> list[str]:
        with self._reading:
            return [row[0] for row in self._reader.execute("SELECT sender FROM conversations").fetchall()]

    def _select(self, sender: str) -> tuple[float, bytes] | None:
        query = "SELECT updated, events FROM conversations WHERE sender = ?"
        # One reading at a time: a second one on this connection would join the first, and see the file as that one does,
        # without what was saved meanwhile.
        with self._reading:
            rows = self._reader.execute(query, (sender,)).fetchall()
        return (float(rows[0][0]), bytes(rows[0][1])) if rows else None
