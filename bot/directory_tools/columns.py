"""The columns of an editor's table: one record is one row, and back, changing nothing that was not changed."""

from __future__ import annotations

import copy
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from bot.directory_tools import cells
from bot.directory_tools.cells import CellError

Record = dict[str, Any]

READERS: dict[str, Callable[[str], Any]] = {
    "text": cells.words,
    "flag": cells.flag,
    "list": cells.values,
    "number": cells.number,
    "day": cells.day,
    "postcode": cells.postcode,
    "phone": cells.phone,
    "hours": cells.hours,
}


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, where the value stands in a record, and how a cell is read (a key of READERS)."""

    name: str
    path: tuple[str | int, ...]
    kind: str = "text"


def _at_top(*names: str, kind: str = "text") -> list[Column]:
    return [Column(name, (name,), kind) for name in names]


ORDER_OF_CHECKED = (
    "name", "organization", "description", "eligibility", "area", "address", "phone", "email", "url", "hours",
    "languages", "cost",
)  # fmt: skip
FIXED = (
    *_at_top("id", "name", "alternate_name", "organization", "status", "kind"),
    *_at_top("topics", kind="list"),
    *_at_top("description"),
    Column("eligibility", ("eligibility", "description")),
    Column("gender", ("eligibility", "gender")),
    Column("minimum_age", ("eligibility", "minimum_age"), "number"),
    Column("maximum_age", ("eligibility", "maximum_age"), "number"),
    Column("statuses", ("eligibility", "statuses"), "list"),
    *_at_top("area", kind="list"),
    Column("address_1", ("location", "address_1")),
    Column("city", ("location", "city")),
    Column("postal_code", ("location", "postal_code"), "postcode"),
    *_at_top("phone", kind="phone"),
    *_at_top("email", "url"),
    *_at_top("hours", kind="hours"),
    *_at_top("hours_note"),
    *_at_top("by_appointment", "telephone_only", kind="flag"),
    *_at_top("languages", kind="list"),
    *_at_top("interpreters", kind="flag"),
    *_at_top("cost"),
    *_at_top("free", "childcare", "wheelchair", kind="flag"),
    *_at_top("confidence"),
    *(Column(f"checked_{name}", ("checked", name), "day") for name in ORDER_OF_CHECKED),
    *_at_top("notes"),
)
SOURCE = (("url", "text"), ("seen", "day"), ("remark", "text"), ("supports", "list"))
MAX_SOURCES = 50
_BY_NAME = {column.name: column for column in FIXED}


def source_columns(number: int) -> list[Column]:
    """The four columns of the source with this number, counted from 1."""
    return [Column(f"source_{number}_{key}", ("sources", number - 1, key), kind) for key, kind in SOURCE]


def columns(sources: int) -> list[Column]:
    """All columns of a table whose records have up to that many sources."""
    return [*FIXED, *(column for number in range(1, sources + 1) for column in source_columns(number))]


def column(name: str) -> Column | None:
    """The column with this name, or None."""
    found = re.fullmatch(r"source_([1-9]\d?)_(\w+)", name)
    if found and int(found[1]) <= MAX_SOURCES:
        return next((c for c in source_columns(int(found[1])) if c.name == name), None)
    return _BY_NAME.get(name)


def cells_of(record: Record) -> dict[str, str]:
    """Column name to text of every value the record has; keys that no column holds are left out."""
    found = {}
    sources = record.get("sources")
    for one in columns(len(sources) if isinstance(sources, list) else 0):
        value = _get(record, one.path)
        if value is not None and value != "":
            found[one.name] = _text(value)
    return found


def updated(record: Record, given: Mapping[str, str], encoding: str = "") -> tuple[Record, list[tuple[str, str]]]:
    """The record with the cells of one row, and what is wrong with them as (column, sentence).

    A cell that says what the record says, in whatever form a spreadsheet left it, changes nothing. An empty
    cell takes the value away; a column that was not given leaves it. `checked` follows from the sources, so a
    new record's dates are never read.
    `encoding` is that of the file: characters which it cannot hold come back as question marks.
    """
    before = cells_of(record)
    new = copy.deepcopy(record)
    faults = []
    touched: dict[Column, Any] = {}
    for name, text in given.items():
        one = column(name)
        if one is None or _same(one, text, before.get(name, ""), encoding):
            continue
        if not record and one.path[0] == "checked":
            continue
        try:
            touched[one] = READERS[one.kind](text) if cells.tidy(text) else None
        except CellError as exc:
            faults.append((name, str(exc)))
    for one, value in touched.items():
        _set(new, one.path, value)
    if touched:
        _cleared(new)
        _follow_sources(record, new)
    dates = newest_dates(new) if touched else {}
    for one, value in touched.items():
        if one.path[0] == "checked" and dates.get(str(one.path[1])) != value:
            faults.append((one.name, "follows from the sources: change the date of a source that supports it"))
    return new, faults


def newest_dates(record: Record) -> dict[str, str]:
    """What `checked` says when it follows its rule: the newest date of the sources that support a field."""
    dates: dict[str, str] = {}
    holders = {"address": ("location",), "hours": ("hours", "hours_note")}
    for name in ORDER_OF_CHECKED:
        seen = [
            str(source.get("seen"))
            for source in record.get("sources") or []
            if name in (source.get("supports") or []) and source.get("seen") not in (None, "undated")
        ]
        if seen and any(key in record for key in holders.get(name, (name,))):
            dates[name] = max(seen)
    return dates


def _follow_sources(old: Record, new: Record) -> None:
    before, after = newest_dates(old), newest_dates(new)
    checked = dict(new.get("checked") or {})
    for name in ORDER_OF_CHECKED:
        if name in after and after[name] != before.get(name):
            checked[name] = after[name]
        elif name in before and name not in after:
            checked.pop(name, None)
    new.pop("checked", None)
    if checked:
        new["checked"] = checked


def _same(one: Column, given: str, was: str, encoding: str) -> bool:
    text, was = cells.tidy(given), cells.tidy(was)
    if text == was:
        return True
    if one.kind == "postcode" and text.isdecimal() and text.zfill(5) == was:
        return True  # a spreadsheet took it for a number
    if one.kind == "hours" and was == "24/7" and cells.july_24(text):
        return True
    if encoding and text == was.encode(encoding, "replace").decode(encoding):
        return True
    try:
        return bool(text and was) and bool(READERS[one.kind](text) == READERS[one.kind](was))
    except CellError:
        return False


def _text(value: Any) -> str:
    if value is True:
        return "yes"
    if isinstance(value, list):
        return cells.join([str(item) for item in value])
    return str(value)


def _get(record: Any, path: tuple[str | int, ...]) -> Any:
    for key in path:
        if isinstance(key, str) and isinstance(record, dict):
            record = record.get(key)
        elif isinstance(key, int) and isinstance(record, list) and key < len(record):
            record = record[key]
        else:
            return None
    return record


def _set(record: Record, path: tuple[str | int, ...], value: Any) -> None:
    first, *rest = path
    assert isinstance(first, str)
    holder: Any = record
    if rest:
        holder = record.setdefault(first, [] if isinstance(rest[0], int) else {})
    if len(rest) == 2:
        holder.extend({} for _ in range(int(rest[0]) + 1 - len(holder)))
        holder = holder[int(rest[0])]
    last = str(path[-1])
    if value is None or value is False or value == []:
        holder.pop(last, None)
    else:
        holder[last] = value


def _cleared(record: Record) -> None:
    """Takes mappings and sources away that became empty."""
    if "sources" in record:
        record["sources"] = [source for source in record["sources"] if source]
    for key in ("sources", "location", "eligibility", "checked"):
        if key in record and not record[key]:
            del record[key]
