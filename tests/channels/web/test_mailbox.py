"""The mailbox: what a person wrote waits in memory, within bounds, for whoever asks."""

from __future__ import annotations

import asyncio
import time
from typing import Any

import pytest

from bot.channels.web.mailbox import LARGEST, Crowded, Mailbox


class Clock:
    """Seconds that pass when the test says so."""

    def __init__(self, now: float = 1_000_000.0) -> None:
        self.now = now

    def __call__(self) -> float:
        return self.now


def reply(text: str) -> dict[str, Any]:
    return {"text": text}


def texts(found: list[dict[str, Any]]) -> list[str]:
    return [row["reply"]["text"] for row in found]


def run(scenario: Any) -> None:
    asyncio.run(scenario)


def test_numbers_grow_and_reading_takes_nothing_away() -> None:
    async def scenario() -> None:
        mailbox = Mailbox(clock=Clock())
        for text in "abc":
            mailbox.put("web-1", reply(text))
        mailbox.put("web-2", reply("theirs"))
        found = mailbox.since("web-1")
        numbers = [row["number"] for row in found]
        assert texts(found) == ["a", "b", "c"] and numbers == sorted(set(numbers))
        assert texts(mailbox.since("web-1", numbers[1])) == ["c"] == texts(mailbox.since("web-1", numbers[1]))
        assert mailbox.since("web-1", numbers[2]) == [] == mailbox.since("web-3")
        assert max(numbers) < 2**53, "a number of JavaScript"

    run(scenario())


@pytest.mark.parametrize(("passed", "gone_back"), [(60.0, False), (-3600.0, True)])
def test_a_reader_of_before_a_restart_misses_and_repeats_nothing(passed: float, gone_back: bool) -> None:
    """Whether the clock went on or was set back meanwhile."""

    async def scenario() -> None:
        clock = Clock()
        before = Mailbox(clock=clock)
        before.put("web-1", reply("old"))
        [seen] = before.since("web-1")
        clock.now += passed
        after = Mailbox(clock=clock)
        reader = asyncio.ensure_future(after.wait("web-1", seen["number"], 20))
        await asyncio.sleep(0)
        assert after.waiting == 1
        after.put("web-1", reply("new"))
        found = await reader
        assert texts(found) == ["new"]
        assert (found[0]["number"] < seen["number"]) is gone_back
        assert after.since("web-1", found[0]["number"]) == []
        after.close()

    run(scenario())


def test_each_conversation_is_bounded() -> None:
    async def scenario() -> None:
        mailbox = Mailbox(messages=3)
        for text in "abcde":
            mailbox.put("web-1", reply(text))
        assert texts(mailbox.since("web-1")) == ["c", "d", "e"]
        mailbox.close()

    run(scenario())


def test_all_are_bounded_by_number_and_bytes() -> None:
    async def scenario() -> None:
        few = Mailbox(conversations=2)
        for name in ("web-1", "web-2", "web-1", "web-3"):
            few.put(name, reply(name))
        assert [len(few.since(name)) for name in ("web-1", "web-2", "web-3")] == [2, 0, 1]
        small = Mailbox(most_bytes=100)
        for name in ("web-1", "web-2", "web-2", "web-2"):
            assert small.put(name, reply("x" * 20)) is True
        assert (small.since("web-1"), len(small.since("web-2"))) == ([], 3), "older conversations make room first"
        small.put("web-2", reply("y" * 20))
        assert texts(small.since("web-2"))[-1] == "y" * 20 and small.kept_bytes <= 100
        assert small.put("web-2", reply("x" * 101)) is False
        assert Mailbox().put("web-1", reply("x" * LARGEST)) is False
        few.close()
        small.close()

    run(scenario())


