"""Which fault comes when: drawn with a seed, so that a run can be repeated."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass

from tools.chaos.kinds import Kind

# The first seconds belong to people alone, and after the last fault there is time for it to end.
FIRST, LAST = 3.0, 5.0
GAP = (3.0, 11.0)


@dataclass(frozen=True)
class Planned:
    """A fault: begins `at` seconds after the start, lasts about so many seconds; `seed` draws its details."""

    at: float
    kind: Kind
    lasts: float
    seed: str

    def __str__(self) -> str:
        return f"{self.at:7.1f} s  {self.kind.name:16} {self.lasts:4.1f} s"


def draw(kinds: Sequence[Kind], seed: int, seconds: float, gap: tuple[float, float] = GAP) -> list[Planned]:
    """The faults of so many seconds. Every kind comes once before one comes again; several may overlap.

    The order does not depend on the length of the run: a shorter one has the beginning of a longer one.
    """
    dice = random.Random(seed)
    found: list[Planned] = []
    deck: list[Kind] = []
    at = FIRST
    while at < seconds - LAST and kinds:
        if not deck:
            deck = sorted(kinds, key=lambda kind: kind.name)
            dice.shuffle(deck)
        kind = deck.pop()
        found.append(Planned(round(at, 1), kind, round(dice.uniform(*kind.seconds), 1), f"{seed}:{len(found)}"))
        at += dice.uniform(*gap)
    return found
