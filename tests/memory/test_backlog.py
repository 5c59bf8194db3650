"""Work that waits for a database: in order, again until it is done, bounded, and nobody waits for it."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.memory import backlog as module
from bot.memory.backlog import Backlog


class Away(Exception):
    pass


@pytest.fixture
def backlog(monkeypatch: pytest.MonkeyPatch) -> Iterator[Backlog]:
    monkeypatch.setattr(module, "AGAIN_SECONDS", 0.01)
    found = Backlog("test", Away)
    yield found
    found.close(0.1)


class Door:
    """A database that is away until it is opened, and what was done."""

    def __init__(self) -> None:
        self.open = threading.Event()
        self.done: list[object] = []
        self.tries = 0

    def work(self, what: object) -> None:
        self.tries += 1
        if not self.open.is_set():
            raise Away("the database cannot be used")
        self.done.append(what)


def test_work_is_done_in_order_and_again_while_the_database_is_away(
    backlog: Backlog, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)  # other tests of this process may have set another one
    door = Door()
    begun = time.monotonic()
    for number in range(50):
        assert backlog.add(lambda number=number: door.work(number))
    assert time.monotonic() - begun < 0.2
    assert not backlog.drain(0.1)
    assert door.done == [] and door.tries > 1
    door.open.set()
    assert backlog.drain()
    assert door.done == list(range(50))
    said = [record.getMessage() for record in caplog.records]
    assert said == ["test: the database cannot be used; it waits", "test: the database is back"]


def test_one_piece_that_cannot_be_done_holds_up_nothing(backlog: Backlog, caplog: pytest.LogCaptureFixture) -> None:
    door = Door()
    door.open.set()

    def broken() -> None:
        raise ValueError("secret words")

    backlog.add(broken)
    backlog.add(lambda: door.work(1))
    assert backlog.drain()
    assert door.done == [1]
    assert "left out: ValueError" in caplog.text and "secret words" not in caplog.text


def test_what_waits_about_somebody_can_be_taken_back(backlog: Backlog) -> None:
    door = Door()
    backlog.add(lambda: door.work("first"))
    backlog.add(lambda: door.work("a"), "anna")
    backlog.add(lambda: door.work("b"), "berta")
    backlog.add(lambda: door.work("forget a"), "anna", kept=True)
    backlog.drop("anna")
    door.open.set()
    assert backlog.drain()
    assert door.done == ["first", "b", "forget a"]


def test_what_waits_is_bounded_and_deletions_stay(
    backlog: Backlog, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(module, "MOST", 5)
    monkeypatch.setattr(module, "MOST_KEPT", 7)
    door = Door()
    assert all(backlog.add(lambda n=n: door.work(n)) for n in range(20))
    assert all(backlog.add(lambda n=n: door.work(f"k{n}"), kept=True) for n in range(7))
    assert not backlog.add(lambda: door.work("too much"))
    assert not backlog.add(lambda: door.work("too much"), kept=True)
    door.open.set()
    assert backlog.drain()
    assert door.done == [f"k{n}" for n in range(7)]
    assert caplog.text.count("too much waits") == 1


def test_at_the_end_it_is_given_some_time(backlog: Backlog, caplog: pytest.LogCaptureFixture) -> None:
    door = Door()
    door.open.set()
    for number in range(20):
        backlog.add(lambda number=number: (time.sleep(0.002), door.work(number)))
    backlog.close()
    assert door.done == list(range(20))
    backlog.add(lambda: door.work("after"))
    assert backlog.drain() and door.done[-1] == "after"
    door.open.clear()
    backlog.add(lambda: door.work("lost"))
    begun = time.monotonic()
    backlog.close(0.2)
    assert time.monotonic() - begun < 1
    assert "1 pieces of work are lost" in caplog.text


def test_a_process_that_ends_finishes_what_waits(tmp_path: Path) -> None:
    file = tmp_path / "done"
    program = f"""
import time
from pathlib import Path
from bot.memory.backlog import Backlog
backlog = Backlog("test", OSError)
backlog.add(lambda: (time.sleep(0.3), Path({str(file)!r}).write_text("done")))
"""
    subprocess.run([sys.executable, "-c", program], cwd=Path(__file__).parents[2], check=True, timeout=30)
    assert file.read_text() == "done"
