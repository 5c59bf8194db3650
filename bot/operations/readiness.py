"""Whether this process can do its work: it reads a message, makes an answer, writes its stores, and looks at the disk.

The checks run beside the answers, every few seconds; whoever asks gets what the last round found. A process that cannot
keep something is degraded and still answers: taking all replicas out of service because one database is full would help
nobody. Only one that cannot read or answer is not ready.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import shutil
import time
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import cast

logger = logging.getLogger(__name__)

EVERY_SECONDS = 10.0
# Reading a message takes a share of the processor from others: every third round will do.
PARSE_EVERY = 3
# A store that takes longer is as good as away.
STORE_SECONDS = 5.0
# A busy process reads late, which is no reason to take it out of service; one that is stuck never does.
PARSE_SECONDS = 60.0
# So long the event loop may stand still.
LOOP_SECONDS = 10.0
# Room on the disk of the data folder, in bytes: what a day of conversations and a model beside the old one may need.
ROOM_BYTES = 64 * 1024 * 1024

READY, DEGRADED, NOT_READY = "ready", "degraded", "not_ready"
# Without these nobody is answered.
VITAL = ("model_loaded", "can_parse", "can_answer")
# Told, and no fault of this process.
TOLD = ("telegram_connected",)

# True when it is well. One that raises is not. Coroutines run in the event loop, the others in a thread.
Check = Callable[[], bool]
AsyncCheck = Callable[[], Awaitable[bool]]


class Readiness:
    """The checks of one process and what they last found.

    `parse` reads a real message and gives whether it was understood at all; `answer` makes an answer without any store;
    `loaded` says whether there is a model. `others` are checks by their name, such as store_conversations.
    `folder` is where data are kept.
    """

    def __init__(
        self,
        *,
        loaded: Check,
        parse: AsyncCheck,
        answer: Check,
        folder: Path,
        others: Mapping[str, Check | AsyncCheck] | None = None,
        every: float = EVERY_SECONDS,
        room: int = ROOM_BYTES,
        parse_seconds: float = PARSE_SECONDS,
    ) -> None:
        self._loaded, self._parse, self._answer, self._folder = loaded, parse, answer, folder
        self._others = dict(others or {})
        self._every, self._room, self._parse_seconds = every, room, parse_seconds
        self._found: dict[str, bool] = {}
        self._beat = 0.0
        self._rounds = 0
        self._parsing: asyncio.Task[bool] | None = None
        self._parsing_since = 0.0
        self._store_tasks: dict[str, asyncio.Task[bool]] = {}

    def results(self) -> dict[str, bool]:
        """What each check last found, True for well; empty before the first round. From any thread."""
        return {**self._found, "event_loop": self.loop_alive()} if self._found else {}

    def status(self) -> tuple[str, list[str]]:
        """READY, DEGRADED or NOT_READY, and the names of the checks that failed."""
        found = self.results()
        failed = sorted(name for name, well in found.items() if not well and name not in TOLD)
        if not found or not all(found.get(name) for name in VITAL):
            return NOT_READY, failed
        return (DEGRADED if failed else READY), failed

    def loop_alive(self) -> bool:
        """Whether the event loop has come round within the last seconds. From any thread."""
        return self._beat > 0 and time.monotonic() - self._beat <= LOOP_SECONDS

    async def run(self) -> None:
        """Check until cancelled, in the event loop that answers."""
        beating = asyncio.create_task(self._keep_beating())
        try:
            while True:
                try:
                    await self.look()
                except Exception as exc:  # a round that fails must not be the last one
                    logger.error("readiness cannot be looked at: %s", exc.__class__.__name__)
                await asyncio.sleep(self._every)
        finally:
            beating.cancel()
            for task in (self._parsing, *self._store_tasks.values()):
                if task is not None:
                    task.cancel()

    async def look(self) -> dict[str, bool]:
        """One round; what it found."""
        self._beat = time.monotonic()
        found = {"model_loaded": self._safely(self._loaded)}
        found["can_parse"] = await self._can_parse()
        # In the event loop, as answers are made: the directory is for one thread. It takes some milliseconds.
        found["can_answer"] = self._safely(self._answer)
        found["disk_room"] = await asyncio.to_thread(self._safely, self._has_room)
        found.update(zip(self._others, await asyncio.gather(*map(self._other, self._others)), strict=True))
        before, self._found = self._found, found
        self._rounds += 1
        for name, well in found.items():
            if well != before.get(name, True):
                logger.warning("readiness: %s %s", name, "is well again" if well else "fails")
        return self.results()

    async def _keep_beating(self) -> None:
        while True:
            self._beat = time.monotonic()
            await asyncio.sleep(1.0)

    async def _can_parse(self) -> bool:
        before = self._found.get("can_parse", False)
        if self._parsing is None:
            if before and self._rounds % PARSE_EVERY:
                return before
            self._parsing = asyncio.ensure_future(self._parse())
            self._parsing_since = time.monotonic()
        await asyncio.wait({self._parsing}, timeout=self._every)
        if not self._parsing.done():
            return before and time.monotonic() - self._parsing_since < self._parse_seconds
        done, self._parsing = self._parsing, None
        return not done.cancelled() and done.exception() is None and bool(done.result())

    async def _other(self, name: str) -> bool:
        """One check; a store that hangs is asked again only when it has answered."""
        task = self._store_tasks.get(name)
        if task is None:
            check = self._others[name]
            if asyncio.iscoroutinefunction(check):
                task = asyncio.ensure_future(check())
            else:
                task = asyncio.ensure_future(asyncio.to_thread(cast(Check, check)))
            self._store_tasks[name] = task
        await asyncio.wait({task}, timeout=STORE_SECONDS)
        if not task.done():
            return False
        del self._store_tasks[name]
        with contextlib.suppress(Exception):
            return not task.cancelled() and bool(task.result())
        return False

    def _has_room(self) -> bool:
        return shutil.disk_usage(self._folder).free >= self._room

    def _safely(self, check: Check) -> bool:
        try:
            return bool(check())
        except Exception:  # whatever it is: the check says that something is not well
            return False
