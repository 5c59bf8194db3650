"""Conversations in SQLite: bounded, forgotten on time, for one process that serves alone."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import sqlite3
import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from pathlib import Path

from rasa.core.brokers.broker import EventBroker
from rasa.shared.core.domain import Domain

from bot.memory.conversations import Conversations
from bot.operations.schema import Schema
from bot.operations.sqlite_file import SqliteFile

logger = logging.getLogger(__name__)
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
# In memory, while the disk cannot be written, the oldest make room.
_SHED = "DELETE FROM conversations WHERE rowid IN (SELECT rowid FROM conversations ORDER BY updated LIMIT 500)"
# A conversation can be so much younger than now: clocks are set.
AHEAD_SECONDS = 3600.0
# Writes that wait for a file that somebody else has locked.
MOST_WAITING = 2_000
_FIRST = """
CREATE TABLE IF NOT EXISTS conversations (sender TEXT PRIMARY KEY, updated REAL NOT NULL, events BLOB NOT NULL);
CREATE INDEX IF NOT EXISTS conversations_updated ON conversations(updated);
"""
SCHEMA = Schema("conversations", (_FIRST,))
_UNKNOWN = (0.0, b"")


def _now() -> float:
    return time.time()


class SqliteTrackerStore(Conversations):
    """One row a conversation. Every call to SQLite runs in a worker thread; reading does not wait for writing.

    `retention_hours` after its last message a conversation is deleted, at start-up and every 200 saves. A file that is
    damaged or cannot be written stops nobody (bot/operations/sqlite_file.py); SchemaError when it is of a newer version.
    Neither reading nor writing raises: Rasa would keep the messages themselves in memory then, for ever, and begin the
    conversation anew. `clock` gives Unix time, and `deletes` says whether it can be gone by
    (bot/operations/steady.py).
    """

    def __init__(
        self,
        domain: Domain,
        path: Path | str,
        retention_hours: int = 24,
        event_broker: EventBroker | None = None,
        clock: Callable[[], float] = _now,
        deletes: Callable[[], bool] = lambda: True,
    ) -> None:
        super().__init__(domain, retention_hours, event_broker)
        self.path = str(path)
        self._saves = 0
        self._left_over = True  # in the log, of an earlier run
        self._write = asyncio.Lock()
        self._clock, self._deletes = clock, deletes
        # What could not be written yet, None for a deletion; it counts as written.
        self._waiting: OrderedDict[str, tuple[float, bytes] | None] = OrderedDict()
        self._connection = SqliteFile(path, SCHEMA, reader=True, shed=_SHED)
        self.writable = self._connection.writable
        self.sweep()

    async def delete(self, sender_id: str) -> None:
        """Forget one conversation at once."""
        async with self._write:
            await asyncio.to_thread(self._write_down, sender_id, None)

    async def keys(self) -> Iterable[str]:
        """Ids of all stored conversations."""
        return await asyncio.to_thread(self._senders)

    def sweep(self) -> int:
        """Delete what is older than the retention; returns how many conversations."""
        now, count = self._clock(), 0
        limit = now - self.retention_seconds
        with contextlib.suppress(sqlite3.Error):  # of a clock that was ahead: they would stay until then
            self._connection.execute(
                "UPDATE conversations SET updated = ? WHERE updated > ?", (now, now + AHEAD_SECONDS)
            )
        while self._deletes():
            try:
                deleted = self._connection.execute(_SWEEP, (limit, SWEPT_AT_ONCE)).rowcount
            except sqlite3.Error as exc:  # the next sweep comes
                logger.error("old conversations cannot be deleted now: %s", exc.__class__.__name__)
                break
            count += deleted
            if deleted < SWEPT_AT_ONCE:
                break
        if count or self._left_over:
            self._erase()
        return count

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def shift(self, seconds: float) -> None:
        """The clock was set by so many seconds: conversations stay as old as they are."""
        self._connection.execute("UPDATE conversations SET updated = updated + ?", (seconds,))

    async def _keep(self, sender: str, packed: bytes) -> None:
        async with self._write:
            await asyncio.to_thread(self._write_down, sender, (self._clock(), packed))
        self._saves += 1
        if self._saves % SWEEP_EVERY == 0:
            await asyncio.to_thread(self.sweep)

    async def _find(self, sender: str) -> bytes | None:
        try:
            row = await asyncio.to_thread(self._select, sender)
        except sqlite3.Error as exc:
            logger.error("a conversation cannot be read now: %s", exc.__class__.__name__)
            return None
        return None if row is None or row[0] < self._clock() - self.retention_seconds else row[1]

    def _write_down(self, sender: str, row: tuple[float, bytes] | None) -> None:
        """Write or delete, after what could not be written before."""
        self._waiting[sender] = row
        self._waiting.move_to_end(sender)
        while len(self._waiting) > MOST_WAITING:
            self._waiting.popitem(last=False)
        for name, what in list(self._waiting.items()):
            try:
                if what is None:
                    self._delete(name)
                else:
                    self._replace(name, *what)
            except sqlite3.Error as exc:
                logger.error("a conversation cannot be written now: %s", exc.__class__.__name__)
                return
            del self._waiting[name]

    def _replace(self, sender: str, updated: float, packed: bytes) -> None:
        self._connection.execute(_KEEP, (sender, updated, packed))

    def _delete(self, sender: str) -> None:
        if self._connection.execute("DELETE FROM conversations WHERE sender = ?", (sender,)).rowcount:
            self._erase()

    def _erase(self) -> None:
        """Empty the log beside the file, which holds what was deleted; some ten milliseconds."""
        try:
            blocked, _, _ = self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._left_over = bool(blocked)
        except sqlite3.Error as exc:  # the row is deleted all the same, and the next sweep tries again
            self._left_over = True
            logger.warning("deleted conversations stay in the log for now: %s", exc.__class__.__name__)

    def _senders(self) -> list[str]:
        return [row[0] for row in self._connection.read("SELECT sender FROM conversations")]

    def _select(self, sender: str) -> tuple[float, bytes] | None:
        query = "SELECT updated, events FROM conversations WHERE sender = ?"
        waiting = self._waiting.get(sender, _UNKNOWN)
        if waiting is not _UNKNOWN:
            return waiting
        row = self._connection.read(query, (sender,)).fetchone()
        return (float(row[0]), bytes(row[1])) if row else None
