"""Sizes of a sheet in millimetres: how much room a language has, and how large its codes are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

# Heights on an A4 page; smaller pages have them smaller.
_HEAD, _TOPICS = 20.0, 18.0
_LABEL = 3.9
_SLACK = 3.0
# Letters of all titles in a row at full size, two lines each; millimetres of a letter at one point; smallest points.
_LETTERS, _LETTER, _LEGIBLE = 170, 0.225, 4.5
STRIPS = 10
SMALLEST_ON_STRIPS = 30
TALL = 82.0  # millimetres of a strip
CARDS = 6


@dataclass(frozen=True, slots=True)
class Page:
    """A page and its margin in millimetres; `unit` is 1 for A4 and shrinks with the page's width."""

    width: float
    height: float
    margin: float
    foot: float
    base: float

    @property
    def unit(self) -> float:
        """How small the sheet is beside A4."""
        return self.width / 210

    @property
    def topics(self) -> float:
        """Height of the row of topics, as on A4: the smallest pages have only the pictograms."""
        return _TOPICS if self.labels else 12.0

    @property
    def labels(self) -> bool:
        """Whether words below pictograms can be read."""
        return self.unit > 0.6

    @property
    def inner(self) -> tuple[float, float]:
        """Width and height inside the margins."""
        return self.width - 2 * self.margin, self.height - 2 * self.margin


# `base` is the size of the text in points where nothing is too long.
PAGES = {
    "a4": Page(210, 297, 8, 33, 15),
    "a5": Page(148, 210, 7, 24, 11),
    "a6": Page(105, 148, 5, 21, 8),
    "strips": Page(210, 297, 8, 33, 14),
    "wallet": Page(210, 297, 8, 0, 7),
}


@dataclass(frozen=True, slots=True)
class Sizes:
    """Millimetres: side of a language's codes with their white border (0: none), and height of its row."""

    code: float
    row: float


def sizes(format: str, languages: int, codes: int, topics: bool) -> Sizes:
    """The sizes of a poster with so many languages and codes for each."""
    page = PAGES[format]
    width, height = page.inner
    free = height - page.foot - _SLACK - (_HEAD + (page.topics if topics else 0)) * page.unit
    if format == "strips":
        free -= TALL + 1
    row = free / languages
    if languages == 1:
        return Sizes(min(row * 0.42, width * 0.42), row)
    if languages == 2:
        return Sizes(min(row * 0.56, width * 0.3), row)
    code = min(row - _LABEL * max(page.unit, 0.6) - 0.5, width * (0.24 if codes == 2 else 0.36))
    if format == "strips" and code < SMALLEST_ON_STRIPS:
        code = 0  # the strips carry the codes
    return Sizes(round(code, 2), round(row, 2))


def label(page: Page, titles: Sequence[str]) -> float:
    """Points of the words below pictograms, so that the longest title takes two lines; 0: too small to be read."""
    if not titles or not page.labels:
        return 0
    width = page.inner[0] / len(titles) - page.unit
    longest, word = max(map(len, titles)), max(len(w) for title in titles for w in title.split())
    size = 8 * page.unit * min(1, (_LETTERS / len(titles) / longest) ** 0.5)
    size = min(size, width / word / _LETTER)
    return round(size, 2) if size >= _LEGIBLE else 0
