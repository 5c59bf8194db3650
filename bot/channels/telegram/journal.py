"""What was taken in and not yet answered, on disk: a crash between receipt and answer loses no question.

An update is written before Telegram is told that we have it, and its content is deleted when it is answered; the bare
number stays for a day, so that an update sent again is answered once, also after a restart. Contents are encrypted with
a key made of the server's secret: they hold what people wrote.
"""

from __future__ import annotations

import json
import logging
import time
from pathlib import Path
from typing import Any

from cryptography.fernet import InvalidToken

from bot.keys import Keys
from bot.operations.schema import Schema
from bot.operations.sqlite_file import SqliteFile

logger = logging.getLogger(__name__)
FILE = "telegram.sqlite"
KEPT_SECONDS = 86_400.0
SWEEP_EVERY = 500
_FIRST = """
CREATE TABLE IF NOT EXISTS updates (
    id INTEGER PRIMARY KEY, taken REAL NOT NULL, tries INTEGER NOT NULL DEFAULT 0, content BLOB
);
CREATE TABLE IF NOT EXISTS buttons (key TEXT PRIMARY KEY, payload TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS sent (chat TEXT NOT NULL, message INTEGER NOT NULL, at REAL NOT NULL);
CREATE INDEX IF NOT EXISTS sent_chat ON sent (chat);
"""
SCHEMA = Schema("telegram", (_FIRST,))


class Journal:
    """The updates of one bot. `repeated` counts those that were begun before a crash and are answered again."""

    def __init__(self, path: Path | str, secret: bytes | Keys) -> None:
        self._cipher = Keys.of(secret).cipher("telegram-journal")
        self._db = SqliteFile(path, SCHEMA)
        self.writable = self._db.writable
        self._taken = 0
        self.repeated = 0
        self._left_over = True  # in the log beside the file, of an earlier run
        self._renew()

    def take(self, row: dict[str, Any]) -> bool:
        """Write an update down; False when it was taken before."""
        made = self._db.execute(
            "INSERT OR IGNORE INTO updates (id, taken, content) VALUES (?, ?, ?)",
            (row["update_id"], time.time(), self.close_up(row)),
        )
        self._taken += 1
        if self._taken % SWEEP_EVERY == 0:
            self.sweep()
        return made.rowcount == 1

    def begin(self, update_id: int) -> int:
        """Note that the answer is being made; how often it was begun before."""
        before = self.tries(update_id)
        self._db.execute("UPDATE updates SET tries = tries + 1 WHERE id = ?", (update_id,))
        self.repeated += before > 0
        return before

    def tries(self, update_id: int) -> int:
        """How often the answer to an update was begun."""
        row = self._db.execute("SELECT tries FROM updates WHERE id = ?", (update_id,)).fetchone()
        return int(row[0]) if row else 0

    def done(self, update_id: int) -> None:
        """Forget what was in an update; its number stays for a day."""
        self._db.execute("UPDATE updates SET content = NULL WHERE id = ?", (update_id,))
        self._left_over = True

    def erase(self) -> None:
        """Empty the log beside the file, which holds what was deleted since the last time; some ten milliseconds."""
        if self._left_over:
            blocked, _, _ = self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
            self._left_over = bool(blocked)

    def pending(self) -> list[dict[str, Any]]:
        """Updates taken and not answered, in their order; one that cannot be read any more is dropped."""
        found = []
        for number, content in self._db.execute(
            "SELECT id, content FROM updates WHERE content IS NOT NULL ORDER BY id"
        ):
            row = self.open_up(content)
            if row is None:
                self.done(number)
            else:
                found.append(row)
        return found

    def close_up(self, row: dict[str, Any]) -> bytes:
        """An update, encrypted."""
        return self._cipher.encrypt(json.dumps(row, separators=(",", ":")).encode())

    def open_up(self, content: bytes) -> dict[str, Any] | None:
        """An encrypted update; None when it cannot be read."""
        try:
            row: dict[str, Any] = json.loads(self._cipher.decrypt(content))
        except (InvalidToken, ValueError):
            logger.warning("A Telegram update of an earlier run cannot be read: another secret?")
            return None
        return row

    def sweep(self, now: float | None = None) -> None:
        """Drop numbers and message ids older than a day and two days, which Telegram does not send or delete any more."""
        now = time.time() if now is None else now
        self._db.execute("DELETE FROM updates WHERE content IS NULL AND taken < ?", (now - KEPT_SECONDS,))
        self._db.execute("DELETE FROM sent WHERE at < ?", (now - 2 * KEPT_SECONDS,))
        self._left_over = True
        self.erase()

    def keep_payload(self, key: str, payload: str) -> None:
        """Remember the payload of a button that is too long for Telegram, under a short key."""
        self._db.execute("INSERT OR IGNORE INTO buttons VALUES (?, ?)", (key, payload))

    def payload(self, key: str) -> str:
        """The payload kept under a key, "" for none."""
        row = self._db.execute("SELECT payload FROM buttons WHERE key = ?", (key,)).fetchone()
        return str(row[0]) if row else ""

    def keep_sent(self, chat: str, message: int) -> None:
        """Remember the number of a message of ours in a chat (by its pseudonym), so that it can be hidden."""
        self._db.execute("INSERT INTO sent VALUES (?, ?, ?)", (chat, message, time.time()))

    def take_sent(self, chat: str) -> list[int]:
        """The numbers of our messages in a chat of the last two days, the newest first; they are forgotten with this."""
        rows = self._db.execute("SELECT message FROM sent WHERE chat = ? ORDER BY message DESC", (chat,)).fetchall()
        if rows:
            self._db.execute("DELETE FROM sent WHERE chat = ?", (chat,))
            self._left_over = True
        return [int(row[0]) for row in rows]

    def rename(self, before: str, now: str) -> None:
        """The chat `before` has the pseudonym `now` since the secret was changed."""
        if self._db.execute("UPDATE sent SET chat = ? WHERE chat = ?", (now, before)).rowcount:
            self._left_over = True

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _renew(self) -> None:
        """Write anew with the secret of now what the former one closed, which will soon be gone."""
        waiting = self._db.execute("SELECT id, content FROM updates WHERE content IS NOT NULL").fetchall()
        for number, content in waiting:
            renewed = self._cipher.renewed(content)
            if renewed is not None:
                self._db.execute("UPDATE updates SET content = ? WHERE id = ?", (renewed, number))
