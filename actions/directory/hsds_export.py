"""Records of the directory as HSDS 3.0 objects: only what a card may show on that day, empty fields left out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from actions.directory.freshness import Shown, shown
from actions.directory.geo import Gazetteer
from actions.directory.hsds_schedule import schedules
from actions.directory.hsds_terms import Terms, identity, words_for
from actions.directory.model import Service
from actions.directory.validation import PHONE_IN_TEXT, SHELTERS

ALERTS = {
    "old": "Checked more than 12 months ago. It may have changed, please call or look first.",
    "undated": "The date of this information is not known. It may have changed, please ask first.",
    "withheld": "Older details are left out because they may be wrong.",
    "unconfirmed": "Not confirmed: no number, address or hours are given.",
}
NOT_ACTIVE = "This service is not offered at present."


@dataclass(frozen=True, slots=True)
class Context:
    """What the export of one moment rests on; `language_name` gives the English name of a code, or ""."""

    terms: Terms
    gazetteer: Gazetteer
    now: datetime
    language_name: Callable[[str], str] = lambda code: ""


def listed(service: Service, context: Context) -> dict[str, Any]:
    """The service with its one-to-one fields and its organization, as lists hold it."""
    may = allowed(service, context.now)
    cost = service.cost or ("free" if service.free else "")
    told = [
        "By telephone only." if service.telephone_only else "",
        "By appointment." if service.by_appointment and may.hours else "",
    ]
    return {
        "id": identity("service", service.id),
        "name": _name(service, may),
        "status": service.status,
        **_filled(
            organization_id=identity("organization", service.organization) if service.organization else "",
            alternate_name=_text(service.alternate_name, may),
            description=_text(service.description, may),
            url=service.url,
            email=service.email if may.email else "",
            interpretation_services="With interpreters" if service.interpreters else "",
            application_process=" ".join(filter(None, told)),
            fees_description=_text(cost, may),
            eligibility_description=_text(service.eligibility.description, may),
            minimum_age=service.eligibility.minimum_age,
            maximum_age=service.eligibility.maximum_age,
            assured_date=_day(may.checked),
            alert=ALERTS.get(may.warning, "") if service.active else NOT_ACTIVE,
            last_modified=modified(service),
            organization=organization(service.organization) if service.organization else None,
        ),
    }


def full(service: Service, context: Context) -> dict[str, Any]:
    """The service with everything that belongs to it, fully nested."""
    may = allowed(service, context.now)
    owner = {"service_id": identity("service", service.id)}
    basic = listed(service, context)
    place = service_at_location(service, context)
    hours = schedules(service, context.now) if may.hours else []
    return {
        **basic,
        **_filled(
            phones=phones(service) if may.phone else [],
            schedules=hours,
            service_areas=_areas(service, context, owner),
            service_at_locations=[place] if place else [],
            languages=_languages(service, context, owner),
            cost_options=_cost(service, may, owner),
            contacts=_contacts(service, may, owner),
            attributes=[context.terms.attribute(service.id, *word) for word in words_for(service, may)],
            metadata=_metadata(service, basic, may, bool(hours)),
        ),
    }


def minimal(service: Service) -> dict[str, Any]:
    """The id and when the service changed, under both names that HSDS gives it."""
    when = modified(service)
    return {"id": identity("service", service.id), **_filled(last_modified=when, modified_date=when)}


def organization(name: str) -> dict[str, Any]:
    """An organization; we know its name only, and HSDS wants a description."""
    return {"id": identity("organization", name), "name": name, "description": name}


def phones(service: Service) -> list[dict[str, Any]]:
    """The service's number; whether it may be shown is the caller's question."""
    number = {"id": identity("phone", service.id), "number": service.phone, "type": "voice"}
    return [{**number, "service_id": identity("service", service.id)}]


def service_at_location(service: Service, context: Context) -> dict[str, Any] | None:
    """The service with the place where it is, or None when no address may be shown."""
    may = allowed(service, context.now)
    if not may.address:
        return None
    location_id = identity("location", service.id)
    code = service.postal_code
    known = context.gazetteer.by_postcode(code) if code else context.gazetteer.candidates(service.city)
    access = {"id": identity("wheelchair", service.id), "location_id": location_id, "description": "Wheelchair access"}
    # HSDS wants every one of these; "" says that the source did not give it.
    address = {
        "id": identity("address", service.id),
        "location_id": location_id,
        "address_1": service.address_1,
        "city": service.city,
        "state_province": "Sachsen" if known else "",
        "postal_code": code,
        "country": "DE",
        "address_type": "physical",
    }
    return {
        "id": identity("service_at_location", service.id),
        "service_id": identity("service", service.id),
        "location_id": location_id,
        "location": {
            "id": location_id,
            "location_type": "physical",
            "addresses": [address],
            **_filled(
                latitude=service.latitude,
                longitude=service.longitude,
                accessibility=[access] if service.wheelchair else [],
            ),
        },
    }


def allowed(service: Service, now: datetime) -> Shown:
    """The freshness contract of the day, and for shelters no door and no mailbox, whatever the record says."""
    may = shown(service, now.date())
    if service.kind not in SHELTERS:
        return may
    return Shown(False, may.phone, False, may.hours, may.url, may.checked, may.warning)


def modified(service: Service) -> str:
    """The newest check as a date-time, "" when its day is not known."""
    newest = _day(max(service.checked.values(), default=""))
    return f"{newest}T00:00:00Z" if newest else ""


def _areas(service: Service, context: Context, owner: dict[str, str]) -> list[dict[str, Any]]:
    places = filter(None, (context.gazetteer.get(area) for area in service.area))
    return [{"id": identity("area", service.id, place.id), **owner, "name": place.name} for place in places]


def _languages(service: Service, context: Context, owner: dict[str, str]) -> list[dict[str, Any]]:
    return [
        {
            "id": identity("language", service.id, code),
            **owner,
            "code": code,
            **_filled(name=context.language_name(code)),
        }
        for code in service.languages
    ]


def _cost(service: Service, may: Shown, owner: dict[str, str]) -> list[dict[str, Any]]:
    text = _text(service.cost, may)
    price = {"amount": 0, "currency": "EUR"} if service.free else {}
    detail = _filled(amount_description=text)
    return [{"id": identity("cost", service.id), **owner, **price, **detail}] if price or detail else []


def _contacts(service: Service, may: Shown, owner: dict[str, str]) -> list[dict[str, Any]]:
    """The mailbox of the service; the directory holds no names of persons."""
    if not may.email:
        return []
    name = service.organization or _name(service, may)
    return [{"id": identity("contact", service.id), **owner, "name": name, "email": service.email}]


def _metadata(service: Service, basic: dict[str, Any], may: Shown, hours: bool) -> list[dict[str, Any]]:
    """Which page gave which value on which day; pages without a full date are only in the attributes."""
    address = ", ".join(filter(None, [service.address_1, f"{service.postal_code} {service.city}".strip()]))
    values = {
        **{name: str(basic.get(name, "")) for name in ("name", "description", "email", "url")},
        "eligibility": basic.get("eligibility_description", ""),
        "cost": basic.get("fees_description", ""),
        "organization": service.organization,
        "languages": ", ".join(service.languages),
        "phone": service.phone if may.phone else "",
        "address": address if may.address else "",
        "hours": service.hours if hours else "",
    }
    return [
        {
            "id": identity("metadata", service.id, str(source.get("url")), str(source["seen"]), field),
            "resource_id": identity("service", service.id),
            "resource_type": "service",
            "last_action_date": str(source["seen"]),
            "last_action_type": "checked",
            "field_name": field,
            "previous_value": "",
            "replacement_value": values[field],
            "updated_by": str(source.get("url") or ""),
        }
        for source in service.sources
        for field in source.get("supports") or ()
        if values.get(field) and _day(str(source.get("seen") or ""))
    ]


def _name(service: Service, may: Shown) -> str:
    """The name, without a number in it that may not be shown."""
    return service.name if may.phone else " ".join(PHONE_IN_TEXT.sub("", service.name).split()) or service.id


def _text(text: str, may: Shown) -> str:
    """Free text, left out when it holds a number and numbers may not be shown."""
    return "" if not may.phone and PHONE_IN_TEXT.search(text) else text


def _day(stamp: str) -> str:
    """A full ISO date; a year or a month alone is none."""
    return stamp if len(stamp) == len("2026-11-23") and stamp[4] == stamp[7] == "-" else ""


def _filled(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in ("", None, [])}
