"""Facts in, one reply in one language out."""

from __future__ import annotations

import asyncio
import dataclasses
from types import SimpleNamespace
from typing import Any

import pytest

from bot.languages import languages
from bot.speech.formats import FSI, LRI, PDI
from bot.speech.nlg import CatalogueNLG
from bot.speech.reply import Reply

CARD = {
    "id": "amt", "name": "Amt für Alles", "kind_label": "Telephone helpline", "kind_german": "Hilfetelefon",
    "town": "Leipzig", "warning": "", "checked": "",
}  # fmt: skip


def generate(nlg: CatalogueNLG, key: str, language: str | None = "en", **kwargs: Any) -> dict[str, Any] | None:
    tracker = SimpleNamespace(get_slot=lambda name: language if name == "language" else None)
    return asyncio.run(nlg.generate(key, tracker, "cli", **kwargs))


@pytest.mark.parametrize("name", ["{service}", "{0}", "{place}", "%s {}", "a{b", "\\1"])
def test_values_with_braces_stay_literal(nlg: CatalogueNLG, name: str) -> None:
    assert nlg.sentence("utter_contact", "en", {"service": name}) == f"About {name}:"


def test_a_value_is_never_filled_with_another_value(nlg: CatalogueNLG) -> None:
    text = nlg.sentence("utter_two", "en", {"service": "Haus {place}", "place": {"place": "leipzig"}})
    assert text == "Haus {place} in Leipzig"


def test_a_value_that_ends_in_a_point_is_followed_by_no_second(nlg: CatalogueNLG) -> None:
    nlg.responses["utter_seen"] = [{"text": "Checked: {date}. Good."}]
    assert nlg.sentence("utter_seen", "en", {"date": "лютий 2025 р."}) == "Checked: лютий 2025 р. Good."
    assert nlg.sentence("utter_seen", "en", {"date": "2025"}) == "Checked: 2025. Good."


def test_a_missing_key_is_an_error_that_names_it(nlg: CatalogueNLG) -> None:
    with pytest.raises(KeyError, match="utter_nothing"):
        nlg.sentence("utter_nothing", "en")


def test_rasa_asking_for_an_unknown_key_hears_nothing(nlg: CatalogueNLG) -> None:
    assert generate(nlg, "utter_nothing") is None


def test_a_plain_response_speaks_with_its_buttons(nlg: CatalogueNLG) -> None:
    message = generate(nlg, "utter_plain", "ar")
    assert message is not None
    reply = Reply.from_message(message)
    assert reply is not None
    assert (message["text"], reply.text, reply.language, reply.dir) == ("مرحبا!", "مرحبا!", "ar", "rtl")
    assert [(c.title, c.payload) for c in reply.choices] == [("طبيب", "/doctor"), ("Menu", "/help")]


def test_a_plain_response_is_repeatable_from_its_facts(nlg: CatalogueNLG) -> None:
    message = generate(nlg, "utter_plain", "de")
    assert message is not None
    again = nlg.speak({**message["custom"]["facts"], "speak": "ar"})
    assert again.text == "مرحبا!"
    assert len(again.choices) == 2


def test_without_a_language_german_is_spoken(nlg: CatalogueNLG) -> None:
    message = generate(nlg, "utter_plain", None)
    assert message is not None and message["text"] == "Hallo!"


def test_facts_become_the_reply_and_are_kept_beside_it(nlg: CatalogueNLG) -> None:
    facts = {"blocks": [{"say": "utter_contact", "args": {"service": "Amt"}}], "speak": "en", "part": "contact"}
    message = generate(nlg, "utter_reply", "de", facts=facts)
    assert message == {
        "text": "About Amt:",
        "custom": {
            "reply": {"text": "About Amt:", "language": "en", "dir": "ltr", "part": "contact"},
            "facts": facts,
        },
    }


def test_utter_reply_without_facts_still_says_something(nlg: CatalogueNLG) -> None:
    message = generate(nlg, "utter_reply")
    assert message is not None and message["text"] == "Nothing."


def test_an_arabic_reply_with_a_card(nlg: CatalogueNLG) -> None:
    facts = {
        "blocks": [{"say": "utter_contact", "args": {"service": "Amt {x}"}}, {"say": "utter_office"}],
        "cards": [CARD | {"warning": "unconfirmed", "website": "https://x.de"}],
        "speak": "ar",
    }
    nlg.responses = nlg.responses | {"utter_card_unconfirmed": [{"text": "Not confirmed."}]}
    reply = nlg.speak(facts)
    assert reply.text == f"عن {FSI}Amt {{x}}{PDI}:\n\nاسأل المكتب ({LRI}Amt{PDI})."
    (card,) = reply.cards
    assert card.name == "Amt für Alles"
    assert card.kind == f"خط مساعدة هاتفي ({LRI}Hilfetelefon{PDI})"
    assert card.address == "Leipzig"


def test_statements_in_a_row_and_in_a_list(nlg: CatalogueNLG) -> None:
    texts = ["Hello!", "Ask the office (Amt)."]
    blocks = [{"statements": texts, "bullets": False}, {"statements": texts, "bullets": True}]
    reply = nlg.speak({"blocks": blocks, "speak": "en"})
    assert reply.text == "Hello! Ask the office (Amt).\n\n• Hello!\n• Ask the office (Amt)."


