"""The last good answer of every upstream, so that a source may be down without a card being lost."""

from __future__ import annotations

import hashlib
import threading
import zlib
from collections import OrderedDict
from dataclasses import dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import NamedTuple, Protocol

# An answer older than this is forgotten: a place may have closed since.
KEEP_DAYS = 7
# What one process remembers of a table that it shares, in bytes, compressed.
REMEMBERED_BYTES = 32 * 1024 * 1024
LONGEST_REQUEST = 500
# Of one answer, unpacked; no fetcher takes a larger one.
LARGEST_BYTES = 64 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Kept:
    """A stored answer: its JSON text, when it was fetched (aware, UTC) and the ETag it came with."""

    body: bytes
    fetched: datetime
    etag: str


class Row(NamedTuple):
    """A stored answer as a table has it: `body` is compressed, `fetched` are seconds since 1970."""

    body: bytes
    fetched: float
    etag: str


class Table(Protocol):
    """Where answers are kept. Requests carry no data of people, so neither does this."""

    def read(self, upstream: str, request: str, after: float) -> Row | None:
        """The answer, if it was fetched after this moment; None also when the table cannot be read."""

    def write(self, upstream: str, request: str, row: Row, oldest: float) -> bool:
        """Keep an answer in place of an older one, and drop those from before `oldest`; False when that failed."""

    def writable(self) -> bool:
        """Whether it takes a write now."""

    def close(self) -> None:
        """Let it go."""


class LastKnownGood:
    """(upstream, request) -> answer, in an SQLite file or, given a URL, in the PostgreSQL that all processes share.

    With PostgreSQL one process's answer saves the others a request. While it is away a process goes by what it
    remembers itself, and writes what is newer when it asks next.
    """

    def __init__(self, place: Path | str) -> None:
        self._lock = threading.Lock()
        self._remembered: OrderedDict[tuple[str, str], _Remembered] | None = None
        self._table: Table
        if str(place).startswith("postgresql"):
            from actions.directory.sources.store_postgres import PostgresTable

            self._table, self._remembered = PostgresTable(str(place)), OrderedDict()
        else:
            from actions.directory.sources.store_sqlite import SqliteTable

            self._table = SqliteTable(place)

    def get(self, upstream: str, request: str, now: datetime) -> Kept | None:
        """The last good answer that is not too old to be used, or None."""
        key = upstream, _short(request)
        mine = self._recall(key)
        row = self._table.read(*key, mine.row.fetched if mine is not None else 0.0)
        if row is not None:
            self._remember(key, row, True)
        elif mine is not None:
            row = mine.row
            if not mine.written:
                self._write(key, row, now)
        if row is None or now.timestamp() - row.fetched > KEEP_DAYS * 86400:
            return None
        unpacker = zlib.decompressobj()
        try:
            body = unpacker.decompress(row.body, LARGEST_BYTES)
            fetched = datetime.fromtimestamp(row.fetched, timezone.utc)
        except (zlib.error, ValueError, OverflowError, OSError, TypeError):
            return None  # somebody else wrote into the file
        return Kept(body, fetched, row.etag) if unpacker.eof else None

    def put(self, upstream: str, request: str, body: bytes, etag: str, now: datetime) -> None:
        """Keep an answer in place of the former one. A full disk loses the copy, never the answer."""
        self._write((upstream, _short(request)), Row(zlib.compress(body, 3), now.timestamp(), etag), now)

    def writable(self) -> bool:
        """Whether answers can be kept now."""
        return self._table.writable()

    def close(self) -> None:
        """Let the table go."""
        self._table.close()

    def _write(self, key: tuple[str, str], row: Row, now: datetime) -> None:
        self._remember(key, row, False)
        if self._table.write(*key, row, now.timestamp() - KEEP_DAYS * 86400):
            self._remember(key, row, True)

    def _recall(self, key: tuple[str, str]) -> _Remembered | None:
        if self._remembered is None:
            return None
        with self._lock:
            return self._remembered.get(key)

    def _remember(self, key: tuple[str, str], row: Row, written: bool) -> None:
        if self._remembered is None:
            return
        with self._lock:
            known = self._remembered.get(key)
            if known is not None and known.row.fetched > row.fetched:
                return
            self._remembered[key] = _Remembered(row, written)
            self._remembered.move_to_end(key)
            total = sum(len(found.row.body) for found in self._remembered.values())
            while total > REMEMBERED_BYTES:
                _, oldest = self._remembered.popitem(last=False)
                total -= len(oldest.row.body)


class _Remembered(NamedTuple):
    """What this process has read or fetched itself, and whether the table has it."""

    row: Row
    written: bool


def _short(request: str) -> str:
    """A request as a key: an index takes no very long ones."""
    if len(request) <= LONGEST_REQUEST:
        return request
    return f"sha256:{hashlib.sha256(request.encode()).hexdigest()}"
