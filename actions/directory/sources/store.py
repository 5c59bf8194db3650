"""The last good answer of every upstream, on disk, so that a source may be down without a card being lost."""

from __future__ import annotations

import sqlite3
import threading
import zlib
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path

SCHEMA = 1
# An answer older than this is forgotten: a place may have closed since.
KEEP_DAYS = 7


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored answer: its JSON text, when it was fetched (aware, UTC) and the ETag it came with."""

    body: bytes
    fetched: datetime
    etag: str


class LastKnownGood:
    """A small SQLite table (upstream, request) -> answer. Requests carry no data of people, so neither does this."""

    def __init__(self, path: Path | str) -> None:
        self._lock = threading.Lock()
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        self._path = str(path)
        self._db = self._open()

    def _open(self) -> sqlite3.Connection:
        try:
            return self._prepared()
        except sqlite3.DatabaseError:
            # A broken cache is no reason not to start; what it held can be fetched again.
            Path(self._path).unlink(missing_ok=True)
            return self._prepared()

    def _prepared(self) -> sqlite3.Connection:
        db = sqlite3.connect(self._path, check_same_thread=False)
        db.execute("PRAGMA journal_mode=WAL")
        db.execute(
            "CREATE TABLE IF NOT EXISTS answers (upstream TEXT, request TEXT, fetched REAL, etag TEXT, body BLOB, "
            "version INTEGER, PRIMARY KEY (upstream, request))"
        )
        db.execute("DELETE FROM answers WHERE version != ?", (SCHEMA,))
        db.commit()
        return db

    def get(self, upstream: str, request: str, now: datetime) -> Kept | None:
        """The last good answer that is not too old to be used, or None."""
        with self._lock:
            row = self._db.execute(
                "SELECT body, fetched, etag FROM answers WHERE upstream = ? AND request = ?", (upstream, request)
            ).fetchone()
        if row is None or now.timestamp() - row[1] > KEEP_DAYS * 86400:
            return None
        try:
            body = zlib.decompress(row[0])
        except zlib.error:
            return None
        return Kept(body, datetime.fromtimestamp(row[1], timezone.utc), row[2])

    def put(self, upstream: str, request: str, body: bytes, etag: str, now: datetime) -> None:
        """Keep an answer in place of the former one. A full disk loses the copy, never the answer."""
        try:
            with self._lock:
                self._db.execute(
                    "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)",
                    (upstream, request, now.timestamp(), etag, zlib.compress(body, 3), SCHEMA),
                )
                self._db.execute("DELETE FROM answers WHERE fetched < ?", (now.timestamp() - KEEP_DAYS * 86400,))
                self._db.commit()
        except sqlite3.Error:
            return

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()
