"""Telegram's ceilings hold for all processes together, and each process keeps to its share while Redis is away."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from bot.channels.telegram.cluster import Cluster
from bot.channels.telegram.flood import Flood
from bot.channels.telegram.moments import Moments
from bot.memory.shared import Shared
from tests.channels.telegram.cluster_parts import contents
from tests.channels.telegram.conftest import SECRET
from tests.channels.telegram.test_telegram_flood import Clock, send
from tests.fakes.redis_server import RedisServer

pytestmark = pytest.mark.anyio


@pytest.fixture
async def clusters(anyio_backend: str, redis_up: RedisServer) -> AsyncIterator[list[Cluster]]:
    found = [Cluster(Shared.open(redis_up.url), SECRET, "1:token") for _ in range(2)]
    yield found
    for cluster in found:
        await cluster.shared.disconnect()


def floods(clusters: list[Cluster], per_second: float, chat_seconds: float) -> list[Flood]:
    return [Flood(per_second, chat_seconds, Moments(cluster)) for cluster in clusters]


async def test_all_chats_of_all_processes_together_stay_below_the_ceiling(clusters: list[Cluster]) -> None:
    two, clock = floods(clusters, 50, 0), Clock()
    await asyncio.gather(*(send(two[chat % 2], clock, chat) for chat in range(60)))
    assert not any(cluster.away for cluster in clusters)
    for i in range(50, 60):
        assert clock.times[i] - clock.times[i - 50] >= 0.95


async def test_one_chat_is_written_to_once_a_moment_and_holds_up_nobody(
    clusters: list[Cluster], redis_up: RedisServer
) -> None:
    two, clock = floods(clusters, 30, 0.2), Clock()
    start = asyncio.get_running_loop().time()
    await asyncio.gather(*(send(two[n % 2], clock, chat) for n, chat in enumerate((1, 1, 1, 700777))))
    first, second, third = clock.chats[1]
    assert second - first >= 0.19 and third - second >= 0.19
    assert clock.chats[700777][0] - start < 0.19
    assert not any("700777" in key for key in contents(redis_up))


async def test_a_group_is_written_to_less_often(clusters: list[Cluster]) -> None:
    two, clock = floods(clusters, 0, 0.01), Clock()
    await send(two[0], clock, -5)
    waiting = asyncio.create_task(send(two[1], clock, -5))
    done, _ = await asyncio.wait({waiting}, timeout=0.5)
    assert not done
    waiting.cancel()


async def test_telegram_says_wait_to_one_and_the_other_waits_too(clusters: list[Cluster]) -> None:
    two, clock = floods(clusters, 30, 0.01), Clock()
    clock.refuse = 1
    refused = asyncio.create_task(send(two[0], clock, 1))
    start = asyncio.get_running_loop().time()
    # the pause of a second is written down when the moment of the chat lies so far ahead
    chat, ahead = clusters[0].alias("chat:1"), 0.0
    while ahead < 500:
        await asyncio.sleep(0.005)
        ahead = float(await clusters[1].ask("PTTL", f"moment:{chat}")) - 1000
    await send(two[1], clock, 1)
    assert asyncio.get_running_loop().time() - start >= 0.99
    await refused


async def test_near_the_ceiling_a_pause_is_one_of_all_chats(clusters: list[Cluster]) -> None:
    moments = Moments(clusters[0])
    for chat in range(10):
        await moments.wait(chat, 0.001, 0.0)
    await moments.hold(1, 0.5, 30)
    start = asyncio.get_running_loop().time()
    await moments.wait(90, 0.001, 0.0)
    assert asyncio.get_running_loop().time() - start < 0.4
    await moments.hold(1, 0.5, 9)
    await Moments(clusters[1]).wait(91, 0.001, 0.0)
    assert asyncio.get_running_loop().time() - start >= 0.49


async def test_without_redis_each_process_keeps_to_its_share(clusters: list[Cluster], redis_up: RedisServer) -> None:
    redis_up.stop()
    clusters[0].size = 2
    flood, clock = Flood(50, 0, Moments(clusters[0])), Clock()
    await asyncio.gather(*(send(flood, clock, chat) for chat in range(30)))
    for i in range(25, 30):
        assert clock.times[i] - clock.times[i - 25] >= 0.95
