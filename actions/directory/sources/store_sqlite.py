"""Answers of upstreams in one SQLite file of one machine."""

from __future__ import annotations

import sqlite3
import threading
from pathlib import Path

from actions.directory.sources.store import Row

SCHEMA = 1


class SqliteTable:
    """A small table; a file that is broken is made anew. `place` is a file, or ":memory:"."""

    def __init__(self, place: Path | str) -> None:
        self._lock = threading.Lock()
        if place != ":memory:":
            Path(place).parent.mkdir(parents=True, exist_ok=True)
        self._path = str(place)
        self._db = self._open()

    def read(self, upstream: str, request: str, after: float) -> Row | None:
        """The answer, if it was fetched after this moment."""
        with self._lock:
            row = self._db.execute(
                "SELECT body, fetched, etag FROM answers WHERE upstream = ? AND request = ? AND fetched > ?",
                (upstream, request, after),
            ).fetchone()
        return None if row is None else Row(*row)

    def write(self, upstream: str, request: str, row: Row, oldest: float) -> bool:
        """Keep an answer in place of the former one; False when the disk does not take it."""
        try:
            with self._lock:
                self._db.execute(
                    "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)",
                    (upstream, request, row.fetched, row.etag, row.body, SCHEMA),
                )
                self._db.execute("DELETE FROM answers WHERE fetched < ?", (oldest,))
                self._db.commit()
        except sqlite3.Error:
            return False
        return True

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

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
