"""A clock that is wrong: nothing is deleted for that, nothing is kept for years, and nothing is said about what is open."""

from __future__ import annotations

import asyncio
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from actions.directory.hours import BERLIN
from bot.operations.steady import SETTLE_SECONDS, SteadyClock, last_saved
from bot.settings import ROOT, Settings
from tests.staying_up.stores import BY_NAME

NOW = datetime(2026, 11, 23, 12, tzinfo=BERLIN).timestamp()
BUILT = datetime(2026, 11, 1, tzinfo=BERLIN).timestamp()
YEAR = 365 * 86_400.0
HOUR = 3600.0


class Machine:
    """A clock that can be set, and the time that the machine has been running."""

    def __init__(self, wall: float = NOW) -> None:
        self.wall, self.up = wall, 1000.0

    def clock(self, last: float = NOW - 60, not_before: float = BUILT) -> SteadyClock:
        return SteadyClock(not_before, last, lambda: self.wall, lambda: self.up)

    def wait(self, seconds: float) -> None:
        self.wall += seconds
        self.up += seconds


def test_time_goes_on_as_it_does() -> None:
    machine = Machine()
    clock = machine.clock()
    assert clock.time() == NOW and clock.right() and clock.deletes()
    for _ in range(50):
        machine.wait(HOUR)
        machine.wall += 2  # a clock that is a little fast
        assert clock.time() == machine.wall


@pytest.mark.parametrize("jump", [5 * YEAR, -10 * HOUR, 3 * HOUR])
def test_a_jump_for_a_moment_moves_nothing(jump: float) -> None:
    machine = Machine()
    clock = machine.clock(not_before=0)
    told: list[float] = []
    clock.on_set.append(told.append)
    machine.wall += jump
    for minute in range(20):
        assert clock.time() == NOW + 60 * minute
        machine.wait(60)
    machine.wall -= jump
    assert clock.time() == machine.wall == NOW + 1200
    machine.wait(2 * HOUR)
    assert clock.time() == machine.wall and told == []


@pytest.mark.parametrize("jump", [5 * YEAR, -10 * HOUR])
def test_a_clock_that_was_set_for_good_is_believed_after_an_hour(jump: float) -> None:
    machine = Machine()
    clock = machine.clock(not_before=0)
    told: list[float] = []
    clock.on_set.append(told.append)
    machine.wall += jump
    assert clock.time() == NOW
    machine.wait(SETTLE_SECONDS + 1)
    assert clock.time() == machine.wall
    assert told == [jump]


def test_a_clock_that_jumps_about_is_not_believed() -> None:
    machine = Machine()
    clock = machine.clock()
    for number in range(30):
        machine.wall += YEAR if number % 2 else -YEAR / 2
        machine.wait(HOUR / 4)
        assert abs(clock.time() - (NOW + (number + 1) * HOUR / 4)) < 1


def test_a_day_before_the_data_were_made_is_never_believed() -> None:
    machine = Machine(0.0)
    clock = machine.clock(last=NOW)
    assert not clock.right() and clock.time() == NOW
    for hour in range(1, 50):
        machine.wait(HOUR)
        assert clock.time() == NOW + hour * HOUR
    machine.wall = NOW + 50 * HOUR  # set right
    assert clock.right()
    machine.wait(2 * HOUR)
    clock.time()
    machine.wait(2 * HOUR)
    assert clock.time() == machine.wall
    fresh = Machine(0.0)
    assert fresh.clock(last=0.0).time() == BUILT


def test_long_after_the_last_save_nothing_is_deleted_for_an_hour() -> None:
    machine = Machine(NOW + YEAR)
    clock = machine.clock()
    assert clock.time() == machine.wall and not clock.deletes()
    machine.wait(SETTLE_SECONDS)
    assert clock.deletes()
    assert Machine(NOW + 86_400).clock().deletes(), "a day of rest is no fault"
    assert Machine().clock(last=0).deletes(), "a first start has nothing to keep"


def test_one_who_fails_does_not_keep_the_others_from_hearing() -> None:
    machine = Machine()
    clock = machine.clock(not_before=0)
    told: list[float] = []

    def fails(_: float) -> None:
        raise RuntimeError

    clock.on_set += [fails, told.append]
    machine.wall += YEAR
    clock.time()
    machine.wait(SETTLE_SECONDS + 1)
    clock.time()
    assert told == [YEAR]


def conversations(folder: Path, clock: SteadyClock) -> Any:
    from bot.shared_wiring import build_store

    return build_store(Settings(data_dir=folder), None, None, clock)


def test_conversations_outlive_a_jump_and_are_still_deleted_on_time(tmp_path: Path) -> None:
    machine = Machine()
    clock = machine.clock(not_before=0)
    store = conversations(tmp_path, clock)

    def there() -> set[str]:
        return {name for name in ("old", "new") if asyncio.run(store._find(name)) is not None}

    asyncio.run(store._keep("old", b"x"))
    machine.wait(12 * HOUR)
    asyncio.run(store._keep("new", b"x"))
    machine.wall += 3 * YEAR
    assert store.sweep() == 0 and there() == {"old", "new"}
    machine.wait(2 * HOUR)
    assert store.sweep() == 0 and there() == {"old", "new"}, "believed now, and everything is as old as it was"
    machine.wait(11 * HOUR)
    assert store.sweep() == 1 and there() == {"new"}, "25 and 13 hours"
    machine.wall -= 3 * YEAR
    store.sweep()
    machine.wait(2 * HOUR)
    store.sweep()
    machine.wait(9.5 * HOUR)
    assert store.sweep() == 1 and there() == set(), "a clock that was set back keeps nothing longer"
    store.close()


