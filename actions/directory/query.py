"""What is looked for in the directory, and what is found."""

from __future__ import annotations

from dataclasses import dataclass

from actions.directory.freshness import Shown
from actions.directory.geo import Place
from actions.directory.hours import HoursState
from actions.directory.model import Service

SCOPES = ("place", "district", "near", "state", "country")
NEAR_KM = 40.0
LOOKED_AT = 60
"""Of services that may be open now, the hours of this many are looked at, the best first."""


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for. `point` is (latitude, longitude) in degrees; `language` a two-letter code; `age` in years.

    `open_now` finds what is open among the best services with known hours, LOOKED_AT of them.
    """

    topic: str = ""
    place: Place | None = None
    point: tuple[float, float] | None = None
    language: str = ""
    limit: int = 3
    exclude: frozenset[str] = frozenset()
    speaks: str = ""
    open_now: bool = False
    free: bool = False
    women: bool = False
    age: int | None = None


@dataclass(frozen=True, slots=True)
class Match:
    """A service found: what of it may be shown, how far it is, and its hours at the asked moment."""

    service: Service
    shown: Shown
    scope: str
    distance_km: float | None
    hours: HoursState | None
