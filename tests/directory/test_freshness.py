"""The freshness contract on its exact borders."""

from __future__ import annotations

from datetime import date

import pytest

from actions.directory.freshness import Limits, Shown, months, shown
from actions.directory.model import Service

TODAY = date(2026, 11, 22)


def service(**fields: object) -> Service:
    base = {"id": "x", "name": "X", "topics": ("doctor",), "kind": "helpline"}
    return Service(**{**base, "phone": "+49 341 1", "url": "https://x.de", "checked": {"phone": "2026-10"}, **fields})


def test_a_fresh_record_shows_all_without_warning() -> None:
    full = service(
        address_1="Weg 1", email="a@b.de", hours="24/7",
        checked=dict.fromkeys(("phone", "address", "email", "hours"), "2026-10"),
    )  # fmt: skip
    assert shown(full, TODAY) == Shown(True, True, True, True, True, "2026-10", "")


@pytest.mark.parametrize(
    ("checked", "warning", "phone"),
    [
        ("2026-11-22", "", True),
        ("2025-11", "", True),  # twelve months
        ("2025-11-30", "", True),
        ("2025-10", "old", True),  # thirteen
        ("2025-10-31", "old", True),
        ("2026", "", True),
        ("2025", "old", True),  # a bare year counts as its January
        ("2022-11", "old", True),  # forty-eight
        ("2022-11-01", "old", True),
        ("2022-10", "withheld", False),  # forty-nine
        ("2022-10-31", "withheld", False),
        ("2022", "withheld", False),
        ("2023", "old", True),
    ],
)
def test_borders_of_twelve_months_and_four_years(checked: str, warning: str, phone: bool) -> None:
    found = shown(service(checked={"phone": checked}), TODAY)
    assert (found.warning, found.phone, found.checked, found.url) == (warning, phone, checked, True)


def test_undated_is_shown_with_a_warning() -> None:
    found = shown(service(checked={}), TODAY)
    assert (found.phone, found.checked, found.warning) == (True, "", "undated")


def test_one_undated_field_makes_the_card_undated() -> None:
    found = shown(service(address_1="Weg 1"), TODAY)
    assert (found.address, found.phone, found.checked, found.warning) == (True, True, "", "undated")


def test_the_oldest_shown_field_dates_the_card() -> None:
    found = shown(service(address_1="Weg 1", checked={"phone": "2026-10", "address": "2024-03"}), TODAY)
    assert (found.checked, found.warning) == ("2024-03", "old")


def test_only_what_is_too_old_is_withheld() -> None:
    found = shown(service(address_1="Weg 1", checked={"phone": "2019", "address": "2026-10"}), TODAY)
    assert (found.phone, found.address, found.checked, found.warning) == (False, True, "2026-10", "withheld")


@pytest.mark.parametrize("fields", [{"confidence": "low"}, {"status": "defunct"}, {"status": "inactive"}])
def test_unconfirmed_shows_name_and_website_only(fields: dict[str, str]) -> None:
    found = shown(service(address_1="Weg 1", email="a@b.de", hours="24/7", **fields), TODAY)
    assert found == Shown(False, False, False, False, True, "2026-10", "unconfirmed")
    assert not found.actionable


def test_without_contacts_the_newest_date_counts() -> None:
    found = shown(service(phone="", checked={"name": "2024-01", "description": "2026-02-03"}), TODAY)
    assert (found.checked, found.warning, found.phone) == ("2026-02-03", "", False)


def test_a_town_alone_is_no_address() -> None:
    assert not shown(service(city="Leipzig"), TODAY).address
    assert shown(service(postal_code="04109"), TODAY).address


def test_by_appointment_counts_as_hours() -> None:
    assert shown(service(by_appointment=True), TODAY).hours
    assert not shown(service(), TODAY).hours


@pytest.mark.parametrize(
    ("fields", "actionable"),
    [
        ({}, True),
        ({"phone": ""}, True),  # the website
        ({"phone": "", "url": ""}, False),
        ({"phone": "", "url": "", "email": "a@b.de"}, True),
        ({"phone": "", "url": "", "address_1": "Weg 1"}, True),
        ({"confidence": "low"}, False),
        ({"checked": {"phone": "2019"}, "url": ""}, False),
    ],
)
def test_actionable(fields: dict[str, object], actionable: bool) -> None:
    assert shown(service(**fields), TODAY).actionable is actionable


def test_quality_falls_with_reach_and_age() -> None:
    cards = [
        {},
        {"checked": {"phone": "2024"}},
        {"checked": {"phone": "2019"}},
        {"checked": {"phone": "2019"}, "url": ""},
        {"confidence": "low", "url": ""},
    ]
    qualities = [shown(service(**fields), TODAY).quality for fields in cards]
    assert qualities == sorted(qualities)
    assert len(set(qualities)) == len(qualities)


def test_newer_is_fresher_and_undated_is_oldest() -> None:
    stamps = ["2026-10-01", "2026-09", "2026", "2019"]
    found = [shown(service(checked={"phone": s}), TODAY).freshness for s in stamps]
    assert found == sorted(found, reverse=True)
    assert shown(service(checked={}), TODAY).freshness < found[-1]


def test_months() -> None:
    assert months("2026-11") - months("2025-11") == 12
    assert months("2026") == months("2026-01") == months("2026-01-31")


def test_an_office_may_set_other_limits() -> None:
    record = service(checked={"phone": "2026-01"})
    assert shown(record, TODAY).warning == ""
    assert shown(record, TODAY, Limits(old=6, very_old=48)).warning == "old"
    assert not shown(record, TODAY, Limits(old=6, very_old=9)).phone
