"""German words and pasted letters, through the real assistant."""

from __future__ import annotations

import sqlite3
import zlib
from pathlib import Path
from typing import Any

import pytest
import yaml

from bot.nlu.normalise import fold
from bot.nlu.programmes import finder

LETTERS = yaml.safe_load((Path(__file__).parents[1] / "nlu" / "letters.yml").read_text(encoding="utf-8"))["letters"]
WORDS = yaml.safe_load((Path(__file__).parents[2] / "data" / "glossary.yml").read_text(encoding="utf-8"))["terms"]


def said(result: dict[str, Any]) -> str:
    return "\n\n".join(reply["text"] for reply in result["replies"])


@pytest.mark.parametrize(
    "row", [row for row in WORDS if "say" in row and not finder().find(fold(row["term"]))], ids=lambda row: row["term"]
)
def test_every_explained_word_is_explained_when_typed_alone(talk: Any, row: dict[str, Any]) -> None:
    result = talk.send(f"word-{row['term']}", text=f"was heißt {row['term']}?")
    assert said(result).startswith(f"{row['term']}:\n\n"), result
    assert result["replies"][0]["sources"]


@pytest.mark.parametrize(
    ("text", "language", "word"),
    [
        ("شو يعني Behandlungsschein", "ar", "Behandlungsschein"),
        ("що таке Widerspruch", "uk", "Widerspruch"),
        ("что такое Fiktionsbescheinigung?", "ru", ""),
        ("Behandlungschein", "de", "Behandlungsschein"),
        ("was bedeutet Rechtsbehelfsbelerung", "de", "Rechtsbehelfsbelehrung"),
        ("Duldung nedir?", "", "Duldung"),
    ],
)
def test_in_a_question_of_any_language_and_misspelt(talk: Any, text: str, language: str, word: str) -> None:
    result = talk.send(f"asked-{text}", text=text)
    if word:
        assert f"{word}" in said(result).split("\n\n")[0] or f"{word}:" in said(result), result
    if language:
        assert result["replies"][0]["language"] == language


def test_a_word_in_a_story_is_explained_before_the_topic(talk: Any) -> None:
    text = "I am in Dresden and the doctor wants a Behandlungsschein from me before he sees my son, where do I get it"
    result = talk.send("story", text=text)
    assert "Behandlungsschein" in said(result) and result["replies"][0]["cards"]


@pytest.mark.parametrize("row", LETTERS, ids=lambda row: row["kind"])
def test_a_letter_is_told_of_and_never_judged(talk: Any, row: dict[str, Any]) -> None:
    talk.send(f"letter-{row['kind']}", text="مرحبا كيف الحال")
    result = talk.send(f"letter-{row['kind']}", text=row["text"])
    (reply,) = result["replies"]
    assert (reply["part"], reply["language"]) == ("letter", "ar")  # the letter is German, the person is not
    assert "هذا على الأرجح" in reply["text"] and "لا أستطيع الحكم على حالتكم" in reply["text"]
    assert reply["cards"] and {"/migration_counselling", "/legal_advice"} <= {c["payload"] for c in reply["choices"]}


def test_the_times_of_a_letter_are_told_in_both_languages(talk: Any) -> None:
    talk.send("times", text="Привіт, як справи сьогодні")
    text = "Ihr Antrag wird abgelehnt. Gegen diesen Bescheid können Sie innerhalb von zwei Wochen Widerspruch einlegen."
    assert "2 тижні (innerhalb von 2 Wochen)" in said(talk.send("times", text=text))


def test_nothing_of_a_letter_is_stored(talk: Any) -> None:
    text = "Sehr geehrte Frau Zimtstern, Ihr Antrag auf Leistungen wird abgelehnt. Aktenzeichen 4711-QX. Das Jobcenter"
    talk.send("stored", text=text)
    with sqlite3.connect(talk.talker.agent.conversations.path) as db:
        kept = [zlib.decompress(row[0]).decode() for row in db.execute("select events from conversations")]
    assert any("benefit_refused" in events for events in kept)
    for word in ("Zimtstern", "4711-QX", "abgelehnt."):
        assert not any(word in events for events in kept), word


def test_a_draft_is_owned_up_to_once_and_the_german_text_is_shown_beside(talk: Any) -> None:
    first = talk.send("draft", text="أبحث عن دورة لغة ألمانية في لايبزيغ")
    assert "ترجمتها آلة" in said(first)
    (button,) = [c for c in first["replies"][0]["choices"] if "show" in c["payload"]]
    german = talk.send("draft", payload=button["payload"])
    assert german["replies"][0]["language"] == "de" and "Integrationskurs" in said(german)
    again = talk.send("draft", text="وأين أجد طبيباً في لايبزيغ؟")
    assert again["replies"][0]["language"] == "ar" and "ترجمتها آلة" not in said(again)


def test_danger_is_told_without_a_word_on_translation(talk: Any) -> None:
    assert "ترجمتها آلة" not in said(talk.send("draft-danger", text="زوجي يضربني الآن ساعدوني"))


def test_german_and_english_need_no_such_word(talk: Any) -> None:
    assert "Maschine" not in said(talk.send("draft-de", text="Ich suche einen Deutschkurs in Leipzig"))
