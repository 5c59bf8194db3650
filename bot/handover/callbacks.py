"""Who wants to be called back: encrypted, until the call is made or for 14 days."""

from __future__ import annotations

import hashlib
import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.channels.gate import RateLimit
from bot.handover.sealed import Seal, erase, open_file
from bot.keys import Keys
from bot.operations.schema import Schema

FILE = "callbacks.sqlite"
KEPT_SECONDS = 14 * 86_400.0
MOST = 500
# Numbers of one conversation a day.
A_DAY = 3
BERLIN = ZoneInfo("Europe/Berlin")
_FIRST = "CREATE TABLE IF NOT EXISTS callbacks (id TEXT PRIMARY KEY, taken REAL NOT NULL, content BLOB NOT NULL);"
SCHEMA = Schema("callbacks", (_FIRST,))


@dataclass(frozen=True)
class Callback:
    """One request: `number` as it is dialled from anywhere ("+49341…"), the rest in German words, `day` as ISO date."""

    id: str
    number: str
    language: str
    place: str
    topic: str
    day: str


def as_it_is(value: str) -> str:
    """No words for it."""
    return value


class Callbacks:
    """The open requests. `topic`, `place` and `language` put ids and codes into German words when they are listed."""

    def __init__(
        self,
        path: Path | str,
        secret: bytes | Keys,
        *,
        topic: Callable[[str], str] = as_it_is,
        place: Callable[[str], str] = as_it_is,
        language: Callable[[str], str] = as_it_is,
        clock: Callable[[], float] = time.time,
        deletes: Callable[[], bool] = lambda: True,
    ) -> None:
        keys = Keys.of(secret)
        self._seal = Seal(keys, "callbacks")
        self._key = keys.derived("callback-ids")[0]
        self._topic, self._place, self._language = topic, place, language
        self._clock, self._deletes = clock, deletes
        # Staff pages read in a thread of their own.
        self._lock = threading.RLock()
        self._rate = RateLimit(A_DAY, 86_400.0)
        self._db = open_file(path, SCHEMA)
        self.writable = self._db.writable
        self.sweep()
        self._renew()

    def add(self, conversation: str, number: str, language: str, place: str, topic: str) -> bool:
        """Note a number; a number noted already is noted anew. False when there are too many, or it cannot be kept."""
        with self._lock:
            self.sweep()
            key = self._id(number)
            known = self._db.execute("SELECT 1 FROM callbacks WHERE id = ?", (key,)).fetchone()
            full = self._db.execute("SELECT count(*) FROM callbacks").fetchone()[0] >= MOST
            if (full and not known) or not self._rate.allows(conversation):
                return False
            if not self._db.writable():  # nobody is promised a call that a restart would forget
                return False
            content = self._seal.close([conversation, number, language, place, topic])
            self._db.execute("INSERT OR REPLACE INTO callbacks VALUES (?, ?, ?)", (key, self._clock(), content))
            return self._db.kept

    def list(self) -> list[Callback]:
        """The open requests, the oldest first; those of another secret are left out."""
        with self._lock:
            self.sweep()
            found = []
            for key, taken, content in self._db.execute("SELECT id, taken, content FROM callbacks ORDER BY taken, id"):
                row = self._seal.open(content)
                if isinstance(row, list):
                    _, number, language, place, topic = (str(value) for value in row)
                    day = datetime.fromtimestamp(taken, BERLIN).date().isoformat()
                    words = (self._language(language), self._place(place) if place else "")
                    found.append(Callback(str(key), number, *words, self._topic(topic) if topic else "", day))
            return found

    def done(self, key: str) -> bool:
        """Delete a request whose call was made; False when there is none."""
        with self._lock:
            found = bool(self._db.execute("DELETE FROM callbacks WHERE id = ?", (key,)).rowcount)
            if found:
                erase(self._db)
            return found

    def forget(self, conversation: str) -> None:
        """Delete what a conversation asked for whose person had everything deleted."""
        with self._lock:
            for key, content in self._db.execute("SELECT id, content FROM callbacks").fetchall():
                row = self._seal.open(content)
                if isinstance(row, list) and row and row[0] == conversation:
                    self.done(str(key))

    def rename(self, before: str, now: str) -> None:
        """The conversation `before` has the pseudonym `now` since the secret was changed."""
        with self._lock:
            for key, content in self._db.execute("SELECT id, content FROM callbacks").fetchall():
                row = self._seal.open(content)
                if isinstance(row, list) and row and row[0] == before:
                    content = self._seal.close([now, *row[1:]])
                    self._db.execute("UPDATE callbacks SET content = ? WHERE id = ?", (content, key))

    def sweep(self) -> int:
        """Delete what is older than 14 days; how many."""
        with self._lock:
            if not self._deletes():
                return 0
            now = self._clock()
            limit = now - KEPT_SECONDS
            # Of a clock that was ahead: they would stay until then.
            self._db.execute("UPDATE callbacks SET taken = ? WHERE taken > ?", (now, now + 3600))
            count = int(self._db.execute("DELETE FROM callbacks WHERE taken < ?", (limit,)).rowcount)
            if count:
                erase(self._db)
            return count

    def shift(self, seconds: float) -> None:
        """The clock was set by so many seconds: requests stay as old as they are."""
        with self._lock:
            self._db.execute("UPDATE callbacks SET taken = taken + ?", (seconds,))

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def _id(self, number: str) -> str:
        return hmac.new(self._key, number.encode(), hashlib.sha256).hexdigest()[:24]

    def _renew(self) -> None:
        """Numbers are kept for longer than a former secret: they are written anew with the one of now."""
        for key, content in self._db.execute("SELECT id, content FROM callbacks").fetchall():
            renewed = self._seal.renewed(content)
            if renewed is not None:
                named = (self._id(str(self._seal.open(content)[1])), renewed, key)
                self._db.execute("UPDATE OR REPLACE callbacks SET id = ?, content = ? WHERE id = ?", named)
