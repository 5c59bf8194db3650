"""What differs between two states of the directory: records added, removed, and changed field by field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actions.directory.model import load_records, records_of
from bot.directory_tools import table
from bot.directory_tools.columns import Record, cells_of, columns, updated
from bot.directory_tools.house_style import ORDER
from bot.directory_tools.table import Fault, shortened

MAX_SHOWN = 300


@dataclass(frozen=True, slots=True)
class Change:
    """One record that differs; None where a side does not have it."""

    id: str
    old: Record | None
    new: Record | None

    def fields(self) -> list[tuple[str, str, str]]:
        """(column, old text, new text) of every value that differs, in the order of the table."""
        old, new = self.old or {}, self.new or {}
        before, after = _all_cells(old), _all_cells(new)
        size = max(_count(old), _count(new))
        names = [one.name for one in columns(size)]
        names += [name for name in {**before, **after} if name not in names]
        return [
            (n, before.get(n, ""), after.get(n, "")) for n in names if before.get(n) != after.get(n)
        ]  # fmt: skip


def changes(old: Sequence[Record], new: Sequence[Record]) -> list[Change]:
    """Every difference, by id. Of two records with one id the last counts."""
    before = {str(record.get("id")): record for record in old}
    after = {str(record.get("id")): record for record in new}
    return [
        Change(identity, before.get(identity), after.get(identity))
        for identity in sorted({**before, **after})
        if before.get(identity) != after.get(identity)
    ]


def other(path: Path, current: Sequence[Record]) -> tuple[list[Record], list[Fault]]:
    """The records of a folder, a YAML file or a table, and what is wrong in the table.

    A column the table does not have is taken from the current record. DirectoryError, TableError or OSError when it
    cannot be read.
    """
    if path.is_dir():
        return load_records(path), []
    if path.suffix.casefold() in (".yml", ".yaml"):
        return records_of(path.read_bytes(), path.name), []
    sheet = table.read(path)
    known = {str(record["id"]): record for record in current}
    faults = list(sheet.faults)
    records = []
    for row in sheet.rows:
        record, wrong = updated(known.get(row.cells.get("id", ""), {}), row.cells, sheet.encoding)
        faults += [sheet.fault(row.number, name, sentence) for name, sentence in wrong]
        records.append(record)
    return records, faults


def lines(found: Sequence[Change]) -> list[str]:
    """The differences for a terminal: + added, - removed, ~ changed with each field below, and a count."""
    text = []
    for change in found:
        record: Any = change.new or change.old
        sign = "~" if change.old and change.new else "+" if change.new else "-"
        text.append(f"{sign} {shortened(change.id)}  {shortened(str(record.get('name', '')))}")
        if sign == "~":
            text += [f"    {name}: {_value(old)} -> {_value(new)}" for name, old, new in change.fields()]
        elif sign == "+":
            text += [f"    {name}: {_value(new)}" for name, _, new in change.fields() if name not in ("id", "name")]
    counts = [sum(1 for c in found if (c.old is None, c.new is None) == kind) for kind in _KINDS]
    text.append(f"{counts[0]} added, {counts[1]} removed, {counts[2]} changed")
    return text


_KINDS = ((True, False), (False, True), (False, False))


def _value(text: str) -> str:
    return f'"{shortened(text, MAX_SHOWN)}"' if text else "(empty)"


def _all_cells(record: Record) -> dict[str, str]:
    """The cells, and keys which the table does not know as they stand."""
    extra = {f"{key} (no column)": repr(value) for key, value in record.items() if key not in ORDER}
    return cells_of(record) | extra


def _count(record: Record) -> int:
    sources = record.get("sources")
    return len(sources) if isinstance(sources, list) else 0
