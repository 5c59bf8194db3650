"""The database behind what several processes keep together: one PostgreSQL, or an SQLite file each in DATA_DIR."""

from __future__ import annotations

import os
import select
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.schema import CreateTable

from bot.settings import Settings

# Errors that may be over soon: away, locked, full, or a stand-by that does not take writes yet.
AWAY = (OperationalError, InterfaceError, InternalError, PoolTimeout)
# Seconds one statement may take; an answer never waits for it.
PATIENCE = 5.0
# Held while tables are made, as PostgreSQL lets two CREATE TABLE IF NOT EXISTS at once fail; any fixed number will do.
_MAKING = 0x57454757
_PREFIX = "wegweiser_"


def database_url(settings: Settings, file: str) -> str:
    """Where a store is: the PostgreSQL of all processes when there is one, else its file in the data folder."""
    return settings.database_url or file_url(settings.data_dir / file)


def file_url(path: Path) -> str:
    """The URL of an SQLite file."""
    return f"sqlite:///{path.absolute()}"


def missing_file(url: str) -> Path | None:
    """The SQLite file of a URL that is not there yet; None when it is, and for PostgreSQL."""
    path = _path(sa.engine.make_url(url))
    return path if path is not None and not path.exists() else None


class Database:
    """Tables under an SQLAlchemy URL, SQLite or PostgreSQL; safe to use from threads, and by several processes at once.

    Nothing is opened before first use; tables are made then. On PostgreSQL a table has the prefix wegweiser_, or the
    name in its `info["postgresql"]`, and the storage settings in its `info["storage"]`. `patience`: seconds a statement
    may take, and an SQLite file may be locked. `erase`: in a file, deleted rows are overwritten, and only its owner can
    read it. ValueError when the URL is none; SQLAlchemyError from every use.
    """

    def __init__(self, url: str, tables: sa.MetaData, patience: float = PATIENCE, erase: bool = False) -> None:
        try:
            parsed = sa.engine.make_url(url)
            self._engine = _engine(parsed, patience, erase)
        except (SQLAlchemyError, ImportError) as exc:
            raise ValueError("not the address of an SQLite or PostgreSQL database") from exc
        self.shared = self._engine.dialect.name == "postgresql"
        self._path = _path(parsed)
        self._erase = erase
        self._tables = {table.name: self._named(table) for table in tables.sorted_tables}
        self._making = threading.Lock()
        self._prepared = False

    def table(self, name: str) -> sa.Table:
        """The table that the metadata calls so."""
        return self._tables[name]

    @contextmanager
    def begin(self) -> Iterator[sa.engine.Connection]:
        """A transaction; the tables are there."""
        self._prepare()
        with self._engine.begin() as connection:
            yield connection

    def apart(self, statement: str) -> None:
        """Run a statement that must not stand in a transaction, such as VACUUM."""
        self._prepare()
        with self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(sa.text(statement))

    def insert(self, table: sa.Table) -> Any:
        """An INSERT that can say what happens on a conflict."""
        return (postgresql if self.shared else sqlite).insert(table)

    def close(self) -> None:
        """Let the database go; the next use opens it again."""
        self._engine.dispose()

    def _named(self, table: sa.Table) -> sa.Table:
        if not self.shared:
            return table
        return table.to_metadata(sa.MetaData(), name=table.info.get("postgresql") or f"{_PREFIX}{table.name}")

    def _prepare(self) -> None:
        with self._making:
            if self._prepared:
                return
            if self._erase and self._path is not None:
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            with self._engine.begin() as connection:
                for table in self._tables.values():
                    self._make(connection, table)
            self._prepared = True

    def _make(self, connection: sa.engine.Connection, table: sa.Table) -> None:
        # Looked up first: who may use a table need not be allowed to make one.
        if sa.inspect(connection).has_table(table.name):
            return
        if self.shared:
            connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKING)))
        connection.execute(CreateTable(table, if_not_exists=True))
        if self.shared and "storage" in table.info:
            connection.execute(sa.text(f"ALTER TABLE {table.name} SET ({table.info['storage']})"))


def _path(parsed: sa.engine.URL) -> Path | None:
    if parsed.get_backend_name() != "sqlite" or parsed.database in (None, "", ":memory:"):
        return None
    return Path(str(parsed.database))


def _engine(parsed: sa.engine.URL, patience: float, erase: bool) -> sa.engine.Engine:
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        engine = sa.create_engine(parsed, connect_args={"timeout": patience}, hide_parameters=True)
        sa.event.listen(engine, "connect", lambda connection, _: _set_up_sqlite(connection, patience, erase))
        return engine
    if backend == "postgresql":
        return sa.create_engine(
            parsed,
            # The database may have been restarted since the last use.
            pool_pre_ping=True,
            pool_size=2,
            pool_timeout=patience,
            hide_parameters=True,
            connect_args={"application_name": "wegweiser", "connection_factory": _patient(patience)},
        )
    raise ValueError("not the address of an SQLite or PostgreSQL database")


def _set_up_sqlite(connection: sqlite3.Connection, patience: float, erase: bool) -> None:
    until = time.monotonic() + patience
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError:
            # SQLite does not wait by itself while another process makes the same new file a WAL one.
            if time.monotonic() >= until:
                raise
            time.sleep(0.01)
    connection.execute("PRAGMA synchronous=NORMAL")
    if erase:
        connection.execute("PRAGMA secure_delete=ON")


def _patient(seconds: float) -> type:
    """Connections that give up after so many seconds of waiting, whatever has become of the server.

    libpq knows a time-out for connecting only; a server that froze or a network that went would keep a thread for ever.
    """
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
