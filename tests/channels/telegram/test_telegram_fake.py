"""The fake Bot API refuses what Telegram refuses, otherwise the other tests would prove nothing."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx
import pytest

from tests.channels.telegram.conftest import text_update
from tests.fakes.telegram_api import FakeTelegram

pytestmark = pytest.mark.anyio


async def call(telegram: FakeTelegram, method: str, token: str = "", **parameters: Any) -> dict[str, Any]:
    async with httpx.AsyncClient(trust_env=False) as client:
        answer = await client.post(f"{telegram.api}/bot{token or telegram.token}/{method}", json=parameters)
    body: dict[str, Any] = answer.json()
    assert answer.status_code == body.get("error_code", 200)
    return body


@pytest.mark.parametrize(
    ("method", "parameters", "code"),
    [
        ("sendMessage", {"chat_id": 5, "text": "a" * 4096}, 200),
        ("sendMessage", {"chat_id": 5, "text": "a" * 4097}, 400),
        ("sendMessage", {"chat_id": 5, "text": "<b>" + "&lt;" * 4096 + "</b>", "parse_mode": "HTML"}, 200),
        ("sendMessage", {"chat_id": 5, "text": "😀" * 2049}, 400),
        ("sendMessage", {"chat_id": 5, "text": " "}, 400),
        ("sendMessage", {"chat_id": 5}, 400),
        ("sendMessage", {"chat_id": "five", "text": "a"}, 400),
        ("sendMessage", {"chat_id": 5, "text": "a", "disable_notification": 7}, 400),
        ("sendMessage", {"chat_id": 5, "text": "a", "colour": "red"}, 400),
        ("sendMessage", {"chat_id": 5, "text": "a < b", "parse_mode": "HTML"}, 400),
        ("sendMessage", {"chat_id": 5, "text": "<b>a", "parse_mode": "HTML"}, 400),
        ("sendMessage", {"chat_id": 5, "text": "<p>a</p>", "parse_mode": "HTML"}, 400),
        ("setWebhook", {"url": "http://insecure.example"}, 400),
        ("setWebhook", {"url": "https://a.example", "secret_token": "ä"}, 400),
        ("sendVenue", {"chat_id": 5, "latitude": 51.0, "longitude": 13.7, "title": "A", "address": "B"}, 200),
        ("sendMusic", {"chat_id": 5}, 404),
    ],
)
async def test_contract(telegram: FakeTelegram, method: str, parameters: dict[str, Any], code: int) -> None:
    body = await call(telegram, method, **parameters)
    assert body.get("error_code", 200) == code
    assert body["ok"] is (code == 200)


async def test_callback_data_of_at_most_64_bytes(telegram: FakeTelegram) -> None:
    for data, ok in (("ä" * 32, True), ("ä" * 33, False), ("", False)):
        markup = {"inline_keyboard": [[{"text": "x", "callback_data": data}]]}
        assert (await call(telegram, "sendMessage", chat_id=5, text="a", reply_markup=markup))["ok"] is ok


async def test_updates_wait_are_filtered_and_confirmed(telegram: FakeTelegram) -> None:
    waiting = asyncio.create_task(call(telegram, "getUpdates", timeout=5, allowed_updates=["message"]))
    await asyncio.sleep(0.05)
    await telegram.push({"update_id": 1, "edited_message": {}}, text_update(2, "x"))
    assert [u["update_id"] for u in (await waiting)["result"]] == [2]
    assert (await call(telegram, "getUpdates", offset=3))["result"] == []


async def test_one_reader_at_a_time(telegram: FakeTelegram) -> None:
    first = asyncio.create_task(call(telegram, "getUpdates", timeout=5))
    await asyncio.sleep(0.05)
    await call(telegram, "getUpdates", timeout=0)
    assert (await first)["error_code"] == 409
    await call(telegram, "setWebhook", url="https://a.example")
    assert (await call(telegram, "getUpdates"))["error_code"] == 409


async def test_tokens_and_scripts(telegram: FakeTelegram) -> None:
    assert (await call(telegram, "getMe"))["result"]["is_bot"] is True
    assert (await call(telegram, "getMe", token="1:other"))["error_code"] == 401
    assert (await call(telegram, "getMe", token="nonsense"))["error_code"] == 404
    telegram.script("getMe", 429, "Too Many Requests: retry after 3", retry_after=3)
    assert (await call(telegram, "getMe"))["parameters"] == {"retry_after": 3}
    assert (await call(telegram, "getMe"))["ok"] is True
