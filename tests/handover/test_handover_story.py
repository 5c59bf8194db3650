"""The whole story with a person, through the real agent, the real server, a Zammad and a Telegram on loopback."""

from __future__ import annotations

import dataclasses
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from bot.channels import gate
from bot.handover_wiring import start_handover
from bot.launcher import LaunchError
from tests.fakes.zammad_server import TOKEN
from tests.handover.world import MONDAY, NIGHT, OFFICE, World, payloads, texts, world

LIVE, YES, STOP = ('/human_handover{"person":"' + step + '"}' for step in ("live", "yes", "stop"))
CALL = '/human_handover{"person":"callback"}'


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("var"), callbacks=True) as made:
        yield made


@pytest.fixture(autouse=True)
def as_always(here: World) -> Iterator[None]:
    here.now = MONDAY
    yield
    here.zammad.mode = ""
    here.zammad.agents = {TOKEN}

    async def clear() -> None:
        for conversation in list(here.relay.desk._talking):
            here.relay._drop(conversation)

    here.run(clear())


def test_the_whole_story(here: World) -> None:
    person = here.conversation("ar")
    person.send("أريد دورة لغة ألمانية في لايبزيغ")
    offer = person.send(payload="/human_handover")
    cards = offer["replies"][0]["cards"]
    assert cards and all(card["phone"] for card in cards)
    assert payloads(offer)[:2] == [CALL, LIVE]
    assert "person" not in offer

    before = len(here.zammad.tickets)
    consent = person.person("live")
    assert OFFICE in texts(consent) and len(here.zammad.tickets) == before
    assert payloads(consent) == [YES, '/human_handover{"person":"no"}']

    begun = person.person("yes")
    assert begun["person"] is True and payloads(begun) == [STOP]
    ticket = here.ticket()
    assert here.zammad.tickets[ticket]["title"].startswith("[Wegweiser] [ar] [Leipzig] ")
    (summary,) = here.zammad.of(ticket, "Agent", internal=True)
    for words in ("Sprache: Arabisch / العربية", "Thema: Deutschkurse / ", "Ort: Leipzig / لايبزيغ", "Gezeigt: "):
        assert words in summary
    assert "أريد" not in summary

    # written and answered, the assistant is silent
    said = person.send("هل يمكنني القدوم غدا؟")
    assert (said["replies"], said["person"]) == ([], True)
    assert here.zammad.of(ticket) == ["هل يمكنني القدوم غدا؟"]
    assert here.webhook(here.zammad.write(ticket, "<p>Ja, um 10 Uhr.</p>")) == 200
    (answer,) = person.read()
    assert (answer["text"], answer["author"], answer["dir"]) == ("Ja, um 10 Uhr.", "person", "auto")
    assert [choice["payload"] for choice in answer["choices"]] == [STOP]

    # an emergency is passed on and answered
    danger = person.send("أخي يغرق في الدم ولا يتنفس، ساعدوني")
    assert "112" in texts(danger) and danger["person"] is True
    assert OFFICE in danger["replies"][-1]["text"]
    here.until(lambda: len(here.zammad.of(ticket)) == 2)
    assert person.send("شكرا")["replies"] == []

    # the counsellor closes, the assistant answers again, with the topic from before
    assert here.webhook(here.zammad.close(ticket)) == 200
    (ended,) = person.read()
    assert OFFICE in ended["text"] and "author" not in ended
    back = person.send("كم يكلف؟")
    assert "person" not in back and back["replies"][0]["topic"] == "german_course"
    assert len(here.zammad.of(ticket)) == 3


def test_the_way_back_by_button(here: World) -> None:
    person = here.conversation()
    person.send("I need a German course in Dresden")
    person.send("I want to talk to a human")
    ticket = person.begin()
    back = person.person("stop")
    assert "You are talking to the assistant again." in texts(back) and "person" not in back
    assert "/german_course" in payloads(back)
    here.until(lambda: here.zammad.tickets[ticket]["state"] == "closed")
    assert person.send("how much does it cost?")["replies"][0]["topic"] == "german_course"
    assert here.zammad.of(ticket) == []
    # what the counsellor writes too late reaches nobody
    assert here.webhook(here.zammad.write(ticket, "zu spät")) == 200
    assert person.read() == []


def test_buttons_of_before_say_that_a_person_is_there(here: World) -> None:
    person = here.conversation()
    ticket = person.begin()
    pressed = person.send(payload="/find_housing")
    assert OFFICE in texts(pressed) and payloads(pressed) == [STOP]
    assert here.zammad.of(ticket) == []
    assert "112" in texts(person.send(payload="/emergency_medical"))
    assert person.send("still there?")["replies"] == []


