"""Who is logged in: random ids in memory or in Redis, their cookie, and the tokens of their forms."""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from collections.abc import Callable

HOURS = 8
MOST = 500
COOKIE, FORM_COOKIE = "wegweiser_staff", "wegweiser_staff_form"
PATH = "/staff"
FORM_SECONDS = 3600


class Sessions:
    """Sessions of the password login. They end after eight hours, on logout and when the server stops.

    The key comes from the server's secret and the hash of the password: with another password no cookie of before
    is worth anything. Keeps at most `MOST` sessions; the oldest go first.
    """

    def __init__(self, secret: bytes, password: str, secure: bool, clock: Callable[[], float] = time.monotonic) -> None:
        self._key = hmac.new(secret, b"staff pages\0" + password.encode(), hashlib.sha256).digest()
        self._secure, self._clock = secure, clock
        self._ends: OrderedDict[str, float] = OrderedDict()

    def __len__(self) -> int:
        return len(self._ends)

    async def begin(self) -> str:
        """A new session; gives the value of its cookie."""
        session = secrets.token_urlsafe(32)
        self._ends[session] = self._clock() + HOURS * 3600
        while len(self._ends) > MOST:
            self._ends.popitem(last=False)
        return self.signed(session)

    async def find(self, cookie: str) -> str:
        """The session of a cookie's value; "" when it is forged, unknown or over."""
        session = self.checked(cookie)
        ends = self._ends.get(session)
        if ends is None:
            return ""
        if ends <= self._clock():
            del self._ends[session]
            return ""
        return session

    async def end(self, session: str) -> None:
        """Forget a session."""
        self._ends.pop(session, None)

    def signed(self, value: str) -> str:
        """A value with our signature."""
        return f"{value}.{self._mac('cookie', value)}"

    def checked(self, signed: str) -> str:
        """The value that we signed; "" when we did not."""
        value, _, signature = signed[:200].rpartition(".")
        return value if value and _same(signature, self._mac("cookie", value)) else ""

    def token(self, who: str) -> str:
        """What a form of a session or of a visitor carries, so that no other website can send it."""
        return self._mac("form", who)

    def is_token(self, who: str, token: str) -> bool:
        """Whether a form carries the token of this session or visitor."""
        return bool(who) and _same(token, self.token(who))

    def pseudonym(self, name: str) -> str:
        """What stands for somebody whom the proxy in front knows; never stored."""
        return "proxy-" + self._mac("proxy", name)

    def header(self, name: str, value: str, seconds: int) -> str:
        """A Set-Cookie header; no seconds delete the cookie."""
        secure = "; Secure" if self._secure else ""
        return f"{name}={value}; Path={PATH}; Max-Age={seconds}; HttpOnly; SameSite=Strict{secure}"

    def _mac(self, use: str, value: str) -> str:
        text = f"{use}\0{value}".encode("utf-8", "replace")
        return hmac.new(self._key, text, hashlib.sha256).hexdigest()


def _same(given: str, right: str) -> bool:
    return hmac.compare_digest(given.encode("utf-8", "replace"), right.encode())
