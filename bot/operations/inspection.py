"""What an installation lacks, found on the machine itself: files, disk, limits, clock, versions. `wegweiser doctor`."""

from __future__ import annotations

import contextlib
import os
import re
import resource
import shutil
import sqlite3
import stat
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from urllib.parse import quote

from bot.operations.ports import refusal
from bot.operations.quarantine import is_damage, quarantined
from bot.settings import PREFIX, ROOT, Settings

FAULT, NOTE, OK = "FAULT", "NOTE", "OK"
MEGABYTE = 1024 * 1024
# The data of a year take far less; a journal of the database needs room for a moment.
LITTLE_ROOM, NO_ROOM = 1024 * MEGABYTE, 50 * MEGABYTE
MEMORY_NEEDED = 700 * MEGABYTE
FILES_NEEDED = 4096
# A file of ours cannot be newer than now; so much a clock may be off.
CLOCK_SECONDS = 24 * 3600
BACKUP_DAYS = 35
BACKUPS = Path("/var/backups")
_LOCKED = re.compile(r"^([A-Za-z0-9._-]+)==([^\s;\\]+)", re.M)


@dataclass(frozen=True)
class Finding:
    """`level` is FAULT (it cannot serve as the settings say), NOTE or OK; `do` is what to do about it, "" for nothing."""

    level: str
    what: str
    do: str = ""

    def __str__(self) -> str:
        return f"{self.level} {self.what}" + (f": {self.do}" if self.do else "")


def inspect(settings: Settings, schemas: Mapping[str, int] | None = None) -> list[Finding]:
    """What can be seen without the network. `schemas`: the version of each SQLite file that this program reads."""
    return [
        *data_folder(settings),
        *databases(settings.data_dir, schemas or {}),
        *aside(settings.data_dir),
        *secret(settings),
        *port(settings),
        *numbers(settings),
        *public(settings),
        *clock(settings),
        *versions(),
        *limits(),
        *backups(),
    ]


def data_folder(settings: Settings) -> Iterator[Finding]:
    """Whether there is a folder of ours that can be written, is nobody else's to read, and has room."""
    folder = settings.data_dir
    if not folder.exists():
        yield Finding(NOTE, f"there is no data folder {folder} yet", "it is made at the first start")
        return
    try:
        with tempfile.TemporaryFile(dir=folder) as file:
            file.write(b"x" * 4096)
            file.flush()
        yield Finding(OK, f"the data folder {folder} can be written")
    except OSError as exc:
        what = f"the data folder {folder} cannot be written ({exc.strerror})"
        yield Finding(FAULT, what, f"run this as the service's user, or set {PREFIX}DATA_DIR to another folder")
        return
    state = folder.stat()
    if state.st_uid != os.geteuid():
        yield Finding(NOTE, f"the data folder {folder} belongs to another user", "run this as the service's user")
    if state.st_mode & 0o077:
        mode = stat.S_IMODE(state.st_mode)
        yield Finding(
            NOTE, f"the data folder {folder} has mode {mode:o}: others can look into it", f"chmod 700 {folder}"
        )
    free = shutil.disk_usage(folder).free
    if free < LITTLE_ROOM:
        level = FAULT if free < NO_ROOM else NOTE
        yield Finding(level, f"the disk of {folder} has {free // MEGABYTE} MB left", "make room")


def databases(folder: Path, schemas: Mapping[str, int]) -> Iterator[Finding]:
    """Every SQLite file: readable, sound, of a version this program knows, nobody else's to read."""
    with contextlib.suppress(OSError):
        for path in sorted(folder.glob("*.sqlite")):
            yield _database(path, schemas)
            if path.stat().st_mode & 0o077:
                yield Finding(NOTE, f"{path.name} can be read by other users", f"chmod 600 {path}")


def _database(path: Path, schemas: Mapping[str, int]) -> Finding:
    try:
        with contextlib.closing(sqlite3.connect(f"file:{quote(str(path.absolute()))}?mode=ro", uri=True)) as connection:
            found = str(connection.execute("PRAGMA integrity_check(1)").fetchone()[0])
            version = int(connection.execute("PRAGMA user_version").fetchone()[0])
    except sqlite3.Error as exc:
        if is_damage(exc):
            return _damaged(path)
        return Finding(NOTE, f"{path.name} cannot be looked at now ({exc})", "run this as the service's user")
    if found != "ok":
        return _damaged(path)
    known = schemas.get(path.stem.partition("-")[0])
    if known is not None and version > known:
        what = f"{path.name} has version {version}, and this program knows versions up to {known}"
        return Finding(FAULT, what, "start the newer program again, or restore the backup from before its update")
    older = known is not None and version < known
    state = f"version {version}" + (f", brought up to {known} at the next start" if older else "")
    return Finding(OK, f"{path.name} is sound ({state})")


