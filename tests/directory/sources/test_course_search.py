"""Courses of the agency: what is asked, what becomes a card, and what happens when the answer is odd or missing."""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import re
import socket
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import pytest

from actions.directory.geo import Gazetteer, Place
from actions.directory.hours import BERLIN
from actions.directory.model import Service
from actions.directory.search import Directory, Query
from actions.directory.sources.course_models import is_page, pages, phone, price, read, web_address
from actions.directory.sources.course_search import CourseSearchSource, shortened
from actions.directory.sources.http import AGENT, Fetcher, Unavailable
from actions.directory.sources.port import Batch, Wanted
from actions.directory.sources.store import LastKnownGood
from actions.directory.sources.text import plain
from tests.fakes.course_server import FAILURES, KEY, PATH, CourseServer, serve

ROOT = Path(__file__).parents[3]
CONTRACTS = ROOT / "tests" / "contracts" / "course_search"
NOW = datetime(2026, 11, 24, 12, tzinfo=BERLIN)
SAMPLE = json.loads((CONTRACTS / "sprachkurse_page.json").read_text("utf-8"))
COURSE = SAMPLE["_embedded"]["termine"][0]
TRAINING = json.loads((CONTRACTS / "weiterbildung_page.json").read_text("utf-8"))


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(ROOT / "data" / "places.yml", ROOT / "data" / "postcodes.yml")


@pytest.fixture
def server() -> Iterator[CourseServer]:
    with serve() as running:
        yield running


class Setting:
    """The source with its server; `now` can be moved."""

    def __init__(self, server: CourseServer, gazetteer: Gazetteer) -> None:
        self.server, self.gazetteer, self.now = server, gazetteer, NOW
        self.store = LastKnownGood(":memory:")
        self.read_seconds = 2.0

    def source(self, key: str = KEY, url: str = "") -> CourseSearchSource:
        fetcher = Fetcher(
            "course_search", url or self.server.url, self.store,
            headers={"X-API-Key": key}, clock=lambda: self.now, read_seconds=self.read_seconds,
        )  # fmt: skip
        return CourseSearchSource(fetcher, self.gazetteer, lambda: self.now)

    def ask(self, topic: str = "german_course", place: str = "dresden", level: str = "", **kwargs: str) -> Batch:
        source = self.source(**kwargs)
        wanted = Wanted(topic, self.gazetteer.get(place), "ar", level)

        async def once() -> Batch:
            try:
                return await source.load(source.key(wanted) or "", wanted)
            finally:
                await source.close()

        return asyncio.run(once())

    def query(self) -> dict[str, str]:
        return dict(parse_qsl(urlsplit(self.server.requests[-1][0]).query))


@pytest.fixture
def setting(server: CourseServer, gazetteer: Gazetteer) -> Setting:
    return Setting(server, gazetteer)


def ms(*when: int) -> int:
    """A moment in Saxony as the agency writes it."""
    return int(datetime(*when, tzinfo=BERLIN).timestamp() * 1000)  # type: ignore[misc,arg-type]


def course(number: int = 1, **changes: Any) -> dict[str, Any]:
    """The sample with another id; `angebot__titel="x"` changes a field below another."""
    record = copy.deepcopy(COURSE) | {"id": number}
    for path, value in changes.items():
        *above, last = path.split("__")
        target = record
        for step in above:
            target = target[step]
        target[last] = value
    return record


def different(count: int, first: int = 1, **changes: Any) -> list[dict[str, Any]]:
    """Courses with one title each, one starting a day after the other from 1 December."""
    start = ms(2026, 12, 1)
    return [
        course(n, angebot__titel=f"Kurs {n}", beginn=start + n * 86_400_000, anmeldeschluss=None, **changes)
        for n in range(first, first + count)
    ]


def ids(batch: Batch) -> list[str]:
    return [service.id.removeprefix("ba:") for service in batch.services]


# what becomes of a record


