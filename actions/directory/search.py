"""Finding the services that help: by topic, nearness, language, openness; cards that can be acted on first."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from actions.directory.freshness import Shown, shown
from actions.directory.geo import Gazetteer, Place, distance_km
from actions.directory.hours import HoursError, HoursState, state_at
from actions.directory.model import DirectoryError, Service, service_from_record

SCOPES = ("place", "district", "near", "state", "country")
NEAR_KM = 40.0
# Offices that may act only for the people of their own area: the next district's is the wrong door.
BOUND_TO_AREA = frozenset(
    "immigration_office naturalisation_office social_welfare_office job_centre citizens_office public_office "
    "school_authority family_benefits_office childcare_office discount_card refugee_social_work".split()
)
GROWN_UP = 27
YOUNG = ("children", "young people", "teenagers")


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. `point` is (latitude, longitude) in degrees; `language` a two-letter code; `age` in years."""

    topic: str = ""
    place: Place | None = None
    point: tuple[float, float] | None = None
    language: str = ""
    limit: int = 3
    exclude: frozenset[str] = frozenset()
    speaks: str = ""
    open_now: bool = False
    free: bool = False
    women: bool = False
    age: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A service found: what of it may be shown, how far it is, and its hours at the asked moment."""

    service: Service
    shown: Shown
    scope: str
    distance_km: float | None
    hours: HoursState | None


class Directory:
    """All services in memory, indexed by topic and id."""

    def __init__(self, services: Iterable[Service], gazetteer: Gazetteer) -> None:
        self.gazetteer = gazetteer
        self.services: dict[str, Service] = {}
        self._by_topic: dict[str, list[Service]] = {}
        for service in services:
            if service.id in self.services:
                raise DirectoryError(f"service id {service.id} occurs twice")
            self.services[service.id] = service
            for topic in service.topics:
                self._by_topic.setdefault(topic, []).append(service)

    @classmethod
    def from_records(cls, records: list[dict[str, object]], gazetteer: Gazetteer) -> Directory:
        """Build from YAML records; DirectoryError names the first unusable one."""
        return cls((service_from_record(record) for record in records), gazetteer)

    def get(self, service_id: str | None) -> Service | None:
        """The service with this id, closed ones included, or None."""
        return self.services.get(service_id or "")

    def search(self, query: Query, now: datetime) -> list[Match]:
        """Active services for a topic, best first; at most `query.limit`, never one of `query.exclude`."""
        ranked: list[tuple[tuple[float, ...], Match]] = []
        point = query.point or _point(query.place)
        for service in self._by_topic.get(query.topic, ()):
            if not service.active or service.id in query.exclude or not _fits(service, query):
                continue
            match = self._match(service, query.place, point, now)
            if match is None or (query.open_now and (match.hours is None or match.hours.state != "open")):
                continue
            ranked.append((self._rank(match, query), match))
        ranked.sort(key=lambda pair: (pair[0], pair[1].service.id))
        return [match for _, match in ranked[: query.limit]]

    def describe(self, service: Service, place: Place | None, now: datetime) -> Match:
        """A Match for one known service, wherever it is."""
        found = self._match(service, place, _point(place), now)
        return found or Match(service, shown(service, now.date()), "elsewhere", None, _hours(service, now))

    def _match(
        self, service: Service, place: Place | None, point: tuple[float, float] | None, now: datetime
    ) -> Match | None:
        scope = self.gazetteer.scope_of(service.area, place)
        distance = self.distance(service, point)
        if scope == "elsewhere" or (scope in ("state", "country") and service.city and distance is not None):
            # Serves another area: only near enough to travel to counts, unless it serves everyone.
            near = distance is not None and distance <= NEAR_KM
            if near and (scope != "elsewhere" or service.kind not in BOUND_TO_AREA):
                scope = "near"
            elif scope == "elsewhere":
                return None
        return Match(service, shown(service, now.date()), scope, distance, _hours(service, now))

    def distance(self, service: Service, point: tuple[float, float] | None) -> float | None:
        """Kilometres to the service's own coordinates, else to its town; None when unknown or by phone only."""
        if point is None or service.telephone_only:
            return None
        if service.latitude is not None and service.longitude is not None:
            return distance_km(*point, service.latitude, service.longitude)
        town = next(iter(self.gazetteer.candidates(service.city)), None) if service.city else None
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
            # Place unknown: what serves everyone and can be called or written to comes first.
            return (main // 2, narrow, quality, main, speaks, -match.shown.freshness)
        local = 0 if scope <= 1 else 1
        return (main // 2, local, narrow, quality + main, main, scope, speaks, far // 10, -match.shown.freshness)


def _narrow(service: Service, age: int | None) -> int:
    """1 for services that turn most people away: for men only, or for the young unless the person is young."""
    oldest = service.eligibility.maximum_age
    young = (oldest is not None and oldest <= GROWN_UP) or service.eligibility.description.startswith(YOUNG)
    young = young and not (age is not None and age < GROWN_UP)
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
