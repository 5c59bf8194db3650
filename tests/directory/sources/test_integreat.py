"""Integreat: which regions answer for a district, what of a place becomes a card, events, pages, and odd answers.

Captured answers of a real CMS are in tests/contracts/integreat; the fake server says how such a server behaves.
"""

from __future__ import annotations

import asyncio
import copy
import json
import logging
import re
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
import yaml

from actions.directory.geo import Gazetteer
from actions.directory.hours import BERLIN, state_at
from actions.directory.model import Service
from actions.directory.sources.contact import LARGE_CODES, email_address, phone_number, web_address
from actions.directory.sources.http import Fetcher, Unavailable
from actions.directory.sources.integreat import PHONE_ONLY, IntegreatSource
from actions.directory.sources.integreat_addresses import endpoint, public_url
from actions.directory.sources.integreat_categories import Categories
from actions.directory.sources.integreat_events import upcoming
from actions.directory.sources.integreat_fields import description, hours
from actions.directory.sources.integreat_models import Day, Event, Page, Poi, Region
from actions.directory.sources.integreat_pages import IntegreatPages, PageLink
from actions.directory.sources.integreat_regions import Regions, language_codes
from actions.directory.sources.port import Batch, Wanted
from actions.directory.sources.records import read
from actions.directory.sources.store import KEEP_DAYS, LastKnownGood
from actions.directory.sources.text import plain
from actions.directory.validation import PHONE, lost_slots
from tests.fakes.integreat_server import FAILURES, IntegreatServer, contract, serve

