"""The sample both engines are trained on, and the test messages both are asked: drawn once, the same for the same seed."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import yaml

from bot.nlu.message_files import read_messages
from bot.quality.evaluate import load_cases
from bot.settings import ROOT

SEED = 9
TESTED = 2000
DATA = ROOT / "data" / "nlu"
TESTS = ROOT / "tests" / "nlu"
Row = tuple[str, str, str]  # language, intent, text


def draw(size: int) -> list[Row]:
    """So many training messages: as the whole is made up, but at least three of every intent."""
    rows = sorted(set(read_messages(DATA)))
    random.Random(SEED).shuffle(rows)
    seen: dict[str, int] = {}
    first, rest = [], []
    for row in rows:
        seen[row[1]] = seen.get(row[1], 0) + 1
        (first if seen[row[1]] <= 3 else rest).append(row)
    if size < len(first):
        raise ValueError(f"SAMPLE must be at least {len(first)}: three messages of every intent")
    return sorted([*first, *rest[: size - len(first)]])


def tests(size: int = TESTED) -> list[dict[str, Any]]:
    """So many messages of tests/nlu, none of which is ever trained."""
    rows = load_cases([str(TESTS)])
    random.Random(SEED).shuffle(rows)
    return rows[:size]


def write_folders(rows: list[Row], folder: Path) -> None:
    """The sample as our importer reads it: a folder for each language."""
    for language in sorted({row[0] for row in rows}):
        by_intent: dict[str, list[str]] = {}
        for code, intent, text in rows:
            if code == language:
                by_intent.setdefault(intent, []).append(text)
        blocks = [{"intent": i, "examples": "".join(f"- {t}\n" for t in ts)} for i, ts in sorted(by_intent.items())]
        path = folder / language / "sample.yml"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(yaml.safe_dump({"nlu": blocks}, allow_unicode=True, width=10**6), encoding="utf-8")


def with_places(rows: list[Row]) -> list[tuple[str, str]]:
    """(intent, text) with the places marked as in Rasa's training files, by their ids: found by our own matcher."""
    from bot.nlu.places import matcher
    from bot.nlu.tokenizer import shared_vocab_doc

    found = []
    for _, intent, text in rows:
        marked = text
        if not set("[]{}()") & set(text):
            for entity in reversed(matcher().find(shared_vocab_doc(text), text)):
                start, end = entity["start"], entity["end"]
                about = json.dumps({"entity": "place", "value": entity["value"]})
                marked = f"{marked[:start]}[{text[start:end]}]{about}{marked[end:]}"
        found.append((intent, marked))
    return found
