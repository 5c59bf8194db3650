"""Query parameters of the HSDS API: which list takes which, how they are read, what is refused."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timezone
from typing import Any

from bot.channels.web.protocol import ApiError

PER_PAGE = 50
MOST_PER_PAGE = 500
LONGEST_SEARCH = 200
# Parameters that say how to answer; every other one narrows the list.
FORMS = ("full_service", "full", "minimal")
_PAGING = ("page", "per_page", "format")
LISTS: dict[str, tuple[str, ...]] = {
    "services": (
        "search", "taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after", "minimal", "full", *_PAGING,
    ),
    "service_at_locations": (
        "search", "taxonomy_term_id", "taxonomy_id", "organization_id", "modified_after", "postcode", "proximity",
        "full", *_PAGING,
    ),
    "organizations": ("search", "full", "full_service", *_PAGING),
    "taxonomies": ("search", *_PAGING),
    "taxonomy_terms": ("search", "taxonomy_id", "top_only", "parent_id", *_PAGING),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Asked:
    """A query that was read: `form` is listed or one of FORMS; `per_page` None stands for everything."""

    form: str = "listed"
    ndjson: bool = False
    page: int = 1
    per_page: int | None = PER_PAGE
    filters: dict[str, Any] = field(default_factory=dict)


def read_query(resource: str, given: Mapping[str, Sequence[str]]) -> Asked:
    """The query of a list. Unknown and empty parameters are passed over; ApiError for what cannot be used."""
    values = {name: _read(name, given[name]) for name in LISTS[resource] if name in given}
    if values.get("full") and values.get("minimal"):
        raise _refused("full and minimal exclude each other.")
    form = next((name for name in FORMS if values.pop(name, False)), "listed")
    for name in FORMS:
        values.pop(name, None)
    # HSDS: what is minimal should come in one page.
    per_page = values.pop("per_page", None if form == "minimal" else PER_PAGE)
    ndjson = values.pop("format", "json") == "ndjson"
    return Asked(form, ndjson, values.pop("page", 1), per_page, values)


def read_flag(name: str, given: Mapping[str, Sequence[str]]) -> bool:
    """One true-or-false parameter of a single object."""
    return bool(_read(name, given[name])) if name in given else False


def _read(name: str, given: Sequence[str]) -> Any:
    if len(given) != 1:
        raise _refused(f"{name} is given more than once.")
    reader, rule = _READERS[name]
    try:
        return reader(given[0].strip())
    except (ValueError, OverflowError):
        raise _refused(f"{name} must be {rule}.") from None


def _refused(sentence: str) -> ApiError:
    return ApiError(400, "malformed", sentence)


def _number(most: int) -> Callable[[str], int]:
    def read(text: str) -> int:
        if not re.fullmatch(r"[0-9]{1,9}", text) or not 1 <= int(text) <= most:
            raise ValueError
        return int(text)

    return read


def _flag(text: str) -> bool:
    if text.lower() not in ("true", "1", "false", "0"):
        raise ValueError
    return text.lower() in ("true", "1")


def _matching(pattern: str) -> Callable[[str], str]:
    def read(text: str) -> str:
        if not re.fullmatch(pattern, text):
            raise ValueError
        return text.lower()

    return read


def _search(text: str) -> str:
    if len(text) > LONGEST_SEARCH:
        raise ValueError
    return text


def _moment(text: str) -> datetime:
    # The "+" of an offset arrives as a space when nobody encoded it; Python 3.10 reads no Z.
    day, separator, hour = text.partition("T")
    text = day + separator + hour.replace(" ", "+")
    moment = datetime.fromisoformat(re.sub(r"[zZ]$", "+00:00", text))
    return moment if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


_WHOLE = "a whole number from 1 to"
_ID = (_matching(r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"), "a UUID")
_TRUTH = (_flag, "true or false")
# How a parameter is read, and what it must be, as the error says it.
_READERS: dict[str, tuple[Callable[[str], Any], str]] = {
    "search": (_search, f"at most {LONGEST_SEARCH} characters long"),
    "page": (_number(10**6), f"{_WHOLE} {10**6}"),
    "per_page": (_number(MOST_PER_PAGE), f"{_WHOLE} {MOST_PER_PAGE}"),
    "format": (_matching("json|ndjson"), "json or ndjson"),
    "full": _TRUTH,
    "full_service": _TRUTH,
    "minimal": _TRUTH,
    "top_only": _TRUTH,
    "taxonomy_term_id": _ID,
    "taxonomy_id": _ID,
    "organization_id": _ID,
    "parent_id": _ID,
    "modified_after": (_moment, "an ISO 8601 date or date-time such as 2026-10-05T00:00:00Z"),
    "postcode": (_matching("[0-9]{5}"), "a German postcode of five digits"),
    "proximity": (_number(10**6), f"{_WHOLE} {10**6} (metres)"),
}