ROOT = Path(__file__).parents[3]
NOW = datetime(2026, 11, 24, 12, tzinfo=BERLIN)
LEIPZIG = "landkreis-leipzig"
TABLES = yaml.safe_load((ROOT / "data/integreat_categories.yml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(ROOT / "data" / "places.yml", ROOT / "data" / "postcodes.yml")


@pytest.fixture
def server() -> Iterator[IntegreatServer]:
    with serve() as running:
        yield running


class Client:
    """The source and the pages on a fake CMS, with a clock that a test moves."""

    def __init__(self, server: IntegreatServer, gazetteer: Gazetteer) -> None:
        self.server, self.gazetteer, self.now = server, gazetteer, NOW
        self.store = LastKnownGood(":memory:")
        self.source = IntegreatSource(self.fetcher("integreat"), gazetteer, lambda: self.now)
        self.pages = IntegreatPages(self.fetcher("integreat pages"), gazetteer, lambda: self.now)

    def fetcher(self, name: str) -> Fetcher:
        return Fetcher(
            name, self.server.url, self.store,
            headers={"X-Integreat-Development": "true"},  # keeps tests out of the statistics, were the server real
            clock=lambda: self.now.astimezone(timezone.utc), read_seconds=0.1 if self.server.mode == "slow" else 5,
        )  # fmt: skip

    def load(self, key: str = LEIPZIG, topic: str = "migration_counselling") -> Batch:
        async def run() -> Batch:
            try:
                return await self.source.load(key, Wanted(topic, self.gazetteer.get("grimma"), "ar"))
            finally:
                await self.source.close()

        return asyncio.run(run())

    def places(self, *pois: dict[str, Any]) -> list[Service]:
        """What these answers become, as if the region's list held nothing else."""
        self.server.lists["landkreisleipzig/de/locations"] = list(pois)
        self.now += timedelta(hours=2)
        return list(self.load().services)

    def find(self, words: list[str], language: str = "ar", place: str = "grimma", limit: int = 2) -> list[PageLink]:
        async def run() -> list[PageLink]:
            wanted = Wanted("out_of_scope", self.gazetteer.get(place), language)
            try:
                return await self.pages.find(wanted, words, limit)
            finally:
                await self.pages.close()

        return asyncio.run(run())


@pytest.fixture
def client(server: IntegreatServer, gazetteer: Gazetteer) -> Client:
    return Client(server, gazetteer)


def poi(**changes: Any) -> dict[str, Any]:
    """The first captured place with changes; those of `location` are made inside it."""
    found = copy.deepcopy(contract("locations_de")[0])
    found["location"].update(changes.pop("location", {}))
    return {**found, **changes}


def region(**changes: Any) -> dict[str, Any]:
    """A captured region with changes."""
    return {**copy.deepcopy(contract("regions")[1]), **changes}


# Places


def test_a_captured_place_becomes_a_service(client: Client) -> None:
    grimma, borna, wurzen, talks = client.load().services
    assert grimma == Service(
        id="integreat:landkreisleipzig:1",
        name="Migrationsberatung Grimma",
        topics=("migration_counselling",),
        kind="migration_counselling",
        confidence="high",
        description="kurz",
        area=("grimma", LEIPZIG),
        address_1="Markt 1",
        city="Grimma",
        postal_code="04668",
        latitude=51.2345,
        longitude=12.7256,
        phone="+49 3437 000000",
        email="beratung@example.org",
        url="https://example.org",
        hours='Mo 09:00-12:00; Tu 09:00-12:00,13:00-18:00; Th 14:00-17:30; Fr 09:00-11:30 unknown "by appointment"',
        wheelchair=True,
        checked=dict.fromkeys(["name", "description", "address", "phone", "email", "url", "hours"], "2026-11-22"),
        sources=(
            {
                "url": "https://integreat.app/landkreisleipzig/de/locations/place-0-de/",
                "seen": "2026-11-22",
                "remark": "Leipzig, Integreat, CC BY 4.0",
                "supports": ["name", "description", "address", "phone", "email", "url", "hours"],
            },
        ),
    )
    # Null hours are unknown, null barrier_free is unknown, and what is missing is not said to have been checked.
    assert (borna.hours, borna.by_appointment, borna.wheelchair, borna.phone) == ("", False, False, "")
    assert set(borna.checked) == {"name", "description", "address", "url"}
    assert borna.url == "https://integreat.app/landkreisleipzig/de/locations/place-1-de/"
    assert (wurzen.status, wurzen.hours, bool(wurzen.notes)) == ("inactive", "", True)
    # By appointment without a time: where to book goes before a website.
    assert (talks.hours, talks.by_appointment, talks.url) == ("", True, "https://example.org/termin")
    assert [s.area[0] for s in (borna, wurzen, talks)] == ["borna", "wurzen", "grimma"]


def test_a_batch_says_where_it_comes_from(client: Client) -> None:
    first = client.load()
    assert (first.key, first.origin, first.dropped, first.faults) == (LEIPZIG, "network", 0, ())
    assert first.as_of == NOW
    client.now += timedelta(minutes=59)
    assert client.load().origin == "fresh"
    client.now += timedelta(minutes=2)
    assert client.load().origin == "network"
    # Regions are kept for a day.
    assert [p.split("/")[3] for p in client.server.paths()] == ["regions", "landkreisleipzig", "landkreisleipzig"]


def test_the_id_stays_when_a_text_is_edited(client: Client) -> None:
    before = client.places(poi(id=1))
    after = client.places(poi(id=99, title="Migrationsberatung in Grimma"))
    assert [s.id for s in before] == [s.id for s in after] == ["integreat:landkreisleipzig:1"]
    assert client.places(poi(path="/landkreisleipzig/de/places/place-0-de/"))[0].id == before[0].id


def test_two_records_of_one_place_are_one_service(client: Client) -> None:
    assert len(client.places(poi(id=1), poi(id=2))) == 1


def test_a_text_in_another_language_is_not_passed_off_as_german(client: Client) -> None:
    # A null id under /de/: the region's own language is another one, and the CMS filled the gap with it.
    (service,) = client.places(poi(id=None, meta_description="short"))
    assert (service.description, service.name, service.phone) == ("", "Migrationsberatung Grimma", "+49 3437 000000")


def test_fallbacks_are_no_translations() -> None:
    for language in ("uk", "ar"):
        places, faults = read(Poi, contract(f"locations_{language}"))
        assert len(places) == 4 and not faults
        assert [(place.id, place.translations()) for place in places] == [(None, {"de"})] * 4
    samples, _ = read(Poi, contract("sample_locations"))
    assert samples[0].translations() == {"en", "ar"}  # "fa" is there with a null id


def test_addresses_for_people_are_encoded_and_on_the_public_host(client: Client) -> None:
    (service,) = client.places(poi(path="/landkreisleipzig/de/locations/مكتب-الأجانب/", website="", contacts=[]))
    assert service.url == service.sources[0]["url"]
    assert service.url.isascii() and service.url.startswith(
        "https://integreat.app/landkreisleipzig/de/locations/%D9%85"
    )
    assert "cms.example.org" not in service.url
    assert (
        public_url("/r/de/events/sprachcafe$2026-12-01/") == "https://integreat.app/r/de/events/sprachcafe$2026-12-01/"
    )
    assert public_url("/r/de/%D9%85/") == "https://integreat.app/r/de/%D9%85/"
    assert [
        public_url(path) for path in ("", "@evil.example/", "//evil.example/", "/r/../x/", "https://x.example/")
    ] == [""] * 5


OPTIONAL = [key for key in contract("locations_de")[0] if key not in ("location", "title")]
IN_LOCATION = [key for key in contract("locations_de")[0]["location"] if key != "id"]


@pytest.mark.parametrize("key", OPTIONAL)
@pytest.mark.parametrize("change", ["null", "missing"])
def test_every_optional_field_may_be_null_or_missing(client: Client, key: str, change: str) -> None:
    record = poi(**{key: None})
    if change == "missing":
        del record[key]
    (service,) = client.places(record)
    assert service.id == "integreat:landkreisleipzig:1" and service.topics


@pytest.mark.parametrize("key", IN_LOCATION)
def test_every_field_of_a_location_but_its_id_may_be_null(client: Client, key: str) -> None:
    (service,) = client.places(poi(location={key: None}))
    assert service.name == "Migrationsberatung Grimma"
    both = service.latitude is not None and service.longitude is not None
    assert both == (key not in ("latitude", "longitude"))
    assert (service.latitude is None) == (service.longitude is None)


def test_everything_optional_null_at_once(client: Client) -> None:
    record = {**dict.fromkeys(contract("locations_de")[0]), "title": "Migrationsberatung", "location": {"id": 5}}
    (service,) = client.places(record)
    assert service == Service(
        id="integreat:landkreisleipzig:5", name="Migrationsberatung", topics=("migration_counselling",),
        kind="migration_counselling", confidence="high", area=(LEIPZIG,),
        sources=({"url": "", "seen": "undated", "remark": "Leipzig, Integreat, CC BY 4.0", "supports": ["name"]},),
    )  # fmt: skip


def test_unknown_fields_are_ignored_everywhere(client: Client) -> None:
    def with_more(value: Any) -> Any:
        if isinstance(value, dict):
            return {**{key: with_more(entry) for key, entry in value.items()}, "new_in_2027": {"a": [1]}}
        return [with_more(entry) for entry in value] if isinstance(value, list) else value

    plain_answer = client.places(poi())
    client.server.regions = with_more(client.server.regions)
    client.now += timedelta(days=1)
    assert client.places(with_more(poi())) == plain_answer


BAD = [None, 3, "x", [], {}, {"title": "Frau Muster, 0341 999"}, poi(location={"id": None}), poi(location={"id": "id-abc"}),
       poi(location={"latitude": "north"}), {**poi(), "location": None}, {**poi(), "location": "Markt 1"},
       poi(title="", location={"name": None}), poi(temporarily_closed="perhaps"), poi(category="Beratung")]  # fmt: skip


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
def test_one_bad_record_is_dropped_and_counted(client: Client, bad: Any, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client.server.lists["landkreisleipzig/de/locations"] = [poi(), bad, *contract("locations_de")[1:]]
    batch = client.load()
    assert ([s.id[-1] for s in batch.services], batch.dropped, len(batch.faults)) == (["1", "2", "3", "4"], 1, 1)
    said = caplog.text + "".join(batch.faults)
    assert not any(word in said for word in ("Muster", "0341 999", "Markt", "Grimma", "north", "id-abc", "perhaps"))


@pytest.mark.parametrize(
    "change",
    [{"contacts": [None, "x", {"phone_number": "03437 1234"}]}, {"contacts": "none"}, {"opening_hours": "always"},
     {"opening_hours": [{"allDay": True}]}, {"opening_hours": [None] * 7}, {"last_updated": "yesterday"},
     {"last_updated": 20261122}, {"available_languages": {"en": None}}],
)  # fmt: skip
def test_an_odd_detail_costs_only_itself(client: Client, change: dict[str, Any]) -> None:
    (service,) = client.places(poi(**change))
    if "opening_hours" in change:
        assert (service.hours, service.by_appointment) == ("", False)
    if "last_updated" in change:
        assert (service.checked, service.sources[0]["seen"]) == ({}, "undated")


def test_a_date_is_saxonys_and_never_in_the_future(client: Client) -> None:
    assert client.places(poi(last_updated="2026-09-30T22:30:00Z"))[0].checked["name"] == "2026-10-01"
    assert client.places(poi(last_updated="2031-01-01T00:00:00+01:00"))[0].checked == {}


# Contacts


def contact(**values: str | None) -> dict[str, Any]:
    empty = dict.fromkeys(["area_of_responsibility", "name", "email", "phone_number", "mobile_number", "website"], "")
    return {**empty, "opening_hours": [], "appointment_url": None, **values}


GENERAL = contact(phone_number="03437 111111")
ASYLUM = contact(area_of_responsibility="Asyl", phone_number="03437 222222", email="asyl@example.org")


@pytest.mark.parametrize(
    ("contacts", "number", "email"),
    [
        ([GENERAL, ASYLUM], "+49 3437 111111", "haus@example.org"),  # a part's address is not the whole office's
        ([ASYLUM, GENERAL], "+49 3437 111111", "haus@example.org"),
        ([ASYLUM], "+49 3437 222222", "asyl@example.org"),
        ([], "+49 3437 333333", "haus@example.org"),
        (None, "+49 3437 333333", "haus@example.org"),  # servers before there were contacts
        ([contact(mobile_number="0151 2345678", phone_number=None)], "+49 151 2345678", "haus@example.org"),
        ([contact(phone_number="siehe Website"), GENERAL], "+49 3437 111111", "haus@example.org"),
        ([contact(email="", phone_number="", website="")], "+49 3437 333333", "haus@example.org"),
    ],
)
def test_contacts_go_before_the_fields_of_the_place(client: Client, contacts: Any, number: str, email: str) -> None:
    (service,) = client.places(poi(contacts=contacts, phone_number="03437 333333", email="haus@example.org"))
    assert (service.phone, service.email) == (number, email)


def test_names_of_contacts_are_nowhere(client: Client) -> None:
    cards = '<p>Beratung</p><div class="contact-card notranslate"><p>Erika Muster<br>0341 12345</p></div>'
    (service,) = client.places(poi(contacts=[contact(name="Erika Muster")], meta_description="", content=cards))
    assert "Muster" not in repr(service) and service.description == "Beratung"


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("+49 3437 000000", "+49 3437 000000"),
        ("+49 (0) 3500 000-0", "+49 3500 0000"),
        ("03437 / 98 48-1601", "+49 3437 98481601"),
        ("(0341) 123 45 67", "+49 341 1234567"),
        ("(+49 341) 12345", "+49 341 12345"),
        ("0049 341 12345", "+49 341 12345"),
        ("+49 0341 123456", "+49 341 123456"),
        ("0341 123456", "+49 341 123456"),
        ("+493411234567", "+49 341 1234567"),
        ("015123456789", "+49 151 23456789"),
        ("Tel.: 03437 12345 (Frau X)", "+49 3437 12345"),
        ("03437 12345 / 12346", "+49 3437 12345"),
        ("03437 12345 oder 0151 2345678", "+49 3437 12345"),
        ("0800 111 0 111", "0800 1110111"),
        ("116 117", "116117"),
        ("115", "115"),
        ("034379848", ""),  # 03437 9848 or 034379 848?
        ("+49 34 37 123456", ""),
        ("0180 5 12345", ""),
        ("0900 123456", ""),
        ("+48 22 123456", ""),
        ("12345", ""),
        ("siehe Website", ""),
        ("", ""),
        ("+49", ""),
    ],
)
def test_numbers_have_one_form_or_are_left_out(written: str, number: str) -> None:
    assert phone_number(written, LARGE_CODES) == number
    assert not number or PHONE.fullmatch(number)


def test_addresses_of_editors_are_checked() -> None:
    kept = ["https://example.org", "http://www.example.org/a?b=1", "https://example.org:8080/x"]
    assert [web_address(text) for text in kept] == kept
    for text in (
        "www.example.org",
        "javascript:alert(1)",
        "https://bank.example@evil.example/",
        "https://a b.example",
        "",
    ):
        assert web_address(text) == ""
    assert email_address(" Info@Example.ORG ") == "Info@example.org"
    assert [email_address(text) for text in ("info(at)example.org", "a@b", "a@b.de, c@d.de", "")] == [""] * 4


# Hours


def day(*slots: str, **flags: bool) -> dict[str, Any]:
    times = [dict(zip(("start", "end"), slot.split("-"), strict=True), timezone="Europe/Berlin") for slot in slots]
    return {"allDay": False, "closed": not slots and not flags, "appointmentOnly": False, "timeSlots": times, **flags}


SHUT, MORNING, BOOKED, BOOKED_MORNING = (
    day(), day("09:00-12:00"), day(appointmentOnly=True), day("09:00-12:00", appointmentOnly=True),
)  # fmt: skip


@pytest.mark.parametrize(
    ("week", "expression", "by_appointment"),
    [
        ([], "", False),
        ([SHUT] * 7, "", False),
        ([day(closed=False, allDay=False)] * 7, "", False),  # nothing entered
        ([MORNING] * 5 + [SHUT] * 2, "Mo-Fr 09:00-12:00", False),
        ([MORNING, SHUT, MORNING, MORNING, SHUT, SHUT, SHUT], "Mo 09:00-12:00; We-Th 09:00-12:00", False),
        ([day("13:00-18:00", "09:00-12:00")] + [SHUT] * 6, "Mo 09:00-12:00,13:00-18:00", False),
        ([day(allDay=True)] * 7, "Mo-Su 00:00-24:00", False),
        ([SHUT] * 6 + [day("10:00-11:00")], "Su 10:00-11:00", False),  # index 6 is Sunday
        ([BOOKED] * 5 + [SHUT] * 2, "", True),
        ([BOOKED_MORNING] * 2 + [SHUT] * 5, 'Mo-Tu 09:00-12:00 unknown "by appointment"', True),
        ([MORNING, BOOKED] + [SHUT] * 5, 'Mo 09:00-12:00; Tu unknown "by appointment"', False),
        ([day("09:00-12:00", closed=True)] + [SHUT] * 6, "", False),
        ([day("12:00-09:00")] + [MORNING] * 6, "", False),  # cannot be: then nothing is certain
        ([day("9-12")] + [MORNING] * 6, "", False),
        ([day("25:00-26:00")] + [MORNING] * 6, "", False),
    ],
)
def test_hours_become_one_expression(week: list[Any], expression: str, by_appointment: bool) -> None:
    assert hours([Day(**entry) for entry in week]) == (expression, by_appointment)
    if expression:
        state_at(expression, NOW)
        assert lost_slots(expression) == []


def test_a_slots_time_zone_counts() -> None:
    def in_zone(zone: str | None) -> list[Day]:
        slot = {"start": "09:00", "end": "12:00", "timezone": zone}
        return [Day(**{**MORNING, "timeSlots": [slot]})] * 7

    assert hours(in_zone(None)) == hours(in_zone("Europe/Berlin")) == ("Mo-Su 09:00-12:00", False)
    assert hours(in_zone("America/New_York")) == ("", False)


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ((2026, 11, 24, 10), "open"),  # Tuesday
        ((2026, 11, 24, 12), "closed"),
        ((2026, 11, 25, 10), "closed"),  # Wednesday
        ((2026, 11, 27, 10), "appointment"),
        ((2026, 12, 25, 10), "closed"),  # a Friday, but Christmas
    ],
)
def test_the_captured_hours_are_read_as_meant(client: Client, moment: tuple[int, ...], state: str) -> None:
    assert state_at(client.load().services[0].hours, datetime(*moment)).state == state  # type: ignore[arg-type]


