"""Our training messages, their split into folds, and light augmentation."""

from __future__ import annotations

import hashlib
import random
import re
import sys
import unicodedata
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))
from bot.nlu.folds import fold_of  # noqa: E402
from bot.nlu.message_files import read_messages  # noqa: E402
from bot.nlu.reading import reading, tidy  # noqa: E402


@dataclass(frozen=True)
class Message:
    text: str
    intent: str
    lang: str
    fold: int

    @property
    def read(self) -> str:
        """What the product's encoder reads."""
        return reading(self.text, self.lang)


def load(root: Path, languages: list[str]) -> list[Message]:
    """Messages of ``data/nlu/<lang>/*.yml``; the fold depends on the text alone, so it stays when others come."""
    rows = read_messages(root)
    return [Message(text, intent, lang, fold_of(text)) for lang, intent, text in rows if lang in languages]


def data_hash(messages: list[Message]) -> str:
    """One hash over every language, intent and text, independent of order."""
    lines = sorted(f"{m.lang}\t{m.intent}\t{m.text}" for m in messages)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def augment(message: Message, rng: random.Random) -> str:
    """With some probability each: as typed instead of as read, a sentence or a word less, small letters,
    no punctuation, no diacritics, typos."""
    text = tidy(message.text) if rng.random() < 0.4 else message.read
    r = rng.random()
    sentences = re.split(r"(?<=[.!?؟።])\s+", text)
    if len(sentences) > 2 and r < 0.3:
        sentences.pop(rng.randrange(len(sentences)))
        text = " ".join(sentences)
    if rng.random() < 0.2:
        text = text.lower()
    if rng.random() < 0.2:
        text = re.sub(r"[.,!?;:؟،…'\"፣።-]+", " ", text).strip() or text
    if rng.random() < 0.15:
        kept = (c for c in unicodedata.normalize("NFD", text) if not "\u0300" <= c <= "\u036f")
        text = unicodedata.normalize("NFC", "".join(kept).replace("ı", "i"))
    words = text.split()
    if len(words) > 5 and rng.random() < 0.15:
        words.pop(rng.randrange(len(words)))
        text = " ".join(words)
    if len(text) > 8 and rng.random() < 0.3:
        for _ in range(1 + len(text) // 60):
            text = _typo(text, rng)
    return text or "?"


def _typo(text: str, rng: random.Random) -> str:
    i = rng.randrange(1, len(text) - 1)
    kind = rng.randrange(4)
    if kind == 0:
        return text[:i] + text[i + 1 :]
    if kind == 1:
        return text[:i] + text[i + 1] + text[i] + text[i + 2 :]
    if kind == 2:
        return text[:i] + text[i] + text[i:]
    return text[:i] + text[rng.randrange(len(text))] + text[i + 1 :]
