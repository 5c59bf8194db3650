"""Places of Saxony: which place lies in which, how far apart, and what a postal code means."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Set
from dataclasses import dataclass, field, replace
from itertools import chain
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

import yaml

NEAREST_LIMIT_KM = 15.0
SAXONY = "sachsen"
GERMANY = "deutschland"

Point = tuple[float, float]
"""Latitude and longitude in degrees."""


def pair(latitude: float | None, longitude: float | None) -> Point | None:
    """Both as a point, None unless both are known."""
    return None if latitude is None or longitude is None else (latitude, longitude)


def german(latitude: float | None, longitude: float | None) -> tuple[float | None, float | None]:
    """Coordinates that can lie in Germany, both or neither: not 0/0, nor latitude and longitude exchanged."""
    point = pair(latitude, longitude)
    if point is None or not (47.2 <= point[0] <= 55.1 and 5.8 <= point[1] <= 15.1):
        return None, None
    return point


@dataclass(frozen=True, slots=True)
class Place:
    """A place of the gazetteer; `names` is its display form per language, German otherwise."""

    id: str
    name: str
    kind: str
    district: str = ""
    latitude: float | None = None
    longitude: float | None = None
    population: int = 0
    aliases: tuple[str, ...] = ()
    names: dict[str, str] = field(default_factory=dict)
    spellings: tuple[str, ...] = ()

    @property
    def point(self) -> Point | None:
        """Latitude and longitude in degrees, None unless both are known."""
        return pair(self.latitude, self.longitude)

    def display(self, language: str) -> str:
        """The name as readers of `language` write it; the German name where none is known."""
        return self.names.get(language, self.name)

    def forms(self) -> list[str]:
        """Every spelling by which people may name this place."""
        return [self.name, *self.aliases, *self.names.values(), *self.spellings]

    def is_called(self, name: str) -> bool:
        """Whether `name` is this place's own name or a word of it, in any language; else it is a part or a misspelling."""
        form = f" {fold(name)} "
        own = [f" {fold(n)} " for n in (self.name, *self.names.values())]
        return any(form in n for n in own) if self.settlement else form in own

    @property
    def settlement(self) -> bool:
        """Whether people live in it as their town or a part of it."""
        return self.kind in ("city", "municipality", "quarter")

    def lies_in(self, other: Place) -> bool:
        """Whether it is a quarter of that city or a municipality of that district."""
        return self.settlement and self.id != other.id and self.district == other.id

    def shares_district(self, other: Place) -> bool:
        """Whether both are settlements of one district, or quarters of one city."""
        return self.settlement and other.settlement and self.district == other.district


_ARABIC = str.maketrans({"ي": "ی", "ى": "ی", "ك": "ک", "ة": "ه", "أ": "ا", "إ": "ا", "آ": "ا", "ٱ": "ا", "ـ": None})
_LATIN = str.maketrans({"ß": "ss", "ı": "i", "ł": "l", "ø": "o"})


def fold(text: str) -> str:
    """One spelling for many: case, accents, Arabic letter variants, hyphens and spaces."""
    text = unicodedata.normalize("NFKD", text.casefold().translate(_LATIN))
    text = "".join(c for c in text if not unicodedata.combining(c)).translate(_ARABIC)
    return re.sub(r"[\W_]+", " ", text).strip()


def distance_km(lat1: float, lon1: float, lat2: float, lon2: float) -> float:
    """Great-circle distance in kilometres."""
    p1, p2 = radians(lat1), radians(lat2)
    a = sin((p2 - p1) / 2) ** 2 + cos(p1) * cos(p2) * sin(radians(lon2 - lon1) / 2) ** 2
    return 12742.0 * asin(sqrt(a))


def likeliest(places: Iterable[Place], name: str) -> list[Place]:
    """Places that `name` may mean, the likeliest first: settlements, of that very name, larger kinds, more people."""
    found = list(places)
    rank = {"city": 0, "municipality": 1, "quarter": 2, "district": 3, "region": 4, "state": 5, "country": 6}
    if len(found) < 2:
        return found  # most names; a directory of 100,000 services asks for each
    return sorted(
        found,
        key=lambda p: (not p.settlement, not p.is_called(name), rank.get(p.kind, 9), -p.population),
    )


