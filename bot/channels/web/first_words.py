"""The words of the empty chat window in every language, put into the module itself.

On a slow network each request costs half a second: with these one can begin to type as soon as `widget.js` is here,
while the other words and the drawing of answers are still on their way.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from typing import Any

KEYS = ("message", "send", "language", "leave", "typing", "open_chat", "close_chat")
PLACE = b"const FIRST = {};"


def first_words(strings: Callable[[str], dict[str, Any]], languages: Iterable[dict[str, str]]) -> dict[str, Any]:
    """Code to {language, dir, strings, languages}, as `GET /strings` gives them, with few strings and one language."""
    found = {}
    for offered in languages:
        words = strings(offered["code"])
        few = {key: words["strings"][key] for key in KEYS if key in words["strings"]}
        found[offered["code"]] = {
            "language": words["language"],
            "dir": words["dir"],
            "strings": few,
            "languages": [offered],
        }
    return found


def filled(module: bytes, first: dict[str, Any]) -> bytes:
    """The module with its table filled in; ValueError when it has none."""
    if module.count(PLACE) != 1:
        raise ValueError("widget.js has no table for the first words")
    table = json.dumps(first, ensure_ascii=False, separators=(",", ":"))
    return module.replace(PLACE, f"const FIRST = {table};".encode())
