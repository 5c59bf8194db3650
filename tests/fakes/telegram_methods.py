"""The Bot API's methods as documented on core.telegram.org/bots/api: parameters, their types, and the HTML that parses."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

_SEND = {
    "business_connection_id": "str", "chat_id": "chat!", "message_thread_id": "int", "direct_messages_topic_id": "int",
    "disable_notification": "bool", "protect_content": "bool", "allow_paid_broadcast": "bool",
    "message_effect_id": "str", "suggested_post_parameters": "json", "reply_parameters": "json", "reply_markup": "json",
}  # fmt: skip
_TEXT = {"text": "str!", "parse_mode": "str", "entities": "json", "link_preview_options": "json"}
_EDIT = {"business_connection_id": "str", "chat_id": "chat", "message_id": "int", "inline_message_id": "str",
         "reply_markup": "json"}  # fmt: skip
_PLACE = {"latitude": "float!", "longitude": "float!"}
# Parameter types; "!" marks the required ones.
METHODS: dict[str, dict[str, str]] = {
    "getMe": {},
    "getUpdates": {"offset": "int", "limit": "int", "timeout": "int", "allowed_updates": "json"},
    "setWebhook": {
        "url": "str!", "ip_address": "str", "max_connections": "int", "allowed_updates": "json",
        "drop_pending_updates": "bool", "secret_token": "str",
    },
    "deleteWebhook": {"drop_pending_updates": "bool"},
    "getWebhookInfo": {},
    "setMyCommands": {"commands": "json!", "scope": "json", "language_code": "str"},
    "deleteMyCommands": {"scope": "json", "language_code": "str"},
    "sendMessage": {**_SEND, **_TEXT},
    "sendLocation": {
        **_SEND, **_PLACE, "horizontal_accuracy": "float", "live_period": "int", "heading": "int",
        "proximity_alert_radius": "int",
    },
    "sendVenue": {
        **_SEND, **_PLACE, "title": "str!", "address": "str!", "foursquare_id": "str", "foursquare_type": "str",
        "google_place_id": "str", "google_place_type": "str",
    },
    "sendChatAction": {
        "business_connection_id": "str", "chat_id": "chat!", "message_thread_id": "int", "action": "str!",
    },
    "editMessageText": {**_EDIT, **_TEXT},
    "editMessageReplyMarkup": _EDIT,
    "deleteMessage": {"chat_id": "chat!", "message_id": "int!"},
    "answerCallbackQuery": {
        "callback_query_id": "str!", "text": "str", "show_alert": "bool", "url": "str", "cache_time": "int",
    },
}  # fmt: skip
_TYPES = {
    "int": re.compile(r"-?\d+"), "float": re.compile(r"-?\d+(\.\d+)?"), "bool": re.compile("true|false", re.IGNORECASE),
    "chat": re.compile(r"-?\d+|@\w+"), "str": re.compile(".*", re.DOTALL), "json": re.compile(r"[\[{].*", re.DOTALL),
}  # fmt: skip
_TAGS = {"b", "strong", "i", "em", "u", "ins", "s", "strike", "del", "a", "code", "pre", "blockquote", "tg-spoiler"}


class ApiError(Exception):
    """An error in Telegram's shape."""

    def __init__(self, code: int, description: str, **parameters: Any) -> None:
        super().__init__(description)
        self.code = code
        self.body: dict[str, Any] = {"ok": False, "error_code": code, "description": description}
        if parameters:
            self.body["parameters"] = parameters


class Visible(HTMLParser):
    """What remains of a text after entity parsing; refuses what Telegram's parser refuses."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=False)
        self.text, self.open = "", list[str]()
        if "<" in re.sub(r"</?[a-z-]+( [^<>]*)?>", "", text):
            raise ApiError(400, "Bad Request: can't parse entities: Unsupported start tag")
        self.feed(text)
        self.close()
        if self.open:
            raise ApiError(400, f"Bad Request: can't parse entities: Can't find end tag for \"{self.open[-1]}\"")

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        if tag not in _TAGS:
            raise ApiError(400, f'Bad Request: can\'t parse entities: Unsupported start tag "{tag}"')
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise ApiError(400, "Bad Request: can't parse entities: Unexpected end tag")

    def handle_data(self, data: str) -> None:
        self.text += data

    def handle_entityref(self, name: str) -> None:
        self.text += {"lt": "<", "gt": ">", "amp": "&", "quot": '"'}.get(name, f"&{name};")

    def handle_charref(self, name: str) -> None:
        self.text += chr(int(name[1:], 16) if name[0] in "xX" else int(name))


def typed(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Parameters with their documented types; 400 for unknown, ill-typed and missing ones."""
    wanted = METHODS[name]
    if unknown := set(given) - set(wanted):
        raise ApiError(400, f"Bad Request: unknown parameters {sorted(unknown)} for {name}")
    if missing := {k for k, kind in wanted.items() if kind.endswith("!")} - set(given):
        raise ApiError(400, f"Bad Request: {sorted(missing)} missing for {name}")
    values: dict[str, Any] = {}
    for key, value in given.items():
        kind = wanted[key].rstrip("!")
        text = value if isinstance(value, str) else json.dumps(value)
        if not _TYPES[kind].fullmatch(text) or (kind == "str" and not isinstance(value, str)):
            raise ApiError(400, f"Bad Request: {key} of {name} is not of type {kind}")
        try:
            values[key] = text if kind in ("str", "chat") else json.loads(text.lower() if kind == "bool" else text)
        except ValueError:
            raise ApiError(400, f"Bad Request: can't parse {key} JSON object") from None
    return values
