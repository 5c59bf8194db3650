"""Exactly one process polls, and registers webhook and menu; another one does when it is gone."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.channels.telegram.commands import tongues
from tests.channels.telegram.cluster_parts import hurry, kill, process, said
from tests.channels.telegram.conftest import CHAT, Running, text_update, until
from tests.fakes.redis_server import RedisServer
from tests.fakes.telegram_api import FakeTelegram

pytestmark = pytest.mark.anyio


def leading(*processes: Running) -> list[Running]:
    return [r for r in processes if r.channel._parts is not None and r.channel._parts.leader.leading]


async def test_one_polls_and_another_takes_over_when_it_is_killed(
    telegram: FakeTelegram,
    redis_up: RedisServer,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    hurry(monkeypatch, 1.5, 1.0)
    async with (
        process(telegram, redis_up, tmp_path / "a", public_url="") as a,
        process(telegram, redis_up, tmp_path / "b", public_url="") as b,
    ):
        await until(lambda: telegram._poller)
        (leader,) = leading(a, b)
        other = b if leader is a else a
        await telegram.push(text_update(1, "one"))
        await until(lambda: said(telegram, CHAT) and leader.channel.inbox.waiting == 0)
        await kill(leader)
        await telegram.push(text_update(2, "two"))
        await until(lambda: len(said(telegram, CHAT)) == 2)
        assert [m.text for m in other.agent.messages] == ["two"]
    assert said(telegram, CHAT) == ["one", "two"]
    assert "another program" not in caplog.text


async def test_a_leader_that_stops_hands_over_at_once(
    telegram: FakeTelegram, redis_up: RedisServer, tmp_path: Path
) -> None:
    async with process(telegram, redis_up, tmp_path / "a", public_url="") as a:
        await until(lambda: leading(a))
        async with process(telegram, redis_up, tmp_path / "b", public_url="") as b:
            connection = a.channel.connection
            assert connection is not None and leading(a, b) == [a]
            await connection.stop()
            a.channel.connection = None
            await until(lambda: leading(b), 4)
            await telegram.push(text_update(1, "one"))
            await until(lambda: said(telegram, CHAT))
            assert len(b.agent.messages) == 1


async def test_the_leader_goes_on_polling_while_redis_is_away(
    telegram: FakeTelegram, redis_up: RedisServer, tmp_path: Path
) -> None:
    async with (
        process(telegram, redis_up, tmp_path / "a", public_url="") as a,
        process(telegram, redis_up, tmp_path / "b", public_url="") as b,
    ):
        await until(lambda: leading(a, b))
        redis_up.stop()
        await until(lambda: a.channel._shared.away and b.channel._shared.away)  # type: ignore[union-attr]
        await telegram.push(text_update(1, "in the outage"))
        await until(lambda: said(telegram, CHAT))
        assert len(leading(a, b)) == 1
        redis_up.start()
        await until(lambda: not a.channel._shared.away and not b.channel._shared.away)  # type: ignore[union-attr]
        await telegram.push(text_update(2, "afterwards"))
        await until(lambda: len(said(telegram, CHAT)) == 2)
    assert said(telegram, CHAT) == ["in the outage", "afterwards"]


async def test_a_process_that_never_found_redis_polls_by_itself(
    telegram: FakeTelegram, redis_up: RedisServer, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram.leader.ALONE_SECONDS", 0.5)
    redis_up.stop()
    await telegram.push(text_update(1, "hello"))
    async with process(telegram, redis_up, tmp_path / "a", public_url=""):
        await until(lambda: said(telegram, CHAT))


async def test_webhook_and_menu_are_registered_by_one(
    telegram: FakeTelegram, redis_up: RedisServer, tmp_path: Path
) -> None:
    async with process(telegram, redis_up, tmp_path / "a") as a, process(telegram, redis_up, tmp_path / "b") as b:
        await until(lambda: telegram.count("setChatMenuButton"))
        for number, running in enumerate((a, b)):
            assert (await running.post(text_update(number, "x", chat=number + 5))).status_code == 200
        await until(lambda: said(telegram, 5) and said(telegram, 6))
        assert len(leading(a, b)) == 1
    assert telegram.count("setWebhook") == 1
    assert telegram.count("setMyCommands") == 2 * len(tongues())
