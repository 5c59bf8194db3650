"""What an HSDS client asks of our directory: lists, pages and single objects, written as JSON once and kept."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from actions.directory import hsds_export as export
from actions.directory.geo import Gazetteer, fold
from actions.directory.hours import BERLIN
from actions.directory.hsds_filters import Filters, Matcher
from actions.directory.hsds_terms import Terms, identity
from actions.directory.model import Service

# Written objects kept in memory; a full one has about 8 KB.
KEPT = 4000
SERVICES = "services"
PLACES = "service_at_locations"
ORGANIZATIONS = "organizations"
TAXONOMIES = "taxonomies"
TERMS = "taxonomy_terms"


@dataclass(frozen=True, slots=True)
class Row:
    """One thing of a list: its UUID, our own key for it, and the service, name, taxonomy or term behind it."""

    id: str
    key: str
    thing: Any


class Feed:
    """The embedded directory for other systems; what came from upstreams stays with the upstreams.

    `services` are taken once. `topics` maps a topic to its English title, `language_name` a code to its English
    name. Everything but the constructor may run in a thread, one call at a time.
    """

    def __init__(
        self,
        services: Iterable[Service],
        gazetteer: Gazetteer,
        kinds: Mapping[str, Mapping[str, str]],
        topics: Mapping[str, str] | None = None,
        language_name: Callable[[str], str] = lambda code: "",
    ) -> None:
        # Ids of upstream records name their source before a colon.
        own = sorted((service for service in services if ":" not in service.id), key=lambda service: service.id)
        used = {topic: topic.replace("_", " ").capitalize() for service in own for topic in service.topics}
        self._gazetteer, self._language_name = gazetteer, language_name
        self._terms = Terms(kinds, {**used, **(topics or {})})
        self._matcher = Matcher(gazetteer, self._terms)
        self._of_organization: dict[str, list[Service]] = {}
        for service in own:
            if service.organization:
                self._of_organization.setdefault(service.organization, []).append(service)
        self._own = own
        self._rows: dict[str, dict[str, Row]] = {}
        self._written: dict[tuple[str, str, str], bytes] = {}
        self._period: tuple[Any, ...] = ()

    def problem(self, filters: Mapping[str, Any]) -> str:
        """Why these filters (fields of `Filters`) cannot be applied, in a sentence, or ""."""
        return self._matcher.problem(Filters(**filters))

    def find(self, resource: str, filters: Mapping[str, Any], now: datetime) -> list[Row]:
        """The things of a list that fit, in a fixed order. `filters` are fields of `Filters`; see `problem` first."""
        wanted = Filters(**filters)
        words = fold(wanted.search).split()
        return [
            row
            for row in self._listing(resource).values()
            if self._fits(resource, row, wanted, now)
            and (not words or all(word in self._matcher.text(f"{resource}/{row.key}", row.thing) for word in words))
        ]

    def page(self, resource: str, rows: Sequence[Row], form: str, number: int, size: int, now: datetime) -> bytes:
        """One page of a list in HSDS's envelope; a page after the last one is empty. `form` as in `write`."""
        shown = self.write(resource, rows[(number - 1) * size : number * size], form, now)
        pages = max(1, -(-len(rows) // size))
        envelope = {
            "total_items": len(rows),
            "total_pages": pages,
            "page_number": number,
            "size": len(shown),
            "first_page": number == 1,
            "last_page": number >= pages,
            "empty": not shown,
        }
        return _json(envelope)[:-1] + b',"contents":[' + b",".join(shown) + b"]}"

    def write(self, resource: str, rows: Iterable[Row], form: str, now: datetime) -> list[bytes]:
        """Each thing as JSON. `form`: "listed", "full", "minimal" (services), "full_service" (organizations)."""
        context = self._context(now)
        found = []
        for row in rows:
            kept = (resource, form, row.key)
            text = self._written.get(kept)
            if text is None:
                if len(self._written) >= KEPT:
                    self._written.clear()
                text = self._written[kept] = _json(self._object(resource, row, form, context))
            found.append(text)
        return found

    def one(self, resource: str, identifier: str, form: str, now: datetime) -> bytes | None:
        """The thing with this UUID, or None; a place whose address may not be shown is not there."""
        row = self._listing(resource).get(identifier.lower())
        if row is None or not self._fits(resource, row, Filters(), now):
            return None
        return self.write(resource, [row], form, now)[0]

    def _listing(self, resource: str) -> dict[str, Row]:
        """Everything of a list by UUID; made when first asked for, which for many services takes seconds."""
        found = self._rows.get(resource)
        if found is None:
            found = self._rows[resource] = {row.id: row for row in self._all(resource)}
        return found

    def _all(self, resource: str) -> Iterator[Row]:
        if resource == TAXONOMIES:
            yield from (Row(thing["id"], name, thing) for name, thing in self._terms.taxonomies.items())
        elif resource == TERMS:
            yield from (Row(thing["id"], "/".join(key), thing) for key, thing in self._terms.terms.items())
        elif resource == ORGANIZATIONS:
            yield from (Row(identity("organization", name), name, name) for name in sorted(self._of_organization))
        else:
            entity = "service" if resource == SERVICES else "service_at_location"
            yield from (Row(identity(entity, service.id), service.id, service) for service in self._own)

    def _fits(self, resource: str, row: Row, wanted: Filters, now: datetime) -> bool:
        if resource == SERVICES:
            return self._matcher.service(row.thing, wanted, now)
        if resource == PLACES:
            return self._matcher.place(row.thing, wanted, now) and self._matcher.service(row.thing, wanted, now)
        if resource == TERMS:
            # Our vocabularies are flat: every term is a top one and none has a parent.
            return wanted.taxonomy_id in ("", row.thing["taxonomy_id"]) and not wanted.parent_id
        return True

    def _context(self, now: datetime) -> export.Context:
        """What is written holds for a week: hours may change with it, fields age by the month."""
        now = now.replace(tzinfo=BERLIN) if now.tzinfo is None else now.astimezone(BERLIN)
        period = (now.date() - timedelta(days=now.weekday()), now.month, now.utcoffset())
        if period != self._period:
            self._written.clear()
            self._period = period
        return export.Context(self._terms, self._gazetteer, now, self._language_name)

    def _object(self, resource: str, row: Row, form: str, context: export.Context) -> dict[str, Any]:
        if resource == SERVICES and form == "minimal":
            return export.minimal(row.thing)
        if resource in (SERVICES, PLACES):
            service = (export.full if form == "full" else export.listed)(row.thing, context)
            if resource == SERVICES:
                return service
            service.pop("service_at_locations", None)
            return {**(export.service_at_location(row.thing, context) or {"id": row.id}), "service": service}
        if resource == ORGANIZATIONS:
            return self._organization(row.thing, form, context)
        if resource == TERMS and form == "full":
            return {**row.thing, "taxonomy_detail": self._terms.taxonomies[row.thing["taxonomy"]]}
        return dict(row.thing)

    def _organization(self, name: str, form: str, context: export.Context) -> dict[str, Any]:
        """By itself in lists, with its services when asked for: as lists hold them or fully nested."""
        found = export.organization(name)
        if form == "listed":
            return found
        write = export.full if form == "full_service" else export.listed
        services = [write(service, context) for service in self._of_organization[name]]
        return {**found, "services": [{k: v for k, v in s.items() if k != "organization"} for s in services]}


def _json(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
