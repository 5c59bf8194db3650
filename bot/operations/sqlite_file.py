"""An SQLite file that a store goes on with whatever becomes of the disk: put aside when damaged, in memory when full.

While the file cannot be written, all that is written is kept in memory, together with what was in the file; every few
seconds it is tried to bring it back. What is in memory when the process ends is lost.
"""

from __future__ import annotations

import contextlib
import logging
import sqlite3
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.operations import quarantine
from bot.operations.quarantine import is_damage, of_the_disk
from bot.operations.schema import Schema, SchemaError, upgrade
from bot.operations.sqlite_parts import Rows, exists, fetch, merge, readable, small, write_a_little

logger = logging.getLogger(__name__)

MEMORY = ":memory:"
RETRY_SECONDS = 10.0
# So much of a file is taken along into memory, and so much may be kept there; a conversation takes about 2 KB.
MOST_BYTES = 128 * 1024 * 1024
_PAGE = 4096
# Deletions that are made up for in a file that could not be read when they were asked for.
MOST_DELETIONS = 100_000


class SqliteFile:
    """One file in WAL mode whose deleted rows are overwritten; safe to use from threads, each statement for itself.

    `path` is a file, or ":memory:". SchemaError when it is of a newer version or cannot be brought up to this one.
    `reader`: `read` has a connection of its own and does not wait for a writer. `shed` is a statement that makes room
    when too much is kept in memory. `numbered` tables have an `id` that only gives an order. `retry`: seconds until a
    disk that failed is tried again.
    A statement raises sqlite3.Error only for what has nothing to do with the file, such as a lock or a wrong statement.
    """

    def __init__(
        self,
        path: Path | str,
        schema: Schema,
        *,
        reader: bool = False,
        shed: str = "",
        numbered: frozenset[str] = frozenset(),
        retry: float | None = None,
    ) -> None:
        self.path = None if str(path) == MEMORY else Path(path)
        self._schema, self._shed, self._numbered = schema, shed, numbered
        self._retry = RETRY_SECONDS if retry is None else retry
        self._wants_reader = reader
        self._lock, self._reading = threading.RLock(), threading.Lock()
        self._reader: sqlite3.Connection | None = None
        self._kept = self._complete = True
        self._deletions: list[tuple[str, Sequence[Any]]] = []
        self._retry_at = 0.0
        self._generation = 0
        self._writer = self._connect(MEMORY) if self.path is None else self._open(self.path)

    @property
    def kept(self) -> bool:
        """False while what is written is only in memory, because the disk does not take it."""
        return self._kept

    def execute(self, sql: str, parameters: Sequence[Any] = ()) -> Rows:
        """Run one statement. What it writes is in the file when this returns, or in memory while that is not possible."""
        with self._lock:
            if not self._kept:
                self._try_again()
            try:
                return self._run(sql, parameters)
            except sqlite3.Error as exc:
                self._mend(exc, self._generation)
                return self._run(sql, parameters)

    def read(self, sql: str, parameters: Sequence[Any] = ()) -> Rows:
        """Run a SELECT without waiting for who writes."""
        generation = self._generation
        try:
            # One reading at a time: a second one on this connection would join the first, and see the file as that one
            # does, without what was saved meanwhile.
            with self._reading:
                if self._reader is not None:
                    return fetch(self._reader, sql, parameters)
        except sqlite3.Error as exc:
            with self._lock:
                self._mend(exc, generation)
        return self.execute(sql, parameters)

    def writable(self) -> bool:
        """Whether the file takes a real small write now; while it does not, this tries to bring back what is in memory."""
        with self._lock:
            if not self._kept:
                self._retry_at = 0.0
                self._try_again()
            if self._kept:
                try:
                    write_a_little(self._writer, self._schema.version)
                except sqlite3.Error as exc:
                    with contextlib.suppress(sqlite3.Error):
                        self._mend(exc, self._generation)
                        return self._kept
                    return False
            return self._kept

    def close(self) -> None:
        """Bring what is in memory back if that is possible now, and close the file."""
        with self._lock, self._reading:
            if not self._kept:
                self._retry_at = 0.0
                self._try_again(opening_reader=False)
            if self._reader is not None:
                self._reader.close()
            self._writer.close()

    def _run(self, sql: str, parameters: Sequence[Any]) -> Rows:
        try:
            found = fetch(self._writer, sql, parameters)
        except sqlite3.OperationalError as exc:
            if self._kept or not self._shed or "full" not in str(exc):
                raise
            fetch(self._writer, self._shed, ())
            found = fetch(self._writer, sql, parameters)
        if not self._kept and not self._complete and sql.lstrip()[:6].upper() == "DELETE":
            self._deletions.append((sql, parameters))
            del self._deletions[:-MOST_DELETIONS]
        return found

    def _open(self, path: Path) -> sqlite3.Connection:
        """The file; a new one when it is damaged; one in memory when the disk does not take writes."""
        for damaged in (False, True):
            try:
                quarantine.check(path)
                connection = self._connect(path)
            except (sqlite3.Error, OSError) as exc:
                if is_damage(exc) and not damaged and quarantine.put_aside(path) is not None:
                    continue
                if not (is_damage(exc) or of_the_disk(exc)):
                    raise
                return self._in_memory(exc, None if is_damage(exc) else readable(path))
            self._open_reader(path)
            return connection
        raise AssertionError("a loop of two ends by a return")

    def _connect(self, path: Path | str) -> sqlite3.Connection:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        try:
            connection.execute("PRAGMA secure_delete=ON")
            if str(path) == MEMORY:
                connection.execute(f"PRAGMA max_page_count={2 * MOST_BYTES // _PAGE}")
            else:
                connection.execute("PRAGMA journal_mode=WAL")
                # A crash of the process loses nothing; one of the machine may lose the last moments.
                connection.execute("PRAGMA synchronous=NORMAL")
            upgrade(connection, self._schema)
            if str(path) != MEMORY:
                write_a_little(connection, self._schema.version)
        except BaseException:
            connection.close()
            raise
        return connection

    def _open_reader(self, path: Path) -> None:
        if self._wants_reader:
            self._reader = sqlite3.connect(path, check_same_thread=False, isolation_level=None)

    def _mend(self, exc: sqlite3.Error, generation: int) -> None:
        """Put something sound in the place of what failed; raises the error when it was not the file's."""
        if generation != self._generation:
            return  # another thread has done it meanwhile
        if self.path is None or not self._kept or not (is_damage(exc) or of_the_disk(exc)):
            raise exc
        self._generation += 1
        self._count()
        with self._reading:
            if self._reader is not None:
                self._reader.close()
                self._reader = None
            if is_damage(exc):
                self._writer.close()
                if quarantine.put_aside(self.path) is not None:
                    self._writer = self._open(self.path)
                else:
                    self._writer = self._in_memory(exc, None)
                return
            failed = self._writer
            if failed.in_transaction:
                failed.execute("ROLLBACK")
            self._writer = self._in_memory(exc, failed)

    def _in_memory(self, exc: Exception, source: sqlite3.Connection | None) -> sqlite3.Connection:
        """A copy of the source in memory, or an empty one; closes the source."""
        connection = self._connect(MEMORY)
        self._complete = source is not None and small(source, MOST_BYTES)
        if source is not None:
            try:
                if self._complete:
                    source.backup(connection)
                    upgrade(connection, self._schema)
            except sqlite3.Error:
                connection.close()
                connection, self._complete = self._connect(MEMORY), False
            with contextlib.suppress(sqlite3.Error):
                source.close()
        elif self.path is not None and (is_damage(exc) or not exists(self.path)):
            self._complete = True  # there is nothing that could be lost
        self._kept, self._deletions = False, []
        self._retry_at = time.monotonic() + self._retry
        logger.warning(
            "%s cannot be written (%s): what it keeps is in memory, and is lost when the process ends before it can be",
            self._schema.name,
            getattr(exc, "strerror", None) or exc,
        )
        return connection

    def _try_again(self, opening_reader: bool = True) -> None:
        """Bring what is in memory back into the file."""
        if self.path is None or time.monotonic() < self._retry_at:
            return
        self._retry_at = time.monotonic() + self._retry
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            quarantine.check(self.path)
            file = self._connect(self.path)
        except (sqlite3.Error, OSError, SchemaError) as exc:
            if is_damage(exc):
                quarantine.put_aside(self.path)
            return
        try:
            if self._complete:
                self._writer.backup(file)  # what was deleted meanwhile is deleted in the file, too
            else:
                merge(self._writer, file, self._deletions, self._numbered)
            file.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        except sqlite3.Error:
            file.close()
            return
        self._writer.close()
        self._writer, self._kept, self._deletions = file, True, []
        self._generation += 1
        if opening_reader:
            with self._reading:
                self._open_reader(self.path)
        logger.warning("%s can be written again: nothing was lost meanwhile", self._schema.name)

    def _count(self) -> None:
        from bot.operations.metrics import STORE_FAULTS

        STORE_FAULTS.labels(self._schema.name).inc()
