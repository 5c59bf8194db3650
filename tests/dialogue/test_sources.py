"""The same question with each source on, off, slow, lying and down: the exact cards, through the whole assistant."""

from __future__ import annotations

import asyncio
import dataclasses
import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from actions.directory.hours import BERLIN
from actions.directory.sources.gather import Sources
from actions.directory.sources.registry import build_handbook, build_sources, open_store
from bot.launcher import build_agent
from bot.quality.lines import Talker
from bot.resources_wiring import upstreams
from bot.settings import Settings
from tests.fakes import course_server, hsds_server, integreat_server

NOW = datetime(2026, 11, 23, 10, 0, tzinfo=BERLIN)
SECRET_WORDS = "meine Nichte Sahar"
QUESTIONS = {
    "integreat": f"Wo finde ich eine Migrationsberatung in Grimma? {SECRET_WORDS} fragt",
    "hsds": f"Wo finde ich eine Migrationsberatung in Grimma? {SECRET_WORDS} fragt",
    "course_search": f"Gibt es einen Berufssprachkurs in Dresden für {SECRET_WORDS}?",
}
LYING = {
    "integreat": ["html", "empty", "truncated", "huge", "object", "404", "429", "500"],
    "hsds": ["html", "empty", "truncated", "huge", "garbage", "shape", "404", "429", "500"],
    "course_search": ["html", "empty", "truncated", "huge", "list", "error object", "403", "429", "500"],
}
CONTRACTS = Path(__file__).parents[1] / "contracts"


class World:
    """One assistant and three upstreams; `switch` turns sources on afresh, with an empty or the same store."""

    def __init__(self, folder: Path, upstream: dict[str, Any]) -> None:
        self.loop, self.folder, self.upstream = asyncio.new_event_loop(), folder, upstream
        self.number = self.people = 0
        self.settings = dataclasses.replace(Settings.from_env({}), data_dir=folder, secret="source-tests-secret")
        self.now = NOW
        self.agent = build_agent(self.settings, clock=lambda: self.now)
        self.talker = Talker(self.agent, self.settings.secret_bytes())
        self.resources = self.agent.resources  # type: ignore[attr-defined]

    def switch(self, name: str = "", address: str = "", fresh: bool = True) -> None:
        """Only this source is on, at this address; nothing of earlier ones is remembered but the store."""
        if self.resources.sources is not None:
            self.loop.run_until_complete(self.resources.sources.close())
            for source, batches in self.resources.sources._states.items():
                for key in batches:
                    self.resources.directory.drop(f"{source}:{key}")
        if fresh:
            self.number += 1
        url = {"integreat": "integreat_url", "course_search": "course_search_url"}
        chosen: dict[str, Any] = {url[name]: address} if name in url else {"hsds_urls": (address,)} if name else {}
        settings = dataclasses.replace(self.settings, **chosen, course_search_key=course_server.KEY)
        config = dataclasses.replace(upstreams(settings), store=self.folder / f"{self.number}.sqlite")
        store, gazetteer = open_store(config), self.resources.gazetteer
        built = build_sources(config, gazetteer, lambda: self.now, store)
        self.resources.sources = Sources(built, self.resources.directory) if built else None
        if self.resources.handbook is not None:
            self.loop.run_until_complete(self.resources.handbook.close())
        self.resources.handbook = build_handbook(config, gazetteer, lambda: self.now, store, built)

    def ask(self, name: str) -> list[dict[str, Any]]:
        """The cards of the question."""
        return [card for reply in self.say(QUESTIONS[name]) for card in reply.get("cards", [])]

    def say(self, *texts: str) -> list[dict[str, Any]]:
        """What a new person is answered to the last of these messages."""
        self.people += 1
        replies: list[dict[str, Any]] = []
        for text in texts:
            message = {"sender": f"person-{self.people}", "text": text}
            replies = self.loop.run_until_complete(self.talker.answer(message))["replies"]
        return replies


def in_grimma() -> dict[str, Any]:
    """The published example of a service, moved to a town where we have no counselling of our own."""
    text = (CONTRACTS / "hsds_feed" / "service_full.json").read_text("utf-8")
    for there, here in (("Dresden", "Grimma"), ("01067 01069 01097", "04668"), ("01067", "04668"), ("51.05", "51.23")):
        text = text.replace(there, here)
    return dict(json.loads(text.replace("13.74", "12.73").replace('"Beratung"', '"Migrationsberatung"')))


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    courses = json.loads((CONTRACTS / "course_search" / "sprachkurse_page.json").read_text("utf-8"))
    with ExitStack() as stack:
        cms = stack.enter_context(integreat_server.serve())
        feed = stack.enter_context(hsds_server.FakeHsds([in_grimma()]))
        search = stack.enter_context(course_server.serve())
        search.courses = {"MC": courses["_embedded"]["termine"]}
        yield World(tmp_path_factory.mktemp("sources"), {"integreat": cms, "hsds": feed, "course_search": search})


