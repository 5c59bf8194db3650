"""Opening hours against golden cases and against what Saxony's calendar does to them."""

from __future__ import annotations

import json
import time
from datetime import datetime, timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from actions.directory.hours import BERLIN, HoursError, lost_weekdays, saxon_holidays, state_at, week

UTC = timezone.utc
GOLDEN = json.loads((Path(__file__).parent / "opening_hours_cases.json").read_text(encoding="utf-8"))
OFFICE = "Mo-Th 09:00-12:00, Tu 13:00-18:00; PH off"
BUSS_UND_BETTAG = "2026-11-18T10:30"


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


@pytest.mark.parametrize("case", GOLDEN["cases"], ids=lambda c: c["note"])
def test_golden_cases(case: dict) -> None:
    state = state_at(case["expr"], datetime.fromisoformat(case["at"]))
    expected = {"unknown": "appointment"}.get(case["state"], case["state"])
    assert state.state == expected
    change = case["next_change"] and datetime.fromisoformat(case["next_change"])
    if expected == "open":
        assert state.until == change
        assert state.always is (change is None)
        assert state.opens is None
    elif expected == "closed":
        opening = case["next_opening"] and datetime.fromisoformat(case["next_opening"])
        assert state.opens == opening
        assert state.until is None
    else:
        assert state.comment == case["comment"]


@pytest.mark.parametrize("expression", [*GOLDEN["invalid"], ""])
def test_invalid_expressions_are_refused_by_name(expression: str) -> None:
    with pytest.raises(HoursError, match="not valid opening hours"):
        state_at(expression, at("2026-11-24T10:00"))


@pytest.mark.parametrize("expression", GOLDEN["invalid"])
def test_the_week_of_an_invalid_expression_is_refused(expression: str) -> None:
    with pytest.raises(HoursError):
        week(expression, at("2026-11-24T10:00"))


def test_saxony_has_eleven_holidays() -> None:
    days = {(d.month, d.day) for d in saxon_holidays(2026)}
    assert len(saxon_holidays(2026)) == 11
    assert {(10, 31), (11, 18), (5, 14), (10, 3)} <= days
    assert not {(6, 4), (11, 1), (1, 6)} & days  # Corpus Christi, All Saints, Epiphany


@pytest.mark.parametrize(
    ("expression", "state"),
    [
        ("Mo-Fr 09:00-12:00", "closed"),  # silent about holidays: an office is shut
        ("Mo-Fr 09:00-12:00; PH off", "closed"),
        ("Mo-Fr 09:00-12:00; PH 10:00-11:00", "open"),
        ("Mo-Fr 09:00-12:00, PH 10:00-11:00", "open"),
        ("Mo-Fr 09:00-12:00; Su,PH 10:00-11:00", "open"),
        ("Mo-Fr 09:00-12:00; PH,Su 10:00-11:00", "open"),
        ("Mo-Fr 09:00-12:00; Su,PH 11:00-12:00", "closed"),
        ("Su,PH 10:00-11:00", "open"),
        ("24/7", "open"),
        ("24/7; PH off", "closed"),
        ("Mo-Su 08:00-20:00", "open"),  # a seven-day helpline
        ("Mo-Fr 08:00-20:00; Sa-Su 10:00-18:00", "open"),
        ("Mo-Fr 08:00-20:00, Sa,Su 10:00-18:00", "open"),
        ("Mo-Fr 08:00-20:00; Sa,Su off", "closed"),
        ("Sa-Mo 08:00-20:00, We 08:00-20:00", "open"),
        ("Mo-Sa 08:00-20:00", "closed"),
    ],
)
def test_on_a_holiday_of_saxony_only(expression: str, state: str) -> None:
    found = state_at(expression, at(BUSS_UND_BETTAG))
    assert found.state == state
    assert found.holiday


def test_the_next_opening_skips_the_holidays() -> None:
    state = state_at("Mo-Fr 09:00-15:00", at("2026-12-24T16:00"))
    assert state.opens == at("2026-12-28T09:00")
    assert not state.holiday