def test_a_closed_place_has_no_hours_even_if_some_are_sent(client: Client) -> None:
    (service,) = client.places(poi(temporarily_closed=True))
    assert (service.active, service.hours, service.by_appointment) == (False, "", False)


# Texts


def test_blocks_of_a_text_do_not_grow_together() -> None:
    html = '<p>Text de <a href="x">Link</a></p><ul><li>kosten<b>los</b></li><li>ohne&nbsp;Termin</li></ul>Ende'
    assert plain(html) == "Text de Link kostenlos ohne Termin Ende"
    assert plain("<script>alert('x')</script>a<br>b<style>c</style><p>d") == "a b d"
    card = '<div class="contact-card"><p>Erika<br/>Muster</p><img src="x"></div>'
    assert plain(f"vorher {card}nachher") == "vorher nachher"
    assert plain("<div><p>nicht zu <b>Ende") == "nicht zu Ende"


def test_a_description_is_short_and_holds_no_number() -> None:
    assert description("Offen für alle. Rufen Sie an: 0341 / 12345. Kostenlos.") == "Offen für alle. Kostenlos."
    long = description("Wort " * 100)
    assert len(long) <= 300 and long.endswith("Wort…")


# Categories


@pytest.fixture(scope="module")
def categories() -> Categories:
    return Categories.load()


