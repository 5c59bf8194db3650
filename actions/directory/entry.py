"""A service with what every search needs of it, and the classes of services that rank alike."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from functools import lru_cache

from actions.directory.freshness import LIMITS, Limits, months, shown
from actions.directory.geo import GERMANY, SAXONY
from actions.directory.grid import cell_at
from actions.directory.model import Service

# Offices that may act only for the people of their own area: the next district's is the wrong door.
BOUND_TO_AREA = frozenset(
    "immigration_office naturalisation_office social_welfare_office job_centre citizens_office public_office "
    "school_authority family_benefits_office childcare_office discount_card refugee_social_work".split()
)
GROWN_UP = 27
YOUNG = ("children", "young people", "teenagers")
EVERYWHERE = ""
"""The bucket of what serves all of Saxony or Germany; no place has this id."""
# For whom a service is: everyone, only the young, only men.
ALL, THE_YOUNG, MEN = 0, 1, 2
QUALITIES, MAINS = 7, 3

Class = tuple[int, ...]
"""Codes that rank alike for a query: the same quality and topic, for everyone or narrowed."""
Key = str | int
"""Of a bucket: a place id, EVERYWHERE, or the number of a grid cell."""


class Entry:
    """A service with what every search needs of it. `point` is None where no distance is known."""

    __slots__ = ("audience", "bound", "everywhere", "fresh", "limits", "month", "point", "quality", "service")

    def __init__(self, service: Service, point: tuple[float, float] | None, limits: Limits = LIMITS) -> None:
        self.service = service
        self.limits = limits
        self.point = point
        self.everywhere = SAXONY in service.area or GERMANY in service.area
        self.bound = service.kind in BOUND_TO_AREA and not self.everywhere
        who = service.eligibility
        young = (who.maximum_age is not None and who.maximum_age <= GROWN_UP) or who.description.startswith(YOUNG)
        self.audience = MEN if who.gender == "men" else THE_YOUNG if young else ALL
        self.month = -1
        self.quality = 0
        self.fresh = 0

    def age_to(self, today: date) -> None:
        """Set how good and how fresh the record is in the month of `today`."""
        month = today.year * 12 + today.month
        if month != self.month:
            seen = shown(self.service, today, self.limits)
            self.month, self.quality = month, seen.quality
            self.fresh = months(seen.checked) if seen.checked else 0

    def code(self, topic: str) -> int:
        """One number for audience, quality and how much the service is about the topic."""
        topics = self.service.topics
        main = 0 if topics[0] == topic else 1 if topic in topics[:3] else 2
        return (self.audience * QUALITIES + self.quality) * MAINS + main

    def lies_in(self) -> Iterator[Key]:
        """The buckets it lies in."""
        yield from dict.fromkeys(self.service.area)
        if self.everywhere:
            yield EVERYWHERE
        if self.point is not None:
            yield cell_at(*self.point)


@lru_cache(maxsize=16)
def classes(few: bool, young: bool, also: bool, placed: bool) -> list[Class]:
    """Classes of codes, the best first, of one part of the ranking.

    `few`: services that turn most people away, else those that do not; `young`: the person is young; `also`:
    services that only also help with the topic. With a place how much a service is about the topic weighs as
    much as its quality; without one quality goes first.
    """
    audiences = [a for a in (ALL, THE_YOUNG, MEN) if few == (a == MEN or (a == THE_YOUNG and not young))]
    pairs = [(quality, main) for quality in range(QUALITIES) for main in ((2,) if also else (0, 1))]
    pairs.sort(key=lambda pair: (sum(pair), pair[1]) if placed else pair)
    return [tuple((a * QUALITIES + quality) * MAINS + main for a in audiences) for quality, main in pairs]
