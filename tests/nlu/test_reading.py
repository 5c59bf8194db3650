"""What the classifier reads: noise taken away, Latin letters read back."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.nlu.reading import reading, tables, tidy


@pytest.mark.parametrize(
    ("language", "text", "read"),
    [
        ("uk", "yak otrymaty dopomohu", "як отримати допомогу"),
        ("ru", "gde mozhno uchit nemetskiy", "где можно учит немецкий"),
        ("ar", "kif 7alak", "كيف حلك"),
        ("fa", "salam khobi", "سلم خوبی"),
        ("ps", "za kor ghwaram", "زه کور غورم"),
        ("ti", "selam timhrti", "ሰላም ቲምህርቲ"),
    ],
)
def test_latin_letters_come_back_in_the_own_script(language: str, text: str, read: str) -> None:
    assert reading(text, language) == read


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "wo ist das Jobcenter"),
        ("ku", "ez li Leipzigê me"),
        ("uk", "як отримати допомогу"),
        ("ar", "كيف أسجل في Jobcenter"),
        ("xx", "hello"),
        ("ru", ""),
    ],
)
def test_other_texts_stay(language: str, text: str) -> None:
    assert reading(text, language) == text


@pytest.mark.parametrize("word", ["Behandlungsschein", "Ausländerbehörde", "B1", "Sozialamt", "24"])
def test_german_words_and_numbers_stay(word: str) -> None:
    assert word.casefold() in reading(f"mne nuzhen {word} pozhaluista", "ru")


@pytest.mark.parametrize(
    ("text", "tidied"),
    [
        ("HELP ME PLEASE", "help me please"),
        ("BAMF", "BAMF"),
        ("heeeeelp!!!!", "heelp!"),
        ("مُسَاعَدَة", "مساعدة"),
        ("مرحبـــا", "مرحبا"),
        ("می\u200cخواهم", "می\u200cخواهم"),
    ],
)
def test_noise_goes(text: str, tidied: str) -> None:
    assert tidy(text) == tidied


@given(st.text(max_size=80), st.sampled_from(["ar", "fa", "ps", "ru", "uk", "ti", "de"]))
def test_reading_never_fails(text: str, language: str) -> None:
    assert isinstance(reading(text, language), str)


def test_every_table_reads_every_small_letter() -> None:
    """A letter that is forgotten would stay Latin in the middle of a word."""
    for code, table in tables().items():
        for letter in "bdfghjklmnprstz":
            assert not table.word(letter + "a").isascii(), (code, letter)
