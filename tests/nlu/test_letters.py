"""Pasted letters: the likely kind, the words about time, and what is no letter."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.letters import DATA, MOST_TIMES, reader, times

LETTERS = yaml.safe_load((Path(__file__).parent / "letters.yml").read_text(encoding="utf-8"))
KINDS = yaml.safe_load(DATA.read_text(encoding="utf-8"))["kinds"]


@pytest.mark.parametrize("row", LETTERS["letters"], ids=lambda row: row["kind"])
def test_the_kind_and_the_times(row: dict[str, Any]) -> None:
    found = reader().read(row["text"])
    assert found is not None
    assert (found["value"], found["times"]) == (row["kind"], row.get("times", []))
    assert found["link"] is row.get("link", False)


def test_every_kind_has_a_letter_here() -> None:
    assert {row["id"] for row in KINDS} <= {row["kind"] for row in LETTERS["letters"]}


@pytest.mark.parametrize("text", LETTERS["no_letters"])
def test_what_a_person_writes_is_no_letter(text: str) -> None:
    assert reader().read(text) is None


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("innerhalb von zwei Wochen", [{"period": [2, "week"]}]),
        ("binnen 14 Tagen nach Zustellung", [{"period": [14, "day"]}]),
        ("innerhalb eines Monats nach Bekanntgabe", [{"period": [1, "month"]}]),
        ("bis spätestens zum 3. Januar 2027", [{"day": "2027-01-03"}]),
        ("bis zum 15.12.26", [{"day": "2026-12-15"}]),
        ("am Montag, den 14.12.2026 um 08:30 Uhr", [{"moment": "2026-12-14T08:30"}]),
        ("unverzüglich", [{"at_once": True}]),
        ("vom 01.03.2026 bis 31.05.2026", []),
        ("vom 08. bis 12. September", []),
        ("bis 05.07. zurück", [{"day": "--07-05"}]),
        ("bis spaetestens 28.05. geraeumt", [{"day": "--05-28"}]),
        ("auf Mittwoch, den 11.03., 07:45 Uhr", [{"moment": "--03-11T07:45"}]),
        ("Ihnen wird vorgeworfen, am 30.05. um 22:41 Uhr", []),
        ("bis zum 31.02.2026", []),
        ("am 14.12.2026 um 25:00 Uhr", []),
        ("innerhalb von zwei Wochen, also innerhalb von zwei Wochen", [{"period": [2, "week"]}]),
    ],
)
def test_words_about_time(text: str, found: list[dict[str, Any]]) -> None:
    assert times(text) == found


@given(st.text(max_size=300))
def test_any_text_is_read(text: str) -> None:
    found = reader().read(text)
    assert found is None or len(found["times"]) <= MOST_TIMES


def test_nothing_of_the_letter_is_kept_but_facts() -> None:
    for row in LETTERS["letters"]:
        kept = json.dumps({k: v for k, v in (reader().read(row["text"]) or {}).items() if k != "extractor"})
        for name in ("Kovalenko", "Hassan", "Haile", "Eisenbahn", "48,50", "Aktenzeichen"):
            assert name not in kept