def test_choices_of_every_kind(nlg: CatalogueNLG) -> None:
    rows = [
        {"title": "Finding a flat (Wohnung)", "payload": "/find_housing"},
        {"say": "utter_more", "payload": "/ask_more_options"},
        {"place": "leipzig", "payload": "/inform"},
        {"place": "atlantis", "payload": "/inform"},
    ]
    choices = nlg.speak({"choices": rows, "speak": "ar"}).choices
    assert [c.title for c in choices] == [f"البحث عن شقة ({LRI}Wohnung{PDI})", "أماكن أخرى", "لايبزيغ", "atlantis"]
    assert [c.payload for c in choices] == [row["payload"] for row in rows]


def test_asked_for_a_language_those_it_speaks_are_offered(nlg: CatalogueNLG) -> None:
    choices = nlg.speak({"asks": "language", "speak": "uk"}).choices
    assert {"Deutsch", "English", "العربية", "Українська"} <= {c.title for c in choices}
    assert '/change_language{"service_language": "uk"}' in {c.payload for c in choices}


def test_a_translated_argument(nlg: CatalogueNLG) -> None:
    assert nlg.sentence("utter_contact", "ar", {"service": {"msgid": "Doctor"}}) == f"عن {FSI}طبيب{PDI}:"


def test_what_is_not_translated_is_said_in_english_and_counted(nlg: CatalogueNLG) -> None:
    assert nlg.sentence("utter_more", "de") == "More places"
    assert nlg.sentence("utter_more", "de") == "More places"
    assert nlg.sentence("utter_more", "ar") == "أماكن أخرى"
    assert nlg.catalogue.missing == {"de": 2}


def test_english_is_never_missing(nlg: CatalogueNLG) -> None:
    nlg.sentence("utter_more", "en")
    assert nlg.catalogue.missing == {}


def test_a_language_not_spoken_is_met_once_with_an_honest_word_and_the_choice(nlg: CatalogueNLG) -> None:
    facts = {"blocks": [{"say": "utter_plain"}], "speak": "so"}
    reply = nlg.speak(facts)
    assert reply.language == "en"
    assert reply.text == "I recognise Soomaali.\n\nHello!"
    assert "Deutsch" in {c.title for c in reply.choices}
    again = nlg.speak(facts | {"introduced": "so"})
    assert (again.text, again.choices) == ("Hello!", [])


@pytest.fixture
def partly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Russian as a language that is understood, but not wholly translated."""
    known = languages()
    some = {**known, "ru": dataclasses.replace(known["ru"], status="understood")}
    monkeypatch.setattr("bot.speech.nlg.languages", lambda: some)


@pytest.mark.usefixtures("partly")
def test_a_reply_that_is_not_fully_translated_comes_whole_in_another_language(nlg: CatalogueNLG) -> None:
    """Never half and half: Russian has the greeting, but not the second sentence."""
    reply = nlg.speak({"blocks": [{"say": "utter_plain"}], "speak": "ru"})
    assert (reply.text, reply.language) == ("Привет!", "ru")
    reply = nlg.speak({"blocks": [{"say": "utter_plain"}, {"say": "utter_office"}], "speak": "ru"})
    assert reply.language == "en"
    assert reply.text == "Ещё не переведено (русский).\n\nHello!\n\nAsk the office (Amt)."


@pytest.mark.usefixtures("partly")
def test_in_a_crisis_what_is_translated_is_said_in_the_persons_language(nlg: CatalogueNLG) -> None:
    blocks = [{"say": "utter_plain"}, {"statements": ["Ask the office (Amt)."], "bullets": False, "optional": True}]
    nlg.responses = nlg.responses | {"utter_card_hours_unknown_ask": [{"text": "Ask first."}]}
    reply = nlg.speak({"blocks": blocks, "cards": [CARD], "speak": "ru"})
    assert (reply.text, reply.language) == ("Привет!", "ru")
    assert len(reply.cards) == 1


def test_a_sentence_in_every_language_that_has_it(nlg: CatalogueNLG) -> None:
    reply = nlg.speak({"blocks": [{"everywhere": "utter_plain"}], "speak": "en"})
    assert reply.text.splitlines() == ["Hello!", "Hallo!", "مرحبا!", "Привет!"]
    reply = nlg.speak({"blocks": [{"everywhere": "utter_plain"}], "speak": "so"})
    assert reply.text.splitlines() == ["Hallo!", "Hello!", "مرحبا!", "Привет!"], "nothing comes before the numbers"


def test_sources_part_and_question_are_handed_on(nlg: CatalogueNLG) -> None:
    source = {"id": "k-1", "url": "https://x.de", "date": "2026"}
    reply = nlg.speak({"sources": [source], "part": "summary", "asks": "place", "speak": "en"})
    assert (reply.sources, reply.part, reply.asks) == ([source], "summary", "place")
    assert Reply.from_dict(reply.to_dict()) == reply
