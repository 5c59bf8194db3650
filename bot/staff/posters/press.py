"""From HTML to PDF, as large as it fits on one page."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import Any

SCALES = (1.5, 1.35, 1.22, 1.1, 1.0, 0.92, 0.84, 0.77, 0.7, 0.64, 0.58, 0.53, 0.48, 0.43)
_ROUNDING = 0.5  # CSS pixels


class PressError(RuntimeError):
    """A sheet cannot be printed; the message says why."""


def fitted(draw: Callable[[float], str]) -> tuple[str, Any]:
    """The HTML and the laid-out document at the largest scale of text at which everything stands on one page.

    `draw` makes the HTML for a scale. PressError when it does not fit at the smallest one.
    """
    low, high = 0, len(SCALES) - 1
    best: tuple[str, Any] | None = None
    while low <= high:
        middle = (low + high) // 2
        html = draw(SCALES[middle])
        document = _document(html)
        if fits(document):
            best, high = (html, document), middle - 1
        else:
            low = middle + 1
    if best is None:
        raise PressError("the texts are too long for this sheet")
    return best


def fits(document: Any) -> bool:
    """Whether it is one page, no line is wider than its box, and nothing runs out of a box of the class "full"."""
    return len(document.pages) == 1 and not any(_spills(document.pages[0]._page_box))


def _document(html: str) -> Any:
    for name in ("weasyprint.progress", "fontTools"):
        logging.getLogger(name).setLevel(logging.WARNING)  # each step of each try is news to nobody
    from weasyprint import HTML

    return HTML(string=html, url_fetcher=_fetch_nothing()).render(font_config=_fonts())


def _spills(box: Any) -> Iterator[bool]:
    """For each line of a page whether it is wider than its block, for each full box whether it is too low."""
    from weasyprint.formatting_structure import boxes

    if box.element is not None and "full" in box.element.get("class", "").split():
        bottom = box.content_box_y() + box.height
        yield any(child.position_y + child.margin_height() > bottom + _ROUNDING for child in box.children)
    for child in getattr(box, "children", ()):
        if isinstance(child, boxes.LineBox):
            left, right = _extent(child)
            start = box.content_box_x()
            yield left < start - _ROUNDING or right > start + box.width + _ROUNDING
        yield from _spills(child)


def _extent(line: Any) -> tuple[float, float]:
    pieces = [piece for piece in line.children if piece.is_in_normal_flow()]
    lefts = [piece.position_x for piece in pieces] or [line.position_x]
    rights = [piece.position_x + piece.margin_width() for piece in pieces] or [line.position_x]
    return min(lefts), max(rights)


@lru_cache(maxsize=1)
def _fonts() -> Any:
    from weasyprint.text.fonts import FontConfiguration

    return FontConfiguration()


@lru_cache(maxsize=1)
def _fetch_nothing() -> Any:
    """Everything is in the page itself; nothing is read from the network or the disk."""
    from weasyprint.urls import URLFetcher

    return URLFetcher(allowed_protocols=(), allow_redirects=False)
