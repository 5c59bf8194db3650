"""One spelling for what people mean the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.normalise import normalise


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("LEIPZIG", "leipzig"),
        ("Straße", "STRASSE"),
        ("أحتاج", "احتاج"),
        ("إقامة", "اقامه"),
        ("مُسَاعَدَة", "مساعدة"),
        ("مرحبـــا", "مرحبا"),
        ("کمک", "كمك"),
        ("علی", "على"),
        ("٠٤١٠٩", "04109"),
        ("۰۴۱۰۹", "04109"),
        ("здоров’я", "здоров'я"),
        ("здоровʼя", "здоров'я"),
        ("heeeelp", "heelp"),
        ("ﬁnd", "find"),
        ("Ｌｅｉｐｚｉｇ", "leipzig"),
        ("Go\u0308rlitz", "Görlitz"),
        ("Leip\u200bzig\u202e", "leipzig"),
        ("  hallo  ", "hallo"),
    ],
)
def test_the_same_for_both(one: str, other: str) -> None:
    assert normalise(one) == normalise(other)


@pytest.mark.parametrize(("one", "other"), [("Görlitz", "Gorlitz"), ("її", "ії"), ("lassen", "lasen"), ("في", "فيه")])
def test_different_words_stay_different(one: str, other: str) -> None:
    assert normalise(one) != normalise(other)


def test_elongation_keeps_two_letters() -> None:
    assert normalise("hilfeeeee!!!!!") == "hilfee!!"
    assert normalise("لاااا") == "لاا"


@given(st.text(max_size=60))
def test_normalising_never_fails_and_leaves_no_edge_spaces(text: str) -> None:
    assert normalise(text) == normalise(text).strip()


LETTERS = st.text(alphabet="abcäöüßñ ا ب ت أ ة ى ك ی ـ ُ їієґ’123٣۴", max_size=40)


@given(LETTERS)
def test_normalising_twice_changes_nothing(text: str) -> None:
    assert normalise(normalise(text)) == normalise(text)
