"""Small plots as inline SVG: one colour, a title and a description for screen readers, numbers written beside the bars.

Every plot stands beside a table with the same numbers, so nothing is said by the picture alone.
"""

from __future__ import annotations

from collections.abc import Sequence

from markupsafe import Markup, escape

from bot.staff.report.numbers import NOT_SHOWN, whole

BAR, FAINT, TEXT = "#1f4e79", "#c9d3dd", "#1b1b1b"
WIDTH = 680
LABEL = 250
LINE = 21
CUT = 40

Values = Sequence[tuple[str, float | None]]


def bars(key: str, title: str, values: Values) -> Markup:
    """Horizontal bars with the label before and the number behind; `key` makes the ids unique."""
    most = max((n for _, n in values if n is not None), default=0) or 1
    room = WIDTH - LABEL - 70
    parts = []
    for i, (label, n) in enumerate(values):
        y = i * LINE
        long = 0 if n is None else max(1.5, n / most * room)
        parts.append(
            Markup('<text x="{}" y="{}" text-anchor="end">{}</text>').format(LABEL - 8, y + 15, _cut(label))
            + Markup('<rect x="{}" y="{}" width="{:.1f}" height="14" fill="{}"/>').format(LABEL, y + 4, long, BAR)
            + Markup('<text x="{:.1f}" y="{}">{}</text>').format(LABEL + long + 6, y + 15, whole(n))
        )
    return _svg(key, title, _told(values), WIDTH, len(values) * LINE + 4, parts)


def columns(key: str, title: str, values: Values, number: str = "", every: int = 1) -> Markup:
    """Upright bars in a row, as for days and hours; labels under every so-manieth one.

    A withheld value is a short dashed stub. `number` is what stands at the top of the scale, by default the greatest.
    """
    most = max((n for _, n in values if n is not None), default=0) or 1
    height, left, bottom = 130, 58, 26
    step = (WIDTH - left - 6) / max(1, len(values))
    parts = [
        Markup('<line x1="{}" y1="12" x2="{}" y2="12" stroke="{}"/>').format(left, WIDTH, FAINT),
        Markup('<line x1="{}" y1="{}" x2="{}" y2="{}" stroke="{}"/>').format(left, height, WIDTH, height, TEXT),
        Markup('<text x="{}" y="16" text-anchor="end">{}</text>').format(left - 6, number or whole(most)),
        Markup('<text x="{}" y="{}" text-anchor="end">0</text>').format(left - 6, height + 4),
    ]
    for i, (label, n) in enumerate(values):
        x = left + i * step
        if n is None:
            dash = '<line x1="{:.1f}" y1="{}" x2="{:.1f}" y2="{}" stroke="{}" stroke-dasharray="2 2"/>'
            parts.append(Markup(dash).format(x + step * 0.2, height - 4, x + step * 0.8, height - 4, TEXT))
        else:
            high = max(1.0, n / most * (height - 12)) if n else 0.0
            shape = '<rect x="{:.1f}" y="{:.1f}" width="{:.1f}" height="{:.1f}" fill="{}"/>'
            parts.append(Markup(shape).format(x + step * 0.14, height - high, step * 0.72, high, BAR))
        if i % every == 0:
            text = '<text x="{:.1f}" y="{}" text-anchor="middle">{}</text>'
            parts.append(Markup(text).format(x + step / 2, height + 17, label))
    return _svg(key, title, _told(values), WIDTH, height + bottom, parts)


def _svg(key: str, title: str, told: str, width: int, height: int, parts: Sequence[Markup]) -> Markup:
    head = Markup(
        '<svg viewBox="0 0 {} {}" role="img" aria-labelledby="{}-t {}-d" xmlns="http://www.w3.org/2000/svg">'
        '<title id="{}-t">{}</title><desc id="{}-d">{}</desc>'
    ).format(width, height, key, key, key, title, key, told)
    return head + Markup("").join(parts) + Markup("</svg>")


def _told(values: Values) -> str:
    """What the plot shows, in a sentence: a screen reader finds the rest in the table."""
    shown = [(label, n) for label, n in values if n is not None]
    if not shown:
        return "Keine Werte."
    label, _ = max(shown, key=lambda pair: pair[1])
    some = f" Mit {NOT_SHOWN} bezeichnete Werte werden nicht gezeigt." if len(shown) < len(values) else ""
    return f"{len(values)} Werte; der größte: {label}. Alle Zahlen stehen in der Tabelle dazu.{some}"


def _cut(label: str) -> Markup:
    return escape(label if len(label) <= CUT else label[: CUT - 1].rstrip() + "…")
