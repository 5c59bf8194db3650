"""One of each kind of update that Telegram knows, and Telegram at its worst: 429, 5xx and dropped connections in rows."""

from __future__ import annotations

import dataclasses
import random
from typing import Any

import pytest
from aiohttp import web

from bot.speech.reply import Reply
from tests.channels.telegram.conftest import (
    CHAT,
    OPTIONS,
    POLL,
    EchoAgent,
    Running,
    button_update,
    serve,
    text_update,
    until,
)
from tests.fakes.telegram_api import FakeTelegram
from tests.fakes.telegram_methods import ApiError

pytestmark = pytest.mark.anyio

MESSAGE = text_update(1, "Where can I learn German?")["message"]
USER, PRIVATE, NOW = MESSAGE["from"], MESSAGE["chat"], MESSAGE["date"]
CHANNEL = {"id": -1007, "type": "channel", "title": "c"}
GROUP = {"id": -1008, "type": "supergroup", "title": "g"}
MEMBER = {"status": "member", "user": USER}
LEFT = {"status": "left", "user": USER}
CHANGE = {"chat": GROUP, "from": USER, "date": NOW, "old_chat_member": LEFT, "new_chat_member": MEMBER}
BOOST = {"boost_id": "b", "add_date": NOW, "expiration_date": NOW, "source": {"source": "premium", "user": USER}}
MONEY = {"id": "p", "from": USER, "invoice_payload": "x"}
ADDRESS = {
    "country_code": "DE", "state": "", "city": "Leipzig", "street_line1": "x", "street_line2": "", "post_code": "04109",
}  # fmt: skip
RIGHTS = {"can_reply": True}
CONNECTED = {"id": "b1", "user": USER, "user_chat_id": CHAT, "date": NOW, "is_enabled": True, "can_reply": True}
REACTED = {"chat": PRIVATE, "message_id": 7, "date": NOW}
THUMB = {"type": "emoji", "emoji": "👍"}
# Each member of `Update` of npm @grammyjs/types 5.0.0, and how many calls to Telegram it leads to.
KINDS: dict[str, tuple[Any, set[str]]] = {
    "message": (MESSAGE, {"sendMessage"}),
    "edited_message": ({**MESSAGE, "edit_date": NOW + 5}, {"sendMessage"}),
    "channel_post": ({**MESSAGE, "chat": CHANNEL}, set()),
    "edited_channel_post": ({**MESSAGE, "chat": CHANNEL, "edit_date": NOW}, set()),
    "business_connection": (CONNECTED | {"rights": RIGHTS}, set()),
    "business_message": ({**MESSAGE, "business_connection_id": "b1"}, set()),
    "edited_business_message": ({**MESSAGE, "business_connection_id": "b1", "edit_date": NOW}, set()),
    "deleted_business_messages": ({"business_connection_id": "b1", "chat": PRIVATE, "message_ids": [3]}, set()),
    "guest_message": (MESSAGE, set()),
    "stopped_message_generation": ({"chat": PRIVATE, "message_id": 3}, set()),
    "message_reaction": ({**REACTED, "user": USER, "old_reaction": [], "new_reaction": [THUMB]}, set()),
    "message_reaction_count": ({**REACTED, "reactions": [{"type": THUMB, "total_count": 1}]}, set()),
    "inline_query": ({"id": "i", "from": USER, "query": "housing leipzig ar", "offset": ""}, {"answerInlineQuery"}),
    "chosen_inline_result": ({"result_id": "r", "from": USER, "query": "x"}, set()),
    "callback_query": (button_update(1, "/help")["callback_query"], {"answerCallbackQuery", "sendMessage"}),
    "shipping_query": (MONEY | {"shipping_address": ADDRESS}, {"answerShippingQuery"}),
    "pre_checkout_query": (MONEY | {"currency": "EUR", "total_amount": 500}, {"answerPreCheckoutQuery"}),
    "purchased_paid_media": ({"from": USER, "paid_media_payload": "x"}, set()),
    "poll": (POLL, set()),
    "poll_answer": ({"poll_id": "1", "user": USER, "option_ids": [0], "option_persistent_ids": ["0"]}, set()),
    "my_chat_member": (CHANGE, {"sendMessage"}),
    "chat_member": (CHANGE, set()),
    "chat_join_request": ({"chat": GROUP, "from": USER, "user_chat_id": CHAT, "date": NOW}, set()),
    "chat_boost": ({"chat": GROUP, "boost": BOOST}, set()),
    "removed_chat_boost": ({"chat": GROUP, "boost_id": "b", "remove_date": NOW, "source": BOOST["source"]}, set()),
    "managed_bot": ({"user": USER, "bot": {**USER, "is_bot": True}}, set()),
    "subscription": ({"user": USER, "invoice_payload": "x"}, set()),
    "something_of_next_year": ({"a": [1, {"b": None}]}, set()),
}


