"""What people read is short: few words a sentence, few words a text, in English and in German."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from actions.knowledge.loader import load
from bot.speech.messages import read

ROOT = Path(__file__).parents[2]
ARTICLES = load(ROOT / "data" / "articles", ROOT / "data" / "knowledge").articles
TEXTS = [s.text for a in ARTICLES.values() for statements in a.parts.values() for s in statements]
SENTENCE = re.compile(r"(?<=[.!?;:])\s+")
# CEFR A2-B1: about a dozen words a sentence, and none that has to be read twice.
MEAN, LONGEST, WHOLE = 12.0, 36, 45


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence."""
    return [words for part in SENTENCE.split(text) for words in (re.findall(r"[^\W_]+", part),) if words]


def german() -> list[str]:
    catalogue = read("de")
    assert catalogue is not None
    return [str(catalogue.get(text).string) for text in TEXTS if catalogue.get(text)]


@pytest.mark.parametrize("language", ["en", "de"])
def test_sentences_are_short(language: str) -> None:
    texts = TEXTS if language == "en" else german()
    lengths = [len(words) for text in texts for words in sentences(text)]
    assert sum(lengths) / len(lengths) <= MEAN
    assert [text for text in texts if max(map(len, sentences(text))) > LONGEST] == []


@pytest.mark.parametrize("language", ["en", "de"])
def test_texts_are_short(language: str) -> None:
    texts = TEXTS if language == "en" else german()
    assert [text for text in texts if sum(map(len, sentences(text))) > WHOLE] == []
