"""Curve e: retrieve and save with 1,000 to a million conversations in the real stores.

Sizes have files and servers of their own and are measured in turn, a few messages each, so that whatever else the
machine does meets all of them alike.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import gc
import json
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from rasa.shared.core.events import ActionExecuted, UserUttered

from bot.memory.stored_events import unpack
from tools.growth.figures import free_mb, milliseconds
from tools.growth.filling import (
    RETENTION_HOURS,
    fill_redis,
    fill_sqlite,
    packed_rows,
    redis_needs_mb,
    redis_store,
    sender,
)

SIZES = (1_000, 10_000, 100_000, 1_000_000)
# A step that visits conversations far from each other, whatever the size.
STRIDE = 7_919
SWEPT = 500
IDLE_SWEEPS = 20


class Times:
    """Seconds of retrieve and save together, for conversations that are there and for new ones."""

    def __init__(self, store: Any, size: int, rows: Sequence[bytes]) -> None:
        self.store, self.size, self.rows = store, size, rows
        self.seconds: dict[str, list[float]] = {"existing": [], "new": []}
        self._next = 0

    async def existing(self, count: int) -> None:
        """The next turn of conversations from all over the store."""
        for _ in range(count):
            # Every size sees the rows in the same order.
            place = self._next * STRIDE * len(self.rows) + self._next % len(self.rows)
            name = sender(place % (self.size - self.size % len(self.rows)))
            self._next += 1
            start = time.perf_counter()
            tracker = await self.store.retrieve(name)
            if tracker is None:
                raise ValueError("a conversation is not in the store")
            between = time.perf_counter()
            _turn(tracker)
            resumed = time.perf_counter()
            await self.store.save(tracker)
            self.seconds["existing"].append(time.perf_counter() - resumed + between - start)

    async def new(self, count: int) -> None:
        """The first turn of conversations that are deleted afterwards."""
        for number in range(count):
            name = f"{sender(self._next + number)}-new"
            tracker = unpack(name, self.rows[0], self.store.domain)
            start = time.perf_counter()
            if await self.store.retrieve(name) is not None:
                raise ValueError("a new conversation is in the store already")
            await self.store.save(tracker)
            self.seconds["new"].append(time.perf_counter() - start)
            await self.store.delete(name)

    def figures(self) -> dict[str, Any]:
        """Those of each kind; together they would have no middle, for a new one takes half the time."""
        return {name: milliseconds(seconds) for name, seconds in self.seconds.items() if seconds}


async def in_turn(times: Sequence[Times], rounds: int, each: int) -> None:
    """Warm up once, then some of each kind on each store, round after round."""
    for turn in range(rounds + 1):
        for one in times:
            await one.existing(each)
            await one.new(each)
            if turn == 0:
                one.seconds = {"existing": [], "new": []}


async def sqlite(
    folder: Path, domain: Any, rows: Sequence[bytes], sizes: Sequence[int], rounds: int, each: int
) -> list[dict[str, Any]]:
    """Files of these sizes: read from the disk, then from memory, then swept."""
    from bot.memory.tracker_store import SqliteTrackerStore

    paths = {size: folder / f"{size}.sqlite" for size in sizes}
    found: dict[int, dict[str, Any]] = {}
    for size, path in paths.items():
        start = time.monotonic()
        fill_sqlite(path, domain, size, rows)
        found[size] = {
            "conversations": size,
            "fill_seconds": round(time.monotonic() - start, 1),
            "file_mb": round(path.stat().st_size / 2**20, 2),
        }
    for size, path in paths.items():
        found[size]["cold"] = await _cold(path, domain, size, rows, rounds * each)
    stores = {size: SqliteTrackerStore(domain, path, RETENTION_HOURS) for size, path in paths.items()}
    times = [Times(store, size, rows) for size, store in stores.items()]
    await in_turn(times, rounds, each)
    for one in times:
        found[one.size]["warm"] = one.figures()
        found[one.size] |= _sweep(one.store)
        one.store.close()
    return list(found.values())


async def _cold(path: Path, domain: Any, size: int, rows: Sequence[bytes], count: int) -> dict[str, Any]:
    """Conversations of a file that was opened anew and is in no page cache, as far as the system gives it up."""
    from bot.memory.tracker_store import SqliteTrackerStore

    _drop(path)
    store = SqliteTrackerStore(domain, path, RETENTION_HOURS)
    one = Times(store, size, rows)
    before = _read_from_disk()
    await one.existing(min(count, size // 4))
    figures = one.figures()["existing"]
    store.close()
    return {**figures, "read_kb_each": round((_read_from_disk() - before) / 1024 / figures["n"], 1)}


def _drop(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)
    finally:
        os.close(descriptor)


def _read_from_disk() -> int:
    lines = Path("/proc/self/io").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("read_bytes"))


def _sweep(store: Any) -> dict[str, Any]:
    """What a sweep takes when nothing is due, and when so many conversations are."""
    idle = [_seconds(store.sweep) for _ in range(IDLE_SWEEPS)]
    old = time.time() - (RETENTION_HOURS + 1) * 3600
    store._connection.execute(
        "UPDATE conversations SET updated = ? WHERE sender IN (SELECT sender FROM conversations ORDER BY sender LIMIT ?)",
        (old, SWEPT),
    )
    start = time.perf_counter()
    count = store.sweep()
    return {
        "sweep_nothing": milliseconds(idle),
        "swept": count,
        "sweep_ms": round(1000 * (time.perf_counter() - start), 2),
    }


async def redis(
    domain: Any, rows: Sequence[bytes], sizes: Sequence[int], rounds: int, each: int
) -> list[dict[str, Any]]:
    """A server for each size; those that memory has no room for are left out, and that is said."""
    from tests.fakes import redis_server

    if redis_server.programs() is None:
        return [{"conversations": size, "skipped": "redis-server is not installed"} for size in sizes]
    found: list[dict[str, Any]] = []
    times: list[tuple[Times, dict[str, Any]]] = []
    with contextlib.ExitStack() as stack:
        for size in sizes:
            row: dict[str, Any] = {"conversations": size}
            found.append(row)
            if redis_needs_mb(size, rows) > free_mb() * 0.8:
                row["skipped"] = "too little memory"
                continue
            server = stack.enter_context(redis_server.running())
            store = redis_store(domain, server.url)
            start = time.monotonic()
            await fill_redis(server.url, store, size, rows)
            row["fill_seconds"] = round(time.monotonic() - start, 1)
            row["memory_mb"] = round(_used_memory(server.url) / 2**20, 1)
            times.append((Times(store, size, rows), row))
        await in_turn([one for one, _ in times], rounds, each)
        for one, row in times:
            row["warm"] = one.figures()
            await one.store._shared.disconnect()
    return found


def _used_memory(url: str) -> int:
    import redis as client

    with client.Redis.from_url(url) as link:
        return int(link.info("memory")["used_memory"])


def _turn(tracker: Any) -> None:
    """One more turn, so that what is written is not what was read."""
    tracker.update(UserUttered("", intent={"name": "greet", "confidence": 1.0}))
    tracker.update(ActionExecuted("action_listen"))


def _seconds(call: Callable[[], Any]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


async def _all(sizes: Sequence[int], rounds: int, each: int, folder: Path) -> dict[str, Any]:
    from tools.growth.agents import loaded

    with loaded() as (agent, work):
        rows = await packed_rows(agent, work)
        domain = agent.domain
    del agent
    gc.collect()
    gc.freeze()
    found: dict[str, Any] = {
        "row_bytes": {"mean": round(sum(map(len, rows)) / len(rows)), "longest": max(map(len, rows))}
    }
    with tempfile.TemporaryDirectory(dir=folder, prefix="store-") as name:
        found["sqlite"] = await sqlite(Path(name), domain, rows, sizes, rounds, each)
    found["redis"] = await redis(domain, rows, sizes, rounds, each)
    return found


def main() -> int:
    """Fill, measure and write the figures; the files are deleted."""
    from bot import rasa_compat

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default=",".join(map(str, SIZES)))
    parser.add_argument("--rounds", type=int, default=10)
    parser.add_argument("--each", type=int, default=40, help="conversations of a kind in one round")
    parser.add_argument("--json", type=Path, required=True)
    given = parser.parse_args()
    rasa_compat.install()
    sizes = tuple(int(part) for part in given.sizes.split(","))
    figures = asyncio.run(_all(sizes, given.rounds, given.each, given.json.parent))
    given.json.write_text(json.dumps(figures) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