def test_the_documented_answer_becomes_one_card(setting: Setting) -> None:
    setting.server.courses["MC"] = [COURSE]
    batch = setting.ask("job_german_course")
    supports = ["name", "description", "address", "phone", "email", "url", "hours"]
    assert batch.services == (
        Service(
            id="ba:134000001",
            name="Berufssprachkurs B2",
            topics=("job_german_course",),
            kind="language_course",
            confidence="high",
            organization="Muster Bildung gGmbH",
            description="Sprachkurs B2",
            area=("dresden",),
            address_1="Musterstraße 1",
            city="Dresden",
            postal_code="01067",
            latitude=51.05,
            longitude=13.74,
            phone="+49 351 0000000",
            email="kurse@example.org",
            url="https://www.example.org",
            hours_note="Montag - Freitag 08:30 - 12:45 Uhr",
            checked=dict.fromkeys(supports, "2026-11-18"),
            sources=(
                {
                    "url": "https://www.example.org/kurs",
                    "seen": "2026-11-18",
                    "supports": supports,
                    "remark": "Bundesagentur für Arbeit",
                },
            ),
            starts="2026-11-30",
            ends="2027-05-30",
        ),
    )
    assert (batch.key, batch.origin, batch.dropped, batch.faults) == ("job_german_course|dresden|", "network", 0, ())
    assert batch.as_of == NOW


def test_the_search_for_further_training_has_the_same_shape_and_other_types() -> None:
    found, faults = read(TRAINING)
    assert faults == [] and pages(TRAINING) == 500
    assert (found[0].beginn, found[0].aktualisierungsdatum) == (date(2026, 11, 30), date(2026, 11, 18))
    assert (found[0].kostenWert, found[0].cost, found[0].anmeldeschluss) == (0, "0,00 EUR", None)


