"""Reading data/articles and data/knowledge, refusing what no source carries."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import yaml

from actions import plain_yaml
from actions.knowledge.model import PARTS, STATUSES, Article, Item, Knowledge, KnowledgeError, Statement

# What a row of YAML raises that lacks a key or is no mapping.
_WRONG_SHAPE = (KeyError, TypeError, AttributeError)


def load(articles_folder: Path, items_folder: Path) -> Knowledge:
    """All articles and items; KnowledgeError names the file, topic and sentence that is wrong."""
    items = _load_items(items_folder)
    articles: dict[str, Article] = {}
    for path in sorted(articles_folder.glob("*.yml")):
        for row in read_rows(path, "articles"):
            article = _article_of(path.name, row, items)
            if article.topic in articles:
                raise KnowledgeError(f"{path.name}: topic {article.topic} has two articles")
            articles[article.topic] = article
    return Knowledge(articles, items)


def _load_items(folder: Path) -> dict[str, Item]:
    items: dict[str, Item] = {}
    for path in sorted(folder.glob("*.yml")):
        for row in read_rows(path, "items"):
            try:
                item = Item(
                    id=row["id"],
                    statement=row["statement"],
                    source=row["source"],
                    date=str(row["date"]),
                    applies_to=row.get("applies_to", ""),
                    caution=row.get("caution", ""),
                    expires=_day(row.get("expires", "")),
                )
            except _WRONG_SHAPE as exc:
                raise KnowledgeError(f"{path.name}: item {_named(row, 'id')}: {_why(exc)}") from exc
            if item.id in items:
                raise KnowledgeError(f"{path.name}: item {item.id} occurs twice")
            items[item.id] = item
    return items


def _day(value: Any) -> str:
    """An ISO day, or "" for none; TypeError for anything else."""
    try:
        return date.fromisoformat(str(value)).isoformat() if value else ""
    except ValueError as exc:
        raise TypeError(f"expires: not a day like 2026-12-31 ({exc})") from exc


def read_rows(path: Path, key: str) -> list[dict[str, Any]]:
    """The rows under a key of a YAML file; KnowledgeError names the file when it is none."""
    try:
        return list(plain_yaml.load(path.read_bytes())[key])
    except (yaml.YAMLError, KeyError, TypeError) as exc:
        raise KnowledgeError(f"{path.name}: cannot be read ({exc.__class__.__name__}: {exc})") from exc


def _article_of(file: str, row: dict[str, Any], items: dict[str, Item]) -> Article:
    try:
        return _article(file, row, items)
    except _WRONG_SHAPE as exc:
        raise KnowledgeError(f"{file}: {_named(row, 'topic')}: {_why(exc)}") from exc


def _named(row: Any, key: str) -> str:
    return str(row.get(key, "?")) if isinstance(row, dict) else "?"


def _why(exc: Exception) -> str:
    return f"{exc} is missing" if isinstance(exc, KeyError) else str(exc)


def _article(file: str, row: dict[str, Any], items: dict[str, Item]) -> Article:
    topic = row.get("topic", "?")
    parts: dict[str, tuple[Statement, ...]] = {}
    for name, sentences in (row.get("parts") or {}).items():
        if name not in PARTS:
            raise KnowledgeError(f"{file}: {topic}: unknown part {name}")
        # What is withdrawn is kept for editors and told to nobody.
        parts[name] = tuple(statement_of(file, topic, s, items) for s in sentences if not s.get("withdrawn"))
    if not parts.get("summary"):
        raise KnowledgeError(f"{file}: {topic}: no summary")
    return Article(
        topic=row["topic"],
        title=row["title"],
        related=tuple(row.get("related") or ()),
        place=bool(row.get("place", True)),
        status=bool(row.get("status", False)),
        parts=parts,
        simple=tuple(statement_of(file, topic, s, items) for s in row.get("simple") or () if not s.get("withdrawn")),
    )


def statement_of(file: str, topic: str, row: dict[str, Any], items: dict[str, Item]) -> Statement:
    """A sentence with its items; KnowledgeError names it when no known item carries it."""
    ids = tuple(row.get("items") or ())
    missing = [i for i in ids if i not in items]
    if not ids or missing:
        raise KnowledgeError(f"{file}: {topic}: a sentence without a known item {missing}: {row.get('text', '')[:60]}")
    statuses = tuple(row.get("for") or ())
    if unknown := [s for s in statuses if s not in STATUSES]:
        raise KnowledgeError(f"{file}: {topic}: unknown status {unknown}")
    last = min((items[i].expires for i in ids if items[i].expires), default="")
    return Statement(row["text"], ids, statuses, row.get("area", ""), bool(row.get("caution", False)), last)
