"""For the people of which places a service is: its service areas and its address, looked up in the gazetteer."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from actions.directory.geo import GERMANY, SAXONY, Gazetteer, Place, distance_km, fold
from actions.directory.sources.hsds_models import Address, Location, ServiceArea
from actions.directory.sources.hsds_terms import Terms

# Latitude and longitude in degrees, both or neither.
Point = tuple[float | None, float | None]
TOWNS = ("city", "municipality")
WIDE = ("district", "state", "country")
# Postal codes of Saxony, also those of large customers that lie in no area.
SAXON_CODES = ((1001, 1936), (2601, 2999), (4001, 4579), (4641, 4889), (8001, 9669))
# Coordinates further from their own town than this are wrong: exchanged, say, or of the head office.
ASTRAY_KM = 40.0
_TITLE = re.compile(r"(?:stadt|landeshauptstadt|große kreisstadt|gemeinde|city of|town of)\s+", re.IGNORECASE)
# Blanks around a part do not count: they are folded away when its name is looked up.
_LIST = re.compile(r"[,;/]|\s(?:und|and|sowie)\s", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Where:
    """An address understood. `towns` are those of Saxony it can lie in, mostly one.

    `german` and `abroad` say what is known of its country; `outside` that it is known to lie outside Saxony.
    """

    address: Address | None = None
    towns: tuple[Place, ...] = ()
    latitude: float | None = None
    longitude: float | None = None
    german: bool = False
    abroad: bool = False
    outside: bool = False


class Areas:
    """Addresses and service areas as places of the gazetteer."""

    def __init__(self, gazetteer: Gazetteer, terms: Terms) -> None:
        self._gazetteer, self._terms = gazetteer, terms

    def where(self, location: Location | None) -> Where:
        """Read the physical address of a location: one in Saxony if it has several."""
        if location is None or location.location_type.lower() in ("postal", "virtual"):
            return Where()
        found = [self._read(a, location) for a in location.addresses if a.address_type.lower() in ("", "physical")]
        if not found:
            latitude, longitude = _point(location)
            return Where(latitude=latitude, longitude=longitude)
        return next((where for where in found if where.towns), found[0])

    def area(self, where: Where, service_areas: Sequence[ServiceArea], several: bool = False) -> tuple[str, ...]:
        """Place ids, the nearest first; empty when nothing says that it is for people in Saxony.

        The service areas decide. The town of the address counts where they include it, or where they say
        nothing we know. With `several` locations each is named for its own town and what lies around it.
        """
        named = list(dict.fromkeys(i for area in service_areas for i in self._named(area, where)))
        own = [town for town in where.towns if not named or {town.id, town.district, SAXONY, GERMANY} & set(named)]
        if not own:
            return tuple(named)
        around = {SAXONY, GERMANY, *(town.district for town in own)}
        others = [i for i in named if not several or i in around]
        return tuple(dict.fromkeys([*(town.id for town in own), *others]))

    def _read(self, address: Address, location: Location) -> Where:
        point = _point(location)
        country, code = fold(address.country), address.postal_code.strip()
        german = country in self._terms.germany
        abroad = bool(country) and not german
        if german and re.fullmatch(r"\d{4}", code):
            code = code.zfill(5)  # a leading 0 is lost where the code was once a number
        foreign_code = bool(code) and (not re.fullmatch(r"\d{5}", code, re.ASCII) or not _saxon(code))
        state = re.sub(r" (germany|deutschland)$", "", fold(address.state_province))
        saxon = self._in_saxony(state)
        address = address.copy(update={"postal_code": code})
        # Five digits alone prove nothing, for other countries have such codes too; with the country they do.
        if abroad or foreign_code or (state and not saxon and not (german and code)):
            return Where(address, (), *point, german, abroad, outside=True)
        towns = self._towns(address, point, sure=saxon or bool(code))
        return Where(address, towns, *_near(point, towns), german, abroad)

    def _in_saxony(self, state: str) -> bool:
        """Saxony, or a district of it, which some write there."""
        return state in self._terms.saxony or any(
            place.kind in ("district", "city") for place in self._gazetteer.candidates(state)
        )

    def _towns(self, address: Address, point: Point, sure: bool) -> tuple[Place, ...]:
        """Towns by postal code and name; by name alone only where it cannot be a namesake in another state."""
        by_code, by_name = self._gazetteer.by_postcode(address.postal_code), self._by_name(address.city)
        found = [town for town in by_name if town in by_code] or by_code
        if not found:
            found = [t for t in by_name if sure or _within(t, point) or (t.kind == "city" and None in point)]
        if len(found) > 1:
            nearest = min(found, key=lambda town: _distance(town, point))
            found = [nearest] if _within(nearest, point) else found
        # Towns that share a postal code lie together; of towns that share a name each may be the wrong one.
        return tuple(found) if by_code or len(found) == 1 else ()

    def _by_name(self, name: str) -> list[Place]:
        """Towns written so; a quarter stands for its town."""
        for form in (name, _TITLE.sub("", name), re.split(r"[,(/]|\sOT\s", name)[0]):
            found = [p for p in self._gazetteer.candidates(form) if p.kind in (*TOWNS, "quarter")] if form else []
            towns = [p for p in found if p.kind in TOWNS]
            if not towns:
                towns = [t for t in (self._gazetteer.get(p.district) for p in found) if t is not None]
            if towns:
                return towns
        return []

    def _named(self, area: ServiceArea, where: Where) -> Iterable[str]:
        """Place ids of one service area; none when its country is known to be another."""
        if where.abroad:
            return
        kind = area.extent_type.lower()
        texts = [area.name, area.extent if kind in ("", "text") else ""]
        codes = {code for text in texts[1:] for code in re.findall(r"\b\d{5}\b", text) if "{" not in text}
        for code in sorted(codes):
            yield from (place.id for place in self._gazetteer.by_postcode(code))
        for text in texts:
            if self._terms.says("nationwide", text) or (
                where.german and self._terms.says("nationwide_somewhere", text)
            ):
                yield GERMANY
                continue
            whole = self._place(text, where)
            for part in [text] if whole else _LIST.split(text):
                yield from (place.id for place in self._place(part, where))

    def _place(self, name: str, where: Where) -> list[Place]:
        """Places of one name: the largest kind there is; towns only when the name is unmistakable."""
        for form in (name, _TITLE.sub("", name)):
            found = self._gazetteer.candidates(form) if form else []
            if where.outside:
                found = [p for p in found if p.kind in (*WIDE, "city")]  # many a small town has a namesake
            same = [p for p in found if p.kind == found[0].kind]
            if same and (len(same) == 1 or same[0].kind == "district"):
                return same
        return []


def _saxon(code: str) -> bool:
    return any(low <= int(code) <= high for low, high in SAXON_CODES) or code in ("07952", "07985")


def _point(location: Location) -> Point:
    """Latitude and longitude, both or neither; 0/0 is what some feeds write for unknown."""
    latitude, longitude = location.latitude, location.longitude
    if latitude is None or longitude is None or (latitude, longitude) == (0, 0):
        return None, None
    return (latitude, longitude) if abs(latitude) <= 90 and abs(longitude) <= 180 else (None, None)


def _near(point: Point, towns: Sequence[Place]) -> Point:
    return point if any(_within(town, point) for town in towns) else (None, None)


def _within(place: Place, point: Point, km: float = ASTRAY_KM) -> bool:
    return _distance(place, point) <= km


def _distance(place: Place, point: Point) -> float:
    if None in (*point, place.latitude, place.longitude):
        return float("inf")
    return distance_km(*point, place.latitude, place.longitude)  # type: ignore[arg-type]
