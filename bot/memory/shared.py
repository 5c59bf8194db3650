"""What all processes of the assistant share: one Redis, and what a process does while it is away.

Every shared thing has a form that works in one process alone; nobody waits for a Redis that does not answer.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, TypeVar

from bot.operations.metrics import STORE_FAULTS

if TYPE_CHECKING:
    from redis.asyncio import Redis

logger = logging.getLogger(__name__)
PREFIX = "wegweiser"
# Redis answers in less than a millisecond; longer than this it is as good as away.
PATIENCE_SECONDS = 1.0
# The time-out in slices: while the event loop itself is held up, no more than one of them runs down.
SLICES = 4
RETRY_SECONDS = 1.0
CONNECTIONS = 64
T = TypeVar("T")


class Away(ConnectionError):
    """Redis cannot be reached, or has refused: the process goes on alone."""


class Shared:
    """The process's client of Redis with a circuit breaker.

    After a failure nobody tries for a second: every call raises Away at once. Then a ping in the background finds out
    whether Redis is back, and `on_back` is called, so that what was kept meanwhile can be handed in.
    Keys and values are bytes; connections belong to an event loop and are made anew in another one.
    """

    def __init__(self, client: Callable[[], Redis]) -> None:
        self.on_back: list[Callable[[], Awaitable[object]]] = []
        self._make = client
        self._client: Redis | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._away_since: float | None = None
        self._retry_at = 0.0
        self._watch: asyncio.Task[None] | None = None
        self._handing_in: asyncio.Task[None] | None = None
        self._refused = ""

    @classmethod
    def open(cls, url: str) -> Shared:
        """A client for an address such as redis://127.0.0.1:6379/0; nothing is connected before the first call.

        ValueError when it is none.
        """
        try:
            _client(url)
        except (ValueError, TypeError) as exc:
            raise ValueError("not the address of a Redis server") from exc
        return cls(lambda: _client(url))

    @property
    def away(self) -> bool:
        """Whether Redis was away when it was last asked."""
        return self._away_since is not None

    @staticmethod
    def key(*parts: str) -> str:
        """The name of a thing in Redis: `wegweiser:<part>:<part>`."""
        return ":".join((PREFIX, *parts))

    async def run(self, call: Callable[[Redis], Awaitable[T]]) -> T:
        """What a call of the client returns; Away when Redis cannot be reached, takes over a second, or refuses."""
        client = self._here()
        if self.away and (time.monotonic() < self._retry_at or self._watched()):
            raise Away("Redis is away")
        found = await self._try(client, call)
        self._answered()
        return found

    async def ping(self) -> bool:
        """Whether Redis answers now."""
        try:
            await self._try(self._here(), lambda redis: redis.ping())
        except Away:
            return False
        self._answered()
        return True

    async def disconnect(self) -> None:
        """Close the connections; the next call opens new ones."""
        client, self._client = self._client, None
        watch, self._watch = self._watch, None
        if watch is not None:
            watch.cancel()
        if client is not None:
            with contextlib.suppress(Exception):  # a connection that is broken already is closed, too
                await client.connection_pool.disconnect()

    def _here(self) -> Redis:
        """The client of the running event loop."""
        loop = asyncio.get_running_loop()
        if self._client is None or self._loop is not loop:
            # The connections of a loop that has ended cannot be used, and not be closed either.
            self._client, self._loop, self._watch = self._make(), loop, None
        return self._client

    def _watched(self) -> bool:
        return self._watch is not None and not self._watch.done()

    async def _try(self, client: Redis, call: Callable[[Redis], Awaitable[T]]) -> T:
        from redis.exceptions import ConnectionError as Lost
        from redis.exceptions import RedisError, ResponseError

        try:
            return await _within(PATIENCE_SECONDS, call(client))
        except ResponseError as exc:
            self._refusal(exc)
            raise Away("Redis has refused") from exc
        except (Lost, OSError, asyncio.TimeoutError, RedisError) as exc:
            self._gone(exc)
            raise Away("Redis is away") from exc

    def _refusal(self, exc: Exception) -> None:
        """Redis answers, so nobody waits for it; only a new kind of refusal is worth a line."""
        kind = exc.__class__.__name__
        code = str(exc).partition(" ")[0]  # such as OOM; the rest of the text may hold what was sent
        what = f"{kind} {code}" if code.isupper() else kind
        if what != self._refused:
            self._refused = what
            STORE_FAULTS.labels("redis").inc()
            logger.error("Redis refuses: %s; this process goes on alone where it does", what)

    def _gone(self, exc: Exception) -> None:
        self._retry_at = time.monotonic() + RETRY_SECONDS
        if self._away_since is None:
            self._away_since = time.monotonic()
            STORE_FAULTS.labels("redis").inc()
            logger.error("Redis is away: this process goes on alone (%s)", exc.__class__.__name__)
        if not self._watched():
            self._watch = asyncio.get_running_loop().create_task(self._watching())

    async def _watching(self) -> None:
        """Ping until Redis is back: no message has to wait to find out."""
        while self.away:
            await asyncio.sleep(RETRY_SECONDS)
            await self.ping()

    def _answered(self) -> None:
        if self._away_since is not None:
            logger.warning("Redis is back after %d s", round(time.monotonic() - self._away_since))
            self._away_since, self._refused = None, ""
            self._handing_in = asyncio.get_running_loop().create_task(self._hand_in())

    async def _hand_in(self) -> None:
        for told in self.on_back:
            try:
                await told()
            except Exception as exc:  # one who cannot hand in what it kept must not keep the others from it
                logger.error("what was kept while Redis was away is not handed in: %s", exc.__class__.__name__)


def _client(url: str) -> Redis:
    from redis.asyncio import BlockingConnectionPool, Redis

    class Pool(BlockingConnectionPool):
        """Does not hand out connections that the server has closed; redis-py 4.6 only notices them with hiredis."""

        async def get_connection(self, command_name: Any, *keys: Any, **options: Any) -> Any:
            connection = await super().get_connection(command_name, *keys, **options)
            if connection._reader is not None and connection._reader.at_eof():
                try:
                    await connection.disconnect()
                    await connection.connect()
                except BaseException:
                    await self.release(connection)
                    raise
            return connection

    return Redis(connection_pool=Pool.from_url(url, max_connections=CONNECTIONS, timeout=None))


async def _within(seconds: float, work: Awaitable[T]) -> T:
    """The result of some work; TimeoutError when it takes longer, not counting what holds up the event loop itself."""
    task: asyncio.Future[Any] = asyncio.ensure_future(work)
    try:
        for _ in range(SLICES):
            done, _rest = await asyncio.wait({task}, timeout=seconds / SLICES)
            if done:
                found: T = task.result()
                return found
        raise asyncio.TimeoutError
    finally:
        if not task.done():
            task.add_done_callback(lambda ended: ended.cancelled() or ended.exception())  # how it ends is no news
            task.cancel()
