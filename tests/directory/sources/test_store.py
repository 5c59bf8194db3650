"""The last good answers, in a file as in PostgreSQL: kept, shared, forgotten after a week, and never in an answer's way."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path

import httpx
import pytest
import sqlalchemy

from actions.directory.sources import store as module
from actions.directory.sources import store_postgres
from actions.directory.sources.http import Fetcher
from actions.directory.sources.registry import SourceSettings, open_store
from actions.directory.sources.store import KEEP_DAYS, Kept, LastKnownGood
from tests.fakes import postgres
from tests.fakes.frozen_postgres import frozen
from tests.fakes.network_body import NetworkBody

NOON = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
HOUR = timedelta(hours=1)


@pytest.fixture
def url(postgres_server: postgres.Postgres) -> str:
    """A database without the table."""
    engine = sqlalchemy.create_engine(postgres_server.url)
    with engine.begin() as connection:
        connection.execute(sqlalchemy.text("DROP TABLE IF EXISTS wegweiser_sources"))
    engine.dispose()
    return postgres_server.url


@pytest.fixture(params=["file", "postgresql"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Path | str:
    if request.param == "file":
        return tmp_path / "var" / "sources.sqlite"
    return str(request.getfixturevalue("url"))


@pytest.fixture
def stores(place: Path | str) -> Iterator[tuple[LastKnownGood, LastKnownGood]]:
    """Of two processes."""
    found = LastKnownGood(place), LastKnownGood(place)
    yield found
    for store in found:
        store.close()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that is away is given up and tried again soon."""
    monkeypatch.setattr(store_postgres, "PATIENCE", 0.3)
    monkeypatch.setattr(store_postgres, "AWAY_SECONDS", 0.2)


def rows(url: str) -> int:
    engine = sqlalchemy.create_engine(url)
    with engine.begin() as connection:
        found = int(connection.execute(sqlalchemy.text("SELECT count(*) FROM wegweiser_sources")).scalar_one())
    engine.dispose()
    return found


def answered(store: LastKnownGood, now: datetime = NOON) -> bytes | None:
    found = store.get("up", "/list", now)
    return None if found is None else found.body


def eventually(store: LastKnownGood, wanted: bytes, now: datetime) -> None:
    until = time.monotonic() + 10
    while answered(store, now) != wanted:
        assert time.monotonic() < until
        time.sleep(0.02)


def test_one_process_reads_what_another_kept(stores: tuple[LastKnownGood, LastKnownGood]) -> None:
    one, other = stores
    assert answered(other) is None
    one.put("up", "/list", b"[1]", '"v1"', NOON)
    assert other.get("up", "/list", NOON) == one.get("up", "/list", NOON) == Kept(b"[1]", NOON, '"v1"')
    other.put("up", "/list", b"[2]", "", NOON + HOUR)
    assert answered(one) == answered(other) == b"[2]"
    assert one.get("up", "/other", NOON) is one.get("other", "/list", NOON) is None


def test_an_older_answer_does_not_take_the_place_of_a_newer(url: str) -> None:
    one, other = LastKnownGood(url), LastKnownGood(url)
    one.put("up", "/list", b"new", "", NOON + HOUR)
    other.put("up", "/list", b"late", "", NOON)
    assert answered(one) == answered(other) == answered(LastKnownGood(url)) == b"new"


def test_a_week_later_it_is_gone(stores: tuple[LastKnownGood, LastKnownGood]) -> None:
    one, other = stores
    one.put("up", "/list", b"[1]", "", NOON)
    week = timedelta(days=KEEP_DAYS)
    assert answered(other, NOON + week) == b"[1]"
    assert answered(one, NOON + week + HOUR) is answered(other, NOON + week + HOUR) is None


def test_old_answers_are_deleted(url: str) -> None:
    one = LastKnownGood(url)
    one.put("up", "/old", b"[1]", "", NOON - timedelta(days=KEEP_DAYS, hours=1))
    LastKnownGood(url).put("up", "/list", b"[1]", "", NOON)
    assert rows(url) == 1


def test_long_requests_and_any_bytes(stores: tuple[LastKnownGood, LastKnownGood]) -> None:
    one, other = stores
    long = "/list?" + "x" * 20_000
    body = bytes(range(256)) * 1000
    one.put("up", long, body, "", NOON)
    one.put("up", long + "y", b"[2]", "", NOON)
    assert [getattr(other.get("up", request, NOON), "body", None) for request in (long, long + "y")] == [body, b"[2]"]


