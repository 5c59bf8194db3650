"""YAML that people edit, read within limits: no aliases, no endless nesting, one kind of error.

An alias can make a few lines grow without end, nesting can overrun the stack of the parser, and a day such as
2026-13-01 or a number of 5,000 digits raises errors that are none of YAML's.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

LONGEST = 8_000_000  # characters; the longest file of ours has a tenth of that
DEEPEST = 60  # ours go down 8 levels
_LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
# Where an anchor may begin; what has none has no alias either.
_ANCHOR = re.compile(r"(?:^|[\s,\[{:?-])&[^\s&]", re.MULTILINE)
# A line that begins so far inside, or with so many dashes, may be nested deeply.
_FAR_INSIDE = re.compile(rf"^[ \t?:-]{{{DEEPEST}}}", re.MULTILINE)
_BRACKET = re.compile(r"[\[\]{}]")


class UnusableYaml(yaml.YAMLError):
    """YAML that can be read but is not to be used; the message says why in plain words."""


def load(text: str | bytes) -> Any:
    """What the text says; yaml.YAMLError when it is no YAML, or none that an editor writes."""
    if isinstance(text, bytes):
        try:
            text = text.decode("utf-8")
        except UnicodeDecodeError as exc:
            raise UnusableYaml("is not UTF-8") from exc
    if len(text) > LONGEST:
        raise UnusableYaml(f"is longer than {LONGEST} characters")
    if _ANCHOR.search(text) or _FAR_INSIDE.search(text) or _open_brackets(text) > DEEPEST:
        _inspect(text)
    try:
        return yaml.load(text, Loader=_LOADER)
    except yaml.YAMLError:
        raise
    except (ValueError, ArithmeticError, TypeError, LookupError, RecursionError, AttributeError) as exc:
        raise UnusableYaml(f"holds a day or a number that does not exist ({exc.__class__.__name__})") from exc


def _open_brackets(text: str) -> int:
    """Most brackets that are open at once, those inside of texts counted, too: rather too many than too few."""
    most = depth = 0
    for found in _BRACKET.finditer(text):
        depth = depth + 1 if found[0] in "[{" else max(0, depth - 1)
        most = max(most, depth)
    return most


def _inspect(text: str) -> None:
    """Look at the events, which the parser gives out without building anything."""
    depth = 0
    for event in yaml.parse(text, Loader=_LOADER):
        if isinstance(event, yaml.AliasEvent):
            raise UnusableYaml(f"uses an alias (*{str(event.anchor)[:40]}); write the value itself")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
            if depth > DEEPEST:
                raise UnusableYaml(f"is nested more than {DEEPEST} levels deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
