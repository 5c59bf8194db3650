"""German words as people hear them, in any alphabet."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.normalise import fold
from bot.nlu.sounds import skeleton, sound
from bot.nlu.terms import matcher
from bot.nlu.tokenizer import blank

# None of these spellings stands in data/glossary.yml.
HEARD = {
    "Wohnberechtigungsschein": "wonberechtigung schain",
    "Kooperationsplan": "koperazionsplan",
    "Kündigung": "кюндигунг",
    "Steuerklasse": "штойерклассе",
    "Überweisung": "uberwaisung",
    "Bußgeldbescheid": "busgeldbeschaid",
    "Übergabeprotokoll": "ubergabe protokol",
    "Vaterschaftsanerkennung": "faterschaftsanerkenung",
    "Führungszeugnis": "furungzeugnis",
    "Mietvertrag": "میت‌فرتراگ",
    "Integrationskurs": "ኢንተግራስዮንስኩርስ",
}


@pytest.mark.parametrize(("word", "heard"), HEARD.items())
def test_a_word_as_heard_is_that_word(word: str, heard: str) -> None:
    found = matcher().find(blank("xx")(fold(heard)))
    assert [e["word"] for e in found if e["entity"] == "term"] == [word]


def test_a_word_that_is_whole_takes_no_other_with_it() -> None:
    (found,) = [e for e in matcher().find(blank("xx")(fold("Ferfahrensbeistand یعنی چه؟"))) if e["entity"] == "term"]
    assert (found["word"], found["end"]) == ("Verfahrensbeistand", 18)


@pytest.mark.parametrize(
    "text",
    [
        "Versicherung",
        "meine Frau aus Syrien",
        "the staff was kind",
        "au village",
        "زړه تنگی",
        "پروگرام شته",
        "کور خاوند",
    ],
)
def test_what_only_sounds_a_little_like_one_is_none(text: str) -> None:
    found = matcher().find(blank("xx")(fold(f"{text} {text}")))
    assert [e for e in found if e["entity"] == "term"] == []


@given(st.text(max_size=80))
def test_any_text_has_a_sound(text: str) -> None:
    assert sound(text).isascii() and skeleton(text).isascii()
