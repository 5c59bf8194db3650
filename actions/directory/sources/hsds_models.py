"""HSDS 3.x objects as far as we read them (openreferral.org).

Tolerant: unknown keys are ignored; a value that is null or of the wrong type counts as absent; an entry of a
list that is no object is left out. Only a service without id, name or status cannot be used (ValidationError).
"""

from __future__ import annotations

import re

from pydantic import validator

from actions.directory.sources.hsds_record import USABLE_ID, Record


class TaxonomyTerm(Record):
    """A word of a vocabulary; `taxonomy` is the vocabulary's name."""

    id: str = ""
    name: str = ""
    code: str = ""
    description: str = ""
    taxonomy: str = ""

    @property
    def words(self) -> tuple[str, ...]:
        """All that may say what the term means, the most exact first."""
        return tuple(word for word in (self.code, self.name, self.id, self.description) if word)

    @property
    def grades(self) -> bool:
        """Whether it says how sure the record is, and not what the service is."""
        return "confidence" in f"{self.taxonomy} {self.name}".lower()

    def of(self, vocabulary: str) -> bool:
        """Whether it may be a word of our `topic`s or `kind`s: a vocabulary named after one has no other words."""
        name = self.taxonomy.lower()
        return vocabulary in name or not re.search("topic|kind|^wegweiser-", name)


class Attribute(Record):
    """A term said of a record, or a plain value."""

    value: str = ""
    taxonomy_term: TaxonomyTerm | None = None


class Language(Record):
    """A language spoken; code of ISO 639-1 to -3."""

    name: str = ""
    code: str = ""
    note: str = ""


class Phone(Record):
    """A number; no type means voice."""

    number: str = ""
    type: str = ""


class Schedule(Record):
    """When something is open, after RFC 5545; dates are ISO, timezone is hours from UTC."""

    valid_from: str = ""
    valid_to: str = ""
    dtstart: str = ""
    until: str = ""
    timezone: float | None = None
    count: float | None = None
    interval: float | None = None
    freq: str = ""
    byday: str = ""
    byweekno: str = ""
    bymonthday: str = ""
    byyearday: str = ""
    opens_at: str = ""
    closes_at: str = ""
    attending_type: str = ""
    description: str = ""
    notes: str = ""
    schedule_link: str = ""


class Address(Record):
    """An address; no type means physical."""

    address_1: str = ""
    address_2: str = ""
    city: str = ""
    state_province: str = ""
    postal_code: str = ""
    country: str = ""
    address_type: str = ""


class Accessibility(Record):
    """What is said about access to a place, in free text."""

    description: str = ""
    details: str = ""


class Location(Record):
    """A place; latitude and longitude in degrees."""

    id: str = ""
    location_type: str = ""
    latitude: float | None = None
    longitude: float | None = None
    addresses: list[Address] = []
    phones: list[Phone] = []
    schedules: list[Schedule] = []
    languages: list[Language] = []
    accessibility: list[Accessibility] = []
    attributes: list[Attribute] = []


class Contact(Record):
    """A person or desk: only the numbers are read, never the name."""

    phones: list[Phone] = []


class ServiceArea(Record):
    """Where a service is for people of, as a name or as postal codes."""

    name: str = ""
    extent: str = ""
    extent_type: str = ""


class ServiceAtLocation(Record):
    """A service at one place, with what is special there."""

    id: str = ""
    location: Location | None = None
    phones: list[Phone] = []
    schedules: list[Schedule] = []
    contacts: list[Contact] = []
    service_areas: list[ServiceArea] = []
    attributes: list[Attribute] = []


class CostOption(Record):
    """One price; amount in `currency`."""

    option: str = ""
    currency: str = ""
    amount: float | None = None
    amount_description: str = ""
    valid_from: str = ""
    valid_to: str = ""


class Organization(Record):
    """Who offers a service."""

    name: str = ""
    email: str = ""
    website: str = ""
    phones: list[Phone] = []


class HsdsService(Record):
    """A service with all that hangs on it."""

    id: str
    name: str
    status: str
    alternate_name: str = ""
    description: str = ""
    url: str = ""
    email: str = ""
    interpretation_services: str = ""
    application_process: str = ""
    fees_description: str = ""
    eligibility_description: str = ""
    minimum_age: float | None = None
    maximum_age: float | None = None
    assured_date: str = ""
    last_modified: str = ""
    alert: str = ""
    # Not of the standard: a few feeds grade their records, ours among them (as an attribute).
    confidence: str = ""
    organization: Organization | None = None
    phones: list[Phone] = []
    contacts: list[Contact] = []
    schedules: list[Schedule] = []
    service_areas: list[ServiceArea] = []
    service_at_locations: list[ServiceAtLocation] = []
    languages: list[Language] = []
    cost_options: list[CostOption] = []
    attributes: list[Attribute] = []

    @validator("id")
    def _usable_id(cls, value: str) -> str:
        if not USABLE_ID.fullmatch(value):
            raise ValueError("no id that can be asked for")
        return value

    @validator("name", "status")
    def _not_empty(cls, value: str) -> str:
        if not value:
            raise ValueError("missing")
        return value
