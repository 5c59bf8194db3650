"""What people asked, as numbers a month: no row is about a person, and none can become one.

A number is kept under month, table, row and column ("2026-10", questions_language, housing, ar). Counting writes into
memory; flush() adds it to the database, SQLite or PostgreSQL. When the database cannot be written, the numbers wait.
"""

from __future__ import annotations

import logging
import re
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from bot.memory import database
from bot.operations.metrics import STORE_FAULTS

logger = logging.getLogger(__name__)

OUTCOMES = ("answered", "asked_back", "not_understood", "crisis", "feedback_good", "feedback_bad", "conversation")
# Table: what its rows and what its columns are.
TABLES: dict[str, tuple[str, str]] = {
    "questions_language": ("topic", "language"),
    "questions_district": ("topic", "district"),
    "questions_channel": ("topic", "channel"),
    "questions_campaign": ("topic", "campaign"),
    "messages_language": ("outcome", "language"),
    "messages_channel": ("outcome", "channel"),
    "messages_hour": ("outcome", "hour"),
    "messages_day": ("outcome", "day"),
    "services_missing": ("topic", "district"),
    "services_stale": ("topic", "district"),
    "services_shown": ("service", "state"),
}
UNKNOWN = "unknown"
FILE = "counters.sqlite"
# Messages of tests, of the warm-up and of staff who look something up are not questions of residents.
TEST = "test"
LONGEST = 80
# A month of a whole state has some thousand cells; more than this at once is a fault, not traffic.
MOST_CELLS = 50_000
# Anybody can put a name into a link. Of a month so many are counted by name, all others together: made-up ones cannot
# fill the table, and an office has far fewer.
MOST_CAMPAIGNS = 200
OTHER = "other"
# How long the database may keep a flush waiting, in seconds; an answer never waits for it.
PATIENCE = 5.0

Cell = tuple[str, str, str, str]

_METADATA = sa.MetaData()
sa.Table(
    "counters",
    _METADATA,
    sa.Column("month", sa.String(7), primary_key=True),
    sa.Column("name", sa.String(40), primary_key=True),
    sa.Column("row", sa.String(LONGEST), primary_key=True),
    sa.Column("column", sa.String(LONGEST), primary_key=True),
    sa.Column("n", sa.BigInteger, nullable=False),
)


def file_url(folder: Path) -> str:
    """The URL of the counters in a data folder."""
    return database.file_url(folder / FILE)


class CountersError(RuntimeError):
    """The numbers cannot be read or deleted; the message says why, without any number."""


@dataclass(frozen=True)
class Counted:
    """What is counted of one answered message.

    `moment` is aware and in Berlin's time. `outcome` is one of OUTCOMES. `new_question`: the conversation has not been
    about this topic before. `placed`: the topic is not new, but where the person asks for it is known only now; the
    question then moves from "unknown" to its district. `district` is a Kreis by its id in data/places.yml, such as
    landkreis-goerlitz. `services` are the cards shown, each
    with whether its details may be out of date. `missing`: a place was known and no service could be shown there.
    """

    moment: datetime
    channel: str
    language: str
    outcome: str
    topic: str = ""
    new_question: bool = False
    district: str = ""
    campaign: str = ""
    services: tuple[tuple[str, bool], ...] = ()
    missing: bool = False
    placed: bool = False