@pytest.mark.parametrize(
    ("title", "name", "icon", "kind", "topic"),
    [
        ("Kreisausländerbehörde", "Behörde/Amt", "office", "immigration_office", "residence_permit"),
        ("AUSLÄNDERBEHÖRDE", "", "", "immigration_office", "residence_permit"),
        ("Volkshochschule Muldental", "Bildung", "education", "adult_education_centre", "german_course"),
        ("Schuldnerberatung der AWO", "Beratung", "advice", "consumer_debt_advice", "debt_contracts"),
        ("Haus am Markt", "Beratung", "advice", "social_counselling", "migration_counselling"),
        ("Haus am Markt", "Eigener Name", "mental_health", "mental_health_service", "mental_health"),
        ("Haus am Markt", "Treffpunkt", "other", "meeting_place", "meet_people"),
        ("MBE Caritas", "", "", "migration_counselling", "migration_counselling"),
        ("Frauenschutzhaus Borna", "Beratung", "advice", "womens_shelter", "domestic_violence"),
        ("Jobcenter Grimma", "Behörde/Amt", "office", "job_centre", "social_benefits"),
    ],
)
def test_the_title_tells_more_than_the_category(
    categories: Categories, title: str, name: str, icon: str, kind: str, topic: str
) -> None:
    found = categories.of(title, name, icon)
    assert found is not None and (found.kind, found.topics[0]) == (kind, topic)


@pytest.mark.parametrize(
    ("title", "name", "icon"),
    [("Döner am Markt", "Gastronomie", "gastronomy"), ("Haus", "Behörde/Amt", "office"), ("Umbau", "", ""),
     ("Kunstraabe", "", ""), ("Besuchtes Haus", "", "")],
)  # fmt: skip
def test_what_tells_no_topic_is_not_guessed(categories: Categories, title: str, name: str, icon: str) -> None:
    assert categories.of(title, name, icon) is None


def test_what_has_no_topic_is_counted(client: Client) -> None:
    food = poi(title="Döner am Markt", category={"name": "Gastronomie", "icon": "gastronomy"}, location={"id": 7})
    client.server.lists["landkreisleipzig/de/locations"] = [food, poi(), {**food, "location": {"id": 8}}]
    batch = client.load()
    assert (len(batch.services), batch.dropped) == (1, 2)
    assert batch.faults == ("2 x no topic for the category Gastronomie",)


def test_the_tables_name_kinds_and_intents_that_exist() -> None:
    kinds = set(yaml.safe_load((ROOT / "data/services/kinds.yml").read_text(encoding="utf-8"))["kinds"])
    intents = {
        next(iter(i)) if isinstance(i, dict) else i
        for i in yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))["intents"]
    }
    rows = [*TABLES["titles"], *TABLES["names"].values(), *TABLES["icons"].values()]
    assert {row["kind"] for row in rows} <= kinds
    assert {topic for row in rows for topic in row["topics"]} <= intents
    assert all(row["topics"] for row in TABLES["titles"])


def test_every_word_of_the_table_finds_its_entry(categories: Categories) -> None:
    for row in TABLES["titles"]:
        for word in row["words"]:
            found = categories.of(f"Haus {word} Borna", "", "")
            assert found is not None and found.topics[0] == row["topics"][0], word


