"""Which regions of an Integreat CMS belong to a district of Saxony: found at run time, never by a list of ours."""

from __future__ import annotations

import asyncio
import re

from actions.directory.geo import Gazetteer, Place, fold
from actions.directory.sources.http import Fetched, Fetcher, Unavailable
from actions.directory.sources.integreat_models import Region
from actions.directory.sources.records import read

PATH = "/api/v3/regions/"
TTL = 24 * 3600.0

# Saxony's box in degrees, and how far outside of it the middle of a region may lie.
WEST, EAST, SOUTH, NORTH, MARGIN = 11.87, 15.05, 50.17, 51.69, 0.1
# What may stand before the name; the CMS writes it into `prefix` or into the name itself.
_KINDS = {
    "both": re.compile(r"^stadt (und )?(landkreis|kreis)\b"),
    "rural": re.compile(r"^(landkreis|kreis|lk)\b"),
    "town": re.compile(r"^((kreisfreie |grosse kreis)?stadt|gemeinde)\b"),
}

# What people of this project speak -> codes under which regions publish it, the best first (codes are slugs that
# each region chooses; seen in the CMS and in the app's configuration).
CODES: dict[str, tuple[str, ...]] = {
    "fa": ("fa", "fa-af", "prs", "fa-pr", "fa_pr", "pes"),
    "ku": ("ku", "kmr"),
    "ckb": ("ckb",),
    "sr": ("sr", "sr-cyrl"),
    "zh": ("zh-cn", "zh-hans"),
    "pt": ("pt", "pt-br"),
    "de": ("de", "de-si"),
}
FALLBACK = ("en", "de")


def language_codes(language: str, region: Region) -> list[tuple[str, str]]:
    """What to read in a region for someone who speaks `language`: (our code, the region's code), the best first.

    The last ones are English and German; only codes that the region shows are named, each once.
    """
    found: list[tuple[str, str]] = []
    visible = {code.casefold(): code for code in region.codes}
    for wanted in dict.fromkeys((language, *FALLBACK)):
        # Any other variant of the same language is better than another language.
        variants = [code for code in visible if code.partition("-")[0] == wanted]
        for code in dict.fromkeys((*CODES.get(wanted, (wanted,)), *sorted(variants))):
            if code in visible:
                found.append((wanted, visible[code]))
    return found


class Regions:
    """The regions of one CMS that lie in Saxony, a day old at most."""

    def __init__(self, fetcher: Fetcher, gazetteer: Gazetteer) -> None:
        self._fetcher, self._gazetteer = fetcher, gazetteer

    async def of(self, district: str) -> tuple[list[Region], Fetched]:
        """Live regions with places that belong to the district with this id, and the answer they come from.

        Raises Unavailable.
        """
        answer = await self._fetcher.json(PATH, ttl=TTL, shape=list)
        return await asyncio.to_thread(self._belonging, answer, district), answer

    def _belonging(self, answer: Fetched, district: str) -> list[Region]:
        regions, _ = read(Region, answer.value)
        usable = [region for region in regions if region.live and region.pois and self.saxon(region)]
        return [region for region in usable if district in self.districts(region)]

    def saxon(self, region: Region) -> bool:
        """True with a Saxon postal code or with its middle in or just outside of Saxony's box."""
        if self._gazetteer.by_postcode(region.plz):
            return True
        if region.latitude is None or region.longitude is None:
            return False
        return (
            SOUTH - MARGIN <= region.latitude <= NORTH + MARGIN and WEST - MARGIN <= region.longitude <= EAST + MARGIN
        )

    def districts(self, region: Region) -> frozenset[str]:
        """Ids of the districts it covers: by the name of a rural district, else by postal code, name, places named.

        A bare name would mistake the district of Leipzig for the city, as either may be called just "Leipzig".
        """
        by_code = {place.district or place.id for place in self._gazetteer.by_postcode(region.plz)}
        by_name = self._named(region)
        if self._kind(region) in ("both", "rural") and by_name:
            return frozenset(by_name)
        if len(by_code) == 1:
            return frozenset(by_code)
        if by_code and by_name & by_code:
            return frozenset(by_name & by_code)
        if by_name:
            return frozenset(by_name)
        return self._by_aliases(region)

    def town_only(self, region: Region) -> bool:
        """True when it says of itself that it is one town and no district."""
        return self._kind(region) == "town"

    @staticmethod
    def _kind(region: Region) -> str:
        """both, rural, town, or "" when neither prefix nor name nor slug says it."""
        words = fold(region.prefix) or fold(region.name)
        for kind, pattern in _KINDS.items():
            if pattern.match(words):
                return kind
        return "rural" if region.path.casefold().startswith("landkreis") else ""

    def _named(self, region: Region) -> set[str]:
        """Districts called like the region; none when the name could mean a city or the district around it."""
        bare = fold(region.name_without_prefix or region.name)
        for pattern in _KINDS.values():
            bare = pattern.sub("", bare).strip()
        district = {p.id for form in (bare, f"landkreis {bare}") for p in self._of_kind(form, "district")}
        city = {p.district or p.id for p in self._of_kind(bare, "city")}
        kind = self._kind(region)
        if kind == "town":
            return city or {p.district for p in self._of_kind(bare, "municipality")}
        if kind == "rural":
            return district
        found = city | district
        return found if kind == "both" or len(found) == 1 else set()

    def _of_kind(self, name: str, kind: str) -> list[Place]:
        return [place for place in self._gazetteer.candidates(name) if place.kind == kind]

    def _by_aliases(self, region: Region) -> frozenset[str]:
        """The one district to which most of at least two named places belong."""
        counts: dict[str, int] = {}
        for name in region.aliases:
            for district in {place.district for place in self._of_kind(name, "municipality")}:
                counts[district] = counts.get(district, 0) + 1
        ranked = sorted(counts.items(), key=lambda item: -item[1])
        if not ranked or ranked[0][1] < 2 or (len(ranked) > 1 and ranked[1][1] == ranked[0][1]):
            return frozenset()
        return frozenset({ranked[0][0]})

    async def readable(self, place: Place, language: str) -> list[tuple[str, list[tuple[Region, list[str]]]]]:
        """For each language, that of the person first: the regions of a place with their codes for it.

        The last ones are English and German; empty when the list of regions is out of reach.
        """
        try:
            regions, _ = await self.of(place.district or place.id)
        except Unavailable:
            return []
        chains = [(region, language_codes(language, region)) for region in regions]
        return [
            (ours, [(region, [theirs for code, theirs in chain if code == ours]) for region, chain in chains])
            for ours in dict.fromkeys(code for _, chain in chains for code, _ in chain)
        ]
