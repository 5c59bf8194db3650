"""What people send: text, buttons, commands, locations and what cannot be read."""

from __future__ import annotations

import logging
from typing import Any

import pytest

from bot.channels import gate
from bot.operations import metrics
from bot.speech.reply import Choice, Reply
from tests.channels.telegram.conftest import CHAT, POLL, SECRET, STRINGS, Running, button_update, text_update, until

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


STICKER = {"type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}
FILE = {"file_id": "A", "file_unique_id": "B"}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"voice": {**FILE, "duration": 4}}, "telegram_cannot_hear"),
        ({"audio": {**FILE, "duration": 4}}, "telegram_cannot_hear"),
        ({"video_note": {**FILE, "duration": 4, "length": 9}}, "telegram_cannot_hear"),
        ({"photo": [{**FILE, "width": 1, "height": 1}]}, "telegram_cannot_see"),
        ({"document": FILE}, "telegram_cannot_see"),
        ({"video": {**FILE, "width": 1, "height": 1, "duration": 1}}, "telegram_cannot_see"),
        ({"animation": {**FILE, "width": 1, "height": 1, "duration": 1}}, "telegram_cannot_see"),
        ({"sticker": {**FILE, **STICKER}}, "telegram_cannot_read"),
        ({"dice": {"emoji": "🎲", "value": 3}}, "telegram_cannot_read"),
        ({"poll": POLL}, "telegram_cannot_read"),
        ({"contact": {"phone_number": "1", "first_name": "x"}}, "telegram_no_contacts"),
        ({"invoice": {"title": "a", "description": "b", "start_parameter": "", "currency": "EUR", "total_amount": 5}},
         "telegram_no_money"),
        ({"text": "/"}, "telegram_cannot_read"),
        ({"text": "\u202e \ufeff"}, "telegram_cannot_read"),
    ],
)  # fmt: skip
async def test_what_cannot_be_read_gets_an_honest_word(hooked: Running, content: dict[str, Any], said: str) -> None:
    sent = await answered(hooked, text_update(1, language="ar", **content))
    assert [m["visible"] for m in sent] == ["\u200f[ar] " + STRINGS[said]]
    assert ("reply_markup" in sent[0]) is (said in ("telegram_cannot_hear", "telegram_cannot_see"))
    assert hooked.agent.messages == []


async def test_the_words_under_a_picture_are_read(hooked: Running) -> None:
    photo = [{**FILE, "width": 1, "height": 1}]
    await answered(hooked, text_update(1, None, photo=photo, caption="What is this letter?"))
    assert [m.text for m in hooked.agent.messages] == ["What is this letter?"]


async def test_an_album_is_answered_once(hooked: Running) -> None:
    photo = [{**FILE, "width": 1, "height": 1}]
    for number in (1, 2, 3):
        await answered(hooked, text_update(number, None, photo=photo, media_group_id="77"))
    assert len(hooked.telegram.messages()) == 1


async def test_a_forwarded_letter_is_read(hooked: Running) -> None:
    origin = {"type": "hidden_user", "sender_user_name": "Amt", "date": 1795341601}
    await answered(hooked, text_update(1, "Ihr Antrag wird abgelehnt.", forward_origin=origin))
    assert [m.text for m in hooked.agent.messages] == ["Ihr Antrag wird abgelehnt."]


@pytest.mark.parametrize("content", [{"pinned_message": 1}, {"message_auto_delete_timer_changed": 1}])
async def test_service_messages_are_passed_over(hooked: Running, content: dict[str, Any]) -> None:
    values = {"pinned_message": text_update(7, "x")["message"],
              "message_auto_delete_timer_changed": {"message_auto_delete_time": 3}}  # fmt: skip
    key = next(iter(content))
    assert await answered(hooked, text_update(1, None, **{key: values[key]})) == []


@pytest.mark.parametrize(
    ("later", "text", "answers"), [(60, "x", 1), (3600, "x", 0), (60, None, 0)], ids=["soon", "late", "live location"]
)
async def test_a_message_corrected_soon_is_answered_again(
    hooked: Running, later: int, text: str | None, answers: int
) -> None:
    place = {} if text else {"location": {"latitude": 51.05, "longitude": 13.73, "live_period": 900}}
    message = text_update(3, text, **place)["message"]
    await answered(hooked, {"update_id": 3, "edited_message": {**message, "edit_date": message["date"] + later}})
    assert len(hooked.agent.messages) == answers


async def test_a_live_location_is_used_once_and_owned_up_to(hooked: Running) -> None:
    place = {"latitude": 51.05, "longitude": 13.73, "live_period": 900}
    sent = await answered(hooked, text_update(1, None, location=place))
    assert sent[-1]["visible"] == "[en] " + STRINGS["telegram_not_live"]
    keys = [m["reply_markup"]["keyboard"] for m in sent if "keyboard" in m.get("reply_markup", {})]
    assert keys and STRINGS["telegram_search_again"] in keys[0][0][0]["text"]


async def test_what_concerns_nobody_is_met_with_silence(hooked: Running) -> None:
    channel = {"id": -7, "type": "channel", "title": "c"}
    post = {"update_id": 1, "channel_post": {**text_update(1, "x")["message"], "chat": channel}}
    button = button_update(2, "/help")
    button["callback_query"]["message"]["chat"] = channel
    robot = text_update(3, "x")
    robot["message"]["from"]["is_bot"] = True
    moved = text_update(5, None, migrate_to_chat_id=-100123)
    for update in (post, button, robot, {"update_id": 4}, moved):
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
    refused = metrics.REFUSED.labels("telegram", "rate")
    before = refused._value.get()
    for number in range(1, 31):
        assert (await hooked.post(text_update(number, "x"))).status_code == 200
    await until(lambda: hooked.channel.inbox.waiting == 0)
    assert len(hooked.agent.messages) == 20
    assert sum("very fast" in m["text"] for m in hooked.telegram.messages()) <= 2  # two when a minute turns
    assert refused._value.get() - before == 10


