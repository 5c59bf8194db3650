"""Small real disks for tests: one that is soon full, and one that can be made read-only."""

from __future__ import annotations

import contextlib
import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest


@contextlib.contextmanager
def small_disk(folder: Path, size: str = "256k") -> Iterator[Path]:
    """A file system of this size in memory; skips where it cannot be mounted, which CI must not do."""
    folder.mkdir(parents=True, exist_ok=True)
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0700", "tmpfs", str(folder)],
        capture_output=True, text=True, timeout=30, check=False,
    ) if os.geteuid() == 0 else None  # fmt: skip
    if done is None or done.returncode:
        pytest.skip("a file system can be mounted only by root: " + (done.stderr.strip() if done else "not root"))
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", str(folder)], timeout=30, check=False)


def read_only(folder: Path, yes: bool) -> None:
    """Mount the disk again so that it takes no writes, or takes them again."""
    options = "remount,ro" if yes else "remount,rw"
    done = subprocess.run(
        ["mount", "-o", options, str(folder)], capture_output=True, text=True, timeout=30, check=False
    )
    if done.returncode:
        pytest.skip(f"the disk cannot be mounted again: {done.stderr.strip()}")


def fill(folder: Path) -> Path:
    """Write until nothing goes in any more; gives the file to delete when there shall be room again."""
    path = folder / "filler"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (16384, 4096, 512, 1):
            with contextlib.suppress(OSError):
                while True:
                    os.write(descriptor, b"x" * size)
    finally:
        os.close(descriptor)
    return path
