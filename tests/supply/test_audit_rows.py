"""docs/advisories.yml: what a row must say, when it is stale, and which advisory it answers."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from bot.settings import ROOT
from tests.supply.audit_files import REASON, ROW, TODAY, project
from tools.audit.locks import Locked
from tools.audit.osv import Advisory
from tools.audit.rows import answers, read_rows, stale

LOCKED = [Locked("aiohttp", "3.9.5", "requirements.lock")]


def known(tmp_path, **parts):
    root = project(tmp_path, **parts)
    return read_rows(root / "docs" / "advisories.yml", root, TODAY)


def test_a_good_file(tmp_path):
    found = known(tmp_path)
    assert found.faults == []
    assert found.rows[0].touches("3.9.5") and not found.rows[0].touches("3.13.3")
    assert stale(found.rows, LOCKED) == []


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"ids": []}, "has no ids"),
        ({"ids": ["CVE-2025"]}, "id that is none"),
        ({"ids": ["GHSA-aaaa-bbbb-cccc"]}, "id that is none"),
        ({"ids": "CVE-2025-69223"}, "id that is none"),
        ({"affected": "3.13.3 and before"}, "range that is none"),
        ({"affected": []}, "has no affected"),
        ({"what": ""}, "has no what"),
        ({"reach": "because"}, "names the reason because"),
        ({"decision": "fine"}, "no decision that is known"),
        ({"decision": "accepted"}, "no decision that is known"),
        ({"decision": "accepted until 2026-13-01"}, "a day that is none"),
        ({"decision": "accepted until 2026-11-29"}, "was accepted until 2026-11-29 only"),
        ({"read": "yesterday"}, "a day that is none or lies ahead"),
        ({"read": TODAY + timedelta(days=1)}, "a day that is none or lies ahead"),
        ({"source": "somebody said so"}, "no https address"),
        ({"severity": "low"}, "unknown field severity"),
    ],
)
def test_a_row_that_is_not_well_formed(tmp_path, change, fault):
    found = known(tmp_path, rows=[ROW | change])
    assert any(fault in told for told in found.faults), found.faults
    assert found.rows == []


@pytest.mark.parametrize(
    ("reason", "fault"),
    [
        ({"why": "not used", "code": "code.py"}, "says too little"),
        ({"why": REASON["why"]}, "names neither code nor a test"),
        ({"why": REASON["why"], "code": "gone.py"}, "gone.py does not exist"),
        ({"why": REASON["why"], "code": "code.py", "test": ["tests/gone.py"]}, "tests/gone.py does not exist"),
    ],
)
def test_a_reason_needs_words_and_code_that_is_there(tmp_path, reason, fault):
    assert any(fault in told for told in known(tmp_path, reasons={"no-server": reason}).faults)


def test_a_reason_that_no_row_names(tmp_path):
    found = known(tmp_path, reasons={"no-server": REASON, "other": REASON})
    assert found.faults == ["reason other: no row names it"]


def test_the_same_id_twice(tmp_path):
    assert "stands there twice" in known(tmp_path, rows=[ROW, ROW]).faults[0]


def test_a_broken_file(tmp_path):
    root = project(tmp_path)
    path = root / "docs" / "advisories.yml"
    for content in ("reasons: [", "[]", "reasons: {}\nadvisories: [1]\n"):
        path.write_text(content, encoding="utf-8")
        assert read_rows(path, root, TODAY).faults


def test_accepted_until_the_day_itself(tmp_path):
    assert known(tmp_path, rows=[ROW | {"decision": "accepted until 2026-11-30"}]).faults == []


@pytest.mark.parametrize("affected", ["<3.9.5", ">=3.10,<3.13.3", ["<3.0", ">=3.10"]])
def test_a_row_that_touches_no_locked_version_is_stale(tmp_path, affected):
    found = known(tmp_path, rows=[ROW | {"affected": affected}])
    assert found.faults == [] and stale(found.rows, LOCKED) == found.rows
    assert stale(found.rows, []) == found.rows


def test_one_of_several_ranges_is_enough(tmp_path):
    assert stale(known(tmp_path, rows=[ROW | {"affected": ["<3.0", ">=3.9,<3.13.3"]}]).rows, LOCKED) == []


def test_a_row_answers_by_any_id_and_for_its_package_only(tmp_path):
    (row,) = known(tmp_path).rows
    advisory = Advisory("aiohttp", "3.9.5", ("GHSA-6mq8-rvhq-8wgg", "EUVD-1"), "", "")
    assert answers(row, advisory)
    assert not answers(row, Advisory("yarl", "1.9", advisory.ids, "", ""))
    assert not answers(row, Advisory("aiohttp", "3.9.5", ("CVE-2025-69224",), "", ""))


def test_rows_without_an_id_are_checked_as_well(tmp_path):
    nameless = {key: value for key, value in ROW.items() if key != "ids"}
    assert known(tmp_path, without_id=[nameless]).faults == []
    assert known(tmp_path, without_id=[ROW]).faults  # an id belongs above
    old = known(tmp_path, without_id=[nameless | {"affected": "<1"}])
    assert [row.ids for row in stale(old.rows, LOCKED)] == [()]


def test_our_file_is_well_formed():
    found = read_rows(ROOT / "docs" / "advisories.yml", ROOT, max(TODAY, date.today()))
    assert found.faults == []
    assert len(found.rows) > 50