def test_the_door_of_a_shelter_is_not_passed_on(client: Client) -> None:
    (service,) = client.places(poi(title="Frauenhaus Grimma"))
    assert (service.address_1, service.postal_code, service.latitude, service.longitude) == ("", "", None, None)
    assert (service.phone, service.eligibility.gender) == ("+49 3437 000000", "women")
    assert "address" not in service.checked and "address" not in service.sources[0]["supports"]


# Regions


def test_only_the_districts_own_region_is_asked(client: Client) -> None:
    # Both captured regions claim Borna and Grimma as aliases, and one is just called "Leipzig".
    assert [s.id for s in client.load("landkreis-goerlitz").services] == []
    assert client.load("leipzig").services == ()
    assert [s.city for s in client.load(LEIPZIG).services] == ["Grimma", "Borna", "Wurzen", "Grimma"]
    assert client.server.paths() == [
        "/api/v3/regions/", "/api/v3/landkreisgoerlitz/de/locations/", "/api/v3/landkreisleipzig/de/locations/",
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("changes", "districts"),
    [
        ({}, {LEIPZIG}),
        ({"plz": ""}, {LEIPZIG}),  # the slug says "landkreis"
        ({"path": "x", "aliases": {}}, {LEIPZIG}),  # the code of Borna
        ({"path": "x", "plz": "", "aliases": {}}, set()),  # city or district? not guessed
        ({"path": "x", "plz": ""}, {LEIPZIG}),  # Borna and Grimma lie in one
        ({"path": "x", "plz": "", "name": "?", "aliases": json.dumps({"Borna": None, "Grimma": {}})}, {LEIPZIG}),
        ({"path": "x", "plz": "", "name": "?", "aliases": {"Borna": None}}, set()),
        ({"path": "x", "plz": "", "name": "?", "aliases": {"Borna": None, "Bautzen": None}}, set()),
        ({"path": "x", "plz": "", "name": "?", "aliases": None}, set()),
        ({"path": "x", "plz": "", "name": "?", "aliases": "garbage"}, set()),
        ({"path": "x", "plz": "04103", "name": "Stadt Leipzig", "prefix": "Stadt"}, {"leipzig"}),
        ({"path": "x", "plz": "04103", "name": "Landkreis Leipzig"}, {LEIPZIG}),  # its office is in the city
        ({"path": "x", "plz": "", "name": "Stadt und Landkreis Leipzig"}, {"leipzig", LEIPZIG}),
        ({"path": "x", "plz": "", "name": "Landkreis Meissen"}, {"landkreis-meissen"}),
        ({"path": "x", "plz": "", "name": "Meißen", "prefix": "Landkreis"}, {"landkreis-meissen"}),
        ({"path": "x", "plz": "", "name": "Erzgebirgskreis"}, {"erzgebirgskreis"}),
        ({"path": "x", "plz": "", "name": "Vogtlandkreis"}, {"vogtlandkreis"}),
        ({"path": "x", "plz": "", "name": "Große Kreisstadt Döbeln", "aliases": {}}, {"landkreis-mittelsachsen"}),
        ({"path": "x", "plz": "09573", "name": "Mittelsachsen", "prefix": "Landkreis"}, {"landkreis-mittelsachsen"}),
    ],
)
def test_a_region_is_known_by_code_name_and_places(
    gazetteer: Gazetteer, changes: dict[str, Any], districts: set[str]
) -> None:
    row = region(**changes)
    row["name_without_prefix"] = "" if "name" in changes else row["name_without_prefix"]
    (found,), _ = read(Region, [row])
    assert Regions(None, gazetteer).districts(found) == districts  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "saxon"),
    [
        ({}, True),
        ({"latitude": None, "longitude": None}, True),
        ({"plz": ""}, True),
        ({"plz": "", "latitude": None}, False),
        ({"plz": "86150", "latitude": 48.37, "longitude": 10.9}, False),
        ({"plz": "", "latitude": 50.1, "longitude": 12.0}, True),  # within the margin
        ({"plz": "", "latitude": 49.9, "longitude": 12.0}, False),
    ],
)
def test_a_region_lies_in_saxony_by_code_or_point(gazetteer: Gazetteer, changes: dict[str, Any], saxon: bool) -> None:
    # Its bounding box says nothing: unset it is that of Germany, as in the captured answer.
    assert Regions(None, gazetteer).saxon(Region(**region(**changes))) is saxon  # type: ignore[arg-type]


@pytest.mark.parametrize(
    "changes",
    [{"live": False}, {"pois": False}, {"live": None}, {"path": "../admin"}, {"path": "a/b"}, {"path": "ä"}, {"name": None},
     {"plz": "86150", "latitude": 48.37, "longitude": 10.9}, {"languages": []}, {"languages": None}],
)  # fmt: skip
def test_a_region_that_is_hidden_elsewhere_or_odd_is_not_asked(client: Client, changes: dict[str, Any]) -> None:
    client.server.regions = [region(**changes), None, "x"]
    assert client.load().services == ()
    assert client.server.paths() == ["/api/v3/regions/"]


@pytest.mark.parametrize(
    "key", [k for k in contract("regions")[1] if k not in ("name", "path", "live", "pois", "languages")]
)
def test_every_optional_field_of_a_region_may_be_null(client: Client, key: str) -> None:
    client.server.regions = [region(**{key: None})]
    assert len(client.load().services) == 4


def test_the_samples_region_is_found_and_the_hidden_one_is_not(client: Client) -> None:
    client.server.regions = contract("sample_regions")
    client.server.lists["musterkreis/de/locations"] = contract("sample_locations")
    office, clothes, shelter = client.load("landkreis-bautzen").services
    assert (office.phone, office.email) == ("+49 3500 0002", "abh@example.org")
    assert office.hours == 'Mo 09:00-12:00; Tu 09:00-12:00,13:00-18:00; We unknown "by appointment"; Th 09:00-12:00'
    assert office.organization == "Landratsamt Musterkreis"
    assert (clothes.active, clothes.latitude, clothes.topics) == (False, None, ("food_clothes",))
    assert (shelter.hours, shelter.topics) == ("Mo-Su 00:00-24:00", ("emergency_shelter",))
    assert client.server.paths()[1:] == ["/api/v3/musterkreis/de/locations/"]


