"""How much of what identifies a person the scrubber finds, on labelled messages: `python -m bot.quality.redaction_figures`."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Container
from pathlib import Path
from typing import Any

from bot.memory.redaction import find
from bot.quality.vocabulary import vocabulary
from bot.settings import ROOT

LABELLED = ROOT / "tests" / "memory" / "redaction"
# Of these the rules have seen nothing when they were written: what to expect.
HELD_OUT = ROOT / "tests" / "memory" / "redaction_held_out"


def load(folder: Path = LABELLED) -> list[dict[str, Any]]:
    """Rows {text, spans: [{kind, start, end}], lang} of `<folder>/<lang>.jsonl`."""
    rows = []
    for path in sorted(folder.glob("*.jsonl")):
        for line in path.read_text(encoding="utf-8").splitlines():
            rows.append(json.loads(line) | {"lang": path.stem})
    return rows


def figures(rows: list[dict[str, Any]], known: Container[str] | None = None) -> dict[str, Any]:
    """Recall a kind and a language, precision a kind, and where it failed.

    A labelled span counts as found when none of its letters and digits is left, whatever it was taken for; what was
    found counts as right when it touches a labelled span.
    """
    wanted, found, right, taken = Counter[str](), Counter[str](), Counter[str](), Counter[str]()
    missed, wrong = [], []
    for row in rows:
        spans = find(row["text"], known)
        gone = {i for span in spans for i in range(span.start, span.end)}
        for label in row["spans"]:
            keys = (label["kind"], f"language {row['lang']}", "all")
            wanted.update(keys)
            left = [i for i in range(label["start"], label["end"]) if row["text"][i].isalnum() and i not in gone]
            if left:
                missed.append((row["lang"], label["kind"], row["text"]))
            else:
                found.update(keys)
        for span in spans:
            taken.update((span.kind, "all"))
            if any(span.start < x["end"] and x["start"] < span.end for x in row["spans"]):
                right.update((span.kind, "all"))
            else:
                wrong.append((row["lang"], span.kind, row["text"][span.start : span.end]))
    return {
        "messages": len(rows),
        "recall": {k: (found[k], n) for k, n in wanted.items()},
        "precision": {k: (right[k], n) for k, n in taken.items()},
        "missed": missed,
        "wrong": wrong,
    }


def main(arguments: list[str]) -> int:
    """Print the figures of folders of labelled messages; with -v also every mistake."""
    folders = [Path(a) for a in arguments if not a.startswith("-")] or [LABELLED, HELD_OUT]
    known = vocabulary()
    for folder in folders:
        content = figures(load(folder), known)
        print(f"{folder}: {content['messages']} messages")
        for name in ("recall", "precision"):
            for key, (good, n) in sorted(content[name].items()):
                print(f"  {name:9} {key:12} {good:4} of {n:4} = {good / n:.1%}")
        if "-v" in arguments:
            for name in ("missed", "wrong"):
                for row in content[name]:
                    print(f"  {name}: {' | '.join(row)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
