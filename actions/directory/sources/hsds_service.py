"""One HSDS service becomes our records: one for each of its locations.

What the feed does not say stays empty. A record is refused (with the reason, never with contents) when no topic
or kind of ours fits it, or when nothing says that it is for people in Saxony.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import Any

from actions.directory.hsds_terms import AUDIENCE, FEATURES, STATUSES
from actions.directory.model import Eligibility, Service
from actions.directory.sources.contact import email_address, web_address
from actions.directory.sources.hsds_area import Areas, Where
from actions.directory.sources.hsds_contact import first_phone
from actions.directory.sources.hsds_models import Attribute, HsdsService, Location, Organization, ServiceAtLocation
from actions.directory.sources.hsds_schedule import opening
from actions.directory.sources.hsds_terms import Terms
from actions.directory.sources.hsds_words import Words, marked
from actions.directory.validation import LEGAL_STATUSES, PHONE_IN_TEXT, SHELTERS

MOST_TOPICS = 6
LONGEST_NAME, LONGEST_ALERT = 200, 300
NO_TOPIC, NO_KIND, NO_PLACE = "no topic of ours", "no kind of ours", "not in Saxony"
# HSDS words of status to ours; a word we do not know is not an open door.
STATUS = {"active": "active", "defunct": "defunct"}
PAUSED, PAUSED_NOTE = "temporarily closed", "Temporarily closed."
DOOR: dict[str, Any] = {"address_1": "", "city": "", "postal_code": "", "latitude": None, "longitude": None}
CONTACT: dict[str, Any] = {
    **DOOR,
    "phone": "",
    "email": "",
    "hours": "",
    "hours_note": "",
    "by_appointment": False,
}


class Refused(Exception):
    """The record cannot be used; the text says why."""


class Mapper:
    """Services of one feed. `host` goes into ids, `base` (without secrets) into sources, `today` decides what holds."""

    def __init__(self, terms: Terms, areas: Areas, host: str, base: str, today: date) -> None:
        self._terms, self._areas, self._host, self._base, self._today = terms, areas, host, base, today
        self._words = Words(terms, today)

    def services(self, record: HsdsService) -> Iterator[Service | Refused]:
        """A Service, or the reason why there is none, for each location (once where there is no location)."""
        places: dict[str, ServiceAtLocation] = {}
        for place in filter(_is_place, record.service_at_locations):
            places.setdefault(_key(place), place)
        for key, place in places.items():
            yield self._one(record, place, f":{key}" if len(places) > 1 else "")
        if not places:
            yield self._one(record, ServiceAtLocation(), "")

    def _one(self, record: HsdsService, place: ServiceAtLocation, suffix: str) -> Service | Refused:
        try:
            return self._dated(self._guarded(self._service(record, place, suffix)), record)
        except Refused as exc:
            return exc

    def _service(self, record: HsdsService, place: ServiceAtLocation, suffix: str) -> Service:
        location, organization = place.location or Location(), record.organization or Organization()
        attributes = [*record.attributes, *place.attributes, *location.attributes]
        topics = self._topics(attributes)
        kind = self._kind(attributes, topics)
        where = self._areas.where(place.location)
        area = self._areas.area(where, place.service_areas or record.service_areas, bool(suffix))
        if not area:
            raise Refused(NO_PLACE)
        schedules = place.schedules or record.schedules or location.schedules
        times = opening(schedules, self._today)
        languages, interpreted = self._words.languages([*record.languages, *location.languages])
        cost, free = self._words.cost(record)
        features = marked(attributes, FEATURES)
        status = record.status.lower()
        paused = PAUSED_NOTE if status == PAUSED else ""
        # Not the organization's numbers: records with one number are taken for one place.
        numbers = [contact.phones for contact in (*place.contacts, *record.contacts)]
        return Service(
            id=f"hsds:{self._host}:{record.id}{suffix}",
            name=record.name[:LONGEST_NAME],
            topics=topics,
            kind=kind,
            status=STATUS.get(status, "inactive"),
            confidence=self._words.confidence(record, attributes),
            organization=organization.name,
            alternate_name=record.alternate_name,
            description=record.description,
            eligibility=_eligibility(record, attributes),
            area=area,
            **_door(where),
            phone=first_phone(place.phones, record.phones, location.phones, *numbers),
            email=email_address(record.email, organization.email),
            url=web_address(record.url, organization.website),
            hours=times.hours,
            hours_note=times.note,
            by_appointment="by_appointment" in features or self._words.by_appointment(record, schedules, times),
            telephone_only="telephone_only" in features,
            languages=languages,
            interpreters="interpreters" in features or interpreted or self._words.interpreters(record),
            cost=cost,
            free=free or "free" in features,
            childcare="childcare" in features,
            wheelchair="wheelchair" in features or self._words.wheelchair(location),
            notes=paused,
            alert=" ".join(record.alert.split())[:LONGEST_ALERT],
        )

    def _topics(self, attributes: Sequence[Attribute]) -> tuple[str, ...]:
        """Topics of the terms, in their order; the first is the main one."""
        terms = [a.taxonomy_term for a in attributes if a.taxonomy_term is not None]
        found = [self._terms.topic(term.words) for term in terms if term.of("topic")]
        topics = tuple(dict.fromkeys(topic for topic in found if topic))[:MOST_TOPICS]
        if not topics:
            raise Refused(NO_TOPIC)
        return topics

    def _kind(self, attributes: Sequence[Attribute], topics: tuple[str, ...]) -> str:
        """Kind of the first term that names one, else what the main topic leaves as the only choice."""
        terms = [a.taxonomy_term for a in attributes if a.taxonomy_term is not None]
        found = [self._terms.kind(term.words) for term in terms if term.of("kind")]
        kind = next((kind for kind in found if kind), "") or self._terms.kind_of_topic.get(topics[0], "")
        if not kind:
            raise Refused(NO_KIND)
        return kind

    def _guarded(self, service: Service) -> Service:
        """Without what must not be shown: a shelter's door, and contacts nobody vouches for or that are gone."""
        if service.kind in SHELTERS or self._terms.says("shelter", f"{service.name} {service.alternate_name}"):
            service = replace(service, **DOOR)
        if service.status == "defunct":
            service = replace(service, **CONTACT, url="")
        if service.confidence == "low":
            named = {name: getattr(service, name) for name in ("description", "cost", "notes", "alert")}
            numbers: dict[str, Any] = {name: "" for name, text in named.items() if PHONE_IN_TEXT.search(text)}
            service = replace(service, **CONTACT, **numbers)
        return service

    def _dated(self, service: Service, record: HsdsService) -> Service:
        """With the date of the last check on every field that the record has, and the record as their source."""
        has = {
            "name": service.name,
            "description": service.description,
            "address": service.address_1 or service.postal_code,
            "phone": service.phone,
            "email": service.email,
            "url": service.url,
            "hours": service.hours or service.hours_note or service.by_appointment,
            "languages": service.languages,
            "cost": service.cost or service.free,
            "eligibility": service.eligibility != Eligibility(),
        }
        fields = [name for name, value in has.items() if value]
        seen = self._words.date(record.assured_date, record.last_modified)
        source = {"url": f"{self._base}/services/{record.id}", "seen": seen or "undated", "supports": fields}
        return replace(service, checked=dict.fromkeys(fields, seen) if seen else {}, sources=(source,))


