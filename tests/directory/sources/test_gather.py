"""Sources behind one budget: waited for once, renewed in passing, never in the way of an answer."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from datetime import datetime, timezone

from actions.directory.model import Service
from actions.directory.sources.gather import BATCHES, RETRY, Sources
from actions.directory.sources.http import Unavailable
from actions.directory.sources.port import Batch, Wanted

NOW = datetime(2026, 11, 24, 12, tzinfo=timezone.utc)
SERVICE = Service(id="x:1", name="Beratung", topics=("migration_counselling",), kind="migration_counselling")
WANTED = Wanted("migration_counselling")


class Adopted(dict[str, Sequence[Service]]):
    def adopt(self, key: str, services: Sequence[Service]) -> None:
        self[key] = services

    def drop(self, key: str) -> None:
        self.pop(key, None)


class Upstream:
    name, ttl = "up", 600.0

    def __init__(self, outcome: str = "network", delay: float = 0.0) -> None:
        self.outcome, self.delay, self.loads, self.closed = outcome, delay, 0, False

    def key(self, wanted: Wanted) -> str | None:
        if self.outcome == "bad key":
            raise RuntimeError
        return wanted.topic if wanted.topic else None

    async def load(self, key: str, wanted: Wanted) -> Batch:
        self.loads += 1
        await asyncio.sleep(self.delay)
        if self.outcome == "down":
            raise Unavailable("up: ConnectError")
        if self.outcome == "bug":
            raise KeyError("secret")
        return Batch(key, (SERVICE,), self.outcome, NOW)

    async def close(self) -> None:
        self.closed = True


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_the_first_question_waits_and_later_ones_use_the_batch() -> None:
    up, adopted, clock = Upstream(delay=0.01), Adopted(), Clock()
    sources = Sources([up], adopted, clock)

    async def talk() -> None:
        await sources.refresh(WANTED)
        assert adopted == {"up:migration_counselling": (SERVICE,)}
        await sources.refresh(WANTED)
        assert up.loads == 1
        clock.now += up.ttl + 1
        up.delay = 0.05
        await asyncio.wait_for(sources.refresh(WANTED), 0.04)  # renewed without waiting
        await asyncio.sleep(0)
        assert up.loads == 2

    asyncio.run(talk())


def test_nothing_is_asked_where_a_source_has_nothing_to_say() -> None:
    up = Upstream()
    asyncio.run(Sources([up], Adopted()).refresh(Wanted("")))
    assert up.loads == 0


def test_a_slow_source_is_waited_for_once_and_adopted_when_it_comes() -> None:
    up, adopted, clock = Upstream(delay=0.08), Adopted(), Clock()
    sources = Sources([up], adopted, clock)

    async def talk() -> None:
        await sources.refresh(WANTED, budget=0.01)
        assert not adopted
        clock.now += 1  # the budget of this request is spent: the next message does not wait for it again
        await sources.refresh(WANTED, budget=0.01)
        assert up.loads == 1
        await asyncio.sleep(0.12)
        assert adopted

    asyncio.run(talk())


def test_what_fails_is_left_alone_for_a_minute_and_never_raises(caplog) -> None:
    for outcome in ("down", "bug", "bad key"):
        up, adopted, clock = Upstream(outcome), Adopted(), Clock()
        sources = Sources([up], adopted, clock)

        async def talk(sources: Sources = sources, clock: Clock = clock) -> None:
            await sources.refresh(WANTED)
            await sources.refresh(WANTED)
            clock.now += RETRY + 1
            await sources.refresh(WANTED)

        asyncio.run(talk())
        assert not adopted
        assert up.loads == (0 if outcome == "bad key" else 2)
    assert "secret" not in caplog.text


def test_one_broken_source_does_not_keep_another_from_answering() -> None:
    class Other(Upstream):
        name = "other"

    adopted = Adopted()
    asyncio.run(Sources([Upstream("bug"), Other()], adopted).refresh(WANTED))
    assert list(adopted) == ["other:migration_counselling"]


def test_a_last_good_batch_counts_and_is_tried_again_soon() -> None:
    up, adopted, clock = Upstream("stale"), Adopted(), Clock()
    sources = Sources([up], adopted, clock)

    async def talk() -> None:
        await sources.refresh(WANTED)
        clock.now += RETRY + 1
        await sources.refresh(WANTED)
        await asyncio.sleep(0.01)

    asyncio.run(talk())
    assert adopted and up.loads == 2


def test_batches_are_bounded() -> None:
    up, adopted = Upstream(), Adopted()
    sources = Sources([up], adopted)

    async def talk() -> None:
        for number in range(BATCHES + 20):
            await sources.refresh(Wanted(f"topic{number}"))
        await sources.close()

    asyncio.run(talk())
    assert len(adopted) == BATCHES and up.closed


def test_it_works_in_one_loop_after_another() -> None:
    up, adopted, clock = Upstream(delay=5.0), Adopted(), Clock()
    sources = Sources([up], adopted, clock)
    asyncio.run(sources.refresh(WANTED, budget=0.01))
    up.delay = 0.0
    asyncio.run(sources.refresh(WANTED))
    assert adopted
