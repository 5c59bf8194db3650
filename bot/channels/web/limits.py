"""How much one conversation and one network address may send, and whose address a request has."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import math
import secrets
from collections.abc import Callable, Coroutine, Iterable, Sequence
from functools import partial
from typing import Any

from sanic.request import Request

from bot.channels.buckets import Buckets, Charge, OwnBuckets
from bot.channels.gate import RateLimit
from bot.channels.web.protocol import ApiError

logger = logging.getLogger(__name__)
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Emergencies above the limit a minute and conversation, and texts looked at to find them.
URGENT, LOOKS = 5, 30
# How often a minute one conversation may ask for what a person wrote; a reader that waits asks three times.
READS = 60
# One of so many messages may begin a conversation.
PER_CONVERSATION = 5


class Limits:
    """Raises ApiError 429 for what is too much; deleting has its own allowance.

    `per_address` are messages a minute of one address and, a fifth of it, new conversations; 0 sets no such
    limit. A message above the limit passes nevertheless when `urgent` says of its text, or of a slash and the intent of
    its button, that it tells of an emergency.
    Counted in this process unless `buckets` count for several; then `name` tells these limits from other channels',
    and a `secret` makes the pseudonyms of addresses the same in all of them.
    """

    def __init__(
        self,
        conversation: RateLimit,
        per_address: int = 0,
        trusted_proxies: Iterable[str] = (),
        urgent: Callable[[str], bool] | None = None,
        *,
        buckets: Buckets | None = None,
        name: str = "web",
        secret: bytes | None = None,
    ) -> None:
        self._conversation = conversation
        self._addresses = Addresses(trusted_proxies, secret)
        self._messages = RateLimit(per_address) if per_address else None
        self._openings = RateLimit(max(1, per_address // PER_CONVERSATION)) if per_address else None
        self._urgent = urgent
        self._emergencies, self._looks = RateLimit(URGENT), RateLimit(LOOKS)
        self._reads = RateLimit(READS)
        self._looks_of_address = RateLimit(per_address) if per_address else None
        self._buckets: Buckets = buckets or OwnBuckets()
        self._name = name

    async def opening(self, request: Request) -> None:
        """One new conversation."""
        if self._openings is not None:
            wait = await self._buckets.take([self._charge("openings", self._openings, self._addresses.of(request))])
            _refuse(wait)

    def message(self, request: Request, sender: str, text: str) -> Toll:
        """What one message is charged to; the `text` of a button is "/" and its intent."""
        charges = [self._charge("conversation", self._conversation, f"message:{sender}")]
        address = self._addresses.of(request) if self._messages is not None else ""
        if self._messages is not None:
            charges.append(self._charge("messages", self._messages, address))
        return Toll(self._buckets, charges, partial(self._is_urgent, address, sender, text))

    def deleting(self, sender: str) -> Toll:
        """What one deletion of a conversation is charged to."""
        return Toll(self._buckets, [self._charge("conversation", self._conversation, f"forget:{sender}")])

    def reading(self, sender: str) -> None:
        """One look for messages of a person, which wait in this process."""
        if not self._reads.allows(sender):
            _refuse(self._reads.wait(sender))

    async def _is_urgent(self, address: str, sender: str, text: str) -> bool:
        if self._urgent is None or not text or not await self._may_look(address, sender) or not self._urgent(text):
            return False
        return await self._buckets.take([self._charge("emergencies", self._emergencies, sender)]) <= 0

    async def may_look(self, request: Request, sender: str) -> bool:
        """Whether one more message is looked at for an emergency: that takes a while, and a flood must not buy it."""
        return await self._may_look(self._addresses.of(request) if self._looks_of_address is not None else "", sender)

    async def _may_look(self, address: str, sender: str) -> bool:
        looks = [self._charge("looks", self._looks, sender)]
        if self._looks_of_address is not None:
            looks.append(self._charge("looks_of_address", self._looks_of_address, address))
        return await self._buckets.take(looks) <= 0

    def _charge(self, bucket: str, limit: RateLimit, key: str) -> Charge:
        return Charge(f"{self._name}:{bucket}", limit, key)


class Toll:
    """What one message costs, paid once it is known that it was not paid for before."""

    def __init__(
        self,
        buckets: Buckets,
        charges: Sequence[Charge],
        spared: Callable[[], Coroutine[Any, Any, bool]] | None = None,
    ) -> None:
        self._buckets, self.charges, self._spared = buckets, tuple(charges), spared

    async def pay(self) -> None:
        """Count the message; ApiError 429 when it is too much and no emergency."""
        wait = await self._buckets.take(self.charges)
        if wait > 0:
            await self.refused(wait)

    async def refused(self, wait: float) -> None:
        """There is no room for it until `wait` seconds have passed: ApiError 429, unless it is an emergency."""
        if self._spared is None or not await self._spared():
            _refuse(wait)


class Addresses:
    """Network addresses as pseudonyms; an IPv6 network of 64 bits is one address.

    Only this process can make them, or, with a `secret`, whoever knows it.

    The address is the peer's. Behind a proxy on the list of `trusted` addresses and networks it is the last
    entry of X-Forwarded-For that is not a trusted proxy itself: what stands before it, anybody may have written.
    """

    def __init__(self, trusted: Iterable[str] = (), secret: bytes | None = None) -> None:
        self._trusted = [ipaddress.ip_network(network, strict=False) for network in trusted]
        self._key = hmac.digest(secret, b"addresses", "sha256") if secret else secrets.token_bytes(32)
        self._warned = False

    def of(self, request: Request) -> str:
        """The pseudonym of whoever sent this request."""
        address = _read(request.ip)
        if address is not None and self._is_trusted(address):
            for entry in reversed(",".join(request.headers.getall("x-forwarded-for", [])).split(",")):
                named = _read(entry)
                if named is None:
                    break
                address = named
                if not self._is_trusted(named):
                    break
        elif address is not None and address.is_private and "x-forwarded-for" in request.headers:
            self._warn()
        return hmac.new(self._key, _network(address), hashlib.sha256).hexdigest()[:32]

    def counted(self, ip: str) -> bytes:
        """The network of a peer as it is counted, b"" for a trusted proxy, which speaks for many."""
        address = _read(ip)
        return b"" if address is not None and self._is_trusted(address) else _network(address) or b"?"

    def trusts_peer(self, request: Request) -> bool:
        """Whether the request comes directly from a trusted proxy."""
        address = _read(request.ip)
        return address is not None and self._is_trusted(address)

    def _warn(self) -> None:
        """Once: what looks like the operator's own proxy would make all its visitors one address."""
        if not self._warned:
            self._warned = True
            logger.warning(
                "a proxy in front of the server is not in WEGWEISER_TRUSTED_PROXIES: all who come through it share "
                "one allowance of WEGWEISER_PER_ADDRESS"
            )

    def _is_trusted(self, address: Address) -> bool:
        return any(address in network for network in self._trusted)


def _refuse(wait: float) -> None:
    """ApiError when one has to wait."""
    if wait > 0:
        headers = {"Retry-After": str(max(1, math.ceil(wait)))}
        raise ApiError(429, "too_many", "Too many messages. Please wait a minute.", headers)


def _read(text: str) -> Address | None:
    """An address, also as proxies write it: with a port, in brackets, IPv4 within IPv6."""
    text = text.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _network(address: Address | None) -> bytes:
    if address is None:
        return b""
    return address.packed[:8] if address.version == 6 else address.packed
