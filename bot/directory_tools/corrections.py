"""The queue of corrections that people reported: which record, which field, which day, how often. Nothing else.

No text of a person and nothing about them comes in here, and nothing in the directory changes by itself.
"""

from __future__ import annotations

import fcntl
import json
import logging
import os
import re
import tempfile
import threading
from collections.abc import Container, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any

from actions.directory.model import DirectoryError, load_records
from bot.settings import ROOT, Settings

if TYPE_CHECKING:
    from bot.directory_tools.shared_corrections import SharedCorrections

logger = logging.getLogger(__name__)

FIELDS = ("phone", "address", "hours", "closed", "other")
FILE = "corrections.jsonl"
MAX_BYTES = 1_000_000
MAX_COUNT = 1_000_000
SERVICE_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:-]{0,199}")


@dataclass(frozen=True, slots=True)
class Correction:
    """One line of the queue: `what` is one of FIELDS, `day` an ISO date, `count` how often it was reported that day."""

    id: str
    what: str
    day: str
    count: int


class CorrectionsAway(DirectoryError):
    """The database of the queue cannot be used now; the message says why."""


class Corrections:
    """The queue in one file. Safe for threads and for a second process on the same machine.

    `known` says which ids exist; without it these are the records of data/services, read once when first needed.
    """

    def __init__(self, path: Path, known: Container[str] | None = None) -> None:
        self._path = Path(path)
        self._known = known
        self._lock = threading.Lock()

    def report(self, service_id: str, what: str, day: date) -> bool:
        """Add one report; the same record, field and day is only counted up.

        False, and nothing kept, for an unknown id or field, a full queue, or a disk that cannot be written. Reads and
        writes the file, up to 1 MB, so it takes some milliseconds.
        """
        if not takes(service_id, what):
            return False
        try:
            if service_id not in self._ids():
                return False
            with self._held():
                return self._write(_counted(self._read(), service_id, what, date(day.year, day.month, day.day)))
        except (OSError, DirectoryError) as exc:
            logger.warning("a correction could not be kept (%s)", exc.__class__.__name__)
            return False

    def entries(self) -> list[Correction]:
        """The queue, oldest report first; lines that cannot be read are left out. OSError when the file cannot be."""
        with self._lock:
            return self._read()

    def done(self, number: int) -> Correction | None:
        """Take out the entry with this number, counted from 1 in the order of `entries`; None when there is none."""
        if not self._path.parent.is_dir():
            return None
        with self._held():
            entries = self._read()
            if not 1 <= number <= len(entries):
                return None
            self._write([*entries[: number - 1], *entries[number:]])
            return entries[number - 1]

    def _ids(self) -> Container[str]:
        if self._known is None:
            self._known = directory_ids()
        return self._known

    @contextmanager
    def _held(self) -> Iterator[None]:
        """The lock of this process and, on the folder, of all processes: the file itself is replaced at each write."""
        with self._lock:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            folder = os.open(self._path.parent, os.O_RDONLY)
            try:
                fcntl.flock(folder, fcntl.LOCK_EX)
                yield
            finally:
                os.close(folder)

    def _read(self) -> list[Correction]:
        try:
            with self._path.open("rb") as file:
                lines = file.read(MAX_BYTES).splitlines()
        except FileNotFoundError:
            return []
        return [entry for entry in map(_entry, lines) if entry is not None]

    def _write(self, entries: list[Correction]) -> bool:
        """Replace the file; False when the queue would become too large."""
        content = "".join(json.dumps(asdict(entry)) + "\n" for entry in entries).encode()
        if len(content) > MAX_BYTES:
            logger.warning("the queue of corrections is full: see `wegweiser directory corrections`")
            return False
        handle, draft = tempfile.mkstemp(dir=self._path.parent, prefix=f".{self._path.name}.", suffix=".tmp")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(draft, self._path)
        except BaseException:
            Path(draft).unlink(missing_ok=True)
            raise
        return True


def open_corrections(settings: Settings, known: Container[str] | None = None) -> Corrections | SharedCorrections:
    """The queue of this installation: in the PostgreSQL of all processes, or a file of the data folder."""
    if not settings.database_url:
        return Corrections(settings.data_dir / FILE, known)
    from bot.directory_tools.shared_corrections import SharedCorrections

    return SharedCorrections(settings.database_url, known)


def takes(service_id: object, what: object) -> bool:
    """Whether this may be an entry."""
    return what in FIELDS and isinstance(service_id, str) and SERVICE_ID.fullmatch(service_id) is not None


def directory_ids() -> Container[str]:
    """The ids of the embedded directory's records."""
    return {str(record.get("id")) for record in load_records(ROOT / "data" / "services")}


def _counted(entries: list[Correction], service_id: str, what: str, day: date) -> list[Correction]:
    stamp = day.isoformat()
    for number, entry in enumerate(entries):
        if (entry.id, entry.what, entry.day) == (service_id, what, stamp):
            more = replace(entry, count=min(entry.count + 1, MAX_COUNT))
            return [*entries[:number], more, *entries[number + 1 :]]
    return [*entries, Correction(service_id, what, stamp, 1)]


def _entry(line: bytes) -> Correction | None:
    try:
        row: Any = json.loads(line)
        entry = Correction(row["id"], row["what"], date.fromisoformat(row["day"]).isoformat(), row["count"])
    except (ValueError, KeyError, TypeError, RecursionError):
        return None
    sound = isinstance(entry.id, str) and SERVICE_ID.fullmatch(entry.id) and entry.what in FIELDS
    return entry if sound and type(entry.count) is int and 1 <= entry.count <= MAX_COUNT else None
