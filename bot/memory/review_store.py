"""The store of messages to learn from (bot/memory/review_queue.py): deleted is erased, order and numbers tell nothing."""

from __future__ import annotations

import json
import logging
import secrets
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Protocol

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from bot.memory.database import AWAY, Database, database_url, file_url, missing_file
from bot.memory.review_tables import TABLES
from bot.settings import Settings

logger = logging.getLogger(__name__)

FILE = "review.sqlite"
ROWS = 5_000
# After so many days a row goes, whoever has read it.
DAYS = 30
# Ten digits: spreadsheets write longer numbers as 1.2E+12.
NUMBERS = 10**10
# Seconds a statement may take.
PATIENCE = 2.0


class ReviewError(RuntimeError):
    """The messages cannot be read or written; the sentence says why, without any of them."""


class ReviewAway(ReviewError):
    """The database cannot be reached now, or is locked; later it may work."""


class Sealing(Protocol):
    """Encrypts and decrypts, as bot/handover/sealed.py does."""

    def close(self, value: Any) -> bytes:
        """A value, encrypted, in ASCII."""

    def open(self, content: bytes) -> Any:
        """The value; None when it was closed with another secret."""

    def renewed(self, content: bytes) -> bytes | None:
        """What the former secret closed, closed with the one of now; None when there is nothing to be done."""


@dataclass(frozen=True)
class Waiting:
    """One kept message; `ranking` are its three likeliest intents, `chosen` the topic pressed, "" when none was."""

    id: int
    text: str
    language: str
    kind: str
    ranking: tuple[tuple[str, float], ...]
    chosen: str
    day: str


