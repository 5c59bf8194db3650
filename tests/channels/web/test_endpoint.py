"""The web channel over real HTTP: messages, repeated ids, slow and broken agents, deleting."""

from __future__ import annotations

import asyncio
import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest

from bot.channels import gate
from bot.channels.web.replays import Replays
from tests.fakes.web_client import MESSAGES, Client, check_error
from tests.fakes.web_server import SECRET, serve


def test_text_is_answered(client: Client) -> None:
    response = client.send(text="hello", hint="ar")
    assert response.status_code == 200
    assert response.json() == {"replies": [{"text": "echo: hello", "language": "en", "dir": "ltr"}]}
    assert response.headers["cache-control"] == "no-store"
    [message] = client.agent.messages
    assert message.input_channel == "web"
    assert message.metadata == {"hint": "ar"}
    assert message.sender_id == gate.conversation_id(SECRET, "web", client.conversation)
    assert client.conversation not in message.sender_id


def test_cards_choices_and_sources_arrive(client: Client) -> None:
    [reply] = client.send(text="a german course").json()["replies"]
    assert reply["cards"][0]["name"] == "Volkshochschule Leipzig"
    assert reply["choices"] == [{"title": "What does it cost?", "payload": "/help"}]
    assert reply["sources"][0]["id"] == "bamf"


def test_payload_skips_understanding(client: Client) -> None:
    assert client.send(payload='/inform{"place": "leipzig"}').json()["replies"][0]["text"] == "echo: /inform leipzig"
    assert client.agent.messages[0].parse_data["intent"]["name"] == "inform"


def test_location_is_rounded(client: Client) -> None:
    client.send(location={"lat": 51.339712, "lon": 12.373189})
    assert client.agent.messages[0].parse_data["entities"][0]["value"] == "51.34,12.37"


@pytest.mark.parametrize(("text", "seen"), [("/restart", "restart"), ("🙂👍🏽", "🙂👍🏽"), ("مرحبا", "مرحبا")])
def test_texts_reach_the_agent_as_plain_text(client: Client, text: str, seen: str) -> None:
    assert client.send(text=text).status_code == 200
    assert (client.agent.messages[0].text, client.agent.messages[0].parse_data) == (seen, None)


def test_fifty_thousand_characters_are_cut(client: Client) -> None:
    assert client.send(text="a" * 50_000).status_code == 200
    assert len(client.agent.messages[0].text) == gate.MAX_CHARACTERS


def test_lone_surrogates_do_no_harm(client: Client) -> None:
    data = json.dumps({"conversation": client.conversation, "id": "s", "text": "a\ud800b"}).encode()
    assert client.raw(data).json()["replies"][0]["text"] == "echo: a?b"


@pytest.mark.parametrize(("hint", "metadata"), [("de-AT", {"hint": "de"}), ("xx", {}), ("", {})])
def test_hints_are_languages_we_know(client: Client, hint: str, metadata: dict[str, str]) -> None:
    assert client.send(text="hello", hint=hint).status_code == 200
    assert client.agent.messages[0].metadata == metadata


def test_a_repeated_id_is_answered_once(client: Client) -> None:
    first = client.send(id="same", text="hello")
    assert client.send(id="same", text="something else").json() == first.json()
    assert len(client.agent.messages) == 1


def test_ids_of_two_conversations_do_not_meet(client: Client) -> None:
    client.send(id="same", text="one")
    assert Client(client.server).send(id="same", text="two").json()["replies"][0]["text"] == "echo: two"


def test_the_same_id_twice_at_once(client: Client) -> None:
    client.agent.delay = 0.2
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: client.send(id="race", text="hello"), range(4)))
    assert {answer.status_code for answer in answers} == {200}
    assert len(client.agent.messages) == 1


def test_replays_are_bounded() -> None:
    async def work(number: int) -> list[dict[str, Any]]:
        return [{"number": number}]

    async def scenario() -> None:
        replays = Replays(size=3)
        for number in range(5):
            await replays.start("web-1", str(number), work(number))
        assert [replays.get("web-1", str(n)) is not None for n in range(5)] == [False, False, True, True, True]
        replays.forget("web-1")
        assert replays.get("web-1", "4") is None

    asyncio.run(scenario())


def test_rate_limit() -> None:
    with serve(limit=gate.RateLimit(count=2, seconds=60)) as running:
        client = Client(running)
        assert [client.send(text="hello").status_code for _ in range(2)] == [200, 200]
        response = client.send(text="hello")
        check_error(response, 429, "too_many")
        assert int(response.headers["retry-after"]) == 60
        assert client.send(id="m1", text="hello").status_code == 200, "a repeated id costs nothing"
        assert Client(running).send(text="hello").status_code == 200, "others are not affected"
        deleted = client.http.delete(f"/api/v1/conversations/{client.conversation}", headers=client.headers)
        assert deleted.status_code == 204, "deleting has its own allowance"


def test_agent_missing_or_not_ready(client: Client) -> None:
    client.agent.ready = False
    check_error(client.send(text="hello"), 503, "not_ready")
    assert client.http.get("/health").status_code == 503
    client.agent.ready = True
    del client.server.app.ctx.agent
    try:
        response = client.send(text="hello")
        check_error(response, 503, "not_ready")
        assert int(response.headers["retry-after"]) > 0
        assert client.http.get("/health").json() == {"status": "starting"}
    finally:
        client.server.app.ctx.agent = client.agent


def test_a_broken_agent_leaks_nothing(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    client.agent.failure = RuntimeError("my secret illness")
    with caplog.at_level(logging.DEBUG):
        response = client.send(id="again", text="my secret illness")
    check_error(response, 500, "internal")
    assert "illness" not in response.text + caplog.text
    assert "RuntimeError" in caplog.text and "web_server.py" in caplog.text
    client.agent.failure = None
    assert client.send(id="again", text="hello").status_code == 200, "a failure is not kept"


def test_a_slow_agent(client: Client) -> None:
    client.agent.delay = 0.9
    started = time.monotonic()
    response = client.send(id="slow", text="hello")
    check_error(response, 503, "busy")
    assert time.monotonic() - started < 0.8
    assert int(response.headers["retry-after"]) > 0
    assert client.http.get("/health").status_code == 200, "others are served meanwhile"
    time.sleep(0.8)
    assert client.send(id="slow", text="hello").json()["replies"][0]["text"] == "echo: hello"
    assert len(client.agent.messages) == 1


def test_a_client_that_leaves_gets_its_answer_later(client: Client) -> None:
    client.agent.delay = 0.2
    body = {"conversation": client.conversation, "id": "gone", "text": "hello"}
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(client.server.url + MESSAGES, json=body, headers=client.headers, timeout=0.1)
    time.sleep(0.3)
    assert client.send(id="gone", text="hello").json()["replies"][0]["text"] == "echo: hello"
    assert len(client.agent.messages) == 1


def test_delete(client: Client) -> None:
    client.send(id="kept", text="hello")
    path = f"/api/v1/conversations/{client.conversation}"
    check_error(client.http.delete(path), 401, "unauthorized")
    response = client.http.delete(path, headers=client.headers)
    assert (response.status_code, response.content) == (204, b"")
    message = client.agent.messages[-1]
    assert message.parse_data["intent"]["name"] == "delete_my_data"
    assert message.sender_id == gate.conversation_id(SECRET, "web", client.conversation)
    client.send(id="kept", text="hello")
    assert len(client.agent.messages) == 3, "the stored answer is gone too"
