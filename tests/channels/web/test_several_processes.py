"""A message may go to any process: it is handled once, and answered by whichever is asked."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from rasa.core.channels.channel import UserMessage
from redis import Redis

from bot.channels import gate
from bot.channels.web.shared_answers import KEPT_SECONDS, LAST_LOOK_SECONDS, MOST, SharedAnswers
from bot.memory.shared import Shared
from tests.channels.web.several import LEASE, answers, at, content, process, texts, two, until
from tests.fakes import redis_server
from tests.fakes.redis_server import RedisServer
from tests.fakes.web_client import Client, check_error
from tests.fakes.web_server import SECRET, RunningServer

pytestmark = pytest.mark.skipif(
    redis_server.programs() is None, reason="needs redis-server (deploy/debian-packages.txt)"
)


@pytest.fixture
def both(redis: RedisServer) -> Iterator[tuple[RunningServer, RunningServer]]:
    with two(redis) as servers:
        yield servers


Both = tuple[RunningServer, RunningServer]


def test_sent_to_both_at_once(both: Both) -> None:
    for server in both:
        server.agent.delay = 0.3
    clients = [Client(both[0])]
    clients.append(at(both[1], clients[0]))
    with ThreadPoolExecutor(6) as pool:
        given = list(pool.map(lambda n: clients[n % 2].send(id="same", text="hello"), range(6)))
    assert {answer.status_code for answer in given} == {200}
    assert len({answer.content for answer in given}) == 1
    assert texts(*both) == ["hello"]


def test_sent_again_to_the_other(both: Both) -> None:
    first = Client(both[0])
    answer = first.send(id="again", text="course")
    other = at(both[1], first)
    assert other.send(id="again", text="course").content == answer.content
    assert first.send(id="again", text="course").content == answer.content
    assert texts(*both) == ["course"]
    assert other.send(id="another", text="course").status_code == 200
    assert Client(both[1]).send(id="again", text="mine").json()["replies"][0]["text"] == "echo: mine"
    assert texts(*both) == ["course", "course", "mine"]


def test_two_round_trips_a_message(redis: RedisServer) -> None:
    with process(redis, per_address=1000) as server, Redis(port=redis.port) as watching:
        client = Client(server)
        client.send(text="the scripts are known from now on")
        watching.config_resetstat()
        for number in range(5):
            assert client.send(text=f"hello {number}").status_code == 200
        counted = watching.info("commandstats")
        assert counted["cmdstat_evalsha"]["calls"] == 10
        assert "cmdstat_eval" not in counted and "cmdstat_script|load" not in counted


def test_redis_holds_no_words_and_no_ids(redis: RedisServer, both: Both, caplog: pytest.LogCaptureFixture) -> None:
    client = Client(both[0])
    with caplog.at_level(logging.DEBUG, "bot"):
        client.send(id="secret-id", text="I have tuberculosis")
    held = content(redis)
    assert len(answers(redis)) == 1
    everything = b" ".join([*held, *held.values()])
    for words in ("tuberculosis", "echo", "secret-id", client.conversation, client.token, "127.0.0.1"):
        assert words.encode() not in everything and words not in caplog.text
    with Redis(port=redis.port) as watching:
        assert all(0 < watching.pttl(key) <= KEPT_SECONDS * 1000 for key in held), "all of it ends by itself"


def test_a_process_that_dies_is_replaced(redis: RedisServer) -> None:
    with process(redis) as other, ThreadPoolExecutor(2) as pool:
        with process(redis) as first:
            client = Client(first)
            first.agent.delay = 60.0
            lost = pool.submit(client.send, id="taken-over", text="hello")
            until(lambda: first.agent.messages)
            waiting = pool.submit(at(other, client).send, id="taken-over", text="hello")
            watched = time.monotonic() + 2 * LEASE
            while time.monotonic() < watched:
                assert not other.agent.messages and not waiting.done(), "the lease is renewed while its process lives"
                time.sleep(0.02)
        died = time.monotonic()
        assert waiting.result().json()["replies"][0]["text"] == "echo: hello"
        assert time.monotonic() - died < LEASE + 0.5
        assert lost.exception() is not None
        assert texts(first, other) == ["hello", "hello"], "once each: the first has never answered"
        assert at(other, client).send(id="taken-over", text="hello").content == waiting.result().content
        assert len(other.agent.messages) == 1


def test_a_failure_is_not_kept(both: Both) -> None:
    client = Client(both[0])
    both[0].agent.failure = RuntimeError()
    check_error(client.send(id="broken", text="hello"), 500, "internal")
    began = time.monotonic()
    assert at(both[1], client).send(id="broken", text="hello").status_code == 200
    assert time.monotonic() - began < LEASE / 2, "nobody waits for the lease of one who has failed"
    both[0].agent.failure = None
    assert client.send(id="broken", text="hello").status_code == 200
    assert len(both[1].agent.messages) == 1 == len(both[0].agent.messages)


def test_the_other_is_not_waited_for_longer_than_patience(redis: RedisServer) -> None:
    with two(redis, patience=0.4) as (first, other), ThreadPoolExecutor(1) as pool:
        client = Client(first)
        first.agent.delay = 1.2
        slow = pool.submit(client.send, id="slow", text="hello")
        until(lambda: first.agent.messages)
        check_error(at(other, client).send(id="slow", text="hello"), 503, "busy")
        check_error(slow.result(), 503, "busy")
        until(lambda: answers(redis))
        assert at(other, client).send(id="slow", text="hello").json()["replies"][0]["text"] == "echo: hello"
        assert texts(first, other) == ["hello"]


# Redis is away


def test_away_before_the_message(redis: RedisServer, both: Both) -> None:
    first, other = both
    client = Client(first)
    client.send(text="warm")
    redis.stop()
    answer = client.send(id="alone", text="hello")
    assert answer.status_code == 200
    assert client.send(id="alone", text="hello").content == answer.content
    assert texts(first, other) == ["warm", "hello"]
    redis.start()
    until(lambda: answers(redis))  # what was answered meanwhile is handed in
    assert at(other, client).send(id="alone", text="hello").content == answer.content
    assert texts(first, other) == ["warm", "hello"]


def test_away_in_the_middle(redis: RedisServer, both: Both) -> None:
    first, other = both
    client = Client(first)
    first.agent.delay = 0.5
    with ThreadPoolExecutor(1) as pool:
        sent = pool.submit(client.send, id="middle", text="hello")
        until(lambda: first.agent.messages)
        redis.stop()
        answer = sent.result()
    assert answer.status_code == 200
    redis.start()
    until(lambda: answers(redis))
    assert at(other, client).send(id="middle", text="hello").content == answer.content
    assert texts(first, other) == ["hello"]


def test_started_anew_in_the_middle(redis: RedisServer, both: Both) -> None:
    """An empty Redis learns what is being handled, and the other process waits for it as before."""
    first, other = both
    client = Client(first)
    first.agent.delay = 2.0
    with ThreadPoolExecutor(2) as pool:
        sent = pool.submit(client.send, id="anew", text="hello")
        until(lambda: first.agent.messages)
        redis.stop()
        redis.start()
        until(lambda: any(value.startswith(b"r") for value in content(redis).values()))
        again = pool.submit(at(other, client).send, id="anew", text="hello")
        assert again.result().content == sent.result().content
    assert texts(first, other) == ["hello"]


def test_a_redis_that_hangs(redis: RedisServer, both: Both) -> None:
    client = Client(both[0])
    client.send(text="warm")
    redis.pause()
    try:
        began = time.monotonic()
        assert [client.send(text="hello").status_code for _ in range(5)] == [200] * 5
        assert time.monotonic() - began < 1.2, "one waits, the others do not"
    finally:
        redis.resume()
    until(lambda: len(answers(redis)) == 6)


def test_who_had_it_cannot_be_asked(redis: RedisServer) -> None:
    """Redis goes while another process is waited for: after the lease the message is handled here."""
    with process(redis) as other, ThreadPoolExecutor(2) as pool, process(redis) as first:
        client = Client(first)
        first.agent.delay = 60.0
        pool.submit(client.send, id="cut-off", text="hello")
        until(lambda: first.agent.messages)
        with Redis(port=redis.port) as watching:
            asked = calls(watching)
            waiting = pool.submit(at(other, client).send, id="cut-off", text="hello")
            until(lambda: calls(watching) > asked + 2)
        redis.stop()
        assert waiting.result().json()["replies"][0]["text"] == "echo: hello"
        assert texts(first, other) == ["hello", "hello"]


def calls(watching: Redis) -> int:
    return int(watching.info("commandstats")["cmdstat_evalsha"]["calls"])


# Deleting


def delete(client: Client) -> int:
    path = f"/api/v1/conversations/{client.conversation}"
    return client.http.delete(path, headers=client.headers).status_code


def test_deleting_at_the_other(redis: RedisServer, both: Both) -> None:
    first, other = both
    client, stranger = Client(first), Client(first)
    client.send(id="one", text="hello")
    client.send(id="two", text="hello")
    kept = stranger.send(id="one", text="theirs")
    assert delete(at(other, client)) == 204
    assert len(answers(redis)) == 1
    client.send(id="one", text="hello")
    assert texts(first) == ["hello", "hello", "theirs", "hello"], "the stored answer is gone too"
    assert at(other, stranger).send(id="one", text="theirs").content == kept.content
    assert texts(other) == ["/delete_my_data"]


def test_deleted_while_it_is_answered(redis: RedisServer, both: Both) -> None:
    """The store tells the channel of the process that handles the message which asks for it."""
    first, other = both
    client, asking = Client(first), Client(other)
    first.agent.delay = 0.8
    answer = other.agent.handle_message

    async def forgetting(message: UserMessage) -> None:
        await answer(message)
        if message.text == "forget":
            other.channel.forget(gate.conversation_id(SECRET, "web", client.conversation))

    other.agent.handle_message = forgetting  # type: ignore[method-assign]
    with ThreadPoolExecutor(2) as pool:
        sent = pool.submit(client.send, id="late", text="hello")
        until(lambda: first.agent.messages)
        assert asking.send(text="forget").status_code == 200
        again = pool.submit(at(other, client).send, id="late", text="hello")
        assert again.result().content == sent.result().content, "who waits gets it"
    assert texts(first, other) == ["hello", "forget"]
    until(lambda: len(answers(redis)) == 1, LAST_LOOK_SECONDS + 1)
    assert client.send(id="late", text="hello").status_code == 200
    assert texts(first) == ["hello", "hello"]


@pytest.mark.parametrize("emptied", [False, True])
def test_deleted_while_redis_is_away(redis: RedisServer, both: Both, emptied: bool) -> None:
    first, other = both
    client = Client(first)
    client.send(id="before", text="hello")
    redis.stop() if emptied else redis.pause()
    try:
        assert client.send(id="meanwhile", text="hello").status_code == 200
        assert delete(at(other, client)) == 204
    finally:
        redis.start() if emptied else redis.resume()
    stranger = Client(first)
    until(
        lambda: stranger.send(text="is it back?").status_code == 200 and any(b"forgotten" in k for k in content(redis))
    )
    until(lambda: not [k for k in content(redis) if k.startswith(b"wegweiser:answer:" + sender_of(client))])


def sender_of(client: Client) -> bytes:
    return gate.conversation_id(SECRET, "web", client.conversation).encode()


# What Redis keeps


@pytest.mark.anyio
async def test_answers_of_a_conversation_are_bounded(redis: RedisServer) -> None:
    shared = Shared.open(redis.url)
    kept = SharedAnswers(shared, SECRET, "me", 4.0)
    for number in range(MOST + 3):
        assert await kept.claim("web-1", str(number), []) == 0
        assert await kept.keep("web-1", str(number), b"answer %d" % number, 0.0)
    assert len(answers(redis)) == MOST
    assert await kept.claim("web-1", "2", []) == 0, "the oldest are gone"
    assert await kept.claim("web-1", "3", []) == b"answer 3"
    assert await kept.claim("web-1", str(MOST + 2), []) == b"answer %d" % (MOST + 2)
    await shared.disconnect()


@pytest.mark.anyio
async def test_only_the_holder_changes_what_it_holds(redis: RedisServer) -> None:
    shared = Shared.open(redis.url)
    mine, theirs = (SharedAnswers(shared, SECRET, name, 4.0) for name in ("me", "they"))
    assert await mine.claim("web-1", "a", []) == 0
    assert await theirs.claim("web-1", "a", []) is None
    await theirs.release("web-1", "a")
    await theirs.keep("web-1", "a", b"theirs", 0.0)
    await theirs.renew([("web-1", "a")])
    assert answers(redis) == [] and await theirs.claim("web-1", "a", []) is None
    await mine.keep("web-1", "a", b"mine", 0.0)
    assert await theirs.claim("web-1", "a", []) == b"mine"
    other = SharedAnswers(shared, b"another secret of thirty-two bytes", "me", 4.0)
    assert await other.claim("web-1", "a", []) == 0, "another secret has other keys"
    await shared.disconnect()


@pytest.mark.anyio
async def test_what_was_forgotten_does_not_come_late(redis: RedisServer) -> None:
    shared = Shared.open(redis.url)
    kept = SharedAnswers(shared, SECRET, "me", 4.0)
    await kept.forget("web-1", 10.0)
    await kept.keep("web-1", "older", b"older", 30.0)
    await kept.keep("web-1", "younger", b"younger", 2.0)
    with Redis(port=redis.port) as watching:
        ends = sorted(watching.pttl(key) for key in watching.keys("wegweiser:answer:*"))
    assert ends[0] <= LAST_LOOK_SECONDS * 1000 < KEPT_SECONDS * 1000 - 5000 < ends[1]
    await kept.keep("web-1", "too old", b"x", KEPT_SECONDS + 1)
    assert await kept.claim("web-1", "too old", []) == 0
    await shared.disconnect()


def test_a_huge_answer_stays_in_its_process(redis: RedisServer, both: Both) -> None:
    first, other = both
    client = Client(first)
    words = "".join(chr(0x4E00 + (number * 7919) % 20000) for number in range(60_000))
    first.agent.reply = {"text": words, "dir": "ltr", "language": "en"}
    answer = client.send(id="huge", text="hello")
    assert client.send(id="huge", text="hello").content == answer.content
    assert answers(redis) == [] and texts(first) == ["hello"]
    assert at(other, client).send(id="huge", text="hello").status_code == 200
    assert texts(other) == ["hello"]
