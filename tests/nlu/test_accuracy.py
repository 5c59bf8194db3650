"""Understanding on our own test messages, which never enter training: the floor this project promises."""

from pathlib import Path

import pytest

from bot.launcher import build_parser
from bot.quality.evaluate import load_cases, measure, report
from bot.settings import Settings

MESSAGES = Path(__file__).parent


@pytest.fixture(scope="module")
def card() -> dict:
    return report(measure(build_parser(Settings.from_env({})), load_cases([str(MESSAGES)])))


@pytest.mark.parametrize("language", ["ar", "de", "en", "uk"])
def test_top1_of_each_language(card, language):
    assert card["languages"][language]["top1"] >= 0.85


@pytest.mark.parametrize("language", ["ar", "de", "en", "uk"])
def test_crisis_recall_of_each_language(card, language):
    assert card["languages"][language]["crisis_recall"] >= 0.98


def test_false_alarms(card):
    assert card["overall"]["false_alarms"] <= 0.02


def test_language_of_messages_of_four_words_or_more(card):
    plain = [row for style, row in card["styles"].items() if style != "mixed"]
    right = sum(row["language_4_words"] * row["n"] for row in plain) / sum(row["n"] for row in plain)
    assert right >= 0.97
