"""Places that municipalities keep up to date in an Integreat CMS, as services; and a region's events.

Requests name a region, a language and a fixed path, nothing else: which question was asked stays here.
"""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable
from datetime import datetime

from actions.directory.geo import Gazetteer
from actions.directory.hours import BERLIN
from actions.directory.model import Service
from actions.directory.sources.http import Fetched, Fetcher, Health, Unavailable
from actions.directory.sources.integreat_addresses import endpoint
from actions.directory.sources.integreat_categories import Categories
from actions.directory.sources.integreat_events import TTL as EVENTS_TTL
from actions.directory.sources.integreat_events import Happening, upcoming
from actions.directory.sources.integreat_models import Poi, Region
from actions.directory.sources.integreat_places import Places, Unusable
from actions.directory.sources.integreat_regions import Regions
from actions.directory.sources.port import Batch, Wanted
from actions.directory.sources.records import read

logger = logging.getLogger(__name__)

# Names on cards stay German: they are what stands at the door.
LANGUAGE = "de"
# In danger nobody should be sent to a place: the emergency numbers answer.
PHONE_ONLY = frozenset({"emergency_medical", "emergency_violence", "crisis_suicide"})
# Reasons for dropped records that a batch carries along.
FAULTS = 10


class IntegreatSource:
    """One batch a district of Saxony: the places of all its regions. `clock` tells the time (aware)."""

    name = "integreat"
    ttl = 3600.0

    def __init__(
        self,
        fetcher: Fetcher,
        gazetteer: Gazetteer,
        clock: Callable[[], datetime],
        categories: Categories | None = None,
    ) -> None:
        self._fetcher, self._clock = fetcher, clock
        self._regions = Regions(fetcher, gazetteer)
        self._places = Places(gazetteer, categories or Categories.load())

    def key(self, wanted: Wanted) -> str | None:
        """The id of the district asked about; None without one, and where only the telephone helps."""
        place = wanted.place
        if place is None or place.kind in ("state", "country") or wanted.topic in PHONE_ONLY:
            return None
        return place.district or place.id

    async def load(self, key: str, wanted: Wanted) -> Batch:
        """The places of all regions of the district `key`; none of them is a good answer, too.

        Raises Unavailable when the list of regions or every region is out of reach.
        """
        regions, listed = await self._regions.of(key)
        asked = [region for region in regions if LANGUAGE in region.codes]
        answers = await asyncio.gather(*(self._locations(region) for region in asked), return_exceptions=True)
        services: dict[str, Service] = {}
        faults: Counter[str] = Counter()
        good: list[Fetched] = [listed]
        failed: list[Unavailable] = []
        for region, answer in zip(asked, answers, strict=True):
            if isinstance(answer, Unavailable):
                failed.append(answer)
            elif isinstance(answer, BaseException):
                raise answer
            else:
                good.append(answer)
                found, why = await asyncio.to_thread(self._services, region, key, answer)
                services.update((service.id, service) for service in found)
                faults += why
        if failed and len(failed) == len(asked):
            raise failed[0]
        origins = {answer.origin for answer in good}
        # With a region missing the batch is not whole: as a stale one it is asked for again soon.
        origin = "stale" if failed or "stale" in origins else "network" if "network" in origins else "fresh"
        return Batch(
            key=key,
            services=tuple(services.values()),
            origin=origin,
            as_of=min(answer.as_of for answer in good[1:] or good),
            dropped=sum(faults.values()),
            faults=tuple(f"{count} x {why}" for why, count in faults.most_common(FAULTS)),
        )

    async def _locations(self, region: Region) -> Fetched:
        return await self._fetcher.json(endpoint(region.path, LANGUAGE, "locations"), ttl=self.ttl, shape=list)

    def _services(self, region: Region, district: str, answer: Fetched) -> tuple[list[Service], Counter[str]]:
        pois, faults = read(Poi, answer.value)
        today = self._clock().astimezone(BERLIN).date()
        town_only = self._regions.town_only(region)
        services: list[Service] = []
        for poi in pois:
            try:
                services.append(self._places.service(poi, region, district, town_only, today))
            except Unusable as exc:
                faults[str(exc)] += 1
            except Exception as exc:  # whatever an editor makes up, it spoils one place only
                logger.error("integreat: %s in a place", exc.__class__.__name__)
                faults[exc.__class__.__name__] += 1
        return services, faults

    async def events(self, region: str, language: str) -> list[Happening]:
        """Upcoming events of a region, the next first; both are slugs of the CMS. Raises Unavailable, ValueError."""
        answer = await self._fetcher.json(endpoint(region, language, "events"), ttl=EVENTS_TTL, shape=list)
        return await asyncio.to_thread(upcoming, answer.value, self._clock())

    async def happenings(self, wanted: Wanted, limit: int = 3) -> list[Happening]:
        """The next events in the regions of a place, in the first language that has any: the person's, English, German.

        No place, no region in reach, nothing planned: an empty list.
        """
        place = wanted.place
        if place is None or place.kind in ("state", "country"):
            return []
        for _, regions in await self._regions.readable(place, wanted.language):
            # One variant of a language is enough: two would be the same events twice.
            asked = [self.events(region.path, codes[0]) for region, codes in regions if codes]
            answers = await asyncio.gather(*asked, return_exceptions=True)
            found = [event for answer in answers if not isinstance(answer, BaseException) for event in answer]
            if found:
                return sorted(found, key=lambda happening: (happening.start, happening.title))[:limit]
        return []

    @property
    def health(self) -> Health:
        """How calls of the upstream go."""
        return self._fetcher.health

    async def close(self) -> None:
        """Close the connections."""
        await self._fetcher.close()