class Store:
    """The table behind the queue, in an SQLite file or a PostgreSQL; also what the reviewer's command reads and empties.

    With a `seal` texts are encrypted; rows that it cannot open are not shown. Every call waits for the database, and
    raises ReviewError, or ReviewAway when trying again may help. Several processes may use it at once.
    """

    def __init__(self, place: Path | str, seal: Sealing | None = None) -> None:
        url = file_url(place) if isinstance(place, Path) else place
        self._database = Database(url, TABLES, PATIENCE, erase=True, store="review")
        self._messages, self._closed = self._database.table("messages"), self._database.table("closed")
        self._seal = seal
        self.shared = self._database.shared
        self.writable = self._database.writable

    def add(
        self, content: tuple[str, str, str, str, str, str], salt: bytes, tag: bytes, marks: Collection[bytes] = ()
    ) -> int | None:
        """Keep one message, in the place of one of the oldest when there are too many; returns its random number.

        `content` is language, text, kind, ranking, chosen, day. The `salt` is the message's own: what is there with it
        stays as it is. None, and nothing kept, when the conversation of one of these `marks` is closed.
        """
        language, text, *rest = content
        if self._seal is not None:
            text = self._seal.close(text).decode("ascii")
        values = dict(
            zip(("language", "text", "kind", "ranking", "chosen", "day"), (language, text, *rest), strict=True)
        )
        rows = self._messages
        with self._begin() as connection:
            closed = sa.select(self._closed).where(self._closed.c.mark.in_(list(marks)))
            if marks and connection.execute(closed).first():
                return None
            known = connection.execute(sa.select(rows.c.id).where(rows.c.salt == salt)).scalar()
            if known is not None:
                return int(known)
            count = connection.execute(sa.select(sa.func.count()).select_from(rows)).scalar_one()
            if count >= ROWS:
                oldest = sa.select(rows.c.id).order_by(rows.c.day, rows.c.id).limit(count - ROWS + 1)
                connection.execute(rows.delete().where(rows.c.id.in_(oldest.scalar_subquery())))
            number, written = 0, 0
            while not written:
                number = secrets.randbelow(NUMBERS)
                new = self._database.insert(rows).values(id=number, salt=salt, tag=tag, **values)
                written = connection.execute(new.on_conflict_do_nothing()).rowcount
        return number

    def change(self, salt: bytes, kind: str, chosen: str) -> None:
        """Say more about the message with this salt, if it is kept."""
        rows = self._messages
        with self._begin() as connection:
            connection.execute(rows.update().where(rows.c.salt == salt).values(kind=kind, chosen=chosen))

    def waiting(self) -> list[Waiting]:
        """All messages, in the order of their random numbers."""
        c = self._messages.c
        query = sa.select(c.id, c.text, c.language, c.kind, c.ranking, c.chosen, c.day).order_by(c.id)
        with self._begin() as connection:
            rows = connection.execute(query).all()
        if self._seal is None:
            opened = [row.text for row in rows]
        else:
            opened = [self._seal.open(row.text.encode()) for row in rows]
        return [
            Waiting(row.id, text, row.language, row.kind, _pairs(row.ranking), row.chosen, row.day)
            for row, text in zip(rows, opened, strict=True)
            if isinstance(text, str)
        ]

    def counts(self) -> dict[str, Any]:
        """Counts only: {"total", "oldest" (day or ""), "rows": {(language, kind): n}}."""
        c = self._messages.c
        query = sa.select(c.language, c.kind, sa.func.count(), sa.func.min(c.day)).group_by(c.language, c.kind)
        with self._begin() as connection:
            rows = connection.execute(query).all()
        return {
            "total": sum(row[2] for row in rows),
            "oldest": min((row[3] for row in rows), default=""),
            "rows": {(row[0], row[1]): int(row[2]) for row in rows},
        }

    def tags(self) -> list[tuple[int, bytes, bytes]]:
        """Number, salt and tag of the rows that still have one."""
        c = self._messages.c
        with self._begin() as connection:
            rows = connection.execute(sa.select(c.id, c.salt, c.tag).where(c.tag.is_not(None))).all()
        return [(row.id, bytes(row.salt), bytes(row.tag)) for row in rows]

    def tag(self, number: int, tag: bytes) -> None:
        """Give a row that still has a tag another one."""
        c = self._messages.c
        with self._begin() as connection:
            connection.execute(self._messages.update().where(c.id == number, c.tag.is_not(None)).values(tag=tag))

    def renew(self) -> None:
        """Texts are kept for longer than a former secret: write anew with the one of now what that one closed."""
        if self._seal is None:
            return
        c = self._messages.c
        with self._begin() as connection:
            rows = connection.execute(sa.select(c.id, c.text)).all()
            for row in rows:
                renewed = self._seal.renewed(row.text.encode())
                if renewed is not None:
                    one = self._messages.update().where(c.id == row.id)
                    connection.execute(one.values(text=renewed.decode("ascii")))

    def delete(self, numbers: Collection[int]) -> None:
        """Erase rows, from the file too."""
        if numbers:
            one = self._messages.delete().where(self._messages.c.id == sa.bindparam("number"))
            with self._begin() as connection:
                connection.execute(one, [{"number": number} for number in sorted(numbers)])
            self._truncate()

    def close_conversation(self, mark: bytes, day: date) -> None:
        """Add nothing more of a conversation, in whichever process it goes on, until `sweep` or `open_conversation`."""
        new = self._database.insert(self._closed).values(mark=mark, day=day.isoformat())
        with self._begin() as connection:
            connection.execute(new.on_conflict_do_update(index_elements=["mark"], set_={"day": day.isoformat()}))

    def is_closed(self, mark: bytes) -> bool:
        """Whether nothing more of a conversation may be added."""
        with self._begin() as connection:
            return connection.execute(sa.select(self._closed).filter_by(mark=mark)).first() is not None

    def open_conversation(self, mark: bytes) -> None:
        """Messages of this conversation may be kept again: it was forgotten and begins anew."""
        with self._begin() as connection:
            connection.execute(self._closed.delete().where(self._closed.c.mark == mark))

    def clear(self) -> int:
        """Erase all messages; returns how many there were."""
        with self._begin() as connection:
            count = connection.execute(self._messages.delete()).rowcount
        self._rewrite()
        return int(count)

    def forget_conversations(self) -> int:
        """Erase all that still belongs to a conversation; returns how many messages."""
        with self._begin() as connection:
            count = connection.execute(self._messages.delete().where(self._messages.c.tag.is_not(None))).rowcount
            connection.execute(self._closed.delete())
        self._rewrite()
        return int(count)

    def sweep(self, last_day: date, last_tag: date) -> int:
        """Erase rows of `last_day` and before, and tags and marks of before `last_tag`; returns how many rows went."""
        rows, closed = self._messages, self._closed
        tagged = rows.c.tag.is_not(None) & (rows.c.day < last_tag.isoformat())
        with self._begin() as connection:
            gone = connection.execute(rows.delete().where(rows.c.day <= last_day.isoformat())).rowcount
            changed = connection.execute(rows.update().where(tagged).values(salt=None, tag=None)).rowcount
            changed += connection.execute(closed.delete().where(closed.c.day < last_tag.isoformat())).rowcount
        if gone or changed or self.shared:  # other processes delete, too
            self._rewrite()
        return int(gone)

    def close(self) -> None:
        """Let the database go."""
        self._database.close()

    @contextmanager
    def _begin(self) -> Iterator[sa.engine.Connection]:
        with _explained(), self._database.begin() as connection:
            yield connection

    def _truncate(self) -> None:
        """The log beside the file holds what was deleted until it is written back."""
        if not self.shared:
            with _explained():
                self._database.apart("PRAGMA wal_checkpoint(TRUNCATE)")

    def _rewrite(self) -> None:
        """Leave nothing of deleted rows in the table: PostgreSQL keeps them in it until it is written anew."""
        self._truncate()
        if self.shared:
            try:
                for table in (self._messages, self._closed):
                    self._database.apart(f"VACUUM (FULL) {table.name}")
            except SQLAlchemyError as exc:  # somebody reads it, such as a backup: the next sweep comes
                logger.warning("deleted messages stay in the table for now: %s", exc.__class__.__name__)


def review_url(settings: Settings) -> str:
    """Where this installation keeps messages to learn from."""
    return database_url(settings, FILE)


def queue_counts(place: Path | str) -> dict[str, Any]:
    """Counts only, for the staff page: see Store.counts. `place` is a URL, or the data folder. ReviewError when it is away."""
    url = file_url(place / FILE) if isinstance(place, Path) else place
    if missing_file(url) is not None:
        return {"total": 0, "oldest": "", "rows": {}}
    store = Store(url)
    try:
        return store.counts()
    finally:
        store.close()


def limits(today: date, retention_hours: int) -> tuple[date, date]:
    """What `Store.sweep` needs: the last day whose rows go, and the first day whose rows may still have a tag."""
    return today - timedelta(days=DAYS), today - timedelta(days=-(-retention_hours // 24))


def _pairs(ranking: str) -> tuple[tuple[str, float], ...]:
    return tuple((name, confidence) for name, confidence in json.loads(ranking))


@contextmanager
def _explained() -> Iterator[None]:
    try:
        yield
    except SQLAlchemyError as exc:
        why = f"the messages to learn from cannot be used ({exc.__class__.__name__})"
        raise (ReviewAway if isinstance(exc, AWAY) else ReviewError)(why) from exc
