"""Several real processes behind a real nginx, on a real Redis and PostgreSQL, while people write: what may happen to them
and what people notice of it (docs/scaling.md)."""

from __future__ import annotations

import asyncio
import os
import threading
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import count
from typing import Any

import httpx
import pytest

from bot.memory.counters import Counters
from tests.channels.telegram.conftest import text_update
from tests.fakes.telegram_api import FakeTelegram
from tools.cluster.cluster import Cluster, Member, programs, running

# How long Redis stays away; docs/scaling.md says what was seen in thirty seconds (CLUSTER_AWAY=30).
AWAY = float(os.environ.get("CLUSTER_AWAY", "8"))
PATIENCE = 60.0
LANGUAGES = ("de", "ar", "uk", "fa", "tr", "ti", "en")
TOPICS = ("german_course", "doctor", "find_housing", "migration_counselling")
COMMANDS = {"/help": "in your own words", "/privacy": "your name"}
pytestmark = pytest.mark.skipif(not all(programs().values()), reason="needs redis-server, postgresql and nginx")


class Telegram:
    """The fake Bot API in a thread of its own."""

    def __init__(self) -> None:
        self.api = FakeTelegram()
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self.run(self.api.start())

    def run(self, work: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(30)

    def close(self) -> None:
        self.run(self.api.stop())
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(10)


@pytest.fixture(scope="module")
def telegram() -> Iterator[Telegram]:
    started = Telegram()
    yield started
    started.close()


@pytest.fixture(scope="module")
def cluster(telegram: Telegram) -> Iterator[Cluster]:
    more = {
        "TELEGRAM_TOKEN": telegram.api.token, "TELEGRAM_API": telegram.api.api, "PUBLIC_URL": "https://bot.example.org",
        "TELEGRAM_PER_SECOND": "1000",
    }  # fmt: skip
    with running(serve=2, actions=1, more=more) as started:
        yield started


class Person:
    """Somebody with the widget: sends a message again with the same id until there is an answer."""

    def __init__(self, url: str, language: str = "en") -> None:
        self.http = httpx.Client(timeout=30, trust_env=False)
        self.language, self._number = language, count(1)
        self.tries = 0
        session = self._until(lambda: self.http.post(f"{url}/api/v1/conversations")).json()
        self.conversation = session["conversation"]
        self._headers = {"Authorization": f"Bearer {session['token']}"}

    def ask(self, url: str, **what: Any) -> dict[str, Any]:
        """The first reply."""
        body = {"conversation": self.conversation, "id": f"m{next(self._number)}", "hint": self.language, **what}
        answer = self._until(lambda: self.http.post(f"{url}/api/v1/messages", json=body, headers=self._headers))
        return dict(answer.json()["replies"][0])

    def _until(self, call: Any) -> httpx.Response:
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            self.tries += 1
            try:
                answer: httpx.Response = call()
                if answer.status_code < 300:
                    return answer
                assert answer.status_code in (429, 503), (answer.status_code, answer.text)
            except httpx.TransportError:
                pass
            time.sleep(0.2)
        raise AssertionError(f"no answer within {PATIENCE:.0f} s")


@dataclass
class Traffic:
    """What people met while something happened."""

    answered: int = 0
    again: int = 0
    slowest: float = 0.0
    faults: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)
    stopped: threading.Event = field(default_factory=threading.Event)

    def person(self, url: str, number: int) -> None:
        """One conversation after the other: a topic with a place by button, then what it costs."""
        for turn in count(number):
            if self.stopped.is_set():
                return
            language, topic = LANGUAGES[turn % len(LANGUAGES)], TOPICS[turn % len(TOPICS)]
            try:
                person = Person(url, language)
                self.one(person, url, topic, f'/{topic}{{"place": "leipzig"}}')
                self.one(person, url, topic, "/ask_cost")
            except Exception as exc:
                self.fault(f"{topic} in {language}: {exc!r}")

    def one(self, person: Person, url: str, topic: str, payload: str) -> None:
        began, before = time.monotonic(), person.tries
        reply = person.ask(url, payload=payload)
        with self.lock:
            self.answered += 1
            self.again += person.tries - before - 1
            self.slowest = max(self.slowest, time.monotonic() - began)
        if reply["language"] != person.language:
            self.fault(f"asked in {person.language}, answered in {reply['language']}")
        if reply.get("topic") != topic:
            self.fault(f"asked about {topic}, answered about {reply.get('topic')}")

    def fault(self, text: str) -> None:
        with self.lock:
            self.faults.append(text)

    def __str__(self) -> str:
        return f"{self.answered} answered, {self.again} tries more, slowest {self.slowest:.1f} s"


@contextmanager
def people(cluster: Cluster, number: int = 3) -> Iterator[Traffic]:
    """People who write through nginx until the block ends; each has had an answer before it begins and after."""
    traffic = Traffic()
    with ThreadPoolExecutor(number) as pool:
        work = [pool.submit(traffic.person, cluster.url, 100 * i) for i in range(number)]
        try:
            more_answers(traffic, 2 * number)
            yield traffic
            more_answers(traffic, 2 * number)
        finally:
            traffic.stopped.set()
        for person in work:
            person.result(PATIENCE)


