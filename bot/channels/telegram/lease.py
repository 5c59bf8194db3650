"""That a process is alive, renewed every second in Redis; and which updates it answers after others have died."""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable

from bot.channels.telegram.cluster import Cluster
from bot.channels.telegram.scripts import LEAVE, RENEW
from bot.memory.shared import Away

logger = logging.getLogger(__name__)
SECONDS = 5.0
RENEW_SECONDS = 1.0
# After Redis was away, or this whole machine stood still, all leases look old: the others get this long to renew theirs.
GRACE_SECONDS = 4.0


class Lease:
    """Renews the lease and takes over what dead processes leave, up to `room` updates at a time.

    `renewed` is called after each renewal with the updates that are this process's, `failed` when Redis is away. Once
    `draining`, nothing is taken over.
    """

    def __init__(
        self,
        cluster: Cluster,
        room: Callable[[], int],
        renewed: Callable[[list[int]], Awaitable[None]],
        failed: Callable[[], None],
    ) -> None:
        self.draining = False
        self._cluster = cluster
        self._room = room
        self._renewed = renewed
        self._failed = failed
        self._steady: float | None = None
        self._renewed_at = 0.0
        self._task: asyncio.Task[None] | None = None

    @property
    def may_take_over(self) -> bool:
        """Whether Redis has been there long enough for others to have renewed their leases, if they live.

        Not after this process was late itself: what held it up can have held up the others for as long.
        """
        if self.draining or self._steady is None or self._late:
            return False
        return time.monotonic() - self._steady >= GRACE_SECONDS

    @property
    def _late(self) -> bool:
        """Whether others, renewing as often as this process, could have lost their leases since it last renewed."""
        return time.monotonic() - self._renewed_at > SECONDS - 2 * RENEW_SECONDS

    def start(self) -> None:
        """Begin to renew."""
        self._cluster.shared.on_back.append(self._again)
        self._task = asyncio.create_task(self._keep(), name="telegram lease")

    async def stop(self) -> None:
        """Renew no more; the lease still holds."""
        if self._again in self._cluster.shared.on_back:
            self._cluster.shared.on_back.remove(self._again)
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def leave(self) -> None:
        """Leave to the others at once what is not answered. Away when Redis is: then the lease has to end."""
        await self._cluster.script(LEAVE, self._cluster.process)

    async def _keep(self) -> None:
        while True:
            await self._again()
            await asyncio.sleep(RENEW_SECONDS)

    async def _again(self) -> None:
        try:
            room, over, late = 0 if self.draining else max(0, self._room()), int(self.may_take_over), self._late
            milliseconds = int(SECONDS * 1000)
            alive, owned = await self._cluster.script(RENEW, self._cluster.process, milliseconds, room, over)
            self._renewed_at = time.monotonic()
            if self._steady is None or late:
                self._steady = self._renewed_at
            self._cluster.size = max(1, int(alive))
            await self._renewed(sorted(map(int, owned)))
        except Away:
            self._steady = None
            self._failed()
        except Exception as exc:  # the lease must not end because of one update
            logger.error("Telegram updates of others could not be taken over: %s", type(exc).__name__)
