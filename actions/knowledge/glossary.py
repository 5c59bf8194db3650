"""German words of letters and counters: what each is, whether it brings a deadline, and what kind of thing it is."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actions.knowledge.loader import read_rows, statement_of
from actions.knowledge.model import Article, Knowledge, KnowledgeError, Statement

# decision and demand are letters, deadline and word stand in them, paper is something one holds.
KINDS = (
    "decision",
    "demand",
    "court",
    "appointment",
    "deadline",
    "paper",
    "office",
    "person",
    "benefit",
    "rule",
    "word",
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word with its sentences; `deadline` is empty when none is known, which does not mean that there is none."""

    term: str
    topic: str
    kind: str
    meaning: tuple[Statement, ...]
    deadline: tuple[Statement, ...]


def load_words(path: Path, knowledge: Knowledge) -> dict[str, Word]:
    """The explained words of the glossary by term; KnowledgeError names the one that is wrong."""
    found: dict[str, Word] = {}
    for row in read_rows(path, "terms"):
        if not isinstance(row, dict) or "say" not in row:
            continue
        try:
            word = Word(
                term=row["term"],
                topic=row["topic"],
                kind=row["kind"],
                meaning=tuple(_said(row, said, knowledge) for said in row["say"]),
                deadline=tuple(_said(row, said, knowledge) for said in row.get("deadline", ())),
            )
        except (KeyError, TypeError, AttributeError) as exc:
            raise KnowledgeError(f"{path.name}: {row.get('term', '?')}: {exc}") from exc
        if word.term in found or word.kind not in KINDS or word.topic not in knowledge.articles or not word.meaning:
            raise KnowledgeError(f"{path.name}: {word.term}: occurs twice, or has no such kind or topic, or no meaning")
        found[word.term] = word
    return found


def _said(row: dict[str, Any], said: dict[str, Any], knowledge: Knowledge) -> Statement:
    """A sentence of its own, or the one of an article that rests on an item and holds the word."""
    if "text" in said:
        return statement_of("glossary", row["term"], said, knowledge.items)
    own = knowledge.article(row["topic"])
    others = [article for article in knowledge.articles.values() if article is not own]
    for article in ([own] if own else []) + others:
        for statement in _sentences(article):
            if said["item"] in statement.items and said.get("names", row["term"]) in statement.text:
                return statement
    raise KnowledgeError(f"glossary: {row['term']}: no article has a sentence with it for {said['item']}")


def _sentences(article: Article) -> list[Statement]:
    return [statement for statements in article.parts.values() for statement in statements]


def load_letter_kinds(path: Path) -> dict[str, str]:
    """Kinds of letter by id, each with its title (a msgid)."""
    return {row["id"]: row["title"] for row in read_rows(path, "kinds")}
