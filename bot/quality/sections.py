"""Parts of a generated page that another command writes: each stands between two comments and is kept by the others."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any


def kept(path: Path, name: str) -> list[str]:
    """The lines of a part with its comments; empty when the page or the part is not there."""
    begin, end = _borders(name)
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    if begin not in lines or end not in lines[lines.index(begin) :]:
        return []
    return lines[lines.index(begin) : lines.index(end, lines.index(begin)) + 1]


def put(path: Path, name: str, lines: Sequence[str]) -> None:
    """Write a part into a page: in the place of its last version, else at the end; the rest stays as it is."""
    begin, end = _borders(name)
    page = path.read_text("utf-8").splitlines() if path.exists() else []
    old = kept(path, name)
    at = page.index(begin) if old else len(page)
    gap = [""] if page and not old else []
    path.write_text("\n".join([*page[:at], *gap, begin, *lines, end, *page[at + len(old) :]]) + "\n", "utf-8")


def _borders(name: str) -> tuple[str, str]:
    return f"<!-- {name}: begin -->", f"<!-- {name}: end -->"


def table(head: Sequence[Any], rows: Sequence[Sequence[Any]]) -> list[str]:
    """The lines of a Markdown table."""
    written = [head, ["---"] * len(head), *rows]
    return ["| " + " | ".join(map(str, row)) + " |" for row in written]


def publish(page: Path, name: str, lines: list[str], plots: Mapping[str, str]) -> None:
    """Put lines into a section of a page, and SVG plots into the folder named like the page beside it."""
    page.parent.mkdir(parents=True, exist_ok=True)
    put(page, name, lines)
    folder = page.with_suffix("")
    folder.mkdir(parents=True, exist_ok=True)
    for plot, svg in plots.items():
        (folder / f"{plot}.svg").write_text(svg, encoding="utf-8")
