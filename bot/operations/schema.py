"""Versions of what stores keep: an older file is brought up step by step, a newer one is left alone and refused.

The version of an SQLite file is its `user_version`. In PostgreSQL it is a row of the table `wegweiser_schema`. Files and
tables from before there were versions have version 0, and the first step of every store makes exactly what they hold.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa

from bot.operations.quarantine import is_damage, of_the_disk

# One step: SQL statements, or a function that is given the connection. It runs inside a transaction of its own.
Step = str | Callable[[sqlite3.Connection], object]
_VERSIONS = sa.Table(
    "wegweiser_schema",
    sa.MetaData(),
    sa.Column("store", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
)


class SchemaError(RuntimeError):
    """A store cannot be used by this program; the message says why and what to do. Nothing was lost."""


class NewerSchema(SchemaError):
    """A store was written by a newer version of the program; the message says what to do. Nothing was changed."""


class UpgradeFailed(SchemaError):
    """A step could not be made: the store is as it was before the step. The cause is chained."""


@dataclass(frozen=True)
class Schema:
    """The steps from an empty file to what this program reads. `name` is the store's, such as conversations.

    A step that was released is never edited: a change is one more step.
    """

    name: str
    steps: tuple[Step, ...]

    @property
    def version(self) -> int:
        """What this program reads and writes."""
        return len(self.steps)


def version_of(connection: sqlite3.Connection) -> int:
    """The version of an open SQLite file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def refuse_newer(name: str, found: int, known: int) -> None:
    """NewerSchema when the version found is newer than the one that is known."""
    if found > known:
        raise NewerSchema(
            f"the store `{name}` has version {found}, and this program knows versions up to {known}: start the newer "
            "program again, or restore the backup from before its update (docs/operations.md)"
        )


def check_file(path: Path, schema: Schema) -> None:
    """NewerSchema for a file of a newer version; one that is missing, damaged or cannot be read passes."""
    if not path.exists():
        return
    with contextlib.suppress(sqlite3.Error), contextlib.closing(sqlite3.connect(path)) as connection:
        refuse_newer(schema.name, version_of(connection), schema.version)


def upgrade(connection: sqlite3.Connection, schema: Schema) -> int:
    """Make the steps that an SQLite file lacks; returns how many. The connection must be in autocommit mode.

    NewerSchema, UpgradeFailed. Two processes that open the same old file make each step once.
    """
    made = 0
    while True:
        refuse_newer(schema.name, version_of(connection), schema.version)
        if version_of(connection) == schema.version:
            return made
        connection.execute("BEGIN IMMEDIATE")
        try:
            number = version_of(connection)  # another process may have made the step while this one waited
            if number < schema.version:
                _make(connection, schema.steps[number])
                if version_of(connection) == number:  # a step may say itself how far it went
                    connection.execute(f"PRAGMA user_version = {number + 1}")
            connection.execute("COMMIT")
        except BaseException as exc:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            if not isinstance(exc, Exception) or is_damage(exc) or of_the_disk(exc):
                raise  # not the fault of the step
            step = f"step {number + 1} of the store `{schema.name}`"
            raise UpgradeFailed(f"{step} cannot be made: the store is left at version {number}") from exc
        made += 1


def shared_version(connection: sa.engine.Connection, name: str, known: int) -> int | None:
    """The version of a store in PostgreSQL, 0 when none is noted; NewerSchema when it is newer than `known`.

    None for who may not read the table of versions: whoever owns the tables looks after it.
    """
    if not sa.inspect(connection).has_table(_VERSIONS.name):
        return 0
    if not _may(connection, "SELECT"):
        return None
    query = sa.select(_VERSIONS.c.version).where(_VERSIONS.c.store == name)
    found = int(connection.execute(query).scalar() or 0)
    refuse_newer(name, found, known)
    return found


def note_shared_version(connection: sa.engine.Connection, name: str, version: int) -> None:
    """Note the version of a store in PostgreSQL, in the transaction that made it; without the right to, nothing."""
    from sqlalchemy.dialects.postgresql import insert

    if not sa.inspect(connection).has_table(_VERSIONS.name):
        may = connection.execute(sa.text("SELECT has_schema_privilege(current_schema(), 'CREATE')")).scalar()
        if not may:
            return
        connection.execute(sa.schema.CreateTable(_VERSIONS, if_not_exists=True))
    if _may(connection, "INSERT") and _may(connection, "UPDATE"):
        row = insert(_VERSIONS).values(store=name, version=version)
        connection.execute(row.on_conflict_do_update(index_elements=["store"], set_={"version": version}))


def write_shared(connection: sa.engine.Connection, name: str) -> bool:
    """A real small write into PostgreSQL: SQLAlchemyError, or False, when the database does not take it now."""
    if sa.inspect(connection).has_table(_VERSIONS.name) and _may(connection, "UPDATE"):
        connection.execute(_VERSIONS.update().where(_VERSIONS.c.store == name).values(version=_VERSIONS.c.version))
        return True
    return not connection.execute(sa.text("SELECT pg_is_in_recovery()")).scalar()


def _may(connection: sa.engine.Connection, what: str) -> bool:
    query = sa.text("SELECT has_table_privilege(to_regclass('wegweiser_schema'), :what)")
    return bool(connection.execute(query, {"what": what}).scalar())


def _make(connection: sqlite3.Connection, step: Step) -> None:
    if callable(step):
        step(connection)
        return
    # `executescript` would end the transaction first.
    rest = ""
    for piece in step.split(";"):
        rest += piece + ";"
        if sqlite3.complete_statement(rest):
            if rest.strip(" \n;"):
                connection.execute(rest)
            rest = ""
