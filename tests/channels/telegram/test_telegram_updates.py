"""What people send: text, buttons, commands, locations and what cannot be read."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from bot.channels import gate
from bot.speech.reply import Choice, Reply
from tests.channels.telegram.conftest import CHAT, SECRET, STRINGS, Running, button_update, text_update, until

pytestmark = pytest.mark.anyio


async def answered(running: Running, update: dict[str, Any]) -> list[dict[str, Any]]:
    assert (await running.post(update)).status_code == 200
    await until(lambda: running.channel.inbox.waiting == 0)
    return running.telegram.messages()


@pytest.mark.parametrize(
    ("command", "intent"),
    [("/start", "greet"), ("/start d_01067-ar", "greet"), ("/help", "help"), ("/HELP@wegweiser_test_bot", "help"),
     ("/language", "change_language"), ("/forget", "delete_my_data"), ("/start <b>", "greet")],
)  # fmt: skip
async def test_commands(hooked: Running, command: str, intent: str) -> None:
    await answered(hooked, text_update(1, command))
    assert [m.parse_data["intent"]["name"] for m in hooked.agent.messages] == [intent]
    assert hooked.agent.messages[0].metadata.get("start") == ("d_01067-ar" if "d_01067" in command else None)


async def test_other_slashes_are_words(hooked: Running) -> None:
    await answered(hooked, text_update(1, "/restart"))
    assert (hooked.agent.messages[0].text, hooked.agent.messages[0].parse_data) == ("restart", None)


async def test_button_is_answered_and_understood(hooked: Running) -> None:
    await answered(hooked, button_update(1, '/inform{"place":"leipzig"}'))
    parsed = hooked.agent.messages[0].parse_data
    assert parsed["entities"][0] == {
        "entity": "place", "value": "leipzig", "start": 0, "end": 0, "extractor": "button"
    }  # fmt: skip
    assert [p for name, p in hooked.telegram.calls if name == "answerCallbackQuery"] == [{"callback_query_id": "q1"}]


@pytest.mark.parametrize("data", ["city:dresden", "/restart", '/inform{"place": 1}'])
async def test_unknown_button_is_answered_kindly(hooked: Running, data: str) -> None:
    assert await answered(hooked, button_update(1, data)) == []
    assert hooked.agent.messages == []
    answers = [p for name, p in hooked.telegram.calls if name == "answerCallbackQuery"]
    assert [p["text"] for p in answers] == ["[en] " + STRINGS["telegram_old_button"]]


async def test_button_too_old_to_be_acknowledged(hooked: Running) -> None:
    hooked.telegram.script("answerCallbackQuery", 400, "Bad Request: query is too old")
    await answered(hooked, button_update(1, "/help"))
    assert len(hooked.agent.messages) == 1


async def test_location_is_rounded(hooked: Running) -> None:
    await answered(hooked, text_update(1, None, location={"latitude": 51.0504, "longitude": 13.7373}))
    assert hooked.agent.messages[0].parse_data["entities"][0]["value"] == "51.05,13.74"


@pytest.mark.parametrize(
    "content",
    [{"voice": {"file_id": "A", "file_unique_id": "B", "duration": 4}},
     {"photo": [{"file_id": "A", "file_unique_id": "B", "width": 1, "height": 1}], "caption": "x"},
     {"sticker": {"file_id": "A", "file_unique_id": "B", "type": "regular", "width": 1, "height": 1,
                  "is_animated": False, "is_video": False}},
     {"contact": {"phone_number": "1", "first_name": "x"}}, {"text": "/"}, {"text": "\u202e \ufeff"}],
)  # fmt: skip
async def test_what_cannot_be_read_gets_a_word(hooked: Running, content: dict[str, Any]) -> None:
    sent = await answered(hooked, text_update(1, language="ar", **content))
    assert [m["visible"] for m in sent] == ["\u200f[ar] " + STRINGS["telegram_cannot_read"]]
    assert hooked.agent.messages == []


@pytest.mark.parametrize("content", [{"pinned_message": 1}, {"message_auto_delete_timer_changed": 1}])
async def test_service_messages_are_passed_over(hooked: Running, content: dict[str, Any]) -> None:
    values = {"pinned_message": text_update(7, "x")["message"],
              "message_auto_delete_timer_changed": {"message_auto_delete_time": 3}}  # fmt: skip
    key = next(iter(content))
    assert await answered(hooked, text_update(1, None, **{key: values[key]})) == []


async def test_groups_and_edits_are_met_with_silence(hooked: Running) -> None:
    group = text_update(1, "/help")
    group["message"]["chat"] = {"id": -5, "type": "group", "title": "g"}
    button = button_update(2, "/help")
    button["callback_query"]["message"]["chat"] = {"id": -5, "type": "group", "title": "g"}
    edited = {"update_id": 3, "edited_message": text_update(3, "x")["message"] | {"edit_date": 1795341800}}
    for update in (group, button, edited, {"update_id": 4}):
        assert await answered(hooked, update) == []
    assert hooked.agent.messages == []
    assert hooked.telegram.count("answerCallbackQuery") == 1


@pytest.mark.parametrize(
    ("code", "hint"), [("ar", "ar"), ("de-AT", "de"), ("UK", "uk"), ("pt-br", ""), ("xx", ""), (None, "")]
)
async def test_hint_is_one_of_our_languages(hooked: Running, code: str | None, hint: str) -> None:
    await answered(hooked, text_update(1, "x", language=code))
    assert (hooked.agent.messages[0].metadata or {}).get("hint", "") == hint


async def test_sender_is_a_pseudonym_and_the_same_every_time(hooked: Running) -> None:
    await answered(hooked, text_update(1, "x"))
    await answered(hooked, button_update(2, "/help"))
    assert {m.sender_id for m in hooked.agent.messages} == {gate.conversation_id(SECRET, "telegram", str(CHAT))}
    assert {m.input_channel for m in hooked.agent.messages} == {"telegram"}


async def test_too_long_is_cut(hooked: Running) -> None:
    await answered(hooked, text_update(1, "x" * 4096))
    assert len(hooked.agent.messages[0].text) == gate.MAX_CHARACTERS


async def test_flood_gets_one_word_and_is_dropped(hooked: Running) -> None:
    hooked.agent.reply = Reply("ok", "en", "ltr")
    for number in range(1, 31):
        assert (await hooked.post(text_update(number, "x"))).status_code == 200
    await until(lambda: hooked.channel.inbox.waiting == 0)
    assert len(hooked.agent.messages) == 20
    assert sum("very fast" in m["text"] for m in hooked.telegram.messages()) <= 2  # two when a minute turns


async def test_failure_of_the_agent_is_said_and_logged_without_words(
    hooked: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hooked.agent.error = ValueError("my secret words")
    sent = await answered(hooked, text_update(1, "my secret words"))
    assert [m["visible"] for m in sent] == ["[en] " + STRINGS["telegram_problem"]]
    assert "ValueError in" in caplog.text
    assert "my secret words" not in caplog.text


async def test_long_payload_never_reaches_telegram(hooked: Running) -> None:
    hooked.agent.reply = Reply("ok", "en", "ltr", choices=[Choice("A", "/" + "a" * 64), Choice("B", "/help")])
    sent = await answered(hooked, text_update(1, "x"))
    assert sent[0]["reply_markup"] == {"inline_keyboard": [[{"text": "B", "callback_data": "/help"}]]}
