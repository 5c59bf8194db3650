"""Every explained word rests on sources and knows what to do first."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from actions.knowledge.glossary import KINDS, load_letter_kinds, load_words
from actions.knowledge.loader import load
from actions.knowledge.model import KnowledgeError
from actions.words import DATED, FIRST
from bot.nlu.normalise import fold

ROOT = Path(__file__).parents[2]
PATH = ROOT / "data" / "glossary.yml"
KNOWLEDGE = load(ROOT / "data" / "articles", ROOT / "data" / "knowledge")
ROWS = yaml.safe_load(PATH.read_text(encoding="utf-8"))["terms"]


def test_every_word_says_something_that_a_source_carries() -> None:
    words = load_words(PATH, KNOWLEDGE)
    for word in words.values():
        for statement in (*word.meaning, *word.deadline):
            assert statement.text.strip() and set(statement.items) <= set(KNOWLEDGE.items), word.term


def test_every_kind_has_its_first_step_or_its_topic() -> None:
    assert set(FIRST) <= set(KINDS) and set(FIRST) >= DATED


def test_no_spelling_belongs_to_two_words() -> None:
    seen: dict[str, str] = {}
    for row in ROWS:
        for spelling in {fold(name) for name in (row["term"], *row.get("spellings", []))}:
            assert seen.setdefault(spelling, row["term"]) == row["term"], spelling


@pytest.mark.parametrize(
    "row",
    [
        {"term": "Wort", "topic": "doctor", "kind": "paper", "say": [{"text": "Invented.", "items": []}]},
        {"term": "Wort", "topic": "doctor", "kind": "paper", "say": [{"item": "duldung-was"}]},
        {"term": "Wort", "topic": "doctor", "kind": "thing", "say": [{"text": "x", "items": ["duldung-was"]}]},
        {"term": "Wort", "topic": "nothing", "kind": "paper", "say": [{"text": "x", "items": ["duldung-was"]}]},
        {"term": "Wort", "topic": "doctor", "say": [{"text": "x", "items": ["duldung-was"]}]},
        {"term": "Wort", "topic": "doctor", "kind": "paper", "say": []},
    ],
)
def test_what_no_source_carries_is_refused(tmp_path: Path, row: dict) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text(yaml.safe_dump({"terms": [row]}), encoding="utf-8")
    with pytest.raises(KnowledgeError, match="Wort"):
        load_words(path, KNOWLEDGE)


def test_a_file_that_is_none_is_named(tmp_path: Path) -> None:
    path = tmp_path / "glossary.yml"
    path.write_text("- [", encoding="utf-8")
    with pytest.raises(KnowledgeError, match="glossary.yml: cannot be read"):
        load_words(path, KNOWLEDGE)


def test_a_letter_is_named_with_the_german_word() -> None:
    kinds = load_letter_kinds(ROOT / "data" / "letters.yml")
    assert len(kinds) >= 25
    assert all(title[0].islower() and not title.endswith(".") for title in kinds.values())
