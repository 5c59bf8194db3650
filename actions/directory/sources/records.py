"""Objects of upstreams as pydantic models: what is missing in them, and how lists of them are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError, root_validator


class Record(BaseModel):
    """An object of an upstream: unknown keys are ignored; a key that is null or "" counts as missing."""

    class Config:
        """Records are only read."""

        allow_mutation = False
        extra = "ignore"

    @root_validator(pre=True)
    def _empty_is_missing(cls, values: dict[str, Any]) -> dict[str, Any]:
        return {key: value for key, value in values.items() if value is not None and value != ""}


Kind = TypeVar("Kind", bound=Record)


def read(kind: type[Kind], rows: Iterable[Any]) -> tuple[list[Kind], Counter[str]]:
    """The rows that can be read, and for the others how often each reason occurred (field and error, no content)."""
    found: list[Kind] = []
    faults: Counter[str] = Counter()
    for row in rows:
        try:
            found.append(kind.parse_obj(row))
        except ValidationError as exc:
            first = exc.errors()[0]
            faults[f"{'.'.join(str(part) for part in first['loc'])}: {first['type']}"] += 1
        except (TypeError, AttributeError, RecursionError) as exc:
            faults[exc.__class__.__name__] += 1
    return found, faults
