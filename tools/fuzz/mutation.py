"""Changes JSON as JSON: a value becomes a hostile one, moves, comes twice or goes. Half of all changes are to bytes."""

from __future__ import annotations

import copy
import json
import random
from collections.abc import Callable
from typing import Any

Mutate = Callable[[bytes, int], bytes]

DEEP: list[Any] = []
for _ in range(80):
    DEEP = [DEEP]
# Texts that have broken something somewhere, and values of every other kind.
TEXTS = (
    "", " ", "/restart", "\uff0frestart", "\u200b/restart", "//restart", "\u202e/restart", "\u200f/back", "{x}",
    "{0.__class__}", "%s%n", "{{}}", "${jndi:x}", "\u202eabc\u202c", "\u2066abc\u2069", "\u061c\u200e", "\ud800", "\udfff a",
    "\x00", "a\x00b", "\x1b[31m", "<script>alert(1)</script>", "<img src=x onerror=alert(1)>", "\"><svg/onload=alert(1)>",
    "javascript:alert(1)", "data:text/html,x", "http://a@b.example/", "https://e.example/\u202egpj.exe", "http://[::1", "//x",
    "&lt;b&gt;", "&#x202e;", "<!--", "<![foo[x]]>", "<![CDATA[x]]>", "</title>", "<a", "\U000e0001\U000e0041", "\ufdfa" * 50,
    "e\u0301" * 30, "A" * 3000, "1" * 5000, "+49 900 123456", "0800 1234567", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00", "2026-02-30", "24/7", "Mo-Fr 09:00-25:00", "PH off", "week 1-53/2 Mo 10:00-12:00",
    '/inform{"place": "leipzig"}', '/inform{"place": "\\ud800"}', "NaN", "-0", "1e999", "²", "١٢٣",
)  # fmt: skip
VALUES: tuple[Any, ...] = (
    None, True, False, 0, -1, 2**31, 2**63, 10**400, 0.5, float("nan"), float("inf"), -float("inf"), 1e308, [], {}, [None],
    [[]], {"": ""}, {"a": {}}, DEEP, ["a"] * 600,
)  # fmt: skip


def json_mutator(mutate: Mutate) -> Callable[[bytes, int, int], bytes]:
    """A mutator for atheris.Setup; `mutate` is libFuzzer's own."""

    def change(data: bytes, longest: int, seed: int) -> bytes:
        dice = random.Random(seed)
        if dice.random() < 0.5:
            return mutate(data, longest)
        try:
            value = json.loads(data.decode("utf-8", "surrogatepass"))
        except (ValueError, RecursionError):
            return mutate(data, longest)
        for _ in range(dice.choice((1, 1, 1, 2, 4))):
            value = _changed(value, dice)
        try:
            made = json.dumps(value, ensure_ascii=dice.random() < 0.3).encode("utf-8", "surrogatepass")
        except (ValueError, RecursionError):
            return mutate(data, longest)
        return made if len(made) <= longest else mutate(data, longest)

    return change


def _changed(value: Any, dice: random.Random) -> Any:
    """One change somewhere inside."""
    places = _places(value)
    if not places:
        return dice.choice((dice.choice(TEXTS), copy.deepcopy(dice.choice(VALUES))))
    holder, key = dice.choice(places)
    what = dice.randrange(8)
    if what < 3:
        holder[key] = dice.choice(TEXTS)
    elif what == 3:
        holder[key] = copy.deepcopy(dice.choice(VALUES))
    elif what == 4:
        other, there = dice.choice(places)
        holder[key] = json.loads(json.dumps(other[there]))
    elif what == 5 and isinstance(holder[key], str):
        at = dice.randrange(len(holder[key]) + 1)
        holder[key] = holder[key][:at] + dice.choice(TEXTS) + holder[key][at:]
    elif what == 6 and isinstance(holder, list):
        holder.insert(key, json.loads(json.dumps(holder[key])))
    elif what == 7 and isinstance(holder, dict):
        del holder[key]
    else:
        holder[key] = [holder[key]]
    return value


def _places(value: Any) -> list[tuple[Any, Any]]:
    """Everything that stands in a list or an object, as (list or object, index or key)."""
    found: list[tuple[Any, Any]] = []
    waiting = [value]
    while waiting and len(found) < 2000:
        item = waiting.pop()
        keys = list(item) if isinstance(item, dict) else range(len(item)) if isinstance(item, list) else ()
        for key in keys:
            found.append((item, key))
            waiting.append(item[key])
    return found
