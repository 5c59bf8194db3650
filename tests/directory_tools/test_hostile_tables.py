"""Files that want to harm, or are simply broken, are refused with one clear sentence."""

from __future__ import annotations

import io
import tracemalloc
import zipfile
from pathlib import Path

import openpyxl
import pytest

from bot.directory_tools import table, workbook
from bot.directory_tools.limits import MAX_CSV_BYTES, MAX_XLSX_BYTES, TableError

SHEET = "xl/worksheets/sheet1.xml"
NAMESPACE = b'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
ID = b'<row r="1"><c r="A1" t="inlineStr"><is><t>id</t></is></c></row>'
TEXT = b'<c r="%s" t="inlineStr"><is><t>x</t></is></c>'


def parts(tmp_path: Path, changed: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> Path:
    """A good workbook with some of its parts replaced or added."""
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(io.BytesIO(workbook.write([["id"], ["a"]]))) as good:
        content = {part.filename: good.read(part) for part in good.infolist()} | changed
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, body in content.items():
            archive.writestr(name, body)
    return path


def sheet(rows: bytes) -> dict[str, bytes]:
    return {SHEET: b"<worksheet " + NAMESPACE + b"><sheetData>" + rows + b"</sheetData></worksheet>"}


def test_the_good_workbook_is_read(tmp_path: Path) -> None:
    assert table.read(parts(tmp_path, {})).rows == (table.Row(2, {"id": "a"}),)
    assert table.read(parts(tmp_path, sheet(ID + b"<row r='2'>" + TEXT % b"A2" + b"</row>"))).rows[0].cells == {
        "id": "x"
    }


def test_too_large_a_workbook(tmp_path: Path) -> None:
    path = parts(tmp_path, {"xl/media/a.bin": b"x" * (MAX_XLSX_BYTES + 1)}, zipfile.ZIP_STORED)
    with pytest.raises(TableError, match="larger than 5 MB"):
        table.read(path)


def test_too_large_a_csv(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    with path.open("wb") as file:
        file.truncate(MAX_CSV_BYTES + 1)
    with pytest.raises(TableError, match="larger than 20 MB"):
        table.read(path)


@pytest.mark.parametrize("name", [SHEET, "xl/sharedStrings.xml", "xl/media/a.bin"])
def test_a_zip_bomb_is_refused_before_it_is_unpacked(name: str, tmp_path: Path) -> None:
    path = parts(tmp_path, {name: b" " * 30_000_000})
    assert path.stat().st_size < 100_000
    tracemalloc.start()
    with pytest.raises(TableError, match="too large when it is unpacked"):
        table.read(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 10_000_000


def test_a_zip_bomb_of_many_parts(tmp_path: Path) -> None:
    path = parts(tmp_path, {f"xl/media/{number}.bin": b"" for number in range(1_001)})
    with pytest.raises(TableError, match="too large when it is unpacked"):
        table.read(path)


def test_a_zip_that_lies_about_its_sizes(tmp_path: Path) -> None:
    path = parts(tmp_path, {SHEET: b"<!--" + b" " * 30_000_000 + b"-->"})
    content = path.read_bytes()
    true_size = (30_000_007).to_bytes(4, "little")
    assert content.count(true_size) == 2  # local header and directory
    path.write_bytes(content.replace(true_size, (1_000).to_bytes(4, "little")))
    with pytest.raises(TableError, match="damaged"):
        table.read(path)


LAUGHS = b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;">]><x>&b;</x>'


@pytest.mark.parametrize("name", [SHEET, "xl/workbook.xml", "[Content_Types].xml", "docProps/core.xml"])
@pytest.mark.parametrize(
    "xml",
    [
        LAUGHS,
        b'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>',
        LAUGHS.decode().encode("utf-16"),
        b'<?xml version="1.0" encoding="cp037"?><x/>',
    ],
)
def test_xml_with_entities_or_odd_encodings(name: str, xml: bytes, tmp_path: Path) -> None:
    with pytest.raises(TableError, match="no spreadsheet writes"):
        table.read(parts(tmp_path, {name: xml}))


@pytest.mark.parametrize("row", [50_003, 99_999_999_999])
def test_rows_far_below(row: int, tmp_path: Path) -> None:
    far = b'<row r="%d">%s</row>' % (row, TEXT % b"A9")
    with pytest.raises(TableError, match="more than 50000 rows"):
        table.read(parts(tmp_path, sheet(ID + far)))


def test_columns_far_right_are_not_looked_at(tmp_path: Path) -> None:
    far = b"".join(b'<row r="%d">%s</row>' % (n, TEXT % (b"XFD%d" % n)) for n in range(2, 50))
    assert table.read(parts(tmp_path, sheet(ID + far))).rows == ()


@pytest.mark.parametrize("size", [b"A1:XFD1048576", b"A1:A1"])
def test_a_size_that_the_sheet_only_claims(size: bytes, tmp_path: Path) -> None:
    rows = ID + b'<row r="2">' + TEXT % b"A2" + b"</row>"
    xml = (
        b"<worksheet "
        + NAMESPACE
        + b'><dimension ref="'
        + size
        + b'"/><sheetData>'
        + rows
        + b"</sheetData></worksheet>"
    )
    assert len(table.read(parts(tmp_path, {SHEET: xml})).rows) == 1


def test_more_than_50000_rows_of_csv(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id\n" + "a\n" * 50_001, "utf-8")
    with pytest.raises(TableError, match="more than 50000 rows"):
        table.read(path)


@pytest.mark.parametrize("length", [3, 100, 3_000])
def test_half_a_workbook(length: int, tmp_path: Path) -> None:
    path = parts(tmp_path, {})
    path.write_bytes(path.read_bytes()[:length])
    with pytest.raises(TableError, match="damaged"):
        table.read(path)


@pytest.mark.parametrize(
    "rows",
    [
        b'<row r="1"><c r="A1" t="s"><v>99</v></c></row>',
        b'<row r="1"><c r="A1" t="inlineStr"><is><t>id</t>',
        b'<row r="x"><c r="A1"><v>1</v></c></row>',
        b'<row r="1"><c r="1A"><v>1</v></c></row>',
    ],
)
def test_sheets_that_make_no_sense(rows: bytes, tmp_path: Path) -> None:
    with pytest.raises(TableError):
        table.read(parts(tmp_path, sheet(rows)))


def test_formulas_are_named_and_their_stored_results_ignored(tmp_path: Path) -> None:
    rows = ID.replace(b"</row>", b'<c r="B1" t="inlineStr"><is><t>cost</t></is></c></row>')
    rows += b'<row r="2">' + TEXT % b"A2" + b'<c r="B2" t="str"><f>WEBSERVICE("http://x/")</f><v>free</v></c></row>'
    rows += b'<row r="3"><c r="B3" t="e"><v>#REF!</v></c></row>'
    found = table.read(parts(tmp_path, sheet(rows)))
    assert [str(fault) for fault in found.faults] == [
        "row 2, column cost (B): holds a formula; write the value itself",
        "row 3, column cost (B): holds an error of the spreadsheet",
    ]
    assert [row.cells for row in found.rows] == [{"id": "x"}]


def test_a_formula_typed_into_excel(tmp_path: Path) -> None:
    book = openpyxl.Workbook()
    book.active.append(["id", "phone"])  # type: ignore[union-attr]
    book.active.append(["a", "=HYPERLINK(A1)"])  # type: ignore[union-attr]
    book.save(tmp_path / "t.xlsx")
    (fault,) = table.read(tmp_path / "t.xlsx").faults
    assert str(fault) == "row 2, column phone (B): holds a formula; write the value itself"


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "no column is called id"),
        (b"name;phone\na;b\n", "no column is called id"),
        (b"id;name\na;\x81\x8d\n", "neither UTF-8 nor Windows-1252"),
        (b"\xff\xfei", "UTF-16"),
        (b'id;name\na;"never closed\n', "row 2 is not well-formed CSV"),
        (b'id;name\na;"x"y\n', "row 2 is not well-formed CSV"),
        (b"id;name\na;\x00\n", "row 2 is not well-formed CSV"),
        (b"id;name\na;" + b"x" * 140_000, "row 2 is not well-formed CSV"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1", "password-protected"),
        (b"PK\x03\x04", "damaged"),
    ],
)
def test_broken_files(content: bytes, message: str, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes(content)
    with pytest.raises(TableError, match=message):
        table.read(path)


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(TableError, match="No such file"):
        table.read(tmp_path / "none.csv")
    with pytest.raises(TableError, match="directory"):
        table.read(tmp_path)


def test_columns_that_are_unknown_doubled_or_too_many(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("ID;Telefon;cost;cost;source_99_url;source_0_url\na;1;2;3;;;;x\n", "utf-8")
    assert [str(fault) for fault in table.read(path).faults] == [
        "row 1, column B: there is no column called Telefon",
        "row 1, column D: the column cost is there twice",
        "row 1, column E: there is no column called source_99_url",
        "row 1, column F: there is no column called source_0_url",
        "row 2, column H: a value to the right of all columns",
    ]


def test_messages_carry_no_control_characters(tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id;\x1b[31mred\u202e\n", "utf-8")
    (fault,) = table.read(path).faults
    assert str(fault) == "row 1, column B: there is no column called <U+001B>[31mred<U+202E>"
