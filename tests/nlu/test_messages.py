"""The training and test messages themselves: complete in every language, and kept apart."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import pytest
import yaml

from bot.languages import languages
from bot.nlu.crisis import INTENTS as CRISIS
from bot.nlu.message_files import read_messages
from bot.nlu.normalise import normalise

ROOT = Path(__file__).parents[2]
TRAINING = ROOT / "data" / "nlu"
TESTS = Path(__file__).parent
# Languages whose own test messages nobody has written yet: this list must only get shorter.
NOT_MEASURED: set[str] = set()
LANGUAGES = sorted(code for code, language in languages().items() if language.trained)
ASKING_BACK = {"nlu_fallback", "crisis_near"}
INTENTS = {next(iter(row)) for row in yaml.safe_load((ROOT / "domain.yml").read_text("utf-8"))["intents"]}
MEASURED = sorted(set(LANGUAGES) - NOT_MEASURED)
CRISIS_FILES = sorted((TESTS.parent / "crisis").glob("*.jsonl"))
ROWS = read_messages(TRAINING)
CASES = [
    json.loads(line) | {"file": path}
    for path in [*sorted(TESTS.glob("*/*.jsonl")), *CRISIS_FILES]
    for line in path.read_text(encoding="utf-8").splitlines()
    if line.strip()
]


def names(folder: Path, ending: str) -> list[str]:
    return sorted(path.name for path in folder.glob(f"*.{ending}"))


def test_there_is_a_folder_for_every_language() -> None:
    assert sorted(p.name for p in TRAINING.iterdir() if p.is_dir()) == LANGUAGES
    assert sorted({p.parent.name for p in TESTS.glob("*/*.jsonl")}) == MEASURED
    assert sorted(p.stem for p in CRISIS_FILES) == LANGUAGES


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_folder_has_the_same_files(language: str) -> None:
    assert names(TRAINING / language, "yml") == names(TRAINING / "en", "yml")
    if language in MEASURED:
        assert names(TESTS / language, "jsonl") == names(TESTS / "en", "jsonl")


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_intent_stands_in_the_same_file_everywhere(language: str) -> None:
    for path in (TRAINING / language).glob("*.yml"):
        intents = [
            [b["intent"] for b in yaml.safe_load(p.read_text("utf-8"))["nlu"]]
            for p in (path, TRAINING / "en" / path.name)
        ]
        assert sorted(intents[0]) == sorted(intents[1]), path


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_intent_has_enough_messages(language: str) -> None:
    counts = Counter(intent for code, intent, _ in ROWS if code == language)
    assert set(counts) == INTENTS - ASKING_BACK
    assert {i: n for i, n in counts.items() if n < (60 if i in CRISIS else 12)} == {}


@pytest.mark.parametrize("path", CRISIS_FILES, ids=lambda p: p.stem)
def test_enough_emergencies_and_look_alikes(path: Path) -> None:
    found = Counter(c["intent"] in CRISIS for c in CASES if c["file"] == path)
    assert found[True] >= 100 and found[False] >= 200
    assert {c["intent"] for c in CASES if c["file"] == path} <= INTENTS - ASKING_BACK


@pytest.mark.parametrize("language", MEASURED)
def test_every_intent_is_measured(language: str) -> None:
    counts = Counter(c["intent"] for c in CASES if c["file"].parent.name == language)
    assert set(counts) == INTENTS - ASKING_BACK
    assert {i: n for i, n in counts.items() if n < (20 if i in CRISIS else 3)} == {}


def test_no_message_twice() -> None:
    counts = Counter((code, " ".join(text.casefold().split())) for code, _, text in ROWS)
    assert [row for row, n in counts.items() if n > 1] == []
    counts = Counter((str(c["file"]), " ".join(c["text"].casefold().split())) for c in CASES)
    assert [row for row, n in counts.items() if n > 1] == []


def test_no_message_means_two_things() -> None:
    meanings: dict[tuple[str, str], set[str]] = {}
    for code, intent, text in ROWS:
        meanings.setdefault((code, normalise(text)), set()).add(intent)
    assert {key: found for key, found in meanings.items() if len(found) > 1} == {}


def test_no_line_of_a_training_file_is_lost() -> None:
    """read_messages takes lines that begin with "- "; anything else would vanish silently."""
    for path in TRAINING.glob("*/*.yml"):
        for block in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
            assert [x for x in block["examples"].splitlines() if not x.startswith("- ") or not x[2:].strip()] == [], (
                path
            )


def test_messages_look_as_the_gate_lets_them_through() -> None:
    for text in [t for *_, t in ROWS] + [c["text"] for c in CASES]:
        assert 0 < len(text) <= 600
        assert not text.startswith("/")
        assert not set("[]{}\n") & set(text), text


def test_test_messages_have_their_folders_language_and_a_style() -> None:
    for case in CASES:
        assert case["lang"] in (case["file"].parent.name, case["file"].stem)
        assert case["style"] in ("plain", "short", "typo", "story", "mixed", "translit", "faq")


def known_by_heart() -> list[tuple[str, str, str]]:
    trained = {normalise(text) for *_, text in ROWS}
    return [(c["lang"], c["intent"], c["text"]) for c in CASES if normalise(c["text"]) in trained]


def test_no_test_message_is_trained() -> None:
    assert known_by_heart() == []
