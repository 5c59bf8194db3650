"""The one gate for what comes in: size, encoding, commands, ids, duplicates and rate per conversation.

Channels call it before anything reaches Rasa. No text from a person is ever a command (rasa-facts B10).
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import time
import unicodedata
from collections import OrderedDict
from typing import Any

from rasa.core.channels.channel import OutputChannel, UserMessage

MAX_CHARACTERS = 2000
PAYLOAD = re.compile(r"/([a-z][a-z_]{1,40})(\{.{0,200}\})?", re.S)
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\u202a-\u202e\u2066-\u2069\ufeff]")
# What a button may carry besides its intent.
_ENTITY_NAMES = frozenset({"place", "service_language", "show", "status", "wrong", "person"})
_ENTITY_VALUE = re.compile(r"[\w .,:+-]{1,60}", re.U)
# What the conversation about talking with a person can be told.
_PERSON = frozenset({"live", "callback", "yes", "no", "stop"})
_CAMPAIGN = re.compile(r"[a-z0-9-]{1,20}")


class Refused(ValueError):
    """The input cannot be taken; the message is short and safe to show to whoever sent it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def clean_text(text: str) -> str:
    """Normalise what a person typed: no control or direction-override characters, no leading slash.

    Longer texts are cut at 2,000 characters: the question is nearly always in there, and an embedding
    of everything would cost seconds. Refused("empty") when nothing is left.
    """
    if not isinstance(text, str):
        raise Refused("not_text", "The message must be text.")
    text = text[: MAX_CHARACTERS * 2].encode("utf-8", "replace").decode("utf-8")
    text = _CONTROL.sub(" ", unicodedata.normalize("NFC", text))
    text = re.sub(r"\s+", " ", text).lstrip("/ ")[:MAX_CHARACTERS].rstrip()
    if all(unicodedata.category(c) in ("Cf", "Zs") for c in text):
        raise Refused("empty", "The message is empty.")
    return text


def parse_payload(payload: str, intents: frozenset[str]) -> dict[str, Any]:
    """Parse data of a button payload such as `/inform{"place": "leipzig"}`; Refused when it is not one of ours."""
    match = PAYLOAD.fullmatch(payload.strip()) if isinstance(payload, str) else None
    if match is None or match.group(1) not in intents:
        raise Refused("bad_payload", "This button is not known.")
    entities = []
    if match.group(2):
        try:
            values = json.loads(match.group(2))
        except ValueError as exc:
            raise Refused("bad_payload", "This button is not known.") from exc
        for name, value in values.items():
            if name not in _ENTITY_NAMES or not isinstance(value, str) or not _ENTITY_VALUE.fullmatch(value):
                raise Refused("bad_payload", "This button is not known.")
            if name == "person" and value not in _PERSON:
                raise Refused("bad_payload", "This button is not known.")
            entities.append({"entity": name, "value": value, "start": 0, "end": 0, "extractor": "button"})
    return _parse_data(match.group(1), entities)


def parse_location(latitude: float, longitude: float) -> dict[str, Any]:
    """Parse data of a shared location, rounded to about a kilometre; Refused outside the globe."""
    if not (isinstance(latitude, (int, float)) and isinstance(longitude, (int, float))):
        raise Refused("bad_location", "The location is not valid.")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise Refused("bad_location", "The location is not valid.")
    value = f"{latitude:.2f},{longitude:.2f}"
    return _parse_data("inform", [{"entity": "point", "value": value, "start": 0, "end": 0, "extractor": "location"}])


def _parse_data(intent: str, entities: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        "intent": {"name": intent, "confidence": 1.0},
        "intent_ranking": [{"name": intent, "confidence": 1.0}],
        "entities": entities,
        "text": f"/{intent}",
        "language": None,
    }


def user_message(
    sender: str,
    channel: str,
    output: OutputChannel,
    text: str | None = None,
    parsed: dict[str, Any] | None = None,
    hint: str = "",
    campaign: str = "",
) -> UserMessage:
    """A Rasa message for cleaned text or for parsed button data, which skips understanding.

    `hint` is the language of the interface, `campaign` the poster or page that the conversation began at.
    """
    known = {"hint": hint, "campaign": campaign_of(campaign)}
    message = UserMessage(
        text=text if parsed is None else parsed["text"],
        output_channel=output,
        sender_id=sender,
        input_channel=channel,
        parse_data=parsed,
        metadata={name: value for name, value in known.items() if value},
    )
    return message


def campaign_of(name: Any) -> str:
    """The name of a campaign as it is: up to 20 small letters, digits and hyphens; "" for anything else."""
    return name if isinstance(name, str) and _CAMPAIGN.fullmatch(name) else ""


def conversation_id(secret: bytes, channel: str, native_id: str) -> str:
    """A pseudonym that cannot be turned back without the secret, e.g. `web-3f2a…`."""
    digest = hmac.new(secret, f"{channel}:{native_id}".encode(), hashlib.sha256).hexdigest()
    return f"{channel}-{digest[:32]}"


def token(secret: bytes, channel: str, conversation: str) -> str:
    """What shows that a conversation of a channel was opened by this server; worth nothing in another channel."""
    signed = f"token:{channel}:{conversation}".encode("utf-8", "replace")
    return hmac.new(secret, signed, hashlib.sha256).hexdigest()


class Seen:
    """Remembers the last `size` message ids, so that a message sent twice is answered once."""

    def __init__(self, size: int = 10_000) -> None:
        self._ids: OrderedDict[str, None] = OrderedDict()
        self._size = size

    def first_time(self, message_id: str) -> bool:
        """True exactly once per id among the last `size` ids."""
        if message_id in self._ids:
            return False
        self._ids[message_id] = None
        if len(self._ids) > self._size:
            self._ids.popitem(last=False)
        return True


class RateLimit:
    """A token bucket for each key: `count` at once, and one more every `seconds` / `count`.

    Keeps one number a key and no more than `size` keys; those unused for longest go first.
    """

    def __init__(self, count: int = 20, seconds: float = 60.0, size: int = 20_000) -> None:
        self.count, self.seconds, self._size = count, seconds, size
        # When the bucket of a key will be full again.
        self._times: OrderedDict[str, float] = OrderedDict()

    def allows(self, key: str, now: float | None = None) -> bool:
        """Count one message of `key` and tell whether it is still within the limit."""
        now = time.monotonic() if now is None else now
        allowed = self.wait(key, now) <= 0
        if allowed:
            self._times[key] = max(self._times.get(key, now), now) + self.seconds / self.count
            if len(self._times) > self._size:
                self._times.popitem(last=False)
        if key in self._times:
            self._times.move_to_end(key)
        return allowed

    def wait(self, key: str, now: float | None = None) -> float:
        """Seconds until the next message of `key` is within the limit, 0 or less for at once."""
        now = time.monotonic() if now is None else now
        return self._times.get(key, now) - now - self.seconds * (1 - 1 / self.count)
