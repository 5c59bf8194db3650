"""Curve d: the next message of a conversation in which more and more has happened, through the real agent.

Real messages until so many events have happened in all; the store keeps the last turns, and how many events those are
is told, too. Over all conversations each point is measured with the same messages, in another order in each.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from bot.quality.bench_messages import BUTTON, TOPIC, Ask, Workload
from tools.growth.agents import answer
from tools.growth.figures import median, milliseconds

POINTS = (1, 10, 50, 100, 300, 500)
KINDS = {"text": TOPIC, "button": BUTTON}
# Seconds and processor seconds of a message, events that had happened, events that the store had kept.
Row = tuple[tuple[float, float], int, int]
WARM_POINTS = (1, 30, 50)
# About half the events of one message: a point is met by the message that comes nearest to it.
HALF = 4
STORES = ("sqlite", "redis")


class Talk:
    """Conversations with an agent whose events are counted as they happen, whatever the store keeps of them."""

    def __init__(self, agent: Any, store: Any) -> None:
        self._agent, self._begun, self._new = agent, 0.0, 0
        self.happened: dict[str, int] = {}
        store.on_turn.append(self._turn)

    async def say(self, sender: str, ask: Ask) -> tuple[float, float]:
        """Seconds until the answer, and processor seconds of all threads; ValueError when there is none."""
        self._begun, self._new = time.time(), 0
        start, used = time.perf_counter(), time.process_time()
        replies = await answer(self._agent, sender, ask)
        seconds = (time.perf_counter() - start, time.process_time() - used)
        if not replies or not self._new:
            raise ValueError("a message was not answered")
        self.happened[sender] = self.happened.get(sender, 0) + self._new
        return seconds

    def _turn(self, tracker: Any) -> None:
        self._new = max(self._new, sum(event.timestamp >= self._begun for event in tracker.events))


async def measure(
    agent: Any, store: Any, work: Workload, points: tuple[int, ...], conversations: int
) -> list[dict[str, Any]]:
    """Figures of each point for a text and for a button; as many conversations of each kind are held."""
    talk, numbers = Talk(agent, store), itertools.count(conversations)
    measured = {name: _first(work, kind, conversations) for name, kind in KINDS.items()}
    rows: dict[tuple[int, str], list[Row]] = {}
    # As in a server that has run for a while, rules and opening hours have been looked up once.
    for index in range(conversations):
        for name in KINDS:
            await _converse(
                talk, agent, store, work, numbers, WARM_POINTS, measured[name], index, f"warm-{name}-{index}"
            )
    for index in range(conversations):
        for name in KINDS:
            found = await _converse(talk, agent, store, work, numbers, points, measured[name], index, f"{name}-{index}")
            for point, row in zip(points, found, strict=True):
                rows.setdefault((point, name), []).append(row)
    return [_summary(point, name, rows[point, name]) for point in points for name in KINDS]


async def _converse(
    talk: Talk, agent: Any, store: Any, work: Workload, numbers: Any, points: tuple[int, ...], asks: list[Ask],
    index: int, sender: str,
) -> list[Row]:  # fmt: skip
    """One conversation: for each point seconds, events that had happened and events that the store had kept."""
    from bot.nlu import embedding

    filling: list[Ask] = []
    found = []
    for position, point in enumerate(points):
        while talk.happened.get(sender, 0) < point - HALF:
            filling = filling or work.conversation(next(numbers))
            await talk.say(sender, filling.pop(0))
        known = await store.retrieve(sender)
        happened, kept = talk.happened.get(sender, 0), len(known.events) if known is not None else 0
        embedding.cache.cache_clear()  # the same text comes at every point, and must be read every time
        seconds = await talk.say(sender, asks[(index + position) % len(asks)])
        found.append((seconds, happened, kept))
    await store.delete(sender)
    return found


def _first(work: Workload, kind: str, count: int) -> list[Ask]:
    """So many messages of a kind, one from each of the first conversations."""
    return [next(ask for ask in work.conversation(number) if ask.kind == kind) for number in range(count)]


def _summary(point: int, name: str, rows: list[Row]) -> dict[str, Any]:
    return {
        "wanted": point,
        "message": name,
        "events": median([happened for _, happened, _ in rows]),
        "events_kept": median([kept for _, _, kept in rows]),
        "cpu_median_ms": round(1000 * median([used for (_, used), _, _ in rows]), 3),
        **milliseconds([seconds for (seconds, _), _, _ in rows]),
    }


def ratio(
    points: list[dict[str, Any]],
    key: str = "median_ms",
    kinds: Sequence[str] = tuple(KINDS),
    late: int = 300,
    early: int = 10,
) -> float | None:
    """A median at one point divided by that at another, the largest of these kinds; None when one was not measured."""
    medians = {(row["wanted"], row["message"]): row[key] for row in points}
    if not all((point, name) in medians for point in (late, early) for name in kinds):
        return None
    return round(max(medians[late, name] / medians[early, name] for name in kinds), 3)


async def _all(agent: Any, work: Workload, points: tuple[int, ...], conversations: int) -> dict[str, Any]:
    from bot.wiring import warm
    from tests.fakes import redis_server
    from tools.growth.filling import redis_store

    await warm(agent)
    found: dict[str, Any] = {"sqlite": await measure(agent, agent.conversations, work, points, conversations)}
    if redis_server.programs() is None:
        return found | {"redis": [], "skipped": "redis-server is not installed"}
    with redis_server.running() as server:
        store = redis_store(agent.domain, server.url)
        agent.processor.tracker_store = store
        found["redis"] = await measure(agent, store, work, points, conversations)
        await store._shared.disconnect()
    return found


def main() -> int:
    """Measure both stores and write the figures."""
    from bot import rasa_compat

    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", default=",".join(map(str, POINTS)))
    parser.add_argument("--conversations", type=int, default=30)
    parser.add_argument("--json", type=Path, required=True)
    given = parser.parse_args()
    rasa_compat.install()
    from tools.growth.agents import loaded

    points = tuple(int(part) for part in given.points.split(","))
    with loaded() as (agent, work):
        figures = asyncio.run(_all(agent, work, points, given.conversations))
    given.json.write_text(json.dumps(figures) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
