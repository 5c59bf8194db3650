"""JSON from an upstream that may be slow, broken or lying: within limits, retried, and else the last good answer."""

from __future__ import annotations

import asyncio
import json
import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from typing import Any
from urllib.parse import urlencode

import httpx
import stamina
from purgatory import AsyncCircuitBreakerFactory
from purgatory.domain.model import OpenedState

from actions.directory.sources.port import Unavailable
from actions.directory.sources.store import Kept, LastKnownGood
from actions.directory.sources.unpacking import ACCEPTED, Body, TooLarge, Unreadable

__all__ = ["Fetched", "Fetcher", "Unavailable"]

logger = logging.getLogger(__name__)

CONNECT_SECONDS, READ_SECONDS = 1.0, 2.0
ATTEMPTS = 2
RETRIED = frozenset({429, 500, 502, 503, 504})
LONGEST_RETRY_AFTER = 2.0
# Unpacked, and how long it may take to arrive, however little comes at a time.
LARGEST_BYTES = 8 * 1024 * 1024
LONGEST_SECONDS = 120.0
FAILURES_TO_OPEN, OPEN_SECONDS = 3, 60.0
_ETAG = re.compile(r'(W/)?"[\x21\x23-\x7e]{0,200}"')
AGENT = "Wegweiser (orientation assistant for newcomers in Saxony)"


class _Failed(Exception):
    """One attempt failed in a way that may be over soon."""

    def __init__(self, why: str, wait: float = 0.0) -> None:
        super().__init__(why)
        self.wait = wait


class _Useless(Exception):
    """The upstream answered, but not with what it promises: another attempt would not help."""


@dataclass(frozen=True, slots=True)
class Fetched:
    """A JSON value, where it comes from (network, fresh, stale) and when the upstream said it (aware, UTC).

    `size` is how many bytes of JSON it was.
    """

    value: Any
    origin: str
    as_of: datetime
    size: int = 0


@dataclass(slots=True)
class Health:
    """Whether the last call of an upstream succeeded (None: not called yet), and the time of the newest answer known."""

    up: bool | None = None
    newest: datetime | None = None

    def knows(self, moment: datetime) -> None:
        """There is an answer of this time."""
        self.newest = moment if self.newest is None else max(self.newest, moment)


