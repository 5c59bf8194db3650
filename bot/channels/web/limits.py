"""How much one conversation and one network address may send, and whose address a request has."""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import logging
import math
import secrets
from collections.abc import Callable, Iterable

from sanic.request import Request

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
    limit. A text above the limit passes nevertheless when `urgent` says that it tells of an emergency.
    """

    def __init__(
        self,
        conversation: RateLimit,
        per_address: int = 0,
        trusted_proxies: Iterable[str] = (),
        urgent: Callable[[str], bool] | None = None,
    ) -> None:
        self._conversation = conversation
        self._addresses = Addresses(trusted_proxies)
        self._messages = RateLimit(per_address) if per_address else None
        self._openings = RateLimit(max(1, per_address // PER_CONVERSATION)) if per_address else None
        self._urgent = urgent
        self._emergencies, self._looks = RateLimit(URGENT), RateLimit(LOOKS)
        self._reads = RateLimit(READS)
        self._looks_of_address = RateLimit(per_address) if per_address else None

    def opening(self, request: Request) -> None:
        """One new conversation."""
        if self._openings is not None:
            _take(self._openings, self._addresses.of(request))

    def message(self, request: Request, sender: str, text: str | None) -> None:
        """One message; `text` is None for buttons and locations."""
        try:
            _take(self._conversation, f"message:{sender}")
            if self._messages is not None:
                _take(self._messages, self._addresses.of(request))
        except ApiError:
            if text is None or not self._is_urgent(request, sender, text):
                raise

    def deleting(self, sender: str) -> None:
        """One deletion of a conversation."""
        _take(self._conversation, f"forget:{sender}")

    def reading(self, sender: str) -> None:
        """One look for messages of a person."""
        _take(self._reads, sender)

    def _is_urgent(self, request: Request, sender: str, text: str) -> bool:
        if self._urgent is None or not self._looks.allows(sender):
            return False
        if self._looks_of_address is not None and not self._looks_of_address.allows(self._addresses.of(request)):
            return False
        return self._urgent(text) and self._emergencies.allows(sender)


class Addresses:
    """Network addresses as pseudonyms that this process alone can make; an IPv6 network of 64 bits is one address.

    The address is the peer's. Behind a proxy on the list of `trusted` addresses and networks it is the last
    entry of X-Forwarded-For that is not a trusted proxy itself: what stands before it, anybody may have written.
    """

    def __init__(self, trusted: Iterable[str] = ()) -> None:
        self._trusted = [ipaddress.ip_network(network, strict=False) for network in trusted]
        self._key = secrets.token_bytes(32)
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


def _take(limit: RateLimit, key: str) -> None:
    if not limit.allows(key):
        headers = {"Retry-After": str(max(1, math.ceil(limit.wait(key))))}
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
