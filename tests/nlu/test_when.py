"""Days, parts of days and hours in twelve languages."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.normalise import fold
from bot.nlu.when import finder


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("ist morgen früh offen?", "+1 10"),
        ("am Morgen", "+0 10"),
        ("übermorgen", "+2"),
        ("geöffnet am Samstag", "5"),
        ("am Wochenende", "5"),
        ("heute offen?", "+0"),
        ("heute um 14 Uhr", "+0 14"),
        ("is it open tomorrow morning", "+1 10"),
        ("on Friday at 15:30", "4 15"),
        ("هل هو مفتوح بكرا الصبح", "+1 10"),
        ("يوم السبت", "5"),
        ("فردا صبح باز است؟", "+1 10"),
        ("سبا سهار", "+1 10"),
        ("sibê vekirî ye", "+1"),
        ("завтра вранці", "+1 10"),
        ("завтра утром", "+1 10"),
        ("в субботу", "5"),
        ("yarın sabah açık mı", "+1 10"),
        ("mañana por la mañana", "+1 10"),
        ("demain matin", "+1 10"),
        ("ጽባሕ ንግሆ", "+1 10"),
    ],
)
def test_when(text: str, value: str) -> None:
    assert [e["value"] for e in finder().find(fold(text))] == [value]


@pytest.mark.parametrize(
    "text", ["guten morgen", "good evening", "ich suche eine wohnung", "sunderland", "", "12", "§24"]
)
def test_no_time(text: str) -> None:
    assert finder().find(fold(text)) == []


def test_the_span_is_in_the_text() -> None:
    text = fold("ist das amt morgen früh offen")
    (entity,) = finder().find(text)
    assert text[entity["start"] : entity["end"]] == "morgen früh"


@given(st.text(max_size=60))
def test_finding_never_fails_and_stays_inside(text: str) -> None:
    for entity in finder().find(fold(text)):
        assert 0 <= entity["start"] < entity["end"] <= len(fold(text))