def test_a_town_serves_itself_and_a_district_its_towns(client: Client) -> None:
    assert client.places(poi())[0].area == ("grimma", LEIPZIG)
    # An office outside: it serves the region, not the city it is in.
    assert client.places(poi(location={"town": "Leipzig", "postcode": "04103"}))[0].area == (LEIPZIG,)
    client.server.regions = [region(name="Stadt Grimma", prefix="Stadt", name_without_prefix="Grimma", plz="04668")]
    client.now += timedelta(days=1)
    assert client.places(poi())[0].area == ("grimma",)


def test_coordinates_are_both_or_neither_and_in_germany(client: Client) -> None:
    for where in ({"latitude": 0.0, "longitude": 0.0}, {"latitude": 12.7, "longitude": 51.2}, {"longitude": None}):
        (service,) = client.places(poi(location=where))
        assert (service.latitude, service.longitude) == (None, None)


def test_one_region_out_of_reach_does_not_empty_the_others(client: Client) -> None:
    client.server.regions.append(region(path="grimma", name="Stadt Grimma", plz="04668"))
    client.server.mode, client.server.failing = "500", "/grimma/de/locations/"
    batch = client.load()
    assert (len(batch.services), batch.origin) == (4, "stale")  # not whole: to be asked again soon
    client.server.failing = "/locations/"
    fresh = Client(client.server, client.gazetteer)
    with pytest.raises(Unavailable):
        fresh.load()


def test_who_is_asked_for_what(gazetteer: Gazetteer) -> None:
    source = IntegreatSource(None, gazetteer, lambda: NOW)  # type: ignore[arg-type]

    def key(place: str | None, topic: str = "doctor") -> str | None:
        return source.key(Wanted(topic, gazetteer.get(place)))

    assert [key("grimma"), key(LEIPZIG), key("leipzig"), key("dresden-neustadt")] == [
        LEIPZIG,
        LEIPZIG,
        "leipzig",
        "dresden",
    ]
    assert [key(None), key("sachsen"), key("deutschland")] == [None] * 3
    assert {key("grimma", topic) for topic in PHONE_ONLY} == {None}


# Requests and failures


def test_requests_hold_region_language_and_fixed_words_only(client: Client, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    client.server.lists["landkreisleipzig/de/children"] = contract("sample_children")
    client.load(topic="domestic_violence")
    client.find(["mein Mann schlägt mich", "Hilfe"], "fa")
    client.find(["تعلم"], "ar")
    asyncio.run(client.source.events("landkreisleipzig", "de"))
    allowed = re.compile(
        r"/api/v3/(regions/|landkreisleipzig/(de|en|fa|ar|uk)/(locations/|events/|pages/|children/\?depth=20))"
    )
    assert len(client.server.requests) >= 6
    for path, headers in client.server.requests:
        assert allowed.fullmatch(path), path
        # Set by these tests alone: the product must not hide from the operator's statistics.
        assert headers.pop("x-integreat-development") == "true"
        assert set(headers) <= {"host", "accept", "accept-encoding", "connection", "user-agent"}
        assert not re.search("schl|Mann|domestic|grimma", str(headers))
    assert not re.search("schl|Mann|domestic|Grimma|Markt", caplog.text)


def test_the_product_does_not_send_the_development_header() -> None:
    files = (ROOT / "actions").rglob("*.py")
    assert not [path.name for path in files if "X-Integreat-Development" in path.read_text(encoding="utf-8")]


def test_slugs_from_outside_cannot_change_a_path() -> None:
    assert endpoint("landkreisleipzig", "fa-af", "locations") == "/api/v3/landkreisleipzig/fa-af/locations/"
    for slug in ("a/b", "..", "a?b", "a#b", "", "ä", "a b", "a\n"):
        with pytest.raises(ValueError):
            endpoint(slug, "de", "locations")
        with pytest.raises(ValueError):
            endpoint("r", slug, "locations")


@pytest.mark.parametrize("mode", [*FAILURES, "slow", "refused"])
@pytest.mark.parametrize("failing", ["/regions/", "/locations/"])
def test_what_is_no_answer_gives_the_last_good_one(
    server: IntegreatServer, gazetteer: Gazetteer, mode: str, failing: str
) -> None:
    client = Client(server, gazetteer)
    good = client.load()
    if mode == "refused":
        server.url, server.failing = "http://127.0.0.1:9", ""
    else:
        server.mode, server.failing = mode, failing
    again = Client(server, gazetteer)
    again.store, again.now = client.store, NOW + timedelta(days=1, hours=1)
    again.source = IntegreatSource(again.fetcher("integreat"), gazetteer, lambda: again.now)
    stale = again.load()
    assert (stale.origin, stale.services) == ("stale", good.services)
    assert stale.as_of == (NOW if failing == "/locations/" or mode == "refused" else again.now)
    again.now = NOW + timedelta(days=KEEP_DAYS, hours=1)
    with pytest.raises(Unavailable):
        Client(server, gazetteer).load()


@pytest.mark.parametrize(("region_slug", "language"), [("nowhere", "de"), ("landkreisleipzig", "xx")])
def test_an_unknown_region_or_language_is_a_404(client: Client, region_slug: str, language: str) -> None:
    with pytest.raises(Unavailable, match="404"):
        asyncio.run(client.source.events(region_slug, language))
    assert len(client.server.requests) == 1  # not tried twice


def test_without_its_last_slash_a_path_is_a_redirect(client: Client) -> None:
    async def ask(path: str) -> Any:
        return (await client.fetcher("x").json(path, ttl=1, shape=list)).value

    with pytest.raises(Unavailable, match="301"):
        asyncio.run(ask("/api/v3/landkreisleipzig/de/locations"))
    assert len(asyncio.run(ask("/api/v3/landkreisleipzig/de/locations/"))) == 4


def test_the_fake_answers_as_captured(client: Client) -> None:
    def status(path: str) -> tuple[int, Any]:
        code, _, body = client.server.answer(path)
        return code, json.loads(body) if body else ""

    base = "/api/v3/landkreisleipzig"
    assert status(f"{base}/de/locations/?on_map=2") == (400, contract("bad_parameter"))
    assert status(f"{base}/de/locations/?on_map=1") == (200, contract("locations_de_on_map"))
    assert status(f"{base}/xx/locations/") == (404, contract("unknown_language"))
    assert status("/api/v3/nowhere/de/locations/") == (404, contract("unknown_region"))
    assert status(f"{base}/de/pages/") == (500, contract("pages_server_error"))
    assert status(f"{base}/languages/") == (200, contract("languages"))
    assert status(f"{base}/de/events/") == (200, contract("events_none"))
    assert status(f"{base}/de/locations") == (301, "")


def test_places_off_the_map_are_wanted_too(client: Client) -> None:
    on_map = {row["location"]["id"] for row in contract("locations_de_on_map")}
    assert {s.id.rpartition(":")[2] for s in client.load().services} - {str(i) for i in on_map} == {"4"}


# Events


def event(start: str | None, end: str | None = None, **changes: Any) -> dict[str, Any]:
    found = copy.deepcopy(contract("sample_events_expanded")[0])
    found["event"].update({"start": start, "end": end, **changes.pop("event", {})})
    return {**found, **changes}


def test_a_recurring_event_keeps_its_hour_across_the_end_of_summer_time(client: Client) -> None:
    # As the server expands it: the hour on the wall stays, the offset changes on 25 October.
    dates = [("2026-10-20", "+02:00"), ("2026-10-27", "+01:00"), ("2026-11-03", "+01:00")]
    client.now = datetime(2026, 10, 19, 12, tzinfo=BERLIN)
    client.server.lists["landkreisleipzig/de/events"] = [
        event(f"{on}T15:00:00{offset}", f"{on}T17:00:00{offset}", path=f"/r/de/events/cafe${on}/")
        for on, offset in reversed(dates)
    ]
    found = asyncio.run(client.source.events("landkreisleipzig", "de"))
    assert [f.start.isoformat() for f in found] == [f"{on}T15:00:00{offset}" for on, offset in dates]
    assert all(f.start.tzinfo is BERLIN and f.end is not None and f.end - f.start == timedelta(hours=2) for f in found)
    utc = [f.start.astimezone(timezone.utc).hour for f in found]
    assert utc == [13, 14, 14]
    assert found[0].url == "https://integreat.app/r/de/events/cafe$2026-10-20/"
    assert client.server.paths() == ["/api/v3/landkreisleipzig/de/events/"]  # never combine_recurring


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2026-03-28T23:30:00Z", "2026-03-29T00:30:00+01:00"),
        ("2026-03-29T01:30:00Z", "2026-03-29T03:30:00+02:00"),  # there is no half past two that night
        ("2026-10-25T00:30:00Z", "2026-10-25T02:30:00+02:00"),
        ("2026-10-25T01:30:00Z", "2026-10-25T02:30:00+01:00"),  # half past two for the second time
        ("2026-07-01T15:00:00", "2026-07-01T15:00:00+02:00"),  # without an offset: Saxony's
        ("2026-07-01T09:00:00-04:00", "2026-07-01T15:00:00+02:00"),
    ],
)
def test_times_are_saxonys(start: str, expected: str) -> None:
    (found,) = upcoming([event(start)], datetime(2026, 1, 1, tzinfo=BERLIN))
    assert found.start.isoformat() == expected


