"""The last words of a conversation that were not yet a question: for a minute, in memory or sealed in Redis.

People type one question in several sends: "hello", "I have a problem with", "my landlord". Each is answered at once;
what the pieces mean together is only seen when the last one is read with those before it.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Protocol

from bot.memory.shared import Away, Shared

if TYPE_CHECKING:
    from redis.asyncio import Redis

SECONDS = 60.0
PIECES = 4
CHARACTERS = 300
CONVERSATIONS = 5_000


class Pieces(Protocol):
    """What was said before in a conversation, and was no question by itself."""

    async def before(self, conversation: str) -> str:
        """What was said within the last minute and is not yet answered, as one text; empty when nothing was."""

    async def add(self, conversation: str, text: str) -> None:
        """Remember a piece that was no question by itself."""

    async def clear(self, conversation: str) -> None:
        """Forget the pieces: the question was understood, or the person wants to be forgotten."""

    def trim(self) -> None:
        """Drop what is over; to be called every minute."""


class Fragments:
    """Up to four pieces a conversation in memory, each forgotten after a minute; the oldest conversations go first."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._pieces: OrderedDict[str, list[tuple[float, str]]] = OrderedDict()

    async def before(self, conversation: str) -> str:
        """What was said within the last minute and is not yet answered, as one text; empty when nothing was."""
        return _joined(self.pieces(conversation))

    def pieces(self, conversation: str) -> list[tuple[float, str]]:
        """The same, each with its time."""
        now = self._clock()
        fresh = [(at, text) for at, text in self._pieces.get(conversation, ()) if now - at <= SECONDS]
        if not fresh:
            self._pieces.pop(conversation, None)
        return fresh

    async def add(self, conversation: str, text: str) -> None:
        """Remember a piece that was no question by itself."""
        self.keep(conversation, self._clock(), text)

    def keep(self, conversation: str, now: float, text: str) -> None:
        """The same, at a time that is known."""
        kept = [(at, t) for at, t in self._pieces.pop(conversation, []) if now - at <= SECONDS]
        self._pieces[conversation] = [*kept, (now, text[:CHARACTERS])][-PIECES:]
        while len(self._pieces) > CONVERSATIONS:
            self._pieces.popitem(last=False)
        self.trim(now)

    def trim(self, now: float | None = None) -> None:
        """Drop what is over: nobody may come back to a conversation, nor write a piece in another."""
        now = self._clock() if now is None else now
        while self._pieces:
            oldest = next(iter(self._pieces))
            if now - self._pieces[oldest][-1][0] <= SECONDS:
                break
            del self._pieces[oldest]

    async def clear(self, conversation: str) -> None:
        """Forget the pieces: the question was understood."""
        self._pieces.pop(conversation, None)


class Sealing(Protocol):
    """Encrypts what people wrote (bot/handover/sealed.py)."""

    def close(self, value: Any) -> bytes:
        """A JSON value, encrypted."""

    def open(self, content: bytes) -> Any:
        """The value; None when it was closed with another secret."""


class SharedFragments:
    """The same in Redis, sealed, under the time of each piece; while Redis is away, in this process."""

    def __init__(self, shared: Shared, seal: Sealing) -> None:
        self._shared, self._seal = shared, seal
        self._own = Fragments(time.time)
        self._uncleared: OrderedDict[str, float] = OrderedDict()
        shared.on_back.append(self._clear_all)

    async def before(self, conversation: str) -> str:
        """What was said within the last minute, to whichever process."""
        now, found = time.time(), set(self._own.pieces(conversation))
        try:
            rows = await self._shared.run(
                lambda redis: redis.zrangebyscore(self._key(conversation), now - SECONDS, "+inf", withscores=True)
            )
        except Away:
            rows = []
        if conversation not in self._uncleared:
            opened = ((float(at), self._seal.open(content)) for content, at in rows)
            # What took too long may have been written all the same: then it is known twice, with the same time.
            found |= {(at, str(text)) for at, text in opened if text}
        return _joined(sorted(found)[-PIECES:])

    async def add(self, conversation: str, text: str) -> None:
        """Remember a piece; those that are over a minute old are deleted with it."""
        now, text, key = time.time(), text[:CHARACTERS], self._key(conversation)
        sealed = self._seal.close(text)

        async def add(redis: Redis) -> None:
            pipe: Any = redis.pipeline(transaction=True)
            if conversation in self._uncleared:
                pipe.delete(key)
            pipe.zadd(key, {sealed: now})
            pipe.zremrangebyscore(key, "-inf", now - SECONDS)
            pipe.zremrangebyrank(key, 0, -PIECES - 1)
            pipe.expire(key, int(SECONDS))
            await pipe.execute()

        try:
            await self._shared.run(add)
            self._uncleared.pop(conversation, None)
        except Away:
            self._own.keep(conversation, now, text)

    async def clear(self, conversation: str) -> None:
        """Forget the pieces; those that cannot be deleted now are ignored, and deleted when Redis is back."""
        await self._own.clear(conversation)
        now = time.time()
        self._uncleared[conversation] = now  # until it is done: the caller may give up
        self._uncleared.move_to_end(conversation)
        while self._uncleared and next(iter(self._uncleared.values())) < now - SECONDS:
            self._uncleared.popitem(last=False)  # Redis has deleted them by itself
        try:
            await self._shared.run(lambda redis: redis.delete(self._key(conversation)))
            self._uncleared.pop(conversation, None)
        except Away:
            return

    def trim(self) -> None:
        """Drop what this process kept while Redis was away, and what is over."""
        self._own.trim()

    async def _clear_all(self) -> None:
        for conversation in list(self._uncleared):
            await self.clear(conversation)

    def _key(self, conversation: str) -> str:
        return self._shared.key("fragments", conversation)


def _joined(pieces: list[tuple[float, str]]) -> str:
    return " ".join(text for _, text in pieces)
