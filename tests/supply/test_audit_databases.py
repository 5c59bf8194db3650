"""The public databases over real HTTP: answers, missing pages, several pages, and those that are away."""

from __future__ import annotations

import socket

import pytest

from tests.supply.advisory_server import Advisories, advisory_server
from tests.supply.audit_files import RECORD
from tools.audit.databases import Answers, ask_all
from tools.audit.locks import Locked

PACKAGES = [Locked("aiohttp", "3.9.5", "lock"), Locked("yarl", "1.25.1", "lock"), Locked("onnx", "1.16.2", "lock")]
PYPI_RECORD = {"id": "PYSEC-2026-1101", "aliases": ["CVE-2025-69223"], "summary": "a zip bomb", "withdrawn": None}


@pytest.fixture
def known():
    known = Advisories()
    for package in PACKAGES:
        known.pages[package.name, package.version] = []
    return known


def asked(known: Advisories, packages=PACKAGES) -> tuple[Answers, Answers]:
    with advisory_server(known) as address:
        pypi, osv = ask_all(packages, f"{address}/", address, seconds=20)
    return pypi, osv


def test_nothing_known_of_anything(known):
    for answers in asked(known):
        assert answers.whole and answers.answered == 3 and answers.advisories == []


def test_an_advisory_of_pypi(known):
    withdrawn = PYPI_RECORD | {"id": "PYSEC-2026-1", "withdrawn": "2026-02-01T00:00:00Z"}
    known.pages["aiohttp", "3.9.5"] = [PYPI_RECORD, withdrawn]
    pypi, osv = asked(known)
    (advisory,) = pypi.advisories
    assert (advisory.package, advisory.version) == ("aiohttp", "3.9.5")
    assert advisory.ids == ("PYSEC-2026-1101", "CVE-2025-69223") and advisory.summary == "a zip bomb"
    assert osv.advisories == []


def test_a_mirror_with_the_newest_pages_only_answers_for_what_is_newest(known):
    known.pages.clear()
    known.newest = {"aiohttp": ("3.14.5", []), "yarl": ("1.25.1", [PYPI_RECORD])}
    pypi, _ = asked(known)
    assert pypi.unanswered == ["aiohttp 3.9.5", "onnx 1.16.2"]
    assert not pypi.whole and not pypi.failure and pypi.answered == 1
    assert [a.package for a in pypi.advisories] == ["yarl"]


def test_an_advisory_of_osv_in_several_pages(known):
    known.page_size = 2
    known.osv["aiohttp", "3.9.5"] = [f"PYSEC-2026-{n}" for n in range(1101, 1106)]
    known.osv["onnx", "1.16.2"] = ["PYSEC-2026-1101"]
    known.records = {f"PYSEC-2026-{n}": RECORD | {"id": f"PYSEC-2026-{n}"} for n in range(1101, 1106)}
    known.records["PYSEC-2026-1103"]["withdrawn"] = "2026-02-01T00:00:00Z"
    _, osv = asked(known)
    assert osv.whole
    assert sorted((a.package, a.ids[0]) for a in osv.advisories) == [
        ("aiohttp", "PYSEC-2026-1101"),
        ("aiohttp", "PYSEC-2026-1102"),
        ("aiohttp", "PYSEC-2026-1104"),
        ("aiohttp", "PYSEC-2026-1105"),
        ("onnx", "PYSEC-2026-1101"),
    ]


def test_a_database_that_is_away_says_so_and_is_not_asked_for_every_package(known):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))  # bound, and nobody listens
        away = f"http://127.0.0.1:{taken.getsockname()[1]}"
        for answers in ask_all(PACKAGES, away, away, seconds=5):
            assert answers.failure.startswith("ConnectError") and not answers.whole
            assert answers.answered == 0 and answers.advisories == []


def test_a_database_without_an_address_is_not_asked_and_no_all_clear(known):
    with advisory_server(known) as address:
        pypi, osv = ask_all(PACKAGES, "", address, seconds=20)
    assert pypi.database == "PyPI" and pypi.failure and not pypi.whole
    assert osv.whole


@pytest.mark.parametrize("status", [403, 500, 503])
def test_a_database_that_refuses(known, status):
    known.status = status
    pypi, osv = asked(known)
    assert str(status) in pypi.failure and str(status) in osv.failure
    assert len([path for path in known.asked if path.startswith("/pypi")]) == 2  # the first question, twice


@pytest.mark.parametrize("raw", [b"<html>sign in</html>", b'{"results": []}', b"[]", b"null"])
def test_an_answer_that_is_none_is_no_all_clear(known, raw):
    known.raw = raw
    pypi, osv = asked(known)
    assert not pypi.whole and not osv.whole


def test_an_advisory_that_osv_names_and_does_not_have(known):
    known.osv["aiohttp", "3.9.5"] = ["PYSEC-2026-9999"]
    assert asked(known)[1].failure


def test_nothing_to_ask_about(known):
    for answers in asked(known, []):
        assert answers.whole and answers.asked == 0
