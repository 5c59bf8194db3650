"""Programmes, offices and prizes that people ask about by name, each answered in one or two sourced sentences."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from actions.knowledge.loader import read_rows, statement_of
from actions.knowledge.model import Knowledge, KnowledgeError, Statement

# Whose sentences are taken when the programme's own topic has none.
OTHER = "programme_info"


@dataclass(frozen=True, slots=True)
class Programme:
    """What is told of a programme; `topic` is whose services help and whose article says more."""

    id: str
    topic: str
    statements: tuple[Statement, ...]


def load_programmes(path: Path, knowledge: Knowledge) -> dict[str, Programme]:
    """The programmes of a file by id; KnowledgeError names the one that is wrong."""
    found: dict[str, Programme] = {}
    for row in read_rows(path, "programmes"):
        try:
            programme = Programme(row["id"], row["topic"], tuple(_told(row, said, knowledge) for said in row["say"]))
        except (KeyError, TypeError, AttributeError) as exc:
            raise KnowledgeError(f"{path.name}: {row if isinstance(row, str) else row.get('id', '?')}: {exc}") from exc
        if programme.id in found or programme.topic not in knowledge.articles or not programme.statements:
            raise KnowledgeError(f"{path.name}: {programme.id}: occurs twice, has no such topic or says nothing")
        found[programme.id] = programme
    return found


def _told(row: dict[str, Any], said: dict[str, Any], knowledge: Knowledge) -> Statement:
    if "text" in said:
        return statement_of("programmes", row["id"], said, knowledge.items)
    statement = _sentence(said["item"], said.get("part", ""), said.get("of", row["topic"]), knowledge)
    if statement is None:
        raise KnowledgeError(f"programmes: {row['id']}: no article has a sentence for {said['item']}")
    return statement


def _sentence(item: str, part: str, topic: str, knowledge: Knowledge) -> Statement | None:
    """The first sentence of an article that rests on an item."""
    for name in dict.fromkeys((topic, OTHER, *knowledge.articles)):
        article = knowledge.article(name)
        for heading, statements in (article.parts if article else {}).items():
            if part and name == topic and heading != part:
                continue
            for statement in statements:
                if item in statement.items:
                    return statement
    return None
