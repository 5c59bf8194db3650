"""Several processes of one bot on one real Redis, each with a folder, an agent and an address of its own."""

from __future__ import annotations

import asyncio
import dataclasses
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import redis

from bot.channels.telegram.shared_journal import SharedJournal
from bot.memory.shared import Shared
from tests.channels.telegram.conftest import OPTIONS, EchoAgent, Running, serve, until
from tests.fakes.redis_server import RedisServer
from tests.fakes.telegram_api import FakeTelegram

PUBLIC = "https://bot.example.org"


@asynccontextmanager
async def process(
    telegram: FakeTelegram, server: RedisServer, folder: Path, public_url: str = PUBLIC, **settings: Any
) -> AsyncIterator[Running]:
    """One process, ready to take updates."""
    folder.mkdir(exist_ok=True)
    shared = Shared.open(server.url)
    options = dataclasses.replace(settings.pop("options", OPTIONS), data_dir=folder)
    try:
        async with serve(
            telegram, EchoAgent(), options=options, shared=shared, public_url=public_url, **settings
        ) as running:
            await until(lambda: running.channel.connection and running.channel.connection.application.running)
            yield running
    finally:
        await shared.disconnect()


async def kill(running: Running) -> None:
    """As kill -9 leaves a process: nothing of it goes on, nothing is handed over."""
    channel = running.channel
    connection, parts = channel.connection, channel._parts
    assert connection is not None and parts is not None and isinstance(parts.intake, SharedJournal)
    channel.connection = channel._parts = None
    parts.intake._cluster.shared.on_back.clear()
    leader: Any = parts.leader
    lines = [line.task for line in parts.intake._turns._lines.values()]
    application: Any = connection.application
    answering = [*application._Application__create_task_tasks, application._Application__update_fetcher_task]
    tasks = [connection._task, parts.intake._lease._task, leader._task, *lines, *answering]
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    parts.close_file()
    await parts.intake._cluster.shared.disconnect()
    await connection.application.bot.shutdown()


def hurry(monkeypatch: pytest.MonkeyPatch, seconds: float, grace: float) -> None:
    """Leases that end and are renewed sooner."""
    monkeypatch.setattr("bot.channels.telegram.lease.SECONDS", seconds)
    monkeypatch.setattr("bot.channels.telegram.lease.RENEW_SECONDS", seconds / 5)
    monkeypatch.setattr("bot.channels.telegram.lease.GRACE_SECONDS", grace)


def contents(server: RedisServer) -> dict[str, bytes]:
    """Everything that is in Redis."""
    client = redis.Redis(port=server.port)
    readers = {
        b"string": client.get, b"hash": client.hgetall, b"set": client.smembers,
        b"list": lambda key: client.lrange(key, 0, -1), b"zset": lambda key: client.zrange(key, 0, -1, withscores=True),
    }  # fmt: skip
    found = {}
    for key in client.keys("*"):
        reader = readers.get(client.type(key))
        if reader is not None:
            found[key.decode()] = repr(reader(key)).encode()
        assert client.ttl(key) > 0 or key.endswith(b":leases"), f"{key!r} is kept for ever"
    client.close()
    return found


def pending(server: RedisServer) -> list[str]:
    """What is taken and not answered."""
    return [key for key in contents(server) if ":update:" in key or ":chat:" in key]


def said(telegram: FakeTelegram, chat: int) -> list[str]:
    """The answers of a chat in their order."""
    texts = [m["visible"].split("\n")[0] for m in telegram.messages(chat)]
    return [text.removeprefix("You wrote: ") for text in texts if text.startswith("You wrote")]