@pytest.mark.parametrize("wall", [0.0, NOW + 3 * YEAR])
def test_a_start_with_a_wrong_clock_deletes_nothing(wall: float, tmp_path: Path) -> None:
    store = conversations(tmp_path, Machine().clock(0.0))
    asyncio.run(store._keep("web-1", b"x"))
    store.close()
    os.utime(tmp_path / "conversations.sqlite", (NOW, NOW))
    machine = Machine(wall)
    store = conversations(tmp_path, machine.clock(last_saved(tmp_path)))
    assert list(store._senders()) == ["web-1"]
    asyncio.run(store._keep("web-2", b"y"))
    machine.wait(600)
    machine.wall = NOW + 120  # set right
    assert asyncio.run(store._find("web-1")) == b"x" and asyncio.run(store._find("web-2")) == b"y"
    for _ in range(30):
        machine.wait(HOUR)
        store.sweep()
    assert list(store._senders()) == [], "what was written ahead of time goes as well"
    store.close()


def test_call_backs_and_talks_outlive_a_jump(tmp_path: Path) -> None:
    from bot.handover.callbacks import Callbacks
    from bot.handover.desk import Desk
    from tests.staying_up.stores import SECRET

    machine = Machine()
    clock = machine.clock()
    desk = Desk(tmp_path / "handover.sqlite", SECRET, clock.time)
    callbacks = Callbacks(tmp_path / "callbacks.sqlite", SECRET, clock=clock.time, deletes=clock.deletes)
    clock.on_set += [desk.shift, callbacks.shift]
    assert callbacks.add("web-1", "+4934100000", "de", "leipzig", "housing")
    desk.begin("web-1", "ticket", "de")
    machine.wall += YEAR
    assert callbacks.sweep() == 0 and desk.idle() == []
    machine.wait(SETTLE_SECONDS + 1)
    assert callbacks.sweep() == 0 and desk.idle() == []
    machine.wait(80 * HOUR)
    assert [talk.conversation for talk in desk.idle()] == ["web-1"]
    machine.wait(14 * 86_400)
    assert callbacks.sweep() == 1
    desk.close()
    callbacks.close()


def test_numbers_of_months_are_not_dropped_for_a_jump() -> None:
    from bot.wiring import believed

    machine = Machine()
    agent = SimpleNamespace(steady=machine.clock(), clock_given=False, resources=None)
    assert believed(agent).date().isoformat() == "2026-11-23"
    machine.wall += 40 * YEAR
    assert believed(agent).date().isoformat() == "2026-11-23"


def test_nothing_is_said_about_what_is_open_while_the_clock_cannot_be_right(tmp_path: Path) -> None:
    from actions.directory.query import Query
    from bot.resources_wiring import build_resources, not_before

    resources = build_resources(Settings(data_dir=tmp_path))
    earliest = not_before(resources)
    newest = max(stamp for s in resources.directory.services.values() for stamp in s.checked.values())
    assert earliest.date().isoformat()[:7] == newest[:7]
    directory, now = resources.directory, resources.clock()
    with_hours = next(s for s in directory.services.values() if s.hours and directory.describe(s, None, now).hours)
    query = Query(topic=with_hours.topics[0], place=resources.gazetteer.get(with_hours.area[0]), limit=400)
    assert any(match.hours is not None for match in directory.search(query, now))
    directory.knows_time = lambda: False
    assert directory.describe(with_hours, None, now).hours is None
    found = directory.search(query, now)
    assert found and all(match.hours is None for match in found)
    assert directory.search(replace(query, open_now=True), now) == []


def test_in_a_process_that_starts_in_1970(tmp_path: Path) -> None:
    """With Debian's faketime, which no test of the code can fool."""
    faketime = shutil.which("faketime")
    if faketime is None:
        assert not os.environ.get("CI"), "faketime is missing and CI must not skip: run `make system`"
        pytest.skip("faketime is not installed: `make system`")
    script = """
import sys, time
from pathlib import Path
from bot.rasa_compat import install
install()
from bot.settings import Settings
from bot.resources_wiring import build_resources, not_before
from bot.launcher import build_clock
settings = Settings(data_dir=Path(sys.argv[1]))
resources = build_resources(settings)
clock = build_clock(settings, resources, None)
from bot.shared_wiring import build_store
store = build_store(settings, None, None, clock)
store.sweep()
print(time.localtime().tm_year, resources.clock() == not_before(resources), resources.directory.knows_time(), clock.right())
print(sorted(store._senders()))
"""
    kind = BY_NAME["conversations"]
    store = kind.open(tmp_path / kind.file)
    kind.put(store, 1)
    store.close()

    def run(*before: str) -> list[str]:
        environment = {k: v for k, v in os.environ.items() if not k.startswith("WEGWEISER_")} | {"TZ": "UTC"}
        command = [*before, sys.executable, "-W", "ignore", "-c", script, str(tmp_path)]
        done = subprocess.run(
            command, cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False
        )
        assert done.returncode == 0, done.stderr[-2000:]
        return done.stdout.splitlines()

    assert run(faketime, "1970-01-03 00:00:00") == ["1970 True False False", "['web-1']"]
    assert run(faketime, "2045-01-03 00:00:00") == ["2045 False True True", "['web-1']"]
    assert run() == [f"{time.gmtime().tm_year} False True True", "['web-1']"]
    assert timedelta(seconds=SETTLE_SECONDS) == timedelta(hours=1)