def address(world: World, name: str) -> str:
    upstream = world.upstream[name]
    return str(upstream.base if name == "hsds" else upstream.url)


@pytest.fixture(scope="module")
def without(world: World) -> dict[str, list[dict[str, Any]]]:
    """The cards with every source off."""
    world.switch()
    return {name: world.ask(name) for name in QUESTIONS}


@pytest.fixture(autouse=True)
def well(world: World) -> Iterator[None]:
    """Every test begins and ends with upstreams that work, at the same moment."""
    yield
    world.now = NOW
    for upstream in world.upstream.values():
        upstream.mode = ""


def ids(cards: list[dict[str, Any]]) -> list[str]:
    return [card["id"] for card in cards]


def first_card(world: World, name: str) -> dict[str, Any]:
    """The exact card that the working source puts first."""
    if name == "integreat":
        return {
            "id": "integreat:landkreisleipzig:1",
            "name": "Migrationsberatung Grimma",
            "kind": "Migrationsberatung",
            "address": "Markt 1, 04668 Grimma",
            "phone": "+49 3437 000000",
            "email": "beratung@example.org",
            "hours": "Jetzt geöffnet bis 12:00 Uhr. Mo. 09:00–12:00; Di. 09:00–12:00, 13:00–18:00; Do. 14:00–17:30",
            "open_now": True,
            "website": "https://example.org",
            "map": "https://www.openstreetmap.org/?mlat=51.23450&mlon=12.72560#map=17/51.23450/12.72560",
            "route": "https://www.google.com/maps/dir/?api=1&destination=51.23450%2C12.72560&travelmode=transit",
            "about": ["Mit Rollstuhl zugänglich"],
            "checked": "2026-11-22",
            "note": "Geprüft: 22. November 2026.",
            "source": "https://integreat.app/landkreisleipzig/de/locations/place-0-de/",
        }
    if name == "hsds":
        feed = world.upstream["hsds"]
        return {
            "id": f"hsds:{feed.host}:00000000-0000-4000-8000-000000000010",
            "name": "Migrationsberatung (MBE)",
            "kind": "Migrationsberatung",
            "address": "Musterstraße 1, 04668 Grimma",
            "phone": "+49 351 0000001",
            "email": "mbe@example.org",
            "hours": "Jetzt geöffnet bis 12:00 Uhr. Mo. 09:00–12:00; Di. 09:00–12:00, 13:00–18:00; Mi.–Do. 09:00–12:00. "
            "geschlossen an gesetzlichen Feiertagen · Videosprechstunde",
            "open_now": True,
            "languages": ["Arabisch", "Persisch"],
            "website": "https://www.example.org/mbe",
            "map": "https://www.openstreetmap.org/?mlat=51.23000&mlon=12.73000#map=17/51.23000/12.73000",
            "route": "https://www.google.com/maps/dir/?api=1&destination=51.23000%2C12.73000&travelmode=transit",
            "cost": "Kostenlos",
            "about": ["Mit Rollstuhl zugänglich", "Mit Dolmetschern"],
            "checked": "2026-06-30",
            "note": "Geprüft: 30. Juni 2026. KW 47 nur telefonisch",
            "source": f"{feed.base}/services/00000000-0000-4000-8000-000000000010",
        }
    return {
        "id": "ba:134000001",
        "name": "Berufssprachkurs B2",
        "kind": "Deutschkurse",
        "address": "Musterstraße 1, 01067 Dresden",
        "phone": "+49 351 0000000",
        "email": "kurse@example.org",
        "hours": "Montag - Freitag 08:30 - 12:45 Uhr",
        "website": "https://www.example.org",
        "map": "https://www.openstreetmap.org/?mlat=51.05000&mlon=13.74000#map=17/51.05000/13.74000",
        "route": "https://www.google.com/maps/dir/?api=1&destination=51.05000%2C13.74000&travelmode=transit",
        "about": ["Beginn: 30. November 2026"],
        "checked": "2026-11-18",
        "note": "Geprüft: 18. November 2026.",
        "source": "https://www.example.org/kurs",
    }


@pytest.mark.parametrize("name", QUESTIONS)
def test_on(world: World, without: dict[str, Any], name: str) -> None:
    world.switch(name, address(world, name))
    cards = world.ask(name)
    assert cards[0] == first_card(world, name)
    assert cards[0]["id"] not in ids(without[name])
    asked = len(world.upstream[name].requests)
    assert world.ask(name) == cards
    assert len(world.upstream[name].requests) == asked  # the second question asks nobody


@pytest.mark.parametrize(("name", "mode"), [(name, mode) for name, modes in LYING.items() for mode in modes])
def test_lying(world: World, without: dict[str, Any], name: str, mode: str) -> None:
    world.switch(name, address(world, name))
    world.upstream[name].mode = mode
    assert world.ask(name) == without[name]


