"""What sources have brought, beside the embedded records, kept merged as batches come and go."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from actions.directory.admission import admitted
from actions.directory.geo import Gazetteer
from actions.directory.merge import Record, discreet, stamp
from actions.directory.model import Service
from actions.directory.same import Cluster, gather
from actions.directory.traits import Towns, name_keys, phone_keys, traits_of


@dataclass(frozen=True, slots=True)
class Change:
    """Services that are no longer shown, and those that are from now on; one that changed is in both."""

    gone: tuple[Service, ...] = ()
    come: tuple[Service, ...] = ()


class Adopted:
    """Batches by key. A change costs what the records it touches cost, never a look at the whole directory.

    Records that could be one place share a key (`same.py`). What shares none with a change, over any number of
    steps, stays as it is, so that the outcome is the same as if everything were merged at once.
    """

    def __init__(self, embedded: Mapping[str, Service], gazetteer: Gazetteer) -> None:
        self._embedded = embedded
        self._towns = Towns(gazetteer)
        # Nearly every key of an embedded record is its own: a list for each would double the memory.
        self._embedded_by_key: dict[int, str] = {}
        self._embedded_besides: dict[int, list[str]] = {}
        for service in embedded.values():
            for key in _keys(service):
                if self._embedded_by_key.setdefault(key, service.id) != service.id:
                    self._embedded_besides.setdefault(key, []).append(service.id)
        self._given: dict[str, tuple[Service, ...]] = {}
        self._versions: dict[str, dict[str, Record]] = {}
        self._chosen: dict[str, Record] = {}
        self._clusters: dict[str, Cluster] = {}
        self._by_key: dict[int, set[str]] = {}
        self._home: dict[str, str] = {}

    def home(self, service_id: str) -> str:
        """The id under which a record is shown that was merged into another; its own otherwise."""
        return self._home.get(service_id, service_id)

    def replace(self, key: str, services: Sequence[Service]) -> Change:
        """Put these in the place of the batch that came under this key before; none to forget it."""
        given = tuple(services)
        before = self._given.get(key, ())
        if given == before:
            return Change()
        source = key.rpartition(":")[0] or key
        for service in before:
            versions = self._versions.get(service.id, {})
            versions.pop(key, None)
        allowed = filter(None, map(admitted, given))
        for record in (Record(discreet(service), source) for service in allowed):
            versions = self._versions.setdefault(record.service.id, {})
            versions[key] = _newer(versions.get(key), record)
        if given:
            self._given[key] = given
        else:
            self._given.pop(key, None)
        changed = {service.id for service in (*before, *given)}
        return self._update({name for name in changed if self._choose(name)})

    def _choose(self, name: str) -> bool:
        """Settle on the newest version of a record; whether it changed."""
        versions = self._versions.get(name)
        old = self._chosen.pop(name, None)
        new: Record | None = None
        for record in (versions or {}).values():
            new = _newer(new, record)
        if new is None:
            self._versions.pop(name, None)
        else:
            self._chosen[name] = new
        return new != old

    def _update(self, changed: set[str]) -> Change:
        if not changed:
            return Change()
        ids = {self._home.get(name, name) for name in changed} | changed
        keys = {key for name in changed if name in self._chosen for key in _keys(self._chosen[name].service)}
        old, alone = self._reach(ids, keys)
        while True:
            rows = [Record(self._embedded[name]) for name in alone]
            members = {row.service.id for name in old for row in self._clusters[name].members if row.source}
            rows += [Record(row.service) for name in old for row in self._clusters[name].members if not row.source]
            rows += [self._chosen[name] for name in members | changed if name in self._chosen]
            clusters = gather(rows, self._towns)
            # A joined place may be found by what none of its records has alone.
            wider = self._reach({*old, *alone, *ids}, {key for cluster in clusters for key in cluster.keys})
            if wider == (old, alone):
                break
            old, alone = wider
        before = {name: self._clusters[name].face for name in old} | {name: self._embedded[name] for name in alone}
        self._file(old, clusters)
        after = {cluster.face.id: cluster.face for cluster in clusters}
        return Change(
            tuple(face for name, face in before.items() if after.get(name) != face),
            tuple(face for name, face in after.items() if before.get(name) != face),
        )

    def _reach(self, ids: Iterable[str], keys: Iterable[int]) -> tuple[set[str], set[str]]:
        """Clusters, and embedded records outside of any, that these ids and keys lead to."""
        old: set[str] = set()
        alone: set[str] = set()
        left, seen = list(keys), set(keys)
        names = list(ids)
        while left or names:
            if not names:
                key = left.pop()
                names.extend(self._by_key.get(key, ()))
                if key in self._embedded_by_key:
                    names.append(self._embedded_by_key[key])
                    names.extend(self._embedded_besides.get(key, ()))
                continue
            name = names.pop()
            name = self._home.get(name, name)
            if name in old or name in alone:
                continue
            if name in self._clusters:
                old.add(name)
                more = self._clusters[name].keys
            elif name in self._embedded:
                alone.add(name)
                more = _keys(self._embedded[name])
            else:
                continue
            left.extend(more - seen)
            seen |= more
        return old, alone

    def _file(self, old: set[str], clusters: list[Cluster]) -> None:
        for name in old:
            cluster = self._clusters.pop(name)
            for row in cluster.members:
                self._home.pop(row.service.id, None)
            for key in cluster.keys:
                found = self._by_key[key]
                found.discard(name)
                if not found:
                    del self._by_key[key]
        for cluster in clusters:
            if cluster.sources == {""}:
                continue  # embedded records by themselves are not kept twice
            name = cluster.face.id
            self._clusters[name] = cluster
            for row in cluster.members:
                self._home[row.service.id] = name
            for key in cluster.keys:
                self._by_key.setdefault(key, set()).add(name)


def _keys(service: Service) -> set[int]:
    traits = traits_of(service)
    return {*name_keys(traits), *phone_keys(traits)}


def _newer(old: Record | None, new: Record) -> Record:
    """The newer of two versions of one record; their text settles it when they are as old."""
    if old is None:
        return new
    return max(old, new, key=lambda record: (stamp(record.service), repr(record)))