def more_answers(traffic: Traffic, number: int) -> None:
    end, before = time.monotonic() + PATIENCE, traffic.answered
    while traffic.answered < before + number:
        assert time.monotonic() < end, "nobody is answered any more"
        time.sleep(0.05)


def back(member: Member) -> None:
    member.start()
    member.wait()


def test_any_process_takes_any_message(cluster: Cluster) -> None:
    one, other = (f"http://{member.address}" for member in cluster.serving)
    person = Person(one, "de")
    assert person.ask(one, text="Ich suche einen Deutschkurs in Leipzig")["topic"] == "german_course"
    assert person.ask(other, text="Was kostet das?")["topic"] == "german_course"
    assert person.ask(one, text="und in Dresden?")["cards"]
    # The same message at both, as after a lost answer: handled once.
    body = {"conversation": person.conversation, "id": "twice", "text": "Ich suche eine Wohnung in Leipzig"}
    answers = [person.http.post(f"{url}/api/v1/messages", json=body, headers=person._headers) for url in (one, other)]
    assert answers[0].status_code == 200 and answers[0].content == answers[1].content


def test_a_serving_process_is_killed(cluster: Cluster) -> None:
    with people(cluster) as traffic:
        cluster.serving[0].kill()
        more_answers(traffic, 20)
        back(cluster.serving[0])
    print(traffic)
    assert traffic.faults == []


def test_the_action_server_is_killed(cluster: Cluster) -> None:
    with people(cluster) as traffic:
        cluster.acting[0].kill()
        more_answers(traffic, 20)
        back(cluster.acting[0])
    print(traffic)
    assert traffic.faults == []


def test_redis_is_away(cluster: Cluster) -> None:
    with people(cluster) as traffic:
        cluster.redis.stop()
        end = time.monotonic() + AWAY
        while time.monotonic() < end:
            more_answers(traffic, 5)
        cluster.redis.start()
    print(traffic)
    assert traffic.faults == []


def test_postgresql_is_away(cluster: Cluster) -> None:
    with people(cluster) as traffic:
        cluster.database.stop()
        more_answers(traffic, 20)
        cluster.database.start()
    print(traffic)
    assert traffic.faults == []


def test_one_process_after_the_other_is_restarted(cluster: Cluster) -> None:
    with people(cluster) as traffic:
        cluster.roll()
    print(traffic)
    assert traffic.faults == []


def test_telegram(cluster: Cluster, telegram: Telegram) -> None:
    """Every update twice and at any process, one of which dies: each is answered once, in the order of its chat."""
    chats = range(801, 811)
    updates = [
        text_update(1000 * n + chat, command, chat=chat) for n, command in enumerate(COMMANDS, 1) for chat in chats
    ]
    secret = {"X-Telegram-Bot-Api-Secret-Token": telegram.api.webhook["secret_token"]}
    with httpx.Client(timeout=30, trust_env=False) as http:

        def post(update: dict[str, Any], url: str) -> None:
            end = time.monotonic() + PATIENCE
            while time.monotonic() < end:
                try:
                    if http.post(f"{url}/webhooks/telegram/webhook", json=update, headers=secret).status_code == 200:
                        return
                except httpx.TransportError:
                    pass
                time.sleep(0.1)  # as Telegram does
            raise AssertionError("an update was not taken in")

        for number, update in enumerate(updates):
            post(update, f"http://{cluster.serving[number % 2].address}")
            if number == len(updates) // 2:
                cluster.serving[1].kill()
                break
        for update in updates:
            post(update, cluster.url)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end and any(len(said(telegram, chat)) < len(COMMANDS) for chat in chats):
        time.sleep(0.1)
    back(cluster.serving[1])
    repeated = 0
    for chat in chats:
        asked = said(telegram, chat)
        assert list(dict.fromkeys(asked)) == list(COMMANDS), (chat, asked)
        repeated += len(asked) - len(COMMANDS)
    print(f"{repeated} answers came twice")
    # Only what the killed process was answering at that moment may come again.
    assert repeated <= 2


def said(telegram: Telegram, chat: int) -> list[str]:
    """The commands whose answers a chat got, in the order they came."""
    shown = [m["visible"] for m in telegram.api.messages(chat)]
    return [command for text in shown for command, words in COMMANDS.items() if words in text]


def test_what_was_asked_is_counted_in_one_place(cluster: Cluster) -> None:
    """What the killed processes had not yet written is lost: five seconds of numbers, never an answer."""
    counters = Counters(cluster.database.url)
    end = time.monotonic() + PATIENCE
    while time.monotonic() < end:
        [month] = counters.months()
        tables = counters.month(month)
        languages = Counter(column for _, column in tables["messages_language"])
        if set(LANGUAGES) <= set(languages):
            break
        time.sleep(0.5)
    assert set(LANGUAGES) <= set(languages)
    assert {row for row, _ in tables["questions_language"]} >= set(TOPICS)
    counters.close()
