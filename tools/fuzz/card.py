"""Writes the figures of `make fuzz` into docs/input.md, between its markers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

BEGIN, END = "<!-- fuzz: begin -->", "<!-- fuzz: end -->"


def write(page: Path, rows: list[dict[str, Any]]) -> None:
    """The table in the page; ValueError when it has no markers."""
    text = page.read_text(encoding="utf-8")
    if BEGIN not in text or END not in text:
        raise ValueError(f"{page} has no markers for the table")
    block = f"{BEGIN}\n{table(rows)}\n{END}"
    page.write_text(re.sub(f"{BEGIN}.*?{END}", lambda _: block, text, flags=re.DOTALL), encoding="utf-8")


def table(rows: list[dict[str, Any]]) -> str:
    """One row a target, and the sum."""
    lines = ["| target | inputs | inputs/s | slowest input (ms of processor time) | features | faults left |",
             "| --- | ---: | ---: | ---: | ---: | --- |"]  # fmt: skip
    for row in rows:
        speed = round(row["inputs"] / row["seconds"]) if row["seconds"] else 0
        faults = ", ".join(row["faults"]) or "none"
        lines.append(
            f"| `{row['target']}` | {row['inputs']:,} | {speed:,} | {row.get('slowest_ms', 0):g} | {row['features']:,} | {faults} |"
        )
    total = sum(row["inputs"] for row in rows)
    return "\n".join([*lines, f"| together | {total:,} | | | | |"])
