"""Telegram's ceilings on the way out, and its `retry_after`."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from typing import Any

import pytest
from telegram.error import RetryAfter

from bot.channels.telegram.flood import Flood

pytestmark = pytest.mark.anyio


class Clock:
    """Counts calls by their time; `refuse` is how many of the next ones are told to wait."""

    def __init__(self) -> None:
        self.times: list[float] = []
        self.chats: defaultdict[int, list[float]] = defaultdict(list)
        self.refuse = 0

    async def call(self, chat: int) -> bool:
        """One call to the Bot API."""
        if self.refuse:
            self.refuse -= 1
            raise RetryAfter(1)
        now = asyncio.get_running_loop().time()
        self.times.append(now)
        self.chats[chat].append(now)
        return True


async def send(flood: Flood, clock: Clock, chat: int, endpoint: str = "sendMessage") -> Any:
    return await flood.process_request(clock.call, (chat,), {}, endpoint, {"chat_id": chat}, None)


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


async def test_all_chats_together_stay_below_the_ceiling() -> None:
    flood, clock = Flood(per_second=50, chat_seconds=0), Clock()
    await asyncio.gather(*(send(flood, clock, chat) for chat in range(60)))
    for i in range(50, 60):
        assert clock.times[i] - clock.times[i - 50] >= 0.99


async def test_one_chat_gets_one_message_at_a_time_in_order_and_holds_up_nobody() -> None:
    flood, clock = Flood(per_second=0, chat_seconds=0.1), Clock()
    await asyncio.gather(*(send(flood, clock, chat) for chat in (1, 1, 1, 2)))
    first, second, third = clock.chats[1]
    assert second - first >= 0.099 and third - second >= 0.099
    assert clock.chats[2][0] - first < 0.09


async def test_typing_is_not_held_up() -> None:
    flood, clock = Flood(per_second=0, chat_seconds=10), Clock()
    await send(flood, clock, 1)
    await asyncio.wait_for(send(flood, clock, 1, "sendChatAction"), 1)
    await asyncio.wait_for(send(flood, clock, 1, "answerCallbackQuery"), 1)


async def test_telegram_is_obeyed_when_it_says_wait() -> None:
    flood, clock = Flood(per_second=0, chat_seconds=0), Clock()
    start = asyncio.get_running_loop().time()
    clock.refuse = 1
    assert await send(flood, clock, 1) is True
    assert clock.times[0] - start >= 0.99 and flood.held == 1


async def test_a_storm_of_refusals_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.telegram.flood.MOST_SECONDS", 2.5)
    flood, clock = Flood(per_second=0, chat_seconds=0), Clock()
    clock.refuse = 99
    with pytest.raises(RetryAfter):
        await asyncio.wait_for(send(flood, clock, 1), 10)
    assert flood.held == 3
