"""The directory laid out for searching: by topic, then by area or grid cell, then by what ranks a service anyway."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from datetime import date
from math import isfinite

from actions.directory.entry import Entry, Key
from actions.directory.freshness import LIMITS, Limits
from actions.directory.geo import Gazetteer, Place
from actions.directory.grid import cells_around
from actions.directory.model import Service

UNSORTED = -1
"""The month of a topic whose buckets are to be laid out before the next search."""


class Bucket:
    """Entries of a topic in one area or cell, in the order of their codes."""

    __slots__ = ("codes", "entries")

    def __init__(self) -> None:
        self.codes = bytearray()
        self.entries: list[Entry] = []

    def of(self, code: int) -> Sequence[Entry]:
        """The entries with this code."""
        left = bisect_left(self.codes, code)
        if left == len(self.codes) or self.codes[left] != code:
            return ()
        return self.entries[left : bisect_right(self.codes, code, left)]

    def insert(self, code: int, entry: Entry) -> None:
        """Add an entry."""
        at = bisect_right(self.codes, code)
        self.codes.insert(at, code)
        self.entries.insert(at, entry)

    def remove(self, entry: Entry) -> None:
        """Take an entry out."""
        at = self.entries.index(entry)
        del self.codes[at], self.entries[at]


class Topic:
    """The active services of one topic in their buckets, for one month."""

    __slots__ = ("buckets", "entries", "month", "name")

    def __init__(self, name: str) -> None:
        self.name = name
        self.month = UNSORTED
        self.entries: dict[str, Entry] = {}
        self.buckets: dict[Key, Bucket] = {}

    def age_to(self, today: date) -> None:
        """Lay the topic out anew when another month has begun: what is fresh is a matter of months."""
        month = today.year * 12 + today.month
        if month == self.month:
            return
        self.month = month
        self.buckets = {}
        rows = []
        for entry in self.entries.values():
            entry.age_to(today)
            rows.append((entry.code(self.name), entry))
        rows.sort(key=lambda row: row[0])
        for code, entry in rows:
            for key in entry.lies_in():
                bucket = self.buckets.get(key)
                if bucket is None:
                    bucket = self.buckets[key] = Bucket()
                bucket.codes.append(code)
                bucket.entries.append(entry)

    def add(self, entry: Entry, today: date) -> None:
        """Add an entry, also to the buckets of the month."""
        self.entries[entry.service.id] = entry
        entry.age_to(today)
        for key in entry.lies_in():
            self.buckets.setdefault(key, Bucket()).insert(entry.code(self.name), entry)

    def remove(self, service_id: str) -> None:
        """Take an entry out."""
        entry = self.entries.pop(service_id)
        if self.month == UNSORTED:
            return
        for key in entry.lies_in():
            self.buckets[key].remove(entry)
            if not self.buckets[key].entries:
                del self.buckets[key]

    def at(self, keys: Iterable[Key]) -> list[Bucket]:
        """The buckets there are under these keys."""
        return [self.buckets[key] for key in keys if key in self.buckets]

    def cells(self, point: tuple[float, float] | None, km: float) -> list[Bucket]:
        """The buckets of all cells that reach within so many kilometres of a point."""
        if point is None:
            return []
        wanted = cells_around(*point, km)
        if wanted is None:
            return [bucket for key, bucket in self.buckets.items() if isinstance(key, int)]
        return self.at(wanted)


class Index:
    """All topics, with the places that lie in each district."""

    def __init__(self, gazetteer: Gazetteer, today: date, limits: Limits = LIMITS) -> None:
        self._limits = limits
        self._gazetteer = gazetteer
        self._today = today
        self._topics: dict[str, Topic] = {}
        self._towns: dict[str, tuple[float, float] | None] = {}

    def fill(self, services: Iterable[Service]) -> None:
        """Add many services at once, before the first search."""
        for service in services:
            self._enter(service)
        for topic in self._topics.values():
            topic.age_to(self._today)

    def add(self, service: Service) -> None:
        """Add one service; a closed one is not found and so not kept."""
        for name, entry in self._enter(service):
            if self._topics[name].month != UNSORTED:
                self._topics[name].add(entry, self._today)

    def remove(self, service: Service) -> None:
        """Take out a service that was added."""
        if not service.active:
            return
        for name in dict.fromkeys(service.topics):
            self._topics[name].remove(service.id)

    def topic(self, name: str, today: date) -> Topic | None:
        """The services of a topic as they stand on a day; None when there are none."""
        if (today.year, today.month) != (self._today.year, self._today.month):
            for other in self._topics.values():
                other.month = UNSORTED
        self._today = today
        topic = self._topics.get(name)
        if topic is not None:
            topic.age_to(today)
        return topic

    def _enter(self, service: Service) -> list[tuple[str, Entry]]:
        if not service.active:
            return []
        entry = Entry(service, self.point(service), self._limits)
        names = list(dict.fromkeys(service.topics))
        for name in names:
            self._topics.setdefault(name, Topic(name)).entries[service.id] = entry
        return [(name, entry) for name in names]

    def point(self, service: Service) -> tuple[float, float] | None:
        """A service's own coordinates, else its town's; None when unknown or by phone only."""
        if service.telephone_only:
            return None
        if service.point is not None:
            return service.point if all(map(isfinite, service.point)) else None
        if not service.city:
            return None
        if service.city not in self._towns:
            self._towns[service.city] = self._gazetteer.point_of_town(service.city)
        return self._towns[service.city]

    def reach(self, place: Place | None) -> tuple[frozenset[str], frozenset[str]]:
        """Area ids that make a service one of the place itself, and those that make it one of its district."""
        if place is None:
            return frozenset(), frozenset()
        if place.kind == "quarter":
            return frozenset({place.id, place.district} - {""}), frozenset()
        if place.kind == "district":
            return frozenset({place.id}), frozenset(self._gazetteer.members(place.id))
        return frozenset({place.id}), frozenset({place.district} if place.district else ())
