"""Which journal on disk a process has for itself, when several may share a folder."""

from __future__ import annotations

import fcntl
import logging
from pathlib import Path
from typing import BinaryIO

from bot.channels.telegram.journal import FILE, Journal
from bot.keys import Keys

logger = logging.getLogger(__name__)
MOST_FILES = 256


class OwnFile:
    """The first journal in a folder that no living process has, held until `close` or the end of the process.

    In memory when the folder cannot be written.
    """

    def __init__(self, folder: Path, secret: bytes | Keys) -> None:
        self._secret = secret
        paths = [folder / FILE, *(folder / FILE.replace(".", f"-{number}.") for number in range(2, MOST_FILES))]
        self._lock: BinaryIO | None = None
        self._rest: list[Path] = []
        try:
            while (lock := _lock(paths[0])) is None:
                del paths[0]
                if not paths:
                    raise OSError("it holds too many journals of Telegram")
        except OSError as exc:
            logger.warning("the journal of Telegram is in memory: the data folder cannot be used (%s)", exc.strerror)
            self.journal = Journal(":memory:", secret)
            return
        self._lock = lock
        self._rest = [path for path in paths[1:] if path.exists()]
        self.journal = Journal(paths[0], secret)

    def gather(self) -> None:
        """Bring over what processes left that no longer run, and whose file nobody else has begun to use."""
        for path in self._rest:
            lock = _lock(path)
            if lock is None:
                continue
            left = Journal(path, self._secret)
            for row in left.pending():
                self.journal.take(row)
                left.done(row["update_id"])
            left.erase()
            left.close()
            lock.close()

    def close(self) -> None:
        """Close the file and leave it to others."""
        self.journal.close()
        if self._lock is not None:
            self._lock.close()


def _lock(path: Path) -> BinaryIO | None:
    lock = path.with_suffix(".lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock
