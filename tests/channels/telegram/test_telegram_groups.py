"""Groups: answered only when meant, and never about what concerns one person. Inline mode for staff."""

from __future__ import annotations

import dataclasses
from typing import Any

import pytest

from bot.channels.telegram.view import TelegramOutput
from bot.speech.reply import Card, Reply
from tests.channels.telegram.conftest import OPTIONS, STRINGS, EchoAgent, Running, serve, text_update, until
from tests.fakes.telegram_api import FakeTelegram

pytestmark = pytest.mark.anyio
GROUP = {"id": -55, "type": "supergroup", "title": "g"}
NAME = "@wegweiser_test_bot"


def in_group(number: int, text: str, **more: Any) -> dict[str, Any]:
    update = text_update(number, text, **more)
    entities = [{"type": "mention", "offset": text.index(NAME), "length": len(NAME)}] if NAME in text else []
    update["message"] |= {"chat": GROUP, "entities": entities}
    return update


async def answered(running: Running, update: dict[str, Any]) -> list[dict[str, Any]]:
    assert (await running.post(update)).status_code == 200
    await until(lambda: running.channel.inbox.waiting == 0)
    return running.telegram.messages()


async def test_a_group_talks_without_the_bot(hooked: Running) -> None:
    assert await answered(hooked, in_group(1, "where is a German course?")) == []
    assert hooked.agent.messages == []


@pytest.mark.parametrize("half", ["\ud800", "\udfff"])
async def test_half_a_character_does_not_silence_anybody(hooked: Running, half: str) -> None:
    """Telegram counts places in a text in UTF-16, in which such a text cannot be written."""
    hooked.agent.reply = Reply("Here.", "en", "ltr", topic="german_course")
    sent = await answered(hooked, in_group(1, f"{half} {NAME} where is a course?"))
    assert len(sent) == 1 and hooked.agent.messages[0].text == "\ufffd where is a course?"


async def test_who_names_the_bot_is_answered_without_its_name(hooked: Running) -> None:
    hooked.agent.reply = Reply("Here.", "en", "ltr", topic="german_course")
    sent = await answered(hooked, in_group(1, f"{NAME} where is a German course?"))
    assert [m.text for m in hooked.agent.messages] == ["where is a German course?"]
    assert sent[0]["visible"] == "Here." and sent[0]["chat_id"] == -55


async def test_who_replies_to_the_bot_is_answered(hooked: Running) -> None:
    ours = text_update(9, "x")["message"] | {"from": hooked.telegram.me, "chat": GROUP}
    await answered(hooked, in_group(1, "and in Leipzig?", reply_to_message=ours))
    assert [m.text for m in hooked.agent.messages] == ["and in Leipzig?"]


async def test_people_of_one_group_have_conversations_of_their_own(hooked: Running) -> None:
    for number in (1, 2):
        update = in_group(number, f"{NAME} hello")
        update["message"]["from"]["id"] = number
        await answered(hooked, update)
    assert len({m.sender_id for m in hooked.agent.messages}) == 2


@pytest.mark.parametrize(
    ("topic", "said"),
    [("doctor", "[en] " + STRINGS["telegram_group_private"]), ("emergency_medical", "Call 112.\n\n[en] ")],
)
async def test_what_concerns_one_person_is_not_said_in_a_group(hooked: Running, topic: str, said: str) -> None:
    hooked.agent.reply = Reply(
        "Call 112.\n\nYour illness is treated.", "en", "ltr", topic=topic, cards=[Card("a", "A")]
    )
    (sent,) = await answered(hooked, in_group(1, f"{NAME} my illness"))
    assert sent["visible"].startswith(said) and "illness" not in sent["visible"]
    (row,) = sent["reply_markup"]["inline_keyboard"]
    assert row[0]["url"] == "https://t.me/wegweiser_test_bot"


async def test_added_to_a_group_it_says_when_it_answers(hooked: Running) -> None:
    user = text_update(1, "x")["message"]["from"]
    member = {"user": hooked.telegram.me, "status": "member"}
    change = {"chat": GROUP, "from": user, "date": 1, "old_chat_member": {**member, "status": "left"}}
    sent = await answered(hooked, {"update_id": 1, "my_chat_member": {**change, "new_chat_member": member}})
    assert [m["visible"] for m in sent] == ["[en] " + STRINGS["telegram_group_hello"]]
    blocked = {**change, "old_chat_member": member, "new_chat_member": {**member, "status": "left"}}
    assert len(await answered(hooked, {"update_id": 2, "my_chat_member": blocked})) == 1


async def test_a_group_that_moved_is_followed(hooked: Running) -> None:
    assert hooked.channel.connection is not None
    hooked.telegram.script(
        "sendMessage", 400, "Bad Request: group chat was upgraded to a supergroup chat", migrate_to_chat_id=-10055
    )
    output = TelegramOutput(hooked.channel.connection.application.bot, -55, "chat", hooked.desk, group=True)
    await output.say("telegram_group_hello", "en")
    assert [m["chat_id"] for m in hooked.telegram.messages()] == [-10055]


def inline(number: int, text: str) -> dict[str, Any]:
    user = text_update(number, "x")["message"]["from"]
    return {"update_id": number, "inline_query": {"id": f"i{number}", "from": user, "query": text, "offset": ""}}


async def test_staff_look_up_an_answer_to_forward(telegram: FakeTelegram, agent: EchoAgent) -> None:
    asked: list[str] = []

    async def look_up(query: str) -> Reply | None:
        asked.append(query)
        cards = [Card(id="a", name="Volkshochschule", address="Löhrstr. 3, Leipzig"), Card(id="b", name="B")]
        return Reply("Kurse.\n\nMehr.", "de", "ltr", cards=cards) if "leipzig" in query else None

    options = dataclasses.replace(OPTIONS, data_dir=telegram.folder, look_up=look_up)
    async with serve(telegram, agent, options=options, public_url="https://bot.example.org") as running:
        await until(lambda: telegram.webhook)
        for number, text in enumerate(("housing leipzig ar", "nothing", "ab"), 1):
            assert (await running.post(inline(number, text))).status_code == 200
        await until(lambda: telegram.count("answerInlineQuery") == 3)
    found, nothing, short = (p["results"] for name, p in telegram.calls if name == "answerInlineQuery")
    assert [row["title"] for row in found] == ["Kurse.", "Volkshochschule", "B"]
    assert "Löhrstr. 3" in found[0]["input_message_content"]["message_text"]
    assert (
        [row["title"] for row in nothing]
        == [row["title"] for row in short]
        == ["[en] " + STRINGS["telegram_inline_none"]]
    )
    assert asked == ["housing leipzig ar", "nothing"] and telegram.refused == []
