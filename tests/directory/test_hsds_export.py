"""HSDS objects of made-up records: what the real directory does not have (yet), and the hours."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.directory.geo import Gazetteer, Place
from actions.directory.hours import BERLIN, week
from actions.directory.hsds_export import Context, full, listed
from actions.directory.hsds_query import Feed
from actions.directory.hsds_schedule import ordinary_week, schedules
from actions.directory.hsds_terms import Terms
from actions.directory.model import Eligibility, Service, load_kinds, load_records, service_from_record

DATA = Path(__file__).parents[2] / "data"
NOW = datetime(2026, 11, 23, 10, tzinfo=BERLIN)
SUMMER = datetime(2026, 7, 6, 10, tzinfo=BERLIN)
KINDS = load_kinds(DATA / "services")
GAZETTEER = Gazetteer([Place("leipzig", "Leipzig", "city", "leipzig")], {"04109": {"place": "leipzig"}})
RECENT = dict.fromkeys(("phone", "email", "address", "hours"), "2026-10-05")
COMPLETE = Service(
    id="law-clinic", name="Law clinic", topics=("legal_advice",), kind="legal_clinic", confidence="high",
    organization="Refugee Law Clinic e.V.", description="Advice on residence.",
    eligibility=Eligibility("refugees", "women", 0, 27, ("tolerated",)), area=("leipzig",),
    address_1="Burgstraße 1", city="Leipzig", postal_code="04109", latitude=51.3, longitude=12.4,
    phone="+49 341 123456", email="info@clinic.example", url="https://clinic.example", hours="Tu 14:00-18:00",
    hours_note="Not in summer.", by_appointment=True, languages=("ar", "de"), interpreters=True, cost="free advice",
    free=True, childcare=True, wheelchair=True, checked=RECENT,
    sources=({"url": "https://clinic.example/kontakt", "seen": "2026-10-05", "supports": ["phone", "hours", "notes"]},
             {"url": "https://old.example", "seen": "2019", "supports": ["phone"]}),
    notes="Call Ms Muster.",
)  # fmt: skip


def context(now: datetime = NOW) -> Context:
    return Context(Terms(KINDS, {"legal_advice": "Legal advice"}), GAZETTEER, now, {"ar": "Arabic"}.get)  # type: ignore[arg-type]


def without_ids(thing: Any) -> Any:
    if isinstance(thing, dict):
        return {k: without_ids(v) for k, v in thing.items() if k != "id" and not k.endswith("_id")}
    return [without_ids(v) for v in thing] if isinstance(thing, list) else thing


def test_a_complete_record() -> None:
    found = full(COMPLETE, context())
    attributes = [(a["link_type"], a["taxonomy_term"]["code"], a.get("value", "")) for a in found.pop("attributes")]
    assert attributes == [
        ("record", "id", "law-clinic"), ("confidence", "high", ""), ("kind", "legal_clinic", ""),
        ("topic", "legal_advice", ""), ("eligibility", "tolerated", ""), ("eligibility", "women", ""),
        ("feature", "by_appointment", ""), ("feature", "interpreters", ""), ("feature", "free", ""),
        ("feature", "childcare", ""), ("feature", "wheelchair", ""), ("record", "checked", "2026-10-05"),
        ("record", "source", "https://clinic.example/kontakt"), ("record", "source", "https://old.example"),
    ]  # fmt: skip
    assert without_ids(found) == {
        "name": "Law clinic", "status": "active", "description": "Advice on residence.",
        "url": "https://clinic.example", "email": "info@clinic.example", "interpretation_services": "With interpreters",
        "application_process": "By appointment.", "fees_description": "free advice",
        "eligibility_description": "refugees", "minimum_age": 0, "maximum_age": 27, "assured_date": "2026-10-05",
        "last_modified": "2026-10-05T00:00:00Z",
        "organization": {"name": "Refugee Law Clinic e.V.", "description": "Refugee Law Clinic e.V."},
        "phones": [{"number": "+49 341 123456", "type": "voice"}],
        "schedules": [{"timezone": 1, "description": "Tu 14:00-18:00", "freq": "WEEKLY", "wkst": "MO", "byday": "TU",
                       "opens_at": "14:00", "closes_at": "18:00", "notes": "By appointment. Not in summer."}],
        "service_areas": [{"name": "Leipzig"}],
        "service_at_locations": [{"location": {
            "location_type": "physical", "latitude": 51.3, "longitude": 12.4,
            "addresses": [{"address_1": "Burgstraße 1", "city": "Leipzig", "state_province": "Sachsen",
                           "postal_code": "04109", "country": "DE", "address_type": "physical"}],
            "accessibility": [{"description": "Wheelchair access"}]}}],
        "languages": [{"code": "ar", "name": "Arabic"}, {"code": "de"}],
        "cost_options": [{"amount": 0, "currency": "EUR", "amount_description": "free advice"}],
        "contacts": [{"name": "Refugee Law Clinic e.V.", "email": "info@clinic.example"}],
        "metadata": [
            {"resource_type": "service", "last_action_date": "2026-10-05", "last_action_type": "checked",
             "field_name": field, "previous_value": "", "replacement_value": value,
             "updated_by": "https://clinic.example/kontakt"}
            for field, value in (("phone", "+49 341 123456"), ("hours", "Tu 14:00-18:00"))
        ],
    }  # fmt: skip


SECRETS = (
    "+49 341 123456",
    "info@clinic.example",
    "Burgstraße",
    "04109",
    "51.3",
    "Tu 14:00",
    "summer",
    "Muster",
    "appointment",
)


@pytest.mark.parametrize(
    ("change", "gone"),
    [
        ({"confidence": "low"}, SECRETS),
        ({"status": "inactive"}, SECRETS),
        ({"status": "defunct"}, SECRETS),
        ({"checked": dict.fromkeys(RECENT, "2019-01-01")}, SECRETS),
        ({"checked": {**RECENT, "phone": "2019-01-01"}}, SECRETS[:1]),
        ({"checked": {**RECENT, "hours": "2019"}}, SECRETS[5:]),
        ({"checked": {**RECENT, "address": "2019"}}, SECRETS[2:5]),
        ({"kind": "womens_shelter"}, SECRETS[1:5]),
        ({"kind": "mens_shelter"}, SECRETS[1:5]),
        ({}, ("Muster",)),
    ],
)
def test_what_may_not_be_shown_is_nowhere(change: dict[str, Any], gone: tuple[str, ...]) -> None:
    found = str(full(replace(COMPLETE, **change), context()))
    assert [secret for secret in gone if secret in found] == []
    assert [s for s in SECRETS if s not in found] == [s for s in SECRETS if s in gone or s == "Muster"]


def test_a_number_does_not_hide_in_a_text() -> None:
    told = "Call 0341 / 12 34 56."
    service = replace(
        COMPLETE, name="Helpline 116 117", alternate_name=told, description=told, cost=told, confidence="low",
        eligibility=Eligibility(told),
    )  # fmt: skip
    found = full(service, context())
    assert found["name"] == "Helpline"
    assert not {"alternate_name", "description", "fees_description", "eligibility_description"} & set(found)
    assert "34 56" not in str(found)
    assert full(replace(service, confidence="high"), context())["description"] == told
    assert listed(replace(service, name="116 117"), context())["name"] == "law-clinic"


@pytest.mark.parametrize(
    ("checked", "assured", "modified", "alert"),
    [
        (RECENT, "2026-10-05", "2026-10-05T00:00:00Z", ""),
        ({**RECENT, "phone": "2024-02-01"}, "2024-02-01", "2026-10-05T00:00:00Z", "12 months"),
        (dict.fromkeys(RECENT, "2026-10"), "", "", ""),
        ({**RECENT, "url": "2026"}, "2026-10-05", "2026-10-05T00:00:00Z", ""),
        ({**RECENT, "url": "2026-11"}, "2026-10-05", "", ""),
        ({}, "", "", "not known"),
    ],
)
def test_dates_are_given_when_they_are_full(checked: dict[str, str], assured: str, modified: str, alert: str) -> None:
    found = listed(replace(COMPLETE, checked=checked), context())
    assert (found.get("assured_date", ""), found.get("last_modified", "")) == (assured, modified)
    assert alert in found.get("alert", "") and bool(alert) is ("alert" in found)


def test_a_bare_record_has_no_empty_fields() -> None:
    bare = Service("bare", "Bare", ("legal_advice",), "legal_clinic")
    found = full(bare, context())
    assert set(found) == {"id", "name", "status", "alert", "attributes"}


def test_only_saxony_is_called_saxony() -> None:
    elsewhere = replace(COMPLETE, city="Nürnberg", postal_code="90461")
    address = full(elsewhere, context())["service_at_locations"][0]["location"]["addresses"][0]
    assert address["state_province"] == ""


# hours


def rows(expression: str, now: datetime = NOW) -> list[tuple[str, str, str]]:
    service = replace(COMPLETE, hours=expression, hours_note="", by_appointment=False)
    found = schedules(service, now)
    assert {s["description"] for s in found} <= {expression}
    return [(s.get("byday", ""), s.get("opens_at", ""), s.get("closes_at", "")) for s in found]


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("Mo-Th 09:00-12:00, Tu 13:00-18:00; PH off", [("MO,TU,WE,TH", "09:00", "12:00"), ("TU", "13:00", "18:00")]),
        ("Mo-Th 09:00-12:00; Tu 13:00-18:00", [("MO,WE,TH", "09:00", "12:00"), ("TU", "13:00", "18:00")]),
        ("24/7", [("MO,TU,WE,TH,FR,SA,SU", "00:00", "23:59")]),
        ("Mo 08:00-12:00,13:00-17:00", [("MO", "08:00", "12:00"), ("MO", "13:00", "17:00")]),
        ("Fr 22:00-02:00", [("FR", "22:00", "23:59"), ("SA", "00:00", "02:00")]),
        ("Su 20:00-02:00", [("MO", "00:00", "02:00"), ("SU", "20:00", "23:59")]),
        ("Mo 17:00+", [("MO", "17:00", "")]),
        ("Su,PH 10:30-13:30", [("SU", "10:30", "13:30")]),
        ("week 1-53/2 Th 17:00-19:00", [("", "", "")]),
        ("Sa[-1] 09:00-12:00", [("", "", "")]),
        ("Apr-Oct Mo-Fr 09:00-17:00; Nov-Mar Mo-Fr 10:00-16:00", [("", "", "")]),
        ('Mo-Fr 08:00-12:00 unknown "by appointment"', [("", "", "")]),
        ("PH 10:00-12:00", [("", "", "")]),
        ("by arrangement", []),
        ("", []),
    ],
)
def test_weekly_rows(expression: str, expected: list[tuple[str, str, str]]) -> None:
    assert rows(expression) == expected
    assert rows(expression, SUMMER) == expected


def test_hours_without_a_week_have_no_frequency() -> None:
    found = schedules(replace(COMPLETE, hours="week 1-53/2 Th 17:00-19:00"), NOW)
    assert [set(row) for row in found] == [{"id", "service_id", "timezone", "description", "notes"}]


def test_the_offset_is_that_of_the_season() -> None:
    assert [schedules(COMPLETE, now)[0]["timezone"] for now in (NOW, SUMMER)] == [1, 2]


def test_a_holiday_does_not_hide_a_day() -> None:
    """Buß- und Bettag is a Wednesday."""
    assert rows("We 09:00-12:00; PH off", datetime(2026, 11, 18, 10, tzinfo=BERLIN)) == [("WE", "09:00", "12:00")]


@pytest.mark.parametrize("day", ["2026-01-19", "2026-03-27", "2026-10-25", "2026-10-26"])
def test_the_clock_change_is_no_other_week(day: str) -> None:
    now = datetime.fromisoformat(day).replace(hour=10, tzinfo=BERLIN)
    assert rows("Su 01:00-02:00", now) == [("SU", "01:00", "02:00")]
    assert rows("Su 02:00-03:00", now) == [("SU", "02:00", "03:00")]


HOURS = sorted({r["hours"] for r in load_records(DATA / "services") if "hours" in r} - {"week 1-53/2 Th 17:00-19:00"})


def spans(found: list[tuple[str, str, str]]) -> set[tuple[str, str, str]]:
    return {(day, opens, closes or "23:59") for days, opens, closes in found for day in days.split(",")}


@pytest.mark.parametrize("expression", HOURS)
def test_every_hour_of_the_directory_comes_through(expression: str) -> None:
    names = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
    expected = {
        (names[day], *span.replace("24:00", "23:59").split("-"))
        for day, text in week(expression, NOW)
        for span in text.split(", ")
    }
    assert expected and spans(rows(expression)) == expected


SLOT = st.tuples(st.integers(0, 6), st.integers(0, 22), st.sampled_from([0, 15, 30])).map(
    lambda t: (("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")[t[0]], f"{t[1]:02d}:{t[2]:02d}", f"{t[1] + 1:02d}:{t[2]:02d}")
)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(SLOT, min_size=1, max_size=6, unique_by=lambda slot: (slot[0], slot[1][:2])),
    st.dates(date(2026, 1, 1), date(2028, 1, 1)),
)
def test_any_ordinary_week_comes_through(slots: list[tuple[str, str, str]], day: date) -> None:
    """Whatever the week, the minutes that are open are the same, and the same on every day of that week."""
    expression = ", ".join(f"{name} {opens}-{closes}" for name, opens, closes in slots)
    monday = day - timedelta(days=day.weekday())

    def minutes(found: set[tuple[str, str, str]]) -> set[tuple[str, int]]:
        at = [(name, *(int(t[:2]) * 60 + int(t[3:]) for t in times)) for name, *times in found]
        return {(name.upper(), minute) for name, start, end in at for minute in range(start, end)}

    assert minutes(spans(list(ordinary_week(expression, monday)))) == minutes(set(slots))


def test_what_is_written_is_the_same_all_week() -> None:
    """The feed keeps what it wrote for a week of one month."""
    services = [service_from_record(record) for record in load_records(DATA / "services")]
    gazetteer = Gazetteer.load(DATA / "places.yml", DATA / "postcodes.yml")

    def written(now: datetime) -> list[bytes]:
        feed = Feed(services, gazetteer, KINDS)
        return feed.write("services", feed.find("services", {}, now), "full", now)

    assert written(NOW) == written(NOW + timedelta(days=6, hours=13))


def test_a_feed_writes_once() -> None:
    feed = Feed([COMPLETE], GAZETTEER, KINDS)
    row = feed.find("services", {}, NOW)
    first = feed.write("services", row, "full", NOW)[0]
    assert feed.write("services", row, "full", NOW + timedelta(hours=1))[0] is first
    assert feed.write("services", row, "full", NOW + timedelta(weeks=1))[0] is not first
    assert feed.write("services", row, "listed", NOW)[0] != first


def test_memory_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("actions.directory.hsds_query.KEPT", 10)
    feed = Feed([replace(COMPLETE, id=f"s{n}") for n in range(35)], GAZETTEER, KINDS)
    rows_ = feed.find("services", {}, NOW)
    assert len(set(feed.write("services", rows_, "listed", NOW))) == 35
    assert len(feed._written) <= 10
