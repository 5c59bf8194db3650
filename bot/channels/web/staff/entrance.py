"""The login: by password, or by a header that a trusted proxy in front sets. Nothing says who logged in."""

from __future__ import annotations

import asyncio
import logging
import secrets
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from sanic.request import Request

from bot.channels.buckets import Buckets, Charge, OwnBuckets
from bot.channels.gate import RateLimit
from bot.channels.web.limits import Addresses
from bot.channels.web.staff import password as passwords
from bot.channels.web.staff.sessions import COOKIE, FORM_COOKIE, HOURS, Sessions

logger = logging.getLogger(__name__)

# Wrong passwords within a quarter of an hour: of one address, and of all.
WRONG, WRONG_IN_TOTAL, SECONDS = 10, 100, 900.0
AT_ONCE, WAITING = 2, 10
# What some proxies write when they know nobody.
_NOBODY = frozenset({"", "-", "(null)", "null", "none", "anonymous", "unauthenticated"})


@dataclass(frozen=True)
class Visitor:
    """Somebody who is logged in: what stands for them in tokens, and whether the proxy says so."""

    who: str
    by_proxy: bool


@dataclass(frozen=True)
class Access:
    """How staff get in. `password` is an argon2id hash, `header` a lower-case name; with neither nobody does."""

    secret: bytes = field(repr=False)
    password: str = field(default="", repr=False)
    header: str = ""
    trusted_proxies: Iterable[str] = ()
    public_url: str = ""

    @property
    def on(self) -> bool:
        """Whether there is a way in."""
        return bool(self.password or self.header)


class Entrance:
    """Tells who is logged in, lets in and out.

    Passwords are checked in at most two threads of their own, and at most ten wait: whoever floods the login must not
    keep residents waiting. All failures look the same from outside. `sessions` and `buckets` may be those that several
    processes share; a wrong password then counts at all of them.
    """

    def __init__(self, access: Access, sessions: Sessions | None = None, buckets: Buckets | None = None) -> None:
        self.access = access
        own = Sessions(access.secret, access.password, access.public_url.startswith("https://"))
        self.sessions = own if sessions is None else sessions
        self.succeeded = self.failed = 0
        self._addresses = Addresses(access.trusted_proxies, access.secret if buckets else None)
        self._buckets: Buckets = buckets or OwnBuckets()
        self._wrong, self._wrong_in_total = RateLimit(WRONG, SECONDS), RateLimit(WRONG_IN_TOTAL, SECONDS)
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0
        self._threads: ThreadPoolExecutor | None = None

    async def visitor(self, request: Request) -> Visitor | None:
        """Who sent this request; None when nobody is logged in."""
        name = self._named_by_proxy(request)
        if name:
            return Visitor(self.sessions.pseudonym(name), by_proxy=True)
        session = await self.sessions.find(_cookie(request, COOKIE)) if self.access.password else ""
        return Visitor(session, by_proxy=False) if session else None

    async def enter(self, request: Request, password: str) -> str:
        """The Set-Cookie header of a new session; "" when the password is wrong or was tried too often."""
        address = self._addresses.of(request)
        if not await self._is_right(address, password):
            return ""
        self.succeeded += 1
        logger.info("staff login: succeeded (%d succeeded, %d failed)", self.succeeded, self.failed)
        before = await self.sessions.find(_cookie(request, COOKIE))
        await self.sessions.end(before)  # what was before the login does not go on
        return self.sessions.header(COOKIE, await self.sessions.begin(), HOURS * 3600)

    async def leave(self, visitor: Visitor) -> str:
        """The Set-Cookie header that ends a session; the session is over whether or not the browser obeys."""
        await self.sessions.end(visitor.who)
        return self.sessions.header(COOKIE, "", 0)

    def form_visitor(self, request: Request) -> str:
        """What the login form is bound to: a value in a cookie of ours, "" without one."""
        return self.sessions.checked(_cookie(request, FORM_COOKIE))

    def new_form_visitor(self) -> str:
        """What a new login form is bound to."""
        return secrets.token_urlsafe(16)

    async def _is_right(self, address: str, password: str) -> bool:
        if not self.access.password or self._waiting >= WAITING:
            return False
        self._waiting += 1
        try:
            if await self._tried_too_often(address):
                return False
            async with self._turn:
                if await self._tried_too_often(address):  # by those who were before it in the queue
                    return False
                if self._threads is None:
                    self._threads = ThreadPoolExecutor(AT_ONCE, "staff-login")
                loop, hashed = asyncio.get_running_loop(), self.access.password
                right = await loop.run_in_executor(self._threads, passwords.matches, hashed, password)
                if not right:
                    self.failed += 1  # what was not even checked is no line in the log: a flood would fill it
                    logger.warning("staff login: failed (%d succeeded, %d failed)", self.succeeded, self.failed)
                    await self._note_wrong(address)
                return right
        finally:
            self._waiting -= 1

    async def _tried_too_often(self, address: str) -> bool:
        return await self._buckets.look(self._charges(address)) > 0

    async def _note_wrong(self, address: str) -> None:
        """Each bucket by itself: those who were checked at the same time may find one of them full already."""
        for charge in self._charges(address):
            await self._buckets.take([charge])

    def _charges(self, address: str) -> list[Charge]:
        return [Charge("staff:wrong", self._wrong, address), Charge("staff:wrong-all", self._wrong_in_total, "")]

    def _named_by_proxy(self, request: Request) -> str:
        """Whom the proxy in front names. Only the direct peer counts, and only one header: a proxy that adds its own
        beside one that the client sent would let anybody in."""
        if not self.access.header or not self._addresses.trusts_peer(request):
            return ""
        given = request.headers.getall(self.access.header, [])
        name = given[0].strip()[:300] if len(given) == 1 else ""
        return "" if name.lower() in _NOBODY else name


def _cookie(request: Request, name: str) -> str:
    """A cookie of the request. Python's own reader gives up at the first strange cookie of somebody else."""
    for part in request.headers.get("cookie", "")[:8000].split(";"):
        key, _, value = part.strip().partition("=")
        if key == name:
            return value
    return ""
