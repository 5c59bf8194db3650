"""`/forget` and "Delete this conversation" erase every copy: searched for in all files and in the memory of the server.

The real agent, the real server, a Bot API and a Zammad on loopback; then the same on a real Redis and PostgreSQL.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
import sqlalchemy as sa

from bot.channels import gate
from bot.channels.telegram import channel
from tests.channels.telegram.conftest import text_update
from tests.fakes import postgres, redis_server
from tests.fakes.page_server import hidden
from tests.handover.world import Web, World, world
from tests.privacy.searching import files, found, in_memory

CHAT = 7_415_926_535
CHATTED = "I need a German course in Leipzig, "
ON_WEB, ON_PAGES, ON_TELEGRAM = "purple umbrella upstairs", "yellow kitchen staircase", "silver bicycle downhill"
TO_PERSON, FROM_PERSON = "wooden accordion whisper", "velvet thermometer ticket"
NUMBER, WRITTEN = "+493415550199", "0341 555 0199"
DIGITS = ("5550199", "555 0199")
WORDS = (ON_WEB, ON_PAGES, ON_TELEGRAM, TO_PERSON, FROM_PERSON, *DIGITS)


@pytest.fixture(scope="module", autouse=True)
def often() -> Iterator[None]:
    """What the server does every minute, it does every second."""
    before, channel.TIDY_SECONDS = channel.TIDY_SECONDS, 1.0
    yield
    channel.TIDY_SECONDS = before


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with world(tmp_path_factory.mktemp("var"), learn=True, callbacks=True) as made:
        yield made


def secret(here: World) -> bytes:
    return here.settings.secret_bytes()


def rated(person: Web, words: str) -> None:
    """A message that is kept to learn from, because it was rated bad."""
    assert person.send(CHATTED + words)["replies"]
    person.send(payload="/feedback_bad")


def pages(here: World, words: str) -> tuple[str, dict[str, str]]:
    """A conversation without a script; its pseudonym and the fields of its page."""

    async def talk() -> str:
        begun = await here.client.get("/m", params={"lang": "en"})
        answer = await here.client.post("/m", data={**hidden(begun.text), "text": CHATTED + words})
        assert answer.status_code == 200 and words in answer.text
        rating = await here.client.post("/m", data={**hidden(answer.text), "choice": "/feedback_bad|No"})
        assert rating.status_code == 200
        return answer.text

    fields = hidden(here.run(talk()))
    return gate.conversation_id(secret(here), "light", fields["c"]), fields


def chat(here: World, number: int, text: str) -> None:
    """A message on Telegram, and its answer."""
    before = len(here.telegram.messages(CHAT))
    here.push(text_update(number, text, chat=CHAT))
    here.until(lambda: len(here.telegram.messages(CHAT)) > before)


def delete(person: Web) -> None:
    url = f"/api/v1/conversations/{person.id}"
    assert person.world.run(person.world.client.delete(url, headers=person.headers)).status_code == 204


def settled(here: World) -> None:
    """What is under way beside the answers is done."""
    assert here.agent.review is None or here.agent.review.drain(60)
    here.until(lambda: here.agent.resources is not None)


def gone(here: World, look: Callable[[], list[Any]]) -> None:
    """The answer on Telegram comes before the conversation is deleted: wait a little, then nothing may be found."""
    end = time.monotonic() + 30
    while look() and time.monotonic() < end:
        here.run(asyncio.sleep(0.5))
    assert look() == []


def roots(here: World) -> list[Any]:
    """Where everything of the server hangs."""
    return [here.agent, here.server]


def test_alone(alone: World) -> None:
    here = alone
    web, called, talked = here.conversation(), here.conversation(), here.conversation()
    rated(web, ON_WEB)
    light, fields = pages(here, ON_PAGES)
    chat(here, 1, CHATTED + ON_TELEGRAM)
    telegram = gate.conversation_id(secret(here), "telegram", str(CHAT))

    talked.begin()
    ticket = here.ticket()
    here.webhook(here.zammad.write(ticket, f"<p>{FROM_PERSON}</p>"))
    assert FROM_PERSON in talked.read()[0]["text"]
    here.zammad.mode = 503  # what waits for it stays in our files
    talked.send(TO_PERSON)

    called.send("I need a German course in Leipzig")
    called.person("callback")
    called.send(f"It is {WRITTEN}")
    assert [row.number for row in here.relay.callbacks.list()] == [NUMBER]
    settled(here)

    ids = {"web": web.sender, "light": light, "telegram": telegram, "talked": talked.sender, "called": called.sender}
    # The search finds each of them as long as it is there: only then does finding nothing say something.
    before = found(files(here.folder), [*WORDS, *ids.values()], secret(here))
    stood = {(name.partition("-wal")[0], what.split("'")[1]) for name, what in before}
    assert ("review.sqlite", ON_WEB) in stood and ("review.sqlite", ON_PAGES) in stood
    assert ("callbacks.sqlite", DIGITS[0]) in stood and ("handover.sqlite", TO_PERSON) in stood
    assert {("conversations.sqlite", name) for name in ids.values()} <= stood
    assert ("telegram.sqlite", telegram) in stood
    assert in_memory(roots(here), [ON_WEB]) and in_memory(roots(here), [FROM_PERSON])

    for person in (web, called, talked):
        delete(person)
    here.run(here.client.post("/m", data={**fields, "do": "delete"}))
    chat(here, 2, "/forget")
    here.zammad.mode = ""
    settled(here)
    here.until(lambda: here.agent.relay.desk.count() == 0)

    left = [*WORDS, str(CHAT), *ids.values()]
    gone(here, lambda: found(files(here.folder), left, secret(here)))
    assert in_memory(roots(here), [*WORDS, str(CHAT)]) == []


@pytest.fixture(scope="module")
def together(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[World, Any, Any]]:
    if not os.environ.get("CI") and (redis_server.programs() is None or postgres.programs() is None):
        pytest.skip("redis-server or PostgreSQL is not on this machine")
    with redis_server.running() as redis, postgres.running() as database:
        folder = tmp_path_factory.mktemp("var")
        with world(folder, zammad=False, learn=True, redis_url=redis.url, database_url=database.url) as made:
            yield made, redis, database


def shared(redis: Any, database: Any) -> dict[str, bytes]:
    """Everything in Redis and in all tables."""
    from redis import Redis

    contents: dict[str, bytes] = {}
    with Redis.from_url(redis.url) as client:
        for key in client.keys("*"):
            kind = client.type(key)
            if kind == b"string":
                value: Any = client.get(key)
            elif kind == b"zset":
                value = client.zrange(key, 0, -1, withscores=True)
            elif kind == b"hash":
                value = client.hgetall(key)
            elif kind == b"list":
                value = client.lrange(key, 0, -1)
            elif kind == b"set":
                value = client.smembers(key)
            else:
                value = client.xrange(key)
            contents[f"redis {key.decode(errors='replace')[:60]}"] = key + b" " + _flat(value)
    engine = sa.create_engine(database.url)
    with engine.connect() as connection:
        for name in sa.inspect(connection).get_table_names():
            rows = connection.execute(sa.text(f"SELECT * FROM {name}")).all()
            contents[f"table {name}"] = b"\n".join(_flat([*row]) for row in rows)
    engine.dispose()
    return contents


def _flat(value: Any) -> bytes:
    if isinstance(value, (bytes, memoryview)):
        return bytes(value)
    if isinstance(value, dict):
        value = [*value.keys(), *value.values()]
    if isinstance(value, (list, tuple, set)):
        return b" ".join(_flat(part) for part in value)
    return str(value).encode()


def test_on_redis_and_postgresql(together: tuple[World, Any, Any]) -> None:
    here, redis, database = together
    web = here.conversation()
    rated(web, ON_WEB)
    web.send("I have a problem with")
    light, fields = pages(here, ON_PAGES)
    chat(here, 1, CHATTED + ON_TELEGRAM)
    settled(here)
    telegram = gate.conversation_id(secret(here), "telegram", str(CHAT))
    ids = [web.sender, light, telegram]

    def everything() -> dict[str, bytes]:
        return {**shared(redis, database), **files(here.folder)}

    stood = {(name, what.split("'")[1]) for name, what in found(everything(), [*WORDS, *ids], secret(here))}
    learnt = {what for name, what in stood if name.startswith("table ")}
    assert {ON_WEB, ON_PAGES} <= learnt
    assert {what for name, what in stood if name.startswith("redis ")} >= set(ids)

    delete(web)
    here.run(here.client.post("/m", data={**fields, "do": "delete"}))
    chat(here, 2, "/forget")
    settled(here)
    # That a conversation was forgotten stays known for an hour under its pseudonym, so that no copy brings it back.
    gone(here, lambda: found(everything(), [*WORDS, str(CHAT)], secret(here)))
    left = [
        (name, what) for name, what in found(everything(), ids, secret(here)) if name.startswith(("table ", "tele"))
    ]
    assert left == []
    assert in_memory(roots(here), [*WORDS, str(CHAT)]) == []