class Fetcher:
    """GET requests to one upstream. One client and one circuit breaker each; equal requests at once become one.

    `base` is the address all paths are below; `headers` go with every request (an API key, say).
    `transport` replaces the network in tests; `clock` tells the time (aware, UTC).
    """

    def __init__(
        self,
        name: str,
        base: str,
        store: LastKnownGood,
        *,
        headers: Mapping[str, str] | None = None,
        transport: httpx.AsyncBaseTransport | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(timezone.utc),
        largest: int = LARGEST_BYTES,
        read_seconds: float = READ_SECONDS,
    ) -> None:
        self.name, self.base, self._store, self._clock, self._largest = name, base.rstrip("/"), store, clock, largest
        known = {"User-Agent": AGENT, "Accept": "application/json", "Accept-Encoding": ACCEPTED}
        self._headers = {**known, **(headers or {})}
        self._transport, self._read_seconds = transport, read_seconds
        self.health = Health()
        self._client: httpx.AsyncClient | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._running: dict[str, asyncio.Task[Fetched]] = {}
        # stamina would log the arguments of each attempt; one line of ours, without them, is enough.
        stamina.instrumentation.set_on_retry_hooks(())
        self._breakers = AsyncCircuitBreakerFactory(default_threshold=FAILURES_TO_OPEN, default_ttl=OPEN_SECONDS)

    async def json(
        self,
        path: str,
        params: Mapping[str, str] | None = None,
        *,
        ttl: float,
        shape: type | tuple[type, ...] | Callable[[Any], bool] = (dict, list),
        empty_is: Any = None,
    ) -> Fetched:
        """The JSON value at `path`, at most `ttl` seconds old if the upstream answers.

        `shape` is the type the value must have, or a function that says whether it is right; anything else
        counts as no answer. `empty_is`: the value that a 404 stands for, where a 404 means "nothing found".
        Raises Unavailable.
        """
        request = f"{path}?{urlencode(sorted(params.items()))}" if params else path
        kept = await asyncio.to_thread(self._store.get, self.name, request, self._clock())
        if kept is not None and self._clock() - kept.fetched < timedelta(seconds=ttl):
            value = await asyncio.to_thread(_value, kept.body, shape)
            if value is not None:
                self.health.knows(kept.fetched)
                return Fetched(value, "fresh", kept.fetched, len(kept.body))
        self._same_loop()
        task = self._running.get(request)
        if task is None:
            task = asyncio.ensure_future(self._fetch(path, dict(params or {}), request, shape, empty_is, kept))
            self._running[request] = task
            task.add_done_callback(lambda done: self._forget(request, done))
        return await asyncio.shield(task)

    def _forget(self, request: str, done: asyncio.Task[Fetched]) -> None:
        self._running.pop(request, None)
        if not done.cancelled():
            done.exception()  # whoever waited has been told; nobody may be waiting any more

    async def _fetch(
        self, path: str, params: dict[str, str], request: str, shape: Any, empty_is: Any, kept: Kept | None
    ) -> Fetched:
        try:
            body, etag = await self._guarded(path, params, empty_is, kept)
            value = await asyncio.to_thread(_value, body, shape)
            if value is None:
                raise _Useless("the answer is not what this address promises")
        except (_Failed, _Useless, OpenedState) as exc:
            # Another process may have got it meanwhile.
            kept = await asyncio.to_thread(self._store.get, self.name, request, self._clock()) or kept
            why = "not asked, it failed too often just now" if isinstance(exc, OpenedState) else str(exc)
            self.health.up = False
            logger.warning("%s: %s", self.name, why)
            value = await asyncio.to_thread(_value, kept.body, shape) if kept is not None else None
            if kept is None or value is None:
                raise Unavailable(f"{self.name}: {why}") from exc
            self.health.knows(kept.fetched)
            return Fetched(value, "stale", kept.fetched, len(kept.body))
        now = self._clock()
        self.health.up = True
        self.health.knows(now)
        await asyncio.to_thread(self._store.put, self.name, request, body, etag, now)
        return Fetched(value, "network", now, len(body))

    async def _guarded(self, path: str, params: dict[str, str], empty_is: Any, kept: Kept | None) -> tuple[bytes, str]:
        """Attempts inside the breaker; it counts what is broken over there, not what we asked wrongly."""
        breaker = await self._breakers.get_breaker(self.name)
        async with breaker:
            async for attempt in stamina.retry_context(
                on=_backoff, attempts=ATTEMPTS, timeout=None, wait_initial=0.1, wait_max=0.5, wait_jitter=0.1
            ):
                with attempt:
                    result = await self._attempt(path, params, empty_is, kept)
        if isinstance(result, _Useless):
            raise result
        return result

    async def _attempt(
        self, path: str, params: dict[str, str], empty_is: Any, kept: Kept | None
    ) -> tuple[bytes, str] | _Useless:
        headers = {"If-None-Match": kept.etag} if kept is not None and kept.etag else {}
        try:
            async with self._opened().stream("GET", f"{self.base}{path}", params=params, headers=headers) as answer:
                if answer.status_code == 304 and kept is not None:
                    return kept.body, kept.etag
                if answer.status_code == 404 and empty_is is not None:
                    return json.dumps(empty_is).encode(), ""
                if answer.status_code in RETRIED:
                    raise _Failed(f"status {answer.status_code}", _retry_after(answer))
                if answer.status_code != 200:
                    return _Useless(f"status {answer.status_code}")
                if "json" not in answer.headers.get("Content-Type", "application/json"):
                    return _Useless("the answer is no JSON")
                body = await asyncio.wait_for(self._body(answer), LONGEST_SECONDS)
                return body, _etag(answer)
        except TooLarge:
            return _Useless("the answer is too large")
        except Unreadable as exc:
            return _Useless(f"the answer is {exc}")
        except (httpx.TransportError, httpx.DecodingError, asyncio.TimeoutError) as exc:
            raise _Failed(exc.__class__.__name__) from None

    async def _body(self, answer: httpx.Response) -> bytes:
        body = Body(answer.headers.get("Content-Encoding", ""), self._largest)
        async for piece in answer.aiter_raw():
            body.add(piece)
        return body.finish()

    def _opened(self) -> httpx.AsyncClient:
        if self._client is None:
            self._client = httpx.AsyncClient(
                headers=self._headers,
                timeout=httpx.Timeout(self._read_seconds, connect=CONNECT_SECONDS),
                limits=httpx.Limits(max_connections=4, max_keepalive_connections=2),
                transport=self._transport,
                follow_redirects=False,
                trust_env=False,
            )
        return self._client

    def _same_loop(self) -> None:
        """A client belongs to the loop it was opened in; tools and tests use one loop after another."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop, self._client, self._running = loop, None, {}

    async def close(self) -> None:
        """Close the connections."""
        client, self._client = self._client, None
        # Those of a loop that has ended went with it, and cannot be closed in another one.
        if client is not None and self._loop is asyncio.get_running_loop():
            await client.aclose()


def _value(body: bytes, shape: Any) -> Any:
    """The parsed JSON when it has the right shape, else None."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if isinstance(shape, (type, tuple)):
        return value if isinstance(value, shape) else None
    try:
        return value if shape(value) else None
    except (TypeError, KeyError, AttributeError, IndexError):
        return None


def _backoff(exc: Exception) -> bool | float:
    """Try again after a passing failure; when the upstream says how long to wait, that long, if it is short."""
    if not isinstance(exc, _Failed):
        return False
    return exc.wait <= LONGEST_RETRY_AFTER and (exc.wait or True)


def _retry_after(answer: httpx.Response) -> float:
    value = answer.headers.get("Retry-After", "")
    return float(value) if re.fullmatch("[0-9]{1,6}", value) else 0.0


def _etag(answer: httpx.Response) -> str:
    """The tag as we may send it back, "" for one that no header can carry."""
    value = answer.headers.get("ETag", "")
    return value if _ETAG.fullmatch(value) else ""
