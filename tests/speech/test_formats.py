"""Facts in words of German, English, Arabic and Ukrainian."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from actions.directory.geo import Gazetteer, Place
from actions.directory.hours import BERLIN
from bot.languages import languages
from bot.speech.formats import (
    FSI,
    LRI,
    PDI,
    Formatter,
    checked_date,
    clock_time,
    distance,
    geo_link,
    isolate,
    isolate_terms,
    join,
    language_name,
    link_title,
    map_link,
    moment,
    point_link,
    route_link,
    week_text,
)

NOW = datetime(2026, 11, 24, 10, 0, tzinfo=BERLIN)  # a Tuesday
OFFICE = "Mo-Th 09:00-12:00, Tu 13:00-18:00; PH off"
COMPLETE = [code for code, language in languages().items() if language.trained]
FORMATTER = Formatter(Gazetteer([Place("leipzig", "Leipzig", "city", names={"ar": "لايبزيغ", "uk": "Лейпциг"})]))


def berlin(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN)


def has_eastern_digits(text: str) -> bool:
    return any("\u0660" <= c <= "\u0669" or "\u06f0" <= c <= "\u06f9" for c in text)


@pytest.mark.parametrize("language", COMPLETE)
def test_clock_times_are_western_and_24_hours(language: str) -> None:
    assert clock_time(berlin("2026-11-24T16:05"), language) == "16:05"
    assert clock_time(datetime(2026, 7, 1, 14, 0, tzinfo=timezone.utc), language) == "16:00"


@pytest.mark.parametrize(
    ("language", "weekday", "dated"),
    [
        ("de", "Donnerstag, 09:05", "Montag, 14 Dez., 09:05"),
        ("en", "Thursday, 09:05", "Monday, 14 Dec, 09:05"),
        ("ar", "الخميس، 09:05", "الاثنين، 14 ديسمبر، 09:05"),
        ("uk", "четвер, 09:05", "понеділок, 14 груд., 09:05"),
    ],
)
def test_moments(language: str, weekday: str, dated: str) -> None:
    assert moment(berlin("2026-11-24T16:00"), language, NOW) == "16:00"
    assert moment(berlin("2026-11-26T09:05"), language, NOW) == weekday
    assert moment(berlin("2026-12-14T09:05"), language, NOW) == dated


def test_a_week_ahead_needs_the_date() -> None:
    assert moment(berlin("2026-11-30T09:00"), "de", NOW) == "Montag, 09:00"
    assert moment(berlin("2026-12-01T09:00"), "de", NOW) == "Dienstag, 1 Dez., 09:00"


def test_the_midnight_that_ends_today_is_today() -> None:
    assert moment(berlin("2026-11-25T00:00"), "de", NOW) == "00:00"
    assert moment(berlin("2026-11-25T00:30"), "de", NOW) == "Mittwoch, 00:30"


def test_today_is_berlins_day() -> None:
    late = datetime(2026, 11, 24, 23, 30, tzinfo=timezone.utc)  # already Wednesday in Saxony
    assert moment(berlin("2026-11-25T09:00"), "de", late) == "09:00"


@pytest.mark.parametrize(
    ("language", "year", "month", "day"),
    [
        ("de", "2026", "März 2026", "9. März 2026"),
        ("en", "2026", "March 2026", "March 9, 2026"),
        ("ar", "2026", "مارس 2026", "9 مارس 2026"),
        ("uk", "2026", "березень 2026 р.", "9 березня 2026 р."),
    ],
)
def test_dates_as_exact_as_they_are_known(language: str, year: str, month: str, day: str) -> None:
    assert checked_date("2026", language) == year
    assert checked_date("2026-03", language).replace("\u202f", " ") == month
    assert checked_date("2026-03-09", language).replace("\u202f", " ") == day


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Mo. 09:00–12:00; Di. 09:00–12:00, 13:00–18:00; Mi.–Do. 09:00–12:00"),
        ("en", "Mon 09:00–12:00; Tue 09:00–12:00, 13:00–18:00; Wed–Thu 09:00–12:00"),
        ("ar", "الاثنين 09:00–12:00; الثلاثاء 09:00–12:00, 13:00–18:00; الأربعاء–الخميس 09:00–12:00"),
        ("uk", "пн 09:00–12:00; вт 09:00–12:00, 13:00–18:00; ср–чт 09:00–12:00"),
    ],
)
def test_the_week(language: str, text: str) -> None:
    assert week_text(OFFICE, NOW, language) == text


def test_only_neighbouring_days_are_joined() -> None:
    assert week_text("Mo,We 09:00-12:00", NOW, "en") == "Mon 09:00–12:00; Wed 09:00–12:00"


def test_unreadable_hours_say_nothing() -> None:
    assert week_text("nach Vereinbarung", NOW, "de") == ""
    assert week_text("off", NOW, "de") == ""


@pytest.mark.parametrize(("language", "text"), [("de", "3,4 km"), ("en", "3.4 km"), ("ar", "3.4 km"), ("uk", "3,4 km")])
def test_distances(language: str, text: str) -> None:
    assert distance(3.42, language) == text
    assert distance(12.0, language) == "12 km"


def test_no_eastern_digits_in_any_format() -> None:
    texts = [
        clock_time(NOW, "ar"),
        moment(berlin("2026-12-14T09:05"), "ar", NOW),
        checked_date("2026-03-09", "ar"),
        checked_date("2026-03", "fa"),
        week_text(OFFICE, NOW, "ar"),
        distance(3.4, "fa"),
    ]
    assert [t for t in texts if has_eastern_digits(t)] == []


@pytest.mark.parametrize(
    ("language", "german", "ukrainian"),
    [
        ("de", "Deutsch", "Ukrainisch"),
        ("en", "German", "Ukrainian"),
        ("ar", "الألمانية", "الأوكرانية"),
        ("uk", "німецька", "українська"),
    ],
)
def test_language_names(language: str, german: str, ukrainian: str) -> None:
    assert (language_name("de", language), language_name("uk", language)) == (german, ukrainian)


def test_a_language_cldr_does_not_know_keeps_its_code() -> None:
    assert language_name("xxq", "de") == "xxq"


@pytest.mark.parametrize(
    ("language", "text"), [("de", "A, B und C"), ("en", "A, B, and C"), ("ar", "A وB وC"), ("uk", "A, B і C")]
)
def test_lists(language: str, text: str) -> None:
    assert join(["A", "B", "C"], language) == text
    assert join(["A"], language) == "A"


def test_isolation_only_where_text_runs_right_to_left() -> None:
    assert isolate("Amt", "rtl") == f"{FSI}Amt{PDI}"
    assert isolate("Amt", "ltr") == "Amt"
    assert isolate("", "rtl") == ""


def test_german_terms_in_brackets_are_isolated() -> None:
    assert isolate_terms("مكتب (Amt) و (WBS)", "rtl") == f"مكتب ({LRI}Amt{PDI}) و ({LRI}WBS{PDI})"
    assert isolate_terms("مكتب (قديم)", "rtl") == "مكتب (قديم)"
    assert isolate_terms("office (Amt)", "ltr") == "office (Amt)"


def test_arguments_in_words() -> None:
    facts = {
        "service": "Büro {x}",
        "place": {"place": "leipzig"},
        "nowhere": {"place": "atlantis"},
        "language": {"language": "ar"},
        "languages": {"languages": ["de", "ar"]},
        "until": {"time": "2026-11-24T16:00:00+01:00"},
        "opens": {"moment": "2026-11-26T09:00:00+01:00"},
    }
    assert FORMATTER.arguments(facts, "uk", "ltr", NOW) == {
        "service": "Büro {x}",
        "place": "Лейпциг",
        "nowhere": "atlantis",
        "language": "арабська",
        "languages": "німецька і арабська",
        "until": "16:00",
        "opens": "четвер, 09:00",
    }


def test_arguments_are_isolated_in_arabic() -> None:
    words = FORMATTER.arguments({"service": "Büro", "place": {"place": "leipzig"}}, "ar", "rtl", NOW)
    assert words == {"service": f"{FSI}Büro{PDI}", "place": f"{FSI}لايبزيغ{PDI}"}


def test_map_link() -> None:
    address = {"street": "Weg 1 a", "postal_code": "04720", "city": "Döbeln"}
    assert map_link(address) == "https://www.openstreetmap.org/search?query=Weg%201%20a%2004720%20D%C3%B6beln"
    assert map_link({"street": "Weg 1"}).endswith("query=Weg%201")
    assert map_link({"street": "A&B #1?"}).endswith("query=A%26B%20%231%3F")
    assert map_link({"city": "Döbeln"}) == ""
    assert map_link({}) == ""


def test_links_to_a_point() -> None:
    assert geo_link(51.3397, 12.37311) == "geo:51.33970,12.37311"
    assert point_link(51.3397, 12.37311) == (
        "https://www.openstreetmap.org/?mlat=51.33970&mlon=12.37311#map=17/51.33970/12.37311"
    )
    assert geo_link(0.0, -0.5) == "geo:0.00000,-0.50000"  # zero is a place, too
    assert geo_link(1e-7, 5e-6) == "geo:0.00000,0.00001"  # no exponents


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [(None, 12.3), (51.3, None), (None, None), (90.01, 0), (0, -180.01), (float("nan"), 0), (0, float("inf"))],
)
def test_no_link_without_a_point_on_earth(latitude: float | None, longitude: float | None) -> None:
    assert geo_link(latitude, longitude) == ""
    assert point_link(latitude, longitude) == ""


def test_a_route_leads_to_the_point_or_else_the_street() -> None:
    planner = "https://planner.example/?to={destination}&by=bus"
    address = {"street": "Prager Straße 1", "postal_code": "04317", "city": "Leipzig"}
    assert route_link(planner, (51.05, 13.74), address) == "https://planner.example/?to=51.05000%2C13.74000&by=bus"
    assert route_link(planner, None, address).startswith("https://planner.example/?to=Prager%20Stra%C3%9Fe%201")
    assert route_link(planner, None, {"city": "Leipzig"}) == ""
    assert route_link(planner, (91.0, 0.0), {}) == ""
    assert route_link("", (51.05, 13.74), address) == ""


def test_a_link_says_when_and_where() -> None:
    now = datetime(2026, 11, 29, 10, tzinfo=BERLIN)
    event = {"url": "https://x.de", "name": "Sprachcafé", "moment": "2026-12-01T15:00:00+01:00", "place": "Treff"}
    assert link_title(event, "de", "ltr", now) == "Sprachcafé – Dienstag, 15:00, Treff"
    day = {"url": "https://x.de", "name": "Fest", "day": "2026-12-06", "place": ""}
    assert link_title(day, "en", "ltr", now) == "Fest – December 6, 2026"
    page = {"url": "https://x.de", "name": "Abfall", "place": "Grimma", "updated": ""}
    arabic = link_title(page, "ar", "rtl", now)
    assert arabic == "\u2068Abfall\u2069 – \u2068Grimma\u2069"
