"""Export and import give back every record, through CSV and XLSX, whatever its values are."""

from __future__ import annotations

import csv
import io
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.directory_tools import columns, editing, table, workbook
from bot.directory_tools.columns import Record
from bot.directory_tools.holdings import Holdings
from bot.directory_tools.limits import TableError


def saved(records: list[Record], form: str, folder: Path) -> Path:
    """The records as a file: csv, xlsx, or an xlsx that openpyxl read and saved again."""
    rows = table.rows_of(records)
    path = folder / f"table.{form[:4]}"
    path.write_bytes(table.write_csv(rows) if form == "csv" else workbook.write(rows))
    if form == "xlsx saved again":
        openpyxl.load_workbook(path).save(path)
    return path


FORMS = ["csv", "xlsx", "xlsx saved again"]


@pytest.mark.parametrize("form", FORMS)
def test_all_records_come_back_without_a_difference(form: str, holdings: Holdings, tmp_path: Path) -> None:
    sheet = table.read(saved(holdings.records, form, tmp_path))
    assert len(sheet.rows) == len(holdings.records) == 423
    plan = editing.plan(sheet, holdings)
    assert (plan.changes, plan.faults) == ((), ())
    assert editing.texts(plan, holdings) == {}


@pytest.mark.parametrize("form", FORMS)
def test_all_records_can_be_built_from_the_table_alone(form: str, holdings: Holdings, tmp_path: Path) -> None:
    sheet = table.read(saved(holdings.records, form, tmp_path))
    assert [columns.updated({}, row.cells) for row in sheet.rows] == [(record, []) for record in holdings.records]


@pytest.mark.parametrize(
    ("encoding", "delimiter", "line_end"),
    [("utf-8", ",", "\n"), ("utf-8-sig", ";", "\r\n"), ("utf-16", "\t", "\r\n"), ("cp1252", ";", "\r\n")],
)
def test_other_programs_spellings_of_csv(
    encoding: str, delimiter: str, line_end: str, holdings: Holdings, tmp_path: Path
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter, lineterminator=line_end).writerows(table.rows_of(holdings.records))
    path = tmp_path / "t.csv"
    # Excel writes a question mark for what Windows-1252 lacks
    path.write_bytes(out.getvalue().encode(encoding, "replace"))
    sheet = table.read(path)
    plan = editing.plan(sheet, holdings)
    assert (len(sheet.rows), plan.changes, plan.faults) == (423, (), ())
    assert sheet.encoding == ("cp1252" if encoding == "cp1252" else "")


