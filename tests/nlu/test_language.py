"""What language identification looks at: scripts and letter groups; and decisions that need no training."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.nlu.language import LanguageIdentifier, letters_of, script_of


@pytest.mark.parametrize(
    ("text", "script"),
    [
        ("Ich suche Arbeit", "LATIN"),
        ("шукаю роботу", "CYRILLIC"),
        ("ابحث عن عمل", "ARABIC"),
        ("ስራ እፈልጋለሁ", "ETHIOPIC"),
        ("找工作", "CJK"),
        ("אני מחפש", "HEBREW"),
        ("أريد Deutschkurs الآن في المدينة", "ARABIC"),
        ("Ich brauche eine дульдунг", "LATIN"),
        ("04109", ""),
        ("🙂 !?", ""),
        ("", ""),
    ],
)
def test_script_of_most_letters(text: str, script: str) -> None:
    assert script_of(text) == script


def test_script_looks_at_the_beginning_only() -> None:
    assert script_of("a" * 400 + "я" * 4000) == "LATIN"


def test_letters_are_normalised() -> None:
    assert np.array_equal(letters_of("ÖL", 2), letters_of("öl", 2))
    assert not np.array_equal(letters_of("öl", 2), letters_of("ol", 2))


SENTENCES = {
    "de": ["ich suche eine wohnung", "wo ist der arzt", "ich brauche hilfe", "wie finde ich arbeit"],
    "en": ["i am looking for a flat", "where is the doctor", "i need help", "how do i find work"],
    "ar": ["ابحث عن شقة", "اين الطبيب", "احتاج مساعدة", "كيف اجد عمل"],
    "uk": ["шукаю квартиру", "де лікар", "мені потрібна допомога", "як знайти роботу"],
}


@pytest.fixture(scope="module")
def identifier(tmp_path_factory: pytest.TempPathFactory) -> LanguageIdentifier:
    """Trained on sixteen sentences and loaded again from its files: milliseconds."""
    storage = LocalModelStorage(tmp_path_factory.mktemp("language"))
    messages = []
    for code, texts in SENTENCES.items():
        for text in texts:
            message = Message.build(text=text, intent="find_job")
            message.set("language", code)
            messages.append(message)
    config = LanguageIdentifier.get_default_config() | {"minimum_count": 1}
    LanguageIdentifier(config, storage, Resource("language")).train(TrainingData(messages))
    return LanguageIdentifier.load(config, storage, Resource("language"), None)  # type: ignore[arg-type]


@pytest.mark.parametrize(("code", "text"), [(code, text) for code, texts in SENTENCES.items() for text in texts])
def test_training_survives_saving(identifier: LanguageIdentifier, code: str, text: str) -> None:
    assert identifier.identify(text)["name"] == code


def test_without_letters_nothing_is_claimed(identifier: LanguageIdentifier) -> None:
    found = identifier.identify("04109 🙂")
    assert found == {"name": "und", "confidence": 0.0, "words": 0, "script_only": False, "script": ""}


@pytest.mark.parametrize("text", ["找工作", "אני מחפש עבודה", "ስራ እፈልጋለሁ"])
def test_a_script_of_none_of_ours_is_other(identifier: LanguageIdentifier, text: str) -> None:
    assert identifier.identify(text)["name"] == "other"


def test_a_script_of_only_one_of_ours_decides_alone(identifier: LanguageIdentifier) -> None:
    found = identifier.identify("привіт")
    assert (found["name"], found["script_only"]) == ("uk", True)


def undecided() -> LanguageIdentifier:
    """One that knows no letters and leans a little to English."""
    found = LanguageIdentifier(LanguageIdentifier.get_default_config(), None, None)  # type: ignore[arg-type]
    found.codes, found.scripts = ["de", "en"], {"LATIN": ["de", "en"]}
    found.weights, found.bias = np.zeros((0, 2), np.float32), np.array([0.0, 0.5], np.float32)
    return found


def test_the_hint_tips_the_balance_and_no_more(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("i need help", "uk")["name"] == "en"
    assert identifier.identify("мені потрібна допомога", "de")["name"] == "uk"
    assert [undecided().identify("ok", hint)["name"] for hint in ("", "de", "en")] == ["en", "de", "en"]


def test_the_conversation_weighs_more_than_the_hint() -> None:
    assert undecided().identify("ok", "en", "de")["name"] == "de"


def test_a_letter_of_another_script_is_only_looked_for_where_it_is_written(identifier: LanguageIdentifier) -> None:
    assert identifier.scripts == {"LATIN": ["de", "en"], "ARABIC": ["ar"], "CYRILLIC": ["uk"]}


def test_an_unknown_hint_is_no_hint(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("i need help", "xx") == identifier.identify("i need help")


def test_words_are_those_with_letters(identifier: LanguageIdentifier) -> None:
    assert identifier.identify("i need 3 !! rooms")["words"] == 3


def test_the_message_gets_its_language_with_the_hint_of_its_channel() -> None:
    message = Message({"text": "ok", "metadata": {"hint": "de"}})
    undecided().process([message])
    assert message.get("language")["name"] == "de"
    assert "language" in message.output_properties


def test_confidence_is_a_probability(identifier: LanguageIdentifier) -> None:
    for texts in SENTENCES.values():
        assert all(0 < identifier.identify(t)["confidence"] <= 1 for t in texts)


def test_the_model_holds_no_pickles(tmp_path: Path, identifier: LanguageIdentifier) -> None:
    with identifier._storage.read_from(identifier._resource) as folder:
        assert sorted(p.name for p in folder.iterdir()) == ["language.json", "language.npz"]