def test_what_is_over_or_unreadable_is_left_out() -> None:
    rows = [
        event("2026-11-24T09:00:00+01:00", "2026-11-24T11:00:00+01:00", title="over"),
        event("2026-11-24T09:00:00+01:00", "2026-11-24T13:00:00+01:00", title="now"),
        event("2026-11-24T00:00:00+01:00", "2026-11-24T00:00:00+01:00", title="all day", event={"all_day": True}),
        event("2026-11-23T00:00:00+01:00", None, title="yesterday", event={"all_day": True}),
        event(None, title="no time"),
        event("2026-11-26T10:00:00+01:00", "2026-11-26T09:00:00+01:00", title="odd end"),
        {"title": "no event"},
        None,
    ]
    found = upcoming(rows, NOW)
    assert [(f.title, f.all_day) for f in found] == [("all day", True), ("now", False), ("odd end", False)]
    assert found[2].end is None


def test_an_event_may_have_no_place() -> None:
    found = {f.title: f.place for f in upcoming(contract("sample_events_combine_recurring"), NOW)}
    assert found == {"Sprachcafé": "Begegnungscafé, Musterstraße 3, Musterstadt", "Online-Beratung": ""}
    (bare,) = upcoming([event("2026-12-01T15:00:00+01:00", location=None)], NOW)
    assert bare.place == ""


def test_every_optional_field_of_an_event_may_be_null() -> None:
    full = event("2026-12-01T15:00:00+01:00", "2026-12-01T17:00:00+01:00")
    for key in [key for key in full if key not in ("title", "event")]:
        assert len(upcoming([{**full, key: None}], NOW)) == 1
    for key in [key for key in full["event"] if key != "start"]:
        assert len(upcoming([event(full["event"]["start"], event={key: None})], NOW)) == 1
    assert not read(Event, [full])[1]


# Pages


def page(title: str, text: str = "", number: int | None = 1, path: str = "", **changes: Any) -> dict[str, Any]:
    found = copy.deepcopy(contract("sample_children")[1])
    content = f"<p>{text}</p>"
    path = path or f"/landkreisleipzig/de/{title.split()[0].lower()}/"
    return {**found, "id": number, "title": title, "content": content, "excerpt": text, "path": path, **changes}


HANDBOOK = [
    page("Fischereischein", "Wer angeln will, braucht eine Prüfung und einen Schein vom Amt."),
    page("Abfall und Mülltrennung", "Es gibt eine gelbe Tonne und eine Tonne für Papier. Das Amt hilft."),
    page("Rundfunkbeitrag", "Jeder Haushalt bezahlt für Radio und Fernsehen. Das Amt hilft."),
    page("Schwimmbäder", "Im Sommer ist das Freibad offen. Das Amt hilft."),
    page("Hunde", "Für einen Hund bezahlt man Steuer beim Amt."),
]


@pytest.mark.parametrize(
    ("words", "titles"),
    [
        (["Wo mache ich einen Fischereischein?"], ["Fischereischein"]),
        (["fischereischeine"], ["Fischereischein"]),
        (["fischereishein"], ["Fischereischein"]),  # mistyped
        (["Müll", "Mülltrennung"], ["Abfall und Mülltrennung"]),
        (["angeln", "Prüfung"], ["Fischereischein"]),
        (["Jagdschein"], []),
        (["wer", "will", "einen", "Jagdhund", "vom", "Mond"], []),  # common words alone are no hit
        (["?!"], []),
        ([], []),
    ],
)
def test_a_page_is_found_by_its_words(client: Client, words: list[str], titles: list[str]) -> None:
    client.server.lists["landkreisleipzig/de/children"] = HANDBOOK
    assert [link.title for link in client.find(words, "de")] == titles