def _is_place(place: ServiceAtLocation) -> bool:
    """Whether one can go there: postal and virtual locations are no places."""
    return place.location is not None and place.location.location_type.lower() not in ("postal", "virtual")


def _key(place: ServiceAtLocation) -> str:
    return (place.location.id if place.location else "") or place.id


def _door(where: Where) -> dict[str, Any]:
    """Address and coordinates as fields of a Service."""
    found = {**DOOR, "latitude": where.latitude, "longitude": where.longitude}
    if where.address is not None:
        lines = (where.address.address_1, where.address.address_2)
        found |= {
            "address_1": ", ".join(line for line in lines if line),
            "city": where.address.city,
            "postal_code": where.address.postal_code,
        }
    return found


def _eligibility(record: HsdsService, attributes: Sequence[Attribute]) -> Eligibility:
    """Words and ages of the record; ages that contradict each other say nothing."""
    low, high = (
        int(age) if age is not None and 0 <= age <= 120 else None for age in (record.minimum_age, record.maximum_age)
    )
    if low is not None and high is not None and low > high:
        low, high = None, None
    return Eligibility(
        description=record.eligibility_description,
        gender=next((code for code in marked(attributes, AUDIENCE) if code in ("women", "men")), ""),
        minimum_age=low,
        maximum_age=high,
        statuses=tuple(code for code in marked(attributes, STATUSES) if code in LEGAL_STATUSES),
    )
