"""Who is logged in, in Redis: a session holds at every process, and logging out ends it at all of them."""

from __future__ import annotations

import hashlib
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable
from typing import Any

from bot.channels.web.staff.sessions import HOURS, MOST, Sessions
from bot.memory.shared import Away, Shared

# How long a session that was found in Redis holds while Redis is away.
CONFIRMED_SECONDS = 900.0


class SharedSessions(Sessions):
    """Sessions whose ids are kept, as hashes, in one sorted set with their ends: at most MOST, the oldest go first.

    While Redis is away, sessions hold that began at this process, and for a quarter of an hour those it has seen. What
    began or ended meanwhile is handed in when Redis is back. After Redis was started anew, others log in again.
    """

    def __init__(
        self,
        shared: Shared,
        secret: bytes,
        password: str,
        secure: bool,
        clock: Callable[[], float] = time.time,
    ) -> None:
        super().__init__(secret, password, secure, clock)
        self._shared = shared
        # Another password has another set.
        self._name = shared.key("staff-sessions", self._mac("store", "")[:16])
        self._confirmed: OrderedDict[str, float] = OrderedDict()  # by id, until when it holds without Redis
        self._unended: OrderedDict[str, None] = OrderedDict()  # hashes of what ended while Redis was away
        shared.on_back.append(self._hand_in)

    async def begin(self) -> str:
        """As in Sessions. Until Redis has it, the session is one of this process."""
        cookie = await super().begin()
        session = self.checked(cookie)
        try:
            await self._add(session, self._ends[session])
        except Away:
            return cookie
        self._confirm(session)
        del self._ends[session]
        return cookie

    async def find(self, cookie: str) -> str:
        """As in Sessions."""
        session = self.checked(cookie)
        if not session:
            return ""
        hashed = _hash(session)
        try:
            ends = await self._shared.run(lambda redis: redis.zscore(self._name, hashed))
        except Away:
            known = self._confirmed.get(session, 0.0) > self._clock()
            return session if known else await super().find(cookie)
        if ends is None or ends <= self._clock() or hashed in self._unended:
            self._confirmed.pop(session, None)
            return await super().find(cookie)  # begun while Redis was away, and not handed in yet
        self._confirm(session)
        return session

    async def end(self, session: str) -> None:
        """As in Sessions, at every process; while Redis is away at this one, and at all when it is back."""
        await super().end(session)
        self._confirmed.pop(session, None)
        if not session:
            return
        hashed = _hash(session)
        try:
            await self._shared.run(lambda redis: redis.zrem(self._name, hashed))
        except Away:
            self._unended[hashed] = None
            while len(self._unended) > MOST:
                self._unended.popitem(last=False)

    async def _add(self, session: str, ends: float) -> None:
        hashed, now = _hash(session), self._clock()

        def call(redis: Any) -> Awaitable[Any]:
            pipe = redis.pipeline(transaction=True)
            pipe.zremrangebyscore(self._name, "-inf", now)
            pipe.zadd(self._name, {hashed: ends})
            pipe.zremrangebyrank(self._name, 0, -MOST - 1)
            pipe.expire(self._name, HOURS * 3600)
            found: Awaitable[Any] = pipe.execute()
            return found

        await self._shared.run(call)

    async def _hand_in(self) -> None:
        """Redis is back."""
        try:
            for hashed in list(self._unended):
                await self._shared.run(lambda redis, ended=hashed: redis.zrem(self._name, ended))  # type: ignore[misc]
                self._unended.pop(hashed, None)
            for session, ends in list(self._ends.items()):
                await self._add(session, ends)
                self._ends.pop(session, None)
        except Away:
            return  # the next time

    def _confirm(self, session: str) -> None:
        self._confirmed[session] = self._clock() + CONFIRMED_SECONDS
        self._confirmed.move_to_end(session)
        while len(self._confirmed) > MOST:
            self._confirmed.popitem(last=False)


def _hash(session: str) -> str:
    return hashlib.sha256(session.encode("utf-8", "replace")).hexdigest()
