"""`make audit`: what it finds, what it says of databases, and how it ends."""

from __future__ import annotations

import copy
import json
import socket
import subprocess
import sys
from datetime import date

import pytest

from bot.settings import ROOT
from tests.supply.advisory_server import Advisories, advisory_server
from tests.supply.audit_files import HASH, LOCK, RECORD, ROW, TODAY, database, project
from tools.audit.run import AUDITED, main, python_note


def audit(root, *arguments):
    """Exit code and report of one run."""
    written = root / "build" / "audit.json"
    code = main(["--root", str(root), "--today", str(TODAY), "--json", str(written), *map(str, arguments)])
    return code, json.loads(written.read_text(encoding="utf-8"))


def findings(report, kind):
    return [row["text"] for row in report["findings"] if row["kind"] == kind]


def test_all_is_well(tmp_path, capsys):
    code, report = audit(project(tmp_path), "--offline", "--advisories", database(tmp_path / "db", RECORD))
    assert (code, report["findings"], report["exit"]) == (0, [], 0)
    assert [row["ids"][0] for row in report["explained"]] == ["PYSEC-2026-1101"]
    assert {row["name"] for row in report["locks"]} == {*AUDITED, "tools/stock/requirements.lock"}
    shown = capsys.readouterr().out
    assert "0 findings" in shown and "1 advisories that have a row" in shown


def test_a_locked_version_with_an_advisory_and_no_row_fails(tmp_path):
    other = copy.deepcopy(RECORD) | {"id": "PYSEC-2026-1102", "aliases": ["CVE-2026-99999"]}
    folder = database(tmp_path / "db", RECORD, other)
    code, report = audit(project(tmp_path), "--offline", "--advisories", folder)
    assert code == 1 and report["exit"] == 1
    (found,) = findings(report, "advisory")
    assert found.startswith("aiohttp 3.9.5: CVE-2026-99999, PYSEC-2026-1102 has no row")


def test_an_advisory_for_other_versions_is_none(tmp_path):
    other = copy.deepcopy(RECORD) | {"id": "PYSEC-2026-1102", "aliases": []}
    other["affected"][0]["ranges"][0]["events"] = [{"introduced": "3.10.6"}, {"fixed": "3.10.11"}]
    folder = database(tmp_path / "db", RECORD, other)
    assert audit(project(tmp_path), "--offline", "--advisories", folder)[0] == 0


def test_a_stale_row_is_told(tmp_path):
    newer = LOCK.replace("3.9.5", "3.14.5")
    code, report = audit(project(tmp_path, lock=newer), "--offline")
    assert code == 1
    (found,) = findings(report, "stale")
    assert found == "aiohttp PYSEC-2026-1101 (<3.13.3): touches no locked version any more; take the row out"


def test_a_row_stays_while_any_lock_has_the_version(tmp_path):
    root = project(tmp_path, lock=LOCK.replace("3.9.5", "3.14.5"))
    (root / "requirements.lock").write_text(LOCK, encoding="utf-8")
    assert audit(root, "--offline")[0] == 0


@pytest.mark.parametrize("name", [*AUDITED, "tools/stock/requirements.lock"])
def test_a_lock_without_a_hash_fails(tmp_path, name):
    root = project(tmp_path)
    (root / name).write_text(LOCK + "yarl==1.25.1\n", encoding="utf-8")
    code, report = audit(root, "--offline")
    assert code == 1 and findings(report, "lock") == [f"{name}: yarl 1.25.1 has no hash"]


def test_a_row_without_a_reason_fails(tmp_path):
    code, report = audit(project(tmp_path, rows=[ROW | {"reach": ""}]), "--offline")
    assert code == 1 and any("has no reach" in text for text in findings(report, "row"))


def test_a_database_that_no_longer_holds_it_is_a_note(tmp_path):
    withdrawn = RECORD | {"withdrawn": "2026-03-01T00:00:00Z"}
    code, report = audit(project(tmp_path), "--offline", "--advisories", database(tmp_path / "db", withdrawn))
    assert code == 0
    assert report["notes"][1:] == [
        "aiohttp PYSEC-2026-1101 (<3.13.3): this database holds it against no locked version"
    ]


