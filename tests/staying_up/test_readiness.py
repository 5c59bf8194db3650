"""Readiness: what it looks at, what takes a process out of service, and what it says to the outside."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from bot.operations import readiness as readiness_module
from bot.operations.readiness import DEGRADED, NOT_READY, READY, TOLD, Readiness
from tests.fakes.web_server import serve

Parse = Callable[[], Awaitable[bool]]


async def well() -> bool:
    return True


def made(tmp_path: Path, parse: Parse = well, **more: Any) -> Readiness:
    given: dict[str, Any] = {"loaded": lambda: True, "answer": lambda: True, "folder": tmp_path, "room": 1}
    return Readiness(parse=parse, **{**given, **more})


def looked(readiness: Readiness) -> tuple[str, list[str]]:
    asyncio.run(readiness.look())
    return readiness.status()


def fails() -> bool:
    raise OSError("a path that nobody shall read")


def test_before_the_first_look_it_is_not_ready(tmp_path: Path) -> None:
    readiness = made(tmp_path)
    assert readiness.status() == (NOT_READY, []) and readiness.results() == {}


def test_all_is_well(tmp_path: Path) -> None:
    readiness = made(tmp_path, others={"store_conversations": lambda: True, "store_redis": well})
    assert looked(readiness) == (READY, [])
    names = {"model_loaded", "can_parse", "can_answer", "disk_room", "store_conversations", "store_redis", "event_loop"}
    assert readiness.results() == dict.fromkeys(names, True)


@pytest.mark.parametrize("check", [lambda: False, fails], ids=["says no", "raises"])
def test_a_store_that_is_not_writable_takes_nobody_out_of_service(tmp_path: Path, check: Callable[[], bool]) -> None:
    assert looked(made(tmp_path, others={"store_counters": check})) == (DEGRADED, ["store_counters"])


@pytest.mark.parametrize("what", ["loaded", "answer"])
@pytest.mark.parametrize("check", [lambda: False, fails], ids=["says no", "raises"])
def test_who_cannot_answer_is_not_ready(tmp_path: Path, what: str, check: Callable[[], bool]) -> None:
    status, failed = looked(made(tmp_path, **{what: check}))
    assert status == NOT_READY and failed == [{"loaded": "model_loaded", "answer": "can_answer"}[what]]


def test_who_cannot_read_is_not_ready_until_it_can(tmp_path: Path) -> None:
    broken = True

    async def parse() -> bool:
        if broken:
            raise RuntimeError("no component")
        return True

    readiness = made(tmp_path, parse)
    assert looked(readiness) == (NOT_READY, ["can_parse"])
    broken = False
    assert looked(readiness) == (READY, [])


def test_a_message_is_not_read_in_every_round(tmp_path: Path) -> None:
    read: list[int] = []

    async def parse() -> bool:
        read.append(1)
        return True

    readiness = made(tmp_path, parse)
    for _ in range(2 * readiness_module.PARSE_EVERY):
        looked(readiness)
    assert len(read) == 2


def test_a_busy_process_stays_in_service_and_a_stuck_one_does_not(tmp_path: Path) -> None:
    async def run() -> list[str]:
        stuck = asyncio.Event()
        quick = True

        async def parse() -> bool:
            if not quick:
                await stuck.wait()
            return True

        readiness = made(tmp_path, parse, every=0.02, parse_seconds=0.3)
        seen = []
        await readiness.look()
        seen.append(readiness.status()[0])
        quick = False
        for _ in range(readiness_module.PARSE_EVERY):
            await readiness.look()
        seen.append(readiness.status()[0])
        end = time.monotonic() + 60
        while readiness.status()[0] == READY and time.monotonic() < end:
            await readiness.look()
        seen.append(readiness.status()[0])
        stuck.set()
        await readiness.look()
        seen.append(readiness.status()[0])
        return seen

    assert asyncio.run(run()) == [READY, READY, NOT_READY, READY]


def test_a_store_that_hangs_holds_up_nobody(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness_module, "STORE_SECONDS", 0.05)
    go, asked = threading.Event(), []

    def hangs() -> bool:
        asked.append(1)
        return go.wait(60)

    async def run() -> None:
        readiness = made(tmp_path, others={"store_review": hangs})
        for _ in range(3):
            await readiness.look()
            assert readiness.status() == (DEGRADED, ["store_review"])
        assert len(asked) == 1, "it is asked again only when it has answered"
        go.set()
        end = time.monotonic() + 60
        while readiness.status()[0] != READY and time.monotonic() < end:
            await readiness.look()
        assert readiness.status() == (READY, [])

    asyncio.run(run())


def test_too_little_room_is_told(tmp_path: Path) -> None:
    assert looked(made(tmp_path, room=2**62)) == (DEGRADED, ["disk_room"])
    assert looked(made(tmp_path / "nothing")) == (DEGRADED, ["disk_room"])


def test_telegram_is_somebody_elses_fault(tmp_path: Path) -> None:
    (name,) = TOLD
    readiness = made(tmp_path, others={name: lambda: False})
    assert looked(readiness) == (READY, []) and readiness.results()[name] is False


def test_a_loop_that_stands_still_is_seen_from_other_threads(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(readiness_module, "LOOP_SECONDS", 0.4)
    seen: list[bool] = []

    async def run() -> None:
        readiness = made(tmp_path, every=0.01)
        monkeypatch.setattr(readiness, "_keep_beating", lambda: _beat(readiness))
        running = asyncio.create_task(readiness.run())
        await asyncio.sleep(0.2)
        seen.append(readiness.loop_alive())
        watcher = threading.Thread(target=lambda: (time.sleep(0.8), seen.append(readiness.loop_alive())))
        watcher.start()
        time.sleep(1.2)  # the fault: somebody blocks the loop
        watcher.join()
        await asyncio.sleep(0.1)
        seen.append(readiness.loop_alive())
        running.cancel()

    asyncio.run(run())
    assert seen == [True, False, True]


async def _beat(readiness: Readiness) -> None:
    while True:
        readiness._beat = time.monotonic()
        await asyncio.sleep(0.01)


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_route_tells_names_only(tmp_path: Path, method: str) -> None:
    with serve() as server:
        answer = httpx.request(method, f"{server.url}/ready")
        assert answer.status_code == 200, "a server without checks is ready when its model is loaded"
        server.agent.ready = False
        assert httpx.request(method, f"{server.url}/ready").status_code == 503
        readiness = made(tmp_path, others={"store_counters": fails})
        server.app.ctx.readiness = readiness
        assert httpx.request(method, f"{server.url}/ready").status_code == 503
        asyncio.run(readiness.look())
        answer = httpx.request(method, f"{server.url}/ready")
        assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
        if method == "GET":
            assert answer.json() == {"status": "degraded", "failed": ["store_counters"]}
        readiness._answer = lambda: False
        asyncio.run(readiness.look())
        answer = httpx.request(method, f"{server.url}/ready")
        assert answer.status_code == 503
        if method == "GET":
            assert answer.json() == {"status": "not_ready", "failed": ["can_answer", "store_counters"]}
        server.agent.ready = True
        assert httpx.get(f"{server.url}/health").status_code == 200, "it is alive all the same"


def test_one_round_that_fails_is_not_the_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> None:
        readiness = made(tmp_path, every=0.01)
        right, calls = readiness.look, []

        async def look() -> dict[str, bool]:
            calls.append(1)
            if len(calls) < 3:
                raise RuntimeError
            return await right()

        monkeypatch.setattr(readiness, "look", look)
        running = asyncio.create_task(readiness.run())
        end = time.monotonic() + 60
        while readiness.status()[0] != READY and time.monotonic() < end:
            await asyncio.sleep(0.01)
        assert readiness.status()[0] == READY
        running.cancel()

    asyncio.run(run())
