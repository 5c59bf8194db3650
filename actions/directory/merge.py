"""What the records of one place say together: each field from the newer one, the upstream where they are as old."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from actions.directory.admission import guarded
from actions.directory.geo import fold
from actions.directory.model import Eligibility, Service
from actions.directory.validation import SHELTERS

_NO_WORD = re.compile(r"[\W_]+")
_CONFIDENCES = ("low", "medium", "high")
# Once said it holds: their absence only means that a source did not say.
_FLAGS = ("interpreters", "childcare", "wheelchair")
_CONTACTS = frozenset({"phone", "email", "hours"})
# Name in `checked`, attributes that make it "said", attributes that come along.
_UNITS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("name", ("name",), ()),
    ("alternate_name", ("alternate_name",), ()),
    ("organization", ("organization",), ()),
    ("description", ("description",), ()),
    ("phone", ("phone",), ()),
    ("email", ("email",), ()),
    ("url", ("url",), ()),
    ("hours", ("hours", "by_appointment"), ("hours_note",)),
    ("languages", ("languages",), ()),
    ("cost", ("cost", "free"), ()),
)


@dataclass(frozen=True, slots=True)
class Record:
    """A service as one source has it; `source` is "" for the embedded directory."""

    service: Service
    source: str = ""


def merged(members: Iterable[Record]) -> Service:
    """One service of several records, whatever their order; at most one of them may be embedded.

    It keeps the embedded id, kind and area (without an embedded record: those of the smallest id). A record of
    low confidence gives no phone, e-mail, address or hours, and closes nothing another record says is open.
    A single record is returned as it is, and so is an embedded one to which people in danger are sent.
    """
    rows = list(members)
    if len(rows) == 1:
        return rows[0].service
    rows.sort(key=_order)
    base = rows[0].service
    if not rows[0].source and guarded(base):
        return base
    rows = _discreet(rows)
    sure = [row for row in rows if row.service.confidence != "low"]
    values: dict[str, Any] = {flag: any(getattr(row.service, flag) for row in rows) for flag in _FLAGS}
    checked: dict[str, str] = {}
    for field, said, along in _UNITS:
        pool = sure if field in _CONTACTS else rows
        source = _newest(pool, field, said)
        for name in (*said, *along):
            values[name] = getattr(source, name) if source else _empty(name)
        _date(checked, field, source)
    if not values["hours"] and not values["by_appointment"]:
        note = _newest(sure, "hours", ("hours_note",))
        values["hours_note"] = note.hours_note if note else ""
        _date(checked, "hours", note)
    limits = [row for row in rows if row.service.eligibility != Eligibility()]
    eligible = _newest(limits, "eligibility", ("eligibility",))
    _date(checked, "eligibility", eligible)
    dated = min((row.service for row in rows if row.service.starts), key=lambda s: (s.starts, s.ends), default=base)
    area = next((row.service for row in rows if row.service.area), None)
    _date(checked, "area", area)
    return replace(
        base,
        **values,
        **_address(sure, checked),
        eligibility=eligible.eligibility if eligible else Eligibility(),
        alert=next((row.service.alert for row in rows if row.service.alert), ""),
        area=area.area if area else (),
        topics=tuple(dict.fromkeys(topic for row in rows for topic in row.service.topics)),
        telephone_only=_telephone_only(rows),
        starts=dated.starts,
        ends=dated.ends,
        status=max(sure or rows, key=_closing).service.status,
        confidence=min((row.service.confidence for row in sure), key=_CONFIDENCES.index, default="low"),
        sources=_sources(rows),
        checked=checked,
    )


def discreet(service: Service) -> Service:
    """The service without its door, where the kind of place must not be found by those it protects from."""
    if service.kind not in SHELTERS:
        return service
    return _without_door(service)


def stamp(service: Service) -> str:
    """The newest date of a check as year, month and day, "" without any: how new the record as a whole is."""
    return max((day(value) for value in service.checked.values()), default="")


def day(value: str) -> str:
    """An ISO date that may lack its day or month, as a whole one; a bare year counts as its January."""
    return value[:10] + "-01-01"[len(value) - 4 :] if 4 <= len(value) < 10 else value[:10]


def spelling(text: str) -> str:
    """The same as `fold`, several times faster for the plain letters of most names and streets."""
    return _NO_WORD.sub(" ", text.casefold()).strip() if text.isascii() else fold(text)


def spot(service: Service) -> str:
    """Street and postal code in one spelling, "" unless both are known."""
    if not service.address_1 or not service.postal_code:
        return ""
    street = spelling(service.address_1).replace("strasse", "str").replace(" ", "")
    return f"{street}|{service.postal_code}"


def _order(row: Record) -> tuple[bool, str, str]:
    """Embedded first, then by id; the text settles what would otherwise depend on the order of arrival."""
    return bool(row.source), row.service.id, repr(row)


def _newest(rows: Iterable[Record], field: str, said: tuple[str, ...]) -> Service | None:
    """Whose value of a field counts: the newest that says it, upstream before embedded when they are as old."""
    having = [row for row in rows if any(getattr(row.service, name) for name in said)]
    best = max(having, key=lambda row: (day(row.service.checked.get(field, "")), bool(row.source)), default=None)
    return best.service if best else None


def _date(checked: dict[str, str], field: str, source: Service | None) -> None:
    if source is not None and field in source.checked:
        checked[field] = source.checked[field]


def _empty(name: str) -> Any:
    default = Service.__dataclass_fields__[name].default
    return default if isinstance(default, (str, tuple, bool)) else ""


def _address(rows: Sequence[Record], checked: dict[str, str]) -> dict[str, Any]:
    """Street, postal code and town of one record, never mixed; coordinates only where they belong to that door."""
    chosen: Service | None = None
    for part in ("address_1", "postal_code", "city"):
        chosen = chosen or _newest(rows, "address", (part,))
    _date(checked, "address", chosen)

    def there(other: Service) -> bool:
        if other.point is None:
            return False
        if chosen is None or other is chosen:
            return True
        same_town = not other.city or fold(other.city) == fold(chosen.city)
        return spot(other) == spot(chosen) != "" or (not chosen.address_1 and same_town)

    own = chosen if chosen is not None and there(chosen) else None
    point = own or _newest((row for row in rows if there(row.service)), "address", ("id",))
    return {
        "address_1": chosen.address_1 if chosen else "",
        "postal_code": chosen.postal_code if chosen else "",
        "city": chosen.city if chosen else "",
        "latitude": point.latitude if point else None,
        "longitude": point.longitude if point else None,
    }


def _discreet(rows: list[Record]) -> list[Record]:
    """Where one record protects its door, or is reached by phone only, no other source gives a door away."""
    if any(row.service.telephone_only for row in rows if not row.source):
        strip = _without_town
    elif any(row.service.kind in SHELTERS for row in rows):
        strip = _without_door
    else:
        return rows
    return [replace(row, service=strip(row.service)) if row.source else row for row in rows]


def _without_door(service: Service) -> Service:
    return replace(service, address_1="", postal_code="", latitude=None, longitude=None)


def _without_town(service: Service) -> Service:
    return replace(_without_door(service), city="")


def _telephone_only(rows: Sequence[Record]) -> bool:
    """The embedded record knows; without one, any source that says so."""
    embedded = [row for row in rows if not row.source]
    return any(row.service.telephone_only for row in embedded or rows)


def _closing(row: Record) -> tuple[str, bool, bool]:
    """Open or closed is what the newest record says; of equally new ones the upstream, then the closed one."""
    return stamp(row.service), bool(row.source), not row.service.active


def _sources(rows: Sequence[Record]) -> tuple[dict[str, Any], ...]:
    found: dict[str, dict[str, Any]] = {}
    for row in rows:
        for source in row.service.sources:
            found.setdefault(repr(sorted(source.items(), key=lambda item: item[0])), source)
    return tuple(found.values())
