"""Refusals, sources and the action server, as a scrape tells them, with the real parts around."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta, timezone
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from actions.directory.sources.http import Fetcher, Unavailable
from actions.directory.sources.store import LastKnownGood
from bot.channels import gate
from bot.channels.web.limits import Limits
from tests.fakes.action_process import ActionProcess
from tests.fakes.network_body import NetworkBody
from tests.fakes.page_server import TopicAgent, serve_pages
from tests.fakes.web_client import Client
from tests.fakes.web_server import serve
from tests.operations.test_serving_metrics import free_ports
from tests.operations.test_watching import Difference


def refused(channel: str, reason: str) -> Difference:
    return Difference("wegweiser_refused_total", channel=channel, reason=reason)


def test_what_the_web_refuses_is_counted_by_its_reason() -> None:
    with serve(limit=gate.RateLimit(count=2, seconds=600)) as server:
        client = Client(server)
        grown = {reason: refused("web", reason) for reason in ("rate", "size", "content", "origin", "token")}
        assert client.send(text="hello").status_code == 200
        assert {reason: found() for reason, found in grown.items()} == dict.fromkeys(grown, 0)
        for _ in range(3):
            client.send(text="hello")
        client.raw(b"{")
        client.send(payload="/nonsense")
        client.raw(b'{"text": "' + b"x" * 200_000 + b'"}')
        client.send(headers={"Authorization": "Bearer nonsense"}, text="hello")
        client.http.post("/api/v1/conversations", headers={"Origin": "https://evil.example"})
        client.http.get("/api/v1/nonsense")
        assert {reason: found() for reason, found in grown.items()} == {
            "rate": 2, "size": 1, "content": 2, "origin": 1, "token": 1,
        }  # fmt: skip


def test_what_the_form_refuses(tmp_path: Path) -> None:
    limits = Limits(gate.RateLimit(count=1, seconds=60))
    with serve_pages(tmp_path, TopicAgent(), limits=limits) as running, running.client() as http:
        from tests.channels.web.test_light import begin, post

        grown = refused("light", "rate")
        answer = post(http, begin(http, "uk"), text="привіт").text
        assert grown() == 0
        assert post(http, answer, text="ще раз").status_code == 429
        assert grown() == 1


def test_how_a_source_is() -> None:
    """Not asked, well, gone, and back; the age is that of the answer, also of one that was kept."""
    answers = [httpx.Response(200, json=[1]), httpx.ConnectError("x")]
    now = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
    moment = [now]

    def answer(_: httpx.Request) -> httpx.Response:
        found = answers[0]
        if isinstance(found, Exception):
            raise found
        return httpx.Response(found.status_code, headers=found.headers, stream=NetworkBody(found.content))

    def fetcher(store: LastKnownGood) -> Fetcher:
        return Fetcher("x", "https://up.example", store, transport=httpx.MockTransport(answer), clock=lambda: moment[0])

    store = LastKnownGood(":memory:")
    source = fetcher(store)
    assert (source.health.up, source.health.newest) == (None, None)
    asyncio.run(source.json("/a", ttl=60))
    assert (source.health.up, source.health.newest) == (True, now)
    moment[0] += timedelta(hours=1)
    del answers[0]
    asyncio.run(source.json("/a", ttl=60))
    assert (source.health.up, source.health.newest) == (False, now), "an answer of an hour ago is what there is"
    with pytest.raises(Unavailable):
        asyncio.run(source.json("/b", ttl=60))
    assert (source.health.up, source.health.newest) == (False, now)
    again = fetcher(store)
    asyncio.run(again.json("/a", ttl=1e9))
    assert (again.health.up, again.health.newest) == (None, now), "after a start the age is known before the first call"


def test_an_action_server_tells_on_a_port_of_its_own(tmp_path: Path) -> None:
    (number,) = free_ports(1)
    process = ActionProcess(tmp_path, metrics=f"127.0.0.1:{number}")
    process.start()
    try:
        call = {"next_action": "action_answer", "sender_id": "Amal", "tracker": {"sender_id": "Amal", "slots": {}}}
        assert httpx.post(f"{process.url}/webhook", content=json.dumps(call), timeout=30).status_code in (200, 500)
        assert httpx.get(f"{process.url}/metrics").status_code == 404
        text = httpx.get(f"http://127.0.0.1:{number}/metrics", timeout=20).text
    finally:
        process.kill()
    rows = [(s.name, s.labels, s.value) for family in text_string_to_metric_families(text) for s in family.samples]
    assert sum(value for name, _, value in rows if name == "wegweiser_http_responses_total") >= 2
    assert {"wegweiser_build_info", "process_resident_memory_bytes", "wegweiser_loop_lag_seconds"} <= {
        r[0] for r in rows
    }
    assert "Amal" not in text


def test_a_store_that_is_away_is_counted() -> None:
    """Redis and PostgreSQL where nobody answers."""
    from bot.memory.counters import Counters
    from bot.memory.shared import Away, Shared
    from tests.operations.test_watching import turn

    (port,) = free_ports(1)
    redis, counters = (Difference("wegweiser_store_faults_total", store=store) for store in ("redis", "counters"))

    async def ask() -> None:
        with pytest.raises(Away):
            await Shared.open(f"redis://127.0.0.1:{port}/0").run(lambda client: client.get("x"))

    asyncio.run(ask())
    assert redis() == 1
    opened = Counters(f"postgresql://w@127.0.0.1:{port}/w")
    opened.count(turn())
    assert opened.flush() is False and counters() == 1


def test_a_file_that_is_put_aside_is_counted(tmp_path: Path) -> None:
    from bot.operations.quarantine import put_aside

    grown = Difference("wegweiser_quarantined_total", file="telegram")
    (tmp_path / "telegram.sqlite").write_bytes(b"no database")
    assert put_aside(tmp_path / "telegram.sqlite") is not None
    assert grown() == 1
