"""Taking an edited table in: what it would change, what is wrong in it, and the new text of the files."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

from bot.directory_tools.columns import Record, column, updated
from bot.directory_tools.diff import Change, changes
from bot.directory_tools.holdings import Holdings
from bot.directory_tools.table import Fault, Row, Table, shortened
from bot.directory_tools.text_edit import EditError, edited

# The sentences of actions/directory/validation.py that do not begin with the name of a column.
COLUMN_OF = (
    (r"the id is", "id"),
    (r"unknown (status|confidence|kind|gender) ", r"\1"),
    (r"(unknown topic |topics must)", "topics"),
    (r"unknown place ", "area"),
    (r".* is not a language code$", "languages"),
    (r"unknown legal status ", "statuses"),
    (r"the ages in ", "minimum_age"),
    (r"location without a city", "city"),
    (r"postal code ", "postal_code"),
    (r"a shelter must not show its street", "address_1"),
    (r".* is not an e-mail address$", "email"),
    (r".* is not a web address$", "url"),
    (r"a phone number stands in (\w+)", r"\1"),
    (r"seen of source (\d+)", r"source_\1_seen"),
    (r"source (\d+) needs url", r"source_\1_url"),
    (r"source (\d+) supports", r"source_\1_supports"),
    (r"no source supports location", "address_1"),
    (r"no source supports (\w+)", r"\1"),
    (r"location ", "address_1"),
    (r"checked\.(\w+)", r"checked_\1"),
)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a table would change. With `faults` it must not be carried out."""

    changes: tuple[Change, ...]
    faults: tuple[Fault, ...]
    records: list[Record]


def plan(table: Table, holdings: Holdings, today: date | None = None) -> Plan:
    """Compare a table with the directory. Records without a row stay as they are; a new id is a new record."""
    before = holdings.problems(holdings.records, today)
    if before:
        return Plan((), (Fault(0, "", f"the directory itself has problems, first: {before[0]}"),), holdings.records)
    known = {str(record["id"]): record for record in holdings.records}
    listed = {row.cells.get("id", "") for row in table.rows}
    unlisted = {str(r["name"]): i for i, r in known.items() if i not in listed}
    faults = list(table.faults)
    rows: dict[str, Row] = {}
    result = dict(known)
    for row in table.rows:
        identity = row.cells.get("id", "")
        sentence = _wrong_id(row, known, rows, unlisted)
        if sentence:
            faults.append(table.fault(row.number, "id", sentence))
            continue
        rows[identity] = row
        record, wrong = updated(known.get(identity, {}), row.cells, table.encoding)
        faults += [table.fault(row.number, name, sentence) for name, sentence in wrong]
        result[identity] = record
    records = list(result.values())
    broken = {fault.row for fault in faults}
    for identity, record in result.items():
        if identity in rows and rows[identity].number not in broken and record != known.get(identity):
            faults += [_placed(table, rows[identity], p) for p in holdings.problems([record], today)]
            faults += _area_faults(table, rows[identity], record, holdings)
    if not faults:
        faults = [Fault(0, "", sentence) for sentence in holdings.problems(records, today)]
    return Plan(tuple(changes(holdings.records, records)), tuple(faults), records)


def texts(found: Plan, holdings: Holdings) -> dict[str, str]:
    """Area to new text of every file that changes; EditError when a file cannot be edited safely."""
    if found.faults:
        raise EditError("a table with faults is not written")
    wanted: dict[str, dict[str, Record]] = {}
    gone: dict[str, set[str]] = {}
    for change in found.changes:
        assert change.new is not None
        area = holdings.area_of.get(change.id, "")
        home = holdings.topics[change.new["topics"][0]].area
        moved = bool(change.old) and home != area and change.old["topics"][0] != change.new["topics"][0]  # type: ignore[index]
        if change.old is None or moved:
            wanted.setdefault(home, {})[change.id] = change.new
        else:
            wanted.setdefault(area, {})[change.id] = change.new
        if moved:
            gone.setdefault(area, set()).add(change.id)
    return {
        area: edited(holdings.texts[area], wanted.get(area, {}), gone.get(area, set()))
        for area in sorted({*wanted, *gone})
    }


def _wrong_id(row: Row, known: dict[str, Record], rows: dict[str, Row], unlisted: dict[str, str]) -> str:
    identity = row.cells.get("id", "")
    if not identity:
        return "is empty; every row needs the id of its record"
    if identity in rows:
        return f"{shortened(identity)} stands in row {rows[identity].number} already"
    renamed = unlisted.get(row.cells.get("name", ""))
    if identity not in known and renamed:
        return f"{shortened(identity)} is new, but the name is that of {renamed}; ids never change"
    return ""


def _placed(table: Table, row: Row, problem: str) -> Fault:
    """A sentence of the validation with the row and, where it tells, the column."""
    sentence = problem.partition(": ")[2] or problem
    name = ""
    for pattern, target in COLUMN_OF:
        found = re.match(pattern, sentence)
        if found:
            name = found.expand(target)
            break
    else:
        name = sentence.split(" ", 1)[0]
    name = {"checked_address": "address_1", "address": "address_1"}.get(name, name)
    return table.fault(row.number, name if column(name) else "", shortened(sentence, 300))


def _area_faults(table: Table, row: Row, record: Record, holdings: Holdings) -> list[Fault]:
    topic = holdings.topics.get(str((record.get("topics") or [""])[0]))
    if topic is not None and topic.area not in holdings.texts:
        return [table.fault(row.number, "topics", f"there is no file {topic.area}.yml for the first topic")]
    return []
