"""Residence status, level, languages and office words in messages."""

from __future__ import annotations

import pytest
import yaml
from babel import Locale

from bot.languages import languages
from bot.nlu.terms import DATA, TermMatcher, language_names, matcher
from bot.nlu.tokenizer import shared_vocab_doc


def terms(text: str) -> list[tuple[str, str]]:
    return [(e["entity"], e["value"]) for e in matcher().find(shared_vocab_doc(text))]


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("ich habe eine Duldung", ("status", "tolerated")),
        ("DULDUNG", ("status", "tolerated")),
        ("у мене дульдунг", ("status", "tolerated")),
        ("عندي دولدونغ", ("status", "tolerated")),
        ("I am an asylum seeker", ("status", "asylum_seeker")),
        ("أنا طالب لجوء", ("status", "asylum_seeker")),
        ("§24", ("status", "ukraine")),
        ("§ 24", ("status", "ukraine")),
        ("тимчасовий захист", ("status", "ukraine")),
        ("لاجئ معترف به", ("status", "recognised")),
        ("B1", ("level", "B1")),
        ("a1-kurs", ("level", "A1")),
        ("курс B2", ("level", "B2")),
        ("Anmeldung", ("term", "address_registration")),
        ("Fiktionsbescheinigung", ("term", "residence_permit")),
        ("анмельдунг", ("term", "address_registration")),
        ("Kannst du Arabisch", ("service_language", "ar")),
        ("по-українськи", ("service_language", "uk")),
        ("auf Farsi bitte", ("service_language", "fa")),
        ("بالعربي", ("service_language", "ar")),
        ("français", ("service_language", "fr")),
    ],
)
def test_a_detail_is_found(text: str, found: tuple[str, str]) -> None:
    assert terms(text) == [found]


@pytest.mark.parametrize("text", ["AB12", "vitamin b12", "b 1", "Hausnummer 24", "Hallo", "wo ist der Arzt", "", "🙂"])
def test_nothing_is_found(text: str) -> None:
    assert terms(text) == []


def test_several_details() -> None:
    assert terms("niveau b2 oder C1") == [("level", "B2"), ("level", "C1")]
    assert set(terms("Duldung und A2")) == {("status", "tolerated"), ("level", "A2")}


def test_the_longest_phrase_wins() -> None:
    """An Ausbildungsduldung or "subsidiary protection" is one detail."""
    assert terms("I have subsidiary protection") == [("status", "recognised")]
    assert terms("temporary protection") == [("status", "ukraine")]


def test_offsets() -> None:
    text = "Ich habe DULDUNG"
    (found,) = matcher().find(shared_vocab_doc(text))
    assert text[found["start"] : found["end"]] == "DULDUNG"


def test_the_first_meaning_of_a_phrase_holds() -> None:
    own = TermMatcher({"status": {"tolerated": ["Karte"]}}, [{"term": "Karte", "topic": "transport"}])
    found = own.find(shared_vocab_doc("karte"))
    assert [(e["entity"], e["value"]) for e in found] == [("status", "tolerated")]


def test_topics_of_the_glossary_are_topics() -> None:
    from pathlib import Path

    import yaml

    root = Path(__file__).parents[2]
    intents = {next(iter(i)) for i in yaml.safe_load((root / "domain.yml").read_text("utf-8"))["intents"]}
    rows = yaml.safe_load((root / "data" / "glossary.yml").read_text("utf-8"))["terms"]
    assert sorted({row["topic"] for row in rows} - intents) == []


def test_every_language_has_the_name_its_speakers_and_we_give_it() -> None:
    """CLDR's names; those of languages we do not understand are copied into data/profile.yml."""
    profile = yaml.safe_load((DATA / "profile.yml").read_text(encoding="utf-8"))
    names = language_names(profile)
    assert set(names) >= set(languages())
    for code, found in names.items():
        if code not in ("en", "ti"):
            assert any(name.lower() == str(Locale.parse(code).languages[code]).lower() for name in found), code
        assert Locale.parse("de").languages[code] in found, code
