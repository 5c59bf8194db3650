"""The Bot API's methods: parameters and their types from @grammyjs/types, and the HTML that parses.

`telegram_methods.json` was made from the types of npm @grammyjs/types 5.0.0 (MIT): an interface that names for each
method `Parameters<ApiMethods<string>[method]>[0]`, through typescript-json-schema with `--required --noExtraProps`,
descriptions left out.
"""

from __future__ import annotations

import json
import re
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

from jsonschema import Draft7Validator

SCHEMA = json.loads(Path(__file__).with_name("telegram_methods.json").read_text(encoding="utf-8"))
# Without parameters.
PLAIN = frozenset({"getMe", "getWebhookInfo", "close", "logOut"})
METHODS = frozenset(SCHEMA["properties"]) | PLAIN
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


@cache
def _validator(name: str) -> Draft7Validator:
    return Draft7Validator({"definitions": SCHEMA["definitions"], **SCHEMA["properties"][name]})


def typed(name: str, given: dict[str, Any]) -> dict[str, Any]:
    """Parameters with their documented types; 400 for unknown, ill-typed and missing ones, at any depth.

    Requests that are no JSON carry everything as text: what may be a text stays one, the rest is JSON.
    """
    if name in PLAIN:
        if given:
            raise ApiError(400, f"Bad Request: {name} takes no parameters")
        return {}
    wanted = SCHEMA["properties"][name]["properties"]
    values = {key: _read(value, wanted.get(key, {}), key) for key, value in given.items()}
    for error in _validator(name).iter_errors(values):
        where = "/".join(map(str, error.absolute_path)) or name
        raise ApiError(400, f"Bad Request: {where}: {error.message[:200]}")
    return values


def _read(value: Any, wanted: dict[str, Any], key: str) -> Any:
    if not isinstance(value, str) or _may_be_text(wanted):
        return _chat(value) if key == "chat_id" else value
    try:
        return json.loads(value)
    except ValueError:
        raise ApiError(400, f"Bad Request: can't parse {key} JSON object") from None


def _may_be_text(wanted: dict[str, Any]) -> bool:
    if "$ref" in wanted:
        return _may_be_text(SCHEMA["definitions"][wanted["$ref"].rpartition("/")[2]])
    kinds = wanted.get("type", [])
    choices = wanted.get("enum") or [wanted.get("const")]
    return (
        "string" in ([kinds] if isinstance(kinds, str) else kinds)
        or any(isinstance(c, str) for c in choices)
        or any(_may_be_text(option) for option in wanted.get("anyOf", ()))
    )


def _chat(value: Any) -> Any:
    """A chat's number, or the name of a public one."""
    if isinstance(value, str) and re.fullmatch(r"-?\d+", value):
        return int(value)
    if isinstance(value, str) and not re.fullmatch(r"@\w+", value):
        raise ApiError(400, "Bad Request: chat not found")
    return value
