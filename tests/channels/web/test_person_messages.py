"""Talking with a person over real HTTP: waiting for what they write, coming, going, leaving, limits."""

from __future__ import annotations

import logging
import socket
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any

import httpx
import pytest

from bot.channels import gate
from bot.channels.web import limits
from bot.channels.web.mailbox import Mailbox
from bot.speech.reply import Reply
from tests.fakes.counsellor import Counselled
from tests.fakes.web_client import LISTED, Client, check_error
from tests.fakes.web_server import SECRET, FakeAgent, RunningServer, serve

STOP = '/human_handover{"person":"stop"}'


class Agent(Counselled, FakeAgent):
    """The web channel's fake agent with a person behind it."""


@pytest.fixture(scope="module")
def server() -> Iterator[RunningServer]:
    with serve(agent=Agent(), limit=gate.RateLimit(count=1000), mailbox=Mailbox(readers=2, all_readers=3)) as running:
        yield running


@pytest.fixture
def client(server: RunningServer) -> Iterator[Client]:
    agent: Any = server.agent
    agent.messages.clear()
    agent.heard.clear()
    agent.talking.clear()
    yield Client(server)


def sender(client: Client) -> str:
    return gate.conversation_id(SECRET, "web", client.conversation)


def path(client: Client, after: Any = None) -> str:
    return f"/api/v1/conversations/{client.conversation}/messages" + ("" if after is None else f"?after={after}")


def read(client: Client, after: Any = None) -> httpx.Response:
    return client.http.get(path(client, after), headers=client.headers)


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "did not happen"
        time.sleep(0.01)


def test_without_a_person_nothing_waits(client: Client) -> None:
    assert client.send(text="hello").json() == {"replies": [{"text": "echo: hello", "language": "en", "dir": "ltr"}]}
    response = read(client, 0)
    assert (response.status_code, response.json()) == (200, {"messages": [], "person": False})
    assert response.headers["cache-control"] == "no-store"


def test_a_server_without_handover_waits_for_nobody() -> None:
    with serve(longest_wait=20) as running:
        client = Client(running)
        assert "person" not in client.send(text="hello").json()
        assert read(client).json() == {"messages": [], "person": False}


