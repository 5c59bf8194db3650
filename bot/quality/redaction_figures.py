"""How much of what identifies a person the scrubber finds, on labelled messages: `python -m bot.quality.redaction_figures`.

With --card docs/privacy.md the table there is written anew, from messages that no rule was ever tuned on.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections import Counter
from collections.abc import Container
from pathlib import Path
from typing import Any

from bot.memory.redaction import MARKS, find
from bot.quality.sections import put, table
from bot.quality.vocabulary import vocabulary
from bot.settings import ROOT

LABELLED = ROOT / "tests" / "memory" / "redaction"
# None of these was seen when the first rules were written.
HELD_OUT = ROOT / "tests" / "memory" / "redaction_held_out"
# What to expect: other authors wrote these, who did not know the rules; nobody who changes rules looks at mistakes here.
MEASURED = ROOT / "tests" / "memory" / "redaction_measured"


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
            keys = (label["kind"], f"language {row['lang']}", f"{row['lang']} {label['kind']}", "all")
            wanted.update(keys)
            left = [i for i in range(label["start"], label["end"]) if row["text"][i].isalnum() and i not in gone]
            if left:
                missed.append((row["lang"], label["kind"], row["text"]))
            else:
                found.update(keys)
        for span in spans:
            of = (span.kind, f"language {row['lang']}", "all")
            taken.update(of)
            if any(span.start < x["end"] and x["start"] < span.end for x in row["spans"]):
                right.update(of)
            else:
                wrong.append((row["lang"], span.kind, row["text"][span.start : span.end]))
    return {
        "messages": len(rows),
        "recall": {k: (found[k], n) for k, n in wanted.items()},
        "precision": {k: (right[k], n) for k, n in taken.items()},
        "missed": missed,
        "wrong": wrong,
    }


def card(rows: list[dict[str, Any]], known: Container[str] | None = None) -> list[str]:
    """The table of the page: found of wanted by language and kind, and how much of what was taken out had to go."""
    content = figures(rows, known)
    recall, precision = content["recall"], content["precision"]

    def cell(found: dict[str, tuple[int, int]], key: str, percent: bool = False) -> str:
        good, n = found.get(key, (0, 0))
        return ("" if not n else f"{100 * good / n:.0f} %") if percent else f"{good} of {n}"

    head = ["language", "messages", *MARKS, "all found", "rightly taken out"]
    body = []
    for language in sorted({row["lang"] for row in rows}):
        number = sum(row["lang"] == language for row in rows)
        kinds = [cell(recall, f"{language} {kind}") for kind in MARKS]
        key = f"language {language}"
        body.append([language, number, *kinds, cell(recall, key, True), cell(precision, key, True)])
    kinds = [cell(recall, kind) for kind in MARKS]
    body.append(["all", len(rows), *kinds, cell(recall, "all", True), cell(precision, "all", True)])
    return table(head, body)


def main(arguments: list[str]) -> int:
    """Print the figures of folders of labelled messages."""
    parser = argparse.ArgumentParser(prog="redaction_figures", description=main.__doc__)
    parser.add_argument("folders", nargs="*", type=Path, default=[LABELLED, HELD_OUT])
    parser.add_argument("-v", action="store_true", dest="mistakes", help="print every mistake")
    parser.add_argument("--card", type=Path, metavar="PAGE", help="write the table of this page instead")
    given = parser.parse_args(arguments)
    known = vocabulary()
    if given.card:
        put(given.card, "scrubbing", card(load(MEASURED), known))
        return 0
    for folder in given.folders:
        content = figures(load(folder), known)
        print(f"{folder}: {content['messages']} messages")
        for name in ("recall", "precision"):
            for key, (good, n) in sorted(content[name].items()):
                print(f"  {name:9} {key:14} {good:4} of {n:4} = {good / n:.1%}")
        for name in ("missed", "wrong") if given.mistakes else ():
            for row in content[name]:
                print(f"  {name}: {' | '.join(row)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
