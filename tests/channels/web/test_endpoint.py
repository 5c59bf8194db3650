"""The web channel over real HTTP: messages, repeated ids, slow and broken agents, deleting."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import json
import logging
import secrets
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from rasa.core.channels.channel import UserMessage

from bot.channels import gate
from bot.channels.web.endpoint import WebInput
from bot.channels.web.replays import Replays
from tests.fakes import web_server
from tests.fakes.web_client import MESSAGES, Client, check_error
from tests.fakes.web_server import SECRET, RunningServer, serve


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


async def told(answer: bytes) -> bytes:
    return answer


def test_replays_are_bounded() -> None:
    async def scenario() -> None:
        replays = Replays(size=3)
        for number in range(5):
            await replays.start("web-1", str(number), told(b"%d" % number))
        assert [replays.get("web-1", str(n)) is not None for n in range(5)] == [False, False, True, True, True]
        replays.forget("web-1")
        assert replays.get("web-1", "4") is None
        assert (len(replays), replays.kept_bytes) == (0, 0)

    asyncio.run(scenario())


def test_replays_are_bounded_by_their_bytes() -> None:
    async def scenario() -> None:
        replays = Replays(most_bytes=100)
        for number in range(4):
            await replays.start("web-1", str(number), told(b"x" * 40))
        await asyncio.sleep(0)
        assert [replays.get("web-1", str(n)) is not None for n in range(4)] == [False, False, True, True]
        assert replays.kept_bytes == 80
        await replays.start("web-1", "huge", told(b"x" * 101))
        await asyncio.sleep(0)
        assert (len(replays), replays.kept_bytes) == (2, 80)

    asyncio.run(scenario())


def test_replays_are_dropped_after_a_while() -> None:
    async def scenario() -> None:
        go_on = asyncio.Event()
        replays = Replays(seconds=0.05)
        await replays.start("web-1", "done", told(b"x"))
        slow = replays.start("web-1", "slow", wait_for(go_on))
        until = time.monotonic() + 10
        while replays.get("web-1", "done") is not None and time.monotonic() < until:
            await asyncio.sleep(0.01)
        assert replays.get("web-1", "done") is None
        assert replays.get("web-1", "slow") is slow, "somebody still waits for it"
        go_on.set()
        await slow
        await asyncio.sleep(0)
        assert (len(replays), replays.kept_bytes) == (0, 0)

    asyncio.run(scenario())


def test_what_is_forgotten_while_it_is_answered_is_not_kept() -> None:
    async def scenario() -> None:
        go_on = asyncio.Event()
        replays = Replays()
        mine = replays.start("web-1", "a", wait_for(go_on))
        await replays.start("web-2", "a", told(b"theirs"))
        replays.forget("web-1")
        assert replays.get("web-1", "a") is mine, "meanwhile a repeated id is not asked again"
        go_on.set()
        await mine
        await asyncio.sleep(0)
        assert replays.get("web-1", "a") is None and replays.get("web-2", "a") is not None

    asyncio.run(scenario())


async def wait_for(event: asyncio.Event) -> bytes:
    await event.wait()
    return b"late"


def test_a_conversation_that_asked_to_be_forgotten_leaves_no_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """The store tells the channel within the message that asks for it."""
    channels: list[WebInput] = []

    class Known(WebInput):
        def __init__(self, *given: Any, **named: Any) -> None:
            super().__init__(*given, **named)
            channels.append(self)

    monkeypatch.setattr(web_server, "WebInput", Known)
    with serve() as running:
        client = Client(running)
        client.send(id="kept", text="hello")
        answer = running.agent.handle_message

        async def forgetting(message: UserMessage) -> None:
            await answer(message)
            channels[0].forget(str(message.sender_id))

        running.agent.handle_message = forgetting  # type: ignore[method-assign]
        assert client.send(id="forget-me", payload="/delete_my_data").status_code == 200
        running.agent.handle_message = answer  # type: ignore[method-assign]
        client.send(id="kept", text="hello")
        assert [message.text for message in running.agent.messages] == ["hello", "/delete_my_data", "hello"]


def test_rate_limit() -> None:
    with serve(limit=gate.RateLimit(count=2, seconds=60)) as running:
        client = Client(running)
        assert [client.send(text="hello").status_code for _ in range(2)] == [200, 200]
        response = client.send(text="hello")
        check_error(response, 429, "too_many")
        assert int(response.headers["retry-after"]) in (29, 30), "when there is room again, not after the whole minute"
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


def test_a_token_belongs_to_this_channel(client: Client) -> None:
    for channel, status in (("telegram", 401), ("light", 401), ("", 401), ("web", 200)):
        token = hmac.new(SECRET, f"token:{channel}:{client.conversation}".encode(), hashlib.sha256).hexdigest()
        assert client.send(headers={"Authorization": f"Bearer {token}"}, text="hello").status_code == status


def test_titles_of_topics(client: Client) -> None:
    assert client.http.get("/api/v1/topics?lang=ar").json() == {"language": "ar", "dir": "rtl", "topics": {}}
    titles = {"ar": {"german_course": "دورات اللغة"}, "en": {"german_course": "German courses"}}
    with serve(topics=titles.__getitem__) as running, httpx.Client(base_url=running.url) as http:
        response = http.get("/api/v1/topics", params={"lang": "ckb,ar-SY"})
        assert response.json() == {"language": "ar", "dir": "rtl", "topics": titles["ar"]}
        assert response.headers["cache-control"] == "public, max-age=300"
        again = http.get("/api/v1/topics?lang=ar", headers={"If-None-Match": response.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")
        assert http.get("/api/v1/topics").json()["topics"] == titles["en"]
        assert http.head("/api/v1/topics").headers["etag"] == http.get("/api/v1/topics").headers["etag"]


def test_long_answers_travel_packed(client: Client) -> None:
    client.agent.reply = {"text": "long " * 1000, "dir": "ltr", "language": "en"}
    packed = client.send(text="hello")
    assert int(packed.headers["content-length"]) < 300 < len(packed.content)
    plain = client.send(headers={**client.headers, "Accept-Encoding": "identity"}, text="hello")
    assert "content-encoding" not in plain.headers and plain.json() == packed.json()


# limits by network address


@pytest.fixture(scope="module")
def limited() -> Iterator[RunningServer]:
    """Five messages a minute and one new conversation of each address; the test itself is a trusted proxy."""
    options = {"per_address": 5, "trusted_proxies": ("127.0.0.0/8", "10.0.0.1", "2001:db8:ffff::/48")}
    with serve(limit=gate.RateLimit(count=1000), urgent=lambda text: "die" in text, **options) as running:
        yield running


def open_from(running: RunningServer, *forwarded: str) -> httpx.Response:
    headers = [("X-Forwarded-For", value) for value in forwarded]
    return httpx.post(f"{running.url}/api/v1/conversations", headers=headers)


def send_from(running: RunningServer, forwarded: str, opened: httpx.Response, text: str) -> httpx.Response:
    headers = {"X-Forwarded-For": forwarded, "Authorization": f"Bearer {opened.json()['token']}"}
    body = {"conversation": opened.json()["conversation"], "id": secrets.token_hex(8), "text": text}
    return httpx.post(running.url + MESSAGES, json=body, headers=headers)


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        ("192.0.2.1", "192.0.2.1", True),
        ("192.0.2.2", "192.0.2.3", False),
        ("198.51.100.7, 192.0.2.4", "198.51.100.8, 192.0.2.4", True),
        ("192.0.2.5, 10.0.0.1", "192.0.2.5", True),
        ("192.0.2.6, 10.0.0.1, 127.0.0.9", "192.0.2.6, 2001:db8:ffff::1", True),
        ("192.0.2.7, 10.0.0.2", "192.0.2.8, 10.0.0.2", True),
        ("192.0.2.9:1234", "192.0.2.9", True),
        ("::ffff:192.0.2.10", "192.0.2.10", True),
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:2::1", "[2001:db8:0:2::7]:443", True),
        ("2001:db8:0:3::1", "2001:db8:0:4::1", False),
        ("192.0.2.11, unknown", "192.0.2.12, <script>", True),
        ("192.0.2.13, 127.0.0.77", "192.0.2.13, unknown, 127.0.0.77", False),
    ],
)
def test_whose_address_counts(limited: RunningServer, first: str, second: str, same: bool) -> None:
    assert open_from(limited, first).status_code in ((201, 429) if "unknown" in first else (201,))
    response = open_from(limited, second)
    assert response.status_code == (429 if same else 201)
    if same:
        check_error(response, 429, "too_many")
        assert 1 <= int(response.headers["retry-after"]) <= 60


def test_several_headers_are_one_list(limited: RunningServer) -> None:
    assert open_from(limited, "198.51.100.1", "192.0.2.50").status_code == 201
    assert open_from(limited, "198.51.100.2", "192.0.2.50").status_code == 429


def test_nobody_is_a_proxy_by_itself() -> None:
    with serve(per_address=5) as running:
        assert open_from(running, "192.0.2.1").status_code == 201
        assert open_from(running, "192.0.2.2").status_code == 429


def test_messages_of_an_address(limited: RunningServer) -> None:
    """One conversation after the other from one address; a second address is not affected."""
    opened = [open_from(limited, f"192.0.2.{60 + number}") for number in range(2)]
    answers = [send_from(limited, "203.0.113.1", opened[number % 2], "hello") for number in range(6)]
    assert [answer.status_code for answer in answers] == [200] * 5 + [429]
    assert send_from(limited, "203.0.113.2", opened[0], "hello").status_code == 200
    for one in opened:
        path = f"/api/v1/conversations/{one.json()['conversation']}"
        headers = {"X-Forwarded-For": "203.0.113.1", "Authorization": f"Bearer {one.json()['token']}"}
        assert httpx.delete(limited.url + path, headers=headers).status_code == 204, "deleting is always possible"


def test_emergencies_are_not_shed(limited: RunningServer) -> None:
    opened = open_from(limited, "192.0.2.70")
    for _ in range(5):
        assert send_from(limited, "203.0.113.3", opened, "hello").status_code == 200
    assert send_from(limited, "203.0.113.3", opened, "hello").status_code == 429
    answers = [send_from(limited, "203.0.113.3", opened, "I die") for _ in range(5)]
    assert [answer.status_code for answer in answers] == [200, 200, 200, 200, 429], "as many looks as messages"


def test_emergencies_of_a_conversation_are_not_shed() -> None:
    with serve(limit=gate.RateLimit(count=1), urgent=lambda text: "die" in text) as running:
        client = Client(running)
        assert client.send(text="hello").status_code == 200
        check_error(client.send(text="hello"), 429, "too_many")
        check_error(client.send(payload="/help"), 429, "too_many")
        assert [client.send(text="I die").status_code for _ in range(6)] == [200] * 5 + [429]
        assert len(running.agent.messages) == 6
        assert Client(running).send(text="hello").status_code == 200


def test_looking_for_emergencies_is_bounded() -> None:
    looked: list[str] = []
    with serve(limit=gate.RateLimit(count=1), urgent=lambda text: bool(looked.append(text))) as running:
        client = Client(running)
        assert [client.send(text="hello").status_code for _ in range(40)] == [200] + [429] * 39
    assert 30 <= len(looked) <= 32


# the language of errors

BUSY = "رسائل كثيرة في وقت واحد. انتظر دقيقة."


@pytest.mark.parametrize(
    ("hint", "accepted", "message"),
    [
        ("ar", "de", BUSY),
        (None, "xx, ar-SY;q=0.9, de;q=0.5", BUSY),
        ("xx", "ar", BUSY),
        (None, None, "Too many messages. Please wait a minute."),
        (None, "xx", "Too many messages. Please wait a minute."),
        ("en", None, "Too many messages at once. Please wait a minute."),
    ],
)
def test_errors_speak_the_language_of_the_person(
    monkeypatch: pytest.MonkeyPatch, hint: str | None, accepted: str | None, message: str
) -> None:
    monkeypatch.setitem(web_server.ARABIC, "busy", BUSY)
    with serve(limit=gate.RateLimit(count=1)) as running:
        client = Client(running)
        headers = {**client.headers, **({"Accept-Language": accepted} if accepted else {})}
        assert client.send(headers=headers, text="hello").status_code == 200
        response = client.send(headers=headers, text="hello", hint=hint)
        check_error(response, 429, "too_many")
        assert response.json()["error"]["message"] == message


def test_which_errors_are_told_to_people(client: Client) -> None:
    german = {**client.headers, "Accept-Language": "de"}
    words = web_server.strings("de")["strings"]
    for body, word in (({"text": ""}, "refused"), ({"payload": "/nothing"}, "refused")):
        assert client.send(headers=german, **body).json()["error"]["message"] == words[word]
    client.agent.failure = RuntimeError()
    assert client.send(headers=german, text="hello").json()["error"]["message"] == words["failed"]
    client.agent.failure, client.agent.delay = None, 0.6
    assert client.send(headers=german, text="hello").json()["error"]["message"] == words["no_answer"]
    assert client.send(headers=german, text=None).json()["error"]["message"].startswith("Send exactly one")


def test_a_proxy_that_is_not_named_is_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    with serve(per_address=5) as running:
        for number in range(3):
            httpx.post(f"{running.url}/api/v1/conversations", headers={"X-Forwarded-For": f"203.0.113.{number}"})
    told = [row.message for row in caplog.records if "WEGWEISER_TRUSTED_PROXIES" in row.message]
    assert len(told) == 1
    assert "203.0.113" not in told[0]
