"""Open Referral HSDS 3.x (and the pages of Open Referral UK 1): any feed of services, read whole once an hour."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from pydantic import ValidationError

from actions.directory.geo import Gazetteer
from actions.directory.model import Service
from actions.directory.sources.hsds_area import Areas
from actions.directory.sources.hsds_models import HsdsService
from actions.directory.sources.hsds_pages import read_feed
from actions.directory.sources.hsds_service import Mapper, Refused
from actions.directory.sources.hsds_terms import Terms, load_terms
from actions.directory.sources.http import Fetcher, Health
from actions.directory.sources.port import Batch, Wanted

logger = logging.getLogger(__name__)

UNREADABLE = "not a service of HSDS"
# Records are read in another thread, so many at a time.
PORTION = 50


class HsdsSource:
    """One feed. Requests tell it nothing about the question: it is asked for all that it has.

    `clock` tells the day for which schedules and prices hold; `terms` are those of data/hsds_terms.yml.
    """

    name = "hsds"
    ttl = 3600.0

    def __init__(
        self, fetcher: Fetcher, gazetteer: Gazetteer, clock: Callable[[], datetime], terms: Terms | None = None
    ) -> None:
        self._fetcher, self._clock = fetcher, clock
        self._terms = terms or load_terms()
        self._areas = Areas(gazetteer, self._terms)
        # A name or password in the address stays out of ids, sources and logs.
        parts = urlsplit(fetcher.base)
        self._host = parts.netloc.rpartition("@")[2]
        self._path = parts.path.rstrip("/")
        self._base = f"{parts.scheme}://{self._host}{self._path}"

    def key(self, wanted: Wanted) -> str | None:
        """The feed's host, with the path of the feed where it has one: a host may serve several."""
        return self._host + self._path

    async def load(self, key: str, wanted: Wanted) -> Batch:
        """All services of the feed that are for people in Saxony."""
        feed = await read_feed(self._fetcher, self.ttl)
        mapper = Mapper(self._terms, self._areas, self._host, self._base, self._clock().date())
        services: dict[str, Service] = {}
        refused: Counter[str] = Counter()
        for start in range(0, len(feed.records), PORTION):
            portion = feed.records[start : start + PORTION]
            found, reasons = await asyncio.to_thread(_read, mapper, portion)
            services.update((service.id, service) for service in found)
            refused.update(reasons)
        return Batch(
            key=key,
            services=tuple(services.values()),
            origin=feed.origin,
            as_of=min(feed.as_of),
            dropped=refused.total(),
            faults=tuple(f"{count} {why}" for why, count in (refused + feed.faults).most_common()),
        )

    @property
    def health(self) -> Health:
        """How calls of the upstream go."""
        return self._fetcher.health

    async def close(self) -> None:
        """Close connections."""
        await self._fetcher.close()


def _read(mapper: Mapper, records: Sequence[Any]) -> tuple[list[Service], list[str]]:
    """The services of some records, and why others are none."""
    found: list[Service] = []
    reasons: list[str] = []
    for record in records:
        try:
            for result in mapper.services(HsdsService.parse_obj(record)):
                if isinstance(result, Refused):
                    reasons.append(str(result))
                else:
                    found.append(result)
        except ValidationError:
            reasons.append(UNREADABLE)
        except Exception as exc:  # whatever a feed makes up, it spoils one record only
            logger.error("hsds: %s in a record", exc.__class__.__name__)
            reasons.append(exc.__class__.__name__)
    return found, reasons
