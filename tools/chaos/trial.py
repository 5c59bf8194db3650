"""One layout under faults: start, questions while nothing happens, faults under load, the end, what must hold then."""

from __future__ import annotations

import asyncio
import os
import random
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tools.chaos import afterwards, report
from tools.chaos.cases import CRISIS, Case, drawn, learn, topics
from tools.chaos.chats import Chats
from tools.chaos.keeper import Kept
from tools.chaos.kinds import CLUSTER, possible
from tools.chaos.layouts import Layout, Several, Single, ill
from tools.chaos.ledger import Fault, Ledger
from tools.chaos.making import Making, pause
from tools.chaos.people import PATIENCE, Closing, People
from tools.chaos.schedule import GAP, draw
from tools.chaos.telegram import Post

HEALTHY_SECONDS = 60.0
ANSWERED_SECONDS = 60.0
SMALLER_SECONDS = 45.0
LATE_SECONDS = 3.0
# Of the messages.
IN_TELEGRAM = 0.25


@dataclass(frozen=True)
class Wanted:
    """What a trial shall be; `able` is what this machine has of what faults need; `logs` is for those of a run that failed."""

    layout: str
    seed: int
    seconds: float
    rate: float
    people: int
    cases: int
    gap: tuple[float, float] | None = None
    only: frozenset[str] = frozenset()
    able: frozenset[str] = frozenset()
    logs: Path | None = None


