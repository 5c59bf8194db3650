"""Attack texts for one regular expression, made of its own parts, and the work it does on them.

A worker process reads patterns as JSON lines and answers for each whether its work grows faster than the text; who
starts it ends it when it says nothing for too long. Work is processor time, the least of several tries.
"""

from __future__ import annotations

import json
import os
import re
import sre_parse
import sys
import time
from collections.abc import Callable, Iterator
from typing import Any

# Texts of a quarter and of the whole of this length are compared.
# About so many attacks a pattern; more find more and take longer.
MOST_ATTACKS = int(os.environ.get("PUMPING_ATTACKS", "24"))
ENDS = ("", "\x00", "!", "@")
# Work on the longest text that is nobody's concern, in seconds, and how many times more than a quarter of it takes.
FAST, GROWTH = 0.03, 9.0
# So few repetitions take no time unless their number is doubled by each.
EXPONENTIAL = 24


def attacks(pattern: str, flags: int) -> list[tuple[str, str, str]]:
    """Beginning, what is repeated, end."""
    tree = sre_parse.parse(pattern, flags)
    whole = _example(tree)
    pumps: list[str] = []
    starts = [""]
    for before, body in _repeats(tree, ""):
        example = _example(body) or "a"
        pumps += [example, *(sorted(set(_letters(body)))[:6])]
        starts += [before]
        pumps += [a + b for a in list(_letters(body))[:3] for b in list(_letters(body))[:3] if a != b][:4]
    pumps += [*list(_letters(tree))[:8], whole, whole[:-1], " ", "0", "a"]
    some = list(dict.fromkeys(_letters(tree)))[:40]
    pumps += [a + b for a in some if a in "aX0 " for b in some if b in ".,-/: "][:6]
    starts += [whole[: len(whole) // 2]]
    chosen: list[tuple[str, str, str]] = []
    for pump in dict.fromkeys(filter(None, pumps)):
        for start in list(dict.fromkeys(starts))[:5]:
            for end in ENDS:
                chosen.append((start, pump, end))
    step = max(1, len(chosen) // MOST_ATTACKS)
    return chosen[::step][: 2 * MOST_ATTACKS]


def _repeats(tree: Any, before: str) -> Iterator[tuple[str, Any]]:
    """Every repetition of a pattern, with an example of what stands before it."""
    said = before
    for name, value in tree:
        kind = str(name)
        if kind in ("MAX_REPEAT", "MIN_REPEAT"):
            _least, most, body = value
            if most > 8:
                yield said, body
            yield from _repeats(body, said)
        elif kind == "SUBPATTERN":
            yield from _repeats(value[-1], said)
        elif kind == "BRANCH":
            for branch in value[1]:
                yield from _repeats(branch, said)
        elif kind in ("ASSERT", "ASSERT_NOT"):
            yield from _repeats(value[1], said)
        elif kind == "GROUPREF_EXISTS":
            for branch in filter(None, value[1:]):
                yield from _repeats(branch, said)
        said += _example([(name, value)])


def _example(tree: Any) -> str:
    """A short text that fits, as far as that is easy."""
    said = ""
    for name, value in tree:
        kind = str(name)
        if kind == "LITERAL":
            said += chr(value)
        elif kind == "NOT_LITERAL":
            said += "a" if value != ord("a") else "b"
        elif kind == "ANY":
            said += "x"
        elif kind == "IN":
            said += next(iter(_members(value)), "a")
        elif kind in ("MAX_REPEAT", "MIN_REPEAT"):
            least, most, body = value
            said += _example(body) * min(max(least, 1), 12) if most else ""
        elif kind == "SUBPATTERN":
            said += _example(value[-1])
        elif kind == "BRANCH":
            said += _example(value[1][0])
    return said


def _letters(tree: Any) -> Iterator[str]:
    """One letter for every set of letters in a pattern."""
    for name, value in tree:
        kind = str(name)
        if kind == "LITERAL":
            yield chr(value)
        elif kind == "IN":
            yield from list(_members(value))[:4]
        elif kind in ("ANY", "NOT_LITERAL"):
            yield "x"
        elif kind in ("MAX_REPEAT", "MIN_REPEAT"):
            yield from _letters(value[2])
        elif kind == "SUBPATTERN":
            yield from _letters(value[-1])
        elif kind == "BRANCH":
            for branch in value[1]:
                yield from _letters(branch)


_CATEGORIES = {"CATEGORY_DIGIT": "0", "CATEGORY_WORD": "a0", "CATEGORY_SPACE": " \n", "CATEGORY_NOT_DIGIT": "a ",
               "CATEGORY_NOT_WORD": " .", "CATEGORY_NOT_SPACE": "a0"}  # fmt: skip


def _members(items: Any) -> Iterator[str]:
    """Letters of a set; for what is left out of one, letters that are not."""
    if items and str(items[0][0]) == "NEGATE":
        refused = set(_members(items[1:]))
        yield from (c for c in "a0 .x-<@" if c not in refused)
        return
    for name, value in items:
        kind = str(name)
        if kind == "LITERAL":
            yield chr(value)
        elif kind == "RANGE":
            yield chr(value[0])
        elif kind == "CATEGORY":
            yield from _CATEGORIES.get(str(value), "a")


def slow(pattern: str, flags: int, anywhere: bool, longest: int) -> str:
    """The attack on which work grows faster than the text, "" when none does."""
    compiled = re.compile(pattern, flags)
    run: Callable[[str], Any] = (
        (lambda text: sum(1 for _ in compiled.finditer(text))) if anywhere else compiled.fullmatch
    )
    for start, pump, end in attacks(pattern, flags):
        few = start + pump * (EXPONENTIAL // max(1, min(len(pump), 4))) + end
        if _work(run, few, 1) > FAST and _work(run, few, 3) > FAST:
            return f"{start!r} + {pump!r} * few + {end!r}"
        short, long = ((start + pump * (size // len(pump)))[:size] + end for size in (longest // 4, longest))
        if _work(run, long, 1) <= FAST:
            continue
        if _work(run, long, 3) > FAST and _work(run, long, 3) > GROWTH * max(_work(run, short, 5), 1e-5):
            return f"{start!r} + {pump!r} * {longest // len(pump)} + {end!r}"
    return ""


def _work(run: Callable[[str], Any], text: str, tries: int) -> float:
    least = float("inf")
    for _ in range(tries):
        began = time.process_time()
        run(text)
        least = min(least, time.process_time() - began)
    return least


def main() -> None:
    """Answers one line for each line read."""
    for line in sys.stdin:
        pattern, flags, anywhere, longest = json.loads(line)
        print(json.dumps(slow(pattern, flags, anywhere, longest)), flush=True)


if __name__ == "__main__":
    main()
