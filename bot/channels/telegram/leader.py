"""Who of several processes polls Telegram, or registers the webhook and the command menu: one at a time."""

from __future__ import annotations

import asyncio
import logging
import time
from typing import Protocol

from bot.channels.telegram import lease
from bot.channels.telegram.cluster import Cluster
from bot.channels.telegram.scripts import CEDE, LEAD
from bot.memory.shared import Away

logger = logging.getLogger(__name__)
# A process that never found Redis, and so knows of no leader, leads itself after this time.
ALONE_SECONDS = 30.0


class Leader(Protocol):
    """Tells a process whether it leads."""

    @property
    def leading(self) -> bool:
        """Whether this process leads."""

    def start(self) -> None:
        """Stand for it."""

    async def won(self) -> None:
        """Wait until this process leads."""

    async def lost(self) -> None:
        """Wait until it does not."""

    def doubt(self) -> None:
        """Telegram says that another program polls."""

    async def stop(self) -> None:
        """Leave it to another process at once."""


class OwnLeader:
    """A process that serves alone always leads."""

    leading = True

    def start(self) -> None:
        """There is nobody else."""

    async def won(self) -> None:
        """At once."""

    async def lost(self) -> None:
        """Never."""
        await asyncio.Event().wait()

    def doubt(self) -> None:
        """The other program is none of ours."""

    async def stop(self) -> None:
        """Nobody waits for it."""


class SharedLeader:
    """Leads by a lease of 5 s in Redis, renewed every second; when the leader dies, another process has it 6 s later.

    While Redis is away the leader goes on, and nobody else begins, so that Telegram is not polled twice. If the leader dies
    then, updates wait at Telegram (for a day) until Redis is back.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self._leads = asyncio.Event()
        self._leads_not = asyncio.Event()
        self._leads_not.set()
        self._task: asyncio.Task[None] | None = None

    @property
    def leading(self) -> bool:
        """Whether this process leads."""
        return self._leads.is_set()

    def start(self) -> None:
        """Stand for it."""
        self._task = asyncio.create_task(self._stand(), name="telegram leader")

    async def won(self) -> None:
        """Wait until this process leads."""
        await self._leads.wait()

    async def lost(self) -> None:
        """Wait until it does not."""
        await self._leads_not.wait()

    def doubt(self) -> None:
        """Another program polls: while Redis cannot say who leads, this process does not."""
        if self._cluster.away:
            self._set(False)

    async def stop(self) -> None:
        """Leave it to another process at once."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        self._set(False)
        try:
            await self._cluster.script(CEDE, self._cluster.process)
        except Away:
            return  # the lease ends

    async def _stand(self) -> None:
        began: float | None = time.monotonic()
        while True:
            try:
                self._set(await self._cluster.script(LEAD, self._cluster.process, int(lease.SECONDS * 1000)) == 1)
                began = None
            except Away:
                if began is not None and time.monotonic() - began >= ALONE_SECONDS:
                    began = None
                    self._set(True)
            await asyncio.sleep(lease.RENEW_SECONDS)

    def _set(self, leads: bool) -> None:
        if leads != self.leading:
            logger.info(
                "Telegram: this process %s", "looks after the bot now" if leads else "does not look after the bot"
            )
        (self._leads.set if leads else self._leads.clear)()
        (self._leads_not.clear if leads else self._leads_not.set)()