class Trial:
    """`stopped` may be set at any time: everything ends in order, and nothing is judged any more."""

    def __init__(self, wanted: Wanted, tell: Callable[[str], None]) -> None:
        self.wanted, self.tell = wanted, tell
        self.stopped = asyncio.Event()
        kinds, self.left_out = possible(wanted.layout, wanted.able, wanted.only)
        self.schedule = draw(kinds, wanted.seed, wanted.seconds, wanted.gap or GAP)
        self.ledger = Ledger(wanted.seed, wanted.layout, tell)

    def plan(self) -> str:
        """The schedule, and what cannot be done here."""
        lines = [
            f"{self.wanted.layout}, seed {self.wanted.seed}: {len(self.schedule)} faults",
            *map(str, self.schedule),
        ]
        if self.left_out:
            needs = ", ".join(f"{kind.name} (needs {kind.needs})" for kind in self.left_out)
            lines.append(f"left out on this machine: {needs}")
        return "\n".join(lines)

    async def run(self) -> dict[str, Any]:
        """The figures. ClusterError when the layout cannot be started."""
        wanted = self.wanted
        dice = random.Random(f"{wanted.seed}:{wanted.layout}")
        layout: Layout = (
            Several(dice, self._died) if wanted.layout == CLUSTER else Single(dice, self._died, "root" in wanted.able)
        )
        more: dict[str, Any] = {}
        begun = time.monotonic()
        async with layout:
            more["start_seconds"] = round(time.monotonic() - begun, 1)
            cases = await self._learn(layout, more)
            if not self.stopped.is_set():
                await self._talk(layout, cases, dice, more)
            self._keep_logs(layout)
            folders = [layout.folder, *([layout.cluster.folder] if isinstance(layout, Several) else [])]
        self._nothing_left(folders)
        return report.summed(self.ledger, self.left_out, wanted.seconds, more)

    async def _learn(self, layout: Layout, more: dict[str, Any]) -> list[Case]:
        every = drawn(self.wanted.seed, self.wanted.cases, await topics(layout.direct))
        known, left_out = await learn(layout.direct, every)
        more["questions"] = {"asked": len(every), "known": len(known), "left_out": dict(left_out)}
        self.tell(
            f"{len(known)} of {len(every)} questions are answered rightly while nothing happens: {dict(left_out)}"
        )
        if not {case.kind for case in known} >= {CRISIS} or len(known) < len(every) / 3:
            self.ledger.violate("the suite itself", None, "too few questions are answered rightly without any fault")
        return known

    async def _talk(self, layout: Layout, cases: list[Case], dice: random.Random, more: dict[str, Any]) -> None:
        wanted, ledger, closing = self.wanted, self.ledger, Closing()
        in_telegram = wanted.rate * IN_TELEGRAM
        post = Post(layout.telegram, layout.webhook, dice)
        chats = Chats(
            layout.telegram, post, ledger, cases, closing, wanted.seed, max(2, wanted.people // 3), in_telegram
        )
        people = People(layout.url, ledger, cases, closing, wanted.seed, wanted.people, wanted.rate - in_telegram)
        before = afterwards.footprint(layout)
        ledger.began = time.monotonic()
        talking = [asyncio.ensure_future(one.run()) for one in (people, chats)]
        try:
            await Making(layout, ledger, self.stopped, self.tell).run(self.schedule, wanted.seconds)
            await pause(self.stopped, ledger.began + wanted.seconds - time.monotonic())
            await layout.heal()
            if not self.stopped.is_set():
                await self._end(layout, closing, talking, more)
        finally:
            for task in talking:
                task.cancel()
            await asyncio.gather(*talking, return_exceptions=True)
            await post.close()
        if self.stopped.is_set():
            return
        more |= chats.judge()
        more["updates_again"] = dict(post.failures)
        await self._smaller(layout, before, more)
        for pid in afterwards.zombies([os.getpid(), *(kept.pid for kept in layout.kept if kept.pid)]):
            ledger.violate("a zombie", None, f"process {pid}")
        names = {*people.conversations, *(str(chat.number) for chat in chats.all), layout.telegram.token}
        more["log_bytes"] = afterwards.check_logs(layout, ledger, people.texts | chats.texts, names)
        for kept in layout.serving:
            code = await kept.end()
            if code != 0:
                ledger.violate("ended in order", None, f"{kept.name}: exit status {code}")
        afterwards.check_stores(layout, ledger)

    async def _end(
        self, layout: Layout, closing: Closing, talking: list[asyncio.Future[None]], more: dict[str, Any]
    ) -> None:
        """The faults are over: soon all is well, and everybody who waits is answered."""
        healed = time.monotonic()
        # On a slow machine a process that just began again needs as long as at first.
        allowed = max(HEALTHY_SECONDS, 2 * more["start_seconds"])
        told = await ill(layout, allowed, self.stopped.is_set)
        if told and not self.stopped.is_set():
            self.ledger.violate("not healthy", None, f"{'; '.join(told)} after {allowed:.0f} s")
            for kept in layout.kept:
                self.tell(f"{kept.name}: {afterwards.last_words(kept)}")
        more["healthy_after"] = round(time.monotonic() - healed, 1)
        closing.begin(ANSWERED_SECONDS)
        stop = asyncio.ensure_future(self.stopped.wait())
        both = asyncio.gather(*talking)
        await asyncio.wait({both, stop}, timeout=ANSWERED_SECONDS + 2 * PATIENCE, return_when=asyncio.FIRST_COMPLETED)
        stop.cancel()
        if both.done():
            both.result()
        else:
            if not self.stopped.is_set():
                self.ledger.violate("the suite itself", None, "people did not come to an end")
            both.cancel()
            await asyncio.gather(both, return_exceptions=True)
        more["answered_after"] = round(time.monotonic() - healed, 1)
        await pause(self.stopped, LATE_SECONDS)

    async def _smaller(self, layout: Layout, before: dict[str, tuple[float, int]], more: dict[str, Any]) -> None:
        """Memory and files are as they were, or soon are."""
        until = time.monotonic() + SMALLER_SECONDS
        while (told := afterwards.too_much(before, afterwards.footprint(layout))) and time.monotonic() < until:
            await pause(self.stopped, 1.0)
        for line in told:
            self.ledger.violate("too much is held", None, line)
        more["before"], more["after"] = before, afterwards.footprint(layout)

    def _keep_logs(self, layout: Layout) -> None:
        """What the processes said, when something did not hold; without what anybody wrote, or that is what is found."""
        if not self.ledger.violated or self.wanted.logs is None:
            return
        self.wanted.logs.mkdir(parents=True, exist_ok=True)
        for path in layout.logs:
            if path.stat().st_size:
                shutil.copyfile(path, self.wanted.logs / f"{layout.name}-{path.parent.name}-{path.name}")

    def _died(self, kept: Kept, code: int) -> None:
        """A process ended, and nobody asked for it. A signal for this program may be one for all processes it started."""
        if self.stopped.is_set():
            return
        now, serves = time.monotonic(), kept.name.startswith("serve")
        told = f"{kept.name}, exit status {code}"
        self.ledger.begin(Fault("ended by itself", frozenset(), now, "", now, told, int(serves)))
        if not self.ledger.under_way("model"):
            self.ledger.violate("ended by itself", None, told)
            self.tell(afterwards.last_words(kept))

    def _nothing_left(self, folders: list[Path]) -> None:
        """Nothing that was started runs any more, and no folder is there."""
        for folder in folders:
            for pid in afterwards.left_behind(folder):
                self.ledger.violate("something is left", None, f"process {pid}")
            if folder.exists():
                self.ledger.violate("something is left", None, "a folder")
