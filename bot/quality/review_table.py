"""The table a reviewer fills in, XLSX or CSV: one row a message, one column for the decision."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from bot.directory_tools import workbook
from bot.directory_tools.cells import neutral, plain
from bot.directory_tools.limits import TableError
from bot.quality.review_clusters import Proposal

COLUMNS = ("cluster", "decision", "proposed", "text", "language", "size", "reason", "second", "third", "id")
YES, NO = frozenset({"y", "yes", "j", "ja", "x", "ok"}), frozenset({"n", "no", "nein", "-"})
# Behind a decision: it holds for all rows of the cluster that have none.
ALL = "*"


@dataclass(frozen=True)
class Decided:
    """What was decided of one row; `intent` is "" for a message to drop. `row` counts as the spreadsheet does."""

    row: int
    id: int
    text: str
    language: str
    intent: str


def write(path: Path, rows: Iterable[Proposal]) -> None:
    """Write the table; TableError for a name that ends neither in .xlsx nor in .csv."""
    lines = [list(COLUMNS), *([str(x) for x in _cells(row)] for row in rows)]
    if path.suffix.lower() == ".xlsx":
        path.write_bytes(workbook.write(lines))
    elif path.suffix.lower() == ".csv":
        out = io.StringIO()
        writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
        writer.writerows([neutral(cell) for cell in line] for line in lines)
        path.write_text(out.getvalue(), encoding="utf-8-sig")
    else:
        raise TableError("the name of the table must end in .xlsx or .csv")


def _cells(row: Proposal) -> tuple[object, ...]:
    first, second, third = (*row.intents, "", "", "")[:3]
    message = row.message
    return (row.cluster, "", first, message.text, message.language, row.size, message.kind, second, third, message.id)


def read(path: Path) -> tuple[list[Decided], list[str]]:
    """Decisions and what is wrong with rows, as sentences; rows without a decision are left out."""
    lines, faults = _lines(path)
    if not lines or not {"decision", "proposed", "text", "language", "id", "cluster"} <= set(lines[0][1]):
        raise TableError(f"the first row must hold {', '.join(COLUMNS)}")
    names = lines[0][1]
    rows = [(number, dict(zip(names, cells, strict=False))) for number, cells in lines[1:]]
    for_all: dict[str, str] = {}
    for number, row in rows:
        said = row.get("decision", "").strip()
        if said.endswith(ALL) and for_all.setdefault(row.get("cluster", ""), said[:-1]) != said[:-1]:
            faults.append(f"row {number}: the cluster has two decisions with {ALL}")
    found = []
    for number, row in rows:
        said = row.get("decision", "").strip().removesuffix(ALL) or for_all.get(row.get("cluster", ""), "")
        if not said:
            continue
        identity = row.get("id", "").strip()
        if not identity.isdecimal():
            faults.append(f"row {number}: the id is gone; export the table again")
            continue
        intent = row.get("proposed", "").strip() if said.lower() in YES else "" if said.lower() in NO else said
        text = " ".join(row.get("text", "").split())
        found.append(Decided(number, int(identity), text, row.get("language", "").strip(), intent))
    return found, faults


def _lines(path: Path) -> tuple[list[tuple[int, list[str]]], list[str]]:
    if path.read_bytes()[:2] == b"PK":
        rows, wrong = workbook.read(path)
        return [(n, [plain(c) for c in cells]) for n, cells in rows], [
            f"row {n}: a cell {s}" for (n, _), s in wrong.items()
        ]
    try:
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as exc:
        raise TableError("the table is neither XLSX nor CSV in UTF-8") from exc
    first = text.partition("\n")[0]
    delimiter = max(";,\t", key=first.count)
    try:
        rows = list(enumerate(csv.reader(io.StringIO(text), delimiter=delimiter), 1))
    except csv.Error as exc:
        raise TableError(f"the table cannot be read ({exc})") from exc
    return [(n, [plain(cell) for cell in cells]) for n, cells in rows if any(cells)], []
