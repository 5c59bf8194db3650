"""Faults of what remembers: disk and SQLite files of one process, Redis and PostgreSQL of several."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING

from tests.fakes.frozen_postgres import frozen
from tools.chaos.folder import DataFolder
from tools.chaos.layouts import Several, Single
from tools.cluster.cluster import Cluster

if TYPE_CHECKING:
    from tools.chaos.making import Scene


def _data(scene: Scene) -> DataFolder:
    assert isinstance(scene.layout, Single)
    return scene.layout.data


def _cluster(scene: Scene) -> Cluster:
    assert isinstance(scene.layout, Several)
    return scene.layout.cluster


async def disk_full(scene: Scene) -> str:
    """No room in the data folder."""
    data = _data(scene)
    await asyncio.to_thread(data.fill)
    try:
        await scene.rest()
    finally:
        data.free()
    return ""


async def disk_read_only(scene: Scene) -> str:
    """Started where nothing can be written; a disk cannot be made read-only under open files."""
    data, kept = _data(scene), scene.layout.serving[0]
    await kept.end()
    data.writable(False)
    try:
        kept.again()
        answers = await kept.healthy(120.0, scene.stopped)
        await scene.rest()
    finally:
        await kept.end()
        data.writable(True)
        kept.again()
    await scene.back(kept)
    return "it served" if answers else "it did not serve"


async def garbage_stopped(scene: Scene) -> str:
    """An SQLite file is overwritten while nobody has it open."""
    kept = scene.layout.serving[0]
    scene.fault.deaths += kept.kill()
    while kept.pid and not scene.stopped():
        await asyncio.sleep(0.05)
    name = _data(scene).overwrite(scene.dice, whole=scene.dice.random() < 0.5)
    await scene.rest()
    await scene.back(kept)
    return name


async def garbage_running(scene: Scene) -> str:
    """An SQLite file is overwritten while it is used."""
    name = _data(scene).overwrite(scene.dice, whole=scene.dice.random() < 0.5)
    await scene.rest()
    return name


async def redis_killed(scene: Scene) -> str:
    """Redis is away, then back and empty."""
    redis = _cluster(scene).redis
    await asyncio.to_thread(redis.stop)
    try:
        await scene.rest()
    finally:
        await asyncio.to_thread(redis.start)
    return ""


async def redis_frozen(scene: Scene) -> str:
    """Redis takes connections and does not answer."""
    redis = _cluster(scene).redis
    redis.pause()
    try:
        await scene.rest()
    finally:
        redis.resume()
    return ""


async def redis_emptied(scene: Scene) -> str:
    """All that Redis holds is gone, while it is used."""
    await asyncio.to_thread(_cluster(scene).redis.empty)
    await scene.rest()
    return ""


async def postgres_stopped(scene: Scene) -> str:
    """PostgreSQL is stopped as by a power cut, then started."""
    database = _cluster(scene).database
    await asyncio.to_thread(database.stop)
    try:
        await scene.rest()
    finally:
        await asyncio.to_thread(database.start)
    return ""


async def postgres_frozen(scene: Scene) -> str:
    """PostgreSQL takes connections and does not answer."""
    with frozen(_cluster(scene).database):
        await scene.rest()
    return ""


MAKERS: dict[str, Callable[[Scene], Awaitable[str]]] = {
    "disk-full": disk_full,
    "disk-read-only": disk_read_only,
    "garbage-stopped": garbage_stopped,
    "garbage-running": garbage_running,
    "redis-killed": redis_killed,
    "redis-frozen": redis_frozen,
    "redis-emptied": redis_emptied,
    "postgres-stopped": postgres_stopped,
    "postgres-frozen": postgres_frozen,
}
