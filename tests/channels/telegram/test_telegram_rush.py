"""A flood of updates: emergencies first, everything bounded, nothing lost and nobody else cut off."""

from __future__ import annotations

import asyncio
import dataclasses
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.channels.shedding import Shedding
from bot.channels.telegram.flood import FIRST, Flood
from bot.speech.reply import Reply
from tests.channels.telegram.conftest import (
    CHAT,
    INTENTS,
    OPTIONS,
    EchoAgent,
    Running,
    button_update,
    serve,
    text_update,
    until,
)
from tests.channels.telegram.test_telegram_flood import Clock, send
from tests.fakes.telegram_api import FakeTelegram

pytestmark = pytest.mark.anyio
DANGER = "I die"
RESERVE = 10
SHORT = Reply("ok", "en", "ltr")


def urgent(text: str) -> bool:
    return "die" in text or text == "/doctor"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def allowed(began: float) -> float:
    """How many messages one chat may send since then: 20, and one more every three seconds."""
    return 21 + (time.monotonic() - began) / 3


class Held(EchoAgent):
    """Answers nobody until it is `open`."""

    def __init__(self) -> None:
        super().__init__()
        self.open, self.reply = asyncio.Event(), SHORT
        self.wait = lambda message: self.open.wait()

    @property
    def texts(self) -> list[str]:
        """What was answered, in its order."""
        return [str(message.text) for message in self.messages]


@asynccontextmanager
async def rushed(
    telegram: FakeTelegram, agent: EchoAgent, public_url: str = "https://bot.example.org", **more: Any
) -> AsyncIterator[Running]:
    """A server that answers one message at a time."""
    line = Shedding(500, urgent, at_once=1, kept=0)
    options = dataclasses.replace(OPTIONS, data_dir=telegram.folder, shedding=line, **more)
    async with serve(telegram, agent, public_url=public_url, options=options, intents=INTENTS) as running:
        await until(lambda: telegram.webhook if public_url else running.channel.connection)
        yield running


@pytest.mark.parametrize("kind", ["text", "button"])
async def test_an_emergency_goes_before_all_who_wait(telegram: FakeTelegram, kind: str) -> None:
    agent = Held()
    async with rushed(telegram, agent) as running:
        for number in range(1, 31):
            await running.post(text_update(number, f"hello {number}", chat=number))
        danger = text_update(99, DANGER, chat=99) if kind == "text" else button_update(99, "/doctor", chat=99)
        await running.post(danger)
        await until(lambda: agent.open.is_set() or running.desk.options.shedding.waiting == 31)
        agent.open.set()
        await until(lambda: running.channel.inbox.waiting == 0)
        assert agent.texts[1] == (DANGER if kind == "text" else "/doctor")
        assert sorted(agent.texts[2:]) == sorted(f"hello {number}" for number in range(2, 31))
        assert not running.channel.inbox._urgent and not running.channel.inbox._hurried
        assert running.desk.options.shedding.waiting == 0


async def test_what_comes_before_it_in_the_chat_goes_first_too(telegram: FakeTelegram) -> None:
    agent = Held()
    async with rushed(telegram, agent) as running:
        for number in range(1, 21):
            await running.post(text_update(number, f"hello {number}", chat=number))
        for number in range(50, 53):
            await running.post(text_update(number, f"please {number}", chat=50))
        await running.post(text_update(53, DANGER, chat=50))
        await until(lambda: running.desk.options.shedding.waiting == 21)
        agent.open.set()
        await until(lambda: running.channel.inbox.waiting == 0)
        own = [text for text in agent.texts if text == DANGER or text.startswith("please")]
        assert own == ["please 50", "please 51", "please 52", DANGER], "the order of the chat stays"
        # the first one stood in line before anybody knew
        assert agent.texts.index(DANGER) <= agent.texts.index("please 50") + 6


