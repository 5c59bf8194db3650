"""Where a poster can hang: places of the directory that people walk into, and every town."""

from __future__ import annotations

import difflib
import hashlib
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from actions.directory.geo import Gazetteer, fold
from actions.directory.model import Service

TOWN = "place:"
LONGEST_CAMPAIGN = 20
# Nobody walks in there.
_NO_DOOR = frozenset(
    {"award", "discount_card", "emergency_number", "helpline", "information_website", "network"}
    | {"state_programme", "state_rule"}
)
# Their address is kept secret: no printed code may say where somebody was.
_HIDDEN = frozenset({"womens_shelter", "mens_shelter", "trafficking_counselling"})


@dataclass(frozen=True, slots=True)
class Site:
    """Where a sheet hangs: a service's id, or "place:" and the id of a town.

    `place` is the town its codes carry, `campaign` the short name by which reports count what came from here.
    """

    id: str
    name: str
    place: str
    campaign: str


def sites_of(services: Iterable[Service], gazetteer: Gazetteer) -> list[Site]:
    """All sites: services with a door in a known town by name, then towns, quarters and districts by name."""
    found = [
        (service.id, service.name, _town(service, gazetteer))
        for service in services
        if service.active and not service.telephone_only and service.kind not in _NO_DOOR | _HIDDEN
    ]
    found = [row for row in found if row[2]]
    towns = [(TOWN + p.id, p.name, p.id) for p in gazetteer.places.values() if p.settlement or p.kind == "district"]
    names = Counter(_short(row[0]) for row in found + towns)
    # two that are shortened alike: signs of the whole id tell them apart
    return [
        Site(*row, campaign=_short(row[0]) if names[_short(row[0])] == 1 else _marked(row[0]))
        for row in (*sorted(found, key=_by_name), *sorted(towns, key=_by_name))
    ]


def alike(name: str, sites: Iterable[Site], most: int = 5) -> list[Site]:
    """The sites whose id or name is nearest to what somebody typed, the nearest first."""
    wanted = fold(name)
    words = set(wanted.split())
    ranked = []
    for site in sites:
        forms = (fold(site.id), fold(site.name))
        close = max(difflib.SequenceMatcher(None, wanted, form).ratio() for form in forms)
        shared = len(words & {word for form in forms for word in form.split()})
        if shared or close > 0.5:
            ranked.append((-shared, -close, site.id, site))
    return [row[3] for row in sorted(ranked)[:most]]


def _by_name(row: tuple[str, str, str]) -> tuple[str, str]:
    return fold(row[1]), row[0]


def _short(site: str) -> str:
    """An id of at most 20 letters: its longest word before the last loses its end, as long as three are left."""
    words = fold(site.removeprefix(TOWN)).split()
    while len("-".join(words)) > LONGEST_CAMPAIGN:
        number = max(range(len(words) - 1), key=lambda n: len(words[n]), default=-1)
        if number < 0 or len(words[number]) <= 3:
            break
        words[number] = words[number][:-1]
    return "-".join(words)[:LONGEST_CAMPAIGN].rstrip("-")


def _marked(site: str) -> str:
    mark = hashlib.sha256(site.encode()).hexdigest()[:3]
    return f"{_short(site)[: LONGEST_CAMPAIGN - 4].rstrip('-')}-{mark}"


def _town(service: Service, gazetteer: Gazetteer) -> str:
    """The settlement of its address, else the first settlement it serves, else its district; "" for none."""
    if service.city:
        town = next((p for p in gazetteer.candidates(service.city) if p.settlement), None)
        if town is not None:
            return town.id
    places = [place for place in map(gazetteer.get, service.area) if place is not None]
    for place in places:
        if place.settlement:
            return place.id
    return next((place.id for place in places if place.kind == "district"), "")