def test_a_python_that_nobody_mends_is_a_note(tmp_path):
    assert python_note(date(2026, 10, 31), (3, 10, 21)) == []
    (note,) = python_note(date(2026, 11, 1), (3, 10, 21))
    assert note.startswith("Python 3.10.21: its makers have given no security fixes since 2026-10-31")
    assert python_note(date(2026, 11, 1), (3, 12, 1)) == []
    _, report = audit(project(tmp_path), "--offline")
    assert report["notes"] == python_note(TODAY, sys.version_info[:3])


def test_public_databases_that_are_away_are_named_and_the_rest_holds(tmp_path, capsys):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        away = f"http://127.0.0.1:{taken.getsockname()[1]}"
        arguments = ("--pypi", away, "--osv", away, "--seconds", "5")
        code, report = audit(project(tmp_path / "good"), *arguments)
        assert code == 0
        assert [row["state"] for row in report["databases"]] == ["unreachable", "unreachable"]
        assert f"{away}: NOT REACHED (ConnectError)" in capsys.readouterr().out
        assert audit(project(tmp_path / "good"), "--require-database", *arguments)[0] == 3
        bare = project(tmp_path / "bad", lock=f"aiohttp==3.9.5\nyarl==1.25.1 {HASH}\n")
        assert audit(bare, "--require-database", *arguments)[0] == 1  # what is wrong is said first


def test_public_databases_that_answer(tmp_path, capsys):
    known = Advisories()
    known.pages = {("aiohttp", "3.9.5"): [RECORD], ("zope-interface", "5.0"): []}
    known.osv = {("zope-interface", "5.0"): ["PYSEC-2026-7"]}
    record = {"id": "PYSEC-2026-7", "aliases": [], "summary": "something"}
    known.records = {"PYSEC-2026-7": record}
    with advisory_server(known) as address:
        arguments = ("--pypi", address, "--osv", address, "--require-database")
        code, report = audit(project(tmp_path), *arguments)
    assert code == 1
    assert findings(report, "advisory") == [
        "zope-interface 5.0: PYSEC-2026-7 has no row in docs/advisories.yml (something)"
    ]
    assert [(row["state"], row["answered"]) for row in report["databases"]] == [("answered", 2), ("answered", 2)]
    assert "answered for 2 of 2 packages" in capsys.readouterr().out


def test_one_advisory_of_several_databases_is_one_finding(tmp_path):
    known = Advisories()
    # as PyPI has them: the same flaw under both names
    names = ("PYSEC-2026-7", "GHSA-2222-3333-4444")
    both = [{"id": a, "aliases": [b], "summary": "x"} for a, b in (names, names[::-1])]
    known.pages = {("aiohttp", "3.9.5"): [], ("zope-interface", "5.0"): both}
    known.osv = {("zope-interface", "5.0"): list(names)}
    known.records = {row["id"]: row for row in both}
    with advisory_server(known) as address:
        _, report = audit(project(tmp_path), "--pypi", address, "--osv", address)
    assert len(findings(report, "advisory")) == 1


@pytest.mark.parametrize("gone", ["requirements.lock", "docs/advisories.yml"])
def test_what_cannot_be_read_ends_with_2(tmp_path, gone, capsys):
    root = project(tmp_path)
    (root / gone).unlink()
    assert main(["--root", str(root), "--offline"]) == 2
    assert gone in capsys.readouterr().err


def test_a_folder_that_is_not_there_ends_with_2(tmp_path):
    assert main(["--root", str(project(tmp_path)), "--offline", "--advisories", str(tmp_path / "gone")]) == 2


def test_our_own_locks_and_rows_without_a_network():
    """As CI runs it: nothing stale, nothing without a hash, nothing without a reason."""
    done = subprocess.run(
        [sys.executable, "tools/audit/run.py", "--offline", "--today", str(max(TODAY, date.today()))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert "none was asked" in done.stdout
