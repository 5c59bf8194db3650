"""Who talks with a person now, and what is still to be passed on to that person.

A row lives as long as the conversation with the person: until one of both ends it, or nobody has written for 72 hours.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from bot.handover.sealed import Seal, erase, open_file
from bot.keys import Keys
from bot.operations.schema import Schema

FILE = "handover.sqlite"
IDLE_SECONDS = 72 * 3600.0
SEEN_SECONDS = 7 * 86_400.0
# Messages of one conversation that wait for the office's system.
MOST_WAITING = 20
_FIRST = """
CREATE TABLE IF NOT EXISTS talks (
    conversation TEXT PRIMARY KEY, ref TEXT NOT NULL UNIQUE, since REAL NOT NULL, active REAL NOT NULL,
    answered INTEGER NOT NULL DEFAULT 0, language TEXT NOT NULL, chat BLOB
);
CREATE TABLE IF NOT EXISTS outbox (id INTEGER PRIMARY KEY, conversation TEXT NOT NULL, taken REAL NOT NULL, content BLOB);
CREATE TABLE IF NOT EXISTS seen (id TEXT PRIMARY KEY, at REAL NOT NULL);
"""
SCHEMA = Schema("handover", (_FIRST,))


@dataclass(frozen=True)
class Talk:
    """One conversation with a person: its pseudonym, its ticket, the language, since when and last when (Unix time).

    `chat` is where Telegram delivers to, "" for channels that need none. `answered`: the counsellor has written.
    """

    conversation: str
    ref: str
    language: str
    since: float
    active: float
    answered: bool
    chat: str


class Desk:
    """The conversations with persons, in SQLite; chat ids and waiting messages are encrypted."""

    def __init__(self, path: Path | str, secret: bytes | Keys, clock: Callable[[], float] = time.time) -> None:
        self._seal = Seal(secret, "handover-desk")
        self._clock = clock
        self._db = open_file(path, SCHEMA, frozenset({"outbox"}))
        self.writable = self._db.writable
        self._renew()
        # Asked for every message of everybody: the ids are kept at hand.
        self._talking = {str(row[0]) for row in self._db.execute("SELECT conversation FROM talks")}

    def talks(self, conversation: str) -> bool:
        """Whether this conversation is with a person now."""
        return conversation in self._talking

    def begin(self, conversation: str, ref: str, language: str) -> None:
        """A person of the office has it now."""
        now = self._clock()
        self._db.execute(
            "INSERT OR REPLACE INTO talks (conversation, ref, since, active, language) VALUES (?, ?, ?, ?, ?)",
            (conversation, ref, now, now, language),
        )
        self._talking.add(conversation)

    def reach(self, conversation: str, chat: str) -> None:
        """Remember where answers go to, for a channel that has to know."""
        self._db.execute(
            "UPDATE talks SET chat = ? WHERE conversation = ?", (self._seal.close(chat) if chat else None, conversation)
        )

    def touch(self, conversation: str, language: str = "", answered: bool = False) -> None:
        """Somebody wrote just now."""
        self._db.execute(
            "UPDATE talks SET active = ?, answered = max(answered, ?), language = coalesce(nullif(?, ''), language)"
            " WHERE conversation = ?",
            (self._clock(), int(answered), language, conversation),
        )

    def get(self, conversation: str) -> Talk | None:
        """The conversation with a person that goes on under this pseudonym."""
        return self._one("conversation", conversation)

    def of_ref(self, ref: str) -> Talk | None:
        """The conversation of a ticket."""
        return self._one("ref", ref)

    def waiting(self) -> int:
        """How many have not been answered yet."""
        return int(self._db.execute("SELECT count(*) FROM talks WHERE answered = 0").fetchone()[0])

    def count(self) -> int:
        """How many there are."""
        return len(self._talking)

    def end(self, conversation: str) -> Talk | None:
        """Delete all about it; what it was, None when there was none."""
        talk = self.get(conversation)
        self._db.execute("DELETE FROM outbox WHERE conversation = ?", (conversation,))
        self._db.execute("DELETE FROM talks WHERE conversation = ?", (conversation,))
        self._talking.discard(conversation)
        if talk is not None:
            erase(self._db)
        return talk

    def rename(self, before: str, now: str) -> None:
        """The conversation `before` has the pseudonym `now` since the secret was changed."""
        if before in self._talking:
            for table in ("talks", "outbox"):
                self._db.execute(f"UPDATE {table} SET conversation = ? WHERE conversation = ?", (now, before))
            self._talking.discard(before)
            self._talking.add(now)

    def idle(self) -> list[Talk]:
        """Those in which nobody has written for 72 hours."""
        now = self._clock()
        limit = now - IDLE_SECONDS
        # Of a clock that was ahead: they would never be idle.
        self._db.execute("UPDATE talks SET active = ? WHERE active > ?", (now, now + 3600))
        rows = self._db.execute("SELECT conversation FROM talks WHERE active < ?", (limit,)).fetchall()
        found = (self.get(row[0]) for row in rows)
        return [talk for talk in found if talk is not None]

    # messages on their way to the office
    def put(self, conversation: str, text: str) -> bool:
        """Keep a message until it is delivered; False when too many wait already."""
        count = self._db.execute("SELECT count(*) FROM outbox WHERE conversation = ?", (conversation,)).fetchone()[0]
        if count >= MOST_WAITING:
            return False
        self._db.execute(
            "INSERT INTO outbox (conversation, taken, content) VALUES (?, ?, ?)",
            (conversation, self._clock(), self._seal.close(text)),
        )
        return True

    def next(self, conversation: str) -> tuple[int, float, str] | None:
        """Number, age in seconds and text of the oldest message that waits."""
        row = self._db.execute(
            "SELECT id, taken, content FROM outbox WHERE conversation = ? ORDER BY id LIMIT 1", (conversation,)
        ).fetchone()
        return (int(row[0]), self._clock() - float(row[1]), str(self._seal.open(row[2]) or "")) if row else None

    def delivered(self, number: int) -> None:
        """Forget a message that waited."""
        self._db.execute("DELETE FROM outbox WHERE id = ?", (number,))
        erase(self._db)

    def undelivered(self) -> list[str]:
        """Conversations with messages that wait."""
        return [str(row[0]) for row in self._db.execute("SELECT DISTINCT conversation FROM outbox")]

    # what the office's system has told us
    def first_time(self, key: str) -> bool:
        """True once for each key."""
        made = self._db.execute("INSERT OR IGNORE INTO seen VALUES (?, ?)", (key, self._clock()))
        return made.rowcount == 1

    def sweep(self) -> None:
        """Forget which calls were seen a week ago."""
        if self._db.execute("DELETE FROM seen WHERE at < ?", (self._clock() - SEEN_SECONDS,)).rowcount:
            erase(self._db)

    def shift(self, seconds: float) -> None:
        """The clock was set by so many seconds: everything stays as old as it is."""
        self._db.execute("UPDATE talks SET since = since + ?, active = active + ?", (seconds, seconds))
        self._db.execute("UPDATE outbox SET taken = taken + ?", (seconds,))
        self._db.execute("UPDATE seen SET at = at + ?", (seconds,))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _renew(self) -> None:
        """Write anew with the secret of now what the former one closed, which will soon be gone."""
        for table, column, key in (("talks", "chat", "conversation"), ("outbox", "content", "id")):
            for name, content in self._db.execute(f"SELECT {key}, {column} FROM {table}").fetchall():
                renewed = self._seal.renewed(content) if content else None
                if renewed is not None:
                    self._db.execute(f"UPDATE {table} SET {column} = ? WHERE {key} = ?", (renewed, name))

    def _one(self, column: str, value: str) -> Talk | None:
        row = self._db.execute(
            f"SELECT conversation, ref, language, since, active, answered, chat FROM talks WHERE {column} = ?", (value,)
        ).fetchone()
        if row is None:
            return None
        chat = str(self._seal.open(row[6]) or "") if row[6] else ""
        return Talk(str(row[0]), str(row[1]), str(row[2]), float(row[3]), float(row[4]), bool(row[5]), chat)
