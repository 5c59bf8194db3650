"""Which services are found, and in which order, in a directory small enough to see through."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import pytest

from actions.directory.geo import Gazetteer, Place
from actions.directory.hours import BERLIN
from actions.directory.model import Eligibility, Service
from actions.directory.search import Directory, Query

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=BERLIN)  # a Tuesday
GRIMMA = Place("grimma", "Grimma", "municipality", "landkreis-leipzig", 51.24, 12.73, 28000)
LEIPZIG = Place("leipzig", "Leipzig", "city", "leipzig", 51.34, 12.37, 600000)
PLAUEN = Place("plauen", "Plauen", "city", "vogtlandkreis", 50.50, 12.13, 64000)
GAZETTEER = Gazetteer(
    [
        Place("landkreis-leipzig", "Landkreis Leipzig", "district", "landkreis-leipzig", 51.15, 12.55, 260000),
        GRIMMA,
        LEIPZIG,
        PLAUEN,
        Place("sachsen", "Sachsen", "state"),
        Place("deutschland", "Deutschland", "country"),
    ]
)


def service(name: str, area: str = "leipzig", **fields: object) -> Service:
    base = {"id": name, "name": name, "topics": ("doctor",), "kind": "helpline", "area": tuple(area.split())}
    return Service(**{**base, "phone": "+49 341 1", "checked": {"phone": "2026-10"}, **fields})


def found(services: list[Service], **query: object) -> list[str]:
    directory = Directory(services, GAZETTEER)
    return [m.service.id for m in directory.search(Query(**{"topic": "doctor", "limit": 9, **query}), NOW)]


def test_place_before_district_before_state_before_country() -> None:
    services = [
        service("country", "deutschland"),
        service("state", "sachsen"),
        service("district", "landkreis-leipzig"),
        service("place", "grimma"),
        service("elsewhere", "plauen"),
    ]
    assert found(services, place=GRIMMA) == ["place", "district", "state", "country"]


def test_near_stands_between_district_and_state() -> None:
    services = [service("state", "sachsen"), service("near", "leipzig", city="Leipzig"), service("own", "grimma")]
    directory = Directory(services, GAZETTEER)
    matches = directory.search(Query("doctor", GRIMMA, limit=9), NOW)
    assert [(m.service.id, m.scope) for m in matches] == [("own", "place"), ("near", "near"), ("state", "state")]


def test_a_statewide_office_far_away_stays_statewide() -> None:
    directory = Directory([service("state", "sachsen", city="Leipzig")], GAZETTEER)
    (far,) = directory.search(Query("doctor", PLAUEN), NOW)
    (near,) = directory.search(Query("doctor", GRIMMA), NOW)
    assert (far.scope, near.scope) == ("state", "near")


def test_without_a_place_only_who_serves_everyone() -> None:
    services = [service("local"), service("state", "sachsen"), service("country", "deutschland")]
    assert sorted(found(services)) == ["country", "state"]


def test_a_shared_location_is_enough() -> None:
    services = [service("local", city="Leipzig"), service("far", "plauen", city="Plauen")]
    assert found(services, point=(51.33, 12.40)) == ["local"]


def test_beyond_forty_kilometres_is_elsewhere() -> None:
    services = [service("far", "plauen", city="Plauen")]
    assert found(services, point=(50.50, 12.13)) == ["far"]
    assert found(services, point=(50.87, 12.13)) == []  # 41 km
    assert found(services, point=(50.85, 12.13)) == ["far"]  # 39 km


def test_who_can_be_reached_goes_first() -> None:
    nothing = service("a-nothing", phone="", checked={})
    website = service("b-website", phone="", url="https://x.de", checked={"url": "2026-10"})
    assert found([nothing, website, service("c-phone")], place=LEIPZIG) == ["c-phone", "b-website", "a-nothing"]


def test_recent_goes_before_old_before_unconfirmed() -> None:
    services = [
        service("a-low", confidence="low"),
        service("b-withheld", checked={"phone": "2019"}, url="https://x.de"),
        service("c-old", checked={"phone": "2024"}),
        service("d-fresh"),
    ]
    assert found(services, place=LEIPZIG) == ["d-fresh", "c-old", "b-withheld", "a-low"]


def test_among_equals_the_newer_goes_first() -> None:
    services = [service("a", checked={"phone": "2026-01"}), service("b", checked={"phone": "2026-10"})]
    assert found(services, place=LEIPZIG) == ["b", "a"]


def test_a_service_for_this_topic_goes_before_one_that_also_helps() -> None:
    services = [
        service("fourth", topics=("medicine", "vaccination", "pregnancy", "doctor")),
        service("second", topics=("medicine", "doctor")),
        service("first", topics=("doctor",)),
    ]
    assert found(services, place=LEIPZIG) == ["first", "second", "fourth"]


def test_my_language_goes_first_among_equals() -> None:
    services = [service("a", languages=("de",)), service("b", languages=("de", "ar"))]
    assert found(services, place=LEIPZIG, language="ar") == ["b", "a"]
    assert found(services, place=LEIPZIG, language="uk") == ["a", "b"]


def test_limit_and_exclude() -> None:
    services = [service(name) for name in "abcd"]
    assert found(services, place=LEIPZIG, limit=2) == ["a", "b"]
    assert found(services, place=LEIPZIG, limit=2, exclude=frozenset("ab")) == ["c", "d"]
    assert found(services, place=LEIPZIG, exclude=frozenset("abcd")) == []


@pytest.mark.parametrize("status", ["defunct", "inactive"])
def test_closed_services_are_never_found(status: str) -> None:
    services = [service("gone", status=status)]
    assert found(services, place=LEIPZIG) == []
    directory = Directory(services, GAZETTEER)
    assert directory.get("gone") is services[0]


def test_other_topics_are_not_found() -> None:
    assert found([service("a")], place=LEIPZIG, topic="medicine") == []
    assert found([service("a")], place=LEIPZIG, topic="") == []


def test_free_only() -> None:
    assert found([service("a"), service("b", free=True)], place=LEIPZIG, free=True) == ["b"]


def test_for_women_leaves_out_what_is_for_men() -> None:
    services = [
        service("men", eligibility=Eligibility(gender="men")),
        service("women", eligibility=Eligibility(gender="women")),
        service("all"),
    ]
    assert found(services, place=LEIPZIG, women=True) == ["all", "women"]
    assert len(found(services, place=LEIPZIG)) == 3


def test_speaks_only() -> None:
    services = [service("a", languages=("de",)), service("b", languages=("ar",)), service("c")]
    assert found(services, place=LEIPZIG, speaks="ar") == ["b"]


def test_open_now_only() -> None:
    services = [
        service("open", hours="Tu 09:00-12:00"),
        service("closed", hours="We 09:00-12:00"),
        service("appointment", hours="Tu 09:00-12:00", by_appointment=True),
        service("unknown"),
        service("broken", hours="nach Vereinbarung"),
    ]
    assert found(services, place=LEIPZIG, open_now=True) == ["open"]


def test_broken_hours_are_unknown_hours() -> None:
    directory = Directory([service("a", hours="kaputt 99"), service("b", by_appointment=True)], GAZETTEER)
    first, second = directory.search(Query("doctor", LEIPZIG), NOW)
    assert first.hours is None
    assert second.hours is not None and second.hours.state == "appointment"


def test_distance_to_own_coordinates_else_to_the_town() -> None:
    directory = Directory([], GAZETTEER)
    point = (51.24, 12.73)
    assert directory.distance(service("a", city="Leipzig"), point) == pytest.approx(27.4, abs=0.5)
    assert directory.distance(service("a", city="Leipzig", latitude=51.24, longitude=12.73), point) == 0
    assert directory.distance(service("a", city="Atlantis"), point) is None
    assert directory.distance(service("a"), point) is None
    assert directory.distance(service("a", city="Leipzig", telephone_only=True), point) is None
    assert directory.distance(service("a", city="Leipzig"), None) is None


def test_the_nearer_goes_first_among_equals() -> None:
    far, near = service("a", "sachsen", city="Plauen"), service("b", "sachsen", city="Leipzig")
    assert found([far, near], place=LEIPZIG) == ["b", "a"]


def test_the_order_does_not_depend_on_the_file() -> None:
    services = [service(name, languages=("de",)) for name in "dbca"]
    assert found(services, place=LEIPZIG) == list("abcd")


def test_describe_finds_any_service_anywhere() -> None:
    far = service("a", "plauen", hours="Tu 09:00-12:00")
    directory = Directory([far, replace(far, id="b", status="defunct")], GAZETTEER)
    match = directory.describe(far, LEIPZIG, NOW)
    assert (match.scope, match.distance_km) == ("elsewhere", None)
    assert match.hours is not None and match.hours.state == "open"
    assert directory.get(None) is None


def test_a_statewide_service_without_a_town_is_not_near() -> None:
    point = {"latitude": LEIPZIG.latitude, "longitude": LEIPZIG.longitude}
    directory = Directory(
        [service("a", "sachsen", **point), service("b", "sachsen", city="Leipzig", **point)], GAZETTEER
    )
    assert [m.scope for m in directory.search(Query("doctor", point=(51.34, 12.37)), NOW)] == ["near", "state"]