def test_a_shared_location_is_passed_on(here: World) -> None:
    person = here.conversation()
    ticket = person.begin()
    assert person.send(location={"lat": 51.339, "lon": 12.377})["replies"] == []
    assert here.zammad.of(ticket) == ["Standort (auf etwa einen Kilometer): 51.34,12.38"]


def test_a_crisis_phrase_alone_is_enough(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    person = here.conversation()
    ticket = person.begin()
    monkeypatch.setattr(here.relay, "_urgent", lambda text: "thermometer" in text)
    answer = person.send("Where can I buy a thermometer for my flat?")
    assert "112" in texts(answer) and "110" in texts(answer) and answer["person"] is True
    here.until(lambda: here.zammad.of(ticket))


def test_crisis_while_zammad_hangs_is_answered_at_once(here: World) -> None:
    person = here.conversation()
    person.begin()
    here.zammad.mode = "slow"
    answer = person.send("My husband is hitting me right now, help")
    assert "110" in texts(answer)
    # the message is still on its way
    here.until(lambda: here.zammad.held == 1)
    assert here.relay.desk.undelivered() == [person.sender]


def test_no_consent_no_ticket(here: World) -> None:
    person = here.conversation()
    person.send("I need a German course in Dresden")
    person.send(payload="/human_handover")
    before = len(here.zammad.tickets)
    person.person("live")
    answer = person.person("no")
    assert "I have passed nothing on." in texts(answer) and "/german_course" in payloads(answer)
    assert len(here.zammad.tickets) == before and "person" not in answer


def test_a_question_instead_of_consent_is_answered(here: World) -> None:
    person = here.conversation()
    person.person("live")
    answer = person.send("I need a German course in Dresden")
    assert answer["replies"][0]["topic"] == "german_course" and "person" not in answer


def test_closed_hours(here: World) -> None:
    person = here.conversation()
    here.now = NIGHT
    offer = person.send(payload="/human_handover")
    assert "Leave a message for a person" in [c["title"] for c in offer["replies"][0]["choices"]]
    consent = person.person("live")
    assert "Nobody of" in texts(consent) and "9:00" in texts(consent)
    assert "9:00" in texts(person.person("yes"))
    ticket = here.ticket()
    assert person.send("Please call my landlord")["replies"] == []
    assert here.zammad.of(ticket) == ["Please call my landlord"]
    # two days later the counsellor answers; the conversation's own memory is gone by then
    here.run(here.agent.conversations.delete(person.sender))
    here.webhook(here.zammad.write(ticket, "Erledigt"))
    assert [reply["text"] for reply in person.read()] == ["Erledigt"]
    assert person.send("thank you")["replies"] == []
    assert here.zammad.of(ticket)[-1] == "thank you"


def test_open_hours_and_the_queue(here: World) -> None:
    first, second = here.conversation(), here.conversation()
    assert "can write with you here now, until 16:00" in texts(first.person("live"))
    first.begin()
    waiting = here.relay.desk.waiting()
    assert f"waiting before you: {waiting}" in texts(second.person("live"))


@pytest.mark.parametrize("mode", [500, 401, "html", "down"])
def test_zammad_is_away_when_it_is_asked(here: World, mode: Any) -> None:
    person = here.conversation()
    person.person("live")
    if mode == "down":
        here.run(here.zammad.stop())
    else:
        here.zammad.mode = mode
    answer = person.person("yes")
    assert f"I cannot reach {OFFICE}" in texts(answer) and "person" not in answer
    assert answer["replies"][0]["cards"][0]["phone"] and CALL in payloads(answer)
    if mode == "down":
        here.run(here.zammad.start())
    here.zammad.mode = ""
    assert person.send("I need a German course in Dresden")["replies"][0]["topic"] == "german_course"


def test_zammad_is_away_while_they_talk(here: World) -> None:
    person = here.conversation()
    ticket = person.begin()
    here.run(here.zammad.stop())
    answer = person.send("first")
    assert "could not deliver" in texts(answer) and "try again" in texts(answer)
    assert person.send("second")["replies"] == []  # told already
    here.run(here.zammad.start())
    here.until(lambda: here.zammad.of(ticket) == ["first", "second"])
    here.until(lambda: here.relay.desk.undelivered() == [])


def test_what_cannot_be_delivered_is_said(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    person = here.conversation()
    ticket = person.begin()
    monkeypatch.setattr("bot.handover.courier.LONGEST_SECONDS", 0.0)
    here.zammad.mode = 503
    assert "could not deliver" in texts(person.send("lost"))
    here.until(lambda: not here.relay.desk.undelivered())
    here.zammad.mode = ""
    assert person.send("there?")["replies"] == [] and here.zammad.of(ticket) == ["there?"]


def test_a_deleted_ticket_gives_the_conversation_back(here: World) -> None:
    person = here.conversation()
    del here.zammad.tickets[person.begin()]
    answer = person.send("I need a German course in Dresden")
    assert "has ended the conversation" in answer["replies"][0]["text"] and "person" not in answer
    assert answer["replies"][1]["topic"] == "german_course"


def test_the_webhook_twice_forged_and_in_a_loop(here: World) -> None:
    person = here.conversation()
    ticket = person.begin()
    once = here.zammad.write(ticket, "einmal")
    assert [here.webhook(once, "same"), here.webhook(once, "same"), here.webhook(once, "other")] == [200] * 3
    assert here.webhook(here.zammad.write(ticket, "gefälscht"), secret="wrong secret 012345") == 403
    assert here.webhook(here.zammad.write(ticket, "intern", internal=True)) == 200
    person.send("hello")
    ours = here.zammad.articles[-1]
    for article in (ours, here.zammad.articles[0]):  # our own articles come back through the trigger
        assert here.webhook(here.zammad.payload(ticket, article)) == 200
    assert here.webhook(here.zammad.write(ticket, "zuletzt")) == 200
    found: list[str] = []
    while "zuletzt" not in found:
        found += [reply["text"] for reply in person.read()]
    assert found == ["einmal", "zuletzt"]
    assert here.zammad.of(ticket) == ["hello"]


def test_forgetting_ends_it_and_tells_the_ticket(here: World) -> None:
    person = here.conversation()
    ticket = person.begin()
    answer = person.send(payload="/delete_my_data")
    assert "deleted" in texts(answer) and "person" not in answer
    here.until(lambda: here.zammad.tickets[ticket]["state"] == "closed")
    assert "gelöscht" in here.zammad.of(ticket, "Agent", internal=True)[-1]
    assert not here.relay.desk.talks(person.sender)


def test_nothing_written_to_a_person_is_stored(here: World) -> None:
    person = here.conversation()
    person.begin()
    seen: list[str] = []
    here.agent.conversations.on_turn.append(lambda tracker: seen.append(str(tracker.latest_message.text)))
    person.send("a very secret sentence")
    here.agent.conversations.on_turn.pop()
    assert seen == [""]
    stored = b"".join(path.read_bytes() for path in here.folder.iterdir() if path.is_file())
    assert b"secret sentence" not in stored
    with sqlite3.connect(here.folder / "conversations.sqlite") as db:
        import zlib

        for (events,) in db.execute("SELECT events FROM conversations"):
            assert b"secret sentence" not in zlib.decompress(events)


def test_twenty_messages_long(here: World) -> None:
    """The tracker keeps twelve: that a person has the conversation must not be forgotten with the older ones."""
    person = here.conversation()
    ticket = person.begin()
    for number in range(16):
        assert person.send(f"this is my answer number {number}")["replies"] == []
    assert len(here.zammad.of(ticket)) == 16
    assert "assistant again" in texts(person.person("stop"))


def test_idle_for_72_hours(here: World, monkeypatch: pytest.MonkeyPatch) -> None:
    person = here.conversation()
    ticket = person.begin()
    later = time.time() + 73 * 3600
    monkeypatch.setattr(here.relay.desk, "_clock", lambda: later)

    async def sweep() -> None:
        here.relay.sweep()

    here.run(sweep())
    assert not here.relay.desk.talks(person.sender)
    here.until(lambda: here.zammad.tickets[ticket]["state"] == "closed")
    assert person.send("I need a German course in Dresden")["replies"][0]["topic"] == "german_course"


def test_not_opened_without_end(here: World) -> None:
    person = here.conversation()
    opened = 0
    for _ in range(6):
        if person.person("yes").get("person"):
            opened += 1
            person.person("stop")
    assert opened == 4


@pytest.mark.parametrize("value", ["admin", "", "yes,no", "LIVE"])
def test_a_button_says_only_what_ours_say(value: str) -> None:
    assert gate.parse_payload(YES, frozenset({"human_handover"}))["entities"][0]["value"] == "yes"
    with pytest.raises(gate.Refused):
        gate.parse_payload(YES.replace("yes", value), frozenset({"human_handover"}))


def test_hours_that_cannot_be_read_stop_the_start(here: World) -> None:
    wrong = dataclasses.replace(here.settings, handover_hours="immer mal")
    with pytest.raises(LaunchError, match="WEGWEISER_HANDOVER_HOURS"):
        start_handover(wrong, here.agent)


def test_nothing_of_it_without_settings(here: World, tmp_path: Path) -> None:
    off = dataclasses.replace(here.settings, zammad_url="", callbacks=False, data_dir=tmp_path)
    assert start_handover(off, None) is None and list(tmp_path.iterdir()) == []


def update(number: int, text: str = "", payload: str = "", chat: int = 4711, group: bool = False) -> dict[str, Any]:
    user = {"id": 99, "is_bot": False, "first_name": "User", "language_code": "en"}
    kind = {"id": chat, "title": "G", "type": "group"} if group else {"id": chat, "first_name": "U", "type": "private"}
    message = {"message_id": number, "from": user, "date": int(time.time()), "chat": kind, "text": text or "…"}
    if not payload:
        return {"update_id": number, "message": message}
    from bot.channels.telegram.buttons import Buttons

    class Nowhere:
        def keep_payload(self, key: str, payload: str) -> None:
            raise AssertionError("too long")

        def payload(self, key: str) -> str:
            return ""

    data = Buttons(b"handover-tests-secret", Nowhere()).data(payload)
    query = {"id": f"q{number}", "from": user, "message": message, "chat_instance": "-1", "data": data}
    return {"update_id": number, "callback_query": query}


def test_telegram(here: World) -> None:
    chat = 4711
    here.push(update(1, payload=LIVE))
    here.until(lambda: any("If you agree" in m["visible"] for m in here.telegram.messages(chat)))
    before = set(here.zammad.tickets)
    here.push(update(2, payload=YES))
    here.until(lambda: any("I have told" in m["visible"] for m in here.telegram.messages(chat)))
    (ticket,) = set(here.zammad.tickets) - before
    here.push(update(3, "my question"))
    here.until(lambda: here.zammad.of(ticket) == ["my question"])
    stored = b"".join(path.read_bytes() for path in here.folder.glob("handover.sqlite*"))
    assert b"4711" not in stored

    count = len(here.telegram.messages(chat))
    here.webhook(here.zammad.write(ticket, "<p>Kommen Sie <b>morgen</b> &lt;um 10&gt;.</p>"))
    here.until(lambda: len(here.telegram.messages(chat)) > count)
    message = here.telegram.messages(chat)[-1]
    assert message["visible"] == f"A person of {OFFICE} writes:\n\nKommen Sie morgen <um 10>."
    ((button,),) = message["reply_markup"]["inline_keyboard"]
    assert button["text"] == "Back to the assistant"

    # who blocked the bot is not reached, and the counsellor is told so
    here.telegram.blocked.add(chat)
    here.webhook(here.zammad.write(ticket, "hallo?"))
    here.until(lambda: any("nicht erreicht" in note for note in here.zammad.of(ticket, "Agent", internal=True)))
    here.telegram.blocked.discard(chat)
    here.push(update(4, payload=STOP))
    here.until(lambda: here.zammad.tickets[ticket]["state"] == "closed")


def test_nobody_is_connected_in_a_group(here: World) -> None:
    chat = -5050
    name = f"@{here.telegram.me['username']}"
    asked = update(11, f"{name} I want to talk to a human", chat=chat, group=True)
    asked["message"]["entities"] = [{"type": "mention", "offset": 0, "length": len(name)}]
    here.push(asked)
    here.until(lambda: here.telegram.messages(chat))
    buttons = [
        b for m in here.telegram.messages(chat) for row in (m.get("reply_markup") or {}).get("inline_keyboard", [])
        for b in row
    ]  # fmt: skip
    assert "Please call me" not in [b["text"] for b in buttons]
    before, count = len(here.zammad.tickets), len(here.telegram.messages(chat))
    here.push(update(12, payload=YES, chat=chat, group=True))
    here.until(lambda: len(here.telegram.messages(chat)) > count)
    assert len(here.zammad.tickets) == before
    sender = gate.conversation_id(here.settings.secret_bytes(), "telegram", f"{chat}:99")
    assert not here.relay.desk.talks(sender)
