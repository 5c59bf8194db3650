"""An edited table: what changes, what is refused and where, and what the files look like afterwards."""

from __future__ import annotations

import copy
import difflib
from pathlib import Path

import pytest
import yaml

from bot.directory_tools import editing, table
from bot.directory_tools.holdings import Holdings
from bot.directory_tools.table import Row, Table

DRESDEN = "telefon-des-vertrauens-dresden"


def sheet(*rows: dict[str, str]) -> Table:
    names = list(dict.fromkeys(name for row in rows for name in row))
    letters = {name: "ABCDEFGHIJKLMNOP"[n] for n, name in enumerate(names)}
    return Table(tuple(Row(n, row) for n, row in enumerate(rows, 2)), letters, ())


def faults(holdings: Holdings, *rows: dict[str, str]) -> list[str]:
    plan = editing.plan(sheet(*rows), holdings)
    if plan.faults:
        with pytest.raises(editing.EditError):
            editing.texts(plan, holdings)
    return [str(fault) for fault in plan.faults]


def written(holdings: Holdings, *rows: dict[str, str]) -> dict[str, list[str]]:
    """Area to changed lines."""
    plan = editing.plan(sheet(*rows), holdings)
    assert plan.faults == ()
    found = {}
    for area, text in editing.texts(plan, holdings).items():
        diff = difflib.ndiff(holdings.texts[area].splitlines(), text.splitlines())
        found[area] = [line for line in diff if line[0] in "+-"]
    return found


def test_a_call_to_the_office(holdings: Holdings) -> None:
    """A new number and a new date: the date of every field that the source supports follows."""
    row = {"id": DRESDEN, "phone": "0351/8041617", "source_1_seen": "3.11.2026", "cost": "frei"}
    assert written(holdings, row) == {
        "crisis": [
            '-   phone: "+49 351 8041616"',
            '+   phone: "+49 351 8041617"',
            "-   cost: free counselling",
            "+   cost: frei",
            '-   checked: {organization: "2019-04-30", description: "2019-04-30", phone: "2019-04-30", hours: "2019-04-30"}',
            '+   checked: {organization: "2026-11-03", description: "2026-11-03", phone: "2026-11-03", hours: "2026-11-03"}',
            '-     seen: "2019-04-30"',
            '+     seen: "2026-11-03"',
        ]
    }


def test_a_value_taken_away_takes_its_date_along(holdings: Holdings) -> None:
    lines = written(holdings, {"id": DRESDEN, "hours": ""})["crisis"]
    assert lines[0].startswith("-   hours:")
    assert lines[-1] == '+   checked: {organization: "2019-04-30", description: "2019-04-30", phone: "2019-04-30"}'


def test_a_further_source(holdings: Holdings) -> None:
    given = {"source_3_url": "https://x.example", "source_3_seen": "2026", "source_3_supports": "cost | phone"}
    record = editing.plan(sheet({"id": DRESDEN} | given), holdings).changes[0].new
    assert record is not None
    assert record["sources"][2] == {"url": "https://x.example", "seen": "2026", "supports": ["cost", "phone"]}
    assert record["checked"]["phone"] == record["checked"]["cost"] == "2026"


def test_a_new_first_topic_moves_the_record_to_its_file(holdings: Holdings) -> None:
    lines = written(holdings, {"id": DRESDEN, "topics": "mental_health|crisis_suicide"})
    assert sorted(lines) == ["crisis", "health"]
    assert {line[0] for line in lines["crisis"]} == {"-"}
    assert {line[0] for line in lines["health"]} == {"+"}
    assert lines["health"][0] == f"+ - id: {DRESDEN}"


NEW = {
    "id": "neue-stelle-borna", "name": "Neue Stelle", "status": "active", "kind": "migration_counselling",
    "topics": "driving_licence", "description": "Advice.", "eligibility": "everyone", "area": "borna",
    "confidence": "high", "phone": "03433 1234", "source_1_url": "https://borna.example", "source_1_seen": "2026-11",
    "source_1_supports": "name|phone", "checked_phone": "1999", "free": "ja",
}  # fmt: skip


