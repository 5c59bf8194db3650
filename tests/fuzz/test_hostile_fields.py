"""Hostile texts in every field, over real HTTP: refused, or cleaned before anything else sees them; never an error of ours."""

from __future__ import annotations

import dataclasses
import itertools
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import httpx
import pytest
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.training_data.message import Message

from actions.directory.admission import admitted
from actions.directory.model import Service
from bot.channels import gate
from bot.channels.telegram.markup import card_part
from bot.handover.webhook import heard_in, plain
from bot.memory.redaction import find
from bot.speech.reply import Card
from tests.fakes.page_server import PageServer, hidden, serve_pages
from tests.fakes.web_client import Client
from tests.fakes.web_server import serve
from tools.fuzz.checks import HARMFUL, TURNING
from tools.fuzz.mutation import TEXTS
from tools.fuzz.targets.channels import check_text
from tools.fuzz.targets.pages import markup_of_page
from tools.fuzz.targets.telegram import TAGS

BEFORE = ("", " ", "\n", "/", "// ", "\uff0f", "\u2215", "\u2044", "\u29f8", "\u200b", "\u200c", "\u2060", "\ufeff", "\u200e", "\u200f",
          "\u061c", "\u202e", "\u2066", "\u00ad", "\x00", "\x85", "\u2028", "\u180e", "\U000e0001", "\U000e0041", "\u3164")  # fmt: skip
COMMANDS = ("restart", "back", "session_start", 'inform{"place": "leipzig"}', "delete_my_data")
BODIES = [
    b"[" * 60_000, b'{"a": ' * 10_000, b'{"text": ' + b"9" * 5000 + b"}", b'{"text": NaN}', b'{"text": "\xff"}', b"\x00" * 100,
    '{"text": "a"}'.encode("utf-16"), b'{"text": "a", "text": ["b"]}', b'{"location": {"lat": ' + b"9" * 400 + b', "lon": 1}}',
    b'{"location": {"lat": Infinity, "lon": -Infinity}}', b'{"\\ud800": "\\udfff"}', b"null", b"1e999", b"",
]  # fmt: skip


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with serve(limit=gate.RateLimit(count=100_000), patience=20) as running:
        yield Client(running)


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PageServer]:
    with serve_pages(tmp_path_factory.mktemp("hostile"), public_url="https://wegweiser.example") as running:
        yield running


def post(client: Client, number: int, **fields: Any) -> httpx.Response:
    body = {"conversation": client.conversation, "id": f"h{number}", **fields}
    return client.raw(json.dumps(body).encode())  # half characters as escapes, as scripts send them


def refused_or_answered(response: httpx.Response) -> None:
    assert response.status_code in (200, 400, 401, 429), response.text
    if response.status_code != 200:
        assert set(response.json()["error"]) == {"code", "message"}


@pytest.mark.parametrize("before", BEFORE)
def test_nothing_typed_is_a_command_of_rasa(before: str) -> None:
    for command in COMMANDS:
        for typed in (f"{before}/{command}", f"/{before}{command}", f"{before}/{before}/{command}"):
            cleaned = gate.clean_text(typed)
            check_text(cleaned)
            message = Message(data={"text": cleaned})
            assert YAMLStoryReader.unpack_regex_message(message).get("intent") is None
            assert cleaned.endswith(command[-4:])


@pytest.mark.parametrize("text", ["{x}", "{0.__class__}", "%s %n %(x)s", "{{}}", "${jndi:ldap://x}", "{place}"])
def test_braces_stay_letters(client: Client, text: str) -> None:
    client.agent.messages.clear()
    answer = post(client, hash(text), text=text)
    assert answer.status_code == 200
    assert client.agent.messages[-1].text == text and text in answer.json()["replies"][0]["text"]


def test_texts_in_every_field_of_the_web_api(client: Client) -> None:
    for number, text in enumerate(TEXTS):
        client.agent.messages.clear()
        refused_or_answered(post(client, number, text=text))
        for message in client.agent.messages:
            check_text(message.text)
        for field in ("hint", "campaign", "payload", "id", "conversation"):
            more = {} if field == "payload" else {"text": "hello"}
            refused_or_answered(post(client, 1000 + number, **{**more, field: text}))
        refused_or_answered(post(client, 2000 + number, location={"lat": text, "lon": text}))
        refused_or_answered(post(client, 3000 + number, **{"text": "hello", text or "x": text}))
    assert all(message.metadata.get("campaign", "a").isascii() for message in client.agent.messages)


@pytest.mark.parametrize("number", range(len(BODIES)))
def test_bodies_that_are_no_message(client: Client, number: int) -> None:
    client.agent.messages.clear()
    answer = client.raw(BODIES[number])
    assert answer.status_code in (400, 401) and "error" in answer.json()
    assert client.agent.messages == []


@pytest.mark.parametrize(
    "path",
    ["/api/v1/strings?lang={}", "/api/v1/topics?lang={}", "/api/v1/conversations/{}/messages", "/api/v1/{}", "/{}"],
)
def test_texts_in_addresses_of_the_web_api(client: Client, path: str) -> None:
    for text in TEXTS:
        wanted = path.format(quote(text.encode("utf-8", "surrogatepass")[:1000], safe=""))
        assert client.http.get(wanted, headers=client.headers).status_code < 500, text[:50]


