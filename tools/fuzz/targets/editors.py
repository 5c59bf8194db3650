"""What editors and operators hand in: tables, workbooks, YAML, catalogues, goals, corrections, settings."""

from __future__ import annotations

import contextlib
import io
import tempfile
import zipfile
from datetime import date
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

from actions import plain_yaml
from actions.directory.model import DirectoryError, records_of, service_from_record
from actions.directory.validation import problems
from actions.knowledge.loader import read_rows
from actions.knowledge.model import KnowledgeError
from bot.directory_tools import cells, table, workbook
from bot.directory_tools.cells import CellError
from bot.directory_tools.columns import READERS, cells_of, columns, updated
from bot.directory_tools.corrections import FIELDS, SERVICE_ID, _entry
from bot.directory_tools.limits import MAX_COLUMNS, MAX_FAULTS, MAX_ROWS, TableError
from bot.directory_tools.text_edit import EditError, edited
from bot.legal import LegalError
from bot.legal import load as load_operator
from bot.settings import PREFIX, Settings, SettingsError
from bot.speech.catalogue import usable
from bot.speech.pofile import UNSAYABLE, CatalogueError
from bot.speech.pofile import load as load_catalogue
from bot.staff.report.goals import MEASURES, GoalsError, load_goals
from tools.fuzz.checks import text_of
from tools.fuzz.registry import target

TODAY = date(2026, 11, 24)
KINDS = {"welcome_centre": {"label": "Welcome centre", "german": "Willkommenszentrum"}}
TOPICS = {"german_course", "doctor"}
# Parts of a workbook that one input may replace.
PARTS = ("xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml", "xl/styles.xml", "_rels/.rels",
         "xl/_rels/workbook.xml.rels", "xl/sharedStrings.xml", "docProps/core.xml", "xl/worksheets/other.bin")  # fmt: skip


@lru_cache(maxsize=1)
def folder() -> Path:
    """A folder in memory where the machine has one."""
    shm = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="wegweiser-fuzz-", dir=shm if shm.is_dir() else None))


def file(name: str, content: bytes) -> Path:
    """A file with this content."""
    path = folder() / name
    path.write_bytes(content)
    return path


def check_table(found: table.Table) -> None:
    """A table within its limits whose rows can be told of and compared."""
    assert (
        len(found.rows) <= MAX_ROWS
        and len(found.letters) <= MAX_COLUMNS
        and len(found.faults) <= MAX_FAULTS + MAX_COLUMNS
    )
    for fault in found.faults:
        assert str(fault).isprintable() and len(str(fault)) < 1000
    for row in found.rows[:20]:
        record, _ = updated({}, row.cells, found.encoding)
        problems([record], KINDS, TOPICS, {"leipzig"}, TODAY)


@target(share=0.8)
def csv_table(data: bytes) -> None:
    """A table as CSV."""
    if data.startswith(b"PK"):
        return
    try:
        check_table(table.read(file("t.csv", data)))
    except TableError as refused:
        assert str(refused)


@lru_cache(maxsize=1)
def _good_workbook() -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(workbook.write([["id", "name"], ["a", "b"]]))) as good:
        return {part.filename: good.read(part) for part in good.infolist()}


@target(share=0.15)
def xlsx_table(data: bytes) -> None:
    """A workbook: the first byte says which of its parts the rest replaces; beyond the parts it is the whole file."""
    which, rest = (data[0] if data else 255), data[1:]
    if which < 8 * len(PARTS):
        out = io.BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, body in (_good_workbook() | {PARTS[which % len(PARTS)]: rest}).items():
                archive.writestr(name, body)
        content = out.getvalue()
    else:
        content = b"PK" + rest
    try:
        check_table(table.read(file("t.xlsx", content)))
    except TableError as refused:
        assert str(refused)


@target(share=2)
def table_cells(data: bytes) -> None:
    """Single cells, read by every reader, and a record that goes out and comes back."""
    text = text_of(data)
    for kind, reader in READERS.items():
        try:
            value = reader(text)
        except CellError as refused:
            assert str(refused)
            continue
        assert not isinstance(value, str) or not cells.unwritable(value), kind
    assert cells.plain(cells.neutral(text)) == text
    assert not cells.neutral(text).lstrip().startswith(("=", "@")) or cells.neutral(text).startswith("'")
    names = [column.name for column in columns(1)]
    given = dict(zip(names, text.split("\x1f"), strict=False))
    record, faults = updated({}, given)
    assert all(name in given for name, _ in faults)
    if not faults:
        assert updated(record, cells_of(record))[0] == record


@target(share=0.6)
def yaml_records(data: bytes) -> None:
    """A file of services or of articles."""
    with contextlib.suppress(yaml.YAMLError):
        plain_yaml.load(data)
    try:
        records = records_of(data, "services.yml")
    except DirectoryError:
        records = []
    found = problems(records, KINDS, TOPICS, {"leipzig"}, TODAY)
    if not found:
        for record in records:
            service_from_record(record)
    for record in records:
        try:
            service_from_record(record)
        except DirectoryError:
            continue
    try:
        read_rows(file("articles.yml", data), "articles")
    except KnowledgeError as refused:
        assert "articles.yml" in str(refused)


@target(share=0.3)
def yaml_edit(data: bytes) -> None:
    """A record changed inside a file of services: the rest says what it said."""
    text = text_of(data).encode("utf-8", "replace").decode()
    try:
        changed = edited(text, {"new-one": {"id": "new-one", "name": "New: one"}})
    except EditError:
        return
    assert any(row["id"] == "new-one" for row in plain_yaml.load(changed)["services"])


@target(share=0.6)
def operator_file(data: bytes) -> None:
    """operator.yml."""
    file("operator.yml", data)
    try:
        found = load_operator(folder())
    except LegalError as refused:
        assert str(refused).startswith(str(folder()))
        return
    assert found is not None and found.contact.name and len(found.contact.address) <= 4000


@target(share=0.6)
def goals_file(data: bytes) -> None:
    """The goals of the report."""
    try:
        goals = load_goals(file("goals.yml", data))
    except GoalsError as refused:
        assert str(refused)
        return
    for goal in goals:
        assert (
            goal.measure in MEASURES and 0 < len(goal.text) <= 300 and (goal.at_least is None) != (goal.at_most is None)
        )


@target(share=0.4)
def catalogue(data: bytes) -> None:
    """A PO file of translators."""
    try:
        found = load_catalogue(data)
    except CatalogueError as refused:
        assert str(refused)
        return
    for said in usable(found, "ar").values():
        assert not UNSAYABLE.search(said)


@target(share=3, is_json=True)
def correction_line(data: bytes) -> None:
    """A line of the queue of corrections."""
    entry = _entry(data)
    if entry is not None:
        assert SERVICE_ID.fullmatch(entry.id) and entry.what in FIELDS and entry.count >= 1
        date.fromisoformat(entry.day)


@target(share=2)
def environment(data: bytes) -> None:
    """Settings: lines of NAME=value behind the prefix."""
    known = [name.upper() for name in Settings.__dataclass_fields__ if name != "origin"]
    env: dict[str, Any] = {}
    for line in text_of(data).split("\n")[:8]:
        name, _, value = line.partition("=")
        # The first letter chooses a setting, so that values are what is tried.
        key = known[ord(name[0]) % len(known)] if name else known[0]
        env[PREFIX + key] = value.replace("\x00", "")
    try:
        found = Settings.from_env(env)
    except SettingsError as refused:
        assert all(line.startswith(PREFIX) for line in str(refused).split("\n") if line.strip())
        return
    assert 0 <= found.port <= 65535
