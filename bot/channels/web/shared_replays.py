"""Answers kept by client message id for all processes, so that a message sent again to another one is handled once."""

from __future__ import annotations

import asyncio
import contextlib
import secrets
from collections import OrderedDict
from collections.abc import Coroutine
from typing import Any

from bot.channels.web.limits import Toll
from bot.channels.web.replays import Key, Late, Replays, Work
from bot.channels.web.shared_answers import KEPT_SECONDS, LEASE_SECONDS, SharedAnswers
from bot.keys import Keys
from bot.memory.shared import Away, Shared

POLL_SECONDS = 0.05
PATIENCE_SECONDS = 25.0
MOST_FORGOTTEN = 10_000


class SharedReplays:
    """Who handles a message, and its answer, in Redis: two round trips a message, the limits included.

    A process that handles a message renews its lease; when it is killed, whoever is asked for the answer handles the
    message `lease` seconds later. While Redis is away a process works alone: a message that is sent again to another
    one is then handled twice. What it answered and what was to be forgotten meanwhile is handed in when Redis is back.
    """

    def __init__(self, shared: Shared, secret: bytes | Keys, lease: float = LEASE_SECONDS) -> None:
        self._answers = SharedAnswers(shared, secret, secrets.token_hex(8), lease)
        self._lease = lease
        self._own = Replays(seconds=KEPT_SECONDS)  # unfinished ones, and answers that Redis does not have
        self._handled: set[Key] = set()  # by this process now
        self._unforgotten: OrderedDict[str, float] = OrderedDict()
        self._timer: asyncio.TimerHandle | None = None
        self._tasks: set[asyncio.Task[None]] = set()
        shared.on_back.append(self._hand_in)

    def get(self, sender: str, message_id: str) -> asyncio.Task[bytes] | None:
        """See Answers."""
        return self._own.get(sender, message_id)

    async def begin(self, sender: str, message_id: str, work: Work, toll: Toll) -> asyncio.Task[bytes]:
        """See Answers."""
        return self._own.start(sender, message_id, self._answer(sender, message_id, work, toll))

    def forget(self, sender: str) -> asyncio.Task[None]:
        """See Answers."""
        self._own.forget(sender)
        return self._run(self._forget(sender))

    async def _answer(self, sender: str, message_id: str, work: Work, toll: Toll) -> bytes:
        """The answer that is there, is coming, or is made now."""
        loop, key = asyncio.get_running_loop(), (sender, message_id)
        began = loop.time()
        known = await self._claim(sender, message_id, toll)
        if known is not None:
            self._own.drop(sender, message_id)
            return known
        self._handled.add(key)
        self._arm(loop)
        try:
            answer = await work()
        except BaseException:
            with contextlib.suppress(Away):
                await self._answers.release(sender, message_id)
            raise
        finally:
            self._handled.discard(key)
        with contextlib.suppress(Away):
            if await self._answers.keep(sender, message_id, answer, loop.time() - began):
                self._own.drop(sender, message_id)
        return answer

    async def _claim(self, sender: str, message_id: str, toll: Toll) -> bytes | None:
        """The answer, waiting for another process's; None when this one shall handle the message."""
        loop = asyncio.get_running_loop()
        charges = toll.charges
        until = answered = loop.time()
        waiting = False
        while True:
            try:
                found = await self._answers.claim(sender, message_id, charges)
            except Away:
                if not waiting:
                    if charges:
                        await toll.pay()
                    return None
                # Its answer cannot be read: after the lease it counts as lost, as when its process was killed.
                if loop.time() - answered >= self._lease:
                    return None
                found = None
            else:
                answered = loop.time()
            if isinstance(found, bytes):
                return found
            if found == 0:
                return None
            if found is not None:
                await toll.refused(found)
                charges = ()
                continue
            if not waiting:
                waiting, charges, until = True, (), loop.time() + PATIENCE_SECONDS
            elif loop.time() >= until:
                raise Late
            await asyncio.sleep(POLL_SECONDS)

    async def _forget(self, sender: str) -> None:
        now = asyncio.get_running_loop().time()
        try:
            await self._answers.forget(sender, 0.0)
        except Away:
            self._unforgotten[sender] = now
            while len(self._unforgotten) > MOST_FORGOTTEN:
                self._unforgotten.popitem(last=False)

    async def _hand_in(self) -> None:
        """Redis is back."""
        now = asyncio.get_running_loop().time()
        with contextlib.suppress(Away):
            for sender, since in list(self._unforgotten.items()):
                if now - since < KEPT_SECONDS:
                    await self._answers.forget(sender, now - since)
                self._unforgotten.pop(sender, None)
            for sender, message_id, age, answer in self._own.finished():
                if await self._answers.keep(sender, message_id, answer, age):
                    self._own.drop(sender, message_id)

    def _arm(self, loop: asyncio.AbstractEventLoop) -> None:
        """One timer for all leases; most messages are answered before it is due."""
        if self._timer is None:
            self._timer = loop.call_later(self._lease / 4, self._on_time)

    def _on_time(self) -> None:
        self._timer = None
        if self._handled:
            self._run(self._renew())

    async def _renew(self) -> None:
        with contextlib.suppress(Away):
            await self._answers.renew(list(self._handled))
        if self._handled:
            self._arm(asyncio.get_running_loop())

    def _run(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """A task that is held until it is done."""
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task
