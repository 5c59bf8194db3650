"""What a Telegram button carries: at most 64 bytes, signed, so that only buttons of ours do anything.

`/inform{"place": "leipzig"}` becomes `inform?p=leipzig.xxxxxxxx`. What would be too long is kept under a key.
The signature has no time in it: a button of last week works as long as its intent exists.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from typing import Protocol

from telegram.constants import InlineKeyboardButtonLimit

from bot.channels.gate import PAYLOAD
from bot.keys import Keys

MOST_BYTES = int(InlineKeyboardButtonLimit.MAX_CALLBACK_DATA)
SIGNATURE = 10
PURPOSE = "telegram-buttons"
_SHORT = {"place": "p", "service_language": "l", "show": "s", "status": "t", "wrong": "w"}
_LONG = {short: name for name, short in _SHORT.items()}
# What the data of a button begin with when its payload is kept.
KEPT = "~"


class Store(Protocol):
    """Where long payloads are kept."""

    def keep_payload(self, key: str, payload: str) -> None:
        """Remember a payload under a key."""

    def payload(self, key: str) -> str:
        """The payload of a key, "" for none."""


class Buttons:
    """Writes and reads the data of buttons; `secret` is the server's. Buttons of the former secret are read, too."""

    def __init__(self, secret: bytes | Keys, store: Store) -> None:
        self._keys = Keys.of(secret)
        self._store = store

    def data(self, payload: str) -> str:
        """The data of a button with this payload."""
        short = _shortened(payload)
        signed = f"{short}.{self._signature(short)}"
        if len(signed.encode()) <= MOST_BYTES:
            return signed
        key = KEPT + self._signature(payload, 24)
        self._store.keep_payload(key, payload)
        return key

    def payload(self, data: str) -> str:
        """The payload in a button's data; "" when it is none of ours."""
        if data.startswith(KEPT):
            payload = self._store.payload(data)
            return payload if payload and self._is_ours(data[len(KEPT) :], payload, 24) else ""
        short, _, signature = data.rpartition(".")
        return _lengthened(short) if short and self._is_ours(signature, short, SIGNATURE) else ""

    def _is_ours(self, given: str, text: str, characters: int) -> bool:
        signatures = [_signed(key, text, characters) for key in self._keys.derived(PURPOSE)]
        return any([hmac.compare_digest(given.encode("utf-8", "replace"), right.encode()) for right in signatures])

    def _signature(self, text: str, characters: int = SIGNATURE) -> str:
        return _signed(self._keys.derived(PURPOSE)[0], text, characters)


def _signed(key: bytes, text: str, characters: int) -> str:
    digest = hmac.new(key, text.encode("utf-8", "surrogatepass"), hashlib.sha256).digest()
    return base64.urlsafe_b64encode(digest).decode()[:characters]


def _shortened(payload: str) -> str:
    match = PAYLOAD.fullmatch(payload)
    values = json.loads(match[2]) if match and match[2] else {}
    simple = all(n in _SHORT and isinstance(v, str) and not set(v) & set("&=?") for n, v in values.items())
    if match is None or not simple:
        return payload
    return match[1] + ("?" + "&".join(f"{_SHORT[n]}={v}" for n, v in values.items()) if values else "")


def _lengthened(short: str) -> str:
    if short.startswith("/"):
        return short
    intent, _, rest = short.partition("?")
    pairs = [pair.partition("=") for pair in rest.split("&")] if rest else []
    values = {_LONG[name]: value for name, _, value in pairs if name in _LONG}
    return f"/{intent}" + (json.dumps(values, ensure_ascii=False) if values else "")
