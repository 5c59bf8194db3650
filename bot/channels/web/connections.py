"""Connections to the web server: how many, how long, and which of them gives way.

Sanic 21.12 gives a connection more time with every byte that arrives, keeps as many as the system allows, and trusts
the length of a body as it is told. The protocol class here, which `app.run` takes, closes what that leaves open.
"""

from __future__ import annotations

import asyncio
import json
from time import monotonic
from typing import Any

from sanic import Sanic
from sanic.exceptions import RequestTimeout, ServiceUnavailable
from sanic.http import Http, Stage
from sanic.server import HttpProtocol

from bot.channels.web.limits import Addresses
from bot.channels.web.overload import BUSY
from bot.strict_http import StrictHttp, StrictProtocol

# Most systems give a process 1,024 files; data, Redis and other directories need some of them.
MOST = 800
# One address may hold a quarter of all; behind a trusted proxy there are many people, and none is counted.
SHARE = 4
# The head of a request, and its body, have arrived within so many seconds after its first byte, however they trickle:
# 64 KiB at 2 KiB a second. Also how long a new connection may say nothing.
REQUEST_SECONDS = 30
# A message is answered after 25 seconds, a reader waits for 20, and a poster takes at most two minutes, as in nginx.
RESPONSE_SECONDS = 120
# A phone on a slow line saves half a second with every connection that is still there; nginx keeps its own for 30.
IDLE_SECONDS = 120
# How long somebody who was too slow may take to hear it, or to finish asking when the server ends.
LAST_SECONDS = 5
# What is read ahead of a request that is being answered, and the head of one.
BUFFER_BYTES, HEAD_BYTES = 32 * 1024, 8 * 1024
_BODY = json.dumps({"error": {"code": "busy", "message": BUSY}}).encode()
REFUSAL = (
    b"HTTP/1.1 503 Service Unavailable\r\nRetry-After: 5\r\nCache-Control: no-store\r\nConnection: close\r\n"
    b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%b" % (len(_BODY), _BODY)
)


