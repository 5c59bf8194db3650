"""Checks of the embedded service directory.

`problems` reads plain dictionaries (data/services/*.yml) and answers in sentences an editor can act on.
It checks form and honesty of a record, never whether its facts are still true.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any

from opening_hours import OpeningHours, ParserError, State  # type: ignore[attr-defined]

from actions.directory.dialling import dear
from actions.directory.hours import DAYS, LONGEST

Record = dict[str, Any]

REQUIRED = ("id", "name", "status", "kind", "topics", "description", "eligibility", "area", "confidence", "sources")
TEXTS = (
    "id", "name", "alternate_name", "organization", "status", "kind", "description", "phone", "email", "url",
    "hours", "hours_note", "cost", "confidence", "notes",
)  # fmt: skip
FLAGS = ("by_appointment", "telephone_only", "interpreters", "free", "childcare", "wheelchair")
LISTS = ("topics", "area", "languages", "sources")
KEYS = {*TEXTS, *FLAGS, *LISTS, "eligibility", "location", "checked"}
STATUSES = {"active", "inactive", "defunct"}
CONFIDENCES = {"high", "medium", "low"}
SHELTERS = {"womens_shelter", "mens_shelter"}
"""Kinds whose door is secret."""
CONTACTS = ("location", "phone", "email", "hours", "hours_note")
LEGAL_STATUSES = {
    "asylum_seeker", "tolerated", "recognised", "ukraine", "eu", "student_worker", "undocumented",
}  # fmt: skip
ELIGIBILITY = {"description", "gender", "minimum_age", "maximum_age", "statuses"}
LOCATION = {"address_1", "city", "postal_code"}
FIELDS = {
    "name", "organization", "description", "eligibility", "area", "address", "phone", "email", "url", "hours",
    "languages", "cost",
}  # fmt: skip
"""What `checked` may date; a source may also support `notes`."""
SOURCE_KEYS = {"url", "seen", "remark", "supports"}

SLUG = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
ISO_DATE = re.compile(r"\d{4}(-(0[1-9]|1[0-2])(-(0[1-9]|[12]\d|3[01]))?)?")
PHONE = re.compile(r"\+49 [1-9]\d{1,4}( \d+)+|11[0257]|116\d{3}|0800( \d+)+")
PHONE_IN_TEXT = re.compile(r"\+\d{2} ?\d|(?<![\d.,])0\d{2,4}[ /-]{1,3}\d[\d /-]{3,}|\b0\d{8,}|\b116 ?\d{3}\b")
TYPED_RULE = re.compile(
    r"((?:(?:Mo|Tu|We|Th|Fr|Sa|Su|PH)[-, ]{0,2}){1,20})\s+((?:\d\d:\d\d(?:-\d\d:\d\d|\+),?\s{0,9}){1,20})"
)
TYPED_SLOT = re.compile(r"(\d\d):(\d\d)(?:-(\d\d):(\d\d)|\+)")


def problems(
    services: list[Record],
    kinds: dict[str, Any],
    topics: set[str],
    places: set[str] | None,
    today: date | None = None,
) -> list[str]:
    """Every rule that a record breaks, one sentence each; an empty list is a valid directory.

    `kinds` is the mapping below `kinds:`; without `places` the areas are only checked for their form.
    """
    day = (today or date.today()).isoformat()
    ids = Counter(str(service["id"]) for service in services if service.get("id"))
    found = [f"{identity}: the id is used {n} times" for identity, n in ids.items() if n > 1]
    for number, service in enumerate(services, 1):
        name = service.get("id") or f"record {number}"
        found += [f"{name}: {sentence}" for sentence in _record(service, kinds, topics, places, day)]
    return found


def lost_slots(expression: str) -> list[str]:
    """Weekday slots typed in an opening_hours expression that a later rule switches off.

    Looks at two ordinary weeks, so every second week counts; months and dates in a rule are not followed.
    """
    hours = OpeningHours(expression)
    lost = []
    for days, slots in TYPED_RULE.findall(expression):
        for weekday in _weekdays(days):
            for slot in TYPED_SLOT.finditer(slots):
                if not any(_covers(hours, monday + timedelta(days=weekday), slot) for monday in _MONDAYS):
                    lost.append(f"{DAYS[weekday]} {slot[0]}")
    return lost


_MONDAYS = (datetime(2026, 1, 12), datetime(2026, 1, 19))


def _record(
    service: Record, kinds: dict[str, Any], topics: set[str], places: set[str] | None, today: str
) -> Iterator[str]:
    shape = list(_shape(service))
    yield from shape
    if any("must be" in sentence for sentence in shape):
        return  # the other rules would trip over it
    yield from _vocabulary(service, kinds, topics, places)
    yield from _eligibility(service.get("eligibility", {}))
    yield from _contact(service)
    yield from _texts(service)
    yield from _hours(service)
    yield from _sources(service, today)
    yield from _checked(service, today)


def _shape(service: Record) -> Iterator[str]:
    for key in REQUIRED:
        if key not in service:
            yield f"{key} is missing"
    for key, value in service.items():
        if key not in KEYS:
            yield f"unknown key {key}"
        elif key in FLAGS and value is not True:
            yield f"{key} must be true or absent"
        elif key in TEXTS and not isinstance(value, str):
            yield f"{key} must be text"
        elif key in LISTS and not isinstance(value, list):
            yield f"{key} must be a list"
        elif key in ("eligibility", "location", "checked") and not isinstance(value, dict):
            yield f"{key} must be a mapping"
        elif key in ("topics", "area", "languages") and not _flat_list(value):
            yield f"{key} must be a list of texts"
        elif key == "sources" and not all(isinstance(row, dict) and _flat(row, "supports") for row in value):
            yield "sources must be mappings of texts, with a list of texts in supports"
        elif key in ("eligibility", "location", "checked") and not _flat(value, "statuses"):
            yield f"{key} must be a mapping of texts and numbers"
        elif not value or (isinstance(value, str) and value != value.strip()):
            yield f"{key} is empty or has spaces around it"


def _flat_list(values: Any) -> bool:
    return isinstance(values, list) and not any(isinstance(value, (dict, list)) for value in values)


def _flat(mapping: dict[Any, Any], listed: str) -> bool:
    """Whether there is nothing nested in a mapping but one list under this key."""
    return all(
        _flat_list(value or []) if key == listed else not isinstance(value, (dict, list))
        for key, value in mapping.items()
    )


def _vocabulary(service: Record, kinds: dict[str, Any], topics: set[str], places: set[str] | None) -> Iterator[str]:
    if not SLUG.fullmatch(service.get("id", "x")):
        yield "the id is not an ascii slug"
    if service.get("status", "active") not in STATUSES:
        yield f"unknown status {service['status']}"
    if service.get("confidence", "low") not in CONFIDENCES:
        yield f"unknown confidence {service['confidence']}"
    if "kind" in service and service["kind"] not in kinds:
        yield f"unknown kind {service['kind']}"
    named = service.get("topics", [])
    if len(named) > 6 or len(set(named)) < len(named):
        yield "topics must differ and be six at most"
    yield from (f"unknown topic {topic}" for topic in named if topic not in topics)
    for place in service.get("area", []):
        if not SLUG.fullmatch(str(place)) or (places is not None and place not in places):
            yield f"unknown place {place}"
    for code in service.get("languages", []):
        if not re.fullmatch(r"[a-z]{2,3}", str(code)):
            yield f"{code} is not a language code"


def _eligibility(eligibility: dict[str, Any]) -> Iterator[str]:
    yield from (f"unknown key eligibility.{key}" for key in eligibility if key not in ELIGIBILITY)
    if eligibility.get("gender") not in (None, "women", "men"):
        yield f"unknown gender {eligibility['gender']}"
    yield from (f"unknown legal status {s}" for s in eligibility.get("statuses") or [] if s not in LEGAL_STATUSES)
    ages = [eligibility[key] for key in ("minimum_age", "maximum_age") if key in eligibility]
    if not all(type(age) is int and 0 <= age <= 120 for age in ages) or ages != sorted(ages):
        yield "the ages in eligibility make no sense"


def _contact(service: Record) -> Iterator[str]:
    for key in CONTACTS:
        if key in service and service.get("confidence") == "low":
            yield f"{key} although confidence is low"
        if key in service and service.get("status") == "defunct":
            yield f"{key} although the service is defunct"
    if "url" in service and service.get("status") == "defunct":
        yield "url although the service is defunct"
    location = service.get("location", {})
    yield from (f"unknown key location.{key}" for key in location if key not in LOCATION)
    if location and "city" not in location:
        yield "location without a city"
    if "postal_code" in location and not re.fullmatch(r"\d{5}", str(location["postal_code"])):
        yield f"postal code {location['postal_code']} has not five digits"
    if "address_1" in location and service.get("kind") in SHELTERS:
        yield "a shelter must not show its street"
    if "phone" in service and not PHONE.fullmatch(service["phone"]):
        yield f"phone {service['phone']} is neither +49 with spaces nor a short number"
    if dear(service.get("phone", "")):
        yield f"phone {service['phone']} costs extra and is never shown"
    if "email" in service and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[a-z]{2,}", service["email"]):
        yield f"{service['email']} is not an e-mail address"
    if "url" in service and not re.fullmatch(r"https?://\S+", service["url"]):
        yield f"{service['url']} is not a web address"


def _texts(service: Record) -> Iterator[str]:
    for key in ("description", "hours_note"):
        if PHONE_IN_TEXT.search(service.get(key, "")):
            yield f"a phone number stands in {key}"


def _hours(service: Record) -> Iterator[str]:
    if "hours" not in service:
        return
    if len(service["hours"]) > LONGEST:
        yield f"hours are longer than {LONGEST} characters"
        return
    try:
        lost = lost_slots(service["hours"])
    except (ParserError, UnicodeEncodeError):
        yield f"hours {service['hours']} cannot be read"
        return
    if lost:
        yield f"hours lose {', '.join(lost)} to a later rule; write a comma where times are added"


def _sources(service: Record, today: str) -> Iterator[str]:
    supported: set[str] = set()
    for number, source in enumerate(service.get("sources", []), 1):
        yield from (f"unknown key {key} in source {number}" for key in source if key not in SOURCE_KEYS)
        if not source.get("url") or not source.get("supports"):
            yield f"source {number} needs url and supports"
        if source.get("seen") != "undated":
            yield from _date(source.get("seen"), f"seen of source {number}", today)
        supports = source.get("supports") or []
        yield from (f"source {number} supports unknown {x}" for x in supports if x not in FIELDS | {"notes"})
        supported.update(supports)
    for key in CONTACTS:
        field = {"location": "address", "hours_note": "hours"}.get(key, key)
        if key in service and field not in supported:
            yield f"no source supports {key}"


def _checked(service: Record, today: str) -> Iterator[str]:
    for field, value in service.get("checked", {}).items():
        shown = {"address": ("location",), "hours": ("hours", "hours_note")}.get(field, (field,))
        if field not in FIELDS or not any(key in service for key in shown):
            yield f"checked.{field} although there is no such field"
            continue
        yield from _date(value, f"checked.{field}", today)
        seen = [s.get("seen") for s in service.get("sources", []) if field in (s.get("supports") or [])]
        if value != max((str(s) for s in seen if s != "undated"), default=None):
            yield f"checked.{field} is not the newest date of its sources"


def _date(value: Any, what: str, today: str) -> Iterator[str]:
    if not isinstance(value, str) or not ISO_DATE.fullmatch(value):
        yield f"{what} is not a year, month or day in ISO form"
    elif value > today[: len(value)]:
        yield f"{what} lies in the future"


def _weekdays(days: str) -> list[int]:
    found: list[int] = []
    for first, last in re.findall(r"(Mo|Tu|We|Th|Fr|Sa|Su)(?:\s*-\s*(Mo|Tu|We|Th|Fr|Sa|Su))?", days):
        start = DAYS.index(first)
        found += [(start + n) % 7 for n in range((DAYS.index(last or first) - start) % 7 + 1)]
    return found


def _covers(hours: OpeningHours, day: datetime, slot: re.Match[str]) -> bool:
    start = day + timedelta(hours=int(slot[1]), minutes=int(slot[2]))
    end = start + timedelta(minutes=1)
    if slot[3]:
        end = day + timedelta(hours=int(slot[3]), minutes=int(slot[4]))
        if end <= start:
            end += timedelta(days=1)
    return all(state != State.CLOSED for _, _, state, *_ in hours.intervals(start, end))
