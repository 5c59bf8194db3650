"""The file of messages to learn from (bot/memory/review_queue.py): deleted is erased, order and numbers tell nothing."""

from __future__ import annotations

import json
import os
import secrets
import sqlite3
import threading
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

FILE = "review.sqlite"
ROWS = 5_000
# Ten digits: spreadsheets write longer numbers as 1.2E+12.
NUMBERS = 10**10


@dataclass(frozen=True)
class Waiting:
    """One kept message; `ranking` are its three likeliest intents, `chosen` the topic pressed, "" when none was."""

    id: int
    text: str
    language: str
    kind: str
    ranking: tuple[tuple[str, float], ...]
    chosen: str
    day: str


class Store:
    """The file behind the queue; also what the reviewer's command reads and empties."""

    def __init__(self, path: Path) -> None:
        new = not path.exists()
        self._lock = threading.Lock()
        self._connection = sqlite3.connect(path, check_same_thread=False, isolation_level=None, timeout=2.0)
        if new:
            os.chmod(path, 0o600)
        for pragma in ("journal_mode=WAL", "synchronous=NORMAL", "secure_delete=ON"):
            self._connection.execute(f"PRAGMA {pragma}")
        # The numbers of rows are random: their order tells nothing.
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS messages (id INTEGER PRIMARY KEY, language TEXT NOT NULL, text TEXT NOT NULL, "
            "kind TEXT NOT NULL, ranking TEXT NOT NULL, chosen TEXT NOT NULL, day TEXT NOT NULL, salt BLOB, tag BLOB)"
        )

    def add(self, content: tuple[str, str, str, str, str, str], salt: bytes, tag: bytes) -> int:
        """Keep one message, in the place of one of the oldest when there are too many; returns its random number."""
        with self._lock:
            run = self._connection.execute
            number = secrets.randbelow(NUMBERS)
            while run("SELECT 1 FROM messages WHERE id = ?", (number,)).fetchone():
                number = secrets.randbelow(NUMBERS)
            if run("SELECT count(*) FROM messages").fetchone()[0] >= ROWS:
                run("DELETE FROM messages WHERE id = (SELECT id FROM messages ORDER BY day, id LIMIT 1)")
            run("INSERT INTO messages VALUES (?,?,?,?,?,?,?,?,?)", (number, *content, salt, tag))
        return number

    def change(self, number: int, kind: str, chosen: str) -> None:
        """Say more about a message that is kept."""
        with self._lock:
            self._connection.execute("UPDATE messages SET kind=?, chosen=? WHERE id=?", (kind, chosen, number))

    def waiting(self) -> list[Waiting]:
        """All messages, in the order of their random numbers."""
        with self._lock:
            rows = self._connection.execute(
                "SELECT id, text, language, kind, ranking, chosen, day FROM messages ORDER BY id"
            ).fetchall()
        return [Waiting(i, t, g, k, tuple((n, c) for n, c in json.loads(r)), x, d) for i, t, g, k, r, x, d in rows]

    def tags(self) -> list[tuple[int, bytes, bytes]]:
        """Number, salt and tag of the rows that still have one."""
        with self._lock:
            return self._connection.execute("SELECT id, salt, tag FROM messages WHERE tag IS NOT NULL").fetchall()

    def delete(self, numbers: Collection[int]) -> None:
        """Erase rows, from the file too."""
        if numbers:
            with self._lock:
                self._connection.executemany("DELETE FROM messages WHERE id=?", [(n,) for n in numbers])
                self._truncate()

    def clear(self) -> int:
        """Erase all; returns how many there were."""
        with self._lock:
            count = self._connection.execute("DELETE FROM messages").rowcount
            self._truncate()
        return int(count)

    def sweep(self, last_day: date, last_tag: date) -> None:
        """Erase rows of `last_day` and before, and tags of before `last_tag`."""
        with self._lock:
            run = self._connection.execute
            gone = run("DELETE FROM messages WHERE day <= ?", (last_day.isoformat(),)).rowcount
            gone += run(
                "UPDATE messages SET salt=NULL, tag=NULL WHERE day < ? AND tag IS NOT NULL", (last_tag.isoformat(),)
            ).rowcount
            if gone:
                self._truncate()

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def _truncate(self) -> None:
        """The log beside the file holds what was deleted until it is written back."""
        self._connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")


def queue_counts(data_dir: Path) -> dict[str, Any]:
    """Counts only, for the staff page: {"total", "oldest" (day or ""), "rows": {(language, kind): n}}."""
    path = data_dir / FILE
    if not path.exists():
        return {"total": 0, "oldest": "", "rows": {}}
    store = Store(path)
    try:
        rows = store.waiting()
    finally:
        store.close()
    counts: dict[tuple[str, str], int] = {}
    for row in rows:
        counts[row.language, row.kind] = counts.get((row.language, row.kind), 0) + 1
    return {"total": len(rows), "oldest": min((row.day for row in rows), default=""), "rows": counts}