class Gazetteer:
    """All known places, found by id, by folded spelling, by postal code or by coordinates.

    A quarter whose point nobody knows counts as its city and lies at the city's point.
    """

    def __init__(self, places: list[Place], postcodes: dict[str, dict[str, Any]] | None = None) -> None:
        self.places = {place.id: place for place in places}
        for place in places:
            city = self.places.get(place.district)
            if place.kind == "quarter" and city is not None and None in (place.latitude, place.longitude):
                self.places[place.id] = replace(place, latitude=city.latitude, longitude=city.longitude)
        self.postcodes = postcodes or {}
        self._by_form: dict[str, list[str]] = {}
        self._members: dict[str, set[str]] = {}
        for place in places:
            self._members.setdefault(place.district, set()).add(place.id)
            for form in place.forms():
                ids = self._by_form.setdefault(fold(form), [])
                if place.id not in ids:
                    ids.append(place.id)

    @classmethod
    def load(cls, places_file: Path, postcodes_file: Path) -> Gazetteer:
        """Read data/places.yml and data/postcodes.yml; names of reception centres are spellings of where they lie."""
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        rows = yaml.load(places_file.read_text(encoding="utf-8"), Loader=loader)["places"]
        codes = yaml.load(postcodes_file.read_text(encoding="utf-8"), Loader=loader)["postcodes"]
        places = [
            Place(
                id=row["id"],
                name=row["name"],
                kind=row["kind"],
                district=row.get("district", ""),
                latitude=row.get("lat"),
                longitude=row.get("lon"),
                population=row.get("population") or 0,
                aliases=tuple(row.get("aliases") or ()),
                names=dict(row.get("names") or {}),
                spellings=(*(row.get("spellings") or ()), *chain.from_iterable((row.get("centres") or {}).values())),
            )
            for row in rows
        ]
        return cls(places, codes)

    def get(self, place_id: str | None) -> Place | None:
        """The place with this id, or None."""
        return self.places.get(place_id or "")

    def forms(self) -> dict[str, list[str]]:
        """Folded spelling to place ids, for matchers."""
        return self._by_form

    def candidates(self, name: str) -> list[Place]:
        """Places written like `name`, the most likely first; a city goes before its rural district.

        A place of that very name goes before one that only has a part of it, the larger one before the smaller.
        """
        return likeliest((self.places[i] for i in self._by_form.get(fold(name), ())), name)

    def point_of_town(self, name: str) -> Point | None:
        """Where the likeliest place of this name is, None when that is not known."""
        town = next(iter(self.candidates(name)), None)
        return town.point if town is not None else None

    def by_postcode(self, code: str) -> list[Place]:
        """Places of a five-digit Saxon postal code, possibly several; empty when unknown."""
        row = self.postcodes.get(code) or {}
        ids = row.get("places") or ([row["place"]] if "place" in row else [])
        return [self.places[i] for i in ids if i in self.places]

    def nearest(self, latitude: float, longitude: float) -> Place | None:
        """The city or municipality nearest to a point, or None beyond 15 km of every one."""
        best: tuple[float, Place] | None = None
        for place in self.places.values():
            if place.kind not in ("city", "municipality") or place.point is None:
                continue
            km = distance_km(latitude, longitude, *place.point)
            if best is None or km < best[0]:
                best = (km, place)
        return best[1] if best and best[0] <= NEAREST_LIMIT_KM else None

    def members(self, district: str) -> Set[str]:
        """Ids of what lies in a district, or of the quarters of a city."""
        return self._members.get(district, frozenset())

    def districts(self) -> list[Place]:
        """The ten rural districts and three cities, by name."""
        found = [p for p in self.places.values() if p.id == p.district or p.kind == "district"]
        return sorted(found, key=lambda place: place.name)

    def districts_of(self, area: Iterable[str]) -> set[str]:
        """Ids of the districts that places of an area lie in; SAXONY for the whole state or country."""
        places = [self.places[i] for i in area if i in self.places]
        return {SAXONY if p.kind in ("state", "country") else p.district or p.id for p in places}

    def scope_of(self, area: tuple[str, ...], place: Place | None) -> str:
        """How `area` relates to `place`: place, district, state, country, or elsewhere.

        Without a place only statewide and nationwide services are near.
        """
        if place is not None:
            if place.id in area or (place.kind == "quarter" and place.district in area):
                return "place"
            if place.kind == "district":
                if not self.members(place.id).isdisjoint(area):
                    return "district"
            elif place.district and place.district in area:
                return "district"
        if SAXONY in area:
            return "state"
        if GERMANY in area:
            return "country"
        return "elsewhere"
