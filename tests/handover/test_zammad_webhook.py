"""The webhook over real HTTP: who may call it, what is heard, and what never is."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from sanic import Sanic

from bot.handover import webhook
from bot.handover.desk import Desk
from bot.handover.webhook import MAX_BODY, Heard, plain, zammad_blueprint
from tests.fakes.running import running
from tests.fakes.zammad_server import SECRET, FakeZammad

SAMPLE = json.loads((Path(__file__).parents[1] / "contracts/zammad/zammad_webhook.json").read_text("utf-8"))["json"]


class Called:
    """The route, and what came out behind it."""

    def __init__(self) -> None:
        self.heard: list[Heard] = []
        self.url = ""
        self.loop: Any = None
        self.fake = FakeZammad()
        self.slow = False

    async def hear(self, heard: Heard) -> None:
        self.heard.append(heard)
        while self.slow:
            await asyncio.sleep(0.005)

    def post(self, row: Any, delivery: str = "", **changed: Any) -> int:
        body = row if isinstance(row, bytes) else json.dumps(row).encode()
        headers = self.fake.headers(body, delivery) | changed
        status = httpx.post(f"{self.url}/webhooks/zammad", content=body, headers=headers, trust_env=False).status_code
        # What is heard is worked on behind the answer: let the server's loop come round once.
        asyncio.run_coroutine_threadsafe(asyncio.sleep(0), self.loop).result(10)
        return status


@pytest.fixture
def hook(tmp_path: Path) -> Iterator[Called]:
    called = Called()
    Sanic.test_mode = True
    app = Sanic(f"webhook_{id(called)}")
    desk = Desk(tmp_path / "handover.sqlite", b"secret")
    app.blueprint(zammad_blueprint(SECRET, desk.first_time, called.hear))
    app.register_listener(lambda app, loop: setattr(called, "loop", loop), "before_server_start")
    app.config.REQUEST_MAX_SIZE = 4 * MAX_BODY
    with running(app) as port:
        called.url = f"http://127.0.0.1:{port}"
        yield called


def changed(ticket: dict[str, Any] | None = None, **article: Any) -> dict[str, Any]:
    return {"ticket": {**SAMPLE["ticket"], **(ticket or {})}, "article": {**SAMPLE["article"], **article}}


def test_the_sample_of_the_contract(hook: Called) -> None:
    assert hook.post(SAMPLE) == 200
    assert hook.heard == [Heard("19", "Guten Tag …", False)]


@pytest.mark.parametrize(
    "signature",
    ["", "sha1=", "sha1=" + "0" * 40, "0" * 40, "md5=" + "0" * 32, "sha1=é"],
)
def test_forged(hook: Called, signature: str) -> None:
    assert hook.post(SAMPLE, **{"X-Hub-Signature": signature.encode("utf-8")}) == 403
    assert hook.heard == []


def test_signed_with_another_secret_or_for_another_body(hook: Called) -> None:
    body = json.dumps(SAMPLE).encode()
    stolen = hook.fake.headers(body)["X-Hub-Signature"]
    other = hook.fake.headers(body, secret="another secret 0123456")["X-Hub-Signature"]
    assert hook.post(SAMPLE, **{"X-Hub-Signature": other}) == 403
    assert hook.post(changed(body="anderes"), **{"X-Hub-Signature": stolen}) == 403
    assert hook.heard == []


def test_sent_twice_is_heard_once(hook: Called) -> None:
    assert [hook.post(SAMPLE, "one"), hook.post(SAMPLE, "one"), hook.post(SAMPLE, "two")] == [200, 200, 200]
    assert len(hook.heard) == 1


@pytest.mark.parametrize(
    "article",
    [
        {"internal": True},
        {"internal": None},
        {"sender": "Customer"},
        {"sender": "System"},
        {"subject": "automatically generated message"},
        {"subject": "Re: Automatically generated message"},
        {"body": "<p> </p>"},
        {"body": None},
        {"body": 7},
    ],
)
def test_no_answer_of_a_counsellor(hook: Called, article: dict[str, Any]) -> None:
    assert hook.post(changed(**article)) == 200
    assert hook.heard == []


@pytest.mark.parametrize("state", ["closed", "merged"])
def test_closing_is_heard_without_the_words_from_before(hook: Called, state: str) -> None:
    hook.post(SAMPLE)
    assert hook.post(changed({"state": state})) == 200
    assert hook.heard[1:] == [Heard("19", "", True)]


def test_last_words_and_closing_in_one(hook: Called) -> None:
    hook.post(changed({"state": "closed"}, body="Alles Gute!"))
    assert hook.heard == [Heard("19", "Alles Gute!", True)]


def test_closed_without_an_article(hook: Called) -> None:
    assert hook.post({"ticket": {"id": 19, "state": "closed"}, "article": None}) == 200
    assert hook.heard == [Heard("19", "", True)]


def test_files_are_noticed(hook: Called) -> None:
    hook.post(changed(attachments=[{"filename": "a.pdf"}]))
    assert hook.heard == [Heard("19", "Guten Tag …", False, True)]


@pytest.mark.parametrize(
    "row",
    [b"", b"{", b"[]", b"7", b"\xff\xfe", b"[" * 50_000, {"ticket": None}, {"ticket": []}, {"article": {}}],
)
def test_not_a_ticket(hook: Called, row: Any) -> None:
    assert hook.post(row) == 400
    assert hook.heard == []


@pytest.mark.parametrize("number", [None, "19", True, -1, 2**70, [], {}])
def test_a_ticket_without_a_number(hook: Called, number: Any) -> None:
    assert hook.post(changed({"id": number})) == 200
    assert hook.heard == []


def test_a_flood_of_calls_is_bounded(hook: Called, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(webhook, "MOST_AT_ONCE", 3)
    hook.slow = True
    rows = [changed({"id": 100 + number}, id=1000 + number) for number in range(6)]
    assert [hook.post(row) for row in rows] == [200] * 3 + [503] * 3
    hook.slow = False
    end = time.monotonic() + 60
    while hook.post(rows[5]) != 200:
        assert time.monotonic() < end
    assert len(hook.heard) == 4


def test_too_large(hook: Called) -> None:
    assert hook.post(changed(body="x" * MAX_BODY)) == 413
    assert hook.heard == []


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Guten Tag</p><p>Bitte kommen Sie<br>morgen.</p>", "Guten Tag\n\nBitte kommen Sie\nmorgen."),
        ("<div>a &amp; b &lt;c&gt;</div>", "a & b <c>"),
        ("<script>alert(1)</script><style>p{}</style>ja", "ja"),
        ("<p>neu</p><blockquote><p>alt</p></blockquote>", "neu"),
        ("<blockquote>nur das</blockquote>", "nur das"),
        ("<ul><li>eins</li><li>zwei</li></ul>", "• eins\n\n• zwei"),
        ('<a href="https://a.example/x">hier</a>', "hier (https://a.example/x)"),
        ('<a href="https://a.example/x">https://a.example/x</a>', "https://a.example/x"),
        ('<a href="javascript:alert(1)">hier</a>', "hier"),
        ("مرحبا", "مرحبا"),
        ("kein <html", "kein <html"),
    ],
)
def test_html_becomes_text(html: str, text: str) -> None:
    assert plain(html) == text