def limit_connections(app: Sanic, most: int = MOST, trusted_proxies: tuple[str, ...] = ()) -> type[HttpProtocol]:
    """Set Sanic's own limits, and give the protocol class for `app.run` that keeps the others.

    Of `most` connections one address may hold a quarter, `trusted_proxies` any number.
    """
    config = app.config
    config.REQUEST_TIMEOUT, config.RESPONSE_TIMEOUT = REQUEST_SECONDS, RESPONSE_SECONDS
    config.KEEP_ALIVE_TIMEOUT = IDLE_SECONDS
    config.REQUEST_BUFFER_SIZE, config.REQUEST_MAX_HEADER_SIZE = BUFFER_BYTES, HEAD_BYTES
    app.ctx.door = Door(Addresses(trusted_proxies), most, max(1, most // SHARE))
    return Visit


class Door:
    """The open connections, those that were used last at the end.

    When there are too many, the one that gives way is the first whose request is not here yet, or which does not read
    its answer: people whose request is being answered are never cut off. `dropped` and `refused` count.
    """

    def __init__(self, addresses: Addresses, most: int, most_of_one: int) -> None:
        self._addresses, self._most, self._most_of_one = addresses, most, most_of_one
        self._all: dict[Visit, bytes] = {}
        self._of: dict[bytes, dict[Visit, None]] = {}
        self.dropped = self.refused = 0

    def __len__(self) -> int:
        return len(self._all)

    def enter(self, visit: Visit, ip: str) -> bool:
        """Count a new connection; False when there is no room and nobody gives way."""
        address = self._addresses.counted(ip)
        mine = self._of.get(address, {}) if address else {}
        if (len(mine) >= self._most_of_one and not self._make_room(mine)) or (
            len(self._all) >= self._most and not self._make_room(self._all)
        ):
            self.refused += 1
            return False
        self._all[visit] = address
        if address:
            self._of.setdefault(address, {})[visit] = None
        return True

    def used(self, visit: Visit) -> None:
        """A request begins to arrive."""
        if visit in self._all:
            address = self._all[visit] = self._all.pop(visit)
            if address:
                mine = self._of[address]
                mine[visit] = mine.pop(visit)

    def leave(self, visit: Visit) -> None:
        """A connection is over; nothing when it was let go before."""
        address = self._all.pop(visit, None)
        if address:
            mine = self._of[address]
            del mine[visit]
            if not mine:
                del self._of[address]

    def _make_room(self, visits: dict[Visit, Any]) -> bool:
        found = next((visit for visit in visits if visit.gives_way), None)
        if found is None:
            return False
        self.leave(found)
        self.dropped += 1
        found.hang_up()
        return True


class Visit(StrictProtocol):
    """One connection; `app.ctx.door` counts it."""

    __slots__ = ("_aborting", "_checking", "_door", "_ending")

    def __init__(self, *, app: Sanic, **options: Any) -> None:
        super().__init__(app=app, **options)
        self._door: Door | None = getattr(app.ctx, "door", None)
        self._http: StrictHttp | None = None  # type: ignore[assignment]
        self._checking: asyncio.TimerHandle | None = None
        self._aborting: asyncio.TimerHandle | None = None
        self._ending: asyncio.TimerHandle | None = None
        self.recv_buffer = bytearray()

    @property
    def gives_way(self) -> bool:
        """Whether nobody waits for an answer here: no whole request has come, or the answer is not read."""
        return self._unasked or not self._can_write.is_set()

    @property
    def _unasked(self) -> bool:
        http = self._http
        return http is None or http.stage in (Stage.IDLE, Stage.REQUEST) or bool(http.request_body)

    def hang_up(self) -> None:
        """End the connection at once."""
        if self.transport is not None:
            self.transport.abort()

    def close_if_idle(self) -> bool:
        """The server ends: True when the connection does so at once.

        Who is being answered gets the answer. Who is still asking has some seconds left: without this a request that
        trickles in holds the server up for as long as the longest answer may take.
        """
        if super().close_if_idle():
            return True
        self._ending = self.loop.call_later(LAST_SECONDS, self._end_unasked)
        return False

    def _end_unasked(self) -> None:
        if self._unasked:
            self.hang_up()

    def connection_made(self, transport: Any) -> None:
        """Begin, or say that there is no room."""
        peer = transport.get_extra_info("peername")
        if self._door is not None and isinstance(peer, tuple) and not self._door.enter(self, str(peer[0])):
            transport.write(REFUSAL)
            transport.close()
            return
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        """Let go of everything now: Sanic holds a connection for as long as its timers run."""
        if self._door is not None:
            self._door.leave(self)
        for timer in (self._checking, self._aborting, self._ending):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)
        self.recv_buffer.clear()

    def data_received(self, data: bytes) -> None:
        """Take bytes in; only the first ones of a request begin its time."""
        before, http = self._time, self._http
        super().data_received(data)
        if http is not None and (http.stage is not Stage.IDLE or getattr(http, "request_body", None)):
            self._time = before
        elif self._door is not None:
            self._door.used(self)

    def close(self, timeout: float | None = None) -> None:
        """Close when what was said is sent, or when that takes too long."""
        if self.transport and self._aborting is None:
            self.transport.close()
            seconds = self.app.config.GRACEFUL_SHUTDOWN_TIMEOUT if timeout is None else timeout
            self._aborting = self.loop.call_later(seconds, self.abort)

    def check_timeouts(self) -> None:
        """Look whether a request or its answer takes too long; also of one that wants to become a web socket."""
        http, task = self._http, self._task
        if http is None or task is None:
            return
        late = self._late(http, monotonic() - self._time)
        if late is None:
            pause = min(self.keep_alive_timeout, self.request_timeout, self.response_timeout) / 2
            self._checking = self.loop.call_later(max(0.1, pause), self.check_timeouts)
            return
        http.exception = late if isinstance(late, Exception) else None
        task.cancel()
        # Time to say so; Sanic would then wait for the rest of the body for as long as bytes come.
        self._checking = self.loop.call_later(min(LAST_SECONDS, self.request_timeout), self.hang_up)

    def _late(self, http: Http, seconds: float) -> Exception | bool | None:
        """What is told, True for nothing to tell, None when there is time left."""
        if http.stage is Stage.IDLE:
            return seconds > (self.keep_alive_timeout if self.served else self.request_timeout) or None
        if http.stage is Stage.REQUEST or http.request_body:
            return RequestTimeout("Request Timeout") if seconds > self.request_timeout else None
        return ServiceUnavailable("Response Timeout") if seconds > self.response_timeout else None

    def _setup_connection(self) -> None:
        self._http = StrictHttp(self)
        self._time = monotonic()
        self.check_timeouts()