def test_new_year_is_known_in_the_old_year() -> None:
    assert state_at("Mo-Fr 09:00-15:00", at("2026-12-31T16:00")).opens == at("2027-01-04T09:00")


def test_beyond_sixty_days_no_opening_is_named() -> None:
    assert state_at("2027 Jun 01 09:00-12:00", at("2026-11-24T10:00")).opens is None


@pytest.mark.parametrize(
    ("moment", "state"),
    [
        ("2026-11-24T08:59", "closed"),
        ("2026-11-24T09:00", "open"),
        ("2026-11-24T11:59", "open"),
        ("2026-11-24T12:00", "closed"),
        ("2026-11-24T17:59", "open"),
        ("2026-11-24T18:00", "closed"),
    ],
)
def test_borders_of_a_span(moment: str, state: str) -> None:
    assert state_at(OFFICE, at(moment)).state == state


def test_appointment_wins_over_hours() -> None:
    assert state_at(OFFICE, at("2026-11-24T10:00"), by_appointment=True).state == "appointment"


def test_midnight_is_crossed_and_reached() -> None:
    night = "Fr 22:00-02:00; PH off"
    assert state_at(night, at("2026-11-27T23:00")).until == at("2026-11-28T02:00")
    assert state_at(night, at("2026-11-28T02:00")).state == "closed"
    assert state_at("Mo-Su 18:00-24:00", at("2026-11-24T23:59")).until == at("2026-11-25T00:00")


def test_a_weekend_open_throughout_ends_on_monday() -> None:
    line = "Mo-Fr 19:00-24:00; Mo-Fr 00:00-07:00,19:00-24:00; Sa-Su 00:00-24:00"
    assert state_at(line, at("2026-11-28T12:00")).until == at("2026-11-30T07:00")


@pytest.mark.parametrize(
    "expression", ["24/7", "Mo-Su 00:00-24:00", "Mo-Su 00:00-12:00,12:00-24:00", "Mo-Su 12:00-12:00"]
)
def test_day_and_night_is_known_at_once(expression: str) -> None:
    """The library searches for an end until the year 10000: seconds in which nobody else is answered."""
    state_at("24/7", at("2026-11-24T10:00"))
    start = time.perf_counter()
    state = state_at(expression, at("2026-11-24T10:00"))
    assert time.perf_counter() - start < 0.3
    assert state.always and state.until is None


def test_a_long_open_spell_is_not_always() -> None:
    assert state_at("24/7; PH off", at("2027-01-02T10:00")).until == at("2027-03-26T00:00")


@pytest.mark.parametrize(("day", "hours"), [("2026-03-29", 2), ("2026-10-25", 4)])
def test_nights_when_the_clock_changes(day: str, hours: int) -> None:
    """00:30 to 03:30 is an hour shorter in March and an hour longer in October."""
    start = at(f"{day}T00:30")
    state = state_at("Su 00:30-03:30", start)
    assert state.until == at(f"{day}T03:30")
    assert state.until.astimezone(UTC) - start.astimezone(UTC) == timedelta(hours=hours)


def test_moments_in_other_zones_mean_the_same() -> None:
    moment = at("2026-11-24T09:30")
    assert state_at(OFFICE, moment.astimezone(UTC)) == state_at(OFFICE, moment)
    assert state_at(OFFICE, moment.replace(tzinfo=None)) == state_at(OFFICE, moment)


@pytest.mark.parametrize(
    ("expression", "days"),
    [
        (OFFICE, [(0, "09:00-12:00"), (1, "09:00-12:00, 13:00-18:00"), (2, "09:00-12:00"), (3, "09:00-12:00")]),
        ("Mo 09:00-12:00; Sa-Su 00:00-24:00", [(0, "09:00-12:00"), (5, "00:00-24:00"), (6, "00:00-24:00")]),
        ("Su,PH 10:00-12:00", [(6, "10:00-12:00")]),
        ("Mo 09:00-12:00; PH,Su 10:00-12:00", [(0, "09:00-12:00"), (6, "10:00-12:00")]),
        ("Mo 09:00-12:00, PH 10:00-12:00", [(0, "09:00-12:00")]),
        ("off", []),
        ("Tu 09:00-12:00 unknown", []),
    ],
)
def test_the_week_as_written(expression: str, days: list[tuple[int, str]]) -> None:
    assert week(expression, at("2026-11-24T10:00")) == days


