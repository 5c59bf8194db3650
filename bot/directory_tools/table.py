"""A table on disk: CSV as German Excel and LibreOffice write it, or XLSX (bot/directory_tools/workbook.py)."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from bot.directory_tools import workbook
from bot.directory_tools.cells import neutral, plain, tidy, unwritable
from bot.directory_tools.columns import Record, cells_of, column, columns
from bot.directory_tools.limits import (
    MAX_CELL,
    MAX_COLUMNS,
    MAX_CSV_BYTES,
    MAX_FAULTS,
    MAX_ROWS,
    MAX_XLSX_BYTES,
    TableError,
)

OLD_EXCEL = b"\xd0\xcf\x11\xe0"
DELIMITERS = ";,\t"


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong in a cell: row as the spreadsheet counts (0: the file), column name, a sentence."""

    row: int
    column: str
    sentence: str

    def __str__(self) -> str:
        where = ", ".join(x for x in (f"row {self.row}" if self.row else "", self.column) if x)
        return f"{where}: {self.sentence}" if where else self.sentence


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table: its number, and column name to text."""

    number: int
    cells: dict[str, str]


@dataclass(frozen=True, slots=True)
class Table:
    """What a file holds. `letters` maps column names to A, B, …; `encoding` is set when it cannot hold all letters."""

    rows: tuple[Row, ...]
    letters: dict[str, str]
    faults: tuple[Fault, ...]
    encoding: str = ""

    def fault(self, row: int, name: str, sentence: str) -> Fault:
        """A fault in a named column, with the letter a spreadsheet shows for it."""
        letter = self.letters.get(name)
        return Fault(row, f"column {name} ({letter})" if letter else f"column {name}" if name else "", sentence)


def read(path: Path) -> Table:
    """Read a CSV or XLSX file, whatever its name says; TableError when it is no table of ours."""
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            start = file.read(4)
            if start.startswith(b"PK"):
                _no_larger(size, MAX_XLSX_BYTES)
                return _table(*workbook.read(path))
            if start == OLD_EXCEL:
                raise TableError("this is an old or password-protected Excel file; save it as .xlsx without a password")
            _no_larger(size, MAX_CSV_BYTES)
            content = start + file.read(MAX_CSV_BYTES)
    except OSError as exc:
        raise TableError(f"{path}: {exc.strerror or exc.__class__.__name__}") from exc
    text, encoding = _decoded(content)
    return _table(_csv_rows(text), {}, encoding)


def _no_larger(size: int, limit: int) -> None:
    if size > limit:
        raise TableError(f"the file is larger than {limit // 1_000_000} MB")


def _decoded(content: bytes) -> tuple[str, str]:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return content.decode("utf-16"), ""
        except UnicodeDecodeError as exc:
            raise TableError("the file begins like UTF-16 but is not") from exc
    try:
        return content.decode("utf-8-sig"), ""
    except UnicodeDecodeError:
        pass
    try:
        return content.decode("cp1252"), "cp1252"
    except UnicodeDecodeError as exc:
        raise TableError("the file is neither UTF-8 nor Windows-1252 text") from exc


def _csv_rows(text: str) -> list[tuple[int, list[str]]]:
    first, _, rest = text.partition("\n")
    skipped = 0
    delimiter = ""
    if first.strip().casefold().startswith("sep=") and len(first.strip()) == 5:
        delimiter, text, skipped = first.strip()[4], rest, 1  # Excel's own hint
        first = text.partition("\n")[0]
    delimiter = delimiter or max(DELIMITERS, key=first.count)
    rows = []
    try:
        for number, row in enumerate(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True), 1):
            if number > MAX_ROWS + 1:
                raise TableError(f"the table has more than {MAX_ROWS} rows")
            if len(row) > MAX_COLUMNS and any(row[MAX_COLUMNS:]):
                raise TableError(f"row {number + skipped} has more than {MAX_COLUMNS} columns")
            rows.append((number + skipped, row[:MAX_COLUMNS]))
    except (csv.Error, TypeError, ValueError) as exc:
        if isinstance(exc, TableError):
            raise
        raise TableError(f"row {len(rows) + 1 + skipped} is not well-formed CSV ({exc})") from exc
    return rows


def _table(
    rows: Iterable[tuple[int, Sequence[str]]], bad_cells: dict[tuple[int, int], str], encoding: str = ""
) -> Table:
    """`bad_cells` maps (row number, column index) to what is wrong with a cell that has no text."""
    faults: list[Fault] = []
    found: list[Row] = []
    names: list[str] = []
    letters: dict[str, str] = {}
    for number, row in rows:
        texts = [tidy(plain(tidy(text))) for text in row]
        if not names:
            if any(texts):
                names, letters = _header(number, texts, faults)
            continue
        given: dict[str, str] = {}
        for index, text in enumerate(texts):
            name = names[index] if index < len(names) else ""
            wrong = bad_cells.get((number, index))
            if wrong:
                where = f"{name} ({workbook.letter(index)})" if name else workbook.letter(index)
                faults.append(Fault(number, f"column {where}", wrong))
            elif name:
                given[name] = text
            elif text and index >= len(names):
                faults.append(Fault(number, f"column {workbook.letter(index)}", "a value to the right of all columns"))
        if any(given.values()):
            found.append(Row(number, given))
        if len(faults) > MAX_FAULTS:
            raise TableError(f"the table has more than {MAX_FAULTS} faults; the first: {faults[0]}")
    if "id" not in letters:
        raise TableError("no column is called id in the first row; is this a table made by export?")
    return Table(tuple(found), letters, tuple(faults), encoding)


def _header(number: int, texts: list[str], faults: list[Fault]) -> tuple[list[str], dict[str, str]]:
    names: list[str] = []
    letters: dict[str, str] = {}
    for index, text in enumerate(texts):
        name = text.casefold()
        where = f"column {workbook.letter(index)}"
        if name and column(name) is None:
            faults.append(Fault(number, where, f"there is no column called {shortened(text)}"))
            name = ""
        elif name in letters:
            faults.append(Fault(number, where, f"the column {name} is there twice"))
            name = ""
        if name:
            letters[name] = workbook.letter(index)
        names.append(name)
    return names, letters


def shortened(text: str, limit: int = 120) -> str:
    """The text on one line, unprintable characters as U+…, cut at a limit: for messages and terminals."""
    line = "".join(c if c.isprintable() else "⏎" if c == "\n" else f"<U+{ord(c):04X}>" for c in text)
    return line if len(line) <= limit else line[: limit - 1] + "…"


def rows_of(records: Sequence[Record]) -> list[list[str]]:
    """Header and one row a record. TableError names a value that no table can carry."""
    sources = max((len(record.get("sources") or []) for record in records), default=0)
    names = [one.name for one in columns(min(sources + 1, 50))]
    rows = [names]
    for record in records:
        texts = cells_of(record)
        for name, text in texts.items():
            bad = unwritable(text)
            if bad or "\r" in text or len(text) > MAX_CELL:
                why = "is too long for a cell" if len(text) > MAX_CELL else f"holds a character ({bad or 'U+000D'})"
                raise TableError(f"{shortened(str(record.get('id')))}: {name} {why} that no table can carry")
        rows.append([texts.get(name, "") for name in names])
    return rows


def write_csv(rows: Iterable[Sequence[str]]) -> bytes:
    """CSV that German Excel opens by a double click: UTF-8 with BOM, semicolons, no live formulas."""
    out = io.StringIO(newline="")
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    for row in rows:
        writer.writerow([neutral(text) for text in row])
    return out.getvalue().encode("utf-8-sig")