def _damaged(path: Path) -> Finding:
    do = "stop the server; it is put aside at the next start; counters come back from the backup (docs/operations.md)"
    return Finding(FAULT, f"{path.name} is damaged", do)


def aside(folder: Path) -> Iterator[Finding]:
    """Damaged files that were put aside."""
    for found in quarantined(folder):
        what = f"{found.name} was damaged and put aside on {found.day} ({found.size} bytes)"
        yield Finding(NOTE, what, "look at the disk and its log; the file goes after the retention")


def secret(settings: Settings) -> Iterator[Finding]:
    """The key for pseudonyms and tokens."""
    if settings.secret:
        yield Finding(OK, f"the secret is set by {PREFIX}SECRET")
        return
    path = settings.data_dir / "secret"
    try:
        state = path.stat()
    except FileNotFoundError:
        yield Finding(NOTE, "there is no secret yet", "it is made at the first start; then back it up")
        return
    except OSError as exc:
        yield Finding(FAULT, f"the secret cannot be looked at ({exc.strerror})", "run this as the service's user")
        return
    if state.st_size < 16:
        yield Finding(FAULT, f"the secret in {path} is shorter than 16 characters", "delete it, a new one is made")
    elif state.st_mode & 0o077:
        yield Finding(FAULT, f"the secret in {path} can be read by other users", f"chmod 600 {path}")
    elif not os.access(path, os.R_OK):
        yield Finding(FAULT, f"the secret in {path} cannot be read", "run this as the service's user")
    else:
        yield Finding(OK, "the secret is the service's own")


def port(settings: Settings) -> Iterator[Finding]:
    """Whether the port is free, or this assistant already serves there."""
    host = "127.0.0.1" if settings.host in ("", "0.0.0.0") else settings.host
    status = _status(f"http://{host}:{settings.port}/health")
    if status in (200, 503):
        ready = "ready" if status == 200 else "not ready (see /health)"
        yield Finding(OK if status == 200 else NOTE, f"a server answers on port {settings.port}, {ready}")
        return
    why = refusal(settings.host, settings.port)
    if not why:
        yield Finding(OK, f"port {settings.port} on {settings.host} is free: nothing serves now")
        return
    what = f"port {settings.port} on {settings.host} cannot be used ({why})"
    yield Finding(FAULT, what, f"stop the other program or set {PREFIX}PORT")


def numbers(settings: Settings) -> Iterator[Finding]:
    """Logs and metrics."""
    yield Finding(OK, f"logs are {settings.log_format} from {settings.log_level} on")
    if settings.log_level == "DEBUG":
        yield Finding(NOTE, f"{PREFIX}LOG_LEVEL is DEBUG", "use INFO where people are served")
    if not settings.metrics:
        yield Finding(NOTE, "nobody can watch the numbers", f"set {PREFIX}METRICS (docs/monitoring.md)")
        return
    host, _, number = settings.metrics.rpartition(":")
    if host in ("0.0.0.0", "[::]"):
        do = "let only Prometheus reach that port, or listen on 127.0.0.1"
        yield Finding(NOTE, "the metrics are offered on all addresses without a login", do)
    at = "127.0.0.1" if host in ("0.0.0.0", "[::]") else host
    answers = _status(f"http://{at}:{number}/metrics") == 200
    yield Finding(OK, f"metrics on {settings.metrics}: " + ("they are there" if answers else "nothing answers now"))


def public(settings: Settings) -> Iterator[Finding]:
    """How people reach it."""
    if not settings.public_url:
        yield Finding(NOTE, f"{PREFIX}PUBLIC_URL is not set", "set it to the https address people use")
    elif not settings.public_url.startswith("https://"):
        level = FAULT if settings.telegram_token else NOTE
        more = "; Telegram's webhook does not work with it" if settings.telegram_token else ""
        yield Finding(level, f"{PREFIX}PUBLIC_URL is not https{more}", "have the proxy serve https, docs/operations.md")
    else:
        yield Finding(OK, f"people reach it at {settings.public_url}")
    if settings.public_url and not settings.trusted_proxies:
        do = f"set {PREFIX}TRUSTED_PROXIES, or all who come through it share one allowance"
        yield Finding(NOTE, "no proxy is trusted", do)


