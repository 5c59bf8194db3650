"""HSDS schedules as OSM hours: what is computed, what is left to words, and that both mean the same times."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from opening_hours import OpeningHours, State  # type: ignore[attr-defined]

from actions.directory.hours import BERLIN, state_at
from actions.directory.sources.hsds_models import Schedule
from actions.directory.sources.hsds_schedule import DAYS, opening

TODAY = date(2026, 11, 24)  # a Tuesday; the week has no holiday
Span = tuple[datetime, datetime]


def hours(*schedules: dict[str, Any]) -> str:
    return opening([Schedule.parse_obj(schedule) for schedule in schedules], TODAY).hours


def note(*schedules: dict[str, Any]) -> str:
    return opening([Schedule.parse_obj(schedule) for schedule in schedules], TODAY).note


def weekly(byday: str = "MO", opens: str = "09:00", closes: str = "12:00", **more: Any) -> dict[str, Any]:
    return {"freq": "WEEKLY", "byday": byday, "opens_at": opens, "closes_at": closes, **more}


def test_the_example_of_the_contract_adds_its_schedules() -> None:
    found = hours(weekly("MO,TU,WE,TH", interval=1, wkst="MO"), weekly("TU", "13:00:00", "18:00:00"))
    assert found == "Mo-Th 09:00-12:00, Tu 13:00-18:00"
    at = [state_at(found, datetime(2026, 11, 24, h, m)).state for h, m in ((10, 0), (12, 30), (14, 0), (18, 0))]
    assert at == ["open", "closed", "open", "closed"]


@pytest.mark.parametrize(
    "opens", ["10:00", "10:00:00", "10:00Z", "10:00:00Z", "10:00+01:00", "10:00:00+0100", "10:00-05", "10:00:00.000Z"]
)
def test_the_clock_on_the_wall_counts(opens: str) -> None:
    assert hours(weekly(opens=opens)) == "Mo 10:00-12:00"


def test_one_digit_of_the_hour_is_enough() -> None:
    assert hours(weekly(opens="9:00")) == "Mo 09:00-12:00"


@pytest.mark.parametrize(
    ("opens", "closes", "times"),
    [("00:00", "23:59", "00:00-24:00"), ("00:00", "24:00", "00:00-24:00"), ("00:00:00", "23:59:59", "00:00-24:00"),
     ("18:00", "23:59", "18:00-24:00"), ("18:00", "00:00", "18:00-24:00"), ("22:00", "02:00", "22:00-02:00")],
)  # fmt: skip
def test_ends_of_the_day(opens: str, closes: str, times: str) -> None:
    assert hours(weekly("FR", opens, closes)) == f"Fr {times}"


def test_day_and_night_is_always() -> None:
    found = hours(weekly(",".join(DAYS), "00:00", "23:59"))
    assert state_at(found, datetime(2026, 12, 25, 3)).always


@pytest.mark.parametrize(
    ("byday", "days"),
    [("MO,TU", "Mo,Tu"), ("MO,TU,WE", "Mo-We"), ("SU,MO", "Mo,Su"), (" mo ; we ", "Mo,We"), ("MO,MO", "Mo"),
     ("MO,TU,WE,FR,SA,SU", "Mo-We,Fr-Su")],
)  # fmt: skip
def test_days(byday: str, days: str) -> None:
    assert hours(weekly(byday)) == f"{days} 09:00-12:00"


def test_rows_with_the_same_times_are_one_rule() -> None:
    assert hours(*(weekly(day) for day in ("FR", "MO", "TU", "WE"))) == "Mo-We,Fr 09:00-12:00"


def test_without_days_the_first_date_tells_the_weekday() -> None:
    assert hours(weekly("", dtstart="2026-01-07")) == "We 09:00-12:00"
    assert hours(weekly("", dtstart="2026-01-07T09:00:00Z")) == "We 09:00-12:00"


@pytest.mark.parametrize(
    ("byday", "selector"),
    [("1MO", "Mo[1]"), ("-1FR", "Fr[-1]"), ("1MO,3MO", "Mo[1,3]"), ("2TU,+4TH", "Tu[2],Th[4]"), ("1MO,-1MO", "Mo[-1,1]")],
)  # fmt: skip
def test_numbered_weekdays_of_a_month(byday: str, selector: str) -> None:
    found = hours({**weekly(byday), "freq": "MONTHLY"})
    assert found == f"{selector} 09:00-12:00"
    OpeningHours(found)


def test_the_first_monday_is_that_one() -> None:
    found = hours({**weekly("1MO", "10:00", "12:00"), "freq": "MONTHLY"})
    opens = state_at(found, datetime(2026, 11, 24, 10)).opens
    assert opens is not None and opens.isoformat() == "2026-12-07T10:00:00+01:00"


def test_days_of_the_month() -> None:
    found = hours({"freq": "MONTHLY", "bymonthday": "1,31", "opens_at": "10:00", "closes_at": "11:00"})
    parsed = OpeningHours(found)
    opened = [d for d in (date(2026, 1, 1) + timedelta(n) for n in range(365)) if parsed.is_open(_at(d, 10 * 60))]
    assert [(d.month, d.day) for d in opened if d.day == 1] == [(month, 1) for month in range(1, 13)]
    assert [d.month for d in opened if d.day != 1] == [1, 3, 5, 7, 8, 10, 12]


LEFT_TO_WORDS = [
    weekly(interval=2), weekly(count=5), weekly(byweekno="1,3"), weekly(byyearday="100"), weekly("1MO"), weekly(""),
    weekly(bymonthday="1"), weekly("MONDAY"), weekly("MO,XX"), weekly(opens=""), weekly(closes=None), weekly(opens="9"),
    weekly(opens="25:00"), weekly(opens="09:60"), weekly("MO", "09:00", "09:00"), weekly("MO", "00:00", "00:00"),
    weekly("MO", "24:00", "02:00"), weekly(timezone=5), weekly(timezone=-5), weekly(valid_from="im Herbst"),
    {**weekly(), "freq": "MONTHLY"}, {**weekly("6MO"), "freq": "MONTHLY"}, {**weekly("0MO"), "freq": "MONTHLY"},
    {**weekly("1MO,TU"), "freq": "MONTHLY"}, {**weekly("1MO", bymonthday="3"), "freq": "MONTHLY"},
    {**weekly("", bymonthday="-1"), "freq": "MONTHLY"}, {**weekly("", bymonthday="32"), "freq": "MONTHLY"},
    {**weekly("", bymonthday="1", valid_from="2026-12-01"), "freq": "MONTHLY"}, {**weekly(""), "freq": "MONTHLY"},
    {**weekly(), "freq": "DAILY"}, {**weekly(), "freq": None}, {},
]  # fmt: skip


@pytest.mark.parametrize("schedule", LEFT_TO_WORDS, ids=str)
def test_what_cannot_be_computed_is_left_to_words(schedule: dict[str, Any]) -> None:
    words = {**schedule, "description": "jede zweite Woche"}
    assert (hours(words), note(words)) == ("", "jede zweite Woche")
    assert hours(words, weekly("TU")) == "Tu 09:00-12:00"


@pytest.mark.parametrize("offset", [0, 1, 2, "1", None, "", "Europe/Berlin"])
def test_german_and_missing_offsets_are_no_hindrance(offset: Any) -> None:
    assert hours(weekly(timezone=offset)) == "Mo 09:00-12:00"


@pytest.mark.parametrize(
    ("dates", "expected"),
    [
        ({"valid_from": "2026-01-01"}, "Mo"),
        ({"valid_from": "2026-11-24", "valid_to": "2027-11-24"}, "Mo"),
        ({"valid_to": "2026-12-08"}, "2026 Nov 23,2026 Nov 30,2026 Dec 07"),
        ({"valid_from": "2026-12-01", "valid_to": "2026-12-08T23:59:59Z"}, "2026 Dec 07"),
        ({"valid_from": "2027-01-04"}, "2027 Jan 04+ Mo"),
        ({"dtstart": "2027-01-04", "until": "20270111T000000Z"}, "2027 Jan 04,2027 Jan 11"),
    ],
)
def test_dates_are_said_where_they_matter_soon(dates: dict[str, str], expected: str) -> None:
    found = hours(weekly(**dates))
    assert found == f"{expected} 09:00-12:00"
    OpeningHours(found)


def test_days_of_the_month_that_end_soon_are_written_out() -> None:
    row = {"freq": "MONTHLY", "bymonthday": "1,15", "opens_at": "10:00", "closes_at": "11:00", "valid_to": "2026-12-20"}
    assert hours(row) == "2026 Dec 01,2026 Dec 15 10:00-11:00"


def test_what_opens_no_more_is_found_out_at_once() -> None:
    """The search for the next opening of such a rule would go on for twenty seconds and more."""
    last = weekly("MO", valid_to="2026-11-24")
    for row in (last, {**weekly("-3MO", valid_to="2026-12-01"), "freq": "MONTHLY"}):
        found = hours(row)
        assert not set("MTWFS") & set(found.replace("Nov", "").replace("Dec", ""))
        assert found == "" or OpeningHours(found).next_change(datetime(2026, 11, 24, 10)) is None


@pytest.mark.parametrize(
    "dates",
    [{"valid_to": "2026-11-23"}, {"until": "2026-11-23"}, {"valid_from": "2027-06-01"}, {"dtstart": "2027-06-01"},
     {"valid_from": "2026-12-10", "valid_to": "2026-12-01"}],
)  # fmt: skip
def test_outside_its_dates_a_schedule_says_nothing(dates: dict[str, str]) -> None:
    assert (hours(weekly(**dates)), note(weekly(description="im Sommer", **dates))) == ("", "")


def test_a_schedule_that_ends_is_not_promised_after_its_end() -> None:
    found = hours(weekly(valid_to="2026-11-30"), weekly(opens="14:00", closes="16:00", valid_from="2026-12-01"))
    starts = [state_at(found, datetime(2026, 11, day, 8)).opens for day in (24, 30)]
    starts.append(state_at(found, datetime(2026, 11, 30, 13)).opens)
    assert [s.strftime("%d.%m. %H:%M") for s in starts if s] == ["30.11. 09:00", "30.11. 09:00", "07.12. 14:00"]


def test_from_afar_is_not_at_the_door() -> None:
    visit, video = weekly(), weekly("TU", attending_type="online", description="Videosprechstunde")
    assert (hours(visit, video), note(visit, video)) == ("Mo 09:00-12:00", "Videosprechstunde")
    assert hours(video) == "Tu 09:00-12:00"
    over = weekly(valid_to="2020-01-01")
    assert hours(over, weekly("TU", attending_type="Telefon")) == "Tu 09:00-12:00"


def test_words_beside_computed_times_are_kept_once() -> None:
    rows = (weekly(notes="an Feiertagen zu"), weekly("TU", notes="an Feiertagen zu", description="nur am Telefon"))
    assert note(*rows) == "an Feiertagen zu · nur am Telefon"


@pytest.mark.parametrize(
    ("rows", "expected"),
    [
        # as our own export writes them
        ([weekly(description="Mo 09:00-12:00; PH off")], "Mo 09:00-12:00; PH off"),
        ([{"description": "week 1-53/2 Th 17:00-19:00"}], "week 1-53/2 Th 17:00-19:00"),
        ([{"description": "24/7"}], "24/7"),
        # another week, or words
        ([weekly(description="Mo 09:00-17:00")], "Mo 09:00-12:00"),
        ([weekly(interval=2, description="Mo 09:00-12:00")], ""),
        ([{**weekly("2MO"), "freq": "MONTHLY", "description": "Mo[1] 09:00-12:00"}], "Mo[2] 09:00-12:00"),
        ([{"description": "2026 Mo 09:00-12:00"}], ""),
        ([{"description": "Mo 09:00-12:00; Mo off"}], ""),
        ([weekly(description="Montag 09:00-12:00 Uhr")], "Mo 09:00-12:00"),
        ([weekly(description="Mo 09:00-12:00"), weekly("TU", description="Tu 09:00-12:00")], "Mo,Tu 09:00-12:00"),
    ],
)
def test_an_expression_beside_the_times_says_more_exactly(rows: list[dict[str, Any]], expected: str) -> None:
    assert hours(*rows) == expected
    assert expected == "" or expected not in note(*rows)


def test_nothing_is_unknown_and_not_closed() -> None:
    assert opening([], TODAY).hours == ""


# The same times, reckoned in another way.
clock = st.integers(0, 95).map(lambda quarter: f"{quarter // 4:02d}:{quarter % 4 * 15:02d}")
written = st.sampled_from(["{}", "{}:00", "{}Z", "{}:00+01:00"])
day = st.integers(-40, 90).map(lambda n: (TODAY + timedelta(n)).isoformat())
weekdays = st.lists(st.sampled_from(DAYS), min_size=1, max_size=7, unique=True).map(",".join)
numbered = st.lists(
    st.tuples(st.sampled_from([1, 2, 3, 4, 5, -1, -2, -3]), st.sampled_from(DAYS)), min_size=1, max_size=4
).map(lambda pairs: ",".join(f"{n}{name}" for n, name in pairs))


@st.composite
def computable(draw: st.DrawFn) -> dict[str, Any]:
    opens, closes = draw(st.lists(clock, min_size=2, max_size=2, unique=True))
    row = {"opens_at": draw(written).format(opens), "closes_at": draw(written).format(closes), "description": "d"}
    kind = draw(st.sampled_from(["week", "month", "days"]))
    if kind == "days":
        days = draw(st.lists(st.integers(1, 31), min_size=1, max_size=3))
        return {**row, "freq": "MONTHLY", "bymonthday": ",".join(map(str, days))}
    row |= (
        {"freq": "WEEKLY", "byday": draw(weekdays)} if kind == "week" else {"freq": "MONTHLY", "byday": draw(numbered)}
    )
    for name in ("valid_from", "valid_to", "dtstart", "until"):
        if draw(st.booleans()) and draw(st.booleans()):
            row[name] = draw(day)
    return row


def _at(day: date, minutes: int) -> datetime:
    return datetime.combine(day, time()) + timedelta(minutes=minutes)


def _minutes(text: str) -> int:
    return int(text[:2]) * 60 + int(text[3:5])


def _holds(row: dict[str, Any], day: date) -> bool:
    if any(day.isoformat() < row[name] for name in ("valid_from", "dtstart") if name in row):
        return False
    if any(day.isoformat() > row[name] for name in ("valid_to", "until") if name in row):
        return False
    if "bymonthday" in row:
        return str(day.day) in row["bymonthday"].split(",")
    names = row["byday"].split(",")
    if row["freq"] == "WEEKLY":
        return DAYS[day.weekday()] in names
    after = (day.replace(day=28) + timedelta(days=4)).replace(day=1) - day
    which = {(day.day - 1) // 7 + 1, -((after.days - 1) // 7 + 1)}
    return any(f"{n}{DAYS[day.weekday()]}" in names for n in which)


def _scheduled(rows: list[dict[str, Any]], first: date, days: int) -> set[datetime]:
    """Every quarter of an hour in which one of the schedules is open."""
    found: set[datetime] = set()
    for row in rows:
        opens, closes = _minutes(row["opens_at"]), _minutes(row["closes_at"])
        closes += 24 * 60 if closes <= opens else 0
        for n in range(-1, days):
            if _holds(row, first + timedelta(n)):
                found.update(_at(first + timedelta(n), minute) for minute in range(opens, closes, 15))
    return {moment for moment in found if _at(first, 0) <= moment < _at(first + timedelta(days), 0)}


def _open(expression: str, first: date, days: int) -> set[datetime]:
    found: set[datetime] = set()
    start, end = _at(first, 0), _at(first + timedelta(days), 0)
    for left, right, state, _ in OpeningHours(expression).intervals(start, end):
        if state == State.OPEN:
            while left < min(right, end):
                found.add(left)
                left += timedelta(minutes=15)
    return found


@settings(max_examples=150, deadline=None)
@given(st.lists(computable(), min_size=1, max_size=5))
def test_open_exactly_in_the_scheduled_times(rows: list[dict[str, Any]]) -> None:
    found = hours(*rows)
    first = TODAY + timedelta(1)  # a night that began yesterday, by a schedule that is over, is not looked at
    assert (_open(found, first, 28) if found else set()) == _scheduled(rows, first, 28)


@settings(max_examples=80, deadline=None)
@given(st.lists(st.one_of(computable(), st.sampled_from(LEFT_TO_WORDS)), max_size=6))
def test_every_expression_can_be_read_with_holidays(rows: list[dict[str, Any]]) -> None:
    found = hours(*rows)
    if found:
        assert state_at(found, datetime(2026, 11, 24, 10, tzinfo=BERLIN)).state in ("open", "closed")


anything = st.one_of(st.none(), st.text(max_size=12), st.integers(-9, 99), st.lists(st.integers(), max_size=2))


@settings(max_examples=80, deadline=None)
@given(st.lists(st.fixed_dictionaries({name: anything for name in Schedule.__fields__}), max_size=3))
def test_whatever_a_feed_writes_is_no_error(rows: list[dict[str, Any]]) -> None:
    found = hours(*rows)
    if found:
        OpeningHours(found)
