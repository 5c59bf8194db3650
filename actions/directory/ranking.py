"""The order of services for a query, made as far as somebody asks: in groups, the best first.

With a place: services mainly for the topic, of the place or its district, that turn few people away, that can be
acted on, then by scope, language, tens of kilometres and freshness. Without one: the same without where.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import product

from actions.directory.entry import EVERYWHERE, Class, Entry, classes
from actions.directory.geo import SAXONY, distance_km
from actions.directory.index import Bucket, Index, Topic
from actions.directory.query import NEAR_KM, Query

PLACE, DISTRICT, NEAR, STATE, COUNTRY = range(5)
# Within so many kilometres nearer is not better.
STEP_KM = 10
YOUNG_AGE = 27

Row = tuple[int, int, float, int, str, Entry, float | None, int]
"""Scope, does not speak the language, steps of distance, minus freshness, id; then entry, kilometres and scope.

Without a place the first and third are 0: where a service is counts only once it is known where the person is.
"""
_Point = tuple[float, float] | None


def groups(index: Index, topic: Topic, query: Query) -> Iterator[list[Row]]:
    """Rows of what fits the query: each row of a group goes before all of the next; within one they sort as tuples."""
    young = query.age is not None and query.age < YOUNG_AGE
    everywhere = topic.at([EVERYWHERE])
    if query.place is None and query.point is None:
        there = _codes(everywhere)
        for also, few in product((False, True), (False, True)):
            for codes in _present(there, classes(few, young, also, placed=False)):
                yield [_unplaced(entry, query) for entry in _fitting(everywhere, codes, query)]
        return
    point = query.point or (query.place.point if query.place is not None else None)
    own, wider = index.reach(query.place)
    here, around, cells = topic.at(own), topic.at(wider - own), topic.cells(point, NEAR_KM)
    near, far = _codes([*here, *around]), _codes([*cells, *everywhere])
    for also in (False, True):
        for few in (False, True):
            for codes in _present(near, classes(few, young, also, placed=True)):
                yield _local(here, around, codes, own, point, query)
        for few in (False, True):
            for codes in _present(far, classes(few, young, also, placed=True)):
                yield _elsewhere(cells, everywhere, codes, own | wider, point, query)


def _local(
    here: Sequence[Bucket], around: Sequence[Bucket], codes: Class, own: frozenset[str], point: _Point, query: Query
) -> list[Row]:
    rows = [_row(PLACE, entry, _km(entry, point), query) for entry in _fitting(here, codes, query)]
    for entry in _fitting(around, codes, query):
        if own.isdisjoint(entry.service.area):
            rows.append(_row(DISTRICT, entry, _km(entry, point), query))
    return rows


def _elsewhere(
    cells: Sequence[Bucket],
    everywhere: Sequence[Bucket],
    codes: Class,
    local: frozenset[str],
    point: _Point,
    query: Query,
) -> list[Row]:
    """What serves another area but is near enough to travel to, and what serves everyone."""
    rows = []
    for entry in _fitting(cells, codes, query):
        if entry.bound or entry.everywhere:
            continue
        km = _km(entry, point)
        if km is not None and km <= NEAR_KM and local.isdisjoint(entry.service.area):
            rows.append(_row(NEAR, entry, km, query))
    for entry in _fitting(everywhere, codes, query):
        if not local.isdisjoint(entry.service.area):
            continue
        km = _km(entry, point)
        near = km is not None and km <= NEAR_KM and bool(entry.service.city)
        rows.append(_row(NEAR if near else _wide(entry), entry, km, query))
    return rows


def _row(scope: int, entry: Entry, km: float | None, query: Query) -> Row:
    service = entry.service
    silent = 0 if query.language and query.language in service.languages else 1
    return scope, silent, 0.0 if km is None else km // STEP_KM, -entry.fresh, service.id, entry, km, scope


def _unplaced(entry: Entry, query: Query) -> Row:
    return 0, *_row(_wide(entry), entry, None, query)[1:]


def _fitting(buckets: Sequence[Bucket], codes: Class, query: Query) -> Iterator[Entry]:
    """Entries of a class that the query's filters let through, each once."""
    found: Iterable[Entry] = (entry for bucket in buckets for code in codes for entry in bucket.of(code))
    if len(buckets) > 1:
        found = dict.fromkeys(found)
    exclude = query.exclude
    narrowed = query.speaks or query.free or query.women or query.open_now or query.age is not None
    for entry in found:
        if entry.service.id not in exclude and (not narrowed or _fits(entry, query)):
            yield entry


def _fits(entry: Entry, query: Query) -> bool:
    service = entry.service
    if query.speaks and query.speaks not in service.languages:
        return False
    oldest = service.eligibility.maximum_age
    if query.age is not None and oldest is not None and query.age > oldest:
        return False
    if query.free and not service.free:
        return False
    if query.open_now and (not service.hours or service.by_appointment):
        return False
    return not (query.women and service.eligibility.gender not in ("women", ""))


def _codes(buckets: Sequence[Bucket]) -> set[int]:
    return set().union(*(bucket.codes for bucket in buckets))


def _present(there: set[int], wanted: list[Class]) -> Iterator[Class]:
    """The classes of which there is anything."""
    for codes in wanted:
        if not there.isdisjoint(codes):
            yield tuple(code for code in codes if code in there)


def _wide(entry: Entry) -> int:
    return STATE if SAXONY in entry.service.area else COUNTRY


def _km(entry: Entry, point: _Point) -> float | None:
    return None if point is None or entry.point is None else distance_km(*point, *entry.point)
