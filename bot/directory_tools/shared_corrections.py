"""The queue of corrections in PostgreSQL, where several processes add to it."""

from __future__ import annotations

import logging
from collections.abc import Container, Iterator
from contextlib import contextmanager
from datetime import date

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from bot.directory_tools.corrections import MAX_COUNT, Correction, CorrectionsAway, directory_ids, takes
from bot.memory.backlog import Backlog
from bot.memory.database import Database

logger = logging.getLogger(__name__)

# About as many as a full file holds.
MOST = 10_000
# Seconds a statement may take.
PATIENCE = 2.0

_METADATA = sa.MetaData()
sa.Table(
    "corrections",
    _METADATA,
    sa.Column("number", sa.BigInteger, primary_key=True, autoincrement=True),
    sa.Column("id", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("day", sa.String(10), nullable=False),
    sa.Column("count", sa.Integer, nullable=False),
    sa.UniqueConstraint("id", "what", "day"),
)


class SharedCorrections:
    """The same as Corrections, under a PostgreSQL URL; safe for threads and for processes on several machines.

    A report is written in the background: while the database is away it waits (bot/memory/backlog.py), so that nobody
    who reports does.
    """

    def __init__(self, url: str, known: Container[str] | None = None) -> None:
        self._database = Database(url, _METADATA, PATIENCE, store="corrections")
        self._table = self._database.table("corrections")
        self._known = known
        self._backlog = Backlog("corrections", CorrectionsAway)

    def report(self, service_id: str, what: str, day: date) -> bool:
        """Take in one report; the same record, field and day is only counted up.

        False, and nothing kept, for an unknown id or field. What a full queue cannot hold is left out later.
        """
        if not takes(service_id, what):
            return False
        if self._known is None:
            self._known = directory_ids()
        if service_id not in self._known:
            return False
        stamp = date(day.year, day.month, day.day).isoformat()
        return self._backlog.add(lambda: self._count(service_id, what, stamp))

    def entries(self) -> list[Correction]:
        """The queue, oldest report first. CorrectionsAway when the database cannot be read."""
        c = self._table.c
        with self._begin() as connection:
            rows = connection.execute(sa.select(c.id, c.what, c.day, c.count).order_by(c.number)).all()
        return [Correction(row[0], row[1], row[2], int(row[3])) for row in rows]

    def done(self, number: int) -> Correction | None:
        """Take out the entry with this number, counted from 1 in the order of `entries`; None when there is none.

        CorrectionsAway when the database cannot be reached.
        """
        if number < 1:
            return None
        c = self._table.c
        chosen = sa.select(c.number).order_by(c.number).offset(number - 1).limit(1).scalar_subquery()
        gone = self._table.delete().where(c.number == chosen).returning(c.id, c.what, c.day, c.count)
        with self._begin() as connection:
            row = connection.execute(gone).first()
        return None if row is None else Correction(row[0], row[1], row[2], int(row[3]))

    def drain(self, seconds: float = 10.0) -> bool:
        """Wait until all that was reported is written; False when it is not by then."""
        return self._backlog.drain(seconds)

    def close(self) -> None:
        """Write what waits and let the database go."""
        self._backlog.close()
        self._database.close()

    def _count(self, service_id: str, what: str, stamp: str) -> None:
        c = self._table.c
        mine = (c.id == service_id) & (c.what == what) & (c.day == stamp)
        more = self._table.update().where(mine).values(count=sa.func.least(c.count + 1, MAX_COUNT))
        with self._begin() as connection:
            if connection.execute(more).rowcount:
                return
            if connection.execute(sa.select(sa.func.count()).select_from(self._table)).scalar_one() >= MOST:
                logger.warning("the queue of corrections is full: see `wegweiser directory corrections`")
                return
            new = self._database.insert(self._table).values(id=service_id, what=what, day=stamp, count=1)
            connection.execute(
                new.on_conflict_do_update(
                    index_elements=["id", "what", "day"], set_={"count": sa.func.least(c.count + 1, MAX_COUNT)}
                )
            )

    @contextmanager
    def _begin(self) -> Iterator[sa.engine.Connection]:
        try:
            with self._database.begin() as connection:
                yield connection
        except SQLAlchemyError as exc:
            raise CorrectionsAway(f"the database cannot be used ({exc.__class__.__name__})") from exc