async def test_a_full_inbox_takes_emergencies_in(telegram: FakeTelegram, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.telegram.inbox.RESERVE", RESERVE)
    agent = Held()
    async with rushed(telegram, agent) as running:
        running.channel.inbox.size = 5
        for number in range(1, 6):
            assert (await running.post(text_update(number, "hello", chat=number))).status_code == 200
        refused = text_update(6, "hello", chat=6)
        assert (await running.post(refused)).status_code == 503
        assert (await running.post(text_update(7, DANGER, chat=7))).status_code == 200
        taken = 0
        for number in range(100, 100 + 2 * RESERVE):
            taken += (await running.post(text_update(number, DANGER, chat=number))).status_code == 200
        assert taken == RESERVE - 1, "also these are bounded"
        agent.open.set()
        await until(lambda: running.channel.inbox.waiting == 0, 60)
        assert agent.texts.count(DANGER) == RESERVE
        assert (await running.post(refused)).status_code == 200, "Telegram sends it again"
        await until(lambda: running.channel.inbox.waiting == 0)


async def test_a_full_inbox_takes_emergencies_in_by_polling_and_loses_nothing(telegram: FakeTelegram) -> None:
    agent = Held()
    async with rushed(telegram, agent, public_url="") as running:
        await until(lambda: running.channel.connection and running.channel.connection.application.running)
        running.channel.inbox.size = 3
        calm = [text_update(number, f"hello {number}", chat=number) for number in range(1, 11)]
        await telegram.push(*calm[:3])
        await until(lambda: running.channel.inbox.waiting == 3)
        await telegram.push(*calm[3:], text_update(11, DANGER, chat=11))
        await until(lambda: running.channel.inbox.hurried(11))
        agent.open.set()
        await until(lambda: len(agent.messages) == 11)
        assert agent.texts.index(DANGER) < 5
        assert sorted(agent.texts) == sorted([DANGER, *(f"hello {number}" for number in range(1, 11))])
        await telegram.push(text_update(12, "and on", chat=1))
        await until(lambda: "and on" in agent.texts)
        assert len(agent.messages) == 12, "each once"


async def test_emergencies_pass_above_the_limit_of_a_chat(telegram: FakeTelegram) -> None:
    agent = EchoAgent()
    agent.reply = SHORT
    async with rushed(telegram, agent) as running:
        began = time.monotonic()
        for number in range(1, 31):
            await running.post(text_update(number, f"hello {number}"))
        await until(lambda: running.channel.inbox.waiting == 0, 60)
        assert 20 <= len(agent.messages) <= allowed(began)
        before, began = len(agent.messages), time.monotonic()
        for number in range(50, 62):
            await running.post(text_update(number, f"{DANGER} {number}"))
        await until(lambda: running.channel.inbox.waiting == 0, 60)
        found = len(agent.messages) - before
        assert 5 <= found <= allowed(began) - 20 + 6 + (time.monotonic() - began) / 12, "a few, then it is a flood, too"


async def test_thirty_updates_a_second_of_one_chat_hold_up_no_other(telegram: FakeTelegram) -> None:
    agent = EchoAgent()
    agent.reply = SHORT
    async with rushed(telegram, agent) as running:
        began = time.monotonic()
        for number in range(1, 81):
            await running.post(text_update(number, f"hello {number}"))
        await running.post(text_update(500, "me too", chat=CHAT + 1))
        await until(lambda: running.channel.inbox.waiting == 0, 60)
        assert "me too" in [message.text for message in agent.messages]
        assert len(agent.messages) <= allowed(began) + 1
        told = [row for row in telegram.messages(CHAT) if "very fast" in row["visible"]]
        assert 1 <= len(told) <= 2 + (time.monotonic() - began) // 60, "once a minute"


async def test_one_button_pressed_all_the_time(telegram: FakeTelegram) -> None:
    agent = EchoAgent()
    agent.reply = SHORT
    async with rushed(telegram, agent) as running:
        began = time.monotonic()
        for _ in range(60):
            await running.post(button_update(1, "/help"))
        for number in range(2, 82):
            await running.post(button_update(number, "/help"))
        for number in range(300, 340):  # not signed, or for somebody else's server
            await running.post(button_update(number, "help.AAAAAAAAAA", chat=CHAT + 1, signed=False))
        await until(lambda: running.channel.inbox.waiting == 0, 60)
        assert 20 <= len(agent.messages) <= allowed(began)
        assert {message.text for message in agent.messages} == {"/help"}


async def test_an_album_without_an_end_is_one_answer(telegram: FakeTelegram) -> None:
    agent = EchoAgent()
    async with rushed(telegram, agent) as running:
        photo = [{"file_id": "f", "file_unique_id": "u", "width": 1, "height": 1}]
        for number in range(1, 41):
            await running.post(text_update(number, None, photo=photo, media_group_id="album"))
        await until(lambda: running.channel.inbox.waiting == 0, 60)
        assert len(telegram.messages(CHAT)) <= 3 and agent.messages == []


async def test_a_webhook_without_the_secret_costs_nothing(telegram: FakeTelegram) -> None:
    agent = EchoAgent()
    async with rushed(telegram, agent) as running:
        for number in range(200):
            wrong = "" if number % 2 else "0" * 64
            assert (await running.post(text_update(number, DANGER), secret=wrong)).status_code == 403
        assert running.channel.inbox.waiting == 0 and agent.messages == []
        body = {"content": b'{"update_id": 1, "x": "' + b"a" * 5_000_000 + b'"}'}
        assert (await running.post(None, **body)).status_code == 413
        await running.post(text_update(1, "hello"))
        await until(lambda: telegram.messages(CHAT))


async def test_an_answer_about_an_emergency_does_not_stand_in_line() -> None:
    flood, clock = Flood(per_second=10, chat_seconds=0), Clock()
    crowd = [asyncio.create_task(send(flood, clock, chat)) for chat in range(20)]
    await asyncio.sleep(0)
    for chat in range(100, 103):
        call = flood.process_request(clock.call, (chat,), {}, "sendMessage", {"chat_id": chat}, FIRST)
        await asyncio.wait_for(call, 60)
    assert len(clock.times) <= 10, "most of the others still wait"
    for chat in range(103, 120):  # more than may go first
        crowd.append(asyncio.create_task(flood.process_request(
            clock.call, (chat,), {}, "sendMessage", {"chat_id": chat}, FIRST,
        )))  # fmt: skip
    await asyncio.sleep(0)
    assert len(clock.times) < 20
    for task in crowd:
        task.cancel()
    await asyncio.gather(*crowd, return_exceptions=True)


async def test_nobody_goes_first_while_telegram_asks_for_a_pause() -> None:
    flood, clock = Flood(per_second=0, chat_seconds=0), Clock()
    clock.refuse = 1
    began = asyncio.get_running_loop().time()
    assert await flood.process_request(clock.call, (1,), {}, "sendMessage", {"chat_id": 1}, FIRST) is True
    assert clock.times[0] - began >= 0.99
