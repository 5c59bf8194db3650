"""Plots of docs/performance.md as SVG written by hand: labelled bars on white, each beside a table with the same numbers."""

from __future__ import annotations

from collections.abc import Sequence
from xml.sax.saxutils import escape

OURS, THEIRS, TEXT = "#1f4e79", "#c2703d", "#1b1b1b"
WIDTH, LABEL, LINE, TOP = 720, 190, 22, 34
Bar = tuple[str, float, str]  # label, value, colour


def bars(title: str, rows: Sequence[Bar], unit: str) -> str:
    """Horizontal bars with their label before and their number behind; the longest fills the width."""
    most = max((value for _, value, _ in rows), default=0.0) or 1.0
    room = WIDTH - LABEL - 110
    height = TOP + len(rows) * LINE + 8
    told = "; ".join(f"{label}: {number(value)} {unit}" for label, value, _ in rows)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" font-family="sans-serif" font-size="13" fill="{TEXT}">',
        f"<title>{escape(title)}</title><desc>{escape(told)}</desc>",
        f'<rect width="{WIDTH}" height="{height}" fill="#ffffff"/>',
        f'<text x="8" y="20" font-weight="bold">{escape(title)}</text>',
    ]
    for index, (label, value, colour) in enumerate(rows):
        y = TOP + index * LINE
        long = max(1.0, value / most * room)
        parts.append(f'<text x="{LABEL - 8}" y="{y + 13}" text-anchor="end">{escape(label)}</text>')
        parts.append(f'<rect x="{LABEL}" y="{y + 2}" width="{long:.1f}" height="14" fill="{colour}"/>')
        parts.append(f'<text x="{LABEL + long + 6:.1f}" y="{y + 13}">{number(value)} {escape(unit)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


def number(value: float | None) -> str:
    """Three figures that matter, "–" for none."""
    if value is None:
        return "–"
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.2f}"
