"""A change of the secret, seen from the channels and stores: what was begun goes on, and is written anew."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import date
from pathlib import Path
from typing import Any

import httpx
import pytest
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import SlotSet
from rasa.shared.core.trackers import DialogueStateTracker

from bot.channels.telegram.buttons import Buttons
from bot.channels.telegram.journal import FILE as JOURNAL
from bot.channels.telegram.journal import Journal
from bot.handover.callbacks import Callbacks
from bot.handover.desk import Desk
from bot.handover.sealed import Seal
from bot.keys import Keys, pseudonym
from bot.memory.fragments import SharedFragments
from bot.memory.redis_store import RedisConversations
from bot.memory.review_queue import ReviewQueue, Rules
from bot.memory.review_store import Store
from bot.memory.shared import Shared
from bot.memory.tracker_store import SqliteTrackerStore
from tests.channels.telegram.conftest import CHAT, EchoAgent, Kept, button_update, serve, text_update, until
from tests.fakes import page_server, redis_server, web_server
from tests.fakes.page_server import TopicAgent, hidden, serve_pages
from tests.fakes.telegram_api import FakeTelegram
from tests.fakes.web_client import Client

OLD, NEW = b"the secret of before, 32 letters", b"the secret of now, with 32 letters"
BOTH, ONLY_OLD, ONLY_NEW = Keys(NEW, OLD), Keys(OLD), Keys(NEW)
NUMBER = "+49341000123"


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


def test_a_conversation_on_the_web_goes_on_under_its_id(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(web_server, "SECRET", OLD)
    with web_server.serve() as before:
        client = Client(before)
        assert client.send(text="hello there").status_code == 200
        asked = before.agent.messages[-1].sender_id
    assert asked == pseudonym(OLD, "web", client.conversation)
    for keys, status in ((BOTH, 200), (ONLY_NEW, 401)):
        monkeypatch.setattr(web_server, "SECRET", keys)
        with web_server.serve() as now:
            client.http = httpx.Client(base_url=now.url, timeout=20)
            assert client.send(text="and now?").status_code == status
            assert client.http.delete(
                f"/api/v1/conversations/{client.conversation}", headers=client.headers
            ).status_code == (204 if status == 200 else status)
            assert {message.sender_id for message in now.agent.messages} == ({asked} if status == 200 else set())
            opened = Client(now)
            opened.send(text="a new one")
            assert now.agent.messages[-1].sender_id == pseudonym(NEW, "web", opened.conversation)
            forged = {"Authorization": f"Bearer {opened.token}"}
            assert client.send(headers=forged, text="of somebody else").status_code == 401


def test_a_conversation_without_a_script_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    agent = TopicAgent()
    monkeypatch.setattr(page_server, "SECRET", OLD)
    with serve_pages(tmp_path, agent) as before, before.client() as http:
        page = http.post("/m", data={**hidden(http.get("/m").text), "text": "a first question"}).text
    asked = agent.messages[-1].sender_id
    assert asked == pseudonym(OLD, "light", hidden(page)["c"])
    for keys, status in ((BOTH, 200), (ONLY_NEW, 403)):
        agent.messages.clear()
        monkeypatch.setattr(page_server, "SECRET", keys)
        with serve_pages(tmp_path, agent) as now, now.client() as http:
            answer = http.post("/m", data={**hidden(page), "id": f"another-page-{status}-x", "text": "and another"})
            assert answer.status_code == status
            assert {message.sender_id for message in agent.messages} == ({asked} if status == 200 else set())


@pytest.fixture
async def telegram(anyio_backend: str, tmp_path: Path) -> AsyncIterator[FakeTelegram]:
    fake = FakeTelegram()
    fake.folder = tmp_path
    await fake.start()
    yield fake
    await fake.stop()


def shown(telegram: FakeTelegram, intent: str) -> list[str]:
    """Data of the buttons that a chat has seen."""
    rows = [row for m in telegram.messages(CHAT) for row in m.get("reply_markup", {}).get("inline_keyboard", ())]
    return [b["callback_data"] for row in rows for b in row if intent in b.get("callback_data", "")]


@pytest.mark.anyio
async def test_a_chat_is_moved_once_before_its_message_is_answered(telegram: FakeTelegram) -> None:
    agent, moved = EchoAgent(), []

    async def move(before: str, now: str) -> None:
        moved.append((before, now, len(agent.messages)))

    async with serve(telegram, agent, secret=OLD, public_url="https://bot.example.org") as running:
        await until(lambda: telegram.webhook)
        await running.post(text_update(1, "a first question"))
        await until(lambda: shown(telegram, "german_course"))
        (button,) = shown(telegram, "german_course")
    telegram.webhook = {}
    old, new = (pseudonym(secret, "telegram", str(CHAT)) for secret in (OLD, NEW))
    assert agent.messages[0].sender_id == old
    async with serve(telegram, agent, secret=BOTH, public_url="https://bot.example.org") as running:
        running.channel.moved = move
        await until(lambda: telegram.webhook)
        await running.post(text_update(2, "a second question"))
        await running.post(button_update(3, button, signed=False))
        await until(lambda: len(agent.messages) == 3)
        await until(lambda: telegram.count("editMessageReplyMarkup") or len(telegram.messages(CHAT)) >= 3)
        assert moved == [(old, new, 1)]
        assert {message.sender_id for message in agent.messages[1:]} == {new}
        assert agent.messages[-1].text == "/german_course"
        # what was sent before the change can be hidden
        sent = len(telegram.messages(CHAT))
        await running.post(text_update(4, "/hide"))
        await until(lambda: telegram.count("deleteMessages"))
        (deleted,) = [p["message_ids"] for name, p in telegram.calls if name == "deleteMessages"]
        assert len(deleted) >= sent
    telegram.webhook = {}
    async with serve(telegram, agent, secret=ONLY_NEW, public_url="https://bot.example.org") as running:
        await until(lambda: telegram.webhook)
        await running.post(button_update(5, button, signed=False))
        await until(lambda: telegram.count("answerCallbackQuery") >= 2)
        assert len(agent.messages) == 3, "a button of a destroyed secret does nothing"


def test_what_was_taken_in_is_answered_after_the_change(tmp_path: Path) -> None:
    journal = Journal(tmp_path / JOURNAL, ONLY_OLD)
    journal.take(text_update(1, "not answered yet"))
    journal.keep_sent(pseudonym(OLD, "telegram", "7"), 4)
    journal.close()
    journal = Journal(tmp_path / JOURNAL, BOTH)
    assert [row["update_id"] for row in journal.pending()] == [1]
    journal.close()
    journal = Journal(tmp_path / JOURNAL, ONLY_NEW)
    assert [row["update_id"] for row in journal.pending()] == [1], "it was written anew"
    journal.close()


def test_buttons_of_both() -> None:
    kept = Kept()
    long = '/inform{"place": "' + "leipzig-" * 6 + '"}'
    for payload in ("/help", long):
        data = Buttons(OLD, kept).data(payload)
        assert Buttons(BOTH, kept).payload(data) == payload
        assert Buttons(ONLY_NEW, kept).payload(data) == ""
        assert Buttons(ONLY_NEW, kept).payload(Buttons(BOTH, kept).data(payload)) == payload


def test_call_backs_outlive_the_former_secret_and_follow_the_chat(tmp_path: Path) -> None:
    path, before, now = tmp_path / "callbacks.sqlite", "telegram-before", "telegram-now"
    old = Callbacks(path, ONLY_OLD)
    assert old.add(before, NUMBER, "ar", "leipzig", "doctor")
    first = old.list()[0].id
    old.close()
    both = Callbacks(path, BOTH)
    assert [row.number for row in both.list()] == [NUMBER] and both.list()[0].id != first
    assert both.add("telegram-b", NUMBER, "ar", "leipzig", "doctor") and len(both.list()) == 1, "the same number once"
    both.add(before, "+49351000999", "ar", "", "")
    both.rename(before, now)
    both.close()
    new = Callbacks(path, ONLY_NEW)
    assert {row.number for row in new.list()} == {NUMBER, "+49351000999"}
    new.forget(before)
    assert len(new.list()) == 2
    new.forget(now)
    assert [row.number for row in new.list()] == [NUMBER]
    new.close()


def test_a_conversation_with_a_person_goes_on(tmp_path: Path) -> None:
    path = tmp_path / "handover.sqlite"
    old = Desk(path, ONLY_OLD)
    old.begin("telegram-before", "17", "ar")
    old.reach("telegram-before", "7001234")
    old.put("telegram-before", "what waits for the office")
    old.close()
    both = Desk(path, BOTH)
    both.rename("telegram-before", "telegram-now")
    assert both.talks("telegram-now") and not both.talks("telegram-before")
    both.close()
    new = Desk(path, ONLY_NEW)
    talk = new.get("telegram-now")
    assert talk is not None and (talk.ref, talk.chat) == ("17", "7001234")
    waiting = new.next("telegram-now")
    assert waiting is not None and waiting[2] == "what waits for the office"
    assert new.end("telegram-now") is not None and new.undelivered() == []
    new.close()


RULES = Rules(
    scrub=lambda text: text, urgent=lambda text: False, languages=frozenset({"en"}), topics=frozenset({"doctor"})
)


def queue(place: Path, keys: Keys) -> ReviewQueue:
    return ReviewQueue(place, keys, RULES, seal=Seal(keys, "review text"))


def row(queue: ReviewQueue, conversation: str, text: str) -> int | None:
    salt = queue._salts(conversation, 1.0)[0]
    content = ("en", text, "not_understood", "[]", "", date.today().isoformat())
    return queue._store.add(content, salt, queue._tag(salt, conversation), queue._marks(conversation))


def test_messages_to_learn_from_are_found_and_read(tmp_path: Path) -> None:
    place = tmp_path / "review.sqlite"
    old = queue(place, ONLY_OLD)
    for name in ("web-a", "telegram-before", "web-other"):
        assert row(old, name, f"what {name} wrote")
    old._store.close_conversation(old._marks("telegram-closed")[0], date.today())
    old.close()
    both = queue(place, BOTH)
    both._store.renew()
    both.forget("web-a")
    both.rename("telegram-before", "telegram-now")
    both.rename("telegram-closed", "telegram-shut")
    assert both.drain()
    assert row(both, "telegram-closed", "never kept") is None
    both.close()
    new = queue(place, ONLY_NEW)
    assert sorted(kept.text for kept in new._store.waiting()) == ["what telegram-before wrote", "what web-other wrote"]
    assert row(new, "telegram-shut", "never kept") is None
    new.forget("web-other")  # the former secret is gone: nobody can tell any more whose it is
    new.forget("telegram-now")
    assert new.drain()
    assert [kept.text for kept in new._store.waiting()] == ["what web-other wrote"]
    new.close()


def tracker(domain: Domain, sender: str, topic: str) -> DialogueStateTracker:
    return DialogueStateTracker.from_events(sender, [SlotSet("topic", topic)], domain.slots)


@pytest.fixture(scope="module")
def domain() -> Domain:
    return Domain.load(str(Path(__file__).parents[2] / "domain.yml"))


def test_a_stored_conversation_is_brought_to_its_new_name(domain: Domain, tmp_path: Path) -> None:
    async def story() -> None:
        store, told = SqliteTrackerStore(domain, tmp_path / "conversations.sqlite"), []
        store.on_rename.append(lambda before, now: told.append((before, now)))
        await store.save(tracker(domain, "telegram-before", "doctor"))
        await store.rename("telegram-before", "telegram-now")
        found = await store.retrieve("telegram-now")
        assert found is not None and found.get_slot("topic") == "doctor"
        assert list(await store.keys()) == ["telegram-now"]
        # a second time, and when there is one already, nothing is lost
        await store.rename("telegram-before", "telegram-now")
        await store.save(tracker(domain, "telegram-before", "housing"))
        await store.rename("telegram-before", "telegram-now")
        found = await store.retrieve("telegram-now")
        assert found is not None and found.get_slot("topic") == "doctor"
        assert list(await store.keys()) == ["telegram-now"] and len(told) == 3
        store.close()

    asyncio.run(story())


@pytest.fixture(scope="module")
def redis() -> Any:
    if redis_server.programs() is None:
        pytest.skip("redis-server is not on this machine")
    with redis_server.running() as server:
        yield server


def test_what_is_in_redis_is_read_and_written_anew(domain: Domain, redis: Any) -> None:
    def store(shared: Shared, keys: Keys) -> RedisConversations:
        return RedisConversations(domain, shared, Seal(keys, "conversations").cipher)

    async def story() -> None:
        shared = Shared.open(redis.url)
        await store(shared, ONLY_OLD).save(tracker(domain, "web-a", "doctor"))
        await SharedFragments(shared, Seal(ONLY_OLD, "fragments")).add("web-a", "I have a problem with")
        both = store(shared, BOTH)
        found = await both.retrieve("web-a")
        assert found is not None and found.get_slot("topic") == "doctor"
        assert await SharedFragments(shared, Seal(BOTH, "fragments")).before("web-a") == "I have a problem with"
        await both.save(found)
        found = await store(shared, ONLY_NEW).retrieve("web-a")
        assert found is not None and found.get_slot("topic") == "doctor"
        await both.save(tracker(domain, "telegram-before", "housing"))
        await both.rename("telegram-before", "telegram-now")
        assert sorted(await both.keys()) == ["telegram-now", "web-a"]
        await shared.disconnect()

    asyncio.run(story())


def test_what_no_known_secret_wrote_begins_anew(domain: Domain, redis: Any) -> None:
    async def story() -> None:
        shared = Shared.open(redis.url)
        cipher = Seal(Keys(NEW, OLD, until=time.time() - 1), "conversations").cipher
        await RedisConversations(domain, shared, Seal(ONLY_OLD, "conversations").cipher).save(
            tracker(domain, "web-b", "x")
        )
        assert await RedisConversations(domain, shared, cipher).retrieve("web-b") is None
        await shared.disconnect()

    asyncio.run(story())


def test_the_store_alone_reads_both(tmp_path: Path) -> None:
    """What `wegweiser review` sees."""
    place = tmp_path / "review.sqlite"
    old = queue(place, ONLY_OLD)
    row(old, "web-a", "before the change")
    old.close()
    assert [kept.text for kept in Store(place, Seal(BOTH, "review text")).waiting()] == ["before the change"]
