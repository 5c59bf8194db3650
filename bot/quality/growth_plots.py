"""Curves of docs/growth.md as SVG written by hand: points joined by lines, a scale by tens where sizes grow by tens."""

from __future__ import annotations

import math
from collections.abc import Sequence
from xml.sax.saxutils import escape

from bot.quality.performance_plots import TEXT, number

Point = tuple[float, float]
Line = tuple[str, Sequence[Point]]  # name, points
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 720, 320, 70, 150, 40, 46
COLOURS = ("#1f4e79", "#c2703d", "#3b7a3b", "#7a3b6e")
GRID = "#d8d8d8"
# From this on, the largest size divided by the smallest, a straight scale would press the small ones into a corner.
BY_TENS = 20.0
STEPS = 4


def curves(title: str, lines: Sequence[Line], size: str, unit: str) -> str:
    """Lines over sizes, from zero on; ValueError without a point."""
    points = [point for _, row in lines for point in row]
    if not points:
        raise ValueError(f"no point to draw: {title}")
    places = sorted({x for x, _ in points})
    top = _round_up(max(y for _, y in points))
    across = _Scale(places)
    down = HEIGHT - TOP - BOTTOM
    told = "; ".join(f"{name}: " + ", ".join(f"{_size(x)} {number(y)}" for x, y in row) for name, row in lines)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}" '
        f'role="img" font-family="sans-serif" font-size="13" fill="{TEXT}">',
        f"<title>{escape(title)}</title><desc>{escape(f'{told} ({unit})')}</desc>",
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="#ffffff"/>',
        f'<text x="8" y="20" font-weight="bold">{escape(title)}, {escape(unit)}</text>',
    ]
    for step in range(STEPS + 1):
        y = HEIGHT - BOTTOM - down * step / STEPS
        parts.append(f'<line x1="{LEFT}" y1="{y:.1f}" x2="{WIDTH - RIGHT}" y2="{y:.1f}" stroke="{GRID}"/>')
        parts.append(f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{number(top * step / STEPS)}</text>')
    for x in places:
        parts.append(
            f'<text x="{across(x):.1f}" y="{HEIGHT - BOTTOM + 18}" text-anchor="middle">{escape(_size(x))}</text>'
        )
    parts.append(
        f'<text x="{(LEFT + WIDTH - RIGHT) / 2:.0f}" y="{HEIGHT - 8}" text-anchor="middle">{escape(size)}</text>'
    )
    for index, (name, row) in enumerate(lines):
        colour = COLOURS[index % len(COLOURS)]
        drawn = [(across(x), HEIGHT - BOTTOM - down * y / top) for x, y in sorted(row)]
        joined = " ".join(f"{x:.1f},{y:.1f}" for x, y in drawn)
        parts.append(f'<polyline points="{joined}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in drawn]
        y = TOP + 16 * index
        parts.append(f'<rect x="{WIDTH - RIGHT + 14}" y="{y}" width="10" height="10" fill="{colour}"/>')
        parts.append(f'<text x="{WIDTH - RIGHT + 30}" y="{y + 10}">{escape(name)}</text>')
    return "\n".join([*parts, "</svg>"]) + "\n"


class _Scale:
    """Where a size stands across the plot."""

    def __init__(self, places: Sequence[float]) -> None:
        self._tens = places[0] > 0 and places[-1] / places[0] >= BY_TENS
        self._first, self._last = self._at(places[0]), self._at(places[-1])

    def __call__(self, x: float) -> float:
        room = WIDTH - LEFT - RIGHT - 30
        if self._last == self._first:
            return LEFT + 15 + room / 2
        return LEFT + 15 + room * (self._at(x) - self._first) / (self._last - self._first)

    def _at(self, x: float) -> float:
        return math.log10(x) if self._tens else x


def _round_up(value: float) -> float:
    """The next of 1, 2, 4 or 8 times a power of ten, so that the lines of the grid have short numbers."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(factor * power for factor in (1, 2, 4, 8, 10) if factor * power >= value * 0.999)


def _size(value: float) -> str:
    for least, letter in ((1_000_000, " M"), (1_000, " k")):
        if value >= least:
            return f"{value / least:g}{letter}"
    return f"{value:g}"
