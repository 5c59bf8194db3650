"""What of the directory needs a call or a look: ages, missing numbers and hours, topics and districts without help."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from actions.directory.freshness import CONTACT_FIELDS, LASTING_KINDS, LIMITS, months
from actions.directory.geo import SAXONY
from actions.directory.model import Service, service_from_record
from bot.directory_tools.columns import Record
from bot.directory_tools.holdings import Holdings
from bot.quality.coverage import counts


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with one active record. The first three map a field (or "record") to its date, "" if unknown."""

    service: Service
    districts: frozenset[str]
    very_old: dict[str, str]
    old: dict[str, str]
    undated: dict[str, str]
    no_phone: bool
    no_hours: bool
    unconfirmed: bool

    @property
    def clean(self) -> bool:
        """True when there is nothing to do."""
        return not (self.very_old or self.old or self.undated or self.no_phone or self.no_hours or self.unconfirmed)


@dataclass(frozen=True, slots=True)
class Gaps:
    """Where there is nothing. `useless` are topics whose services all have nothing to go on with today.

    `missing` maps a district to the topics with a service elsewhere, but none there, for all Saxony or for all Germany.
    """

    topics: tuple[str, ...]
    useless: tuple[str, ...]
    districts: tuple[str, ...]
    missing: dict[str, tuple[str, ...]]


def findings(holdings: Holdings, today: date, limit: int) -> list[Finding]:
    """All active records with something to do; `limit` is the age in months from which a date is old."""
    found = [_finding(record, holdings, today, limit) for record in holdings.records]
    return [finding for finding in found if finding is not None and not finding.clean]


def gaps(holdings: Holdings, today: date) -> Gaps:
    """Topics and districts that no active service covers."""
    table = counts(holdings.records, holdings.gazetteer, today, actionable=False)
    usable = counts(holdings.records, holdings.gazetteer, today)
    districts = [place.id for place in holdings.gazetteer.districts()]
    topics = list(holdings.topics)
    local = {name: [t for t in topics if table.get(t, {}).get(name)] for name in districts}
    return Gaps(
        topics=tuple(t for t in topics if t not in table),
        useless=tuple(t for t in topics if t in table and t not in usable),
        districts=tuple(name for name in districts if not local[name]),
        missing={
            name: tuple(t for t in topics if t in table and t not in local[name] and not table[t].get(SAXONY))
            for name in districts
        },
    )


def _finding(record: Record, holdings: Holdings, today: date, limit: int) -> Finding | None:
    service = service_from_record(record)
    if not service.active:
        return None
    dates = _dates(service)
    now = today.year * 12 + today.month - 1
    ages = {name: now - months(day) for name, day in dates.items() if day}
    lasting = service.kind in LASTING_KINDS
    very_old = {n: dates[n] for n, age in ages.items() if age > LIMITS.very_old and not lasting}
    return Finding(
        service,
        frozenset(holdings.gazetteer.districts_of(map(str, record.get("area") or ()))),
        very_old,
        {n: dates[n] for n, age in ages.items() if age > limit and n not in very_old},
        {n: "" for n, day in dates.items() if not day},
        no_phone=not service.phone,
        no_hours=not (service.hours or service.hours_note or service.by_appointment),
        unconfirmed=service.confidence == "low",
    )


def _dates(service: Service) -> dict[str, str]:
    """Contact field to its date; the newest date of the whole record under "record" when it has no such field."""
    has: Sequence[str] = [
        name
        for name, value in zip(
            CONTACT_FIELDS,
            (
                service.address_1 or service.postal_code,
                service.phone,
                service.email,
                service.hours or service.by_appointment,
            ),
            strict=True,
        )
        if value
    ]
    if not has:
        return {"record": max(service.checked.values(), key=months, default="")}
    return {name: service.checked.get(name, "") for name in has}