def test_texts_in_headers(client: Client) -> None:
    for text in TEXTS:
        raw = (
            text.replace("\r", "").replace("\n", "").replace("\x00", "").encode("utf-8", "surrogatepass")[:2000].strip()
        )
        for name in (b"Accept-Language", b"Origin", b"Authorization", b"X-Forwarded-For", b"If-None-Match", b"Cookie"):
            status = client.http.get("/api/v1/strings", headers={name: raw}).status_code
            assert status < 500, (name, text[:50])


def test_texts_in_every_field_of_the_form(pages: PageServer) -> None:
    with pages.client() as http:
        fields = hidden(http.get("/m?lang=en").text)
        for text in TEXTS:
            sent = text.encode("utf-8", "replace").decode()
            for name in ("text", "choice", "to", "place", "via", "after", "lang", "id", "do"):
                answer = http.post("/m", data={**fields, "text": "hello", name: sent})
                assert answer.status_code < 500, (name, text[:50])
                markup_of_page(answer.text)
        for message in pages.agent.messages:
            if message.parse_data is None:
                check_text(message.text)


def test_texts_in_addresses_of_pages(pages: PageServer) -> None:
    with pages.client() as http:
        for text in TEXTS:
            typed = quote(text.encode("utf-8", "surrogatepass")[:1000], safe="")
            for path in (
                f"/t/doctor?place={typed}",
                f"/t/{typed}",
                f"/m?topic={typed}&place={typed}&c={typed}&lang={typed}",
                f"/t?lang={typed}",
            ):
                answer = http.get(path)
                assert answer.status_code < 500, path[:80]
                markup_of_page(answer.text)


def hostile(text: str) -> Service:
    """What an upstream would say with this text in every field."""
    return Service(
        id="hsds:feed.example:1", name=f"Beratung {text}", topics=("german_course",), kind="language_course", confidence="high",
        organization=text, alternate_name=text, description=text, area=("leipzig",), address_1=text, city=f"Leipzig {text}",
        postal_code=text, phone=text, email=text, url=text, hours=text, hours_note=text, cost=text, notes=text, alert=text,
        languages=(text,), sources=({"url": text, "seen": "2026-11-01", "supports": ["name"]},),
    )  # fmt: skip


def test_records_of_upstreams_in_pages_and_telegram(pages: PageServer) -> None:
    directory = pages.agent.resources.directory
    with pages.client() as http:
        for text in TEXTS:
            service = hostile(text)
            directory.adopt("hsds:feed", [service])
            answer = http.get("/t/german_course?place=leipzig&lang=en")
            assert answer.status_code == 200, text[:50]
            markup_of_page(answer.text)
            assert not TURNING.search(answer.text.replace("\u2068", "")), text[:50]
            found = admitted(service)
            if found is not None:
                shown = [
                    getattr(found, f.name) for f in dataclasses.fields(found) if isinstance(getattr(found, f.name), str)
                ]
                part = card_part(
                    Card(id="x", name=found.name, address=found.address_1, website=found.url, note=found.alert), "ltr"
                )
                assert not TURNING.search(part.html) and set(_tags(part.html)) <= TAGS
                assert all(len(one) <= 3000 for one in shown)
        directory.drop("hsds:feed")


def _tags(html: str) -> list[str]:
    from tools.fuzz.checks import _Markup

    reader = _Markup()
    reader.feed(html)
    reader.close()
    return [tag for tag, _ in reader.tags]


@pytest.mark.parametrize("text", TEXTS)
def test_words_of_a_counsellor(text: str) -> None:
    article = {
        "id": 5,
        "internal": False,
        "sender": "Agent",
        "content_type": "text/html",
        "body": f"<p>{text}</p>",
        "subject": text,
    }
    for row in (
        {"ticket": {"id": 1, "state": text}, "article": article},
        {"ticket": {"id": 1, "state": [text]}, "article": {**article, "subject": [text], "content_type": "text/plain"}},
        {"ticket": {"id": text, "state": {}}, "article": {**article, "body": [text]}},
    ):
        heard = heard_in(json.dumps(row).encode())
        assert heard is not None and not HARMFUL.search(heard[0].text.replace("\n", " "))
        assert len(heard[0].text) <= 20_000


@pytest.mark.parametrize(
    "html", ["<a" * 100_000, "<!--" * 50_000, "<![x" * 50_000, "<a href='" * 20_000, "&" * 200_000, "<p>" * 60_000]
)
def test_markup_without_end_is_read_soon(html: str) -> None:
    assert len(plain(html)) <= 200_000


@pytest.mark.parametrize("text", TEXTS)
def test_scrubbing_of_odd_texts(text: str) -> None:
    spans = find(text)
    assert all(0 <= span.start < span.end <= min(len(text), 2000) for span in spans)
    assert all(one.end <= other.start for one, other in itertools.pairwise(spans))
