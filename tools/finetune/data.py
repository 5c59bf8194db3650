"""Our training messages, their split into folds, and light augmentation."""

from __future__ import annotations

import hashlib
import random
import re
from dataclasses import dataclass
from pathlib import Path

import yaml


@dataclass(frozen=True)
class Message:
    text: str
    intent: str
    lang: str
    fold: int


def load(root: Path, languages: list[str], folds: int = 5) -> list[Message]:
    """Messages of ``data/nlu/<lang>/*.yml``; the fold depends on the text alone, so it stays when others come."""
    out = []
    for lang in languages:
        for path in sorted((root / lang).glob("*.yml")):
            for entry in yaml.safe_load(path.read_text(encoding="utf-8"))["nlu"]:
                lines = [x.strip()[2:].strip() for x in entry["examples"].splitlines() if x.strip()]
                out += [Message(t, entry["intent"], lang, fold_of(t, folds)) for t in lines]
    return out


def fold_of(text: str, folds: int) -> int:
    """The fold of a text: evenly spread, and the same whatever other messages there are."""
    return int(hashlib.sha256(text.encode()).hexdigest()[:8], 16) % folds


def data_hash(messages: list[Message]) -> str:
    """One hash over every language, intent and text, independent of order."""
    lines = sorted(f"{m.lang}\t{m.intent}\t{m.text}" for m in messages)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def augment(text: str, rng: random.Random) -> str:
    """With some probability: drop a sentence, lower-case, drop punctuation, make a typo."""
    r = rng.random()
    sentences = re.split(r"(?<=[.!?؟])\s+", text)
    if len(sentences) > 2 and r < 0.35:
        sentences.pop(rng.randrange(len(sentences)))
        text = " ".join(sentences)
    if rng.random() < 0.15:
        text = text.lower()
    if rng.random() < 0.15:
        text = re.sub(r"[.,!?;:؟،…'\"-]+", "", text).strip() or text
    words = text.split()
    if len(words) > 5 and rng.random() < 0.15:
        words.pop(rng.randrange(len(words)))
        text = " ".join(words)
    if len(text) > 8 and rng.random() < 0.25:
        for _ in range(1 + len(text) // 60):
            i = rng.randrange(1, len(text) - 1)
            kind = rng.randrange(3)
            if kind == 0:
                text = text[:i] + text[i + 1 :]
            elif kind == 1:
                text = text[:i] + text[i + 1] + text[i] + text[i + 2 :]
            else:
                text = text[:i] + text[i] + text[i:]
    return text or "?"
