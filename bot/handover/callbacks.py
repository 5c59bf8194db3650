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
from bot.handover.sealed import Seal, open_file

FILE = "callbacks.sqlite"
KEPT_SECONDS = 14 * 86_400.0
MOST = 500
# Numbers of one conversation a day.
A_DAY = 3
BERLIN = ZoneInfo("Europe/Berlin")
_SCHEMA = "CREATE TABLE IF NOT EXISTS callbacks (id TEXT PRIMARY KEY, taken REAL NOT NULL, content BLOB NOT NULL);"


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
        secret: bytes,
        *,
        topic: Callable[[str], str] = as_it_is,
        place: Callable[[str], str] = as_it_is,
        language: Callable[[str], str] = as_it_is,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self._seal = Seal(secret, "callbacks")
        self._key = hmac.new(secret, b"callback-ids", hashlib.sha256).digest()
        self._topic, self._place, self._language = topic, place, language
        self._clock = clock
        # Staff pages read in a thread of their own.
        self._lock = threading.RLock()
        self._rate = RateLimit(A_DAY, 86_400.0)
        self._db = open_file(path, _SCHEMA)
        self.sweep()

    def add(self, conversation: str, number: str, language: str, place: str, topic: str) -> bool:
        """Note a number; a number noted already is noted anew. False when there are too many."""
        with self._lock:
            self.sweep()
            key = hmac.new(self._key, number.encode(), hashlib.sha256).hexdigest()[:24]
            known = self._db.execute("SELECT 1 FROM callbacks WHERE id = ?", (key,)).fetchone()
            full = self._db.execute("SELECT count(*) FROM callbacks").fetchone()[0] >= MOST
            if (full and not known) or not self._rate.allows(conversation):
                return False
            content = self._seal.close([conversation, number, language, place, topic])
            self._db.execute("INSERT OR REPLACE INTO callbacks VALUES (?, ?, ?)", (key, self._clock(), content))
            return True

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
            return bool(self._db.execute("DELETE FROM callbacks WHERE id = ?", (key,)).rowcount)

    def forget(self, conversation: str) -> None:
        """Delete what a conversation asked for whose person had everything deleted."""
        with self._lock:
            for key, content in self._db.execute("SELECT id, content FROM callbacks").fetchall():
                row = self._seal.open(content)
                if isinstance(row, list) and row and row[0] == conversation:
                    self.done(str(key))

    def sweep(self) -> int:
        """Delete what is older than 14 days; how many."""
        with self._lock:
            limit = self._clock() - KEPT_SECONDS
            return int(self._db.execute("DELETE FROM callbacks WHERE taken < ?", (limit,)).rowcount)

    def close(self) -> None:
        """Close the file."""
        self._db.close()
