"""The same messages under more intents: each intent split into parts, with the domain, rules and softmax layer to match.

The first part keeps the intent's name, because actions and the decision know intents by name; the others are `name_2`,
`name_3` … Stories stay as they are: they name first parts.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from bot.nlu.embedding import ADAPTER
from bot.nlu.folds import HELD_OUT, fold_of
from bot.settings import ROOT

Row = tuple[str, str, str]  # language, intent, text
STORIES = ROOT / "data" / "stories"


def names(intent: str, parts: int) -> list[str]:
    """The intents that one becomes."""
    return [intent, *(f"{intent}_{number}" for number in range(2, parts + 1))]


def split(rows: list[Row], parts: int) -> list[Row]:
    """The rows with their messages dealt out to the parts by a hash, evenly also without the fold held out.

    ValueError when a part would have no message to be fitted on.
    """
    ordered = sorted(rows, key=lambda row: (hashlib.sha256(f"split {row[2]}".encode()).digest(), row))
    dealt: Counter[tuple[str, bool]] = Counter()
    found, fitted = [], set()
    for language, intent, text in ordered:
        held = fold_of(text) == HELD_OUT
        name = names(intent, parts)[dealt[intent, held] % parts]
        dealt[intent, held] += 1
        found.append((language, name, text))
        if not held:
            fitted.add(name)
    wanted = {name for _, intent, _ in rows for name in names(intent, parts)}
    if wanted - fitted:
        raise ValueError(f"the sample is too small for {parts} parts: {len(wanted - fitted)} intents have no message")
    return sorted(found)


def write_domain(intents: set[str], parts: int, path: Path) -> None:
    """domain.yml with the parts of these intents."""
    content = yaml.safe_load((ROOT / "domain.yml").read_text(encoding="utf-8"))
    written = []
    for row in content["intents"]:
        ((intent, options),) = row.items()
        written += [{name: options} for name in (names(intent, parts) if intent in intents else [intent])]
    content["intents"] = written
    path.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def write_stories(intents: set[str], parts: int, folder: Path) -> None:
    """The rules for every part of these intents, and the stories."""
    folder.mkdir(parents=True, exist_ok=True)
    for path in sorted(STORIES.glob("*.yml")):
        content = yaml.safe_load(path.read_text(encoding="utf-8"))
        for rule in content.get("rules") or ():
            rule["steps"] = [_step(step, intents, parts) for step in rule["steps"]]
        (folder / path.name).write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _step(step: dict[str, Any], intents: set[str], parts: int) -> dict[str, Any]:
    asked = [row["intent"] for row in step.get("or") or [step] if "intent" in row]
    if not asked:
        return step
    every = [name for intent in asked for name in (names(intent, parts) if intent in intents else [intent])]
    return {"intent": every[0]} if len(every) == 1 else {"or": [{"intent": name} for name in every]}


def write_head(parts: int, path: Path, adapter: Path = ADAPTER) -> None:
    """The softmax layer of the adapter with a column for every part, so that all views take part in training."""
    with np.load(adapter, allow_pickle=False) as arrays:
        known = [str(name) for name in arrays["head/intents"]]
        every = [name for intent in known for name in names(intent, parts)]
        np.savez(
            path,
            **{
                "head/intents": np.array(every),
                "head/weight": np.repeat(arrays["head/weight"], parts, axis=0),
                "head/bias": np.repeat(arrays["head/bias"], parts, axis=0),
                "head/mean": arrays["head/mean"],
            },
        )
