"""What a record is recognised by: name, door, phone number and town, each in one spelling."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from math import cos, floor, radians

from actions.directory.geo import GERMANY, SAXONY, Gazetteer, distance_km
from actions.directory.merge import spelling, spot
from actions.directory.model import Service

NEAR_KM = 0.075
# Free, shared-cost and service numbers are the same all over the country.
_NATIONWIDE = re.compile(r"(800|180|137|900|700|116|118|19222|32|31)")
_SHORTEST = 7
# Degrees: of a cell in which names are compared, and half of 75 m, more rather than less.
_CELL, _HALF = 0.01, 0.0004


@dataclass(frozen=True, slots=True)
class Traits:
    """What a record is recognised by. `towns` are place ids it can be in, None when that may be anywhere.

    `dated`: a course or an event that begins on a day. Its number is the organiser's, not its own.
    """

    name: str
    phone: str
    spot: str
    point: tuple[float, float] | None
    towns: frozenset[str] | None
    dated: bool = False


class Towns:
    """In which towns a record can be, asked of the gazetteer once for each spelling and area."""

    def __init__(self, gazetteer: Gazetteer) -> None:
        self._gazetteer = gazetteer
        self._known: dict[tuple[str, ...], frozenset[str] | None] = {}

    def of(self, service: Service) -> frozenset[str] | None:
        """Ids of places, a folded name where the gazetteer lacks the town, None when it can be anywhere."""
        key = (service.city, service.postal_code, *service.area)
        if key not in self._known:
            self._known[key] = self._look_up(service)
        return self._known[key]

    def _look_up(self, service: Service) -> frozenset[str] | None:
        if service.city:
            return self._town(service.city)
        if service.postal_code and (places := self._gazetteer.by_postcode(service.postal_code)):
            return self._wider({place.id for place in places})
        if not service.area or SAXONY in service.area or GERMANY in service.area:
            return None
        return self._wider({*service.area, *(i for name in service.area for i in self._gazetteer.members(name))})

    def _town(self, city: str) -> frozenset[str]:
        """Places of this name; "Leipzig-Grünau" is in Leipzig when the gazetteer does not have it as a whole."""
        for name in (city, *re.split(r" OT |[-/,(]", city)[:1]):
            found = {place.id for place in self._gazetteer.candidates(name) if place.kind != "district"}
            if found:
                return self._wider(found)
        return frozenset({spelling(city)})

    def _wider(self, ids: set[str]) -> frozenset[str]:
        """With the city of each quarter among them."""
        places = (self._gazetteer.get(name) for name in ids)
        return frozenset(ids | {place.district for place in places if place is not None and place.kind == "quarter"})


def number(phone: str) -> str:
    """The digits of a phone number from +49 on; "" for a short or nationwide one, which many places share."""
    digits = re.sub(r"\D", "", phone)
    if phone.strip().startswith("+"):
        country, rest = digits[:2], digits[2:]
    elif digits.startswith("00"):
        country, rest = digits[2:4], digits[4:]
    elif digits.startswith("0"):
        country, rest = "49", digits[1:]
    else:
        return ""
    rest = rest.lstrip("0")
    if len(rest) < _SHORTEST or (country == "49" and _NATIONWIDE.match(rest)):
        return ""
    return country + rest


def traits_of(service: Service, towns: Towns | None = None) -> Traits:
    """What this record is recognised by; its keys need no towns."""
    phone = number(service.phone)
    where = towns.of(service) if towns is not None and phone else None
    return Traits(
        spelling(service.name), phone, spot(service), service.point, where, bool(service.starts or service.ends)
    )


def name_keys(traits: Traits) -> Iterator[int]:
    """Two records that are one place by name and door, or name and number, have one of these keys in common."""
    if not traits.name:
        return
    if traits.point is not None:
        latitude, longitude = traits.point
        wide = _HALF / max(cos(radians(latitude)), 0.01)
        for row in {floor((latitude - _HALF) / _CELL), floor((latitude + _HALF) / _CELL)}:
            for column in {floor((longitude - wide) / _CELL), floor((longitude + wide) / _CELL)}:
                yield hash((traits.name, row, column))
    if traits.spot:
        yield hash((traits.name, traits.spot))
    if traits.phone:
        yield hash((traits.name, traits.phone))


def phone_keys(traits: Traits) -> Iterator[int]:
    """Two records that are one place by their number have this key in common."""
    if traits.phone and not traits.dated:
        yield hash(traits.phone)


def surely_one(a: Traits, b: Traits) -> bool:
    """The same name within 75 m; where coordinates lack at the same door; where the door lacks with the same number."""
    if not a.name or a.name != b.name:
        return False
    if a.point is not None and b.point is not None:
        return distance_km(*a.point, *b.point) < NEAR_KM
    if a.spot and b.spot:
        return a.spot == b.spot
    return one_number(a, b)


def one_number(a: Traits, b: Traits) -> bool:
    """The same phone number, their own and not of a nationwide service, and towns that do not contradict each other."""
    return bool(a.phone) and a.phone == b.phone and not (a.dated or b.dated) and one_town(a, b)


def one_town(a: Traits, b: Traits) -> bool:
    """Whether both can be in one town."""
    return a.towns is None or b.towns is None or not a.towns.isdisjoint(b.towns)