class Counters:
    """Numbers under an SQLAlchemy URL such as sqlite:////var/lib/wegweiser/counters.sqlite; safe to use from threads.

    Nothing is opened before the first flush, so a database that is away does not keep the assistant from starting.
    ValueError when the URL is none.
    """

    def __init__(self, url: str) -> None:
        self.oldest: Callable[[], str] | None = None  # the first month that is kept
        self._waiting: dict[Cell, int] = {}
        self._lock = threading.Lock()
        self._flushing = threading.Lock()
        self._full = self._failing = False
        self._database = database.Database(url, _METADATA, PATIENCE, store="counters")
        self._table = self._database.table("counters")
        self.writable = self._database.writable

    def count(self, counted: Counted) -> None:
        """Add one message to the numbers in memory; test traffic is left out."""
        if counted.campaign == TEST:
            return
        month = counted.moment.isoformat()[:7]
        with self._lock:
            for name, row, column, n in _cells(counted):
                self._add((month, name, _value(row), _value(column)), n)

    def flush(self) -> bool:
        """Write what was counted; False when the database cannot be written: the numbers wait for the next flush."""
        with self._flushing:
            with self._lock:
                taken, self._waiting = self._waiting, {}
                self._full = False
            if not taken:
                return True
            try:
                with self._database.begin() as connection:
                    # Sorted: two processes that lock the same rows in the same order do not wait for each other for ever.
                    cells = sorted(self._named(connection, taken).items())
                    rows = [dict(zip(_KEYS, cell, strict=True), n=n) for cell, n in cells if n]
                    if rows:
                        connection.execute(self._upsert(), rows)
                if self._failing:
                    logger.warning("counters are written again")
                self._failing = False
                return True
            except Exception as exc:  # whatever it is: counting must not end
                STORE_FAULTS.labels("counters").inc()
                if not self._failing:  # it is tried again every few seconds
                    logger.error("counters could not be written: %s; they wait", exc.__class__.__name__)
                self._failing = True
                with self._lock:
                    for cell, n in taken.items():
                        self._add(cell, n)
                return False

    def month(self, month: str) -> dict[str, dict[tuple[str, str], int]]:
        """Every table of TABLES for a month such as "2026-10": (row, column) to its number, always above zero.

        ValueError when it is no month, CountersError when the database cannot be read.
        """
        found: dict[str, dict[tuple[str, str], int]] = {name: {} for name in TABLES}
        columns = self._table.c
        query = sa.select(columns.name, columns.row, columns.column, columns.n)
        query = query.where(columns.month == check_month(month))
        for name, row, column, n in self._read(query):
            if name in found and n > 0:
                found[name][(row, column)] = int(n)
        return found

    def months(self) -> list[str]:
        """The months with numbers, oldest first; CountersError when the database cannot be read."""
        columns = self._table.c
        query = sa.select(columns.month).where(columns.n > 0).distinct().order_by(columns.month)
        return [str(row[0]) for row in self._read(query)]

    def drop_before(self, month: str) -> int:
        """Delete the months before this one; returns how many numbers. CountersError when that is not possible."""
        old = self._table.delete().where(self._table.c.month < check_month(month))
        try:
            with self._database.begin() as connection:
                return int(connection.execute(old).rowcount)
        except SQLAlchemyError as exc:
            raise CountersError(f"old numbers cannot be deleted ({exc.__class__.__name__})") from exc

    def sweep(self) -> None:
        """Delete the months before the one that `oldest` says; it waits for the database."""
        if self.oldest is None:
            return
        try:
            self.drop_before(self.oldest())
        except CountersError as exc:  # the next one is in an hour
            logger.error("counters: %s", exc)

    def close(self) -> None:
        """Write what waits and let the database go."""
        self.flush()
        self._database.close()

    def _add(self, cell: Cell, n: int) -> None:
        if cell in self._waiting or len(self._waiting) < MOST_CELLS:
            self._waiting[cell] = self._waiting.get(cell, 0) + n
        elif not self._full:
            self._full = True
            logger.error("too many numbers wait to be written: new ones are not counted")

    def _named(self, connection: Any, taken: dict[Cell, int]) -> dict[Cell, int]:
        """The same numbers, those of campaigns beyond the most of a month under one name."""
        columns, name = self._table.c, "questions_campaign"
        known: dict[str, set[str]] = {}
        found: dict[Cell, int] = {}
        for cell, n in taken.items():
            month, table, row, campaign = cell
            if table == name and campaign != UNKNOWN:
                if month not in known:
                    query = sa.select(columns.column).where(columns.month == month, columns.name == name).distinct()
                    known[month] = {str(read[0]) for read in connection.execute(query)}
                if campaign not in known[month] and len(known[month] - {UNKNOWN, OTHER}) >= MOST_CAMPAIGNS:
                    cell = (month, table, row, OTHER)
                known[month].add(cell[3])
            found[cell] = found.get(cell, 0) + n
        return found

    def _read(self, query: Any) -> list[Any]:
        self.flush()
        try:
            with self._database.begin() as connection:
                return list(connection.execute(query))
        except SQLAlchemyError as exc:
            raise CountersError(f"the numbers cannot be read ({exc.__class__.__name__})") from exc

    def _upsert(self) -> Any:
        statement = self._database.insert(self._table)
        return statement.on_conflict_do_update(
            index_elements=list(_KEYS), set_={"n": self._table.c.n + statement.excluded.n}
        )


def check_month(month: str) -> str:
    """The month itself; ValueError when it is not written like "2026-10"."""
    if not re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", month):
        raise ValueError("a month is written like 2026-10")
    return month


def months_ago(moment: datetime, months: int) -> str:
    """The month so many before a moment's own: 36 before October 2026 is "2023-10"."""
    whole = moment.year * 12 + moment.month - 1 - months
    return f"{whole // 12:04d}-{whole % 12 + 1:02d}"


_KEYS = ("month", "name", "row", "column")


def _cells(counted: Counted) -> Iterator[tuple[str, str, str, int]]:
    """(table, row, column, how much) of one message."""
    outcome, topic, district = counted.outcome, counted.topic, counted.district
    moment = counted.moment.isoformat()
    yield "messages_language", outcome, counted.language, 1
    yield "messages_channel", outcome, counted.channel, 1
    yield "messages_hour", outcome, moment[11:13], 1
    yield "messages_day", outcome, moment[:10], 1
    if topic and counted.new_question:
        yield "questions_language", topic, counted.language, 1
        yield "questions_district", topic, district, 1
        yield "questions_channel", topic, counted.channel, 1
        yield "questions_campaign", topic, counted.campaign, 1
    elif topic and counted.placed and district:
        yield "questions_district", topic, UNKNOWN, -1
        yield "questions_district", topic, district, 1
    if topic and (counted.new_question or counted.placed):
        if counted.missing:
            yield "services_missing", topic, district, 1
        if any(stale for _, stale in counted.services):
            yield "services_stale", topic, district, 1
    for service, stale in counted.services:
        yield "services_shown", service, "stale" if stale else "fresh", 1


def _value(raw: str) -> str:
    """A value as it is stored; what a database would refuse would stop every later flush as well."""
    if not raw.isprintable():
        raw = "".join(c for c in raw if c.isprintable())
    return raw[:LONGEST] or UNKNOWN
