"""One record for reading: what a card may show today, why something is withheld, sources and dates."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

from actions.directory.freshness import CONTACT_FIELDS, LIMITS, Shown, shown
from actions.directory.model import Service, service_from_record
from actions.directory.validation import SHELTERS
from bot.directory_tools.columns import Record

WARNINGS = {
    "": "none",
    "old": f"may have changed: the oldest date shown is more than {LIMITS.old} months ago",
    "undated": "the date of the last check is not known",
    "withheld": f"details checked more than {LIMITS.very_old} months ago were left out",
    "unconfirmed": "not confirmed: low confidence, or not active",
}
FLAGS = ("by_appointment", "telephone_only", "interpreters", "free", "childcare", "wheelchair")


def lines(record: Record, area: str, today: date) -> list[str]:
    """The record as text; `area` is the name of its file. DirectoryError when it is no service."""
    service = service_from_record(record)
    text = [f"{service.id}  {service.name}"]
    text += [f"  {name}: {value}" for name, value in _facts(service) if value]
    text += [f"  in: data/services/{area}.yml", "", f"What a card shows on {today.isoformat()}"]
    card = shown(service, today)
    for name in CONTACT_FIELDS:
        value, reason = _contact(service, card, name)
        text.append(f"  {name}: {value + ' - ' if value else ''}{reason}")
    text.append(f"  website: {service.url + ' - shown' if card.url else 'not in the record'}")
    text.append(f"  date: {card.checked or 'not known'}")
    text.append(f"  warning: {WARNINGS[card.warning]}")
    text.append(f"  something to go on with: {'yes' if card.actionable else 'no'}")
    text += ["", "Sources"]
    text += list(_sources(record)) or ["  none"]
    text += ["", "Checked"]
    text += [f"  {name}: {day}" for name, day in sorted(service.checked.items())] or ["  nothing is dated"]
    return text


def _facts(service: Service) -> Iterator[tuple[str, str]]:
    limits = service.eligibility
    ages = [f"from {limits.minimum_age}" if limits.minimum_age is not None else ""]
    ages += [f"to {limits.maximum_age}" if limits.maximum_age is not None else ""]
    yield "also called", service.alternate_name
    yield "organization", service.organization
    yield "kind", service.kind
    yield "status", f"{service.status}, confidence {service.confidence}"
    yield "topics", ", ".join(service.topics)
    yield "area", ", ".join(service.area)
    yield "description", service.description
    yield "for", ", ".join(x for x in (limits.description, limits.gender, *ages, *limits.statuses) if x)
    yield "languages", ", ".join(service.languages)
    yield "note on hours", service.hours_note
    yield "cost", service.cost
    yield "marked", ", ".join(name for name in FLAGS if getattr(service, name))
    yield "notes for editors", service.notes


def _contact(service: Service, card: Shown, name: str) -> tuple[str, str]:
    """The value, and whether a card shows it."""
    town = " ".join(x for x in (service.postal_code, service.city) if x)
    value = {
        "address": ", ".join(x for x in (service.address_1, town) if x) if _has_address(service) else "",
        "phone": service.phone,
        "email": service.email,
        "hours": service.hours or ("by appointment" if service.by_appointment else service.hours_note),
    }[name]
    stamp = service.checked.get(name, "")
    if not value:
        if name == "address" and service.kind in SHELTERS:
            return "", "never kept for a shelter"
        return "", "not in the record"
    if getattr(card, name):
        return value, f"shown, checked {stamp}" if stamp else "shown, its date is not known"
    if not service.active:
        return value, f"withheld: the service is {service.status}"
    if service.confidence == "low":
        return value, "withheld: confidence is low"
    return value, f"withheld: checked {stamp}, more than {LIMITS.very_old} months ago"


def _has_address(service: Service) -> bool:
    return bool(service.address_1 or service.postal_code)


def _sources(record: Record) -> Iterator[str]:
    rows: list[dict[str, Any]] = list(record.get("sources") or [])
    for number, source in enumerate(rows, 1):
        remark = f" ({source['remark']})" if source.get("remark") else ""
        yield f"  {number}. {source.get('seen', 'undated')}  {source.get('url', '')}{remark}"
        yield f"     supports {', '.join(source.get('supports') or ['nothing'])}"
