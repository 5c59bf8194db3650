"""The database behind what several processes keep together: one PostgreSQL, or an SQLite file each in DATA_DIR."""

from __future__ import annotations

import os
import select
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import DatabaseError, InterfaceError, InternalError, OperationalError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.schema import CreateTable

from bot.operations import quarantine
from bot.operations.quarantine import is_damage
from bot.operations.schema import (
    Schema,
    SchemaError,
    UpgradeFailed,
    note_shared_version,
    shared_version,
    upgrade,
    write_shared,
)
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
    read it. `store` is its name among the versions. `upgrades` are the steps from the first tables to these, each the SQL
    for SQLite and for PostgreSQL. ValueError when the URL is none; from every use SQLAlchemyError, and SchemaError when
    what is there is of a newer version or cannot be brought up to this one. A damaged file is put aside: then one of
    AWAY is raised, and the next use has a new one.
    """

    def __init__(
        self,
        url: str,
        tables: sa.MetaData,
        patience: float = PATIENCE,
        erase: bool = False,
        store: str = "",
        upgrades: Sequence[tuple[str, str]] = (),
    ) -> None:
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
        self._upgrades = [row[self.shared] for row in upgrades]
        self._schema = Schema(store or next(iter(self._tables), "database"), (self._make_file, *self._upgrades))

    def table(self, name: str) -> sa.Table:
        """The table that the metadata calls so."""
        return self._tables[name]

    @contextmanager
    def begin(self) -> Iterator[sa.engine.Connection]:
        """A transaction; the tables are there."""
        self._prepare()
        with self._sound(), self._engine.begin() as connection:
            yield connection

    def writable(self) -> bool:
        """Whether the database takes a real small write now."""
        try:
            with self.begin() as connection:
                if self.shared:
                    return write_shared(connection, self._schema.name)
                connection.exec_driver_sql(f"PRAGMA user_version = {self._schema.version}")
        except (SQLAlchemyError, SchemaError):
            return False
        return True

    def apart(self, statement: str) -> None:
        """Run a statement that must not stand in a transaction, such as VACUUM."""
        self._prepare()
        with self._sound(), self._engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
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
            if self.shared:
                with self._engine.begin() as connection:
                    self._prepare_shared(connection)
            else:
                with self._sound():
                    self._prepare_file()
            self._prepared = True

    def _prepare_file(self) -> None:
        if self._path is not None:
            try:
                quarantine.check(self._path)
            except sqlite3.Error as exc:
                if not is_damage(exc):
                    raise
                quarantine.put_aside(self._path)
            if self._erase:
                os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        with self._engine.connect() as connection:
            driver: sqlite3.Connection = connection.connection.connection
            before, driver.isolation_level = driver.isolation_level, None
            try:
                upgrade(driver, self._schema)
            finally:
                driver.isolation_level = before

    def _make_file(self, driver: sqlite3.Connection) -> None:
        """The first step: the tables that are not there. A file that was empty has all later steps behind it."""
        names = {row[0] for row in driver.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        for table in self._tables.values():
            driver.execute(str(CreateTable(table, if_not_exists=True).compile(dialect=sqlite.dialect())))
        if names.isdisjoint(self._tables):
            driver.execute(f"PRAGMA user_version = {self._schema.version}")

    def _prepare_shared(self, connection: sa.engine.Connection) -> None:
        # Looked up first: who may use a table need not be allowed to make one.
        found = shared_version(connection, self._schema.name, self._schema.version)
        missing = [table for table in self._tables.values() if not sa.inspect(connection).has_table(table.name)]
        if not missing and found in (None, self._schema.version):
            return
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(_MAKING)))
        found = shared_version(connection, self._schema.name, self._schema.version)  # others may have been here
        old = any(sa.inspect(connection).has_table(table.name) for table in self._tables.values())
        for table in missing:
            connection.execute(CreateTable(table, if_not_exists=True))
            if "storage" in table.info:
                connection.execute(sa.text(f"ALTER TABLE {table.name} SET ({table.info['storage']})"))
        if found is not None and found < self._schema.version:
            try:
                for step in self._upgrades[max(found, 1) - 1 :] if old else ():
                    connection.execute(sa.text(step))
            except SQLAlchemyError as exc:
                what = f"the store `{self._schema.name}` cannot be brought up to version {self._schema.version}"
                raise UpgradeFailed(f"{what}: it is left as it was") from exc
            note_shared_version(connection, self._schema.name, self._schema.version)

    @contextmanager
    def _sound(self) -> Iterator[None]:
        """Put a damaged file aside; every error of the file is one of SQLAlchemy's."""
        try:
            yield
        except (DatabaseError, sqlite3.Error, OSError) as exc:
            if self._path is not None and is_damage(exc):
                self._engine.dispose()
                self._prepared = False
                quarantine.put_aside(self._path)
                raise OperationalError(None, None, getattr(exc, "orig", None) or exc) from exc
            if isinstance(exc, DatabaseError):
                raise
            raise OperationalError(None, None, exc) from exc


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
        except sqlite3.OperationalError as exc:
            # SQLite does not wait by itself while another process makes the same new file a WAL one.
            if "locked" not in str(exc) or time.monotonic() >= until:
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
