"""Which records are one place: by phone number, or by name and door. Nothing else joins two records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import combinations

from actions.directory.geo import distance_km
from actions.directory.merge import Record, merged
from actions.directory.model import Service
from actions.directory.traits import (
    NEAR_KM,
    Towns,
    Traits,
    name_keys,
    one_number,
    one_town,
    phone_keys,
    surely_one,
    traits_of,
)

# A number that more places share is a call centre's: it says nothing about which place it is.
SWITCHBOARD = 20


@dataclass(slots=True)
class Cluster:
    """Records that are one place, and the `face` they are shown with. `keys` holds all it was ever found by."""

    members: tuple[Record, ...]
    face: Service
    traits: tuple[Traits, ...]
    keys: set[int] = field(default_factory=set)

    @classmethod
    def of(cls, members: Iterable[Record], towns: Towns, keys: Iterable[int] = ()) -> Cluster:
        """Merge the members."""
        rows = tuple(members)
        face = merged(rows)
        services = [row.service for row in rows] if len(rows) == 1 else [*(row.service for row in rows), face]
        traits = tuple(traits_of(service, towns) for service in services)
        return cls(rows, face, traits, {*keys, *(key for t in traits for key in (*name_keys(t), *phone_keys(t)))})

    @property
    def sources(self) -> frozenset[str]:
        """The sources its records come from, "" for the embedded directory."""
        return frozenset(row.source for row in self.members)


def gather(records: Iterable[Record], towns: Towns) -> list[Cluster]:
    """Records put together into places; the outcome does not depend on their order.

    Two embedded records stay two: editors keep them apart. So do two of one source that share no more than a
    number: a switchboard. Such a number joins each only with the one it has most in common with, if there is one.
    """
    by_id: dict[str, list[Record]] = {}
    for record in records:
        by_id.setdefault(record.service.id, []).append(record)
    clusters = [Cluster.of(by_id[name], towns) for name in sorted(by_id)]
    # A joined place may be recognised by one record's name and another's door: on until nothing joins any more.
    while True:
        joined = _join(clusters, _by_name(clusters), False, towns)
        joined = joined or _join(clusters, _by_number(clusters), True, towns)
        if joined is None:
            return clusters
        clusters = joined


_Edge = tuple[int, int]


def _by_name(clusters: list[Cluster]) -> list[_Edge]:
    edges = set()
    for cell in _sharing(clusters, name_keys):
        for i, j in combinations(cell, 2):
            if (i, j) not in edges and any(surely_one(a, b) for a in clusters[i].traits for b in clusters[j].traits):
                edges.add((i, j))
    return _ordered(edges, clusters)


def _by_number(clusters: list[Cluster]) -> list[_Edge]:
    """Pairs of different sources with one number, each the other's only or closest candidate of its sources."""
    edges: set[_Edge] = set()
    for cell in _sharing(clusters, phone_keys):
        if len(cell) <= SWITCHBOARD:
            edges.update(pair for pair in combinations(cell, 2) if _may_share(clusters[pair[0]], clusters[pair[1]]))
    partners: dict[int, list[int]] = {}
    for i, j in edges:
        partners.setdefault(i, []).append(j)
        partners.setdefault(j, []).append(i)

    def only(i: int, j: int) -> bool:
        sources, close = clusters[j].sources, _closeness(clusters[i], clusters[j])
        rivals = (k for k in partners[i] if k != j and not sources.isdisjoint(clusters[k].sources))
        return all(_closeness(clusters[i], clusters[k]) < close for k in rivals)

    return _ordered({(i, j) for i, j in edges if only(i, j) and only(j, i)}, clusters)


def _may_share(a: Cluster, b: Cluster) -> bool:
    return a.sources.isdisjoint(b.sources) and any(one_number(s, t) for s in a.traits for t in b.traits)


def _sharing(clusters: list[Cluster], keys: Callable[[Traits], Iterator[int]]) -> list[list[int]]:
    cells: dict[int, list[int]] = {}
    for i, cluster in enumerate(clusters):
        for key in {key for t in cluster.traits for key in keys(t)}:
            cells.setdefault(key, []).append(i)
    return [cell for cell in cells.values() if len(cell) > 1]


def _ordered(edges: set[_Edge], clusters: list[Cluster]) -> list[_Edge]:
    """The closest first, then by id."""

    def rank(edge: _Edge) -> tuple[list[float], list[str]]:
        a, b = clusters[edge[0]], clusters[edge[1]]
        return [-x for x in _closeness(a, b)], sorted((a.face.id, b.face.id))

    return sorted(edges, key=rank)


def _closeness(a: Cluster, b: Cluster) -> tuple[float, ...]:
    """How much two places have in common besides what joins them; larger is more."""
    s, t = a.traits[-1], b.traits[-1]
    one, two = set(s.name.split()), set(t.name.split())
    words = len(one & two) / len(one | two) if one | two else 0.0
    near = s.point is not None and t.point is not None and distance_km(*s.point, *t.point) < NEAR_KM
    known = s.towns is not None and t.towns is not None
    return float(bool(s.spot) and s.spot == t.spot), float(near), float(known), words


def _join(clusters: list[Cluster], edges: list[_Edge], apart: bool, towns: Towns) -> list[Cluster] | None:
    """Join along the edges what may be joined; None when nothing was. `apart`: never two of one source."""
    home = {i: [i] for i in range(len(clusters))}
    for i, j in edges:
        one, two = home[i], home[j]
        if one is two or not _may_join([clusters[k] for k in one], [clusters[k] for k in two], apart):
            continue
        one.extend(two)
        for k in two:
            home[k] = one
    groups = {id(group): group for group in home.values()}
    if len(groups) == len(clusters):
        return None
    joined = []
    for group in groups.values():
        if len(group) == 1:
            joined.append(clusters[group[0]])
            continue
        parts = [clusters[k] for k in group]
        members = (row for part in parts for row in part.members)
        joined.append(Cluster.of(members, towns, (key for part in parts for key in part.keys)))
    return sorted(joined, key=lambda cluster: cluster.face.id)


def _may_join(one: list[Cluster], two: list[Cluster], apart: bool) -> bool:
    first = [source for cluster in one for source in cluster.sources]
    second = [source for cluster in two for source in cluster.sources]
    if "" in first and "" in second:
        return False
    if not apart:
        return True
    traits = [t for cluster in two for t in cluster.traits]
    return set(first).isdisjoint(second) and all(one_town(s, t) for c in one for s in c.traits for t in traits)
