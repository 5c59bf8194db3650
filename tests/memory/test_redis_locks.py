"""The line of a conversation in a real Redis: one at a time in any process, in order, and nobody waits for the dead."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from pathlib import Path

import pytest
from rasa.core.lock import TicketLock
from rasa.core.lock_store import LockError, LockStore

from bot.memory import redis_locks, shared
from bot.memory.redis_locks import RedisLocks
from bot.memory.shared import Shared
from tests.fakes import redis_server
from tests.fakes.redis_server import RedisServer

pytestmark = pytest.mark.skipif(redis_server.programs() is None, reason="redis-server is not on this machine")


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared, "RETRY_SECONDS", 0.15)
    monkeypatch.setattr(shared, "PATIENCE_SECONDS", 0.5)
    monkeypatch.setattr(redis_locks, "LEASE_SECONDS", 1.0)
    monkeypatch.setattr(redis_locks, "RENEW_SECONDS", 0.2)
    monkeypatch.setattr(redis_locks, "SILENT_SECONDS", 0.6)


class Process:
    """A lock store with connections of its own, as another process has them."""

    def __init__(self, server: RedisServer) -> None:
        self.shared = Shared.open(server.url)
        self.locks = RedisLocks(self.shared)

    async def still(self) -> None:
        """Nothing is left behind in this process."""
        await until(lambda: not self.locks._lines and not self.locks._asking)
        await self.shared.disconnect()


async def until(true: object) -> None:
    end = time.monotonic() + 10
    while not true():  # type: ignore[operator]
        assert time.monotonic() < end
        await asyncio.sleep(0.002)


async def keys(process: Process) -> list[bytes]:
    return list(await process.shared.run(lambda redis: redis.keys("*")))


def test_rasas_agent_gets_what_it_expects(server: RedisServer) -> None:
    async def story() -> None:
        one = Process(server)
        assert isinstance(LockStore.create(one.locks), RedisLocks)
        async with one.locks.lock("web-1") as lock:
            assert isinstance(lock, TicketLock) and lock.conversation_id == "web-1"
            assert len(await keys(one)) == 2
        assert await keys(one) == []
        with pytest.raises(ZeroDivisionError):
            async with one.locks.lock("web-1"):
                raise ZeroDivisionError
        with pytest.raises(asyncio.TimeoutError):  # of what is done meanwhile, not of the lock
            async with one.locks.lock("web-1"):
                raise asyncio.TimeoutError
        assert await keys(one) == []
        await one.still()

    asyncio.run(story())


def test_one_at_a_time_in_three_processes(server: RedisServer) -> None:
    async def story() -> tuple[int, dict[str, int]]:
        processes = [Process(server) for _ in range(3)]
        inside: dict[str, int] = {}
        most, done = 0, dict.fromkeys(("web-0", "web-1"), 0)

        async def message(number: int) -> None:
            nonlocal most
            conversation = f"web-{number % 2}"
            async with processes[number % 3].locks.lock(conversation):
                inside[conversation] = inside.get(conversation, 0) + 1
                most = max(most, inside[conversation])
                await asyncio.sleep(0.002)
                inside[conversation] -= 1
                done[conversation] += 1

        await asyncio.gather(*(message(number) for number in range(60)))
        assert await keys(processes[0]) == []
        for process in processes:
            await process.still()
        return most, done

    assert asyncio.run(story()) == (1, {"web-0": 30, "web-1": 30})


def test_conversations_do_not_wait_for_each_other(server: RedisServer) -> None:
    async def story() -> None:
        one = Process(server)
        async with one.locks.lock("web-1"), one.locks.lock("web-2"):
            assert not one.locks.is_someone_waiting("web-1")
        await one.still()

    asyncio.run(story())


def test_first_come_first_served_across_processes(server: RedisServer) -> None:
    async def story() -> list[int]:
        processes = [Process(server), Process(server)]
        order: list[int] = []

        async def message(number: int) -> None:
            async with processes[number // 2 % 2].locks.lock("web-1"):
                order.append(number)

        async def in_line() -> int:
            return int(await processes[0].shared.run(lambda redis: redis.llen("wegweiser:lock:web-1")))

        async with processes[1].locks.lock("web-1"):
            tasks = []
            for number in range(8):
                tasks.append(asyncio.ensure_future(message(number)))
                while await in_line() < number + 2:
                    await asyncio.sleep(0.001)
            assert processes[0].locks.is_someone_waiting("web-1")
        await asyncio.gather(*tasks)
        for process in processes:
            await process.still()
        return order

    assert asyncio.run(story()) == list(range(8))


def test_the_next_one_in_the_same_process_is_woken_at_once(
    server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(redis_locks, "RENEW_SECONDS", 60.0)

    async def story() -> float:
        one = Process(server)
        freed = 0.0

        async def waiter() -> float:
            async with one.locks.lock("web-1", wait_time_in_seconds=60.0):
                return time.monotonic() - freed

        async with one.locks.lock("web-1", wait_time_in_seconds=60.0):
            task = asyncio.ensure_future(waiter())
            await until(lambda: one.locks.is_someone_waiting("web-1"))
            freed = time.monotonic()
        seconds = await task
        await one.still()
        return seconds

    assert asyncio.run(story()) < 5


def test_whoever_works_long_keeps_the_conversation(server: RedisServer) -> None:
    async def story() -> bool:
        one, other = Process(server), Process(server)
        async with one.locks.lock("web-1"):
            task = asyncio.ensure_future(_held(other))
            await asyncio.sleep(1.6)  # longer than a lease
            early = task.done()
        await task
        await one.still()
        await other.still()
        return early

    assert asyncio.run(story()) is False


async def _held(process: Process, seconds: float = 0.0) -> None:
    async with process.locks.lock("web-1"):
        await asyncio.sleep(seconds)


def test_a_killed_process_frees_its_conversations(server: RedisServer) -> None:
    """It holds one lock and waits for another when it is killed -9."""
    reader, writer = os.pipe()

    async def doomed() -> None:
        process = Process(server)
        async with process.locks.lock("web-1"):
            waiting = asyncio.ensure_future(process.locks.lock("web-2").__aenter__())
            length = 0
            while length < 2:
                length = int(await process.shared.run(lambda redis: redis.llen("wegweiser:lock:web-2")))
            os.write(writer, b"x")
            await asyncio.sleep(60)
            waiting.cancel()

    async def story() -> float:
        one = Process(server)
        async with one.locks.lock("web-2"):
            child = os.fork()
            if child == 0:
                try:
                    asyncio.new_event_loop().run_until_complete(doomed())
                finally:
                    os._exit(1)
            await asyncio.get_running_loop().run_in_executor(None, os.read, reader, 1)
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            begin = time.monotonic()
        async with one.locks.lock("web-1"), one.locks.lock("web-2"):
            seconds = time.monotonic() - begin
        await one.still()
        return seconds

    seconds = asyncio.run(story())
    os.close(reader)
    os.close(writer)
    assert 0.2 < seconds < redis_locks.LEASE_SECONDS + 0.6


def test_the_lease_is_at_most_five_seconds() -> None:
    # monkeypatch has changed the values of the module; those of its source count
    source = Path(redis_locks.__file__).read_text(encoding="utf-8")
    assert "\nLEASE_SECONDS = 5.0\n" in source and "\nPOLL_SECONDS = 0.02\n" in source


def test_a_message_that_never_ends_does_not_silence_the_person(server: RedisServer) -> None:
    async def story() -> float:
        one, other = Process(server), Process(server)

        async def stuck() -> None:
            async with one.locks.lock("web-1", lock_lifetime=0.4):
                await asyncio.sleep(60)

        task = asyncio.ensure_future(stuck())
        await until(lambda: "web-1" in one.locks._lines and one.locks._lines["web-1"].holder)
        begin = time.monotonic()
        await asyncio.gather(_held(one), _held(other))
        seconds = time.monotonic() - begin
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert await keys(one) == []
        await one.still()
        await other.still()
        return seconds

    assert asyncio.run(story()) < 3


def test_waiting_ends_with_the_error_rasa_knows(server: RedisServer) -> None:
    async def story() -> None:
        one, other = Process(server), Process(server)
        async with one.locks.lock("web-1"):
            with pytest.raises(LockError):
                async with other.locks.lock("web-1", lock_lifetime=0.1):
                    raise AssertionError("two at a time")
        async with other.locks.lock("web-1"):
            pass
        await one.still()
        await other.still()

    asyncio.run(story())


def test_one_who_gives_up_waiting_leaves_the_line(server: RedisServer) -> None:
    async def story() -> None:
        one = Process(server)
        async with one.locks.lock("web-1"):
            for number in range(10):
                task = asyncio.ensure_future(_held(one))
                await asyncio.sleep(0.0003 * number)
                task.cancel()
            last = asyncio.ensure_future(_held(one))
        await asyncio.wait_for(last, 0.5)  # nobody waits for a place that is left, not even for a lease
        assert await keys(one) == []
        await one.still()

    asyncio.run(story())


def test_another_ones_place_cannot_be_given_away(server: RedisServer) -> None:
    async def story() -> None:
        one, other = Process(server), Process(server)
        async with one.locks.lock("web-1"):
            task = asyncio.ensure_future(_held(other))
            await until(lambda: other.locks.is_someone_waiting("web-1"))
            task.cancel()
            await asyncio.gather(task, return_exceptions=True)
            again = asyncio.ensure_future(_held(other))
            await asyncio.sleep(0.1)
            assert not again.done()
        await again
        await one.still()
        await other.still()

    asyncio.run(story())


def test_without_redis_the_process_keeps_its_own_order(server: RedisServer) -> None:
    async def story() -> list[int]:
        one = Process(server)
        order: list[int] = []

        async def message(number: int) -> None:
            async with one.locks.lock("web-1"):
                order.append(number)
                await asyncio.sleep(0.005)
                assert order[-1] == number

        server.stop()
        await asyncio.gather(*(message(number) for number in range(10)))
        await one.still()
        return order

    assert asyncio.run(story()) == list(range(10))


def test_redis_goes_and_comes_back_while_people_wait(server: RedisServer) -> None:
    async def story() -> None:
        one = Process(server)
        inside = most = done = 0

        async def message() -> None:
            nonlocal inside, most, done
            async with one.locks.lock("web-1"):
                inside += 1
                most = max(most, inside)
                await asyncio.sleep(0.01)
                inside -= 1
                done += 1

        tasks = [asyncio.ensure_future(message()) for _ in range(40)]
        await until(lambda: done >= 5)
        server.stop()
        await until(lambda: done >= 15)
        server.start()
        await until(lambda: not one.shared.away)
        await asyncio.gather(*tasks)
        assert (most, done) == (1, 40)
        assert await keys(one) == []
        await one.still()

    asyncio.run(story())


def test_a_short_absence_leaves_nobody_to_wait_for(server: RedisServer) -> None:
    """Redis hangs while the conversation is given back: it still believes in the old lease afterwards."""

    async def story() -> float:
        one = Process(server)
        async with one.locks.lock("web-1"):
            server.pause()
        server.resume()
        await until(lambda: not one.shared.away)
        begin = time.monotonic()
        async with one.locks.lock("web-1"):
            seconds = time.monotonic() - begin
        assert await keys(one) == []
        await one.still()
        return seconds

    assert asyncio.run(story()) < 0.3
