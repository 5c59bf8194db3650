"""What the public API v3 of an Integreat CMS answers, as far as we read it.

Shapes follow CMS 2026.10 and older ones. Everything may be null or missing except what a record is useless
without; an empty string and null both mean "absent". Unknown keys are ignored.
"""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from pydantic import ValidationError, parse_obj_as, validator

from actions.directory.geo import german
from actions.directory.hours import BERLIN
from actions.directory.sources.integreat_addresses import SLUG, public_url
from actions.directory.sources.records import Record

# Of dates that can be right.
YEARS = range(1990, 2200)


class Language(Record):
    """A language of a region. `code` is a slug that each region chooses, such as "ar", "fa-af" or "de-si"."""

    code: str


class Region(Record):
    """A municipality or district with content of its own.

    `path` is its slug. `plz`, a postal code, may be empty. `aliases` are names inside the region (places, as a
    rule). The bounding box is not read: where none is set the CMS sends that of Germany.
    """

    name: str
    path: str
    live: bool = False
    pois: bool = False
    prefix: str = ""
    name_without_prefix: str = ""
    plz: str = ""
    latitude: float | None = None
    longitude: float | None = None
    aliases: tuple[str, ...] = ()
    languages: list[Language] = []

    @validator("path")
    def _slug(cls, value: str) -> str:
        """What comes from outside becomes part of our requests: nothing but a slug may."""
        if not SLUG.fullmatch(value):
            raise ValueError("not a slug")
        return value

    @validator("aliases", pre=True)
    def _names(cls, value: Any) -> tuple[str, ...]:
        """An object {name: coordinates or null}; older servers send it as a JSON string."""
        if isinstance(value, str):
            try:
                value = json.loads(value)
            except (ValueError, RecursionError):
                return ()
        return tuple(str(name) for name in value) if isinstance(value, dict) else ()

    @validator("languages", pre=True)
    def _usable(cls, value: Any) -> list[Any]:
        """Languages with a slug for a code; one that is broken is no reason to lose the region."""
        entries = value if isinstance(value, list) else []
        return [
            e for e in entries if isinstance(e, dict) and isinstance(e.get("code"), str) and SLUG.fullmatch(e["code"])
        ]

    @property
    def codes(self) -> tuple[str, ...]:
        """Codes of the languages that are visible."""
        return tuple(language.code for language in self.languages)


class Translated(Record):
    """Something written by editors in one language. `id` names a version and changes with every edit: no key.

    A null `id` means that the CMS filled the gap with the default language of the region: no translation.
    """

    id: int | None = None
    path: str = ""
    title: str = ""
    excerpt: str = ""
    content: str = ""
    last_updated: datetime | None = None
    available_languages: dict[str, Any] = {}

    @validator("last_updated", pre=True)
    def _moment(cls, value: Any) -> datetime | None:
        return _time(value)

    @property
    def url(self) -> str:
        """The page for people."""
        return public_url(self.path)

    @property
    def updated(self) -> str:
        """ISO date of the last change in Saxony's time, "" when unknown."""
        return self.last_updated.astimezone(BERLIN).date().isoformat() if self.last_updated else ""

    def translations(self) -> set[str]:
        """Codes of the other languages in which it was really written; fallbacks are left out."""
        return {
            code
            for code, entry in self.available_languages.items()
            if isinstance(entry, dict) and entry.get("id") is not None
        }


class Slot(Record):
    """From when until when, "HH:MM"; `timezone` is missing on servers before 2026 and then Berlin's."""

    start: str
    end: str
    timezone: str = BERLIN.key


class Day(Record):
    """One weekday. All flags false and no slot means that nothing was entered."""

    allDay: bool = False
    closed: bool = False
    appointmentOnly: bool = False
    timeSlots: list[Slot] = []


class Contact(Record):
    """A way to reach a place, often a person: `name` is not read, so that it cannot be shown or logged."""

    area_of_responsibility: str = ""
    email: str = ""
    phone_number: str = ""
    mobile_number: str = ""
    website: str = ""
    appointment_url: str = ""


class Category(Record):
    """What kind of place it is: `name` in the language asked for, `icon` the same in every language."""

    name: str = ""
    icon: str = ""


class Location(Record):
    """Where it is. `id` is the one number that stays when texts are edited. For events all may be absent."""

    id: int | None = None
    name: str = ""
    address: str = ""
    town: str = ""
    postcode: str = ""
    latitude: float | None = None
    longitude: float | None = None

    @property
    def point(self) -> tuple[float | None, float | None]:
        """Latitude and longitude in degrees, both or neither; 0/0 and other places outside Germany are neither."""
        return german(self.latitude, self.longitude)


class Organization(Record):
    """Who runs a place."""

    name: str = ""
    website: str = ""


class Poi(Translated):
    """A place; the CMS called them "POIs", the key in its answers is still "pois". `opening_hours` [] means unknown, never closed."""

    location: Location
    category: Category = Category()
    organization: Organization = Organization()
    meta_description: str = ""
    website: str = ""
    email: str = ""
    phone_number: str = ""
    contacts: list[Contact] = []
    temporarily_closed: bool = False
    opening_hours: list[Day] = []
    appointment_url: str = ""
    barrier_free: bool = False

    @validator("location")
    def _has_id(cls, value: Location) -> Location:
        if value.id is None or not 0 <= value.id < 2**63:
            raise ValueError("no id to know it by")
        return value

    @validator("contacts", pre=True)
    def _objects(cls, value: Any) -> list[Any]:
        return [entry for entry in value if isinstance(entry, dict)] if isinstance(value, list) else []

    @validator("opening_hours", pre=True)
    def _week(cls, value: Any) -> list[Day]:
        """Seven readable days or none: half a week would be a wrong statement."""
        try:
            days = parse_obj_as(list[Day], value)
        except ValidationError:
            return []
        return days if len(days) == 7 else []


class Page(Translated):
    """An article of a region's handbook."""


class Times(Record):
    """When an event is; `start` and `end` carry their offset, `timezone` is the region's."""

    start: datetime | None = None
    end: datetime | None = None
    all_day: bool = False
    timezone: str = BERLIN.key

    @validator("start", "end", pre=True)
    def _moment(cls, value: Any) -> datetime | None:
        return _time(value)


class Event(Translated):
    """An event, or one date of a recurring one: then its path ends in $ and the date, and its `id` is null."""

    event: Times
    location: Location = Location()


def _time(value: Any) -> datetime | None:
    """An ISO time with its offset; None for anything else, as a date is no reason to lose a record."""
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value.strip().replace("Z", "+00:00"))
    except ValueError:
        return None
    if moment.year not in YEARS:  # at the ends of the calendar no other time zone can be counted
        return None
    return moment if moment.tzinfo is not None else moment.replace(tzinfo=BERLIN)
