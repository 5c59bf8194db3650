"""The client of Redis against a real server: nobody waits for one that is away, and its return is noticed."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Any

import pytest

from bot.memory import shared
from bot.memory.shared import Away, Shared
from tests.fakes import redis_server
from tests.fakes.redis_server import RedisServer

pytestmark = pytest.mark.skipif(redis_server.programs() is None, reason="redis-server is not on this machine")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "RETRY_SECONDS", 0.15)
    monkeypatch.setattr(shared, "PATIENCE_SECONDS", 0.4)


async def until(true: Any) -> None:
    end = time.monotonic() + 10
    while not true():
        assert time.monotonic() < end
        await asyncio.sleep(0.01)


def test_what_is_set_is_got(server: RedisServer) -> None:
    async def story() -> tuple[bytes | None, bool]:
        one = Shared.open(server.url)
        await one.run(lambda redis: redis.set(one.key("a", "b"), b"x"))
        found = await one.run(lambda redis: redis.get("wegweiser:a:b"))
        pinged = await one.ping()
        await one.disconnect()
        return found, pinged

    assert asyncio.run(story()) == (b"x", True)


def test_keys_have_one_beginning() -> None:
    assert Shared.key("lock", "web-1") == "wegweiser:lock:web-1"


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "redis://127.0.0.1:port", "nothing"])
def test_an_address_of_something_else_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="not the address of a Redis server"):
        Shared.open(url)


def test_a_client_lives_through_several_event_loops(server: RedisServer) -> None:
    one = Shared.open(server.url)
    for number in range(3):  # the warm-up, the server, and one that did not disconnect
        assert asyncio.run(one.run(lambda redis: redis.incr("n"))) == number + 1


def test_many_calls_at_once_share_few_connections(server: RedisServer) -> None:
    async def story() -> list[int]:
        one = Shared.open(server.url)
        found = await asyncio.gather(*(one.run(lambda redis: redis.incr("n")) for _ in range(300)))
        assert len(await one.run(lambda redis: redis.client_list())) <= shared.CONNECTIONS
        await one.disconnect()
        return found

    assert sorted(asyncio.run(story())) == list(range(1, 301))


def test_nobody_waits_for_a_redis_that_is_gone(server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        one = Shared.open(server.url)
        back: list[float] = []

        async def told() -> None:
            back.append(time.monotonic())

        one.on_back.append(told)
        await one.run(lambda redis: redis.set("a", b"x"))
        server.stop()
        for _ in range(50):
            with pytest.raises(Away):
                await one.run(lambda redis: redis.get("a"))
        assert one.away and not await one.ping()
        server.start()
        await until(lambda: back)  # found out without anybody asking
        assert not one.away
        assert await one.run(lambda redis: redis.get("a")) is None
        await one.disconnect()

    with caplog.at_level(logging.WARNING):
        asyncio.run(story())
    lines = [record.getMessage() for record in caplog.records if record.name == shared.__name__]
    assert len(lines) == 2 and "away" in lines[0] and "is back" in lines[1]


def test_one_call_waits_for_a_redis_that_hangs_and_the_others_do_not(server: RedisServer) -> None:
    async def story() -> tuple[float, float]:
        one = Shared.open(server.url)
        await one.ping()
        server.pause()
        try:
            begin = time.monotonic()
            with pytest.raises(Away):
                await one.run(lambda redis: redis.get("a"))
            first = time.monotonic() - begin
            for _ in range(50):
                with pytest.raises(Away):
                    await one.run(lambda redis: redis.get("a"))
            others = time.monotonic() - begin - first
        finally:
            server.resume()
        await until(lambda: not one.away)
        assert await one.run(lambda redis: redis.echo("mine")) == b"mine"  # no late answer of another call
        await one.disconnect()
        return first, others

    first, others = asyncio.run(story())
    assert 0.35 < first < 2
    assert others < 0.2


def test_a_held_up_event_loop_is_no_redis_that_is_away(server: RedisServer) -> None:
    async def story() -> None:
        one = Shared.open(server.url)
        await one.ping()
        calls = [asyncio.ensure_future(one.run(lambda redis: redis.incr("n"))) for _ in range(3)]
        await asyncio.sleep(0)
        time.sleep(0.6)  # somebody holds up the loop for longer than a call may take
        assert sorted(await asyncio.gather(*calls)) == [1, 2, 3]
        await one.disconnect()

    asyncio.run(story())


def test_a_refusal_is_no_absence(server: RedisServer, caplog: pytest.LogCaptureFixture) -> None:
    async def story() -> None:
        one = Shared.open(server.url)
        await one.run(lambda redis: redis.set("a", b"secret words"))
        for _ in range(3):
            with pytest.raises(Away):
                await one.run(lambda redis: redis.lpush("a", b"secret words"))
        assert await one.run(lambda redis: redis.get("a")) == b"secret words"
        assert not one.away
        await one.disconnect()

    with caplog.at_level(logging.WARNING):
        asyncio.run(story())
    (line,) = [record.getMessage() for record in caplog.records if record.name == shared.__name__]
    assert "WRONGTYPE" in line and "secret" not in line


def test_a_restart_between_two_calls_costs_nothing_but_what_was_in_it(server: RedisServer) -> None:
    async def story() -> None:
        one = Shared.open(server.url)
        await asyncio.gather(*(one.run(lambda redis: redis.incr("n")) for _ in range(10)))
        server.stop()
        server.start()
        found = await asyncio.gather(*(one.run(lambda redis: redis.incr("n")) for _ in range(10)))
        assert sorted(found) == list(range(1, 11))
        await one.disconnect()

    asyncio.run(story())


def test_a_call_given_up_by_its_caller_leaves_the_connection_clean(server: RedisServer) -> None:
    async def story() -> None:
        one = Shared.open(server.url)
        await one.ping()
        for number in range(20):
            call = asyncio.ensure_future(one.run(lambda redis: redis.echo("late")))
            await asyncio.sleep(0.0001 * number)
            call.cancel()
        assert [await one.run(lambda redis: redis.echo("mine")) for _ in range(20)] == [b"mine"] * 20
        await one.disconnect()

    asyncio.run(story())


def test_a_broken_helper_does_not_keep_the_others_from_handing_in(server: RedisServer) -> None:
    async def story() -> list[str]:
        one = Shared.open(server.url)
        told: list[str] = []

        async def broken() -> None:
            raise RuntimeError("x")

        async def sound() -> None:
            told.append("sound")

        one.on_back += [broken, sound]
        server.stop()
        with pytest.raises(Away):
            await one.run(lambda redis: redis.ping())
        server.start()
        await until(lambda: told)
        await one.disconnect()
        return told

    assert asyncio.run(story()) == ["sound"]


def test_an_absence_noticed_in_one_event_loop_ends_in_another(server: RedisServer) -> None:
    one = Shared.open(server.url)
    server.stop()
    with pytest.raises(Away):
        asyncio.run(one.run(lambda redis: redis.get("a")))
    server.start()

    async def story() -> bool:
        await until(lambda: time.monotonic() >= one._retry_at)
        await one.run(lambda redis: redis.set("a", b"x"))
        return one.away

    assert asyncio.run(story()) is False
