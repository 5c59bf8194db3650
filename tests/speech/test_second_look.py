"""What was translated back: recorded beside its translation, gone with it, and compared with the English."""

from __future__ import annotations

import pytest
from babel.messages.catalog import Catalog

from bot.speech import second_look
from bot.speech.pofile import dump, load

TEXT = "You must object within 14 days."
GOOD = "Sie müssen innerhalb von 14 Tagen widersprechen."


def catalog(translated: str = GOOD) -> Catalog:
    made = Catalog(domain="wegweiser", charset="utf-8", fuzzy=False)
    made.add(TEXT, translated, auto_comments=["rejection:how"])
    made.add("German courses", "Deutschkurse", auto_comments=["german_course:title"])
    return made


def test_the_second_translator_sees_no_english() -> None:
    assert second_look.blind(catalog()) == [f"{second_look.mark(GOOD)}\t{GOOD}"]


def test_what_came_back_is_kept_in_the_file() -> None:
    made = catalog()
    line = (
        f"{second_look.mark(GOOD)}\tYou have to object within 14 days, as a long sentence that no file may ever wrap."
    )
    assert second_look.record(made, ["", line]) == 1
    again = load(dump(made).encode())
    assert second_look.recorded(again[TEXT]).startswith("You have to object within 14 days, as")
    assert second_look.blind(again) == [] and second_look.fault(again[TEXT]) == ""


def test_another_translation_needs_another_look() -> None:
    made = catalog()
    second_look.record(made, [f"{second_look.mark(GOOD)}\tYou have to object within 14 days."])
    made[TEXT].string = "Sie müssen binnen 14 Tagen widersprechen."
    assert second_look.recorded(made[TEXT]) == ""
    assert second_look.fault(made[TEXT]) == "no back-translation"


@pytest.mark.parametrize(
    ("english", "came_back", "fault"),
    [
        (TEXT, "You must object within 40 days.", "other numbers when translated back"),
        ("You may not object.", "You may object.", "no negation when translated back"),
        ("You do not pay to object.", "Objecting is free.", ""),
        ("You may not object.", "You are not allowed to object.", ""),
    ],
)
def test_what_came_back_is_compared(english: str, came_back: str, fault: str) -> None:
    made = Catalog(domain="wegweiser", charset="utf-8", fuzzy=False)
    made.add(english, GOOD, user_comments=[f"back-translation {second_look.mark(GOOD)}: {came_back}"])
    assert second_look.fault(made[english]) == fault


@pytest.mark.parametrize(
    "line", ["deadbeef\tSomething.", "no tab at all", f"{second_look.mark(GOOD)}\t ", "\x00\t\x00"]
)
def test_a_line_that_fits_no_sentence_is_named(line: str) -> None:
    with pytest.raises(second_look.SecondLookError, match="no sentence for this line"):
        second_look.record(catalog(), [line])
