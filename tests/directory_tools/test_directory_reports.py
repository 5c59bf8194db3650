"""Reports and views: what is stale on a given day, what a card shows and why not, what differs."""

from __future__ import annotations

import csv
import io
from copy import deepcopy
from dataclasses import replace
from datetime import date
from typing import Any

import pytest

from actions.directory.freshness import CONTACT_FIELDS, shown
from actions.directory.model import DirectoryError, service_from_record
from bot.directory_tools import diff, office, show, stale
from bot.directory_tools.corrections import FIELDS, Correction
from bot.directory_tools.holdings import Holdings

TODAY = date(2026, 11, 28)
NAMES = {"driving_licence": "Führerschein", "vogtlandkreis": "Vogtlandkreis", "dresden": "Dresden"}


def record(identity: str, **values: Any) -> dict[str, Any]:
    return {
        "id": identity, "name": identity.title(), "organization": "Amt", "topics": ["asylum_procedure"], "kind": "helpline",
        "status": "active", "confidence": "high", "area": ["dresden"], "phone": "112", "hours": "24/7",
        "checked": {"phone": "2026-11", "hours": "2026-11"},
    } | values  # fmt: skip


def of(holdings: Holdings, *records: dict[str, Any]) -> Holdings:
    return replace(holdings, records=list(records))


def one(holdings: Holdings, limit: int = 12, **values: Any) -> stale.Finding | None:
    found = stale.findings(of(holdings, record("x", **values)), TODAY, limit)
    return found[0] if found else None


def test_a_fresh_record_is_not_listed(holdings: Holdings) -> None:
    assert one(holdings) is None
    assert one(holdings, status="defunct", checked={}) is None


@pytest.mark.parametrize(
    ("day", "limit", "age"),
    [
        ("2025-11", 12, ""),
        ("2025-10", 12, "old"),
        ("2025-10", 13, ""),
        ("2022-11", 12, "old"),
        ("2022-10-31", 12, "very"),
    ],
)
def test_ages_by_month(day: str, limit: int, age: str, holdings: Holdings) -> None:
    finding = one(holdings, limit, checked={"phone": day, "hours": "2026-11"})
    assert (finding.very_old if finding else {}) == ({"phone": day} if age == "very" else {})
    assert (finding.old if finding else {}) == ({"phone": day} if age == "old" else {})


def test_very_old_in_the_report_is_what_a_card_withholds(holdings: Holdings) -> None:
    """The report and the freshness contract agree, on the whole directory."""
    for finding in stale.findings(holdings, TODAY, 12):
        if finding.unconfirmed:
            continue
        card = shown(finding.service, TODAY)
        for name in CONTACT_FIELDS:
            if name in finding.very_old:
                assert not getattr(card, name), finding.service.id
            elif name in finding.old or name in finding.undated:
                assert getattr(card, name), finding.service.id


def test_what_lacks(holdings: Holdings) -> None:
    finding = one(holdings, phone="", hours="", confidence="low", checked={})
    assert finding is not None
    assert (finding.no_phone, finding.no_hours, finding.unconfirmed) == (True, True, True)
    assert finding.undated == {"record": ""}
    assert one(holdings, hours="", by_appointment=True) is None


def test_emergency_numbers_are_never_too_old_to_be_shown(holdings: Holdings) -> None:
    finding = one(holdings, kind="emergency_number", checked={"phone": "2015", "hours": "2026-11"})
    assert finding is not None and (finding.very_old, finding.old) == ({}, {"phone": "2015"})


def test_the_report_in_german_by_district(holdings: Holdings) -> None:
    some = of(
        holdings,
        record("b", checked={"phone": "2019-05-24"}),
        record("a", phone="", organization="Zentrum", area=["plauen"]),
        record("c", phone="", area=["dresden", "plauen"]),
        record("d", phone="", area=["deutschland"]),
    )
    text = office.stale_text(
        stale.findings(some, TODAY, 12), stale.gaps(some, TODAY), NAMES | {"vogtlandkreis": "Vogtlandkreis"}, TODAY, 12, "district"
    )  # fmt: skip
    head, _, body = text.partition("\n\nDresden\n-------\n")
    assert head.startswith(
        "Pflegestand des Verzeichnisses am 28.11.2026\n\n    1  Einträge mit Angaben älter als 48 Monate\n"
    )
    assert "    3  Einträge ohne Telefon" in head
    assert body.startswith("* B, Amt [b]\n    älter als 48 Monate: Telefon 24.05.2019; ohne Datum: Öffnungszeiten\n\n")
    groups = ["Ganz Sachsen oder bundesweit", "Mehrere Landkreise", "Vogtlandkreis", "Themen ohne jedes Angebot"]
    places = [body.index(f"\n{group}\n") for group in groups]
    assert places == sorted(places)
    assert "* Führerschein [driving_licence]" in body
    assert "* A, Zentrum [a]\n    Telefon fehlt\n" in body


def test_the_report_by_organisation_as_a_table(holdings: Holdings) -> None:
    some = of(holdings, record("b", phone=""), record("a", organization="", checked={"phone": "2019"}), record("c", organization="=Amt", phone=""))  # fmt: skip
    text = office.stale_csv(stale.findings(some, TODAY, 6), stale.gaps(some, TODAY), NAMES, 6, "organisation")
    rows = list(csv.DictReader(io.StringIO(text), delimiter=";"))
    assert [(row["Gruppe"], row["ID"]) for row in rows[:3]] == [
        ("'=Amt", "c"),
        ("Amt", "b"),
        ("ohne Angabe der Organisation", "a"),
    ]
    assert rows[1]["Telefon fehlt"] == "ja" and rows[1]["älter als 6 Monate"] == ""
    assert rows[2]["nicht mehr angezeigt"] == "Telefon 2019" and rows[2]["ohne Datum"] == "Öffnungszeiten"
    assert {"Gruppe": "Thema ohne Angebot", "ID": "driving_licence", "Name": "Führerschein"}.items() <= next(
        row for row in rows if row["ID"] == "driving_licence"
    ).items()
    assert all(None not in row and None not in row.values() for row in rows)


