"""The index finds what a plain look at every service finds, in the same order, whatever is asked."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime
from functools import lru_cache
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from actions.directory.entry import BOUND_TO_AREA
from actions.directory.freshness import shown
from actions.directory.geo import Gazetteer, Place, distance_km
from actions.directory.hours import BERLIN, HoursError, HoursState, state_at
from actions.directory.model import Eligibility, Service, load_records, service_from_record
from actions.directory.search import LOOKED_AT, NEAR_KM, SCOPES, Directory, Match, Query
from bot.quality.bench_directory import generated

DATA = Path(__file__).parents[2] / "data"
GAZETTEER = Gazetteer.load(DATA / "places.yml", DATA / "postcodes.yml")
EMBEDDED = [service_from_record(record) for record in load_records(DATA / "services")]
TODAY = date(2026, 11, 24)
GENERATED = generated(1_500, GAZETTEER, TODAY)
TOPICS = sorted({topic for service in EMBEDDED for topic in service.topics})
LANGUAGES = ("", "ar", "fa", "uk", "de", "ti")


class Reference:
    """The first search of this project, kept as it was: look at every service, rank all, cut."""

    def __init__(self, services: list[Service], gazetteer: Gazetteer) -> None:
        self.services, self.gazetteer = services, gazetteer
        self._towns = lru_cache(maxsize=None)(lambda city: next(iter(gazetteer.candidates(city)), None))

    def search(self, query: Query, now: datetime) -> list[Match]:
        ranked = []
        point = query.point or _point(query.place)
        for service in self.services:
            if query.topic not in service.topics or not service.active:
                continue
            if service.id in query.exclude or not _fits(service, query):
                continue
            match = self._match(service, query.place, point, now)
            if match is not None:
                ranked.append((self._rank(match, query), match))
        ranked.sort(key=lambda pair: (pair[0], pair[1].service.id))
        found = [match for _, match in ranked]
        if query.open_now:  # the bound is new: no more hours than these are looked at
            dated = [m for m in found if m.service.hours and not m.service.by_appointment][:LOOKED_AT]
            found = [m for m in dated if m.hours is not None and m.hours.state == "open"]
        return found[: query.limit]

    def _match(self, service: Service, place: Place | None, point: tuple | None, now: datetime) -> Match | None:
        scope = self.gazetteer.scope_of(service.area, place)
        distance = self._distance(service, point)
        if scope == "elsewhere" or (scope in ("state", "country") and service.city and distance is not None):
            near = distance is not None and distance <= NEAR_KM
            if near and (scope != "elsewhere" or service.kind not in BOUND_TO_AREA):
                scope = "near"
            elif scope == "elsewhere":
                return None
        return Match(service, shown(service, now.date()), scope, distance, _hours(service, now))

    def _distance(self, service: Service, point: tuple[float, float] | None) -> float | None:
        if point is None or service.telephone_only:
            return None
        if service.latitude is not None and service.longitude is not None:
            return distance_km(*point, service.latitude, service.longitude)
        town = self._towns(service.city) if service.city else None
        if town is None or town.latitude is None or town.longitude is None:
            return None
        return distance_km(*point, town.latitude, town.longitude)

    @staticmethod
    def _rank(match: Match, query: Query) -> tuple[float, ...]:
        service = match.service
        main = 0 if service.topics[0] == query.topic else 1 if query.topic in service.topics[:3] else 2
        scope = SCOPES.index(match.scope)
        quality = match.shown.quality
        speaks = 0 if query.language and query.language in service.languages else 1
        far = match.distance_km if match.distance_km is not None else 0.0
        narrow = _narrow(service, query.age)
        if query.place is None and query.point is None:
            return (main // 2, narrow, quality, main, speaks, -match.shown.freshness)
        local = 0 if scope <= 1 else 1
        return (main // 2, local, narrow, quality + main, main, scope, speaks, far // 10, -match.shown.freshness)


def _narrow(service: Service, age: int | None) -> int:
    oldest = service.eligibility.maximum_age
    young = (oldest is not None and oldest <= 27) or service.eligibility.description.startswith(
        ("children", "young people", "teenagers")
    )
    young = young and not (age is not None and age < 27)
    return int(service.eligibility.gender == "men" or young)


def _fits(service: Service, query: Query) -> bool:
    if query.speaks and query.speaks not in service.languages:
        return False
    limits = service.eligibility
    if query.age is not None and limits.maximum_age is not None and query.age > limits.maximum_age:
        return False
    if query.free and not service.free:
        return False
    return not (query.women and service.eligibility.gender not in ("women", ""))


def _hours(service: Service, now: datetime) -> HoursState | None:
    if not service.hours:
        return HoursState("appointment") if service.by_appointment else None
    try:
        return state_at(service.hours, now, service.by_appointment)
    except HoursError:
        return None


def _point(place: Place | None) -> tuple[float, float] | None:
    if place is None or place.latitude is None or place.longitude is None:
        return None
    return place.latitude, place.longitude


def same(found: list[Match], expected: list[Match]) -> None:
    """Equal in every detail; the ids first, which say more when they differ."""
    assert [m.service.id for m in found] == [m.service.id for m in expected]
    assert found == expected


# All of 2026 and the turn of the year, day and night, so that months change between searches.
MOMENTS = st.datetimes(datetime(2026, 1, 1), datetime(2027, 2, 1)).map(lambda t: t.replace(tzinfo=BERLIN))
PLACES = st.none() | st.sampled_from(sorted(GAZETTEER.places.values(), key=lambda p: p.id))
CITIES = st.sampled_from([GAZETTEER.places[i] for i in ("leipzig", "dresden", "chemnitz", "dresden-neustadt")])
POINTS = st.none() | st.tuples(st.floats(50.1, 51.7).map(lambda x: round(x, 2)), st.floats(11.8, 15.1))
FAR_POINTS = st.tuples(st.floats(-90, 90), st.floats(-180, 180))


def queries(services: list[Service]) -> st.SearchStrategy[Query]:
    ids = [service.id for service in services]
    return st.builds(
        Query,
        topic=st.sampled_from([*TOPICS, "migration_counselling", "german_course", "unheard_of"]),
        place=PLACES | CITIES,
        point=st.none() | POINTS | FAR_POINTS,
        language=st.sampled_from(LANGUAGES),
        limit=st.sampled_from([0, 1, 3, 3, 9, 60, 5_000]),
        exclude=st.frozensets(st.sampled_from(ids), max_size=40),
        speaks=st.just("") | st.sampled_from(LANGUAGES),
        open_now=st.booleans(),
        free=st.booleans(),
        women=st.booleans(),
        age=st.none() | st.integers(0, 90),
    )


EMBEDDED_DIRECTORY, EMBEDDED_REFERENCE = Directory(EMBEDDED, GAZETTEER), Reference(EMBEDDED, GAZETTEER)
GENERATED_DIRECTORY, GENERATED_REFERENCE = Directory(GENERATED, GAZETTEER), Reference(GENERATED, GAZETTEER)


@settings(max_examples=200, deadline=None)
@given(queries(EMBEDDED), MOMENTS)
def test_the_embedded_directory_is_searched_as_ever(query: Query, now: datetime) -> None:
    same(EMBEDDED_DIRECTORY.search(query, now), EMBEDDED_REFERENCE.search(query, now))


@settings(max_examples=200, deadline=None)
@given(queries(GENERATED), MOMENTS)
def test_a_large_directory_is_searched_as_a_plain_list(query: Query, now: datetime) -> None:
    same(GENERATED_DIRECTORY.search(query, now), GENERATED_REFERENCE.search(query, now))


def test_every_topic_in_every_district_is_as_ever() -> None:
    """Not left to chance: the whole ranking of our own records, as far as a person could page."""
    now = datetime(2026, 11, 24, 10, tzinfo=BERLIN)
    places = [None, *(p for p in GAZETTEER.places.values() if p.kind in ("city", "district", "state"))]
    for topic in TOPICS:
        for place in places:
            query = Query(topic, place, language="ar", limit=500)
            same(EMBEDDED_DIRECTORY.search(query, now), EMBEDDED_REFERENCE.search(query, now))


# Small directories of odd records: every branch of the ranking, close together.

AREAS = ["leipzig", "dresden", "dresden-neustadt", "landkreis-leipzig", "grimma", "borna", "sachsen", "deutschland"]


@st.composite
def odd_services(draw: st.DrawFn) -> list[Service]:
    points = st.sampled_from([(None, None), (51.34, 12.37), (51.24, 12.70), (51.05, 13.74), (51.34, None)])
    return [
        Service(
            id=f"s{number}",
            name="s",
            topics=tuple(draw(st.permutations(["doctor", "medicine", "school", "asylum"]))[: draw(st.integers(1, 4))]),
            kind=draw(st.sampled_from(["meeting_place", "job_centre"])),
            status=draw(st.sampled_from(["active", "active", "active", "inactive"])),
            confidence=draw(st.sampled_from(["low", "medium"])),
            area=tuple(draw(st.lists(st.sampled_from(AREAS), max_size=3, unique=True))),
            city=draw(st.sampled_from(["", "Leipzig", "Grimma", "Atlantis"])),
            latitude=point[0],
            longitude=point[1],
            phone=draw(st.sampled_from(["", "112"])),
            url=draw(st.sampled_from(["", "https://s.de"])),
            hours=draw(st.sampled_from(["", "Mo-Fr 09:00-17:00", "24/7", "broken 99"])),
            by_appointment=draw(st.booleans()),
            telephone_only=draw(st.sampled_from([False, False, True])),
            languages=draw(st.sampled_from([(), ("ar",), ("de", "fa")])),
            free=draw(st.booleans()),
            eligibility=draw(
                st.sampled_from(
                    [Eligibility(), Eligibility(gender="men"), Eligibility(gender="women"), Eligibility(maximum_age=25)]
                )
            ),
            checked=draw(st.sampled_from([{}, {"phone": "2026-10"}, {"phone": "2025-06"}, {"phone": "2019"}])),
        )
        for number, point in enumerate(draw(st.lists(points, min_size=1, max_size=12)))
    ]


@settings(max_examples=100, deadline=None)
@given(st.data())
def test_odd_records_are_ranked_as_in_a_plain_list(data: st.DataObject) -> None:
    services = data.draw(odd_services())
    directory, reference = Directory(services, GAZETTEER), Reference(services, GAZETTEER)
    places = st.none() | st.sampled_from([GAZETTEER.places[name] for name in [*AREAS, "grosspoesna"]])
    for _ in range(3):
        query = replace(data.draw(queries(services)), topic="doctor", place=data.draw(places))
        now = data.draw(MOMENTS)
        same(directory.search(query, now), reference.search(query, now))


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_sources_bring_and_take_away_is_found_as_in_a_plain_list(data: st.DataObject) -> None:
    """The index after adopting and dropping is that of the services there are, in whichever month."""
    directory = Directory(data.draw(odd_services()), GAZETTEER)
    for key in data.draw(st.lists(st.sampled_from(["u:1", "u:2", "v:1"]), max_size=5)):
        batch = [replace(s, id=f"{key[0]}:{s.id}", phone="") for s in data.draw(odd_services())]
        directory.adopt(key, data.draw(st.sampled_from([batch, batch, []])))
        query = replace(data.draw(queries([*directory.services.values()])), topic="doctor")
        now = data.draw(MOMENTS)
        same(directory.search(query, now), Reference([*directory.services.values()], GAZETTEER).search(query, now))