def test_windows_1252_keeps_umlauts_of_an_edit(holdings: Holdings, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_bytes("id;cost\nnotruf-112;kostenlos für alle – 0 €\n".encode("cp1252"))
    plan = editing.plan(table.read(path), holdings)
    assert [change.fields() for change in plan.changes] == [[("cost", "", "kostenlos für alle – 0 €")]]


def test_a_letter_that_windows_1252_lacks_is_not_replaced_by_its_question_mark(tmp_path: Path) -> None:
    record = {"id": "a", "name": "Poradňa für Łódź"}
    new, faults = columns.updated(record, {"name": "Porad?a für ?ódz".replace("z", "?")}, "cp1252")
    assert (new, faults) == (record, [])


def test_excels_hint_of_the_delimiter(holdings: Holdings, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("sep=,\nid,cost\nnotruf-112,x;y\n", "utf-8")
    sheet = table.read(path)
    assert [(row.number, row.cells) for row in sheet.rows] == [(3, {"id": "notruf-112", "cost": "x;y"})]


WORD = st.text(
    st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff") | st.sampled_from("=+-@'|\\\"\n;,_x"),
    min_size=1,
    max_size=30,
).map(str.strip).filter(lambda text: text and not any(ord(c) & 0xFFFE == 0xFFFE for c in text))  # fmt: skip
CODED = st.sampled_from(
    ["_x0041_", "_x000D_", "a_x005F_b", "#N/A", "=1+1", "'=1", "''", "+49 1", "1e5", "TRUE", "0123"]
)
TEXT = WORD | CODED
LIST = st.lists(TEXT, min_size=1, max_size=3)
DAY = st.dates().map(str).filter(lambda d: d >= "1000") | st.sampled_from(["2024", "2024-05", "undated"])
SOURCES = st.lists(
    st.fixed_dictionaries({"url": TEXT}, optional={"seen": DAY, "remark": TEXT, "supports": LIST}),
    min_size=1,
    max_size=4,
)
RECORDS = st.fixed_dictionaries(
    {"id": st.from_regex(r"[a-z0-9]+(-[a-z0-9]+)*", fullmatch=True)},
    optional={
        **{name: TEXT for name in ("name", "alternate_name", "description", "email", "url", "hours_note", "cost", "notes")},
        "topics": LIST,
        "area": LIST,
        "languages": LIST,
        "eligibility": st.fixed_dictionaries(
            {"description": TEXT}, optional={"minimum_age": st.integers(0, 120), "statuses": LIST}
        ),
        "location": st.fixed_dictionaries(
            {"city": TEXT}, optional={"postal_code": st.from_regex(r"[0-9]{5}", fullmatch=True), "address_1": TEXT}
        ),
        "phone": st.sampled_from(["+49 341 123", "112", "0800 111", "+49 30 1 2 3"]),
        "free": st.just(True),
        "wheelchair": st.just(True),
        "sources": SOURCES,
    },
)  # fmt: skip


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
@given(records=st.lists(RECORDS, min_size=1, max_size=3, unique_by=lambda r: str(r["id"])), form=st.sampled_from(FORMS))
def test_any_values_come_back(records: list[dict[str, Any]], form: str, tmp_path: Path) -> None:
    sheet = table.read(saved(records, form, tmp_path))
    assert sheet.faults == ()
    built = []
    for row in sheet.rows:
        record, faults = columns.updated({}, row.cells)
        assert faults == []
        record.pop("checked", None)  # made from the sources
        built.append(record)
    assert built == records
    known = {record["id"]: record for record in records}
    for row in sheet.rows:
        assert columns.updated(known[row.cells["id"]], row.cells) == (known[row.cells["id"]], [])


def test_nothing_in_a_csv_begins_like_a_formula(tmp_path: Path) -> None:
    records = [{"id": "a", "name": "=cmd|' /C calc'!A0", "phone": "+49 341 1", "notes": "-1", "cost": "@SUM(A1)"}]
    text = table.write_csv(table.rows_of(records)).decode("utf-8-sig")
    cells = [cell for row in csv.reader(io.StringIO(text), delimiter=";") for cell in row]
    assert [cell for cell in cells if cell[:1] in tuple("=+-@")] == []
    assert "'=cmd|' /C calc'!A0" in cells


def test_every_cell_of_a_workbook_is_text(tmp_path: Path) -> None:
    path = saved([{"id": "a", "name": "=1+1", "phone": "+49 341 1", "notes": "#REF!", "cost": "007"}], "xlsx", tmp_path)
    sheet = openpyxl.load_workbook(path).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert {cell.data_type for cell in cells} == {"s"}
    assert {(cell.number_format, cell.quotePrefix) for cell in cells} == {("@", True)}
    assert sheet.column_dimensions["H"].number_format == "@"


@pytest.mark.parametrize("value", ["\x07", "a\rb", "x" * 32_768])
def test_a_value_that_no_table_carries_is_named(value: str) -> None:
    with pytest.raises(TableError, match="^a: notes "):
        table.rows_of([{"id": "a", "notes": value}])


def spreadsheet(tmp_path: Path, cells: dict[str, Any], formats: dict[str, str] | None = None) -> table.Table:
    """A workbook as people make it, one record below a header of the keys."""
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(list(cells))
    sheet.append(list(cells.values()))
    for name, form in (formats or {}).items():
        sheet.cell(2, list(cells).index(name) + 1).number_format = form
    book.save(tmp_path / "t.xlsx")
    return table.read(tmp_path / "t.xlsx")


def test_numbers_dates_and_truth_as_excel_keeps_them(tmp_path: Path) -> None:
    from datetime import date, datetime

    sheet = spreadsheet(
        tmp_path,
        {
            "id": "a", "phone": 112, "minimum_age": 18.0, "free": True, "postal_code": 1067, "source_1_seen": 2024,
            "source_2_seen": datetime(2024, 5, 1), "source_3_seen": date(2024, 5, 24), "cost": 12.5,
        },
        {"source_2_seen": "[$-407]mmm\\ yy;@"},
    )  # fmt: skip
    assert sheet.rows[0].cells == {
        "id": "a", "phone": "112", "minimum_age": "18", "free": "yes", "postal_code": "1067", "source_1_seen": "2024",
        "source_2_seen": "2024-05", "source_3_seen": "2024-05-24", "cost": "12.5",
    }  # fmt: skip


def test_what_spreadsheets_damage_is_no_change() -> None:
    record = {"id": "a", "location": {"city": "Dresden", "postal_code": "01067"}, "hours": "24/7"}
    given_back = {"postal_code": "1067", "hours": "24. Jul", "city": " Dresden\r\n"}
    assert columns.updated(record, given_back) == (record, [])


def test_a_column_that_is_missing_leaves_its_values(holdings: Holdings, tmp_path: Path) -> None:
    path = tmp_path / "t.csv"
    path.write_text("id;name\n" + "".join(f'{r["id"]};"{r["name"]}"\n' for r in holdings.records), "utf-8")
    assert editing.plan(table.read(path), holdings).changes == ()