def test_gaps(holdings: Holdings) -> None:
    some = of(
        holdings,
        record("a", topics=["doctor"], area=["plauen"]),
        record("b", topics=["school"], area=["sachsen"], phone="", hours="", checked={}),
        record("c", topics=["transport"], status="defunct"),
    )
    gaps = stale.gaps(some, TODAY)
    assert "transport" in gaps.topics and "doctor" not in gaps.topics and "school" not in gaps.topics
    assert gaps.useless == ("school",)
    assert "vogtlandkreis" not in gaps.districts and "dresden" in gaps.districts and len(gaps.districts) == 12
    assert gaps.missing["dresden"] == ("doctor",) and gaps.missing["vogtlandkreis"] == ()


def view(holdings: Holdings, **values: Any) -> list[str]:
    return show.lines(record("x", **values), "crisis", TODAY)


def test_show_says_what_a_card_shows_and_why_not(holdings: Holdings) -> None:
    lines = view(
        holdings,
        checked={"phone": "2022-10", "hours": "2025-01"},
        location={"address_1": "Weg 1", "city": "Dresden"},
        sources=[{"url": "https://x.example", "seen": "2022-10", "supports": ["phone"], "remark": "by hand"}],
    )
    assert "  phone: 112 - withheld: checked 2022-10, more than 48 months ago" in lines
    assert "  hours: 24/7 - shown, checked 2025-01" in lines
    assert "  address: Weg 1, Dresden - shown, its date is not known" in lines
    assert "  email: not in the record" in lines
    assert "  warning: the date of the last check is not known" in lines
    assert "  1. 2022-10  https://x.example (by hand)" in lines and "     supports phone" in lines
    assert "  in: data/services/crisis.yml" in lines


def test_show_of_low_confidence_closed_places_and_shelters(holdings: Holdings) -> None:
    assert "  phone: 112 - withheld: confidence is low" in view(holdings, confidence="low")
    assert "  phone: 112 - withheld: the service is defunct" in view(holdings, status="defunct")
    assert "  address: never kept for a shelter" in view(holdings, kind="womens_shelter")


def test_show_reads_every_record(holdings: Holdings) -> None:
    for one_record in holdings.records:
        lines = show.lines(one_record, "x", TODAY)
        lines = lines[lines.index("What a card shows on 2026-11-28") : lines.index("Sources")]
        card = shown(service_from_record(one_record), TODAY)
        for name in CONTACT_FIELDS:
            (line,) = [line for line in lines if line.startswith(f"  {name}: ")]
            assert ("shown" in line.rsplit(" - ", 1)[-1]) == getattr(card, name), (one_record["id"], line)


def test_show_of_a_broken_record_is_one_sentence() -> None:
    with pytest.raises(DirectoryError, match="service x"):
        show.lines({"id": "x", "surprise": 1}, "crisis", TODAY)


def test_differences(holdings: Holdings) -> None:
    old = holdings.records[:4]
    new = deepcopy(old[1:])
    new[0]["phone"], new[0]["colour"] = "+49 30 1", "red"
    new[1]["topics"] = [*new[1]["topics"], "doctor"]
    del new[1]["sources"][0]
    new.append(record("aaa-new", name="N\x1b[31m"))
    lines = diff.lines(diff.changes(old, new))
    assert lines[0] == "+ aaa-new  N<U+001B>[31m"
    assert f"- {old[0]['id']}  {old[0]['name']}" in lines
    assert f'    phone: "{old[1]["phone"]}" -> "+49 30 1"' in lines
    assert "    colour (no column): (empty) -> \"'red'\"" in lines
    assert any(line.startswith("    topics: ") and line.endswith('|doctor"') for line in lines)
    assert any(line.startswith("    source_1_url: ") for line in lines)
    assert lines[-1] == "1 added, 1 removed, 2 changed"
    assert diff.lines(diff.changes(old, deepcopy(old))) == ["0 added, 0 removed, 0 changed"]


def test_records_of_any_shape_can_be_compared() -> None:
    odd = [
        {"id": "a", "sources": "x", "topics": {"b": 1}, "location": [1], "checked": 5, "eligibility": None},
        {"no": "id"},
    ]
    assert diff.lines(diff.changes(odd, []))[-1] == "0 added, 2 removed, 0 changed"
    assert diff.lines(diff.changes([], odd))[-1] == "2 added, 0 removed, 0 changed"
    assert len(diff.changes(odd, [{"id": "a", "sources": ["x", 1, None]}])) == 2


def test_corrections_in_german() -> None:
    assert office.corrections_text([], {}) == "Keine Meldungen.\n"
    entries = [Correction("a", "phone", "2026-11-28", 2), Correction("b", "closed", "2026-11-01", 1)]
    assert office.corrections_text(entries, {"a": "Amt"}) == (
        "1. 28.11.2026  Telefonnummer falsch, 2-mal gemeldet: Amt [a]\n"
        "2. 01.11.2026  gibt es nicht mehr, 1-mal gemeldet: [b], nicht (mehr) im Verzeichnis\n"
    )
    assert set(office.REPORTED) == set(FIELDS)
