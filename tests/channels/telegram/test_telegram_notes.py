"""What one process remembers and another needs: payloads of buttons, numbers of messages, what was said once."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.channels.telegram.buttons import MOST_BYTES
from bot.speech.reply import Choice, Reply
from tests.channels.telegram.cluster_parts import contents, process
from tests.channels.telegram.conftest import CHAT, STRINGS, Running, button_update, text_update, until
from tests.fakes.redis_server import RedisServer
from tests.fakes.telegram_api import FakeTelegram

pytestmark = pytest.mark.anyio
LONG = '/inform{"place": "landkreis-saechsische-schweiz-osterzgebirge", "service_language": "ar"}'
ANSWER = Reply("Where?", "en", "ltr", choices=[Choice("There", LONG)])


@pytest.fixture
async def two(telegram: FakeTelegram, redis_up: RedisServer, tmp_path: Path) -> AsyncIterator[tuple[Running, Running]]:
    async with (
        process(telegram, redis_up, tmp_path / "a") as first,
        process(telegram, redis_up, tmp_path / "b") as second,
    ):
        yield first, second


async def answered(running: Running, update: dict) -> None:
    assert (await running.post(update)).status_code == 200
    await until(lambda: running.channel.inbox.waiting == 0)


def shown_data(telegram: FakeTelegram) -> str:
    data: str = telegram.messages(CHAT)[-1]["reply_markup"]["inline_keyboard"][0][0]["callback_data"]
    return data


@pytest.mark.parametrize("gone", [False, True], ids=["redis", "redis was away when it was shown"])
async def test_a_long_button_of_one_process_works_at_another(
    two: tuple[Running, Running], telegram: FakeTelegram, redis_up: RedisServer, gone: bool
) -> None:
    a, b = two
    a.agent.reply = ANSWER
    if gone:
        redis_up.stop()
    await answered(a, text_update(1, "x"))
    data = shown_data(telegram)
    assert data.startswith("~") and len(data.encode()) <= MOST_BYTES
    if gone:
        await answered(a, button_update(2, data, signed=False))
        redis_up.start()
        await until(lambda: any(":button:" in key for key in contents(redis_up)))
        await until(lambda: not b.channel._shared.away)  # type: ignore[union-attr]
    await answered(b, button_update(3, data, signed=False))
    parsed = [m.parse_data["entities"] for m in (*a.agent.messages[1:], *b.agent.messages)]
    assert len(parsed) == 1 + gone
    for entities in parsed:
        assert [e["value"] for e in entities] == ["landkreis-saechsische-schweiz-osterzgebirge", "ar"]


async def test_a_long_button_that_nobody_kept_is_answered_kindly(two: tuple[Running, Running]) -> None:
    await answered(two[0], button_update(1, "~" + "A" * 24, signed=False))
    assert two[0].agent.messages == []
    (call,) = [p for name, p in two[0].telegram.calls if name == "answerCallbackQuery"]
    assert call["text"] == "[en] " + STRINGS["telegram_old_button"]


async def test_hide_deletes_what_all_processes_sent(two: tuple[Running, Running], telegram: FakeTelegram) -> None:
    a, b = two
    await answered(a, text_update(1, "x"))
    await answered(b, text_update(2, "y"))
    await answered(b, text_update(3, "/hide"))
    (call,) = [p for name, p in telegram.calls if name == "deleteMessages"]
    assert call["message_ids"] == [1004, 1003, 1002, 1001]


async def test_hide_in_an_outage_deletes_the_rest_when_redis_is_back(
    two: tuple[Running, Running], telegram: FakeTelegram, redis_up: RedisServer
) -> None:
    a, b = two
    await answered(a, text_update(1, "x"))
    redis_up.pause()
    try:
        await answered(b, text_update(2, "y"))
        assert (await b.post(text_update(3, "/hide"))).status_code == 200
        await until(lambda: telegram.count("deleteMessages"))
    finally:
        redis_up.resume()
    await until(lambda: b.channel.inbox.waiting == 0)
    deleted = [p["message_ids"] for name, p in telegram.calls if name == "deleteMessages"]
    assert deleted == [[1004, 1003], [1002, 1001]]


async def test_who_is_forgotten_leaves_no_numbers_anywhere(
    two: tuple[Running, Running], redis_up: RedisServer, telegram: FakeTelegram
) -> None:
    a, b = two
    await answered(a, text_update(1, "x"))
    sender = a.agent.messages[0].sender_id
    assert any(":sent:" in key for key in contents(redis_up))
    b.channel.forget(sender)
    await until(lambda: not any(":sent:" in key for key in contents(redis_up)))
    await answered(a, text_update(2, "y"))
    redis_up.pause()
    try:
        await until(lambda: b.channel._shared.away)  # type: ignore[union-attr]
        b.channel.forget(sender)
    finally:
        redis_up.resume()
    await until(lambda: not any(":sent:" in key for key in contents(redis_up)))


async def test_an_album_and_haste_are_answered_once_for_all_processes(
    two: tuple[Running, Running], telegram: FakeTelegram
) -> None:
    photo = [{"file_id": "A", "file_unique_id": "B", "width": 1, "height": 1}]
    updates = [text_update(n, None, photo=photo, media_group_id="77") for n in range(1, 5)]
    for number, update in enumerate(updates):
        await answered(two[number % 2], update)
    assert len(telegram.messages()) == 1
    await asyncio.gather(*(two[n % 2].post(text_update(n, "x", chat=CHAT + 1)) for n in range(10, 40)))
    await until(lambda: all(running.channel.inbox.waiting == 0 for running in two))
    assert sum(len(running.agent.messages) for running in two) in (20, 21)
    slow = [m for m in telegram.messages(CHAT + 1) if STRINGS["telegram_slow_down"] in m["visible"]]
    assert len(slow) in (1, 2)  # two when a minute ends in between
