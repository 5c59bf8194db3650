"""Ends in the middle of writing: processes that are killed, and logs of which only the beginning reached the disk."""

from __future__ import annotations

import contextlib
import os
import random
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.operations.quarantine import quarantined
from bot.settings import ROOT
from tests.staying_up.stores import BY_NAME, KINDS, Kind, sound

KILLS = 4
# A list of call-backs is full at 500.
MOST = 110


@contextlib.contextmanager
def writer(kind: Kind, path: Path) -> Iterator[subprocess.Popen[str]]:
    """What begins a process that writes for each number it is given."""
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.staying_up.writer", kind.name, str(path)],
        cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
    )  # fmt: skip
    with process:
        yield process
        assert process.stdin is not None
        process.stdin.close()
        assert process.wait(60) == 0


def killed(process: subprocess.Popen[str], first: int, after: int) -> int:
    """Write until so many things are committed, and kill in the middle of the next; the last one that is committed."""
    assert process.stdin is not None and process.stdout is not None
    process.stdin.write(f"{first}\n")
    process.stdin.flush()
    pid, last, alive = 0, first - 1, True
    for line in process.stdout:
        said = line.split()
        if said[0] == "pid":
            pid = int(said[1])
        elif said[0] == "ended":
            assert not alive, "it has ended by itself"
            return last
        else:
            last = int(line)
        if alive and pid and last - first >= after:
            time.sleep(random.random() * 0.002)
            os.kill(pid, signal.SIGKILL)
            alive = False
    raise AssertionError("the one that begins them has ended")


def test_a_process_that_is_killed_while_it_writes(kind: Kind, tmp_path: Path) -> None:
    path = tmp_path / kind.file
    committed, first = [], 0
    with writer(kind, path) as process:
        for number in range(KILLS):
            last = killed(process, first, random.Random(number).randrange(5, MOST // KILLS - 2))
            committed += range(first, last + 1)
            copy = tmp_path / f"copy-{number}"
            copy.mkdir()
            for end in ("", "-wal"):
                if Path(f"{path}{end}").exists():
                    shutil.copy(f"{path}{end}", copy / f"{kind.file}{end}")
            assert sound(copy / kind.file)
            store = kind.open(path)
            missing = [n for n in committed if not kind.has(store, n)]
            store.close()
            assert missing == [], "what was committed is there"
            first = last + 10  # the one that was being written may be there, too
    assert quarantined(tmp_path) == []


@pytest.mark.parametrize("name", [kind.name for kind in KINDS])
def test_a_log_of_which_only_the_beginning_is_there(name: str, tmp_path: Path) -> None:
    """A machine that fails may lose the last moments (synchronous=NORMAL), never what was before them, and no order."""
    kind = BY_NAME[name]
    live = tmp_path / "live" / kind.file
    live.parent.mkdir()
    store = kind.open(live)
    kind.put(store, 0)
    # Somebody reads, as a backup does: the log is not written back, and stays when others close the file.
    holder = sqlite3.connect(live, isolation_level=None)
    holder.execute("BEGIN")
    holder.execute("SELECT count(*) FROM sqlite_master").fetchone()
    for n in range(1, 40):
        kind.put(store, n)
    log = Path(f"{live}-wal")
    size = log.stat().st_size
    assert size > 0
    chance = random.Random(3)
    for number, kept in enumerate([0, 31, 32, size - 1, *(chance.randrange(size) for _ in range(8))]):
        copy = tmp_path / str(number) / kind.file
        copy.parent.mkdir()
        shutil.copy(live, copy)
        shutil.copy(log, f"{copy}-wal")
        os.truncate(f"{copy}-wal", kept)
        again = kind.open(copy)
        there = [kind.has(again, n) for n in range(40)]
        assert there == sorted(there, reverse=True), "a beginning of what was written"
        kind.put(again, 77)
        assert kind.has(again, 77)
        again.close()
        assert sound(copy) and quarantined(copy.parent) == []
    holder.close()
    store.close()
