"""All sources that are switched on, asked for one question within one budget; the directory adopts what they answer."""

from __future__ import annotations

import asyncio
import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from actions.directory.model import Service
from actions.directory.sources.port import Source, Unavailable, Wanted

logger = logging.getLogger(__name__)

# Seconds one message may wait for all sources together.
BUDGET = 2.5
# Seconds until a source that failed, or gave its last good answer, is asked again.
RETRY = 60.0
# Batches kept of one source: a district each, or a topic and a town each.
BATCHES = 200


class Adopter(Protocol):
    """What a directory offers to sources."""

    def adopt(self, key: str, services: Sequence[Service]) -> None:
        """Take these services in the place of those that came under this key before."""

    def drop(self, key: str) -> None:
        """Forget the services of a key."""


@dataclass(slots=True)
class _State:
    """What is known of one batch: whether it was adopted, until when it is current, and who is fetching it."""

    adopted: bool = False
    until: float = 0.0
    task: asyncio.Task[None] | None = None
    started: float = 0.0


class Sources:
    """Keeps the directory's batches current: waits for a first one within the budget, renews others in passing.

    A source that is slow, broken or down costs at most the budget of one message; after that its last good
    batch, or the embedded directory, answers. `timer` counts seconds (tests replace it).
    """

    def __init__(
        self, sources: Sequence[Source], directory: Adopter, timer: Callable[[], float] = time.monotonic
    ) -> None:
        self.sources, self._directory, self._timer = tuple(sources), directory, timer
        self._states: dict[str, OrderedDict[str, _State]] = {source.name: OrderedDict() for source in sources}

    async def refresh(self, wanted: Wanted, budget: float = BUDGET) -> None:
        """Bring what the sources know about this up to date, in at most `budget` seconds. Never raises."""
        waited: list[asyncio.Task[None]] = []
        longest = 0.0
        for source in self.sources:
            key = self._key(source, wanted)
            if key is None:
                continue
            state = self._state(source.name, key)
            now = self._timer()
            if state.task is None and now >= state.until:
                state.started = now
                state.task = asyncio.ensure_future(self._load(source, key, wanted, state))
            if state.task is not None and not state.adopted:
                left = budget - (now - state.started)
                if left > 0:
                    waited.append(state.task)
                    longest = max(longest, left)
        if waited:
            await asyncio.wait(waited, timeout=longest)

    def _key(self, source: Source, wanted: Wanted) -> str | None:
        try:
            return source.key(wanted)
        except Exception as exc:  # a source must never stop an answer
            logger.error("%s: %s", source.name, exc.__class__.__name__)
            return None

    def _state(self, name: str, key: str) -> _State:
        states = self._states[name]
        state = states.setdefault(key, _State())
        states.move_to_end(key)
        if state.task is not None and (state.task.done() or state.task.get_loop() is not asyncio.get_running_loop()):
            state.task = None  # a tool that runs one loop after another
        while len(states) > BATCHES:
            oldest, _ = states.popitem(last=False)
            self._directory.drop(f"{name}:{oldest}")
        return state

    async def _load(self, source: Source, key: str, wanted: Wanted, state: _State) -> None:
        try:
            batch = await source.load(key, wanted)
            self._directory.adopt(f"{source.name}:{key}", batch.services)
            state.adopted = True
            state.until = self._timer() + (RETRY if batch.origin == "stale" else source.ttl)
            if batch.dropped:
                logger.warning("%s: %d records could not be used", source.name, batch.dropped)
        except Unavailable:
            state.until = self._timer() + RETRY
        except Exception as exc:  # a source must never stop an answer
            state.until = self._timer() + RETRY
            logger.error("%s: %s", source.name, exc.__class__.__name__)
        finally:
            state.task = None

    async def close(self) -> None:
        """Stop what is under way and close connections."""
        for states in self._states.values():
            for state in states.values():
                if state.task is not None:
                    state.task.cancel()
        for source in self.sources:
            await source.close()
