"""The server's file of conversations seen from outside, while it serves: how much is in it, and a clock that runs faster.

A server keeps conversations for hours. Whoever has not written for `kept` seconds has their time of last use set back
by the whole retention here, as if that had passed; to delete them on time stays the server's own work.
"""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path

AT_ONCE = 200
# As long as the server, which also writes, may be waited for.
PATIENCE_SECONDS = 5.0
_AGE = (
    "UPDATE conversations SET updated = updated - ? WHERE sender IN"
    " (SELECT sender FROM conversations WHERE updated < ? AND updated > ? LIMIT ?)"
)


class StoreOutside:
    """One file. `retention` is what the server has been told, `kept` what the soak makes of it, both in seconds."""

    def __init__(self, path: Path, retention: float, kept: float) -> None:
        if kept >= retention:
            raise ValueError("conversations must be aged before the retention is over")
        self.path, self.retention, self.kept = path, retention, kept
        self._link = sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None, check_same_thread=False)

    def age(self) -> int:
        """Set back who has not written for long; how many conversations."""
        count, now = 0, time.time()
        while True:
            given = (self.retention, now - self.kept, now - self.retention, AT_ONCE)
            changed = self._link.execute(_AGE, given).rowcount
            count += changed
            if changed < AT_ONCE:
                return count

    def rows(self) -> int:
        """Conversations in the file, also those whose time is over but that are not swept yet."""
        return int(self._link.execute("SELECT count(*) FROM conversations").fetchone()[0])

    def holds(self, senders: list[str]) -> int:
        """How many of these conversations are in the file."""
        found = 0
        for sender in senders:
            found += len(self._link.execute("SELECT 1 FROM conversations WHERE sender = ?", (sender,)).fetchall())
        return found

    def megabytes(self) -> float:
        """The file with its journal."""
        files = (self.path, self.path.with_name(f"{self.path.name}-wal"))
        return round(sum(file.stat().st_size for file in files if file.exists()) / 2**20, 3)

    def close(self) -> None:
        """Leave the file to the server."""
        self._link.close()