def paths(value: Any, above: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every key of a record, at every depth."""
    rows = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, below in rows:
        yield (*above, key)
        yield from paths(below, (*above, key))


@pytest.mark.parametrize("path", list(paths(COURSE)), ids=lambda p: ".".join(str(x) for x in p))
@pytest.mark.parametrize("how", ["null", "empty", "absent"])
def test_everything_may_be_missing_but_id_and_title(path: tuple[Any, ...], how: str, gazetteer: Gazetteer) -> None:
    record = copy.deepcopy(COURSE)
    holder: Any = record
    for step in path[:-1]:
        holder = holder[step]
    if how == "absent":
        del holder[path[-1]]
    else:
        holder[path[-1]] = None if how == "null" or isinstance(holder[path[-1]], dict) else type(holder[path[-1]])()
        if how == "empty" and isinstance(holder[path[-1]], int | float):
            holder[path[-1]] = ""
    found, faults = read({"_embedded": {"termine": [record]}})
    if path in (("id",), ("angebot",), ("angebot", "titel")):
        assert (found, len(faults)) == ([], 1)
    else:
        assert (len(found), faults) == (1, [])


def test_a_record_with_nothing_but_id_and_title_stays_empty(setting: Setting) -> None:
    setting.server.courses["MB"] = [{"id": 7, "angebot": {"titel": "Integrationskurs"}}]
    service = setting.ask().services[0]
    assert service == Service(
        id="ba:7", name="Integrationskurs", topics=("german_course",), kind="language_course", confidence="high",
        area=("dresden",), sources=service.sources,
    )  # fmt: skip
    assert service.sources[0]["seen"] == "undated" and service.source_url() == ""


def test_unknown_keys_are_ignored(setting: Setting) -> None:
    setting.server.courses["MB"] = [course(neu={"a": [1]}, angebot__bildungsanbieter__neu=5)]
    assert ids(setting.ask()) == ["1"]


BAD = [
    None, "text", 5, [], {}, {"id": 9}, {"id": 9, "angebot": "Kurs"}, {"id": {"a": 1}, "angebot": {"titel": "Kurs"}},
    course(9, id="9/../x"), course(9, beginn="bald"), course(9, beginn=True), course(9, beginn=10**30),
    course(9, ende=-1), course(9, angebot__titel=" <p> </p>"), course(9, adresse="Musterstraße 1"),
    course(9, adresse__koordinaten__lat="north"),
]  # fmt: skip


def test_a_bad_record_costs_only_itself_and_its_contents_are_told_nobody(
    setting: Setting, caplog: pytest.LogCaptureFixture
) -> None:
    body = copy.deepcopy(SAMPLE)
    body["_embedded"]["termine"] = [course(1), *BAD, course(2, angebot__titel="Anderer Kurs")]
    setting.server.body = json.dumps(body).encode()
    with caplog.at_level(logging.DEBUG):
        batch = setting.ask()
    assert sorted(ids(batch)) == ["1", "2"]
    assert batch.dropped == len(BAD)
    said = " ".join(batch.faults)
    assert "beginn: value_error" in batch.faults
    ours = " ".join(r.getMessage() for r in caplog.records if r.name.startswith("actions"))
    for secret in ("Muster", "bald", "north", "9/..", "example"):
        assert secret not in said + ours


# dates


@pytest.mark.parametrize(
    ("value", "day"),
    [
        (ms(2026, 12, 1), "2026-12-01"),
        (str(ms(2026, 12, 1)), "2026-12-01"),
        # midnight in Saxony is the day before in UTC: by one hour in winter, by two in summer
        (ms(2027, 1, 1), "2027-01-01"),
        (ms(2027, 7, 1), "2027-07-01"),
        (ms(2027, 7, 1, 23, 59), "2027-07-01"),
        # the nights in which the clock is changed
        (ms(2027, 3, 28), "2027-03-28"),
        (ms(2027, 3, 28, 23, 30), "2027-03-28"),
        (ms(2027, 10, 31), "2027-10-31"),
        (ms(2027, 10, 31, 23, 30), "2027-10-31"),
    ],
)
def test_dates_are_days_in_saxony(setting: Setting, value: int | str, day: str) -> None:
    setting.server.courses["MB"] = [course(beginn=value, ende=value, anmeldeschluss=None)]
    service = setting.ask().services[0]
    assert (service.starts, service.ends) == (day, day)


YESTERDAY, TODAY, LATER = ms(2026, 11, 23, 23, 59), ms(2026, 11, 24), ms(2027, 2, 1)


@pytest.mark.parametrize(
    ("beginn", "anmeldeschluss", "ende", "any_time", "starts"),
    [
        (LATER, None, None, False, "2027-02-01"),
        (TODAY, TODAY, None, False, "2026-11-24"),
        (None, None, None, False, ""),
        (YESTERDAY, None, LATER, False, None),
        (LATER, YESTERDAY, None, False, None),
        (None, str(YESTERDAY), None, False, None),
        (YESTERDAY, None, LATER, True, ""),
        (YESTERDAY, YESTERDAY, LATER, True, ""),
        (LATER, None, None, True, "2027-02-01"),
        (YESTERDAY, None, YESTERDAY, True, None),
    ],
)
def test_only_what_can_still_be_joined_is_shown(
    setting: Setting, beginn: Any, anmeldeschluss: Any, ende: Any, any_time: bool, starts: str | None
) -> None:
    setting.server.courses["MB"] = [
        course(beginn=beginn, anmeldeschluss=anmeldeschluss, ende=ende, individuellerEinstieg=any_time)
    ]
    batch = setting.ask()
    assert [s.starts for s in batch.services] == ([] if starts is None else [starts])
    assert batch.dropped == 0


def test_the_day_is_that_of_saxony_not_of_utc(setting: Setting) -> None:
    setting.server.courses["MB"] = [course(beginn=ms(2026, 11, 24), anmeldeschluss=None)]
    setting.now = datetime.fromisoformat("2026-11-23T23:30:00+00:00")  # half past midnight of the 24th there
    assert len(setting.ask().services) == 1
    setting.now = datetime.fromisoformat("2026-11-24T23:30:00+00:00")
    assert setting.ask().services == ()


def test_the_last_good_answer_loses_what_has_begun_since(setting: Setting) -> None:
    setting.server.courses["MB"] = different(3)
    setting.now = datetime(2026, 12, 1, 12, tzinfo=BERLIN)
    assert ids(setting.ask()) == ["1", "2", "3"]
    setting.server.mode, setting.now = "500", datetime(2026, 12, 3, 12, tzinfo=BERLIN)
    batch = setting.ask()
    assert (batch.origin, ids(batch)) == ("stale", ["2", "3"])


def test_an_update_in_the_future_is_no_date(setting: Setting) -> None:
    setting.server.courses["MB"] = [course(aktualisierungsdatum=ms(2026, 11, 25))]
    service = setting.ask().services[0]
    assert (service.checked, service.sources[0]["seen"]) == ({}, "undated")


# which courses


def test_the_soonest_come_first_and_unknown_starts_last(setting: Setting) -> None:
    setting.server.courses["MB"] = [
        course(1, angebot__titel="A", beginn=ms(2027, 3, 1), anmeldeschluss=None),
        course(2, angebot__titel="B", beginn=None, anmeldeschluss=None),
        course(3, angebot__titel="C", beginn=ms(2026, 12, 1), anmeldeschluss=None),
        course(4, angebot__titel="D", beginn=ms(2025, 1, 1), individuellerEinstieg=True),
        course(5, angebot__titel="E", beginn=ms(2026, 12, 24), individuellerEinstieg=True),
        course(6, angebot__titel="F", beginn=None, individuellerEinstieg=True),
    ]
    assert ids(setting.ask()) == ["4", "6", "3", "5", "1", "2"]


def test_one_card_for_one_title_at_one_door(setting: Setting) -> None:
    later, sooner = ms(2027, 3, 1), ms(2026, 12, 1)
    setting.server.courses["MB"] = [
        course(1, beginn=later, anmeldeschluss=None),
        course(2, beginn=sooner, anmeldeschluss=None, angebot__titel="BERUFSSPRACHKURS  B2"),
        course(3, beginn=later, anmeldeschluss=None, adresse__strasse="Andere Straße 2"),
        course(4, beginn=later, anmeldeschluss=None, angebot__titel="Berufssprachkurs C1"),
        course(5, beginn=later, anmeldeschluss=None, angebot__bildungsanbieter__name="Andere Schule"),
    ]
    batch = setting.ask()
    assert ids(batch) == ["2", "3", "4", "5"]
    assert batch.services[0].starts == "2026-12-01"


def test_at_most_twenty_courses(setting: Setting) -> None:
    setting.server.courses["MB"] = different(70)
    batch = setting.ask()
    assert ids(batch) == [str(n) for n in range(1, 21)]
    assert setting.server.pages_asked() == ["0"]


def test_further_pages_are_asked_until_there_are_enough_and_never_more_than_three(setting: Setting) -> None:
    setting.server.courses["MB"] = [course(n, beginn=YESTERDAY) for n in range(100, 125)] + different(50)
    assert ids(setting.ask()) == [str(n) for n in range(1, 21)]
    assert setting.server.pages_asked() == ["0", "1", "2"]
    setting.server.requests.clear()
    setting.server.courses["MB"] = different(90, ende=YESTERDAY)
    batch = setting.ask(place="leipzig")
    assert (batch.services, setting.server.pages_asked()) == ((), ["0", "1", "2"])


def test_the_last_page_is_one_less_than_their_number(setting: Setting) -> None:
    setting.server.courses["MB"] = [course(n, beginn=ms(2026, 12, 1) + n) for n in range(1, 41)]
    assert len(setting.ask().services) == 1
    assert setting.server.pages_asked() == ["0", "1"]


def test_links_of_an_answer_are_not_followed(setting: Setting) -> None:
    setting.server.courses["MB"] = different(21, ende=LATER * 2)
    setting.server.courses["MB"][0]["ende"] = YESTERDAY
    assert ids(setting.ask())[-1] == "21"
    first, second = [target for target, _ in setting.server.requests]
    assert "size" not in second
    assert second.replace("page=1", "page=0") == first


def test_a_missing_later_page_leaves_the_first_and_is_asked_again(setting: Setting) -> None:
    setting.server.courses["MB"] = [course(n, beginn=YESTERDAY) for n in range(100, 105)] + different(25)
    setting.server.mode, setting.server.broken_from = "500", 1
    batch = setting.ask()
    assert (batch.origin, batch.faults, len(batch.services)) == ("stale", ("page 1 is missing",), 15)
    setting.server.requests.clear()
    setting.server.mode = ""
    batch = setting.ask()
    assert (batch.origin, batch.faults, len(batch.services)) == ("fresh", (), 20)
    assert setting.server.pages_asked() == ["1"]


# nothing found, and no answer


def test_no_courses_is_an_answer(setting: Setting) -> None:
    batch = setting.ask()
    assert (batch.services, batch.origin, batch.faults) == ((), "network", ())
    assert is_page({"page": {}}) and is_page({"_embedded": {"termine": None}}) and is_page({"_embedded": {}})
    assert not is_page({}) and not is_page([]) and not is_page({"_embedded": []})


def test_a_404_without_a_body_is_nothing_found_and_the_operator_is_told(
    setting: Setting, caplog: pytest.LogCaptureFixture
) -> None:
    setting.server.mode = "404"
    batch = setting.ask()
    assert (batch.services, batch.origin) == ((), "network")
    assert batch.faults == ("status 404, taken as nothing found",)
    assert "course_search: status 404, taken as nothing found" in caplog.messages


BROKEN = [name for name in FAILURES if name != "404"]


@pytest.mark.parametrize("mode", [*BROKEN, "slow", "refused", "wrong key"])
def test_what_is_no_answer_gives_the_last_good_one_or_nothing(setting: Setting, mode: str) -> None:
    setting.server.courses["MB"] = [course()]
    good = setting.ask()
    setting.now = NOW + timedelta(hours=7)
    how: dict[str, str] = {}
    taken = socket.socket()
    if mode == "refused":
        taken.bind(("127.0.0.1", 0))  # nobody listens there
        how = {"url": f"http://127.0.0.1:{taken.getsockname()[1]}"}
    elif mode == "wrong key":
        how = {"key": "rotated"}
    else:
        setting.server.mode = mode
        setting.read_seconds = 0.05 if mode == "slow" else 2.0
    batch = setting.ask(**how)
    assert (batch.origin, batch.services, batch.as_of) == ("stale", good.services, NOW)
    setting.store = LastKnownGood(":memory:")
    with pytest.raises(Unavailable):
        setting.ask(**how)
    taken.close()


def test_within_six_hours_nobody_is_asked(setting: Setting) -> None:
    setting.server.courses["MB"] = [course()]
    setting.ask()
    setting.now = NOW + timedelta(hours=5, minutes=59)
    assert setting.ask().origin == "fresh"
    setting.now = NOW + timedelta(hours=6, minutes=1)
    assert setting.ask().origin == "network"
    assert setting.server.pages_asked() == ["0", "0"]


# what is asked


@pytest.mark.parametrize(
    ("topic", "level", "kind", "code", "key"),
    [
        ("german_course", "", "MB", None, "german_course|dresden|"),
        ("german_course", "B1", "MB", None, "german_course|dresden|"),
        ("literacy_course", "A2", "MB", None, "literacy_course|dresden|"),
        ("job_german_course", "", "MC", None, "job_german_course|dresden|"),
        ("job_german_course", "A1", "MC", None, "job_german_course|dresden|"),
        ("job_german_course", "A2", "MC", "MC 01 1", "job_german_course|dresden|A2"),
        ("job_german_course", "B1", "MC", "MC 01 2", "job_german_course|dresden|B1"),
        ("job_german_course", "B2", "MC", "MC 01 3", "job_german_course|dresden|B2"),
        ("job_german_course", "C1", "MC", "MC 01 4", "job_german_course|dresden|C1"),
        ("job_german_course", "C2", "MC", "MC 01 5", "job_german_course|dresden|C2"),
        ("recognition", "B2", "MQ", None, "recognition|dresden|"),
    ],
)
def test_topics_and_levels_have_their_codes(
    setting: Setting, topic: str, level: str, kind: str, code: str | None, key: str
) -> None:
    batch = setting.ask(topic, level=level)
    assert batch.key == key
    asked = {"systematiken": kind, "orte": "Dresden_13.74_51.05", "umkreis": "25", "sort": "basc", "page": "0"}
    assert setting.query() == (asked | {"sprachniveau": code} if code else asked)


def test_a_level_narrows_the_courses(setting: Setting) -> None:
    c1 = course(2, angebot__titel="Berufssprachkurs C1", angebot__systematiken=[{"codeNr": "MC 01 4"}])
    setting.server.courses["MC"] = [course(1), c1]
    assert ids(setting.ask("job_german_course", level="C1")) == ["2"]
    assert ids(setting.ask("job_german_course")) == ["1", "2"]


@pytest.mark.parametrize(
    ("topic", "place"),
    [
        ("find_job", "dresden"), ("vocational_training", "dresden"), ("", "dresden"), ("emergency_violence", "dresden"),
        ("german_course", ""), ("german_course", "sachsen"), ("german_course", "deutschland"),
    ],
)  # fmt: skip
def test_other_questions_are_not_for_this_source(setting: Setting, topic: str, place: str) -> None:
    wanted = Wanted(topic, setting.gazetteer.get(place))
    assert setting.source().key(wanted) is None
    with pytest.raises(ValueError):
        setting.ask(topic, place)
    assert setting.server.requests == []


def test_a_place_without_coordinates_cannot_be_asked_about(setting: Setting) -> None:
    assert setting.source().key(Wanted("german_course", Place("x", "X", "municipality"))) is None


@pytest.mark.parametrize(
    ("place", "text", "raw"),
    [
        ("goerlitz", "Görlitz_14.99_51.16", "G%C3%B6rlitz_14.99_51.16"),
        ("grossenhain", "Großenhain_13.53_51.29", "Gro%C3%9Fenhain_13.53_51.29"),
        ("adorf", "Adorf/Vogtland_12.26_50.32", "Adorf%2FVogtland_12.26_50.32"),
    ],
)
def test_umlauts_and_slashes_arrive(setting: Setting, place: str, text: str, raw: str) -> None:
    setting.ask(place=place)
    assert setting.query()["orte"] == text
    assert f"orte={raw}" in setting.server.requests[-1][0]


def test_of_a_quarter_only_its_city_is_named(setting: Setting) -> None:
    quarter = next(p for p in setting.gazetteer.places.values() if p.kind == "quarter" and p.district == "leipzig")
    setting.ask(place=quarter.id)
    assert re.fullmatch(r"Leipzig_12\.\d\d_51\.\d\d", setting.query()["orte"])


def test_the_request_says_kind_place_radius_and_codes_and_nothing_else(setting: Setting) -> None:
    for topic in ("german_course", "literacy_course", "job_german_course", "recognition"):
        for place in ("dresden", "goerlitz", "landkreis-bautzen"):
            setting.ask(topic, place, "B2")
    setting.server.courses["MC"] = [course(1, ende=YESTERDAY)] * 50
    setting.ask("job_german_course", "zwickau", "B2")
    # two topics are one kind of course; the last question takes three pages
    assert len(setting.server.requests) == 3 * 3 + 3
    for target, headers in setting.server.requests:
        parts = urlsplit(target)
        query = dict(parse_qsl(parts.query))
        assert parts.path == PATH
        assert set(query) <= {"systematiken", "orte", "umkreis", "sort", "page", "sprachniveau"}
        assert re.fullmatch(r"[^_,]+_1[0-5]\.\d\d_5[01]\.\d\d", query["orte"])  # a name and two decimals
        assert set(headers) == {"host", "accept", "accept-encoding", "connection", "user-agent", "x-api-key"}
        assert (headers["user-agent"], headers["accept"], headers["x-api-key"]) == (AGENT, "application/json", KEY)


# fields


@pytest.mark.parametrize(
    ("area", "number", "expected"),
    [
        ("0341", "123456", "+49 341 123456"),
        ("0341", "12 34 56-0", "+49 341 1234560"),
        ("+49 341", "123456", "+49 341 123456"),
        ("+49 (0) 341", "123456", "+49 341 123456"),
        ("(0341)", "123456", "+49 341 123456"),
        ("0049341", "123456", "+49 341 123456"),
        ("0341", "0341123456", "+49 341 123456"),
        ("03581", "1234", "+49 3581 1234"),
        ("0800", "1234567", "0800 1234567"),
        ("0151", "12345678", "+49 151 12345678"),
        # not safe: which part is the area code, which of two numbers, another country
        ("", "0341 123456", ""),
        ("341", "123456", ""),
        ("4935", "1123456", ""),
        ("0341", "", ""),
        ("0341", "12", ""),
        ("0341", "123456 oder 78", ""),
        ("0341", "123456/57", ""),
        ("0341", "+49 341 123456", ""),
        ("00351", "123456", ""),
        ("+48 71", "123456", ""),
        ("auf Anfrage", "123456", ""),
        ("0341", "123456789012", ""),
    ],
)
def test_phones_come_in_our_form_or_not_at_all(area: str, number: str, expected: str) -> None:
    assert phone(area, number) == expected
    assert expected == "" or re.fullmatch(r"\+49 [1-9]\d{1,4}( \d+)+|0800( \d+)+", expected)


@pytest.mark.parametrize(
    ("value", "amount"),
    [
        (0, "0.00"), ("0.0", "0.00"), ("1234.5", "1234.50"), (1234.56, "1234.56"), ("1.234,50", "1234.50"),
        ("99,9", "99.90"), (" 12 ", "12.00"), ("1.234", None), ("auf Anfrage", None), (-5, None), (True, None),
        (float("nan"), None), (float("inf"), None), ("1e99", None), ({"a": 1}, None),
    ],
)  # fmt: skip
def test_prices_are_read_or_left_out(value: Any, amount: str | None) -> None:
    assert price(value) == (None if amount is None else Decimal(amount))


@pytest.mark.parametrize(
    ("value", "currency", "funded", "cost", "free"),
    [
        ("1234.0", "EUR", False, "1234,00 EUR", False),
        ("1234.0", "EUR", True, "1234,00 EUR", False),
        ("0.0", "EUR", False, "0,00 EUR", True),
        (0, None, True, "", True),
        (None, "EUR", True, "", False),
        (12, None, False, "", False),
    ],
)
def test_free_is_what_costs_nothing_not_what_may_be_funded(
    setting: Setting, value: Any, currency: Any, funded: bool, cost: str, free: bool
) -> None:
    setting.server.courses["MB"] = [course(kostenWert=value, kostenWaehrung=currency, foerderung=funded)]
    service = setting.ask().services[0]
    assert (service.cost, service.free, "cost" in service.checked) == (cost, free, bool(cost))


@pytest.mark.parametrize(
    ("value", "code"), [(1067, "01067"), ("1067", "01067"), ("01067", "01067"), ("D-01067", ""), (67, ""), ("١٠٦٧", "")]
)
def test_saxon_postcodes_keep_their_zero(value: Any, code: str) -> None:
    found, _ = read({"_embedded": {"termine": [course(adresse__ortStrasse__plz=value)]}})
    assert found[0].adresse.ortStrasse.plz == code


@pytest.mark.parametrize(
    ("html", "text"),
    [
        ("<p>Montag - Freitag<br/>08:30 - 12:45 Uhr</p>", "Montag - Freitag 08:30 - 12:45 Uhr"),
        ("Sprach<b>kurs</b> f&uuml;r M&uuml;tter &amp; V&#228;ter", "Sprachkurs für Mütter & Väter"),
        ("<ul><li>A</li><li>B</li></ul>", "A B"),
        ("&lt;p&gt;doppelt &amp;amp; dreifach&lt;/p&gt;", "doppelt & dreifach"),
        ("<style>p {color: red}</style>Kurs<script>alert('x')</script>", "Kurs"),
        ("<!--[if gte mso 9]><xml>Normal 0 21</xml><![endif]-->Kurs <![if !supportLists]>· eins<![endif]>", "Kurs · eins"),
        ("weniger < 5 und > 3 Personen", "weniger < 5 und > 3 Personen"),
        ("Zeile\r\n\tzwei\u00a0drei\u00adzehn\u202e\x00", "Zeile zwei dreizehn"),
        ("<!-- kein Ende", ""),
        ("", ""),
    ],
)  # fmt: skip
def test_html_becomes_text(html: str, text: str) -> None:
    assert plain(html) == text


def test_long_texts_end_with_a_sentence() -> None:
    sentence = "Der Kurs ist z. B. für Eltern am 1. Januar gedacht. "
    text = (sentence * 10).strip()
    cut = shortened(text)
    assert cut == (sentence * 5).strip() and len(cut) <= 300
    assert shortened("kurz. Und noch kürzer") == "kurz. Und noch kürzer"
    words = shortened("Wort " * 100)
    assert len(words) <= 300 and words.endswith("Wort…")
    assert len(shortened("x" * 1000)) <= 300


@pytest.mark.parametrize(
    ("value", "address"),
    [
        ("https://a.example/x?y=1", "https://a.example/x?y=1"), ("www.a.example", "http://www.a.example"),
        (" http://a.example ", "http://a.example"), ("javascript:alert(1)", ""), ("a.example", ""),
        ("https://a.example b", ""), ("keine", ""), ("https://", ""),
    ],
)  # fmt: skip
def test_only_web_addresses_are_links(value: str, address: str) -> None:
    assert web_address(value) == address


def test_the_link_stands_in_for_a_missing_homepage(setting: Setting) -> None:
    none = {"link": None, "angebot__link": None}
    setting.server.courses["MB"] = [
        course(1, angebot__titel="A", angebot__bildungsanbieter__homepage=None),
        course(2, angebot__titel="B", **none),
        course(3, angebot__titel="C", angebot__bildungsanbieter__homepage=None, **none),
        course(4, angebot__titel="D", angebot__bildungsanbieter__email="keine"),
    ]
    by_id = {service.id: service for service in setting.ask().services}
    assert by_id["ba:1"].url == "https://www.example.org/kurs"
    assert by_id["ba:2"].source_url() == by_id["ba:2"].url == "https://www.example.org"
    assert (by_id["ba:3"].url, by_id["ba:3"].source_url(), "url" in by_id["ba:3"].checked) == ("", "", False)
    assert (by_id["ba:4"].email, "email" in by_id["ba:4"].checked) == ("", False)


# where


def where(plz: Any, town: str | None, land: str | None = "SAC") -> dict[str, Any]:
    return {"adresse__ortStrasse": {"plz": plz, "name": town, "land": {"code": land}}}


@pytest.mark.parametrize(
    ("address", "area"),
    [
        (where("01067", "Dresden"), ("dresden",)),
        (where("01067", "Dresden, Altstadt"), ("dresden",)),
        (where("01454", "Radeberg"), ("radeberg",)),  # two municipalities have this code
        (where("01454", "Irgendwo"), ()),
        (where(None, "Görlitz"), ("goerlitz",)),
        (where(None, "Neustadt"), ()),  # several
        (where(None, "Dresden-Neustadt"), ()),  # a quarter is no municipality
        (where(None, "Görlitz", "BB"), ()),  # not the one in Saxony
        (where("06108", "Halle (Saale)", "SAN"), ()),
        (where("07743", "Neustadt", "TH"), ()),
        (where("01067", "Dresden", None), ("dresden",)),
        ({"adresse": None}, ("dresden",)),  # found near Dresden is all that is known
    ],
)
def test_the_area_is_the_municipality(setting: Setting, address: dict[str, Any], area: tuple[str, ...]) -> None:
    setting.server.courses["MB"] = [course(1, **address)]
    assert setting.ask().services[0].area == area


@pytest.mark.parametrize(
    ("lat", "lon", "point"),
    [(51.05, 13.74, (51.05, 13.74)), ("51.05", "13.74", (51.05, 13.74)), (13.74, 51.05, (None, None)), (0, 0, (None, None)),
     (51.05, None, (None, None)), (float("nan"), 13.74, (None, None))],
)  # fmt: skip
def test_impossible_coordinates_are_none(lat: Any, lon: Any, point: tuple[Any, Any]) -> None:
    found, _ = read({"_embedded": {"termine": [course(adresse__koordinaten={"lat": lat, "lon": lon})]}})
    assert found[0].adresse.koordinaten.point == point


def test_the_directory_finds_them(setting: Setting) -> None:
    halle = where("06108", "Halle (Saale)", "SAN") | {"adresse__koordinaten": {"lat": 51.48, "lon": 11.97}}
    setting.server.courses["MB"] = [course(1, angebot__titel="Dort", **halle), course(2, adresse=None)]
    directory = Directory(setting.ask(place="leipzig").services, setting.gazetteer)
    found = directory.search(Query("german_course", setting.gazetteer.get("leipzig")), NOW)
    assert {match.service.id for match in found} == {"ba:1", "ba:2"}


# kinds of course


@pytest.mark.parametrize(
    ("title", "literacy"),
    [
        ("Integrationskurs mit Alphabetisierung", True),
        ("Alphabetisierungskurs für Frauen", True),
        ("ALPHA-KURS Modul 1", True),
        ("Integrationskurs für Zweitschriftlernende", True),
        ("Allgemeiner Integrationskurs", False),
        ("Integrationskurs der Alpha Akademie", False),
    ],
)
def test_literacy_courses_are_told_by_their_title(setting: Setting, title: str, literacy: bool) -> None:
    setting.server.courses["MB"] = [course(1, angebot__titel=title)]
    topics = ("literacy_course", "german_course") if literacy else ("german_course",)
    assert [s.topics for s in setting.ask().services] == [topics]
    # the same record, the same card, whichever question found it
    assert setting.ask("literacy_course").services == (setting.ask().services if literacy else ())
    assert len(setting.server.requests) == 1  # both questions are one request


def test_recognition_courses_have_their_own_kind(setting: Setting) -> None:
    setting.server.courses["MQ"] = [course(1, angebot__titel="Anpassungslehrgang Pflege mit Alphabetisierung")]
    service = setting.ask("recognition").services[0]
    assert (service.topics, service.kind) == (("recognition",), "recognition_office")
