"""Small things around an SQLite file: rows, a real small write, reading from a disk that takes no writes, merging."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote


class Rows:
    """What a statement gave: its rows, all of them, and how many rows it changed."""

    def __init__(self, rows: list[Any], rowcount: int) -> None:
        self._rows, self.rowcount = rows, rowcount

    def __iter__(self) -> Iterator[Any]:
        return iter(self._rows)

    def fetchone(self) -> Any:
        """The first row, None when there is none."""
        return self._rows[0] if self._rows else None

    def fetchall(self) -> list[Any]:
        """All rows."""
        return self._rows


def fetch(connection: sqlite3.Connection, sql: str, parameters: Sequence[Any]) -> Rows:
    """Run a statement to its end."""
    cursor = connection.execute(sql, parameters)
    return Rows(cursor.fetchall(), cursor.rowcount)


def write_a_little(connection: sqlite3.Connection, version: int) -> None:
    """A write that changes nothing; it joins a transaction that is under way."""
    connection.execute(f"PRAGMA user_version = {version}")


def small(connection: sqlite3.Connection, most: int) -> bool:
    """Whether a database has at most so many bytes."""
    try:
        (pages,), (size,) = (connection.execute(f"PRAGMA {name}").fetchone() for name in ("page_count", "page_size"))
    except sqlite3.Error:
        return False
    return int(pages) * int(size) <= most


def exists(path: Path) -> bool:
    """Whether there is something, or nobody can say."""
    try:
        return path.exists()
    except OSError:
        return True


def readable(path: Path) -> sqlite3.Connection | None:
    """A connection that reads a file on a disk that cannot be written; None when that is not possible.

    Without its log a file may still have rows that were deleted: then it is not read.
    """
    if not exists(path):
        return None
    log = Path(f"{path}-wal")
    address = f"file:{quote(str(path.absolute()))}?mode=ro"
    sound = not exists(log) or log.stat().st_size == 0
    for end in ("", "&immutable=1") if sound else ("",):
        connection = None
        try:
            connection = sqlite3.connect(address + end, uri=True, isolation_level=None, check_same_thread=False)
            connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
            return connection
        except sqlite3.Error:
            if connection is not None:
                connection.close()
    return None


def merge(
    source: sqlite3.Connection,
    file: sqlite3.Connection,
    deletions: Sequence[tuple[str, Sequence[Any]]],
    numbered: frozenset[str],
) -> None:
    """Into a file that could not be read: what was deleted meanwhile, and what was written.

    Rows of `numbered` tables get a new id, as theirs may be taken. sqlite3.Error, and then nothing has changed.
    """
    file.execute("BEGIN IMMEDIATE")
    try:
        for sql, parameters in deletions:
            file.execute(sql, parameters)
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        for (table,) in source.execute(query).fetchall():
            names = [row[1] for row in source.execute(f'PRAGMA table_info("{table}")').fetchall()]
            if table in numbered:
                names.remove("id")
            columns = ", ".join(f'"{name}"' for name in names)
            rows = source.execute(f'SELECT {columns} FROM "{table}" ORDER BY rowid').fetchall()
            marks = ", ".join("?" * len(names))
            file.executemany(f'INSERT OR REPLACE INTO "{table}" ({columns}) VALUES ({marks})', rows)
        file.execute("COMMIT")
    except BaseException:
        if file.in_transaction:
            file.execute("ROLLBACK")
        raise
