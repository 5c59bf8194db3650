"""What people read is short and made of common words, in English and in German; easy language even more so."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
import yaml
from wordfreq import zipf_frequency

from actions.knowledge.loader import load
from bot.speech.messages import read

ROOT = Path(__file__).parents[2]
ARTICLES = load(ROOT / "data" / "articles", ROOT / "data" / "knowledge").articles
TEXTS = [s.text for a in ARTICLES.values() for statements in a.parts.values() for s in statements]
EASY = [s.text for a in ARTICLES.values() for s in a.simple]
SENTENCE = re.compile(r"(?<=[.!?;:])\s+")
# CEFR A2-B1: about a dozen words a sentence, and none that has to be read twice.
MEAN, LONGEST, WHOLE = 12.0, 36, 47
# CEFR A1: one thought a sentence.
EASY_MEAN, EASY_LONGEST, EASY_WHOLE = 6.5, 12, 45
# Zipf values of wordfreq: below it a word is met less than three times in a million. Names and office words are not
# counted: they are what people come to understand. Shares are of all words, limits a little above what they are today.
RARE, RARE_SHARE, RARE_WORDS = 3.5, {"en": 0.027, "de": 0.085}, 6
EASY_RARE_SHARE = {"en": 0.01, "de": 0.03}
TERMS = frozenset(
    word.casefold()
    for row in yaml.safe_load((ROOT / "data" / "glossary.yml").read_text(encoding="utf-8"))["terms"]
    for name in (row["term"], *row.get("spellings", ()))
    for word in re.findall(r"[^\W\d_]+", str(name))
)


def sentences(text: str) -> list[list[str]]:
    """The words of each sentence, without what stands in brackets: the German word to show at a counter."""
    plain = re.sub(r"\([^)]*\)", "", text)
    return [words for part in SENTENCE.split(plain) for words in (re.findall(r"[^\W_]+", part),) if words]


def in_language(texts: list[str], language: str) -> list[str]:
    if language == "en":
        return texts
    catalogue = read(language)
    assert catalogue is not None
    return [str(catalogue[text].string) for text in texts]


def rare(text: str, language: str) -> tuple[list[str], int]:
    """The rare words of a text, and how many it has in all; without names, addresses and what stands in brackets."""
    plain = re.sub(r"\([^)]*\)|\S*[@/.]\S+", "", text)
    counted = [
        word
        for part in SENTENCE.split(plain)
        for i, word in enumerate(re.findall(r"[^\W\d_]{3,}", part))
        if word.casefold() not in TERMS and (language == "de" or i == 0 or word.islower())
    ]
    return [w for w in counted if zipf_frequency(w, language) < RARE], len(counted)


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(
    ("texts", "mean", "longest", "whole"),
    [(TEXTS, MEAN, LONGEST, WHOLE), (EASY, EASY_MEAN, EASY_LONGEST, EASY_WHOLE)],
    ids=["articles", "easy"],
)
def test_sentences_and_texts_are_short(texts: list[str], mean: float, longest: int, whole: int, language: str) -> None:
    said = in_language(texts, language)
    lengths = [len(words) for text in said for words in sentences(text)]
    assert sum(lengths) / len(lengths) <= mean
    assert [text for text in said if max(map(len, sentences(text)), default=0) > longest] == []
    assert [text for text in said if sum(map(len, sentences(text))) > whole] == []


@pytest.mark.parametrize("language", ["en", "de"])
@pytest.mark.parametrize(("texts", "share"), [(TEXTS, RARE_SHARE), (EASY, EASY_RARE_SHARE)], ids=["articles", "easy"])
def test_words_are_common(texts: list[str], share: dict[str, float], language: str) -> None:
    found = [(text, *rare(text, language)) for text in in_language(texts, language)]
    assert sum(len(words) for _, words, _ in found) / sum(count for *_, count in found) <= share[language]
    assert [(text, words) for text, words, _ in found if len(words) > RARE_WORDS] == []


def test_every_topic_has_an_easy_text_for_everybody() -> None:
    assert [t for t, a in ARTICLES.items() if sum(not s.statuses and not s.area for s in a.simple) < 2] == []
