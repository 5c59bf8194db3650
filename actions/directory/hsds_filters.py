"""Filters of HSDS lists: which services, places, organizations and terms a query leaves."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actions.directory import hsds_export as export
from actions.directory.geo import GERMANY, Gazetteer, distance_km, fold
from actions.directory.hsds_terms import KINDS, TOPICS, Terms, identity, words_for
from actions.directory.model import Service


@dataclass(frozen=True, slots=True)
class Filters:
    """What a list is narrowed to; all of it must hold. Ids are UUIDs, `proximity` metres, `modified_after` aware."""

    search: str = ""
    taxonomy_term_id: str = ""
    taxonomy_id: str = ""
    organization_id: str = ""
    modified_after: datetime | None = None
    postcode: str = ""
    proximity: int | None = None
    parent_id: str = ""
    top_only: bool = False


class Matcher:
    """Says what fits. Texts to search in are folded once and kept."""

    def __init__(self, gazetteer: Gazetteer, terms: Terms) -> None:
        self._gazetteer, self._terms = gazetteer, terms
        self._texts: dict[str, str] = {}

    def problem(self, filters: Filters) -> str:
        """Why these filters cannot be applied, in a sentence, or ""."""
        if filters.proximity is None:
            return ""
        if not filters.postcode:
            return "proximity needs a postcode."
        known = self._centre(filters.postcode) is not None
        return "" if known else "The centre of this postcode is not known: only Saxony's are."

    def service(self, service: Service, filters: Filters, now: datetime) -> bool:
        """Whether a service has the organization, the words and the age asked for."""
        owner = identity("organization", service.organization) if service.organization else ""
        if filters.organization_id and filters.organization_id != owner:
            return False
        if filters.modified_after is not None:
            changed = export.modified(service)
            if not changed or datetime.fromisoformat(changed.replace("Z", "+00:00")) < filters.modified_after:
                return False
        if not filters.taxonomy_term_id and not filters.taxonomy_id:
            return True
        spoken = words_for(service, export.allowed(service, now))
        terms = [self._terms.terms[taxonomy, code] for taxonomy, code, _ in spoken]
        return all(
            any(wanted in ("", term[key]) for term in terms)
            for key, wanted in (("id", filters.taxonomy_term_id), ("taxonomy_id", filters.taxonomy_id))
        )

    def place(self, service: Service, filters: Filters, now: datetime) -> bool:
        """Whether a service has a place that may be shown, is for the postcode's people and near enough."""
        if not export.allowed(service, now).address:
            return False
        if not filters.postcode:
            return True
        homes = self._gazetteer.by_postcode(filters.postcode)
        near = any(self._gazetteer.scope_of(service.area, home) != "elsewhere" for home in homes)
        if not near and GERMANY not in service.area:
            return False
        return filters.proximity is None or self._metres(service, filters.postcode) <= filters.proximity

    def text(self, key: str, thing: Any) -> str:
        """The folded text to search in: of a service its own words, its topics and its kind in two languages."""
        found = self._texts.get(key)
        if found is None:
            parts = thing.values() if isinstance(thing, dict) else [thing]
            if isinstance(thing, Service):
                topics = [self._terms.terms[TOPICS, topic]["name"] for topic in thing.topics]
                kind = self._terms.terms[KINDS, thing.kind]
                own = [thing.name, thing.alternate_name, thing.organization, thing.description]
                parts = [*own, *topics, kind["name"], kind["description"]]
            found = self._texts[key] = fold(" ".join(map(str, parts)))
        return found

    def _centre(self, postcode: str) -> tuple[float, float] | None:
        row = self._gazetteer.postcodes.get(postcode) or {}
        return (row["lat"], row["lon"]) if "lat" in row and "lon" in row else None

    def _metres(self, service: Service, postcode: str) -> float:
        """From the postcode's centre to the door, else to the centre of the door's postcode or town."""
        start = self._centre(postcode)
        end = service.point or self._centre(service.postal_code) or self._gazetteer.point_of_town(service.city)
        if start is None or end is None:
            return float("inf")
        return 1000 * distance_km(*start, *end)
