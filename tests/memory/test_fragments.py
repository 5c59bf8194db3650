"""Pieces of a question are kept for a minute, in memory or sealed in Redis, and no longer."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable
from typing import Any

import pytest

from bot.handover.sealed import Seal
from bot.memory import fragments, shared
from bot.memory.fragments import Fragments, SharedFragments
from bot.memory.shared import Shared
from tests.fakes import redis_server
from tests.fakes.redis_server import RedisServer

needs_redis = pytest.mark.skipif(redis_server.programs() is None, reason="redis-server is not on this machine")
KEY = "wegweiser:fragments:a"


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def run(story: Awaitable[Any]) -> Any:
    async def whole() -> Any:
        return await story

    return asyncio.run(whole())


def test_pieces_come_back_in_order_until_they_are_cleared() -> None:
    async def story() -> None:
        kept = Fragments(Clock())
        await kept.add("a", "hello")
        await kept.add("a", "my landlord")
        await kept.add("b", "other")
        assert await kept.before("a") == "hello my landlord"
        await kept.clear("a")
        assert (await kept.before("a"), await kept.before("b")) == ("", "other")

    run(story())


def test_a_minute_later_they_are_gone() -> None:
    async def story() -> None:
        clock = Clock()
        kept = Fragments(clock)
        await kept.add("a", "early")
        clock.now = 40
        await kept.add("a", "late")
        clock.now = 70
        assert await kept.before("a") == "late"
        clock.now = 200
        assert await kept.before("a") == ""
        assert kept._pieces == {}

    run(story())


def test_words_of_a_conversation_nobody_returns_to_do_not_stay() -> None:
    async def story() -> None:
        clock = Clock()
        kept = Fragments(clock)
        await kept.add("gone", "secret words")
        clock.now = 61
        await kept.add("b", "x")
        assert "gone" not in kept._pieces

    run(story())


def test_few_and_short() -> None:
    async def story() -> None:
        kept = Fragments(Clock())
        for i in range(10):
            await kept.add("a", f"{i}" * 1000)
        assert len((await kept.before("a")).split()) == fragments.PIECES
        assert len(await kept.before("a")) <= fragments.PIECES * (fragments.CHARACTERS + 1)

    run(story())


def test_not_more_conversations_than_memory_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fragments, "CONVERSATIONS", 3)

    async def story() -> list[bool]:
        kept = Fragments(Clock())
        for i in range(5):
            await kept.add(str(i), "x")
        return [bool(await kept.before(str(i))) for i in range(5)]

    assert run(story()) == [False, False, True, True, True]


@pytest.fixture
def server(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> RedisServer:
    monkeypatch.setattr(shared, "RETRY_SECONDS", 0.15)
    monkeypatch.setattr(shared, "PATIENCE_SECONDS", 0.5)
    return server


def process(server: RedisServer, secret: bytes = b"one secret for all") -> SharedFragments:
    return SharedFragments(Shared.open(server.url), Seal(secret, "fragments"))


async def is_back(*all_kept: SharedFragments) -> None:
    end = time.monotonic() + 10
    while any(kept._shared.away or kept._uncleared for kept in all_kept):
        assert time.monotonic() < end
        await asyncio.sleep(0.005)


@needs_redis
def test_another_process_reads_the_pieces(server: RedisServer) -> None:
    async def story() -> None:
        one, other = process(server), process(server)
        await one.add("a", "hello")
        await other.add("a", "my landlord")
        await other.add("b", "other")
        assert [await kept.before("a") for kept in (one, other)] == ["hello my landlord"] * 2
        await one.clear("a")
        assert [await other.before(name) for name in "ab"] == ["", "other"]

    run(story())


@needs_redis
def test_words_lie_sealed_in_redis_and_for_a_minute(server: RedisServer) -> None:
    async def story() -> None:
        one, stranger = process(server), process(server, b"another secret")
        await one.add("a", "Amal Rezai")
        ((content, at),) = await one._shared.run(lambda redis: redis.zrange(KEY, 0, -1, withscores=True))
        assert b"Amal" not in content and abs(at - time.time()) < 5
        assert 0 < await one._shared.run(lambda redis: redis.ttl(KEY)) <= 60
        assert await stranger.before("a") == ""

    run(story())


@needs_redis
def test_old_pieces_leave_redis_with_the_next_one(server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    async def story() -> None:
        one, now = process(server), time.time()
        for later, text in ((0, "early"), (40, "late"), (70, "last")):
            monkeypatch.setattr(time, "time", lambda at=now + later: at)
            await one.add("a", text)
        assert await one.before("a") == "late last"
        assert await one._shared.run(lambda redis: redis.zcard(KEY)) == 2
        for number in range(10):
            monkeypatch.setattr(time, "time", lambda at=now + 70 + number / 10: at)
            await one.add("a", f"{number}" * 1000)
        assert await one._shared.run(lambda redis: redis.zcard(KEY)) == fragments.PIECES
        assert await one.before("a") == " ".join(f"{number}" * fragments.CHARACTERS for number in (6, 7, 8, 9))

    run(story())


@needs_redis
def test_while_redis_is_away_the_process_remembers_alone(server: RedisServer) -> None:
    async def story() -> None:
        one = process(server)
        await one.add("a", "hello")
        server.pause()
        await one.add("a", "my landlord")
        assert await one.before("a") == "my landlord"
        server.resume()
        await is_back(one)
        await one.add("a", "is loud")
        assert await one.before("a") == "hello my landlord is loud"
        await one.clear("a")
        assert await one.before("a") == ""

    run(story())


@needs_redis
def test_what_is_forgotten_while_redis_is_away_does_not_come_back(server: RedisServer) -> None:
    async def story() -> None:
        one, other = process(server), process(server)
        await one.add("a", "hello")
        server.pause()
        await one.clear("a")
        on_back, one._shared.on_back = one._shared.on_back, []
        server.resume()
        end = time.monotonic() + 10
        while one._shared.away:
            assert time.monotonic() < end
            await asyncio.sleep(0.005)
        assert await one.before("a") == ""  # before it is deleted
        for told in on_back:
            await told()
        assert await other.before("a") == ""
        assert one._uncleared == {}
        await one.add("a", "new")
        assert await other.before("a") == "new"

    run(story())


@needs_redis
def test_a_new_piece_deletes_what_was_forgotten_before(server: RedisServer) -> None:
    async def story() -> None:
        one, other = process(server), process(server)
        await one.add("a", "hello")
        one._uncleared["a"] = time.time()
        await one.add("a", "new")
        assert [await kept.before("a") for kept in (one, other)] == ["new", "new"]

    run(story())
