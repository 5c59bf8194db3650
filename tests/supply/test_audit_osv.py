"""Advisories in the OSV form: which versions they hold for, and a copy of a database in a folder."""

from __future__ import annotations

import copy

import pytest

from tests.supply.audit_files import RECORD, database
from tools.audit.osv import holds, ids_of, matching, read_folder, summary_of


def record(**affected):
    changed = copy.deepcopy(RECORD)
    changed["affected"][0].update(affected)
    return changed


def events(*pairs):
    return [{"type": "ECOSYSTEM", "events": [{kind: value} for kind, value in pairs]}]


@pytest.mark.parametrize(
    ("ranges", "inside", "outside"),
    [
        (events(("introduced", "0"), ("fixed", "3.13.3")), ["0.1", "3.9.5", "3.13.3rc1"], ["3.13.3", "4.0"]),
        (events(("introduced", "0"), ("last_affected", "2.2.0")), ["2.0.1", "2.2.0"], ["2.2.1"]),
        (events(("introduced", "1.9.0"), ("fixed", "1.22.0")), ["1.9.0", "1.16.2"], ["1.8", "1.22.0"]),
        (
            events(("introduced", "6.30.0rc1"), ("fixed", "6.33.5"), ("introduced", "0"), ("fixed", "5.29.6")),
            ["4.23.3", "6.30.0rc1", "6.33.4"],
            ["5.29.6", "6.29", "6.33.5"],
        ),
        (events(("introduced", "2.0")), ["2.0", "9"], ["1.9"]),
        ([{"type": "GIT", "events": [{"introduced": "0"}, {"fixed": "ab12"}]}], [], ["1.0"]),
    ],
)
def test_ranges(ranges, inside, outside):
    about = record(ranges=ranges)
    assert [v for v in inside if not holds(about, "aiohttp", v)] == []
    assert [v for v in outside if holds(about, "aiohttp", v)] == []


def test_versions_that_are_named_one_by_one():
    about = record(ranges=[], versions=["1.0", "0.9"])
    assert holds(about, "aiohttp", "1.0.0") and holds(about, "aiohttp", "0.9")
    assert not holds(about, "aiohttp", "1.1")


def test_bounds_that_are_no_version_leave_the_list():
    about = record(ranges=events(("introduced", "first"), ("fixed", "last")), versions=["1.0"])
    assert holds(about, "aiohttp", "1.0") and not holds(about, "aiohttp", "2.0")


def test_only_the_package_of_pypi_and_nothing_withdrawn():
    assert not holds(RECORD, "yarl", "3.9.5")
    assert not holds(record(package={"ecosystem": "npm", "name": "aiohttp"}), "aiohttp", "3.9.5")
    assert holds(record(package={"ecosystem": "PyPI", "name": "AioHTTP"}), "aiohttp", "3.9.5")
    assert not holds(RECORD | {"withdrawn": "2026-01-01T00:00:00Z"}, "aiohttp", "3.9.5")


def test_names_and_summary():
    assert ids_of(RECORD) == ("PYSEC-2026-1101", "CVE-2025-69223", "GHSA-6mq8-rvhq-8wgg")
    assert summary_of({"details": "### A heading\nmore"}) == "A heading"
    assert summary_of({}) == ""


@pytest.mark.parametrize("form", ["yaml", "json"])
def test_a_folder_in_either_form(tmp_path, form):
    other = copy.deepcopy(RECORD) | {"id": "PYSEC-2026-1"}
    other["affected"][0]["package"] = {"ecosystem": "PyPI", "name": "django"}
    found = read_folder(database(tmp_path, RECORD, other, form=form), {"aiohttp"})
    assert (found.files, len(found.records), found.unreadable) == (2, 1, [])
    (advisory,) = matching(found.records, "aiohttp", "3.9.5", "copy")
    assert advisory.ids == ids_of(RECORD) and advisory.database == "copy"
    assert matching(found.records, "aiohttp", "3.14.1", "copy") == []


def test_files_that_cannot_be_read_are_named(tmp_path):
    folder = database(tmp_path, RECORD)
    (folder / "broken.yaml").write_text("name: aiohttp\naffected: [", encoding="utf-8")
    (folder / "broken.json").write_text('{"name": "aiohttp"', encoding="utf-8")
    (folder / "bytes.yaml").write_bytes(b"name: \xff")
    (folder / "huge.json").write_text('"' + "x" * (4 * 1024 * 1024) + '"', encoding="utf-8")
    (folder / ".git").mkdir()
    (folder / ".git" / "x.yaml").write_text("name: aiohttp\n[", encoding="utf-8")
    found = read_folder(folder, {"aiohttp"})
    assert found.unreadable == ["broken.json", "broken.yaml", "bytes.yaml", "huge.json"]
    assert len(found.records) == 1


def test_no_folder(tmp_path):
    with pytest.raises(NotADirectoryError):
        read_folder(tmp_path / "gone", {"aiohttp"})