def test_a_new_record(holdings: Holdings) -> None:
    kind = next(kind for kind in holdings.kinds if "counselling" in kind)
    lines = written(holdings, NEW | {"kind": kind})
    assert list(lines) == ["work"]
    assert '+   phone: "+49 3433 1234"' in lines["work"]
    assert '+   checked: {name: "2026-11", phone: "2026-11"}' in lines["work"]


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"phone": "0351804161"}, "column phone (B): phone 0351804161 is neither"),
        ({"email": "x@y"}, "column email (B): x@y is not an e-mail address"),
        ({"url": "www.x.de"}, "column url (B): www.x.de is not a web address"),
        ({"kind": "office"}, "column kind (B): unknown kind office"),
        ({"status": "open"}, "column status (B): unknown status open"),
        ({"confidence": "sure"}, "column confidence (B): unknown confidence sure"),
        ({"topics": "greet"}, "column topics (B): unknown topic greet"),
        ({"area": "dresden|Dresden"}, "column area (B): unknown place Dresden"),
        ({"languages": "de|Deutsch"}, "column languages (B): Deutsch is not a language code"),
        ({"gender": "all"}, "column gender (B): unknown gender all"),
        ({"statuses": "eu|other"}, "column statuses (B): unknown legal status other"),
        ({"minimum_age": "18,5"}, "column minimum_age (B): must be a whole number"),
        ({"minimum_age": "180"}, "column minimum_age (B): the ages in eligibility make no sense"),
        ({"postal_code": "1067"}, "column postal_code (B): must have five digits"),
        ({"hours": "Mo immer"}, "column hours (B): hours Mo immer cannot be read"),
        ({"hours": "24. Jul"}, "column hours (B): is a date"),
        ({"free": "vielleicht"}, "column free (B): must be yes or empty"),
        ({"description": "Call 0351 123456"}, "column description (B): a phone number stands in description"),
        ({"source_1_seen": "gestern"}, "column source_1_seen (B): must be a date"),
        ({"source_1_seen": "2099"}, "column source_1_seen (B): seen of source 1 lies in the future"),
        ({"source_2_url": ""}, "column source_2_url (B): source 2 needs url and supports"),
        ({"source_1_supports": "phone|fax"}, "column source_1_supports (B): source 1 supports unknown fax"),
        ({"email": "a@b.de"}, "column email (B): no source supports email"),
        ({"address_1": "Weg 1", "city": "Dresden"}, "column address_1 (B): no source supports location"),
        ({"address_1": "Weg 1"}, "column city: location without a city"),
        ({"checked_phone": "2026"}, "column checked_phone (B): follows from the sources"),
        ({"name": ""}, "column name (B): name is missing"),
        ({"notes": "a\x07"}, "column notes (B): holds a character that cannot be kept (U+0007)"),
    ],
)  # fmt: skip
def test_a_fault_names_row_and_column(changes: dict[str, str], place: str, holdings: Holdings) -> None:
    found = faults(holdings, {"id": DRESDEN} | changes)
    assert any(sentence.startswith(f"row 2, {place}") for sentence in found), found


def test_ids_that_lack_are_doubled_or_were_changed(holdings: Holdings) -> None:
    name = "Telefon des Vertrauens Dresden"
    assert faults(
        holdings,
        {"id": "notruf-112", "cost": "0"},
        {"id": "", "cost": "1"},
        {"id": "notruf-112", "cost": "2"},
        {"id": "telefon-dresden", "name": name},
    ) == [
        "row 3, column id (A): is empty; every row needs the id of its record",
        "row 4, column id (A): notruf-112 stands in row 2 already",
        f"row 5, column id (A): telefon-dresden is new, but the name is that of {DRESDEN}; ids never change",
    ]


def test_a_mistyped_new_record_is_refused(holdings: Holdings) -> None:
    found = faults(holdings, {"id": "Neue Stelle", "name": "Neue Stelle"})
    assert "row 2, column id (A): the id is not an ascii slug" in found
    assert "row 2, column topics: topics is missing" in found
    assert "row 2: sources is missing" in found


def test_one_fault_stops_the_whole_table_but_all_changes_are_shown(holdings: Holdings) -> None:
    plan = editing.plan(sheet({"id": "notruf-112", "cost": "0"}, {"id": DRESDEN, "free": "?"}), holdings)
    assert [change.id for change in plan.changes] == ["notruf-112"]
    assert len(plan.faults) == 1


def test_a_directory_with_problems_of_its_own_is_not_edited(data: Path) -> None:
    path = data / "services" / "crisis.yml"
    path.write_text(path.read_text("utf-8").replace('phone: "112"', 'phone: "1-1-2"'), "utf-8")
    (fault,) = editing.plan(sheet({"id": DRESDEN, "cost": "x"}), Holdings.load(data)).faults
    assert str(fault).startswith("the directory itself has problems, first: notruf-112: phone 1-1-2")


def test_what_is_written_is_read_again_and_is_valid(data: Path, tmp_path: Path) -> None:
    holdings = Holdings.load(data)
    untouched = {
        p.name: p.read_bytes() for p in (data / "services").iterdir() if p.name not in ("crisis.yml", "health.yml")
    }
    csv = tmp_path / "t.csv"
    csv.write_text(f'id;topics;notes\n{DRESDEN};mental_health;"=1+1\n-2"\nnotruf-112;emergency_medical;\n', "utf-8")
    plan = editing.plan(table.read(csv), holdings)
    wanted = {record["id"]: record for record in copy.deepcopy(plan.records)}
    holdings.write(editing.texts(plan, holdings))
    again = Holdings.load(data)
    assert {record["id"]: record for record in again.records} == wanted
    assert again.problems(again.records) == []
    assert wanted[DRESDEN]["notes"] == "=1+1\n-2" and "notes" not in wanted["notruf-112"]
    assert {name: (data / "services" / name).read_bytes() for name in untouched} == untouched
    assert not list((data / "services").glob(".*"))
    assert again.area_of[DRESDEN] == "health"
    ids = [r["id"] for r in yaml.safe_load((data / "services" / "health.yml").read_text("utf-8"))["services"]]
    assert ids == sorted(ids)
    assert editing.plan(table.read(csv), again).changes == ()
