"""XLSX files: written as text throughout, read without trusting them. Formulas are neither kept nor calculated."""

from __future__ import annotations

import io
import re
import warnings
import zipfile
from collections.abc import Iterable, Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.read_only import EMPTY_CELL
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from bot.directory_tools.limits import (
    MAX_COLUMNS,
    MAX_PARTS,
    MAX_RATIO,
    MAX_ROWS,
    MAX_UNPACKED_BYTES,
    MAX_XLSX_BYTES,
    TableError,
)

SHEET = "services"
TEXT_FORMAT = "@"
ENCODING = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([^\"']*)[\"']")
# The format's own way to write a character by its code.
CODE = re.compile(r"_x([0-9A-Fa-f]{4})_")


def letter(index: int) -> str:
    """The letter a spreadsheet shows for a column counted from 0."""
    return str(get_column_letter(index + 1)) if index < 18_000 else str(index + 1)


def read(path: Path) -> tuple[list[tuple[int, list[str]]], dict[tuple[int, int], str]]:
    """Rows as (number, texts), and what is wrong with single cells by (row number, column index).

    The sheet called services is read, else the first. TableError for what is no workbook or too large.
    """
    content = path.read_bytes()
    if len(content) > MAX_XLSX_BYTES:
        raise TableError(f"the file is larger than {MAX_XLSX_BYTES // 1_000_000} MB")
    _inspect(content)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
            if not book.worksheets:
                raise TableError("the workbook has no sheet")
            sheet: Any = next((s for s in book.worksheets if s.title.casefold() == SHEET), book.worksheets[0])
            sheet.reset_dimensions()  # what the file says about its size need not be true
            return _rows(sheet)
    except TableError:
        raise
    except Exception as exc:  # openpyxl lets every kind of error out of a damaged file
        raise TableError(f"the workbook is damaged ({exc.__class__.__name__}); save it again as .xlsx") from exc


def _inspect(content: bytes) -> None:
    """Refuse archives that grow without measure and XML that defines entities, before anything parses them."""
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            if len(parts) > MAX_PARTS or sum(part.file_size for part in parts) > MAX_UNPACKED_BYTES:
                raise TableError("the workbook becomes too large when it is unpacked")
            for part in parts:
                if part.file_size > 1_000_000 and part.file_size > MAX_RATIO * max(part.compress_size, 1):
                    raise TableError("the workbook becomes too large when it is unpacked")
                # zipfile never gives out more than file_size
                # A part is what the workbook says it is, whatever its name ends with.
                body = archive.read(part)
                if part.filename.casefold().endswith((".xml", ".rels", ".vml")) or _like_xml(body):
                    _inspect_xml(body)
    except TableError:
        raise
    except Exception as exc:  # as above: zipfile and zlib have errors of many kinds
        raise TableError(f"the workbook is damaged ({exc.__class__.__name__}); save it again as .xlsx") from exc


def _like_xml(body: bytes) -> bool:
    return body.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00<")) or body[:100].lstrip(
        b"\xef\xbb\xbf \t\r\n"
    ).startswith(b"<")


def _inspect_xml(xml: bytes) -> None:
    named = ENCODING.search(xml[:300])
    if b"<!DOCTYPE" in xml or b"<!ENTITY" in xml or b"\x00" in xml[:300]:
        raise TableError("the workbook holds XML that no spreadsheet writes")
    if named and named[1].lower() not in (b"utf-8", b"us-ascii"):
        raise TableError("the workbook holds XML that no spreadsheet writes")


def _rows(sheet: Any) -> tuple[list[tuple[int, list[str]]], dict[tuple[int, int], str]]:
    rows = []
    wrong: dict[tuple[int, int], str] = {}
    for number, row in enumerate(sheet.iter_rows(max_col=MAX_COLUMNS), 1):
        if number > MAX_ROWS + 1:
            raise TableError(f"the table has more than {MAX_ROWS} rows")
        if all(cell is EMPTY_CELL for cell in row):
            continue
        texts = []
        for index, cell in enumerate(row):
            if cell.data_type == "f":
                wrong[number, index] = "holds a formula; write the value itself"
            elif cell.data_type == "e":
                wrong[number, index] = "holds an error of the spreadsheet"
            texts.append("" if (number, index) in wrong else _text(cell))
        if any(texts) or any((number, index) in wrong for index in range(len(texts))):
            rows.append((number, texts))
    return rows, wrong


def _text(cell: Any) -> str:
    value = cell.value
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        if value.time() != time(0):
            return value.isoformat(" ")
        # A cell that shows no day holds a month: Excel keeps 2024-05 as the first of May.
        shows = re.sub(r"\[[^][]*\]|\"[^\"]*\"|\\.", "", str(cell.number_format or "d")).casefold()
        return value.date().isoformat() if re.search("[dt]", shows) else value.strftime("%Y-%m")
    if isinstance(value, date):
        return value.isoformat()
    return CODE.sub(lambda found: chr(int(found[1], 16)), str(value))


def write(rows: Iterable[Sequence[str]]) -> bytes:
    """A workbook with one sheet. Every cell is text and stays so when a spreadsheet saves it."""
    book = Workbook(write_only=True)
    sheet: Any = book.create_sheet(SHEET)
    sheet.freeze_panes = "C2"
    for number, row in enumerate(rows):
        if number > MAX_ROWS:
            raise TableError(f"more than {MAX_ROWS} records do not fit; choose a topic or a district")
        if number == 0:
            for index, name in enumerate(row):
                dimension = sheet.column_dimensions[letter(index)]
                dimension.width = 40 if name in ("name", "description", "notes") else 18
                dimension.number_format = TEXT_FORMAT  # for rows that editors add
        sheet.append([_cell(sheet, text, heading=number == 0) for text in row])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _cell(sheet: Any, text: str, heading: bool) -> Any:
    # An apostrophe of the text itself is doubled, as in CSV; for "=…" the type says that it is text.
    text = "'" + text if text.startswith("'") else text
    cell: Any = WriteOnlyCell(sheet, value=None)
    if text:
        cell.value = CODE.sub(r"_x005F_x\1_", text)
        cell.data_type = "s"
    cell.number_format = TEXT_FORMAT
    cell.quotePrefix = True
    if heading:
        cell.font = Font(bold=True)
    return cell