def test_processes_open_one_empty_database_at_once(place: Path | str) -> None:
    stores = [LastKnownGood(place) for _ in range(5)]
    begin = threading.Barrier(len(stores))

    def work(number: int) -> None:
        begin.wait()
        stores[number].put("up", f"/{number}", b"[1]", "", NOON)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(stores))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    fresh = LastKnownGood(place)
    assert [fresh.get("up", f"/{n}", NOON) is not None for n in range(len(stores))] == [True] * len(stores)


def fetcher(store: LastKnownGood, requests: list[str], answer: httpx.Response | Exception) -> Fetcher:
    def reply(request: httpx.Request) -> httpx.Response:
        requests.append(request.url.path)
        if isinstance(answer, Exception):
            raise answer
        return httpx.Response(answer.status_code, stream=NetworkBody(answer.content))

    return Fetcher("up", "https://up.example", store, transport=httpx.MockTransport(reply), clock=lambda: NOON)


def test_a_fetch_by_one_process_saves_the_other_one(stores: tuple[LastKnownGood, LastKnownGood]) -> None:
    requests: list[str] = []
    good = httpx.Response(200, content=b"[1]")

    async def ask() -> list[str]:
        return [(await fetcher(store, requests, good).json("/list", ttl=60)).origin for store in stores]

    assert asyncio.run(ask()) == ["network", "fresh"]
    assert requests == ["/list"]


def test_what_one_process_got_helps_the_other_whose_upstream_is_down(
    stores: tuple[LastKnownGood, LastKnownGood],
) -> None:
    stores[0].put("up", "/list", b"[1]", "", NOON - HOUR)

    async def ask() -> tuple[str, object]:
        found = await fetcher(stores[1], [], httpx.ConnectError("down")).json("/list", ttl=60)
        return found.origin, found.value

    assert asyncio.run(ask()) == ("stale", [1])


def test_while_the_database_is_away_each_goes_by_what_it_knows(
    url: str, postgres_server: postgres.Postgres, quick: None, caplog: pytest.LogCaptureFixture
) -> None:
    one, other = LastKnownGood(url), LastKnownGood(url)
    one.put("up", "/list", b"[1]", "", NOON)
    assert answered(other) == b"[1]"
    postgres_server.stop()
    try:
        begun = time.monotonic()
        assert answered(one) == answered(other) == b"[1]"
        one.put("up", "/list", b"[2]", "", NOON + HOUR)
        for _ in range(100):
            assert answered(one) == b"[2]" and answered(other) == b"[1]"
        assert LastKnownGood(url).get("up", "/list", NOON) is None, "a process that starts meanwhile knows nothing"
        assert time.monotonic() - begun < 4
    finally:
        postgres_server.start()
    eventually(one, b"[2]", NOON + HOUR)  # asked for again, it is written
    eventually(other, b"[2]", NOON + HOUR)
    assert caplog.text.count("are not shared") == 3 and "/list" not in caplog.text


def test_a_database_that_froze_costs_a_second_once(url: str, postgres_server: postgres.Postgres, quick: None) -> None:
    store = LastKnownGood(url)
    store.put("up", "/list", b"[1]", "", NOON)
    with frozen(postgres_server):
        begun = time.monotonic()
        assert answered(store) == b"[1]"
        first, begun = time.monotonic() - begun, time.monotonic()
        for _ in range(5):
            assert answered(store) == b"[1]"
        assert first < 2 and time.monotonic() - begun < first + 0.2
    store.put("up", "/list", b"[2]", "", NOON + HOUR)
    eventually(store, b"[2]", NOON + HOUR)
    until = time.monotonic() + 10
    while answered(LastKnownGood(url), NOON + HOUR) != b"[2]":
        assert time.monotonic() < until
        answered(store, NOON + HOUR)


def test_what_is_remembered_is_bounded(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "REMEMBERED_BYTES", 100)
    store = LastKnownGood(url)
    for number in range(30):
        store.put("up", f"/{number}", b"[1]", "", NOON)
    assert store._remembered is not None and 0 < len(store._remembered) < 15
    assert answered(LastKnownGood(url)) is None and store.get("up", "/0", NOON) is not None


def test_only_who_has_sources_opens_a_store(tmp_path: Path, url: str) -> None:
    assert open_store(SourceSettings(store=url)) is None
    opened = open_store(SourceSettings(store=url, integreat_url="https://up.example"))
    assert opened is not None
    opened.put("up", "/list", b"[1]", "", NOON)
    assert rows(url) == 1
    assert open_store(SourceSettings(store=tmp_path / "s.sqlite", hsds_urls=("https://up.example",))) is not None
