"""Training messages and samples as they lie in data/, read without Rasa: training, tests and tools share this reader."""

from __future__ import annotations

from pathlib import Path

import yaml

from bot.languages import languages


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


def read_samples(folder: Path) -> list[tuple[str, str]]:
    """(language, text) of the samples under `folder/<language>.txt`, one message a line."""
    lines = [(p.stem, x.strip()) for p in sorted(folder.glob("*.txt")) for x in p.read_text("utf-8").splitlines()]
    return [(code, text) for code, text in lines if text and not text.startswith("#")]
