"""Training messages and samples as they lie in data/, read without Rasa: training, tests and tools share this reader."""

from __future__ import annotations

import hashlib
from pathlib import Path

import yaml

from bot.languages import languages

PROVENANCE = "provenance.yml"


def read_messages(folder: Path) -> list[tuple[str, str, str]]:
    """(language, intent, text) of every training message under `folder/<language>/<area>.yml`.

    A language that is only started, or not in the registry, is left out.
    """
    rows: list[tuple[str, str, str]] = []
    for path in sorted(folder.glob("*/*.yml")):
        if path.parent.name not in languages() or not languages()[path.parent.name].trained:
            continue
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
        for block in content["nlu"]:
            for line in block["examples"].splitlines():
                if line.startswith("- "):
                    rows.append((path.parent.name, block["intent"], line[2:].strip()))
    return rows


def text_hash(text: str) -> str:
    """What data/nlu/provenance.yml knows a message by: 16 hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def read_reviewed(folder: Path) -> frozenset[str]:
    """Hashes of the messages under `folder` that people asked in vain and a reviewer accepted."""
    path = folder / PROVENANCE
    if not path.exists():
        return frozenset()
    content = yaml.safe_load(path.read_text(encoding="utf-8")) or {}
    return frozenset(str(row["text"]) for row in content.get("messages") or ())


def read_samples(folder: Path) -> list[tuple[str, str]]:
    """(language, text) of the samples under `folder/<language>.txt`, one message a line."""
    lines = [(p.stem, x.strip()) for p in sorted(folder.glob("*.txt")) for x in p.read_text("utf-8").splitlines()]
    return [(code, text) for code, text in lines if text and not text.startswith("#")]
