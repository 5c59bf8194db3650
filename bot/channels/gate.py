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

from bot.keys import Keys, pseudonym

MAX_CHARACTERS = 2000
PAYLOAD = re.compile(r"/([a-z][a-z_]{1,40})(\{.{0,200}\})?", re.S)
# Control characters, and what turns the text around it: overrides, embeddings, isolates.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ufff9-\ufffb]")
# What nobody sees and a word does not need: marks of direction, soft hyphens, widthless blanks, tags, old controls.
# Joiners stay, for Persian and for emoji.
_UNSEEN = re.compile(
    r"[\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180e\u200b\u200e\u200f\u2060-\u2065\u206a-\u206f\u3164\ufeff\uffa0"
    r"\U0001d173-\U0001d17a\U000e0000-\U000e0fff]"
)
# Nothing that looks like the slash of a command, nor what could hide one, stands at the beginning.
_BEFORE = "/\u2044\u2215\u29f8\uff0f \u200c\u200d"
# What a button may carry besides its intent: ids and codes of ours, never words.
_ENTITIES = {
    "place": re.compile(r"[a-z0-9-]{1,60}"),
    **dict.fromkeys(("service_language", "show"), re.compile(r"[a-z]{2,3}")),
    **dict.fromkeys(("status", "wrong", "person"), re.compile(r"[a-z_]{1,20}")),
}
# What the conversation about talking with a person can be told.
_PERSON = frozenset({"live", "callback", "yes", "no", "stop"})
_CAMPAIGN = re.compile(r"[a-z0-9-]{1,20}")


class Refused(ValueError):
    """The input cannot be taken; the message is short and safe to show to whoever sent it."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def clean_text(text: str) -> str:
    """Normalise what a person typed: no control, override or invisible characters, no leading slash of any script.

    Longer texts are cut at 2,000 characters: the question is nearly always in there, and an embedding
    of everything would cost seconds. Refused("empty") when nothing is left.
    """
    if not isinstance(text, str):
        raise Refused("not_text", "The message must be text.")
    text = text[: MAX_CHARACTERS * 2].encode("utf-8", "replace").decode("utf-8")
    # Removed before letters are composed: a mark in between must not keep an accent from its letter.
    text = unicodedata.normalize("NFC", _UNSEEN.sub("", _CONTROL.sub(" ", text)))
    text = re.sub(r"\s+", " ", text).lstrip(_BEFORE)[:MAX_CHARACTERS].rstrip()
    # One sign can stand for eighteen letters, which understanding would spell out.
    if not text.isascii() and len(unicodedata.normalize("NFKC", text)) > 2 * MAX_CHARACTERS:
        text = text[: MAX_CHARACTERS // 10].rstrip()
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
            if name not in _ENTITIES or not isinstance(value, str) or not _ENTITIES[name].fullmatch(value):
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
    return pseudonym(secret, channel, native_id)


def token(secret: bytes, channel: str, conversation: str) -> str:
    """What shows that a conversation of a channel was opened by this server; worth nothing in another channel."""
    signed = f"token:{channel}:{conversation}".encode("utf-8", "replace")
    return hmac.new(secret, signed, hashlib.sha256).hexdigest()


def opened(keys: Keys, channel: str, conversation: str, given: str) -> str:
    """Rasa's conversation id of whoever gives the token of a conversation; "" when it is none of ours.

    A conversation that was opened with the former secret keeps its token and its id until it ends.
    """
    found, told = "", given.encode("utf-8", "replace")
    for secret in keys.all():
        if hmac.compare_digest(told, token(secret, channel, conversation).encode()):
            found = pseudonym(secret, channel, conversation)
    return found


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