def clock(settings: Settings, now: float | None = None) -> Iterator[Finding]:
    """Whether the clock can be right: our own files are not from the future."""
    now = time.time() if now is None else now
    newest = 0.0
    for path in (settings.model, ROOT / "requirements.lock", Path(__file__), settings.data_dir / "secret"):
        with contextlib.suppress(OSError):
            newest = max(newest, path.stat().st_mtime)
    if newest > now + CLOCK_SECONDS:
        days = round((newest - now) / 86400)
        yield Finding(FAULT, f"the clock is wrong: files here are {days} days newer than now", "set it, use NTP")
    else:
        yield Finding(OK, f"the clock is plausible: {time.strftime('%Y-%m-%d %H:%M', time.gmtime(now))} UTC")


def versions(lock: Path = ROOT / "requirements.lock") -> Iterator[Finding]:
    """Python, and packages against the lock; packages that are not there are left aside: the lock has the tests', too."""
    if sys.version_info[:2] != (3, 10):
        yield Finding(FAULT, f"this is Python {sys.version_info[0]}.{sys.version_info[1]}", "Python 3.10 is needed")
    try:
        wanted = _LOCKED.findall(lock.read_text("utf-8"))
    except OSError:
        yield Finding(NOTE, "there is no lock to compare the packages with")
        return
    other = []
    for name, version in wanted:
        with contextlib.suppress(metadata.PackageNotFoundError):
            found = metadata.version(name)
            if found != version:
                other.append(f"{name} {found} instead of {version}")
    if other:
        shown = ", ".join(other[:5]) + (f" and {len(other) - 5} more" if len(other) > 5 else "")
        level = FAULT if any(row.startswith(("rasa ", "rasa-sdk ")) for row in other) else NOTE
        yield Finding(level, f"packages are not those of the lock: {shown}", "make setup")
    else:
        yield Finding(OK, "the packages are those of the lock")


def limits() -> Iterator[Finding]:
    """Open files and memory."""
    files, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    if files != resource.RLIM_INFINITY and files < FILES_NEEDED:
        what = f"a process may open {files} files here"
        yield Finding(NOTE, what, "LimitNOFILE=65536 in the service (deploy/systemd/wegweiser.service)")
    else:
        yield Finding(OK, "enough files may be open")
    memory = _memory()
    if memory is not None and memory < MEMORY_NEEDED:
        what = f"{memory // MEGABYTE} MB of memory are free, a process takes about {MEMORY_NEEDED // MEGABYTE}"
        yield Finding(NOTE, what, "give it more; nothing to do when it serves already")


def backups(folder: Path = BACKUPS, now: float | None = None) -> Iterator[Finding]:
    """The newest backup where docs/operations.md puts it; others are not known here."""
    now = time.time() if now is None else now
    found = [*folder.glob("wegweiser-*.age"), *folder.glob("wegweiser-*.gpg")]
    newest = max((path.stat().st_mtime for path in found), default=0.0)
    if not newest:
        yield Finding(NOTE, f"there is no encrypted backup in {folder}", "docs/operations.md, Backup and restore")
    elif now - newest > BACKUP_DAYS * 86400:
        yield Finding(NOTE, f"the newest backup is {round((now - newest) / 86400)} days old", "look at its timer")
    else:
        yield Finding(OK, "there is a backup of the last month; whether it opens, the restore drill tells")


def _memory() -> int | None:
    """Bytes that are free, by the machine or, if that is less, by the limit of the container."""
    found = []
    with contextlib.suppress(OSError, ValueError):
        row = re.search(r"^MemAvailable:\s+(\d+) kB", Path("/proc/meminfo").read_text(), re.M)
        if row:
            found.append(int(row[1]) * 1024)
    with contextlib.suppress(OSError, ValueError):
        most = Path("/sys/fs/cgroup/memory.max").read_text().strip()
        found.append(int(most) - int(Path("/sys/fs/cgroup/memory.current").read_text()))
    return min(found, default=None)


def _status(address: str) -> int:
    """The status of an HTTP answer within two seconds, 0 for none; never through a proxy."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        with opener.open(address, timeout=2) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as exc:
        return int(exc.code)
    except (OSError, ValueError):
        return 0
