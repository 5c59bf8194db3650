"""Single cells: what spreadsheets and German hands make of a value is understood, and nothing else."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.directory_tools import cells
from bot.directory_tools.cells import CellError

ANY_TEXT = st.text(st.characters(exclude_categories=("Cs",)))


@given(ANY_TEXT)
def test_neutral_text_reads_back_unchanged(text: str) -> None:
    assert cells.plain(cells.neutral(text)) == text


@given(st.sampled_from(["", " ", "\t"]), st.sampled_from("=+-@＝"), ANY_TEXT)
def test_no_neutral_text_begins_like_a_formula(space: str, start: str, rest: str) -> None:
    assert cells.neutral(space + start + rest).startswith("'")


@pytest.mark.parametrize("text", ["Haus = Heim", "a+b", "0341", "'s Café", ""])
def test_ordinary_text_typed_by_an_editor_stays(text: str) -> None:
    assert cells.plain(text) == text


@given(st.lists(ANY_TEXT.map(str.strip).filter(bool)))
def test_lists_read_back_unchanged(values: list[str]) -> None:
    assert cells.split(cells.join(values)) == values


def test_lists_forgive_spaces_and_doubled_bars() -> None:
    assert cells.split(" a | b||c |") == ["a", "b", "c"]


@pytest.mark.parametrize(
    ("text", "stamp"),
    [
        ("2024", "2024"),
        ("2024.0", "2024"),
        ("2024-05", "2024-05"),
        ("2024-05-24", "2024-05-24"),
        ("2024-05-24 00:00:00", "2024-05-24"),
        ("24.05.2024", "2024-05-24"),
        ("4.5.24", "2024-05-04"),
        ("24. 5. 2024", "2024-05-24"),
        ("05.2024", "2024-05"),
        ("5/2024", "2024-05"),
        ("Mai 24", "2024-05"),
        ("Mai.24", "2024-05"),
        ("März 2024", "2024-03"),
        ("Mrz 24", "2024-03"),
        ("Dezember 2023", "2023-12"),
        ("May-24", "2024-05"),
        ("undatiert", "undated"),
    ],
)
def test_dates(text: str, stamp: str) -> None:
    assert cells.day(text) == stamp


@pytest.mark.parametrize("text", ["31.02.2024", "2024-13", "5/24/2024", "24", "gestern", "Foo 24", "2024-2-3", "1.1.1"])
def test_no_dates(text: str) -> None:
    with pytest.raises(CellError):
        cells.day(text)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("+49 341 123456", "+49 341 123456"),
        ("0341 123456", "+49 341 123456"),
        ("0341/123 456", "+49 341 123 456"),
        ("(0341) 123-456", "+49 341 123 456"),
        ("+49 (0)341 123456", "+49 341 123456"),
        ("+49 (0) 341/123456", "+49 (0) 341/123456"),
        ("0800 1110111", "0800 1110111"),
        ("0800/1110111", "0800/1110111"),
        ("112", "112"),
        ("0341123456", "0341123456"),
    ],
)
def test_phone_numbers_come_into_the_form_of_the_directory_only_when_the_area_code_shows(
    text: str, number: str
) -> None:
    assert cells.phone(text) == number


@pytest.mark.parametrize(("text", "number"), [("18", 18), ("18,0", 18), ("18.00", 18), ("0", 0)])
def test_whole_numbers(text: str, number: int) -> None:
    assert cells.number(text) == number


@pytest.mark.parametrize("text", ["18,5", "-1", "achtzehn", "1.000", "٣x", "1e3"])
def test_no_whole_numbers(text: str) -> None:
    with pytest.raises(CellError):
        cells.number(text)


@pytest.mark.parametrize(
    ("text", "value"), [("ja", True), ("WAHR", True), (" x ", True), ("nein", False), ("0", False)]
)
def test_flags(text: str, value: bool) -> None:
    assert cells.flag(text) is value


def test_a_doubtful_flag_is_refused() -> None:
    with pytest.raises(CellError, match="yes or empty"):
        cells.flag("vielleicht")


@pytest.mark.parametrize("text", ["24. Jul", "24.Jul", "24-Jul", "24.07.2026", "2026-07-24", "24. Juli"])
def test_a_day_in_july_is_not_taken_for_open_always(text: str) -> None:
    with pytest.raises(CellError, match="24/7"):
        cells.hours(text)


def test_open_always_with_an_apostrophe() -> None:
    assert cells.hours("'24/7") == "24/7"


@pytest.mark.parametrize("text", ["1067", "010670", "D-01067"])
def test_postal_codes_have_five_digits(text: str) -> None:
    with pytest.raises(CellError, match="five digits"):
        cells.postcode(text)


@pytest.mark.parametrize("character", ["\x00", "\x1b", "\x85", "\ufffe", "\ud800", "\U0001ffff"])
def test_characters_that_no_table_carries(character: str) -> None:
    assert cells.unwritable(f"a{character}") == f"U+{ord(character):04X}"
    with pytest.raises(CellError, match="cannot be kept"):
        cells.words(f"a{character}")
