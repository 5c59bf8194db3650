"""Services in Open Referral HSDS terms, as small frozen objects that know nothing of Rasa or channels."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml

from actions import plain_yaml
from actions.directory.geo import Point, pair


class DirectoryError(ValueError):
    """A record or file of the directory cannot be used; the message names it."""


@dataclass(frozen=True, slots=True)
class Eligibility:
    """Who a service is for; an absent value means the source did not say."""

    description: str = ""
    gender: str = ""
    minimum_age: int | None = None
    maximum_age: int | None = None
    statuses: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Service:
    """One record of the directory. Empty means "not found in any source", never "none".

    `area` holds place ids; `checked` maps a field name to the ISO date (possibly only a year or a
    month) on which a source supported it; `confidence` is high, medium or low; `alert` is
    what an upstream wants everybody to know, in its own words.
    """

    id: str
    name: str
    topics: tuple[str, ...]
    kind: str
    status: str = "active"
    confidence: str = "medium"
    organization: str = ""
    alternate_name: str = ""
    description: str = ""
    eligibility: Eligibility = Eligibility()
    area: tuple[str, ...] = ()
    address_1: str = ""
    city: str = ""
    postal_code: str = ""
    latitude: float | None = None
    longitude: float | None = None
    phone: str = ""
    email: str = ""
    url: str = ""
    hours: str = ""
    hours_note: str = ""
    by_appointment: bool = False
    telephone_only: bool = False
    languages: tuple[str, ...] = ()
    interpreters: bool = False
    cost: str = ""
    free: bool = False
    childcare: bool = False
    wheelchair: bool = False
    checked: dict[str, str] = field(default_factory=dict)
    sources: tuple[dict[str, Any], ...] = ()
    notes: str = ""
    alert: str = ""
    starts: str = ""
    ends: str = ""

    @property
    def active(self) -> bool:
        """True unless the service has closed or paused."""
        return self.status == "active"

    @property
    def point(self) -> Point | None:
        """Its own coordinates in degrees, None unless both are known."""
        return pair(self.latitude, self.longitude)

    def source_url(self) -> str:
        """The newest source with a web address, or an empty string."""
        dated = sorted(
            (s for s in self.sources if str(s.get("url", "")).startswith("http")),
            key=lambda s: "" if s.get("seen") == "undated" else str(s.get("seen", "")),
        )
        return str(dated[-1]["url"]) if dated else ""


def service_from_record(record: dict[str, Any]) -> Service:
    """Build a Service from a YAML record; DirectoryError names the record when a key is wrong."""
    try:
        data = dict(record)
        location = data.pop("location", None) or {}
        eligibility = data.pop("eligibility", None) or {}
        eligible = Eligibility(**{**eligibility, "statuses": tuple(eligibility.get("statuses", ()))})
        for key in ("topics", "area", "languages", "sources"):
            data[key] = tuple(data.get(key) or ())
        return Service(
            **data,
            eligibility=eligible,
            address_1=location.get("address_1", ""),
            city=location.get("city", ""),
            postal_code=str(location.get("postal_code", "")),
            latitude=location.get("latitude"),
            longitude=location.get("longitude"),
        )
    except (TypeError, ValueError, AttributeError) as exc:
        name = record.get("id", "?") if isinstance(record, dict) else record
        raise DirectoryError(f"service {name}: {exc}") from exc


def load_records(folder: Path) -> list[dict[str, Any]]:
    """All records of `folder/*.yml`, kinds.yml left out; DirectoryError names an unreadable file."""
    return [record for path in service_files(folder) for record in records_of(path.read_bytes(), path.name)]


def service_files(folder: Path) -> list[Path]:
    """The files of a folder that hold records, by name."""
    return [path for path in sorted(folder.glob("*.yml")) if path.name != "kinds.yml"]


def records_of(content: bytes, name: str) -> list[dict[str, Any]]:
    """The records of one file; DirectoryError names it when it is none."""
    try:
        records = list(plain_yaml.load(content)["services"])
    except (yaml.YAMLError, KeyError, TypeError) as exc:
        raise DirectoryError(f"{name}: not a services file ({exc.__class__.__name__}: {exc})") from exc
    for number, record in enumerate(records, 1):
        if not isinstance(record, dict):
            raise DirectoryError(f"{name}: record {number} is no mapping")
    return records


def load_kinds(folder: Path) -> dict[str, dict[str, str]]:
    """The vocabulary of service kinds: key to English label (a msgid) and German word."""
    content = plain_yaml.load((folder / "kinds.yml").read_bytes())
    return dict(content["kinds"])
