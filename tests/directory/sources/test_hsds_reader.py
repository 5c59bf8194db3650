"""The HSDS source against a feed on loopback: paging, both envelopes, bare lists, and everything that goes wrong."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Iterator
from copy import deepcopy
from datetime import datetime, timedelta, timezone
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from actions.directory.geo import Gazetteer
from actions.directory.sources import hsds_pages
from actions.directory.sources.hsds import UNREADABLE, HsdsSource
from actions.directory.sources.hsds_pages import (
    DETAIL_SECONDS,
    DETAILS_MISSING,
    PAGES_MISSING,
    TOO_MANY_DETAILS,
    TOO_MANY_PAGES,
)  # fmt: skip
from actions.directory.sources.hsds_service import NO_PLACE
from actions.directory.sources.http import Fetcher
from actions.directory.sources.port import Batch, Source, Unavailable, Wanted
from actions.directory.sources.store import LastKnownGood
from tests.fakes.hsds_server import FakeHsds

ROOT = Path(__file__).parents[3]
CONTRACT = ROOT / "tests" / "contracts" / "hsds_feed"
NOON = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
FULL = json.loads((CONTRACT / "service_full.json").read_text(encoding="utf-8"))
WANTED = Wanted("migration_counselling", None, "ar", "A2")
BROKEN = ["html", "empty", "truncated", "cut", "huge", "garbage", "shape", "404", "429", "500", "slow"]


@cache
def gazetteer() -> Gazetteer:
    return Gazetteer.load(ROOT / "data" / "places.yml", ROOT / "data" / "postcodes.yml")


def record(number: int, **changes: Any) -> dict[str, Any]:
    return {**deepcopy(FULL), "id": f"00000000-0000-4000-8000-{number:012d}", **changes}


class Reader:
    """A source of a feed, with a clock that stands still until it is moved."""

    def __init__(self, feed: FakeHsds) -> None:
        self.now = NOON
        self.source = HsdsSource(
            Fetcher("hsds", feed.base, LastKnownGood(":memory:"), clock=lambda: self.now, read_seconds=0.5),
            gazetteer(), lambda: self.now,
        )  # fmt: skip

    def read(self) -> Batch:
        async def once() -> Batch:
            key = self.source.key(WANTED)
            assert key is not None
            batch = await self.source.load(key, WANTED)
            await self.source.close()
            return batch

        return asyncio.run(once())

    def later(self, seconds: float = 3601) -> Reader:
        self.now += timedelta(seconds=seconds)
        return self


@pytest.fixture
def feed() -> Iterator[FakeHsds]:
    with FakeHsds([record(n) for n in range(1, 4)]) as running:
        yield running


def ids(batch: Batch) -> list[str]:
    return [service.id.rpartition("-")[2].lstrip("0") for service in batch.services]


def pages(feed: FakeHsds) -> list[str]:
    return [query["page"] for query in feed.asked()]


def test_it_is_a_source(feed: FakeHsds) -> None:
    source: Source = Reader(feed).source
    assert (source.name, source.ttl) == ("hsds", 3600)


def test_a_feed_is_one_batch_whatever_is_asked(feed: FakeHsds) -> None:
    source = Reader(feed).source
    assert source.key(WANTED) == source.key(Wanted("doctor")) == feed.host


def test_two_feeds_of_one_host_have_two_keys() -> None:
    def key(base: str) -> str | None:
        return HsdsSource(Fetcher("x", base, LastKnownGood(":memory:")), gazetteer(), lambda: NOON).key(WANTED)

    assert key("https://feeds.example.org/") == "feeds.example.org"
    assert key("https://feeds.example.org/dresden/") == "feeds.example.org/dresden"


def test_the_contract_is_read_to_the_last_field(feed: FakeHsds) -> None:
    batch = Reader(feed).read()
    service = batch.services[0]
    assert (batch.origin, batch.as_of, batch.dropped, batch.faults) == ("network", NOON, 0, ())
    assert ids(batch) == ["1", "2", "3"]
    assert service.id == f"hsds:{feed.host}:00000000-0000-4000-8000-000000000001"
    assert (service.name, service.organization) == ("Migrationsberatung (MBE)", "Beispiel e. V.")
    assert (service.topics, service.kind, service.status) == (("social_benefits",), "social_counselling", "active")
    assert (service.address_1, service.postal_code, service.city) == ("Musterstraße 1", "01067", "Dresden")
    assert (service.area, service.latitude, service.longitude) == (("dresden",), 51.05, 13.74)
    assert (service.phone, service.email) == ("+49 351 0000001", "mbe@example.org")
    assert service.url == "https://www.example.org/mbe"
    assert service.hours == "Mo-Th 09:00-12:00, Tu 13:00-18:00"
    assert service.hours_note == "geschlossen an gesetzlichen Feiertagen · Videosprechstunde"
    assert (service.languages, service.interpreters, service.by_appointment) == (("ar", "fa"), True, False)
    assert (service.cost, service.free, service.wheelchair) == ("kostenlos", True, True)
    assert (service.eligibility.description, service.eligibility.minimum_age) == ("Zugewanderte ab 27 Jahren", 27)
    assert (service.confidence, service.alert) == ("high", "KW 47 nur telefonisch")
    assert set(service.checked.values()) == {"2026-06-30"}
    assert service.source_url() == f"{feed.base}/services/00000000-0000-4000-8000-000000000001"


def test_it_asks_for_everything_page_by_page_and_says_nothing_of_the_question(feed: FakeHsds) -> None:
    feed.records, feed.page_limit = [record(n) for n in range(1, 8)], 3
    reader = Reader(feed)
    assert ids(reader.read()) == [str(n) for n in range(1, 8)]
    assert [query for _, query, _ in feed.requests] == [
        {"full": "true", "per_page": "100", "page": str(page)} for page in (1, 2, 3)
    ]
    sent = json.dumps([[path, query, headers] for path, query, headers in feed.requests])
    assert "migration" not in sent and "A2" not in sent and "Accept-Language" not in sent


def test_within_its_time_nothing_is_asked_again(feed: FakeHsds) -> None:
    reader = Reader(feed)
    assert [reader.read().origin, reader.read().origin] == ["network", "fresh"]
    assert len(feed.requests) == 1
    assert reader.later().read().origin == "network"


@pytest.mark.parametrize("envelope", ["hsds", "oruk"])
@pytest.mark.parametrize("mode", ["", "lying", "grand", "mute", "stuck"])
def test_every_way_to_count_pages_ends(envelope: str, mode: str) -> None:
    with FakeHsds([record(n) for n in range(1, 6)], envelope=envelope) as feed:
        feed.page_limit, feed.mode = 2, mode
        batch = Reader(feed).read()
    # `stuck` gives the first page again and again; nothing else loses a record
    assert ids(batch) == [str(n) for n in range(1, 3 if mode == "stuck" else 6)]
    assert (batch.dropped, batch.origin) == (0, "network")
    asked = {"": ["1", "2", "3"], "lying": ["1", "2", "3"], "grand": ["1", "2", "3", "4"], "mute": ["1", "2", "3", "4"]}
    assert pages(feed) == asked.get(mode, ["1", "2"])


def test_a_feed_without_end_is_cut(feed: FakeHsds, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hsds_pages, "MOST_PAGES", 4)
    feed.mode = "endless"
    batch = Reader(feed).read()
    assert (len(batch.services), pages(feed)) == (12, ["1", "2", "3", "4"])
    assert batch.faults == (f"1 {TOO_MANY_PAGES}",)


@pytest.mark.parametrize("name", ["services_page_empty", "services_page", "oruk_v1_services_page", "services_minimal"])
def test_pages_of_the_contract_are_pages(name: str) -> None:
    value = json.loads((CONTRACT / f"{name}.json").read_text(encoding="utf-8"))
    page = hsds_pages.read_page(value)
    assert hsds_pages.is_page(value)
    assert (page.last, page.total_pages) == (True, 1)
    assert [hsds_pages.record_id(r)[-2:] for r in page.records] == {
        "services_page_empty": [], "services_page": ["10", "40"],
    }.get(name, ["10"])  # fmt: skip


def test_an_empty_page_may_lack_its_list() -> None:
    assert hsds_pages.is_page({"totalElements": 0, "last": True})
    assert hsds_pages.is_page({"empty": True, "contents": None})
    for other in ({}, {"contents": None}, {"contents": {}, "empty": False}, [], {"total_items": 3}, {"error": "x"}):
        assert not hsds_pages.is_page(other)


def test_an_empty_feed_is_an_answer(feed: FakeHsds) -> None:
    feed.records = []
    batch = Reader(feed).read()
    assert (batch.services, batch.dropped, batch.origin) == ((), 0, "network")


def test_a_server_that_ignores_full_is_asked_for_each_record() -> None:
    with FakeHsds([record(n) for n in range(1, 4)], honours_full=False) as feed:
        batch = Reader(feed).read()
        assert ids(batch) == ["1", "2", "3"]
        assert batch.services[0].hours != ""
        assert len(feed.requests) == 4


def test_open_referral_uk_1_lists_are_bare() -> None:
    with FakeHsds([record(n) for n in range(1, 4)], envelope="oruk", honours_full=False) as feed:
        assert ids(Reader(feed).read()) == ["1", "2", "3"]


def test_only_bare_records_are_asked_for(feed: FakeHsds) -> None:
    feed.records.append({"id": "bare", "name": "Kleiderausgabe", "status": "temporarily closed"})
    batch = Reader(feed).read()
    assert [path for path, _, _ in feed.requests] == ["/services", "/services/bare"]
    assert (len(batch.services), batch.dropped) == (3, 1)


def test_a_record_that_did_not_change_is_not_fetched_again() -> None:
    with FakeHsds([record(n) for n in range(1, 4)], honours_full=False) as feed:
        reader = Reader(feed)
        reader.read()
        feed.requests.clear()
        again = reader.later().read()
        assert [path for path, _, _ in feed.requests] == ["/services"]
        assert (ids(again), again.as_of) == (["1", "2", "3"], reader.now)
        feed.records[1] |= {"last_modified": "2026-11-24T13:00:00Z", "name": "Neu"}
        feed.requests.clear()
        assert [s.name for s in reader.later().read().services][1] == "Neu"
        assert [path[-2:] for path, _, _ in feed.requests] == ["es", "02"]
        feed.requests.clear()
        reader.later(DETAIL_SECONDS + 1).read()
        assert len(feed.requests) == 4


def test_a_record_without_a_date_of_change_is_fetched_each_time() -> None:
    with FakeHsds([record(1, last_modified=None)], honours_full=False) as feed:
        reader = Reader(feed)
        reader.read()
        feed.records[0]["name"] = "Neu"
        assert reader.later().read().services[0].name == "Neu"


def test_details_are_asked_for_within_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hsds_pages, "MOST_DETAILS", 3)
    with FakeHsds([record(n) for n in range(1, 6)], honours_full=False) as feed:
        batch = Reader(feed).read()
    assert (ids(batch), len(feed.requests), batch.dropped) == (["1", "2", "3"], 4, 2)
    assert f"2 {TOO_MANY_DETAILS}" in batch.faults


@pytest.mark.parametrize("mode", ["html", "404", "shape"])
def test_a_record_whose_details_are_missing_does_not_stop_the_others(mode: str) -> None:
    with FakeHsds([record(n) for n in range(1, 4)], honours_full=False) as feed:
        feed.mode, feed.broken = mode, {FULL["id"][:-2] + "02"}
        batch = Reader(feed).read()
    assert (ids(batch), batch.dropped, batch.origin) == (["1", "3"], 1, "stale")
    assert f"1 {DETAILS_MISSING}" in batch.faults


@pytest.mark.parametrize("mode", BROKEN)
def test_what_is_no_answer_gives_the_last_good_one(feed: FakeHsds, mode: str) -> None:
    reader = Reader(feed)
    reader.read()
    feed.mode = mode
    stale = reader.later(7200).read()
    assert (ids(stale), stale.origin, stale.as_of) == (["1", "2", "3"], "stale", NOON)


@pytest.mark.parametrize("mode", BROKEN)
def test_without_a_last_good_answer_it_is_unavailable(feed: FakeHsds, mode: str) -> None:
    feed.mode = mode
    with pytest.raises(Unavailable):
        Reader(feed).read()


def test_a_feed_that_is_down_gives_the_last_good_answer_for_a_week(feed: FakeHsds) -> None:
    reader = Reader(feed)
    reader.read()
    feed.stop()
    assert reader.later(3 * 86400).read().origin == "stale"
    with pytest.raises(Unavailable):
        reader.later(5 * 86400).read()


@pytest.mark.parametrize("mode", ["html", "truncated", "404", "500"])
def test_a_later_page_that_cannot_be_read_leaves_the_rest(feed: FakeHsds, mode: str) -> None:
    feed.records, feed.page_limit = [record(n) for n in range(1, 6)], 2
    feed.mode, feed.broken = mode, {"2"}
    batch = Reader(feed).read()
    assert (ids(batch), batch.origin, batch.dropped) == (["1", "2"], "stale", 0)
    assert batch.faults == (f"1 {PAGES_MISSING}",)


def test_a_later_page_comes_from_its_last_good_answer(feed: FakeHsds) -> None:
    feed.records, feed.page_limit = [record(n) for n in range(1, 6)], 2
    reader = Reader(feed)
    reader.read()
    feed.mode, feed.broken = "500", {"2"}
    batch = reader.later().read()
    assert (ids(batch), batch.origin, batch.as_of, batch.faults) == (["1", "2", "3", "4", "5"], "stale", NOON, ())


GARBAGE: list[Any] = [
    None, 7, "text", [], {}, {"id": "x"}, {"name": "ohne Kennung", "status": "active"}, record(90, name=None),
    record(91, status=""), {**record(92), "id": "../../admin"}, {**record(93), "id": "a b"}, {**record(94), "id": {}},
]  # fmt: skip


def test_bad_records_among_good_ones_are_counted(feed: FakeHsds) -> None:
    feed.records = [record(1), *GARBAGE, record(2)]  # type: ignore[list-item]

    def give(query: dict[str, str]) -> tuple[int, Any]:
        return 200, {"contents": feed.records, "last_page": True}

    feed._list = give  # type: ignore[method-assign]
    batch = Reader(feed).read()
    assert (ids(batch), batch.dropped) == (["1", "2"], len(GARBAGE))
    assert f"{len(GARBAGE)} {UNREADABLE}" in batch.faults
    assert not any("admin" in path for path, _, _ in feed.requests)


def test_a_record_on_two_pages_is_one(feed: FakeHsds) -> None:
    unknown = record(2, attributes=[])
    feed.records, feed.page_limit = [record(1), unknown, unknown, record(3), record(3)], 2
    batch = Reader(feed).read()
    assert (ids(batch), batch.dropped) == (["1", "3"], 1)


def test_records_for_other_places_are_counted(feed: FakeHsds) -> None:
    elsewhere = record(9, service_areas=[])
    elsewhere["service_at_locations"][0]["location"]["addresses"][0] |= {"postal_code": "10115", "city": "Berlin"}
    feed.records.append(elsewhere)
    batch = Reader(feed).read()
    assert (batch.dropped, batch.faults) == (1, (f"1 {NO_PLACE}",))


def test_logs_hold_nothing_of_a_record(feed: FakeHsds, caplog: pytest.LogCaptureFixture) -> None:
    reader = Reader(feed)
    with caplog.at_level(logging.DEBUG, logger="actions"):
        reader.read()
        feed.mode = "html"
        reader.later().read()
    assert caplog.text
    assert not any(word in caplog.text for word in ("Migrationsberatung", "example.org", "0000001", "Muster"))


def test_a_password_in_the_address_stays_there() -> None:
    base = "https://user:secret@feeds.example.org/hsds"
    source = HsdsSource(Fetcher("hsds", base, LastKnownGood(":memory:")), gazetteer(), lambda: NOON)
    assert "secret" not in f"{source.key(WANTED)}{source._base}{source._host}"


def test_the_fake_keeps_to_the_contract(feed: FakeHsds) -> None:
    """The server itself: parameters that the reader does not use, and what it refuses."""
    feed.records[2]["last_modified"] = "2026-11-20T00:00:00Z"

    def ask(path: str, **query: str) -> Any:
        return feed.respond(path, query)

    assert set(ask("/")[1]) == set(json.loads((CONTRACT / "root.json").read_text()))
    wanted = json.loads((CONTRACT / "services_minimal.json").read_text())
    assert set(ask("/services", minimal="true")[1]) == set(wanted)
    assert set(ask("/services", minimal="true")[1]["contents"][0]) == set(wanted["contents"][0])
    assert ask("/services", modified_after="2026-11-10")[1]["total_items"] == 1
    assert ask("/services", per_page="2", page="2")[1]["contents"][0]["id"] == feed.records[2]["id"]
    assert "phones" not in ask("/services")[1]["contents"][0]
    assert ask("/services", full="true")[1]["contents"][0] == feed.records[0]
    assert set(ask("/services", page="9")[1]) == set(json.loads((CONTRACT / "services_page_empty.json").read_text()))
    assert [ask("/services", page="0")[0], ask("/services", place="x")[0], ask("/services/none")[0]] == [400, 400, 404]
