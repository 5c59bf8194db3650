"""Which journal on disk a process has for itself, when several may share a folder."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import BinaryIO

from bot.channels.telegram.journal import FILE, Journal

MOST_FILES = 256


class OwnFile:
    """The first journal in a folder that no living process has, held until `close` or the end of the process.

    OSError when the folder cannot be written.
    """

    def __init__(self, folder: Path, secret: bytes) -> None:
        self._secret = secret
        paths = [folder / FILE, *(folder / FILE.replace(".", f"-{number}.") for number in range(2, MOST_FILES))]
        while (lock := _lock(paths[0])) is None:
            del paths[0]
            if not paths:
                raise OSError(f"{folder} holds too many journals of Telegram")
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
            left.close()
            lock.close()

    def close(self) -> None:
        """Close the file and leave it to others."""
        self.journal.close()
        self._lock.close()


def _lock(path: Path) -> BinaryIO | None:
    lock = path.with_suffix(".lock").open("ab")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.close()
        return None
    return lock
