"""Makes the faults of a schedule, each at its time; those of one resource one after the other, others side by side."""

from __future__ import annotations

import asyncio
import contextlib
import random
import time
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence

from tools.chaos import faults_nearby, faults_processes, faults_stores
from tools.chaos.keeper import Kept
from tools.chaos.layouts import Layout
from tools.chaos.ledger import Fault, Ledger
from tools.chaos.schedule import Planned

# A process that starts on a machine that has much else to do.
BACK_SECONDS = 150.0
Make = Callable[["Scene"], Awaitable[str]]
MAKERS: dict[str, Make] = {**faults_processes.MAKERS, **faults_stores.MAKERS, **faults_nearby.MAKERS}
# Faults whose making keeps a process from running or starting.
KEEP_DOWN = ("process", "disk", "model", "machine")


class Scene:
    """What a fault works with: where, how long, its own dice; `fault` is its line in the ledger."""

    def __init__(self, layout: Layout, ledger: Ledger, planned: Planned, fault: Fault, stopped: asyncio.Event) -> None:
        self.layout, self.ledger, self.fault = layout, ledger, fault
        self.name, self.seconds = planned.kind.name, planned.lasts
        self.dice = random.Random(planned.seed)
        self._stopped = stopped

    def stopped(self) -> bool:
        """Whether the run is over before its time."""
        return self._stopped.is_set()

    async def rest(self, seconds: float | None = None) -> None:
        """Wait as long as the fault lasts, or so many seconds; no longer than the run."""
        await pause(self._stopped, self.seconds if seconds is None else seconds)

    async def back(self, kept: Kept, seconds: float = BACK_SECONDS) -> None:
        """Wait until a process says that it is ready: the next fault of its kind meets one that answers."""
        await kept.healthy(seconds, self.stopped)

    def refused(self, detail: str) -> None:
        """Something was answered to a flood that nobody should be."""
        self.ledger.violate("no clear failure", None, f"{self.name}: {detail}")


class Making:
    """Runs a schedule against a layout; `tell` is called with a line for each fault."""

    def __init__(self, layout: Layout, ledger: Ledger, stopped: asyncio.Event, tell: Callable[[str], None]) -> None:
        self._layout, self._ledger, self._stopped, self._tell = layout, ledger, stopped, tell
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._until = 0.0

    async def run(self, schedule: Sequence[Planned], seconds: float) -> None:
        """All faults that can begin within so many seconds, until the last one has ended; after a stop no new ones."""
        begun = time.monotonic()
        self._until = begun + seconds
        tasks = []
        for planned in schedule:
            await pause(self._stopped, begun + planned.at - time.monotonic())
            if self._stopped.is_set():
                break
            tasks.append(asyncio.get_running_loop().create_task(self._make(planned), name=planned.kind.name))
        for task in tasks:
            await task

    async def _make(self, planned: Planned) -> None:
        kind = planned.kind
        async with contextlib.AsyncExitStack() as alone:
            for resource in sorted(
                filter(None, {kind.resource, kind.besides})
            ):  # always in this order: none waits for ever
                await alone.enter_async_context(self._locks[resource])
            if self._stopped.is_set():
                return
            if time.monotonic() > self._until:
                self._tell(f"   left out  {kind.name}: the one before it took too long")
                return
            fault = Fault(kind.name, kind.effects, time.monotonic(), kind.resource)
            self._ledger.begin(fault)
            scene = Scene(self._layout, self._ledger, planned, fault, self._stopped)
            try:
                fault.detail = await MAKERS[kind.name](scene)
            except Exception as exc:  # a fault that cannot be made must not end the run unseen
                fault.detail = f"could not be made: {type(exc).__name__}: {exc}"
                self._ledger.violate("the suite itself", None, f"{kind.name}: {fault.detail}")
            finally:
                fault.ended = time.monotonic()
            self._tell(
                f"{fault.began - self._ledger.began:7.1f} s  {kind.name:16} {fault.ended - fault.began:5.1f} s  {fault.detail}"
            )


async def pause(stopped: asyncio.Event, seconds: float) -> None:
    """Wait so many seconds, or until the run is over."""
    if seconds <= 0:
        return
    try:
        await asyncio.wait_for(stopped.wait(), seconds)
    except asyncio.TimeoutError:
        return
