"""Understanding on our own test messages, which never enter training: the floor this project promises."""

from pathlib import Path

import pytest

from bot.launcher import build_parser
from bot.quality.evaluate import load_cases, measure
from bot.quality.figures import report
from bot.settings import Settings

MESSAGES = Path(__file__).parent
LANGUAGES = sorted(p.name for p in MESSAGES.iterdir() if p.is_dir() and list(p.glob("*.jsonl")))
# Two misses of the about 80 emergencies of a language are 97.5 %; the dialogue asks about danger in most of them.
CRISIS_FLOOR = 0.97


@pytest.fixture(scope="module")
def parser():
    return build_parser(Settings.from_env({}))


@pytest.fixture(scope="module")
def card(parser) -> dict:
    return report(measure(parser, load_cases([str(MESSAGES)])))


@pytest.fixture(scope="module")
def adversarial(parser) -> dict:
    """Emergencies without the usual words, and messages that only look like one."""
    return report(measure(parser, load_cases([str(MESSAGES.parent / "crisis")])))


@pytest.mark.parametrize("language", LANGUAGES)
def test_top1_of_each_language(card, language):
    assert card["languages"][language]["top1"] >= 0.85


@pytest.mark.parametrize("language", LANGUAGES)
def test_crisis_recall_of_each_language(card, language):
    assert card["languages"][language]["crisis_recall"] >= CRISIS_FLOOR


def test_crisis_recall(card):
    assert card["overall"]["crisis_recall"] >= 0.98


def test_false_alarms(card):
    assert card["overall"]["false_alarms"] <= 0.01


def test_stated_probability_is_true(card):
    assert card["overall"]["ece"] <= 0.05


def test_hidden_emergencies_are_answered_or_asked_about(adversarial):
    assert adversarial["overall"]["crisis_recall"] >= 0.90
    assert adversarial["overall"]["crisis_or_asked"] >= 0.93


def test_look_alikes_are_rarely_taken_for_emergencies(adversarial):
    assert adversarial["overall"]["false_alarms"] <= 0.06


def test_language_of_messages_of_four_words_or_more(card):
    plain = [row for style, row in card["styles"].items() if style != "mixed"]
    right = sum(row["language_4_words"] * row["n"] for row in plain) / sum(row["n"] for row in plain)
    assert right >= 0.97
