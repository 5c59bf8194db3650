"""A changed English sentence: its old translation is found again, stays while only words changed, and goes otherwise."""

from __future__ import annotations

from pathlib import Path

import pytest
from babel.messages.catalog import Catalog

from bot.languages import languages
from bot.speech import messages
from bot.speech.catalogue import Catalogue
from bot.speech.changed import predecessors, sayable, stale, withdrawn
from bot.speech.critical import is_critical, urgent

BEFORE = "You can object within two weeks. Get advice from a counsellor."


def catalog(*rows: tuple[str, str, str]) -> Catalog:
    made = Catalog(domain="wegweiser", charset="utf-8", fuzzy=False)
    for text, translated, place in rows:
        made.add(text, translated, auto_comments=[place])
    return made


@pytest.mark.parametrize(
    ("after", "found"),
    [
        ("You can object within four weeks. Get advice from a counsellor.", True),
        ("You can object, within two weeks. A counsellor gives advice.", True),
        ("Saxony has 400 schools for children of all ages and countries.", False),
    ],
)
def test_the_sentence_that_was_replaced_is_found_by_its_place_and_words(after: str, found: bool) -> None:
    old = catalog((BEFORE, "Widerspruch in zwei Wochen.", "rejection:how"))
    pairs = predecessors(old, catalog((after, "", "rejection:how")))
    assert {text: str(m.id) for text, m in pairs.items()} == ({after: BEFORE} if found else {})


def test_elsewhere_it_must_be_nearly_the_same() -> None:
    old = catalog((BEFORE, "Widerspruch in zwei Wochen.", "rejection:how"))
    assert predecessors(old, catalog((BEFORE.replace("two", "four"), "", "doctor:how")))
    assert not predecessors(old, catalog(("You can object within two weeks.", "", "doctor:how")))


def test_one_old_sentence_serves_one_new_one_and_what_stays_serves_none() -> None:
    old = catalog((BEFORE, "a", "x"), ("Kept sentence about school.", "b", "x"))
    new = catalog(
        ("Kept sentence about school.", "", "x"), ("Kept sentence about schools.", "", "x"), (BEFORE + "!", "", "x")
    )
    assert {t: m.string for t, m in predecessors(old, new).items()} == {BEFORE + "!": "a"}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("Go to the office.", "Go to the town office.", False),
        ("You must go in 2 weeks.", "In 2 weeks you must go.", False),
        ("You must go in 2 weeks.", "You must go in 3 weeks.", True),
        ("It takes two weeks.", "It takes three weeks.", True),
        ("You may work.", "You must work.", True),
        ("You may work.", "You may not work.", True),
        ("You have a right to a place.", "You have a place.", True),
        ("The help is free.", "There is help.", True),
        ("Object to it.", "Object to it in time.", True),
    ],
)
def test_what_is_urgent(before: str, after: str, said: bool) -> None:
    assert urgent(before, after) is said


@pytest.fixture
def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project whose only sentence is about to change; German has it translated."""
    monkeypatch.setattr(messages, "ROOT", tmp_path)
    monkeypatch.setattr(messages, "LOCALES", tmp_path / "locales")
    monkeypatch.setattr(messages, "languages", lambda: {code: languages()[code] for code in ("de", "en")})
    messages.write("de", catalog(("The room is on the second floor.", "Das Zimmer ist im zweiten Stock.", "a:how")))
    return tmp_path


def change(monkeypatch: pytest.MonkeyPatch, text: str) -> tuple[Catalog, Catalogue]:
    monkeypatch.setattr(messages, "sentences", lambda: iter([(text, "a:how")]))
    messages.update()
    found = messages.read("de")
    assert found is not None
    return found, Catalogue.load(messages.LOCALES)


def test_an_old_translation_is_said_on_while_only_words_changed(edited: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "The room is upstairs, on the second floor."
    found, loaded = change(monkeypatch, text)
    assert stale(found[text]) and not withdrawn(found[text])
    assert loaded.text(text, "de") == ("Das Zimmer ist im zweiten Stock.", "de")
    assert messages.problems()[0].startswith("de: stale: The room")


def test_an_old_translation_with_another_right_is_not_said(edited: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "The room is not on the second floor."
    found, loaded = change(monkeypatch, text)
    assert withdrawn(found[text]) and not sayable(found[text])
    assert loaded.text(text, "de") == (text, "en")
    assert messages.problems()[0].startswith("de: stale, so not said any more: The room")


def test_changing_twice_compares_with_what_was_translated(edited: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    change(monkeypatch, "The room is not on the second floor.")
    first = messages.po_path("de").read_bytes()
    change(monkeypatch, "The room is not on the second floor.")
    assert messages.po_path("de").read_bytes() == first
    text = "The room is upstairs on the second floor."
    found, loaded = change(monkeypatch, text)
    assert found[text].previous_id == ["The room is on the second floor."]
    assert loaded.has(text, "de")


@pytest.mark.parametrize(("flag", "said"), [("minor", True), ("urgent", False)])
def test_an_editor_can_decide_otherwise(edited: Path, monkeypatch: pytest.MonkeyPatch, flag: str, said: bool) -> None:
    text = "The room is not on the second floor." if flag == "minor" else "The room is upstairs on the second floor."
    change(monkeypatch, text)
    path = messages.po_path("de")
    path.write_text(path.read_text("utf-8").replace("#, fuzzy", f"#, fuzzy, {flag}"), "utf-8")
    assert Catalogue.load(messages.LOCALES).has(text, "de") is said
    messages.update()
    assert Catalogue.load(messages.LOCALES).has(text, "de") is said


@pytest.mark.parametrize(
    ("text", "place", "said"),
    [
        ("Hospitals help.", "emergency_medical:how", True),
        ("You are not alone.", "domain.yml:utter_crisis_suicide", True),
        ("You can object (Widerspruch) within one month.", "doctor:rights", True),
        ("Your application was rejected.", "doctor:rights", True),
        ("He threatens you.", "doctor:rights", True),
        ("German courses", "german_course:title", False),
        ("The course has 600 lessons.", "german_course:duration", False),
    ],
)
def test_what_is_critical(text: str, place: str, said: bool) -> None:
    assert is_critical(text, [place]) is said
