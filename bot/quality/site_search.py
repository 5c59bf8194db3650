"""A plain site search over our own articles, to compare the assistant with: BM25 by words, and by pieces of words."""

from __future__ import annotations

import logging
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from actions.knowledge.model import PARTS, Article
from bot.nlu.normalise import fold
from bot.speech.catalogue import Catalogue

Tokens = Callable[[str], list[str]]
_WORD = re.compile(r"\w+")
# Pieces of three to five letters find inflected, compound and misspelt words without a stemmer for each language.
PIECES = (3, 4, 5)
# Words of a title count as often as if they stood there three times more, as site searches weigh titles.
TITLE_WEIGHT = 3


def words(text: str) -> list[str]:
    """Words as any site search cuts them, in every script: one Unicode form, lower case, vowel marks left out."""
    text = unicodedata.normalize("NFKC", text).casefold()
    return _WORD.findall("".join(c for c in text if unicodedata.category(c) != "Mn"))


def pieces(text: str) -> list[str]:
    """Words in our own spelling of keyboard variants, and their pieces with word borders marked."""
    found = []
    for word in _WORD.findall(fold(text)):
        found.append(word)
        bordered = f"<{word}>"
        found += [bordered[i : i + n] for n in PIECES for i in range(len(bordered) - n + 1)]
    return found


def article_text(article: Article, catalogue: Catalogue, language: str) -> tuple[str, str]:
    """(title, text) of an article as its page shows them: every part and the easy version, in one language."""
    told = [s for part in PARTS for s in article.parts.get(part, ())] + list(article.simple)
    return catalogue.text(article.title, language)[0], "\n".join(catalogue.text(s.text, language)[0] for s in told)


class SiteSearch:
    """BM25 (Lucene's form, k1 1.5, b 0.75) over one text a topic; `pages` maps a topic to its title and text."""

    def __init__(self, pages: Mapping[str, tuple[str, str]], tokens: Tokens, title_weight: int = 0) -> None:
        from bm25s import BM25

        logging.getLogger("bm25s").setLevel(logging.WARNING)  # it tells of every index
        self.topics = list(pages)
        self._tokens = tokens
        self._engine: Any = BM25(k1=1.5, b=0.75, method="lucene")
        texts = [tokens(title) * (1 + title_weight) + tokens(text) for title, text in pages.values()]
        self._engine.index(texts, show_progress=False)

    def find(self, question: str, most: int = 3) -> list[str]:
        """The topics found, the best first; fewer than `most`, even none, where no word of the question occurs."""
        asked = self._tokens(question)
        if not asked:
            return []
        scores = self._engine.get_scores(asked)
        order = sorted(range(len(self.topics)), key=lambda i: (-scores[i], i))
        return [self.topics[i] for i in order[:most] if scores[i] > 0]


def with_questions(
    pages: Mapping[str, tuple[str, str]], messages: Iterable[tuple[str, str]]
) -> dict[str, tuple[str, str]]:
    """The pages with example questions (topic, text) written under them, as a page of frequent questions has."""
    asked: dict[str, list[str]] = {topic: [] for topic in pages}
    for topic, text in messages:
        if topic in asked:
            asked[topic].append(text)
    return {topic: (title, "\n".join([text, *asked[topic]])) for topic, (title, text) in pages.items()}