def test_a_conversation_with_a_person(client: Client) -> None:
    agent = client.agent
    assert client.send(payload="/human_handover").json()["person"] is True
    assert client.send(text="My letter").json() == {"replies": [], "person": True}
    assert agent.heard == ["My letter"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(read, client, 0)
        until(lambda: agent.readers == 1)
        assert agent.writes("Guten Tag") is True
        first = waiting.result(10).json()
    [message] = first["messages"]
    assert first["person"] is True
    assert message["reply"] == {"text": "Guten Tag", "language": "de", "dir": "auto", "author": "person"}
    agent.writes("Zweitens")
    second = read(client, message["number"]).json()
    assert [row["reply"]["text"] for row in second["messages"]] == ["Zweitens"]
    assert len(read(client).json()["messages"]) == 2, "reading takes nothing away"
    ended = client.send(payload=STOP).json()
    assert "person" not in ended and ended["replies"][0]["text"] == "The assistant is back."
    assert client.send(text="hello").json()["replies"][0]["text"] == "echo: hello"


@pytest.mark.parametrize("who", ["the person", "the other"])
def test_whoever_waits_is_told_when_it_ends(client: Client, who: str) -> None:
    client.send(payload="/human_handover")
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(read, client, 0)
        until(lambda: client.agent.readers == 1)
        if who == "the person":
            client.agent.leaves()
        else:
            client.send(payload=STOP)
        assert waiting.result(10).json() == {"messages": [], "person": False}


def test_waiting_ends_by_itself() -> None:
    with serve(agent=Agent(), longest_wait=0.05) as running:
        client = Client(running)
        client.send(payload="/human_handover")
        assert read(client, 0).json() == {"messages": [], "person": True}


def test_a_client_that_goes_away_frees_its_place(client: Client) -> None:
    client.send(payload="/human_handover")
    request = f"GET {path(client, 0)} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {client.token}\r\n\r\n".encode()
    gone = [socket.create_connection(("127.0.0.1", client.server.port)) for _ in range(2)]
    for connection in gone:
        connection.sendall(request)
    until(lambda: client.agent.readers == 2)
    full = read(client, 0)
    check_error(full, 429, "too_many")
    assert int(full.headers["retry-after"]) > 0
    client.agent.writes("hello")
    assert len(read(client, 0).json()["messages"]) == 1, "what is there is told without a place"
    for connection in gone:
        connection.recv(10)  # they were told too
    last = client.agent.there(lambda: client.agent.channel._mailbox.since(sender(client))[-1]["number"])
    for connection in gone:
        connection.sendall(request.replace(b"after=0", f"after={last}".encode()))
    until(lambda: client.agent.readers == 2)
    for connection in gone:
        connection.close()
    until(lambda: client.agent.readers == 0)


def test_readers_are_bounded_in_all(client: Client) -> None:
    others = [client, Client(client.server)]
    for other in others:
        other.send(payload="/human_handover")
    with ThreadPoolExecutor(3) as pool:
        waiting = [pool.submit(read, other, 0) for other in (others[0], others[0], others[1])]
        until(lambda: client.agent.readers == 3)
        third = Client(client.server)
        third.send(payload="/human_handover")
        full = read(third, 0)
        check_error(full, 503, "busy")
        assert int(full.headers["retry-after"]) > 0
        assert third.send(text="hello").status_code == 200, "writing needs no place"
        for other in others:
            client.agent.leaves(sender(other))
        assert {answer.result(10).status_code for answer in waiting} == {200}


def test_asking_without_pause_is_stopped(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    now = time.monotonic()
    monkeypatch.setattr(gate, "time", SimpleNamespace(monotonic=lambda: now))  # on a slow machine allowances come back
    statuses = [read(client, 0).status_code for _ in range(limits.READS + 1)]
    assert statuses == [200] * limits.READS + [429]
    assert client.send(text="hello").status_code == 200, "writing is not"


def test_deleting_empties_it(client: Client) -> None:
    client.send(payload="/human_handover")
    client.agent.writes("a secret")
    number = read(client, 0).json()["messages"][0]["number"]
    with ThreadPoolExecutor(1) as pool:
        waiting = pool.submit(read, client, number)
        until(lambda: client.agent.readers == 1)
        deleted = client.http.delete(f"/api/v1/conversations/{client.conversation}", headers=client.headers)
        assert deleted.status_code == 204
        assert waiting.result(10).json() == {"messages": [], "person": False}
    assert read(client, 0).json() == {"messages": [], "person": False}


def test_the_store_forgets_it_too(client: Client) -> None:
    client.send(payload="/human_handover")
    client.agent.writes("a secret")
    client.agent.there(lambda: client.agent.channel.forget(sender(client)))
    client.send(payload=STOP)  # or the reader would wait for more
    assert read(client, 0).json() == {"messages": [], "person": False}


def test_only_the_bearer_of_the_token_reads(client: Client) -> None:
    client.send(payload="/human_handover")
    client.agent.writes("a secret")
    other = Client(client.server)
    for headers in ({}, other.headers, {"Authorization": "Bearer x"}):
        check_error(client.http.get(path(client, 0), headers=headers), 401, "unauthorized")
    assert read(other, 0).json()["messages"] == []


@pytest.mark.parametrize("after", ["", "-1", "x", "1.5", "9" * 16, "١", "0x1", " "])
def test_numbers_that_are_none(client: Client, after: str) -> None:
    response = client.http.get(path(client), params={"after": after}, headers=client.headers)
    check_error(response, 400, "malformed")


def test_a_number_nobody_gave_gets_everything(client: Client) -> None:
    client.send(payload="/human_handover")
    client.agent.writes("hello")
    assert len(read(client, "9" * 15).json()["messages"]) == 1


def test_a_restart_in_between(client: Client) -> None:
    """The new server knows nothing of before: the reader waits and gets what is new, once."""
    with serve(agent=Agent()) as running:
        talk = Client(running)
        talk.send(payload="/human_handover")
        running.agent.writes("before")
        number = read(talk, 0).json()["messages"][0]["number"]
        port = running.port
    with serve(port=port, agent=Agent()) as running:
        running.agent.talking.add(sender(talk))
        with ThreadPoolExecutor(1) as pool:
            waiting = pool.submit(read, talk, number)
            until(lambda: running.agent.readers == 1)
            running.agent.writes("after")
            found = waiting.result(10).json()["messages"]
    assert [row["reply"]["text"] for row in found] == ["after"] and found[0]["number"] > number


def test_what_can_be_delivered(client: Client) -> None:
    agent, here = client.agent, sender(client)
    deliver = agent.channel.deliver
    assert agent.there(lambda: deliver("telegram-1", {"text": "x"})) is False
    assert agent.there(lambda: deliver(here, {"text": "x" * 70_000})) is False
    assert agent.there(lambda: deliver(here, Reply("Grüße", "de", "ltr", author="person"))) is True
    [message] = read(client, 0).json()["messages"]
    assert message["reply"] == {"text": "Grüße", "language": "de", "dir": "ltr", "author": "person"}


def test_methods_and_origins(client: Client) -> None:
    assert client.http.post(path(client), headers=client.headers).headers["allow"] == "GET"
    asked = {
        "Origin": LISTED,
        "Access-Control-Request-Method": "GET",
        "Access-Control-Request-Headers": "authorization",
    }
    preflight = client.http.options(path(client, 0), headers=asked)
    assert preflight.headers["access-control-allow-origin"] == LISTED
    assert preflight.headers["access-control-allow-methods"] == "GET"
    check_error(
        client.http.get(path(client), headers={**client.headers, "Origin": "https://evil.example"}), 403, "origin"
    )


def test_nothing_of_it_is_logged(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        client.send(payload="/human_handover")
        client.agent.writes("a secret illness")
        read(client, 0)
        client.agent.leaves()
    ours = " ".join(record.getMessage() for record in caplog.records if not record.name.startswith("http"))
    assert "illness" not in ours and client.token not in ours