def test_a_link_says_where_it_leads(client: Client) -> None:
    assert client.find(["تعلم", "الألمانية"]) == [
        PageLink(
            title="تعلم الألمانية",
            url="https://integreat.app/landkreisleipzig/ar/%D8%AA%D8%B9%D9%84%D9%85-%D8%A7%D9%84%D8%A3%D9%84%D9%85%D8%A7%D9%86%D9%8A%D8%A9/",
            language="ar",
            updated="2026-11-22",
            region="Leipzig",
        )
    ]


def test_no_more_links_than_asked_for_and_the_best_first(client: Client) -> None:
    client.server.lists["landkreisleipzig/de/children"] = [
        *HANDBOOK, page("Freibad Borna", "Freibad"), page("Hallen", "Freibad", path="/landkreisleipzig/de/b/")
    ]  # fmt: skip
    assert [link.title for link in client.find(["Freibad"], "de", limit=2)] == ["Freibad Borna", "Hallen"]
    assert len(client.find(["Freibad"], "de", limit=1)) == 1


def test_another_language_comes_only_when_the_first_has_nothing(client: Client) -> None:
    client.server.lists["landkreisleipzig/en/children"] = [page("Fishing licence Fischereischein", number=2)]
    client.server.lists["landkreisleipzig/de/children"] = HANDBOOK
    assert [link.language for link in client.find(["Fischereischein"])] == ["en"]
    assert [link.language for link in client.find(["Mülltrennung"])] == ["de"]
    assert [link.language for link in client.find(["تعلم"])] == ["ar"]


def test_a_fallback_page_is_not_offered_as_a_translation(client: Client) -> None:
    # The CMS lists the German page under /ar/, with a null id.
    german = page("Fischereischein")
    client.server.lists["landkreisleipzig/ar/children"] = [{**german, "id": None, "path": "/landkreisleipzig/ar/f/"}]
    client.server.lists["landkreisleipzig/de/children"] = [german]
    assert [(link.language, link.url[-19:]) for link in client.find(["Fischereischein"])] == [
        ("de", "de/fischereischein/")
    ]


def codes(*visible: str) -> Region:
    return Region(**region(languages=[{"code": code} for code in visible]))


@pytest.mark.parametrize(
    ("language", "visible", "expected"),
    [
        ("fa", ["de", "fa-af", "fa", "en"], [("fa", "fa"), ("fa", "fa-af"), ("en", "en"), ("de", "de")]),
        ("fa", ["de", "prs"], [("fa", "prs"), ("de", "de")]),
        ("ku", ["de", "kmr", "ckb"], [("ku", "kmr"), ("de", "de")]),
        ("ckb", ["ku", "ckb", "de"], [("ckb", "ckb"), ("de", "de")]),
        ("sr", ["sr-cyrl", "de"], [("sr", "sr-cyrl"), ("de", "de")]),
        ("uk", ["de-si", "de", "en"], [("en", "en"), ("de", "de"), ("de", "de-si")]),
        ("de", ["de-si", "de"], [("de", "de"), ("de", "de-si")]),
        ("en", ["en", "de"], [("en", "en"), ("de", "de")]),
        ("pt", ["PT-BR", "de"], [("pt", "PT-BR"), ("de", "de")]),
        ("ti", [], []),
    ],
)
def test_codes_of_a_region_are_tried_in_order(
    language: str, visible: list[str], expected: list[tuple[str, str]]
) -> None:
    assert language_codes(language, codes(*visible)) == expected


def test_the_tree_comes_whole_and_is_kept_for_six_hours(client: Client) -> None:
    client.server.lists["landkreisleipzig/de/children"] = HANDBOOK
    client.find(["Hunde"], "de")
    asked = len(client.server.requests)
    client.now += timedelta(hours=5)
    assert client.find(["Rundfunkbeitrag"], "de") and len(client.server.requests) == asked
    client.now += timedelta(hours=2)
    assert client.find(["Hunde"], "de") and len(client.server.requests) == asked + 1


def test_a_list_that_fails_is_replaced_by_the_other(client: Client) -> None:
    # Captured: `pages/` answered 500 on a server whose `children/` worked; the opposite may happen as well.
    client.server.lists["landkreisleipzig/de/children"] = HANDBOOK
    assert client.find(["Hunde"], "de")
    client.server.broken = {"landkreisleipzig/de/children"}
    client.server.lists["landkreisleipzig/de/pages"] = HANDBOOK
    assert Client(client.server, client.gazetteer).find(["Hunde"], "de")


@pytest.mark.parametrize("mode", ["500", "html", "truncated", "huge", "404"])
def test_pages_out_of_reach_are_no_error(client: Client, mode: str) -> None:
    client.server.lists["landkreisleipzig/de/children"] = HANDBOOK
    client.server.mode = mode
    assert client.find(["Hunde"], "de") == []
    client.server.mode = ""
    client.now += timedelta(minutes=2)
    fine = Client(client.server, client.gazetteer)
    assert [link.title for link in fine.find(["Hunde"], "de")] == ["Hunde"]
    # Later its last good answer goes on answering.
    fine.server.mode = mode
    fine.now += timedelta(hours=7)
    assert [link.title for link in fine.find(["Hunde"], "de")] == ["Hunde"]


def test_no_place_no_pages(client: Client) -> None:
    assert client.find(["Hunde"], "de", place="nowhere") == []
    assert client.server.requests == []


def test_odd_pages_are_left_out(client: Client) -> None:
    broken: list[Callable[[], Any]] = [lambda: None, lambda: {"title": {}}, lambda: page("Hunde", path="no path")]
    client.server.lists["landkreisleipzig/de/children"] = [
        *(make() for make in broken),
        *HANDBOOK,
        page(" ", path="/a/de/b/"),
    ]
    assert [link.url for link in client.find(["Hunde"], "de")] == ["https://integreat.app/landkreisleipzig/de/hunde/"]
    assert not read(Page, contract("sample_children") + contract("children_ar"))[1]
