"""Objects of upstreams as pydantic models: what is missing in them, and how lists of them are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError, root_validator

from actions.directory.sources.text import tidy

# Entries that are read of a list inside of a record; the most that were seen were fifty.
LONGEST_LIST = 500


class Record(BaseModel):
    """An object of an upstream: unknown keys are ignored; a key that is null or "" counts as missing.

    Texts are cut at 20,000 letters and lose what turns text around; lists end after 500 entries.
    """

    class Config:
        """Records are only read."""

        allow_mutation = False
        extra = "ignore"

    @root_validator(pre=True)
    def _empty_is_missing(cls, values: dict[str, Any]) -> dict[str, Any]:
        known = {key: _bounded(value) for key, value in values.items() if key in cls.__fields__}
        return {key: value for key, value in known.items() if value is not None and value != ""}


def _bounded(value: Any) -> Any:
    if isinstance(value, str):
        return tidy(value)
    return value[:LONGEST_LIST] if isinstance(value, list) else value


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
        except (TypeError, AttributeError, ArithmeticError, RecursionError) as exc:
            faults[exc.__class__.__name__] += 1
    return found, faults
