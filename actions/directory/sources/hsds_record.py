"""The tolerant base of HSDS objects: what is null or of the wrong type counts as absent."""

from __future__ import annotations

import math
import re
from typing import Any

from pydantic import BaseModel, ValidationError, root_validator
from pydantic.fields import SHAPE_LIST, ModelField

from actions.directory.sources.text import plain as text_of

# Longer texts are cut: a card shows one sentence.
LONGEST_TEXT = 2000
# Entries that are read of a list: of schedules, locations, phones and the like.
LONGEST_LIST = 200
# Most values: nothing in them needs a second look.
_PLAIN = re.compile(r"[\w@.:,/+-]{1,200}", re.ASCII)
# What can be asked for by its id; the standard wants a uuid, older feeds use numbers.
USABLE_ID = re.compile(r"[A-Za-z0-9][\w.:-]{0,99}", re.ASCII)


def plain(value: Any) -> str:
    """Text without markup on one line; "" for what is no text and no number."""
    if isinstance(value, bool) or not isinstance(value, (str, int, float)):
        return ""
    try:
        text = str(value)[: 10 * LONGEST_TEXT]
    except ValueError:  # a number of thousands of digits
        return ""
    if _PLAIN.fullmatch(text):
        return text
    return text_of(text)[:LONGEST_TEXT].strip()


def number(value: Any) -> float | None:
    """A finite number, also when it is written as text."""
    if isinstance(value, bool) or not isinstance(value, (int, float, str)):
        return None
    try:
        found = float(value)
    except (ValueError, OverflowError):
        return None
    return found if math.isfinite(found) else None


class Record(BaseModel):
    """Base of the objects: fields are text, numbers, other objects, and lists of objects."""

    class Config:
        """Records are only read."""

        allow_mutation = False
        extra = "ignore"

    @root_validator(pre=True)
    def _tolerant(cls, values: dict[str, Any]) -> dict[str, Any]:
        fields = cls.__fields__
        read = {
            name: _read(fields[name], value) for name, value in values.items() if name in fields and value is not None
        }
        return {name: value for name, value in read.items() if value is not None}


def _read(field: ModelField, value: Any) -> Any:
    if isinstance(field.type_, type) and issubclass(field.type_, Record):
        if field.shape != SHAPE_LIST:
            return _object(field.type_, value)
        found = [_object(field.type_, item) for item in (value[:LONGEST_LIST] if isinstance(value, list) else [])]
        return [item for item in found if item is not None]
    return number(value) if field.type_ is float else plain(value)


def _object(kind: type[Record], value: Any) -> Record | None:
    try:
        return kind.parse_obj(value) if isinstance(value, dict) else None
    except ValidationError:
        return None