def test_a_holiday_hides_no_day_of_the_week() -> None:
    assert week("Mo-Fr 09:00-12:00; PH off", at(BUSS_UND_BETTAG)) == [(n, "09:00-12:00") for n in range(5)]


@pytest.mark.parametrize(
    ("expression", "lost"),
    [
        ("Mo-Th 09:00-12:00; Tu 13:00-18:00", ["Tu"]),
        ("Mo-Th 09:00-12:00, Tu 13:00-18:00", []),
        ("Mo,We 09:00-12:00; We-Fr 13:00-18:00", ["We"]),
        ("Sa-Mo 09:00-12:00; Su 13:00-18:00", ["Su"]),
        ("Mo-Fr 09:00-12:00; PH off", []),
    ],
)
def test_lost_weekdays(expression: str, lost: list[str]) -> None:
    assert lost_weekdays(expression) == lost


DAYS = ("Mo", "Tu", "We", "Th", "Fr", "Sa", "Su")
times = st.integers(0, 47).map(lambda n: f"{n // 2:02d}:{n % 2 * 30:02d}")
rules = st.builds(lambda a, b, start, end: f"{a}-{b} {start}-{end}", *[st.sampled_from(DAYS)] * 2, times, times)
expressions = st.builds(
    lambda parts, separator, holidays: separator.join(parts) + holidays,
    st.lists(rules, min_size=1, max_size=3),
    st.sampled_from(["; ", ", "]),
    st.sampled_from(["", "; PH off", "; PH 10:00-12:00"]),
)
moments = st.integers(0, 2 * 366 * 96).map(lambda n: datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=15 * n))


@settings(max_examples=150, deadline=None)
@given(expressions, moments)
def test_an_open_spell_lasts_until_it_ends(expression: str, moment: datetime) -> None:
    state = state_at(expression, moment)
    if state.state != "open":
        assert state.until is None
        assert state.opens is None or state.opens > moment
        return
    if state.always:
        return
    assert state.until is not None and state.until > moment
    last_minute = state.until.astimezone(UTC) - timedelta(minutes=1)
    assert state_at(expression, max(moment, last_minute)).state == "open"
    assert state_at(expression, state.until).state == "closed"


@settings(max_examples=100, deadline=None)
@given(expressions, moments)
def test_what_opens_next_is_open_then_and_not_before(expression: str, moment: datetime) -> None:
    state = state_at(expression, moment)
    if state.opens is not None:
        assert state_at(expression, state.opens).state == "open"
        before = state.opens.astimezone(UTC) - timedelta(minutes=1)
        assert state_at(expression, max(moment, before)).state == "closed"


def test_a_rule_without_a_next_opening_is_not_searched_for_until_the_year_10000() -> None:
    past = state_at("2026 Nov 17-2026 Nov 24 Mo 09:00-12:00", datetime(2026, 11, 25, 10))
    assert (past.state, past.opens) == ("closed", None)
    last = state_at("2026 Nov 17-2026 Nov 24 Mo 09:00-12:00", datetime(2026, 11, 20, 10))
    assert last.opens is not None and (last.opens.day, last.opens.hour) == (23, 9)


@pytest.mark.parametrize("monday", [datetime(2026, 3, 23), datetime(2026, 10, 19), datetime(2026, 11, 23)])
def test_the_week_of_a_clock_change_is_a_week_like_others(monday: datetime) -> None:
    assert week("Su 02:30-05:00", monday) == [(6, "02:30-05:00")]
    assert week("Sa 20:00-26:30", monday) == [(5, "20:00-24:00"), (6, "00:00-02:30")]
