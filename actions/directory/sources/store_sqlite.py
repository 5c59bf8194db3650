"""Answers of upstreams in one SQLite file of one machine."""

from __future__ import annotations

import logging
import sqlite3
import threading
import time
from pathlib import Path

from actions.directory.sources.store import Row

logger = logging.getLogger(__name__)
# Also the version of the file. What it holds can be fetched again, so that a file of another version is emptied.
SCHEMA = 1
# How long a file that cannot be used is left alone, in seconds.
RETRY_SECONDS = 60.0
PATIENCE = 5.0


class SqliteTable:
    """A small table. A file that is broken is made anew; one that cannot be written is replaced by memory.

    `place` is a file, or ":memory:". Never raises: a cache that fails costs a request, and no answer.
    """

    def __init__(self, place: Path | str) -> None:
        self._lock = threading.Lock()
        self._path = str(place)
        self._again = 0.0
        self._in_memory = False
        self._db = self._open()

    def read(self, upstream: str, request: str, after: float) -> Row | None:
        """The answer, if it was fetched after this moment."""
        query = "SELECT body, fetched, etag FROM answers WHERE upstream = ? AND request = ? AND fetched > ?"
        with self._lock:
            try:
                row = self._db.execute(query, (upstream, request, after)).fetchone()
                return None if row is None else Row(*row)
            except sqlite3.Error as exc:
                self._mend(exc)
        return None

    def write(self, upstream: str, request: str, row: Row, oldest: float) -> bool:
        """Keep an answer in place of the former one; False when the disk does not take it."""
        with self._lock:
            if self._in_memory and self._path != ":memory:" and time.monotonic() >= self._again:
                self._db.close()
                self._db = self._open()
            try:
                with self._db:
                    self._db.execute(
                        "INSERT OR REPLACE INTO answers VALUES (?, ?, ?, ?, ?, ?)",
                        (upstream, request, row.fetched, row.etag, row.body, SCHEMA),
                    )
                    self._db.execute("DELETE FROM answers WHERE fetched < ?", (oldest,))
            except sqlite3.Error as exc:
                self._mend(exc)
                return False
        return True

    def writable(self) -> bool:
        """Whether the file takes a write now."""
        with self._lock:
            try:
                self._db.execute(f"PRAGMA user_version = {SCHEMA}")
            except sqlite3.Error as exc:
                self._mend(exc)
                return False
            return not self._in_memory or self._path == ":memory:"

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self._db.close()

    def _mend(self, exc: sqlite3.Error) -> None:
        if type(exc) is sqlite3.DatabaseError:  # damaged (see bot/operations/quarantine.py)
            self._db.close()
            self._db = self._open()

    def _open(self) -> sqlite3.Connection:
        self._in_memory = self._path == ":memory:"
        reason: object = None
        damaged, until = False, time.monotonic() + PATIENCE
        while reason is None:
            try:
                if not self._in_memory:
                    Path(self._path).parent.mkdir(parents=True, exist_ok=True)
                return _prepared(self._path)
            except sqlite3.DatabaseError as exc:
                if type(exc) is sqlite3.DatabaseError and not damaged and self._removed():
                    damaged = True
                elif "locked" in str(exc) and time.monotonic() < until:
                    time.sleep(0.02)  # another process makes the same new file
                else:
                    reason = exc
            except OSError as exc:
                reason = exc.strerror
        logger.warning("answers of upstreams are kept in memory: %s", reason)
        self._in_memory, self._again = True, time.monotonic() + RETRY_SECONDS
        return _prepared(":memory:")

    def _removed(self) -> bool:
        """A broken cache is no reason not to start; what it held can be fetched again, and is about nobody."""
        try:
            for end in ("", "-wal", "-shm"):
                Path(self._path + end).unlink(missing_ok=True)
        except OSError:
            return False
        logger.warning("the answers of upstreams on disk are damaged: they are fetched anew")
        return True


def _prepared(path: str) -> sqlite3.Connection:
    db = sqlite3.connect(path, check_same_thread=False)
    try:
        if path != ":memory:":
            db.execute("PRAGMA journal_mode=WAL")
            found = db.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError(found)
        if db.execute("PRAGMA user_version").fetchone()[0] > SCHEMA:
            db.execute("DROP TABLE IF EXISTS answers")
        db.execute(
            "CREATE TABLE IF NOT EXISTS answers (upstream TEXT, request TEXT, fetched REAL, etag TEXT, body BLOB, "
            "version INTEGER, PRIMARY KEY (upstream, request))"
        )
        db.execute("DELETE FROM answers WHERE version != ?", (SCHEMA,))
        db.execute(f"PRAGMA user_version = {SCHEMA}")
        db.commit()
    except BaseException:
        db.close()
        raise
    return db