@pytest.mark.parametrize("kind", KINDS)
async def test_each_kind_of_update_is_answered_or_passed_over(hooked: Running, kind: str) -> None:
    content, expected = KINDS[kind]
    hooked.agent.reply = Reply("ok", "en", "ltr")
    before = len(hooked.telegram.calls)
    assert (await hooked.post({"update_id": 1, kind: content})).status_code == 200
    await until(lambda: hooked.channel.inbox.waiting == 0)
    calls = {name for name, _ in hooked.telegram.calls[before:]} - {"sendChatAction", "setMyCommands"}
    assert calls == expected
    assert hooked.telegram.refused == []
    # and the next one is answered
    await hooked.post(text_update(2, "x", chat=CHAT + 1))
    await until(lambda: hooked.telegram.messages(CHAT + 1))


@pytest.mark.parametrize("kind", ["message", "callback_query", "inline_query", "my_chat_member", "poll"])
@pytest.mark.parametrize("content", [None, 1, "x", [], {}, {"chat": 1}, {"id": {}, "from": []}, [[]]])
async def test_what_is_no_update_harms_nobody(hooked: Running, kind: str, content: Any) -> None:
    assert (await hooked.post({"update_id": 1, kind: content})).status_code == 200
    await hooked.post(text_update(2, "x"))
    await until(lambda: hooked.telegram.messages(CHAT))


async def test_a_venue_is_the_place_it_shows(hooked: Running) -> None:
    place = {"latitude": 51.0504, "longitude": 13.7373}
    venue = {"location": place, "title": "Hauptbahnhof", "address": "Wiener Platz"}
    await hooked.post(text_update(1, None, location=place, venue=venue))
    await until(lambda: hooked.agent.messages)
    assert hooked.agent.messages[0].parse_data["entities"][0]["value"] == "51.05,13.74"


class Stormy(FakeTelegram):
    """Refuses most calls for the time being, each in one of Telegram's ways."""

    def __init__(self) -> None:
        super().__init__()
        self.dice, self.calm, self.failed = random.Random(6), False, 0
        self.ways = ["429", "429", "500", "502", "reset"]

    async def _serve(self, request: web.Request) -> web.Response:
        way = self.dice.choice(self.ways)
        if self.calm or request.match_info["method"] in ("getMe", "setWebhook") or self.dice.random() < 0.3:
            return await super()._serve(request)
        self.failed += 1
        if way == "reset":
            assert request.transport is not None
            request.transport.abort()
            return web.Response()
        if way == "502":  # what stands before Telegram's servers answers no JSON
            return web.Response(status=502, text="<html>Bad Gateway</html>", content_type="text/html")
        more = {"retry_after": 0} if way == "429" else {}
        error = ApiError(int(way), "Too Many Requests" if more else "Internal Server Error", **more)
        return web.json_response(error.body, status=error.code)


@pytest.mark.parametrize("ways", [["429"], ["500", "502"], ["429", "500", "502", "reset"]], ids=["429", "5xx", "all"])
async def test_a_storm_delays_and_loses_nothing(
    anyio_backend: str, tmp_path: Any, monkeypatch: pytest.MonkeyPatch, ways: list[str]
) -> None:
    monkeypatch.setattr("bot.channels.telegram.sending.PAUSES", (0.01,) * 60)
    telegram = Stormy()
    telegram.folder, telegram.ways = tmp_path, ways
    await telegram.start()
    agent, chats = EchoAgent(), range(801, 821)
    agent.reply = None
    options = dataclasses.replace(OPTIONS, data_dir=tmp_path)
    try:
        async with serve(telegram, agent, public_url="https://bot.example.org", options=options) as running:
            await until(lambda: telegram.webhook)
            for n in range(4):
                for chat in chats:
                    sent = await running.post(text_update(100 * n + chat, f"question {n}", chat=chat))
                    assert sent.status_code == 200
            await until(lambda: running.channel.inbox.waiting == 0, 60)
    finally:
        await telegram.stop()
    assert telegram.failed > 100
    for chat in chats:
        said = [m["visible"] for m in telegram.messages(chat) if "You wrote" in m["visible"]]
        # what Telegram took and did not say so may come twice; nothing is missing and nothing overtakes
        numbers = [int(text.split("question ")[1][0]) for text in said]
        assert sorted(set(numbers)) == [0, 1, 2, 3]
        assert numbers == sorted(numbers)
