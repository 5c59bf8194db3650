"""Separated numbers are written as each language writes them; other numbers stay."""

from __future__ import annotations

import pytest

from bot.speech.local_numbers import local_numbers


@pytest.mark.parametrize(
    ("language", "written"),
    [
        ("de", "1.603,50"),
        ("fr", "1\u202f603,50"),
        ("ru", "1\u00a0603,50"),
        ("tr", "1.603,50"),
        ("ar", "1,603.50"),
        ("ti", "1,603.50"),
    ],
)
@pytest.mark.parametrize("typed", ["1.603,50", "1,603.50", "1603,50", "1 603,50"])
def test_as_people_write_them(language: str, written: str, typed: str) -> None:
    assert local_numbers("It costs 1,603.50 euro.", f"({typed} euro)", language) == f"({written} euro)"


@pytest.mark.parametrize(
    ("english", "translated"),
    [
        ("In 2026 call 0351 12345.", "2026: 0351 12345"),
        ("§ 25.3.1 holds.", "§ 25.3.1"),
        ("It costs 1,603 euro.", "1604 Euro"),
        ("Call 116117.", "116117"),
    ],
)
def test_what_is_no_separated_number_stays(english: str, translated: str) -> None:
    assert local_numbers(english, translated, "fr") == translated
