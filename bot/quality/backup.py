"""`wegweiser backup` and `wegweiser restore`: what cannot be made again, encrypted with age before it reaches a disk.

Kept are the numbers of the report, corrections, goals and legal texts, and what `--with` names. Conversations,
call-backs and messages are left out: a backup outlives their time. So is the secret: in a backup, a former one could
not be destroyed, and without it nothing ends but the conversations that are open.
"""

from __future__ import annotations

import io
import os
import shutil
import sqlite3
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path, PurePosixPath
from typing import IO

from bot.memory.counters import FILE as COUNTERS
from bot.settings import Settings

CORRECTIONS = "corrections.jsonl"
DUMP = "counters.sql"
RESTORED = "restored"


class BackupError(RuntimeError):
    """No backup was made or nothing was restored; the message says why."""


def backup(settings: Settings, to: Path, recipients: Sequence[str], more: Sequence[Path] = ()) -> int:
    """Write an encrypted archive; 1 with the reason when that is not possible, and then there is no file."""
    try:
        if not recipients:
            raise BackupError("name who may open it with --recipient age1…; `age-keygen` makes such a key")
        if to.exists():
            raise BackupError(f"{to} is there already")
        missing = [str(path) for path in more if not path.exists()]
        if missing:
            raise BackupError(f"not found: {', '.join(missing)}")
        names = _write(settings, to, recipients, more)
    except (BackupError, OSError, sqlite3.Error) as exc:
        print(f"wegweiser backup: {exc}", file=sys.stderr)
        return 1
    if settings.database_url:
        print("wegweiser backup: numbers and corrections are in PostgreSQL: see docs/scaling.md", file=sys.stderr)
    print(f"{to}: {', '.join(names) or 'nothing yet'}")
    return 0


def restore(settings: Settings, source: Path, identity: Path) -> int:
    """Bring an archive back into an installation that has none of its files; 1 with the reason, and then nothing changed.

    What is not in the data folder otherwise, such as legal texts, is put into its folder `restored`.
    """
    try:
        names = _read(settings.data_dir, source, identity)
    except (BackupError, OSError, sqlite3.Error, tarfile.TarError) as exc:
        print(f"wegweiser restore: {exc}", file=sys.stderr)
        return 1
    print(f"{settings.data_dir}: {', '.join(names)}")
    return 0


def _write(settings: Settings, to: Path, recipients: Sequence[str], more: Sequence[Path]) -> list[str]:
    part = to.with_name(f"{to.name}.part")
    command = [_age(), *(word for name in recipients for word in ("--recipient", name))]
    try:
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            with _running(command, stdin=subprocess.PIPE, stdout=file) as age:
                assert age.stdin is not None
                with age.stdin, tarfile.open(fileobj=age.stdin, mode="w|") as archive:
                    names = list(_add(archive, settings, more))
            file.flush()
            os.fsync(file.fileno())
        os.replace(part, to)
    finally:
        part.unlink(missing_ok=True)
    return names


def _add(archive: tarfile.TarFile, settings: Settings, more: Sequence[Path]) -> Iterator[str]:
    """Put everything into the archive; the names of what was there."""
    if not settings.database_url and (settings.data_dir / COUNTERS).exists():
        content = dump(settings.data_dir / COUNTERS).encode("utf-8")
        row = tarfile.TarInfo(DUMP)
        row.size, row.mode, row.mtime = len(content), 0o600, int(time.time())
        archive.addfile(row, io.BytesIO(content))
        yield COUNTERS
    given = [settings.data_dir / CORRECTIONS, settings.legal_dir, settings.goals, *more]
    for path in given:
        if path is not None and path.exists():
            inside = CORRECTIONS if path.name == CORRECTIONS else f"{RESTORED}/{path.absolute().name}"
            archive.add(path, inside)
            yield path.name


def dump(path: Path) -> str:
    """A database as SQL, as it was at one moment, while others write to it."""
    source = closing(sqlite3.connect(f"file:{path.absolute()}?mode=ro", uri=True))
    with source as original, closing(sqlite3.connect(":memory:")) as copy:
        original.backup(copy)
        version = int(copy.execute("PRAGMA user_version").fetchone()[0])
        return "\n".join([f"PRAGMA user_version={version};", *copy.iterdump()])


def _read(folder: Path, source: Path, identity: Path) -> list[str]:
    folder.mkdir(parents=True, exist_ok=True)
    taken = [name for name in (COUNTERS, CORRECTIONS, RESTORED) if (folder / name).exists()]
    if taken:
        raise BackupError(f"{folder} holds {', '.join(taken)} already: move that away first")
    for path in (source, identity):
        if not path.is_file():
            raise BackupError(f"not found: {path}")
    with tempfile.TemporaryDirectory(prefix=".restore-", dir=folder) as name:
        new = Path(name)
        with _running([_age(), "--decrypt", "--identity", str(identity), str(source)], stdout=subprocess.PIPE) as age:
            assert age.stdout is not None
            _extract(age.stdout, new)
        if (new / DUMP).exists():
            with closing(sqlite3.connect(new / COUNTERS)) as connection:
                connection.executescript((new / DUMP).read_text("utf-8"))
            (new / DUMP).unlink()
        # Only now, when all of it was read and was whole.
        found = [path.name for path in sorted(new.iterdir())]
        for file in found:
            os.replace(new / file, folder / file)
    return found


def _extract(stream: IO[bytes], folder: Path) -> None:
    """Files and folders only, nothing outside the folder."""
    try:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for row in archive:
                name = PurePosixPath(row.name)
                known = name.parts[:1] == (RESTORED,) or str(name) in (DUMP, CORRECTIONS)
                if name.is_absolute() or ".." in name.parts or not known or not (row.isfile() or row.isdir()):
                    raise BackupError("this archive was not made by `wegweiser backup`")
                target = folder / name
                if row.isdir():
                    target.mkdir(parents=True, exist_ok=True)
                    continue
                target.parent.mkdir(parents=True, exist_ok=True)
                content = archive.extractfile(row)
                assert content is not None
                with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
                    shutil.copyfileobj(content, file)
        while stream.read(1 << 16):
            pass  # what stands behind the last file: age has then checked everything
    except tarfile.ReadError as exc:  # what age says is the reason
        raise _NoArchive("the archive is not whole") from exc


class _NoArchive(BackupError):
    """There was nothing to read; age may say why."""


@contextmanager
def _running(command: list[str], **streams: object) -> Iterator[subprocess.Popen[bytes]]:
    """age while the block runs; what it says is the BackupError when it fails."""
    with tempfile.TemporaryFile() as said:
        with subprocess.Popen(command, stderr=said, **streams) as age:  # type: ignore[call-overload]
            failure: Exception | None = None
            try:
                yield age
            except (BrokenPipeError, _NoArchive) as exc:
                failure = exc
            except BaseException:
                age.kill()
                raise
            code = age.wait()
        if code != 0:
            said.seek(0)
            words = said.read().decode("utf-8", "replace").strip().splitlines()
            raise BackupError(f"age failed: {words[0].removeprefix('age: ') if words else f'code {code}'}")
        if failure is not None:
            raise BackupError(str(failure))


def _age() -> str:
    found = shutil.which("age")
    if found is None:
        raise BackupError("the program age is missing: `apt-get install age`")
    return found
