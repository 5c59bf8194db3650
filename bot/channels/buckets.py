"""Who has taken how much of a limit: counted in this process alone, or in one Redis for all processes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol

from bot.channels.gate import RateLimit
from bot.memory.shared import Away, Shared

# The generic cell rate algorithm: a bucket is the microsecond at which it will be full again, and is gone from then on.
# Buckets are KEYS from `first`, two ARGV each from `from`: microseconds of one message, and how far one may be ahead.
# Gives the microseconds to wait, 0 when there is room in all; takes one of each then, otherwise of none.
TAKE = """
local function take(first, from, only_look)
  local time = redis.call('TIME')
  local now = time[1] * 1000000 + time[2]
  local longest, full = 0, {}
  for i = first, #KEYS do
    local at = from + 2 * (i - first)
    full[i] = math.max(tonumber(redis.call('GET', KEYS[i]) or now), now)
    longest = math.max(longest, full[i] - now - tonumber(ARGV[at + 1]))
    full[i] = full[i] + tonumber(ARGV[at])
  end
  if longest > 0 or only_look then
    return longest
  end
  for i = first, #KEYS do
    redis.call('SET', KEYS[i], string.format('%.0f', full[i]), 'PX', math.ceil((full[i] - now) / 1000))
  end
  return 0
end
"""
_SCRIPT = TAKE + "return take(1, 2, ARGV[1] == 'look')"


class Charge(NamedTuple):
    """One message counted to one bucket: `limit` says how many there may be, and counts while Redis is away.

    `name` tells this limit from all others of the assistant.
    """

    name: str
    limit: RateLimit
    key: str


class Buckets(Protocol):
    """Where limits are counted."""

    async def take(self, charges: Sequence[Charge]) -> float:
        """Count all charges when every one of them is within its limit: 0 then, otherwise the seconds to wait."""

    async def look(self, charges: Sequence[Charge]) -> float:
        """The same without counting anything."""


class OwnBuckets:
    """Counts in the limits themselves, for a process that is alone."""

    async def take(self, charges: Sequence[Charge]) -> float:
        """See Buckets."""
        wait = _longest(charges)
        if wait <= 0:
            for charge in charges:
                charge.limit.allows(charge.key)
        return wait

    async def look(self, charges: Sequence[Charge]) -> float:
        """See Buckets."""
        return _longest(charges)


class SharedBuckets:
    """Counts in Redis by its own clock, in one round trip for all charges.

    While Redis is away this process counts for itself: with N processes a person may then send up to N times as much.
    """

    def __init__(self, shared: Shared) -> None:
        self._shared, self._own = shared, OwnBuckets()
        self._script: Any = None

    async def take(self, charges: Sequence[Charge]) -> float:
        """See Buckets."""
        return await self._ask("take", charges)

    async def look(self, charges: Sequence[Charge]) -> float:
        """See Buckets."""
        return await self._ask("look", charges)

    async def _ask(self, what: str, charges: Sequence[Charge]) -> float:
        async def call(redis: Any) -> int:
            self._script = self._script or redis.register_script(_SCRIPT)
            keys, terms = bucket_keys(self._shared, charges), bucket_terms(charges)
            return int(await self._script(keys=keys, args=[what, *terms], client=redis))

        try:
            return await self._shared.run(call) / 1e6
        except Away:
            return await (self._own.take if what == "take" else self._own.look)(charges)


def _longest(charges: Sequence[Charge]) -> float:
    longest = 0.0
    for charge in charges:
        longest = max(longest, charge.limit.wait(charge.key))
    return longest


def bucket_keys(shared: Shared, charges: Sequence[Charge]) -> list[str]:
    """The names of buckets in Redis, KEYS of TAKE."""
    return [shared.key("limit", charge.name, charge.key) for charge in charges]


def bucket_terms(charges: Sequence[Charge]) -> list[int]:
    """What TAKE has to know of the limits, in microseconds."""
    terms: list[int] = []
    for charge in charges:
        each = max(1, round(charge.limit.seconds * 1e6 / charge.limit.count))
        terms += [each, each * (charge.limit.count - 1)]
    return terms
