"""Answers of upstreams in the PostgreSQL that all processes share."""

from __future__ import annotations

import logging
import select
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.schema import CreateTable

from actions.directory.sources.store import Row

logger = logging.getLogger(__name__)
T = TypeVar("T")

SCHEMA = 1
# Seconds one statement may take, and seconds in which a database that failed is not tried again: somebody waits for
# the answer, and whoever waits holds one of the few threads of the process.
PATIENCE, AWAY_SECONDS = 1.0, 5.0
CONNECTIONS = 3
# Seconds between two looks for answers that are too old.
SWEEP_SECONDS = 3600.0
# Held while the table is made; any fixed number will do.
_MAKING = 0x57454753

_ANSWERS = sa.Table(
    "wegweiser_sources",
    sa.MetaData(),
    sa.Column("upstream", sa.Text, primary_key=True),
    sa.Column("request", sa.Text, primary_key=True),
    sa.Column("fetched", sa.Float, nullable=False),
    sa.Column("etag", sa.Text, nullable=False),
    sa.Column("body", sa.LargeBinary, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
)


class PostgresTable:
    """The table under a PostgreSQL URL, made at first use. Never raises: a database that is away has no answers."""

    def __init__(self, url: str) -> None:
        self._engine = sa.create_engine(
            url,
            pool_pre_ping=True,
            pool_size=CONNECTIONS,
            max_overflow=0,
            pool_timeout=PATIENCE,
            hide_parameters=True,
            connect_args={"application_name": "wegweiser", "connection_factory": _patient(PATIENCE)},
        )
        self._lock = threading.Lock()
        self._prepared = False
        self._away = False
        self._again = 0.0
        self._swept = 0.0

    def read(self, upstream: str, request: str, after: float) -> Row | None:
        """The answer, if it was fetched after this moment."""
        c = _ANSWERS.c
        query = sa.select(c.body, c.fetched, c.etag).where(
            c.upstream == upstream, c.request == request, c.version == SCHEMA, c.fetched > after
        )
        row = self._tried(lambda connection: connection.execute(query).first())
        return None if row is None else Row(bytes(row[0]), float(row[1]), str(row[2]))

    def write(self, upstream: str, request: str, row: Row, oldest: float) -> bool:
        """Keep an answer unless a newer one is there; now and then drop those from before `oldest`."""
        new = insert(_ANSWERS).values(upstream=upstream, request=request, version=SCHEMA, **row._asdict())
        columns = ("fetched", "etag", "body", "version")
        new = new.on_conflict_do_update(
            index_elements=["upstream", "request"],
            set_={name: new.excluded[name] for name in columns},
            where=(_ANSWERS.c.fetched < new.excluded.fetched) | (_ANSWERS.c.version != SCHEMA),
        )
        written = self._tried(lambda connection: connection.execute(new).rowcount) is not None
        if written and self._sweeps():
            # A transaction of its own: two that hold a row and want each other's would wait for ever.
            self._tried(lambda connection: connection.execute(_ANSWERS.delete().where(_ANSWERS.c.fetched < oldest)))
        return written

    def writable(self) -> bool:
        """Whether the table takes a write now: one that changes nothing."""
        c = _ANSWERS.c
        nothing = _ANSWERS.update().where(c.upstream == "").values(version=c.version)
        return self._tried(lambda connection: connection.execute(nothing).rowcount) is not None

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()

    def _sweeps(self) -> bool:
        with self._lock:
            due = not self._swept or time.monotonic() - self._swept > SWEEP_SECONDS
            if due:
                self._swept = time.monotonic()
            return due

    def _tried(self, run: Callable[[sa.engine.Connection], T]) -> T | None:
        """What it returns; None when the database is away, at once while that is known."""
        with self._lock:
            now = time.monotonic()
            if now < self._again:
                return None
            if self._away:
                self._again = now + AWAY_SECONDS  # one tries; the others do not wait for how it ends
        try:
            with self._begin() as connection:
                found = run(connection)
        except SQLAlchemyError as exc:
            with self._lock:
                if not self._away:
                    logger.error("answers of other directories are not shared: %s", exc.__class__.__name__)
                self._away, self._again = True, time.monotonic() + AWAY_SECONDS
            return None
        with self._lock:
            if self._away:
                logger.warning("answers of other directories are shared again")
            self._away, self._again = False, 0.0
        return found

    @contextmanager
    def _begin(self) -> Iterator[sa.engine.Connection]:
        if not self._prepared:
            with self._engine.begin() as connection:
                # Looked up first: who may use the table need not be allowed to make it.
                if not sa.inspect(connection).has_table(_ANSWERS.name):
                    connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKING)))
                    connection.execute(CreateTable(_ANSWERS, if_not_exists=True))
            self._prepared = True
        with self._engine.begin() as connection:
            yield connection


def _patient(seconds: float) -> type:
    """Connections that give up after so many seconds of waiting, as libpq alone would wait for ever for a server that froze."""
    import psycopg2.extensions

    psycopg2.extensions.set_wait_callback(_wait)
    return type("Connection", (psycopg2.extensions.connection,), {"patience": seconds})


def _wait(connection: Any) -> None:
    """psycopg2's hook for every wait; it is one for the process, so the time is a property of the connection."""
    import psycopg2
    from psycopg2.extensions import POLL_OK, POLL_READ

    until = time.monotonic() + getattr(connection, "patience", PATIENCE)
    while (state := connection.poll()) != POLL_OK:
        left = until - time.monotonic()
        waiting = select.poll()
        waiting.register(connection.fileno(), select.POLLIN if state == POLL_READ else select.POLLOUT)
        if left <= 0 or not waiting.poll(left * 1000):
            raise psycopg2.OperationalError("the database does not answer")
