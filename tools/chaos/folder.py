"""The data folder as a disk of its own, which can be full or read-only, and files in it that are overwritten."""

from __future__ import annotations

import contextlib
import os
import random
import subprocess
from pathlib import Path

# Room enough not to be called little (bot/operations/readiness.py); it takes memory only as far as it is filled.
SIZE = "128m"
FILLER = "filler"
_BLOCK = 64 * 1024


class DataFolder:
    """A folder; with `own_disk` a small disk in memory is mounted there, which only root can do."""

    def __init__(self, path: Path, own_disk: bool) -> None:
        self.path, self.own_disk = path, own_disk
        path.mkdir(mode=0o700)
        if own_disk:
            _run("mount", "-t", "tmpfs", "-o", f"size={SIZE},mode=700", "wegweiser-chaos", str(path))

    def fill(self) -> None:
        """Leave no room."""
        with (self.path / FILLER).open("wb", buffering=0) as file, contextlib.suppress(OSError):
            while True:
                file.write(bytes(_BLOCK))

    def free(self) -> None:
        """There is room again."""
        (self.path / FILLER).unlink(missing_ok=True)

    def writable(self, yes: bool) -> None:
        """Whether anything in it may be changed; nobody may have a file open for writing when this is taken away.

        OSError when it cannot be done.
        """
        _run("mount", "-o", f"remount,{'rw' if yes else 'ro'}", str(self.path))

    def files(self) -> list[Path]:
        """The SQLite files that are in use."""
        return sorted(self.path.glob("*.sqlite"))

    def overwrite(self, dice: random.Random, whole: bool) -> str:
        """Put garbage into an SQLite file, all of it or one part; the file's name, "" when there is none."""
        found = [path for path in self.files() if path.stat().st_size]
        if not found:
            return ""
        path = dice.choice(found)
        size = path.stat().st_size
        with path.open("r+b") as file:
            if whole:
                file.write(dice.randbytes(size))
            else:
                # Not only the middle: the beginning says what the file is.
                file.seek(dice.choice((0, size // 2 // 4096 * 4096)))
                file.write(dice.randbytes(min(size, 8192)))
        return path.name

    def close(self) -> None:
        """Take the disk away."""
        if self.own_disk and os.path.ismount(self.path):
            self.own_disk = False
            with contextlib.suppress(OSError):
                _run("umount", "-l", str(self.path))


def disk_possible(folder: Path) -> bool:
    """Whether a disk in memory can be mounted here: by root, where the machine lets root do it."""
    if os.geteuid() != 0:
        return False
    place = folder / "try"
    try:
        tried = DataFolder(place, own_disk=True)
    except OSError:
        return False
    tried.close()
    return True


def _run(*command: str) -> None:
    try:
        subprocess.run(command, check=True, capture_output=True, text=True, timeout=30)
    except (subprocess.SubprocessError, OSError) as exc:
        raise OSError(f"{command[0]} failed: {getattr(exc, 'stderr', '') or exc}") from exc
