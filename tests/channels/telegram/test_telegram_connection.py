"""Polling and webhook in Rasa's server, against a Telegram that is up, down, or says no."""

from __future__ import annotations

import asyncio
import logging

import pytest
from rasa.core.channels.channel import UserMessage
from telegram import Update

from tests.channels.telegram.conftest import CHAT, EchoAgent, Running, sample_updates, serve, text_update, until
from tests.fakes.telegram_api import FakeTelegram

SAMPLE_TEXTS = ["/greet", "أين مكتب الأجانب؟", "/inform", "أين مكتب الأجانب في دريسدن؟"]
pytestmark = pytest.mark.anyio


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.channels.telegram.connection.FIRST_PAUSE", 0.05)
    monkeypatch.setattr("bot.channels.telegram.connection.LONGEST_PAUSE", 0.2)


async def test_polling_answers_and_confirms(polling: Running) -> None:
    await polling.telegram.push(text_update(1, "Where can I learn German?"))
    await until(lambda: len(polling.telegram.messages()) == 2)
    await until(lambda: not polling.telegram._updates)  # confirmed by the next offset
    names = [name for name, _ in polling.telegram.calls if name in ("sendChatAction", "sendMessage")]
    assert names == ["sendChatAction", "sendMessage", "sendMessage"]
    assert polling.telegram.messages(CHAT)[0]["visible"] == "You wrote: Where can I learn German?"
    assert not polling.telegram.refused


async def test_command_menu_in_every_language(polling: Running) -> None:
    await until(lambda: polling.telegram.count("getUpdates") or polling.telegram._poller)
    menus = [p for name, p in polling.telegram.calls if name == "setMyCommands"]
    assert {"", "de", "en", "ar", "uk"} <= {p.get("language_code", "") for p in menus}
    assert [c["command"] for c in menus[0]["commands"]] == ["start", "help", "language", "privacy", "hide", "forget"]


async def test_sample_updates_by_polling(polling: Running) -> None:
    await polling.telegram.push(*sample_updates())
    await until(lambda: polling.telegram.count("answerCallbackQuery"))
    await until(lambda: len(polling.agent.messages) == 4)
    # the button of the sample is not one of ours; the text that was edited at once is answered as corrected
    assert [m.text for m in polling.agent.messages] == SAMPLE_TEXTS
    assert not polling.telegram.refused


async def test_sample_updates_by_webhook(hooked: Running) -> None:
    assert hooked.telegram.webhook["url"] == "https://bot.example.org/webhooks/telegram/webhook"
    assert hooked.telegram.webhook["secret_token"] == hooked.channel.webhook_secret
    for update in sample_updates():
        assert (await hooked.post(update)).status_code == 200
    await until(lambda: hooked.channel.inbox.waiting == 0)
    assert [m.text for m in hooked.agent.messages] == SAMPLE_TEXTS
    assert hooked.telegram.count("answerCallbackQuery") == 1
    assert sum("cannot listen to voice" in m["text"] for m in hooked.telegram.messages()) == 1


@pytest.mark.parametrize("secret", ["", "wrong", "ä"])
async def test_webhook_refuses_a_wrong_secret(hooked: Running, secret: str) -> None:
    assert (await hooked.post(text_update(1, "x"), secret.encode())).status_code == 403  # type: ignore[arg-type]
    assert hooked.agent.messages == []


@pytest.mark.parametrize("body", [b"", b"{", b"\xff\xfe", b"[]", b"null", b'{"message": {}}', b'{"update_id": "1"}'])
async def test_webhook_refuses_what_is_no_update(hooked: Running, body: bytes) -> None:
    assert (await hooked.post(None, content=body)).status_code == 400


async def test_webhook_refuses_giants(hooked: Running) -> None:
    assert (await hooked.post(None, content=b" " * 1_100_000)).status_code == 413


async def test_webhook_returns_before_the_answer(hooked: Running) -> None:
    returned = asyncio.Event()
    hooked.agent.wait = lambda message: returned.wait()
    assert (await hooked.post(text_update(1, "slow"))).status_code == 200
    assert hooked.telegram.messages() == []
    returned.set()
    await until(lambda: hooked.telegram.messages())


async def test_full_inbox_is_503_and_recovers(hooked: Running) -> None:
    full = asyncio.Event()
    hooked.channel.inbox.size = 2
    hooked.agent.wait = lambda message: full.wait()
    codes = [(await hooked.post(text_update(n, "x", chat=n))).status_code for n in (1, 2, 3)]
    assert codes == [200, 200, 503]
    full.set()
    await until(lambda: hooked.channel.inbox.waiting == 0)
    assert (await hooked.post(text_update(3, "x", chat=3))).status_code == 200
    await until(lambda: len(hooked.agent.messages) == 3)