async def test_failure_of_the_agent_is_said_and_logged_without_words(
    hooked: Running, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    hooked.agent.error = ValueError("my secret words")
    sent = await answered(hooked, text_update(1, "my secret words"))
    assert [m["visible"] for m in sent] == ["[en] " + STRINGS["telegram_problem"]]
    assert "ValueError in" in caplog.text
    assert "my secret words" not in caplog.text


async def test_a_long_payload_is_kept_and_found_again(hooked: Running) -> None:
    payload = '/inform{"place": "' + "leipzig-" * 7 + '"}'
    hooked.agent.reply = Reply("ok", "en", "ltr", choices=[Choice("A", payload), Choice("B", "/help")])
    sent = await answered(hooked, text_update(1, "x"))
    ((long, _),) = sent[0]["reply_markup"]["inline_keyboard"]
    assert len(long["callback_data"].encode()) <= 64
    await answered(hooked, button_update(2, long["callback_data"], signed=False))
    assert hooked.agent.messages[-1].parse_data["entities"][0]["value"] == ("leipzig-" * 7)


async def test_a_used_button_is_marked(hooked: Running) -> None:
    hooked.agent.reply = Reply("ok", "en", "ltr", choices=[Choice("A", "/help"), Choice("B", "/privacy")])
    sent = await answered(hooked, text_update(1, "x"))
    press = button_update(2, "/help")
    press["callback_query"]["message"]["reply_markup"] = sent[0]["reply_markup"]
    await answered(hooked, press)
    (edit,) = [p for name, p in hooked.telegram.calls if name == "editMessageReplyMarkup"]
    assert [b["text"] for b in edit["reply_markup"]["inline_keyboard"][0]] == ["✓ A", "B"]


@pytest.mark.parametrize("data", ["/help", "help.AAAAAAAAAA", "~AAAAAAAAAAAAAAAAAAAAAAAA", "x", "😀"])
async def test_a_button_that_is_not_ours_says_why(hooked: Running, data: str) -> None:
    await answered(hooked, button_update(2, data, signed=False))
    (call,) = [p for name, p in hooked.telegram.calls if name == "answerCallbackQuery"]
    assert call["text"] == "[en] " + STRINGS["telegram_old_button"]
    assert hooked.agent.messages == []


async def test_a_link_starts_with_its_topic_place_and_language(hooked: Running) -> None:
    sent = await answered(hooked, text_update(1, "/start l-ar_p-leipzig_t-german-course_c-aufnahme7", language="de"))
    (message,) = hooked.agent.messages
    assert message.parse_data["intent"]["name"] == "german_course"
    assert message.parse_data["entities"][0]["value"] == "leipzig"
    assert message.metadata["hint"] == "ar"
    assert STRINGS["telegram_privacy_note"].split(",")[0] in sent[0]["visible"]


async def test_the_first_contact_shows_six_questions_and_another_language(hooked: Running) -> None:
    hooked.agent.reply = Reply("Hello", "en", "ltr")
    (sent,) = await answered(hooked, text_update(1, "/start"))
    titles = [b["text"] for row in sent["reply_markup"]["inline_keyboard"] for b in row]
    assert len(titles) == 7 and titles[-1].startswith("🌐")
    assert "24 h" in sent["visible"] and "{time}" not in sent["visible"]


async def test_hide_deletes_what_was_said_and_says_so(hooked: Running) -> None:
    await answered(hooked, text_update(1, "x"))
    numbers = [1001, 1002]
    sent = await answered(hooked, text_update(2, "/hide"))
    (call,) = [p for name, p in hooked.telegram.calls if name == "deleteMessages"]
    assert sorted(call["message_ids"]) == numbers
    assert sent[-1]["visible"] == "[en] " + STRINGS["telegram_hidden"]
    await answered(hooked, text_update(3, "/hide"))
    assert len([1 for name, _ in hooked.telegram.calls if name == "deleteMessages"]) == 2


async def test_who_is_forgotten_leaves_no_message_numbers(hooked: Running) -> None:
    await answered(hooked, text_update(1, "x"))
    journal = hooked.channel.journal
    assert journal is not None
    hooked.channel.forget(hooked.agent.messages[0].sender_id)
    assert journal.take_sent(hooked.agent.messages[0].sender_id) == []


async def test_nothing_of_violence_shows_in_a_notification(hooked: Running) -> None:
    hooked.agent.reply = Reply("A women's shelter helps.", "en", "ltr", topic="domestic_violence")
    (sent,) = await answered(hooked, text_update(1, "x"))
    assert sent["visible"].split("\n")[0] == "[en] " + STRINGS["telegram_discreet"]
    assert sent["disable_notification"] is True


async def test_money_is_refused(hooked: Running) -> None:
    user = text_update(1, "x")["message"]["from"]
    query = {"id": "p1", "from": user, "currency": "EUR", "total_amount": 500, "invoice_payload": "x"}
    await answered(hooked, {"update_id": 1, "pre_checkout_query": query})
    (call,) = [p for name, p in hooked.telegram.calls if name == "answerPreCheckoutQuery"]
    assert call["ok"] is False and call["error_message"] == "[en] " + STRINGS["telegram_no_money"]