def test_what_is_past_its_time_is_gone() -> None:
    async def scenario() -> None:
        clock = Clock()
        mailbox = Mailbox(seconds=60, clock=clock)
        mailbox.put("web-1", reply("old"))
        clock.now += 40
        mailbox.put("web-1", reply("newer"))
        clock.now += 21
        assert texts(mailbox.since("web-1")) == ["newer"], "even before it is swept"
        mailbox.sweep()
        clock.now += 60
        mailbox.sweep()
        assert (len(mailbox), mailbox.kept_bytes) == (0, 0)
        mailbox.close()

    run(scenario())


def test_a_quiet_server_forgets_by_itself() -> None:
    async def scenario() -> None:
        mailbox = Mailbox(seconds=0.05)
        mailbox.put("web-1", reply("secret"))
        until = time.monotonic() + 10
        while len(mailbox) and time.monotonic() < until:
            await asyncio.sleep(0.01)
        assert (len(mailbox), mailbox.kept_bytes) == (0, 0)

    run(scenario())


def test_forgetting_empties_and_lets_readers_go() -> None:
    async def scenario() -> None:
        mailbox = Mailbox()
        mailbox.put("web-1", reply("secret"))
        number = mailbox.since("web-1")[0]["number"]
        reader = asyncio.ensure_future(mailbox.wait("web-1", number, 20))
        await asyncio.sleep(0)
        mailbox.forget("web-1")
        assert await reader == []
        assert (mailbox.since("web-1"), mailbox.waiting, mailbox.kept_bytes) == ([], 0, 0)
        mailbox.forget("web-1")
        mailbox.close()

    run(scenario())


def test_all_readers_of_a_conversation_get_a_message_and_others_none() -> None:
    async def scenario() -> None:
        mailbox = Mailbox()
        mine = [asyncio.ensure_future(mailbox.wait("web-1", 0, 20)) for _ in range(2)]
        theirs = asyncio.ensure_future(mailbox.wait("web-2", 0, 20))
        await asyncio.sleep(0)
        mailbox.put("web-1", reply("hello"))
        assert [texts(await reader) for reader in mine] == [["hello"], ["hello"]]
        assert not theirs.done() and mailbox.waiting == 1
        mailbox.close()
        assert await theirs == [] and mailbox.waiting == 0
        assert await mailbox.wait("web-2", 0, 20) == [], "a server that stops lets nobody wait"

    run(scenario())


def test_readers_are_bounded_and_leave_their_place() -> None:
    async def scenario() -> None:
        mailbox = Mailbox(readers=2, all_readers=3)
        readers = [asyncio.ensure_future(mailbox.wait(name, 0, 20)) for name in ("web-1", "web-1", "web-2")]
        await asyncio.sleep(0)
        with pytest.raises(Crowded) as everywhere:
            await mailbox.wait("web-3", 0, 20)
        assert everywhere.value.everywhere is True
        readers[2].cancel()
        await asyncio.wait({readers[2]})
        with pytest.raises(Crowded) as here:
            await mailbox.wait("web-1", 0, 20)
        assert here.value.everywhere is False
        readers[0].cancel()
        await asyncio.wait({readers[0]})
        third = asyncio.ensure_future(mailbox.wait("web-1", 0, 20))
        await asyncio.sleep(0)
        assert mailbox.waiting == 2
        mailbox.put("web-1", reply("hello"))
        assert texts(await third) == ["hello"] == texts(await readers[1])
        assert texts(await mailbox.wait("web-1", 0, 20)) == ["hello"], "what is there needs no place"
        mailbox.close()

    run(scenario())


def test_waiting_ends() -> None:
    async def scenario() -> None:
        mailbox = Mailbox()
        assert await mailbox.wait("web-1", 0, 0.01) == []
        assert await mailbox.wait("web-1", 0, 0) == []
        reader = asyncio.ensure_future(mailbox.wait("web-1", 0, 20))
        await asyncio.sleep(0)
        mailbox.wake("web-1")
        assert await reader == [] and mailbox.waiting == 0

    run(scenario())
