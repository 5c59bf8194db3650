"""Records become services; what is wrong is named."""

from __future__ import annotations

from pathlib import Path

import pytest

from actions.directory.geo import Gazetteer
from actions.directory.model import DirectoryError, load_kinds, load_records, service_from_record
from actions.directory.search import Directory

RECORD = {"id": "amt", "name": "Amt", "topics": ["doctor"], "kind": "helpline"}


def test_a_record_becomes_a_service() -> None:
    service = service_from_record(
        RECORD
        | {
            "location": {"address_1": "Weg 1", "city": "Leipzig", "postal_code": 4109},
            "eligibility": {"gender": "women", "statuses": ["tolerated"]},
            "languages": ["de", "ar"],
            "area": ["leipzig"],
        }
    )
    assert (service.address_1, service.city, service.postal_code) == ("Weg 1", "Leipzig", "4109")
    assert service.eligibility.statuses == ("tolerated",)
    assert (service.topics, service.languages, service.area) == (("doctor",), ("de", "ar"), ("leipzig",))
    assert service.active


def test_absent_means_unknown() -> None:
    service = service_from_record(RECORD | {"location": None, "languages": None})
    assert (service.address_1, service.phone, service.hours, service.languages) == ("", "", "", ())
    assert service.eligibility.minimum_age is None


def test_the_record_itself_is_not_changed() -> None:
    record = RECORD | {"location": {"city": "Leipzig"}}
    service_from_record(record)
    assert record["location"] == {"city": "Leipzig"}


@pytest.mark.parametrize(
    "change",
    [
        {"fone": "110"},
        {"eligibility": {"sex": "women"}},
        {"eligibility": "women"},
        {"location": "Leipzig"},
        {"area": 5},
    ],
)
def test_a_bad_record_is_named(change: dict) -> None:
    with pytest.raises(DirectoryError, match="service amt: "):
        service_from_record(RECORD | change)


def test_a_record_without_what_is_needed_is_named() -> None:
    with pytest.raises(DirectoryError, match="service amt: .*kind"):
        service_from_record({k: v for k, v in RECORD.items() if k != "kind"})
    with pytest.raises(DirectoryError, match=r"service \?: "):
        service_from_record({})


@pytest.mark.parametrize("row", ["amt", None, 5])
def test_a_record_that_is_no_mapping(row: object) -> None:
    with pytest.raises(DirectoryError, match=f"service {row}"):
        service_from_record(row)  # type: ignore[arg-type]


def test_an_id_twice_is_named() -> None:
    with pytest.raises(DirectoryError, match="service id amt occurs twice"):
        Directory.from_records([RECORD, RECORD], Gazetteer([]))


@pytest.mark.parametrize("text", ["services: [", "", "other: []", "- 1", "services:\n\t- a", "services: 5"])
def test_a_broken_file_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "a_good.yml").write_text("services: []", "utf-8")
    (tmp_path / "work.yml").write_text(text, "utf-8")
    with pytest.raises(DirectoryError, match=r"^work\.yml: not a services file"):
        load_records(tmp_path)


def test_bytes_that_are_no_utf8_are_named(tmp_path: Path) -> None:
    (tmp_path / "work.yml").write_bytes(b"services: [{name: B\xfcro}]")
    with pytest.raises(DirectoryError, match=r"^work\.yml: "):
        load_records(tmp_path)


def test_kinds_are_no_services(tmp_path: Path) -> None:
    (tmp_path / "kinds.yml").write_text("kinds: {helpline: {label: Helpline, german: Hilfetelefon}}", "utf-8")
    (tmp_path / "work.yml").write_text("services: [{id: a}]", "utf-8")
    assert load_records(tmp_path) == [{"id": "a"}]
    assert load_kinds(tmp_path) == {"helpline": {"label": "Helpline", "german": "Hilfetelefon"}}


def test_the_newest_web_source_is_the_source() -> None:
    sources = [
        {"url": "https://old.de", "seen": "2019"},
        {"url": "https://new.de", "seen": "2026-01"},
        {"url": "https://undated.de", "seen": "undated"},
        {"url": "a leaflet", "seen": "2026-11"},
    ]
    assert service_from_record(RECORD | {"sources": sources}).source_url() == "https://new.de"
    assert service_from_record(RECORD | {"sources": sources[2:]}).source_url() == "https://undated.de"
    assert service_from_record(RECORD).source_url() == ""
