"""What must hold of everything that got through a gate."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser
from typing import Any

# Control characters, marks that turn text around, tags, half characters. Line feeds are a channel's affair.
HARMFUL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]"
)
# The same without isolates, which our own sentences use.
TURNING = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u202a-\u202e\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e0fff]")
SLASHES = "/\u2044\u2215\u29f8\uff0f"
_PAGE_TAGS = frozenset("a b span p br ul li strong em".split())
_SCHEMES = ("http://", "https://", "tel:", "mailto:", "geo:")


def text_of(data: bytes) -> str:
    """Any bytes as text, half characters among them."""
    try:
        return data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return data.decode("latin-1")


def json_of(data: bytes) -> Any:
    """The JSON value of bytes as Python reads it; None when there is none."""
    try:
        return json.loads(data.decode("utf-8", "surrogatepass"))
    except (ValueError, RecursionError):
        return None


def texts_in(value: Any) -> list[str]:
    """All texts in a JSON value, at most a hundred levels deep."""
    found: list[str] = []
    waiting = [(value, 0)]
    while waiting:
        item, depth = waiting.pop()
        if isinstance(item, str):
            found.append(item)
        elif depth < 100 and isinstance(item, dict):
            waiting += [(part, depth + 1) for part in (*item.keys(), *item.values())]
        elif depth < 100 and isinstance(item, list):
            waiting += [(part, depth + 1) for part in item]
    return found


class _Markup(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.said: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.said.append(data)

    def handle_comment(self, data: str) -> None:
        self.tags.append(("!comment", {}))

    def handle_decl(self, decl: str) -> None:
        self.tags.append(("!decl", {}))

    def unknown_decl(self, data: str) -> None:
        self.tags.append(("!decl", {}))

    def handle_pi(self, data: str) -> None:
        self.tags.append(("!pi", {}))


def markup(html: str, allowed: frozenset[str] = _PAGE_TAGS) -> str:
    """The text of a piece of HTML; AssertionError when there is more markup in it than ours."""
    reader = _Markup()
    reader.feed(html)
    reader.close()
    for tag, attributes in reader.tags:
        assert tag in allowed, f"an element {tag}"
        assert not any(name.startswith("on") or name == "style" for name in attributes), f"attributes of {tag}"
        for name in ("href", "src", "action"):
            assert not attributes.get(name) or str(attributes[name]).lower().startswith(_SCHEMES), f"a {name}"
    return "".join(reader.said)