@pytest.mark.parametrize("name", QUESTIONS)
def test_down(world: World, without: dict[str, Any], name: str) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        world.switch(name, f"http://127.0.0.1:{closed.getsockname()[1]}")
        assert world.ask(name) == without[name]


@pytest.mark.parametrize("name", QUESTIONS)
def test_slow(world: World, without: dict[str, Any], name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actions.turn.BUDGET", 0.05)
    world.switch(name, address(world, name))
    world.upstream[name].mode = "slow"
    assert world.ask(name) == without[name]


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("mode", ["html", "500"])
def test_the_last_good_answer_outlives_the_source_and_a_restart(world: World, name: str, mode: str) -> None:
    world.switch(name, address(world, name))
    cards = world.ask(name)
    world.upstream[name].mode = mode
    # A course whose last day of registration has passed is shown no more.
    world.now = NOW + timedelta(days=1 if name == "course_search" else 6)
    world.switch(name, address(world, name), fresh=False)
    found = world.ask(name)
    assert found[0]["id"] == cards[0]["id"]
    assert (found[0]["checked"], found[0]["phone"]) == (cards[0]["checked"], cards[0]["phone"])


def test_a_week_later_it_is_forgotten(world: World, without: dict[str, Any]) -> None:
    world.switch("integreat", address(world, "integreat"))
    world.ask("integreat")
    world.upstream["integreat"].mode = "500"
    world.now = NOW + timedelta(days=8)
    world.switch("integreat", address(world, "integreat"), fresh=False)
    assert ids(world.ask("integreat")) == ids(without["integreat"])


MEETING = "Wo kann ich in Grimma Leute kennenlernen?"
UNKNOWN = ("Grimma", "Biotonne leeren lassen")


def planned() -> dict[str, Any]:
    """An event of the region tomorrow."""
    event = dict(json.loads((CONTRACTS / "integreat" / "sample_events_expanded.json").read_text("utf-8"))[0])
    day = (NOW + timedelta(days=1)).date().isoformat()
    event["event"] = {**event["event"], "start": f"{day}T15:00:00+01:00", "end": f"{day}T17:00:00+01:00"}
    event["path"] = "/landkreisleipzig/de/events/sprachcafe/"
    return event


def written() -> dict[str, Any]:
    """A page of the region on what we have no article for."""
    page = dict(json.loads((CONTRACTS / "integreat" / "sample_children.json").read_text("utf-8"))[0])
    return {**page, "title": "Biotonne und Abfall", "path": "/landkreisleipzig/de/sperrmuell/"}


@pytest.fixture
def region(world: World) -> Iterator[Any]:
    """The CMS with one event and one page in German, switched on."""
    cms = world.upstream["integreat"]
    before = dict(cms.lists)
    cms.lists["landkreisleipzig/de/events"] = [planned()]
    cms.lists["landkreisleipzig/de/children"] = [written()]
    world.switch("integreat", cms.url)
    yield cms
    cms.lists = before


def links(replies: list[dict[str, Any]]) -> list[dict[str, str]]:
    return [link for reply in replies for link in reply.get("links", [])]


def test_the_next_events_stand_beside_places_to_meet_people(world: World, region: Any) -> None:
    replies = world.say(MEETING)
    assert "Demnächst in der Nähe von Grimma:" in replies[-1]["text"]
    (event,) = links(replies)
    assert event["title"].startswith("Sprachcafé – ")
    assert "15:00" in event["title"] and "Begegnungscafé" in event["title"]
    assert event["url"].endswith("/landkreisleipzig/de/events/sprachcafe/")


def test_a_page_of_the_region_is_the_last_resort(world: World, region: Any) -> None:
    replies = world.say(*UNKNOWN)
    assert "Auf den Informationsseiten Ihrer Region steht etwas dazu:" in replies[-1]["text"]
    (page,) = links(replies)
    assert page["title"].startswith("Biotonne und Abfall – ")
    assert replies[-1]["choices"]  # the topics that were likeliest are offered all the same


@pytest.mark.parametrize("mode", ["html", "500", "slow"])
@pytest.mark.parametrize("texts", [(MEETING,), UNKNOWN])
def test_without_the_region_an_answer_is_as_it_was(
    world: World, region: Any, mode: str, texts: tuple[str, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("actions.turn.BUDGET", 0.05)
    region.mode = mode
    found = world.say(*texts)
    world.switch()
    assert found == world.say(*texts)


def test_requests_carry_topic_place_and_language_only(world: World) -> None:
    """Every request so far: no word of the message, no id of the person, no exact place."""
    for name, upstream in world.upstream.items():
        world.switch(name, address(world, name))
        world.ask(name)
        assert upstream.requests, name
        for request in upstream.requests:
            line = json.dumps(request, ensure_ascii=False, default=str).casefold()
            for secret in ("nichte", "sahar", "fragt", "gibt", "person-", "source-tests"):
                assert secret not in line
            assert "cookie" not in line and "referer" not in line