async def test_an_unreadable_update_stops_nobody(polling: Running) -> None:
    broken = {"update_id": 1, "message": {"message_id": 1, "date": "yesterday", "chat": 5}}
    await polling.telegram.push(broken, text_update(2, "still there"))
    await until(lambda: polling.agent.messages)
    assert (await polling.post(broken)).status_code == 200


async def test_full_inbox_slows_polling_down_without_loss(polling: Running) -> None:
    polling.channel.inbox.size = 2
    polling.agent.wait = lambda message: asyncio.sleep(0.02)
    await polling.telegram.push(*(text_update(n, f"m{n}", chat=n) for n in range(1, 16)))
    await until(lambda: len(polling.agent.messages) == 15)


async def test_duplicates_are_answered_once(hooked: Running) -> None:
    for _ in range(3):
        assert (await hooked.post(text_update(9, "once"))).status_code == 200
    await until(lambda: hooked.channel.inbox.waiting == 0)
    assert len(hooked.agent.messages) == 1


async def test_order_within_a_chat_and_chats_side_by_side(hooked: Running) -> None:
    other_chat_done = asyncio.Event()

    async def wait(message: UserMessage) -> None:
        if message.text == "a1":
            await other_chat_done.wait()
        elif message.text == "b3":
            other_chat_done.set()

    hooked.agent.wait = wait
    for number, (chat, text) in enumerate([(1, "a1"), (1, "a2"), (2, "b1"), (2, "b2"), (1, "a3"), (2, "b3")], 1):
        await hooked.post(text_update(number, text, chat=chat))
    await until(lambda: hooked.channel.inbox.waiting == 0)
    for chat, name in ((1, "a"), (2, "b")):
        answers = [m["visible"] for m in hooked.telegram.messages(chat) if m["visible"].startswith("You wrote")]
        assert answers == [f"You wrote: {name}{n}" for n in (1, 2, 3)]


@pytest.mark.parametrize("token", ["123456:wrong-token", "not a token"])
async def test_wrong_token_is_one_clear_line(
    telegram: FakeTelegram, agent: EchoAgent, caplog: pytest.LogCaptureFixture, token: str
) -> None:
    caplog.set_level(logging.DEBUG)
    async with serve(telegram, agent, token=token):
        await until(lambda: len(telegram.refused) >= 3)
    lines = [r.getMessage() for r in caplog.records if "WEGWEISER_TELEGRAM_TOKEN" in r.getMessage()]
    assert len(lines) == 1
    assert token not in caplog.text


async def test_telegram_down_at_start_and_up_later(
    telegram: FakeTelegram, agent: EchoAgent, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    await telegram.stop()
    async with serve(telegram, agent) as running:
        assert (await running.post(text_update(1, "x"))).status_code == 503
        await until(lambda: "not reachable" in caplog.text)
        await asyncio.sleep(0.3)
        await telegram.start()
        await telegram.push(text_update(1, "hello"))
        await until(lambda: telegram.messages())
    assert caplog.text.count("not reachable") == 1
    assert telegram.token not in caplog.text
    assert "hello" not in caplog.text


async def test_webhook_is_registered_when_telegram_comes_back(telegram: FakeTelegram, agent: EchoAgent) -> None:
    telegram.script("setWebhook", 500, "Internal Server Error")
    telegram.script("getMe", 502, "Bad Gateway")
    async with serve(telegram, agent, public_url="https://bot.example.org"):
        await until(lambda: telegram.webhook)


@pytest.mark.parametrize(
    ("code", "text", "line"),
    [(409, "Conflict: terminated by other getUpdates request", "another program"), (500, "oops", "not reachable"),
     (401, "Unauthorized", "refused")],
)  # fmt: skip
async def test_polling_goes_on_after_an_error(
    polling: Running, caplog: pytest.LogCaptureFixture, code: int, text: str, line: str
) -> None:
    polling.telegram.script("getUpdates", code, text)
    await polling.telegram.push(text_update(1, "before"))
    await until(lambda: polling.telegram.refused)
    await polling.telegram.push(text_update(2, "after"))
    await until(lambda: len(polling.agent.messages) == 2)
    assert line in caplog.text


async def test_stopping_finishes_what_was_taken_in(telegram: FakeTelegram, agent: EchoAgent) -> None:
    agent.wait = lambda message: asyncio.sleep(0.3)
    async with serve(telegram, agent, public_url="https://bot.example.org") as running:
        await until(lambda: telegram.webhook)
        await running.post(text_update(1, "last words"))
    assert telegram.messages(CHAT)


def test_a_full_inbox_still_takes_the_stop_signal() -> None:
    async def scenario() -> None:
        from bot.channels.telegram.inbox import Inbox

        inbox = Inbox(1)
        inbox.put_nowait(Update(1))
        assert inbox.overfull
        await asyncio.wait_for(inbox.put(object()), 1)

    asyncio.run(scenario())
