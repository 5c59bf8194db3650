"""A directory that was taken over: it cannot name an emergency number, pose as a shelter, or change ours."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.directory.admission import (
    GUARDED_KINDS,
    GUARDED_TOPICS,
    TEXTS,
    admitted,
    carries,
    guarded,
    one_line,
    web_address,
)
from actions.directory.dialling import dear
from actions.directory.freshness import shown
from actions.directory.geo import Gazetteer
from actions.directory.hours import BERLIN
from actions.directory.model import Service, load_kinds, load_records, service_from_record
from actions.directory.search import Directory, Query
from actions.directory.sources.course_models import phone as course_phone
from actions.directory.sources.gather import Sources
from actions.directory.sources.handbook import Handbook
from actions.directory.sources.integreat_events import Happening
from actions.directory.sources.integreat_pages import PageLink
from actions.directory.sources.port import Wanted
from actions.directory.sources.registry import SourceSettings, build_sources, open_store
from actions.directory.validation import problems
from actions.knowledge.loader import load
from bot.settings import ROOT
from tests.fakes import hsds_server

DATA = ROOT / "data"
NOW = datetime(2026, 11, 23, 10, 0, tzinfo=BERLIN)
EVIL_PHONE, EVIL_URL = "+49 341 6666666", "https://evil.example/"
URGENT = ("emergency_medical", "emergency_violence", "crisis_suicide")


@pytest.fixture(scope="module")
def gazetteer() -> Gazetteer:
    return Gazetteer.load(DATA / "places.yml", DATA / "postcodes.yml")


@pytest.fixture(scope="module")
def records() -> list[Service]:
    return [service_from_record(record) for record in load_records(DATA / "services")]


@pytest.fixture
def directory(records: list[Service], gazetteer: Gazetteer) -> Directory:
    return Directory(records, gazetteer)


def theirs(**changes: Any) -> Service:
    base: dict[str, Any] = {
        "id": "hsds:feed:1",
        "name": "Treffpunkt",
        "topics": ("meet_people",),
        "kind": "meeting_place",
        "area": ("leipzig",),
        "city": "Leipzig",
        "phone": EVIL_PHONE,
        "url": EVIL_URL,
        "confidence": "high",
        "checked": dict.fromkeys(("name", "phone", "email", "url", "hours", "address", "description"), "2026-11-23"),
    }
    return Service(**{**base, **changes})


# Our own records of danger


def twins(service: Service) -> Iterator[Service]:
    """What a feed would say of one of our records to be taken for it, newer and with everything changed."""
    evil = {
        "phone": EVIL_PHONE,
        "url": EVIL_URL,
        "email": "a@evil.example",
        "hours": "24/7",
        "confidence": "high",
        "status": "active",
        "checked": dict.fromkeys(
            ("name", "organization", "phone", "email", "url", "hours", "address", "description"), "2026-11-23"
        ),
        "alert": "We have moved.",
    }
    for kind in (service.kind, "meeting_place", "social_counselling"):
        for status in ("active", "inactive", "defunct"):
            yield replace(service, id="hsds:feed:twin", **{**evil, "kind": kind, "status": status})
        # joined by the number instead of the name
        yield replace(service, id="hsds:feed:twin", **{**evil, "kind": kind, "phone": service.phone, "name": "Neu"})


def test_no_record_of_danger_is_changed(records: list[Service], gazetteer: Gazetteer) -> None:
    ours = [service for service in records if guarded(service)]
    assert len(ours) >= 60 and {"emergency_number", "womens_shelter", "helpline"} <= {s.kind for s in ours}
    directory = Directory(records, gazetteer)
    for service in ours:
        for twin in twins(service):
            directory.adopt("feed:all", [twin])
            assert directory.services[service.id] == service, twin.kind
            directory.drop("feed:all")
    assert directory.services == {service.id: service for service in records}


def test_other_records_may_be_brought_up_to_date(directory: Directory, records: list[Service]) -> None:
    """The guard is for danger: an office that has moved is still corrected by a source. What remains is said in docs."""
    office = next(
        s for s in records if s.kind == "immigration_office" and s.phone and s.active and s.confidence != "low"
    )
    twin = replace(office, id="hsds:feed:twin", url=EVIL_URL, checked={**office.checked, "url": "2026-11-23"})
    directory.adopt("feed:all", [twin])
    assert directory.services[office.id].url == EVIL_URL


# Posing as one


@pytest.mark.parametrize("kind", sorted(GUARDED_KINDS))
def test_a_kind_of_danger_does_not_come_in(directory: Directory, kind: str) -> None:
    before = dict(directory.services)
    directory.adopt("feed:all", [theirs(kind=kind, topics=("domestic_violence", "meet_people"))])
    assert directory.services == before


@pytest.mark.parametrize("topic", sorted(GUARDED_TOPICS))
def test_a_topic_of_danger_is_taken_off(directory: Directory, topic: str) -> None:
    assert admitted(theirs(topics=(topic,))) is None
    found = admitted(theirs(topics=(topic, "meet_people")))
    assert found is not None and found.topics == ("meet_people",)
    directory.adopt("feed:all", [theirs(topics=(topic, "meet_people"), name="Anlaufstelle")])
    matches = directory.search(Query(topic, directory.gazetteer.get("leipzig"), limit=500), NOW)
    assert "hsds:feed:1" not in {match.service.id for match in matches}


@pytest.mark.parametrize(
    "name",
    [
        "Frauenhaus Leipzig", "FRAUENHÄUSER", "Frauenschutzhaus", "Frauen-Schutzwohnung", "Männerschutzwohnung",
        "Schutzhaus", "Notruf", "Ärztlicher Notruf", "Hilfetelefon", "TelefonSeelsorge", "Krisentelefon", "Sorgentelefon",
        "Women's Shelter", "Womens refuge", "Safe house", "Emergency number", "Crisis line", "Helpline", "Fr\u00adauenhaus",
        "Frauen\u200bhaus", "Fr\u200dauenhaus", "Ｆｒａｕｅｎｈａｕｓ", "Fr\u0430uenhaus", "Notr\u03c5f",
    ],
)  # fmt: skip
def test_a_name_that_promises_safety_does_not_come_in(name: str) -> None:
    assert admitted(theirs(name=name)) is None
    assert admitted(theirs(organization=name)) is None


def test_every_guarded_word_is_one_of_ours() -> None:
    assert set(load_kinds(DATA / "services")) >= GUARDED_KINDS
    assert set(load(DATA / "articles", DATA / "knowledge").articles) >= GUARDED_TOPICS
    assert set(URGENT) <= GUARDED_TOPICS


def test_an_id_of_ours_cannot_be_taken(directory: Directory) -> None:
    before = dict(directory.services)
    directory.adopt("feed:all", [theirs(id="notruf-112")])
    assert directory.services == before


# Through the readers, from a real feed


def feed_record(**changes: Any) -> dict[str, Any]:
    text = (ROOT / "tests" / "contracts" / "hsds_feed" / "service_full.json").read_text("utf-8")
    return {**json.loads(text), **changes}


def adopt_from(records_: list[dict[str, Any]], directory: Directory, tmp_path: Path) -> None:
    with hsds_server.FakeHsds(records_) as feed:
        config = SourceSettings(store=tmp_path / "sources.sqlite", hsds_urls=(feed.base,))
        store = open_store(config)
        sources = Sources(build_sources(config, directory.gazetteer, lambda: NOW, store), directory)

        async def ask() -> None:
            await sources.refresh(Wanted("migration_counselling", directory.gazetteer.get("dresden"), "de"), 30.0)
            await sources.close()

        asyncio.run(ask())
        if store is not None:
            store.close()


def test_a_feed_that_was_taken_over(directory: Directory, tmp_path: Path) -> None:
    """It says to be the police, a shelter and a helpline, and has a record of harmless kind with hostile texts."""
    good = feed_record()
    before = dict(directory.services)
    bad = []
    for number, words in enumerate(
        ("emergency_violence", "womens_shelter", "helpline", "crisis_suicide", "Frauenhaus")
    ):
        record = deepcopy(good) | {"id": f"bad-{number}", "name": f"Hilfe {number}"}
        term = {"id": words, "code": words, "name": words, "taxonomy": "x"}
        record["attributes"] = [*record.get("attributes", ()), {"id": "t", "taxonomy_term": term}]
        bad.append(record)
    hostile = deepcopy(good) | {
        "id": "hostile",
        "name": "<b>Beratung</b> \u202eevil\u202c",
        "url": "javascript:alert(1)",
        "alert": "Ring 0900 123456 or http://evil.example",
        "email": "x@evil.example\r\nBcc: y@evil.example",
    }
    adopt_from([good, *bad, hostile], directory, tmp_path)
    come = {name: s for name, s in directory.services.items() if name not in before}
    assert come and {name: directory.services[name] for name in before if guarded(before[name])} == {
        name: s for name, s in before.items() if guarded(s)
    }
    for service in come.values():
        assert service.kind not in GUARDED_KINDS and GUARDED_TOPICS.isdisjoint(service.topics)
        for text in (getattr(service, name) for name in TEXTS):
            assert "<" not in text and "\u202e" not in text and "evil.example" not in text
        assert service.url == "" or service.url.startswith(("http://", "https://"))
        assert "\n" not in service.email
    for topic in URGENT:
        for place in (None, directory.gazetteer.get("dresden")):
            found = directory.search(Query(topic, place, limit=100), NOW)
            assert found and {m.service.id for m in found}.isdisjoint(come)


# Numbers that cost extra

DEAR = ["0900 123456", "+49 900 1234567", "0137 123456", "0180 5 123456", "+49 (0) 1805 123456", "11833", "118 33",
        "0049 900 123456", "01379 12345", "0190/123456", "+49(0)138 12345", "(0900) 12345"]  # fmt: skip
USUAL = ["110", "112", "115", "116117", "116 016", "0800 1110111", "+49 341 123456", "0341 9001234", "+49 371 180123",
         "+49 3501 547160", "0151 18011801", ""]  # fmt: skip


@pytest.mark.parametrize("number", DEAR)
def test_a_number_that_costs_extra_is_never_shown(number: str) -> None:
    assert dear(number)
    found = admitted(theirs(phone=number))
    assert found is not None and found.phone == ""
    ours = Service("x", "X", ("doctor",), "medical_practice", phone=number, checked={"phone": "2026-11"})
    assert not shown(ours, date(2026, 11, 23)).phone


@pytest.mark.parametrize("number", USUAL)
def test_usual_numbers_are(number: str) -> None:
    assert not dear(number)
    found = admitted(theirs(phone=number))
    assert found is not None and found.phone == number


@pytest.mark.parametrize(
    "number", ["+43 900 123456", "+881 612345678", "00882 16 12345", "tel:110", "*#06#", "a112", "+7 900 1"]
)
def test_numbers_abroad_and_what_is_none_are_left_out(number: str) -> None:
    found = admitted(theirs(phone=number))
    assert found is not None and found.phone == ""


def test_a_course_has_none(records: list[Service]) -> None:
    assert course_phone("0900", "123456") == "" and course_phone("01805", "123456") == ""
    assert course_phone("0341", "123456") == "+49 341 123456"
    assert not any(dear(service.phone) for service in records)


def test_the_directory_itself_may_not_hold_one() -> None:
    record = {"id": "x", "phone": "+49 900 1234567"}
    full = {
        "name": "X", "status": "active", "kind": "helpline", "topics": ["doctor"], "description": "x",
        "eligibility": {"description": "all"}, "area": ["leipzig"], "confidence": "high",
        "sources": [{"url": "https://x.example", "seen": "2026-11", "supports": ["phone"]}],
    }  # fmt: skip
    found = problems([{**full, **record}], {"helpline": {}}, {"doctor"}, {"leipzig"}, date(2026, 11, 23))
    assert [line for line in found if "costs extra" in line] == [
        "x: phone +49 900 1234567 costs extra and is never shown"
    ]


# Texts and addresses


@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)", "JAVASCRIPT:alert(1)", "data:text/html,x", "vbscript:x", "//evil.example", "ftp://x.example",
        "https://user:pw@evil.example/", "https://evil.example/\u202egpj", "https://evil.example/a b", "https://x.example/\"><b>",
        "https://evil.example\\@bank.example", "http://", "https:///x", "tel:0900123456", "https://x.example/" + "a" * 600,
    ],
)  # fmt: skip
def test_an_address_that_is_no_plain_link_is_left_out(url: str) -> None:
    assert web_address(url) == ""
    found = admitted(theirs(url=url, sources=({"url": url, "seen": "undated", "supports": ["name"]},)))
    assert found is not None and found.url == "" and found.source_url() == ""


@pytest.mark.parametrize(
    "text",
    [
        "Call 0900 123456",
        "+49 341 123456",
        "see www.evil.example",
        "https://evil.example",
        "a@evil.example",
        "Tel. 116016",
    ],
)
def test_a_name_with_a_number_or_an_address_does_not_come_in(text: str) -> None:
    assert carries(text)
    assert admitted(theirs(name=text)) is None
    found = admitted(theirs(alert=text, hours_note=text, address_1=text, city=text, organization=text))
    assert found is not None
    assert (found.alert, found.hours_note, found.address_1, found.city, found.organization) == ("", "", "", "", "")


HOSTILE_TEXT = st.text(st.characters(exclude_categories=("Cs",)), max_size=60) | st.sampled_from(
    [
        "<script>alert(1)</script>",
        "\u202e0900\u202c",
        "a\x00b",
        "{service}",
        "[x](javascript:y)",
        "&lt;b&gt;",
        "\u2066x",
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_whatever_a_source_says(data: st.DataObject) -> None:
    """Of every field: one line, nothing that turns text around, links that are links, no dear number, no danger."""
    texts = {name: data.draw(HOSTILE_TEXT) for name in (*TEXTS, "phone", "email", "url")}
    kind = data.draw(st.sampled_from(sorted(load_kinds(DATA / "services"))))
    topics = tuple(data.draw(st.lists(st.sampled_from([*GUARDED_TOPICS, "doctor", "school"]), max_size=3)))
    source = {"url": data.draw(HOSTILE_TEXT), "seen": "undated", "supports": ["name"]}
    found = admitted(theirs(**texts, kind=kind, topics=topics, sources=(source,)))
    if found is None:
        return
    assert not guarded(found) and found.name
    for name in TEXTS:
        text = getattr(found, name)
        assert all(c.isprintable() or c in "\u200c\u200d" for c in text) and text == one_line(text)
    assert not dear(found.phone) and (not found.phone or any(c.isdigit() for c in found.phone))
    assert found.url == "" or found.url.startswith(("http", "HTTP"))
    assert all(web_address(row["url"]) == row["url"] for row in found.sources)
    assert found.email == "" or (found.email.count("@") == 1 and found.email.isprintable())
    assert admitted(found) == found  # once is enough


def test_a_plain_record_is_handed_on_as_it_is() -> None:
    service = theirs()
    assert admitted(service) is service


# Pages and events


class Told:
    """A region's pages and events, as a taken-over CMS would have them."""

    def __init__(self, title: str, url: str = "https://integreat.app/x/") -> None:
        self.title, self.url = title, url

    async def find(self, wanted: Wanted, words: list[str], limit: int = 2) -> list[PageLink]:
        return [PageLink(self.title, self.url, "de", "2026-11-01", "Region\u202e")]

    async def happenings(self, wanted: Wanted, limit: int = 3) -> list[Happening]:
        return [Happening(self.title, NOW, None, False, "Ring 0900 123456", self.url)]

    async def close(self) -> None: ...


@pytest.mark.parametrize(
    ("title", "url", "shown_"),
    [
        ("Wohnen", "https://integreat.app/x/", "Wohnen"),
        ("<i>Woh</i>nen\u202e", "https://integreat.app/x/", "Woh nen"),
        ("Ruf 0900 123456", "https://integreat.app/x/", None),
        ("www.evil.example", "https://integreat.app/x/", None),
        ("Wohnen", "javascript:alert(1)", None),
    ],
)
def test_pages_and_events(title: str, url: str, shown_: str | None) -> None:
    told = Told(title, url)
    handbook = Handbook(told, told)

    async def ask() -> tuple[list[PageLink], list[Happening]]:
        wanted = Wanted("meet_people")
        return await handbook.pages(wanted, ["x"], 5.0), await handbook.events(wanted, 5.0)

    pages, events = asyncio.run(ask())
    assert [page.title for page in pages] == [event.title for event in events] == ([shown_] if shown_ else [])
    assert all(page.region == "Region" for page in pages) and all(event.place == "" for event in events)
