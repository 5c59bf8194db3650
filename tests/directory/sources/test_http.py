"""The fetcher: limits, retries, breaker, one request for many askers, and the last good answer."""

from __future__ import annotations

import asyncio
import json
from datetime import datetime, timedelta, timezone

import httpx
import pytest

from actions.directory.sources.http import AGENT, Fetched, Fetcher, Unavailable
from actions.directory.sources.store import KEEP_DAYS, LastKnownGood
from tests.fakes.hsds_server import FakeHsds
from tests.fakes.network_body import NetworkBody

NOON = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
GOOD = httpx.Response(200, json=[1, 2])


class Upstream:
    """Answers in turn; the last one again and again. An exception is raised instead."""

    def __init__(self, *answers: httpx.Response | Exception) -> None:
        self.answers, self.requests = list(answers), []
        self.now, self.delay = NOON, 0.0
        self.store = LastKnownGood(":memory:")
        self.fetcher = Fetcher(
            "test", "https://up.example/api", self.store,
            headers={"X-API-Key": "k"}, transport=httpx.MockTransport(self.answer), clock=lambda: self.now, largest=1000,
        )  # fmt: skip

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if self.delay:
            await asyncio.sleep(self.delay)
        found = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if isinstance(found, Exception):
            raise found
        return httpx.Response(found.status_code, headers=found.headers, stream=NetworkBody(found.content))

    def ask(self, ttl: float = 60, **kwargs: object) -> Fetched:
        return asyncio.run(self.fetcher.json("/list/", {"b": "2", "a": "1"}, ttl=ttl, **kwargs))  # type: ignore[arg-type]


def test_an_answer_is_kept_and_given_again_while_it_is_fresh() -> None:
    up = Upstream(GOOD)
    assert [up.ask().origin, up.ask().origin] == ["network", "fresh"]
    assert str(up.requests[0].url) == "https://up.example/api/list/?b=2&a=1"
    assert up.requests[0].headers["x-api-key"] == "k" and up.requests[0].headers["user-agent"] == AGENT
    up.now += timedelta(seconds=61)
    assert up.ask().origin == "network"
    assert len(up.requests) == 2


BROKEN = [
    httpx.Response(200, text="<html>maintenance</html>", headers={"Content-Type": "text/html"}),
    httpx.Response(200, content=b""),
    httpx.Response(200, content=b'[{"id": 1', headers={"Content-Type": "application/json"}),
    httpx.Response(200, content=b"\xff\xfe\x00garbage"),
    httpx.Response(200, content=b"[" * 900),
    httpx.Response(200, json={"error": "an object where a list is promised"}),
    httpx.Response(200, content=b"[" + b"1," * 900 + b"1]"),
    httpx.Response(301, headers={"Location": "https://elsewhere.example/"}),
    httpx.Response(404, json={"error": "no"}),
    httpx.Response(429, headers={"Retry-After": "3600"}),
    httpx.Response(500, json={"error": "no"}),
    httpx.Response(503),
    httpx.ConnectError("refused"),
    httpx.ReadTimeout("slow"),
    httpx.RemoteProtocolError("half an answer"),
]


@pytest.mark.parametrize("broken", BROKEN, ids=lambda b: str(getattr(b, "status_code", b.__class__.__name__)))
def test_what_is_no_answer_gives_the_last_good_one_with_its_date(broken: httpx.Response | Exception) -> None:
    up = Upstream(GOOD, broken)
    up.ask()
    up.now += timedelta(hours=2)
    found = up.ask(shape=list)
    assert (found.value, found.origin, found.as_of) == ([1, 2], "stale", NOON)
    with pytest.raises(Unavailable):
        Upstream(broken).ask(shape=list)


def test_an_answer_older_than_a_week_is_no_longer_given() -> None:
    up = Upstream(GOOD, httpx.Response(500))
    up.ask()
    up.now += timedelta(days=KEEP_DAYS, seconds=1)
    with pytest.raises(Unavailable):
        up.ask()


@pytest.mark.parametrize(
    ("broken", "requests"),
    [(httpx.Response(503), 2), (httpx.ConnectError("x"), 2), (httpx.Response(404), 1), (httpx.Response(200), 1),
     (httpx.Response(429, headers={"Retry-After": "1"}), 2), (httpx.Response(429, headers={"Retry-After": "60"}), 1)],
)  # fmt: skip
def test_only_what_may_pass_is_tried_twice(broken: httpx.Response | Exception, requests: int) -> None:
    up = Upstream(broken)
    with pytest.raises(Unavailable):
        up.ask()
    assert len(up.requests) == requests


def test_a_passing_failure_is_not_seen() -> None:
    assert Upstream(httpx.Response(502), GOOD).ask().origin == "network"


def test_after_three_failures_it_is_left_alone() -> None:
    up = Upstream(httpx.ConnectError("refused"))

    async def often() -> None:
        for _ in range(6):
            with pytest.raises(Unavailable):
                await up.fetcher.json("/list/", ttl=60)

    asyncio.run(often())
    assert len(up.requests) == 3 * 2


def test_what_we_ask_wrongly_does_not_open_the_breaker() -> None:
    up = Upstream(httpx.Response(404))

    async def often() -> None:
        for _ in range(6):
            with pytest.raises(Unavailable):
                await up.fetcher.json("/list/", ttl=60)

    asyncio.run(often())
    assert len(up.requests) == 6


def test_a_404_can_mean_nothing_found() -> None:
    assert Upstream(httpx.Response(404)).ask(empty_is={}).value == {}


def test_many_askers_make_one_request() -> None:
    up = Upstream(GOOD)
    up.delay = 0.05

    async def many() -> list[Fetched]:
        return await asyncio.gather(*(up.fetcher.json("/list/", ttl=60) for _ in range(50)))

    assert {f.origin for f in asyncio.run(many())} == {"network"}
    assert len(up.requests) == 1


def test_who_gives_up_waiting_does_not_stop_the_request() -> None:
    up = Upstream(GOOD)
    up.delay = 0.05

    async def impatient() -> str:
        with pytest.raises(asyncio.TimeoutError):
            await asyncio.wait_for(up.fetcher.json("/list/", ttl=60), 0.01)
        await asyncio.sleep(0.1)
        return (await up.fetcher.json("/list/", ttl=60)).origin

    assert asyncio.run(impatient()) == "fresh"
    assert len(up.requests) == 1


def test_an_etag_saves_the_transfer() -> None:
    up = Upstream(httpx.Response(200, json=[1], headers={"ETag": '"v1"'}), httpx.Response(304))
    up.ask()
    up.now += timedelta(hours=1)
    assert (up.ask().value, up.requests[1].headers["if-none-match"]) == ([1], '"v1"')


def test_a_broken_store_is_made_anew(tmp_path) -> None:
    path = tmp_path / "sources.sqlite"
    path.write_bytes(b"not a database" * 100)
    store = LastKnownGood(path)
    store.put("u", "r", json.dumps([1]).encode(), "", NOON)
    kept = store.get("u", "r", NOON)
    assert kept is not None and kept.body == b"[1]"
    store.close()
    store.put("u", "r", b"2", "", NOON)  # closed: lost, but no error


def test_connections_of_a_loop_that_has_ended_do_not_hinder_the_end() -> None:
    """As in a server, which answers a few messages in one loop before it serves in another."""
    with FakeHsds([]) as feed:
        fetcher = Fetcher("test", feed.base, LastKnownGood(":memory:"), clock=lambda: NOON)
        assert asyncio.run(fetcher.json("/services", ttl=60)).origin == "network"
        asyncio.run(fetcher.close())
