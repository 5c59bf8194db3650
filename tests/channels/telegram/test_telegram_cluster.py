"""Two processes of one bot on one Redis: each update answered once and in its order, also when one of them dies."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from rasa.core.channels.channel import UserMessage

from bot.channels.telegram.journal import FILE, Journal
from tests.channels.telegram.cluster_parts import contents, hurry, kill, pending, process, said
from tests.channels.telegram.conftest import CHAT, SECRET, Running, text_update, until
from tests.fakes.redis_server import RedisServer
from tests.fakes.telegram_api import FakeTelegram

pytestmark = pytest.mark.anyio
WORDS = "my very private question"


@pytest.fixture
async def two(telegram: FakeTelegram, redis_up: RedisServer, tmp_path: Path) -> AsyncIterator[tuple[Running, Running]]:
    async with (
        process(telegram, redis_up, tmp_path / "a") as first,
        process(telegram, redis_up, tmp_path / "b") as second,
    ):
        yield first, second


def block(*processes: Running) -> asyncio.Event:
    """Let nothing be answered until the event is set."""
    go = asyncio.Event()
    for running in processes:
        running.agent.wait = lambda message: go.wait()
    return go


async def post(running: Running, *updates: dict) -> None:
    for update in updates:
        assert (await running.post(update)).status_code == 200


async def idle(*processes: Running) -> None:
    await until(lambda: all(running.channel.inbox.waiting == 0 for running in processes))


async def test_an_update_sent_to_both_is_answered_once(
    two: tuple[Running, Running], telegram: FakeTelegram, redis_up: RedisServer
) -> None:
    for number in range(1, 6):
        await asyncio.gather(*(post(running, text_update(number, f"t{number}")) for running in two * 2))
    await idle(*two)
    await post(two[0], text_update(3, "t3"))
    await post(two[1], text_update(3, "t3"))
    await idle(*two)
    assert sorted(said(telegram, CHAT)) == [f"t{n}" for n in range(1, 6)]
    assert pending(redis_up) == []


async def test_words_and_chats_are_not_readable_in_redis_and_gone_when_answered(
    two: tuple[Running, Running], redis_up: RedisServer
) -> None:
    go = block(*two)
    await post(two[0], text_update(1, WORDS, chat=700777))
    await until(lambda: pending(redis_up))
    everything = b"".join(key.encode() + value for key, value in contents(redis_up).items())
    assert WORDS.encode() not in everything and b"700777" not in everything
    go.set()
    await idle(*two)
    everything = b"".join(key.encode() + value for key, value in contents(redis_up).items())
    assert b"content" not in everything and b"700777" not in everything


async def test_one_chat_at_two_processes_is_answered_one_by_one_in_the_order_of_arrival(
    two: tuple[Running, Running], telegram: FakeTelegram
) -> None:
    at_once, most, other_chat = 0, 0, asyncio.Event()

    async def wait(message: UserMessage) -> None:
        nonlocal at_once, most
        if message.text == "other":
            other_chat.set()
            return
        at_once += 1
        most = max(most, at_once)
        if message.text == "0":
            await other_chat.wait()  # another chat is not held up
        await asyncio.sleep(0.03 if int(message.text) % 3 else 0)
        at_once -= 1

    for running in two:
        running.agent.wait = wait
    for number in range(12):
        await post(two[number % 2], text_update(100 - number, str(number)))
    await post(two[1], text_update(200, "other", chat=CHAT + 1))
    await idle(*two)
    assert said(telegram, CHAT) == [str(n) for n in range(12)]
    assert most == 1
    assert {m.text for m in two[0].agent.messages} >= {"0", "2", "4"}
    assert {m.text for m in two[1].agent.messages} >= {"1", "3", "5"}


async def test_what_a_killed_process_left_is_answered_once_by_another_within_ten_seconds(
    telegram: FakeTelegram, redis_up: RedisServer, tmp_path: Path
) -> None:
    async with AsyncExitStack() as stack:
        a, b, c = [await stack.enter_async_context(process(telegram, redis_up, tmp_path / name)) for name in "abc"]
        block(a)
        await post(a, text_update(1, "begun"), text_update(2, "waits"), text_update(3, "other", chat=CHAT + 1))
        await post(b, text_update(4, "behind"))
        await until(lambda: a.channel.inbox.waiting == 3 and b.channel.inbox.waiting == 1)
        await kill(a)
        died = time.monotonic()
        await until(lambda: len(said(telegram, CHAT)) == 3 and said(telegram, CHAT + 1))
        assert time.monotonic() - died < 10
        await idle(b, c)
        assert said(telegram, CHAT) == ["begun", "waits", "behind"]
        assert said(telegram, CHAT + 1) == ["other"]
        assert pending(redis_up) == []


async def test_what_a_stopping_process_cannot_finish_goes_to_another_at_once(
    telegram: FakeTelegram, redis_up: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram.connection.GRACE_SECONDS", 0.1)
    async with process(telegram, redis_up, tmp_path / "b") as other:
        async with process(telegram, redis_up, tmp_path / "a") as stopping:
            block(stopping)
            await post(stopping, text_update(1, "first"), text_update(2, "second"))
            await until(lambda: stopping.channel.inbox.waiting == 2)
        stopped = time.monotonic()
        await until(lambda: len(said(telegram, CHAT)) == 2)
        assert time.monotonic() - stopped < 3
        assert said(telegram, CHAT) == ["first", "second"]
        await idle(other)
        assert pending(redis_up) == []


async def test_an_update_that_stops_every_process_is_dropped(
    telegram: FakeTelegram, redis_up: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch, 0.5, 0.3)
    begun = []

    async def wait(message: UserMessage) -> None:
        begun.append(message.text)
        await asyncio.Event().wait()

    for number in range(3):
        async with process(telegram, redis_up, tmp_path / str(number)) as running:
            running.agent.wait = wait
            if number == 0:
                await post(running, text_update(1, "poison"), text_update(2, "behind"))
            await until(lambda n=number: len(begun) == n + 1)
            await kill(running)
    async with process(telegram, redis_up, tmp_path / "last"):
        await until(lambda: said(telegram, CHAT))
    assert begun == ["poison"] * 3 and said(telegram, CHAT) == ["behind"]


async def test_redis_gone_and_back_empty(
    two: tuple[Running, Running], telegram: FakeTelegram, redis_up: RedisServer
) -> None:
    a, b = two
    go = block(a)
    await post(a, text_update(1, "before"), text_update(2, "waits"))
    redis_up.stop()
    await post(b, text_update(3, "meanwhile", chat=CHAT + 1))
    await post(b, text_update(3, "meanwhile", chat=CHAT + 1))
    await post(a, text_update(4, "kept on disk"))
    await until(lambda: said(telegram, CHAT + 1))
    redis_up.start()
    await until(lambda: not a.channel._shared.away and not b.channel._shared.away)  # type: ignore[union-attr]
    await until(lambda: sum(":update:" in key for key in contents(redis_up)) == 3)  # handed in again
    await post(b, text_update(5, "after"))
    go.set()
    await idle(a, b)
    # what was answered alone is known to the others now
    await until(lambda: any(key.endswith(":seen:3") for key in contents(redis_up)))
    await post(a, text_update(3, "meanwhile", chat=CHAT + 1))
    await idle(a, b)
    assert said(telegram, CHAT + 1) == ["meanwhile"]
    assert said(telegram, CHAT) == ["before", "waits", "kept on disk", "after"]
    await until(lambda: pending(redis_up) == [])
    for running in two:
        assert running.channel.journal is not None and running.channel.journal.pending() == []


async def test_nobody_is_taken_for_dead_because_redis_stood_still(
    telegram: FakeTelegram, redis_up: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch, 2.0, 2.5)
    async with process(telegram, redis_up, tmp_path / "a") as a, process(telegram, redis_up, tmp_path / "b") as b:
        go = block(a)
        await post(a, text_update(1, "one"), text_update(2, "two"))
        intake = b.channel._parts.intake  # type: ignore[union-attr]
        await until(lambda: intake._lease.may_take_over)  # type: ignore[attr-defined]
        redis_up.pause()
        paused = time.monotonic()
        try:
            await until(lambda: a.channel._shared.away and b.channel._shared.away)  # type: ignore[union-attr]
            await post(b, text_update(3, "three", chat=CHAT + 1))
            await until(lambda: said(telegram, CHAT + 1))
            await until(lambda: time.monotonic() - paused > 2.2)  # longer than a lease
        finally:
            redis_up.resume()
        await until(lambda: not a.channel._shared.away and not b.channel._shared.away)  # type: ignore[union-attr]
        await until(lambda: intake._lease.may_take_over)  # type: ignore[attr-defined]
        go.set()
        await idle(a, b)
        assert said(telegram, CHAT) == ["one", "two"]
        assert [m.text for m in b.agent.messages] == ["three"]
        await until(lambda: pending(redis_up) == [])


async def test_nobody_is_taken_for_dead_because_the_machine_stood_still(
    telegram: FakeTelegram, redis_up: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hurry(monkeypatch, 1.0, 0.5)
    async with process(telegram, redis_up, tmp_path / "a") as a, process(telegram, redis_up, tmp_path / "b") as b:
        go = block(a, b)
        await post(a, text_update(1, "of a"))
        await post(b, text_update(2, "of b", chat=CHAT + 1))
        leases = [running.channel._parts.intake._lease for running in (a, b)]  # type: ignore[union-attr]
        await until(lambda: all(lease.may_take_over for lease in leases))
        time.sleep(1.5)  # both processes share this loop: whoever wakes first sees the other's lease ended
        await until(lambda: all(lease.may_take_over for lease in leases))
        go.set()
        await idle(a, b)
        assert [m.text for m in a.agent.messages] == ["of a"]
        assert [m.text for m in b.agent.messages] == ["of b"]
    assert (said(telegram, CHAT), said(telegram, CHAT + 1)) == (["of a"], ["of b"])


async def test_what_was_taken_while_redis_was_away_survives_the_process(
    telegram: FakeTelegram, redis_up: RedisServer, tmp_path: Path
) -> None:
    redis_up.stop()
    async with process(telegram, redis_up, tmp_path / "a") as running:
        block(running)
        await post(running, text_update(1, "asked in the outage"))
        await kill(running)
    redis_up.start()
    async with process(telegram, redis_up, tmp_path / "a") as running:
        await until(lambda: said(telegram, CHAT))
        await idle(running)
    assert said(telegram, CHAT) == ["asked in the outage"]


async def test_processes_in_one_folder_have_a_file_each_and_inherit_those_of_the_dead(
    telegram: FakeTelegram, redis_up: RedisServer, tmp_path: Path
) -> None:
    folder = tmp_path / "same"
    folder.mkdir()
    left = Journal(folder / "telegram-2.sqlite", SECRET)
    left.take(text_update(1, "of a process that died"))
    left.close()
    async with process(telegram, redis_up, folder) as a, process(telegram, redis_up, folder) as b:
        await until(lambda: said(telegram, CHAT))
        redis_up.stop()
        await post(a, text_update(2, "x"))
        await post(b, text_update(3, "y", chat=CHAT + 1))
        await until(lambda: len(said(telegram, CHAT)) == 2 and said(telegram, CHAT + 1))
    assert said(telegram, CHAT) == ["of a process that died", "x"]
    names = {path.name for path in folder.glob("*.sqlite")}
    assert names == {FILE, "telegram-2.sqlite"}
