"""A damaged SQLite file is put aside, so that the assistant goes on with a new one; it is deleted after the retention.

What is put aside is called `NAME.corrupt-<day>` and keeps its `-wal` and `-shm`. It may hold what people asked, so it
stays no longer than a conversation would, and no more than KEPT of one name.
"""

from __future__ import annotations

import contextlib
import logging
import os
import re
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

logger = logging.getLogger(__name__)

KEPT = 3
BESIDE = ("-wal", "-shm")
# Reading a larger file through at the start takes seconds; its damage is noticed when the page is read.
CHECKED_BYTES = 64 * 1024 * 1024
_ASIDE = re.compile(r"(?P<name>.+)\.corrupt-(?P<day>\d{4}-\d{2}-\d{2})(?:\.(?P<number>\d{1,4}))?")
# Damaged files that could not be put aside yet.
_stuck: set[Path] = set()
_DAMAGED = ("malformed", "not a database", "unsupported file format", "file is encrypted")
_DISK = ("disk is full", "readonly", "disk i/o error", "unable to open", "locking protocol")


@dataclass(frozen=True)
class PutAside:
    """A damaged file: where it is, the name it had, the day it was put aside (ISO), its size in bytes."""

    path: Path
    name: str
    day: str
    size: int


def is_damage(exc: BaseException) -> bool:
    """Whether an error of sqlite3 says that the file itself is broken, and not the disk, the program or a lock."""
    original = getattr(exc, "orig", None)
    if isinstance(original, BaseException):
        return is_damage(original)
    if not isinstance(exc, sqlite3.DatabaseError):
        return False
    # Python 3.10 gives no code: the plain class stands for SQLITE_CORRUPT, SQLITE_NOTADB and SQLITE_FORMAT.
    return type(exc) is sqlite3.DatabaseError or any(sign in str(exc).lower() for sign in _DAMAGED)


def of_the_disk(exc: BaseException) -> bool:
    """Whether an error of sqlite3 or of the system says that the disk does not take it now, but the file may be sound."""
    original = getattr(exc, "orig", None)
    if isinstance(original, BaseException):
        return of_the_disk(original)
    if isinstance(exc, sqlite3.OperationalError):
        return any(sign in str(exc).lower() for sign in _DISK)
    return isinstance(exc, OSError)


def check(path: Path) -> None:
    """sqlite3.DatabaseError when an SQLite file that is there is damaged, as far as a look of moments tells."""
    if not path.exists() or path.stat().st_size == 0:
        return
    with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as connection:
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
        if path.stat().st_size <= CHECKED_BYTES:
            found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
            if found != "ok":
                raise sqlite3.DatabaseError("database disk image is malformed")


def put_aside(path: Path, today: date | None = None) -> Path | None:
    """Give a damaged file another name; None when the folder cannot be written, and then it is where it was.

    Nobody may have it open. Alerts by log and metric, once each time.
    """
    day = (today or date.today()).isoformat()
    aside = path.with_name(f"{path.name}.corrupt-{day}")
    number = 1
    while aside.exists():
        number += 1
        aside = path.with_name(f"{path.name}.corrupt-{day}.{number}")
    try:
        os.replace(path, aside)
    except FileNotFoundError:
        return None
    except OSError as exc:
        if path not in _stuck:  # it is tried again every few seconds
            logger.error("%s is damaged and cannot be put aside: %s", path.name, exc.strerror)
        _stuck.add(path)
        return None
    _stuck.discard(path)
    for end in BESIDE:
        # A log left behind would be read into the new file.
        with contextlib.suppress(FileNotFoundError):
            os.replace(f"{path}{end}", f"{aside}{end}")
    with contextlib.suppress(OSError):
        os.utime(aside)  # since when it lies aside
        os.chmod(aside, 0o600)
    logger.warning("%s is damaged: it was put aside as %s, and a new one is used", path.name, aside.name)
    _count(path)
    for old in sorted(_of(path), key=lambda found: _since(found.path), reverse=True)[KEPT:]:
        _delete(old.path)
    return aside


def quarantined(folder: Path) -> list[PutAside]:
    """What lies aside in a data folder, by name; [] when the folder cannot be read."""
    return sorted(_found(folder), key=lambda found: found.path.name)


def sweep(folder: Path, seconds: float, now: float | None = None) -> int:
    """Delete what lies aside longer than so many seconds; returns how many files."""
    now = time.time() if now is None else now
    old = [found for found in _found(folder) if now - _since(found.path) > seconds]
    return sum(_delete(found.path) for found in old)


def clear(folder: Path) -> int:
    """Delete all that lies aside; returns how many files."""
    return sum(_delete(found.path) for found in _found(folder))


def _found(folder: Path) -> Iterator[PutAside]:
    with contextlib.suppress(OSError):
        for path in folder.iterdir():
            named = None if path.name.endswith(BESIDE) else _ASIDE.fullmatch(path.name)
            if named is not None:
                with contextlib.suppress(OSError):
                    yield PutAside(path, named["name"], named["day"], path.stat().st_size)


def _of(path: Path) -> list[PutAside]:
    return [found for found in _found(path.parent) if found.name == path.name]


def _since(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return 0.0


def _delete(path: Path) -> int:
    """1 when it is gone. Its blocks are overwritten first, where the disk lets that be."""
    for name in (path, *(Path(f"{path}{end}") for end in BESIDE)):
        with contextlib.suppress(OSError):
            with name.open("r+b") as file:
                left = os.fstat(file.fileno()).st_size
                while left > 0:
                    left -= file.write(bytes(min(left, 1024 * 1024)))
            name.unlink()
    return int(not path.exists())


def _count(path: Path) -> None:
    from bot.operations.metrics import QUARANTINED

    name = path.name.partition(".")[0]
    QUARANTINED.labels("telegram" if name.startswith("telegram-") else name).inc()
