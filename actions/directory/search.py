"""Finding the services that help: by topic, nearness, language, openness; cards that can be acted on first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from heapq import heapify, heappop, nsmallest

from actions.directory.adopted import Adopted, Change
from actions.directory.entry import BOUND_TO_AREA
from actions.directory.freshness import LIMITS, Limits, months, shown
from actions.directory.geo import Gazetteer, Place, distance_km
from actions.directory.hours import HoursError, HoursState, state_at
from actions.directory.index import Index
from actions.directory.model import DirectoryError, Service, service_from_record
from actions.directory.query import LOOKED_AT, NEAR_KM, SCOPES, Match, Query
from actions.directory.ranking import Row, groups

__all__ = ["LOOKED_AT", "NEAR_KM", "SCOPES", "Directory", "Match", "Query"]


class Directory:
    """All services in memory: the embedded ones, and what sources bring, as one card for each place.

    For one thread; `adopt` and `drop` may come between searches. An equal batch costs nothing.
    """

    def __init__(self, services: Iterable[Service], gazetteer: Gazetteer, limits: Limits = LIMITS) -> None:
        self.gazetteer, self.limits = gazetteer, limits
        # False while the machine's clock cannot be right: then nothing is said about what is open now.
        self.knows_time: Callable[[], bool] = lambda: True
        self.services: dict[str, Service] = {}
        for service in services:
            if service.id in self.services:
                raise DirectoryError(f"service id {service.id} occurs twice")
            self.services[service.id] = service
        self._index = Index(gazetteer, date.today(), limits)
        self._index.fill(self.services.values())
        self._adopted = Adopted(dict(self.services), gazetteer)

    @classmethod
    def from_records(cls, records: list[dict[str, object]], gazetteer: Gazetteer, limits: Limits = LIMITS) -> Directory:
        """Build from YAML records; DirectoryError names the first unusable one."""
        return cls((service_from_record(record) for record in records), gazetteer, limits)

    def adopt(self, key: str, services: Sequence[Service]) -> None:
        """Take the services of a source in the place of those that came under this key before.

        The key up to its last colon names the source. What is one place with an embedded record, or with one of
        another source, becomes one service (see same.py and merge.py).
        """
        self._apply(self._adopted.replace(key, services))

    def drop(self, key: str) -> None:
        """Forget the services of a key; the others stand as if it had never come."""
        self._apply(self._adopted.replace(key, ()))

    def _apply(self, change: Change) -> None:
        for service in change.gone:
            self._index.remove(service)
        for service in change.come:
            self._index.add(service)
            self.services[service.id] = service
        for name in {service.id for service in change.gone} - {service.id for service in change.come}:
            del self.services[name]

    def get(self, service_id: str | None) -> Service | None:
        """The service with this id, closed ones included; what a record was merged into; or None."""
        return self.services.get(self._adopted.home(service_id or ""))

    def search(self, query: Query, now: datetime) -> list[Match]:
        """Active services for a topic, best first; at most `query.limit`, never one of `query.exclude`."""
        topic = self._index.topic(query.topic, now.date())
        found: list[Match] = []
        if topic is None or query.limit <= 0:
            return found
        looked_at = 0
        for group in groups(self._index, topic, query):
            if query.open_now:
                # Hours are dear: they are looked at in the order of rank, as far as needed.
                heapify(group)
                while group and len(found) < query.limit and looked_at < LOOKED_AT:
                    looked_at += 1
                    match = self._found(heappop(group), now)
                    if match.hours is not None and match.hours.state == "open":
                        found.append(match)
            else:
                found.extend(self._found(row, now) for row in nsmallest(query.limit - len(found), group))
            if len(found) == query.limit or looked_at == LOOKED_AT:
                break
        return found

    def __contains__(self, service_id: object) -> bool:
        """Whether `get` knows this id."""
        return isinstance(service_id, str) and self.get(service_id) is not None

    def describe(self, service: Service, place: Place | None, now: datetime) -> Match:
        """A Match for one known service, wherever it is."""
        scope = self.gazetteer.scope_of(service.area, place)
        distance = self.distance(service, place.point if place is not None else None)
        near = distance is not None and distance <= NEAR_KM
        if scope == "elsewhere" and near and service.kind not in BOUND_TO_AREA:
            scope = "near"
        elif scope == "elsewhere":
            distance = None
        elif scope in ("state", "country") and service.city and near:
            scope = "near"
        return Match(service, shown(service, now.date(), self.limits), scope, distance, self._hours(service, now))

    def _found(self, row: Row, now: datetime) -> Match:
        service = row[5].service
        may = shown(service, now.date(), self.limits)
        return Match(service, may, SCOPES[row[7]], row[6], self._hours(service, now))

    def newest_check(self) -> date:
        """The first day of the month in which an embedded record was last checked: it is no earlier than that."""
        newest = max(
            (months(stamp) for s in self.services.values() for stamp in s.checked.values() if stamp), default=0
        )
        return date(max(1, newest // 12), newest % 12 + 1, 1)

    def _hours(self, service: Service, now: datetime) -> HoursState | None:
        return _hours(service, now) if self.knows_time() else None

    def distance(self, service: Service, point: tuple[float, float] | None) -> float | None:
        """Kilometres to the service's own coordinates, else to its town; None when unknown or by phone only."""
        there = self._index.point(service)
        return None if point is None or there is None else distance_km(*point, *there)


def _hours(service: Service, now: datetime) -> HoursState | None:
    if not service.hours:
        return HoursState("appointment") if service.by_appointment else None
    try:
        return state_at(service.hours, now, service.by_appointment)
    except HoursError:
        return None
