"""A reader of the published report who wants the numbers that are not shown, and knows the rule and linear programming.

He has the files only. Everything goes into one integer program a table: what is withheld is a whole number, lines add
up to their totals, and so on; then he asks for the least and the most of each number.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from dataclasses import dataclass
from html.parser import HTMLParser

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_matrix

Key = tuple[str, str, str]
TOTAL, OTHER = "_total", "_other"
LARGE = 10**6


@dataclass
class Seen:
    """What stands in a table: exact numbers, numbers that are rounded down to fives, and the ones withheld."""

    exact: dict[tuple[str, str], int]
    floors: dict[tuple[str, str], int]
    withheld: set[tuple[str, str]]


def read(text: str) -> dict[str, Seen]:
    """The tables of a counts.csv."""
    found: dict[str, Seen] = {}
    for line in csv.DictReader(io.StringIO(text, newline="")):
        seen = found.setdefault(line["table"], Seen({}, {}, set()))
        key = (line["row"], line["column"])
        if line["status"] == "suppressed":
            assert line["count"] == ""
            seen.withheld.add(key)
        else:
            (seen.exact if line["status"] == "exact" else seen.floors)[key] = int(line["count"])
    return found


class Pages(HTMLParser):
    """The numbers of the tables of report.html, by table, row and column."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.cells: dict[Key, str] = {}
        self._table, self._row, self._columns, self._at, self._open = "", "", [], 0, False
        self.feed(text)

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        given = dict(attributes)
        if tag == "table":
            self._table, self._columns = given.get("data-table") or "", []
        elif tag == "th" and "data-key" in given:
            self._columns.append(given["data-key"] or "")
        elif tag == "tr":
            self._row, self._at = given.get("data-key") or "", 0
        elif tag == "td":
            self._open = True

    def handle_endtag(self, tag: str) -> None:
        if tag == "td":
            self._open, self._at = False, self._at + 1

    def handle_data(self, data: str) -> None:
        if self._open and self._table and self._at < len(self._columns):
            key = (self._table, self._row, self._columns[self._at])
            self.cells[key] = self.cells.get(key, "") + data


class Reader:
    """One table of totals and withheld numbers as an integer program."""

    def __init__(self, tables: dict[str, Seen], name: str) -> None:
        self.seen, self.tables, self.name = tables[name], tables, name
        self.unknown = sorted(self.seen.withheld)
        self.index = {key: i for i, key in enumerate(self.unknown)}
        self.equations: list[tuple[list[int], float, float]] = []
        self.most = np.array([self._most(key) for key in self.unknown], dtype=float)
        lines: dict[tuple[int, str], list[tuple[str, str]]] = {}
        for key in self.unknown:
            for axis in (0, 1):
                lines.setdefault((axis, key[axis]), []).append(key)
        for (axis, line), keys in lines.items():
            total = self.seen.exact.get((line, TOTAL) if axis == 0 else (TOTAL, line))
            if total is None:
                continue
            shown = sum(n for key, n in self.seen.exact.items() if key[axis] == line and TOTAL not in key)
            rest = total - shown
            assert rest == 0 or rest >= 5, f"what is withheld of {line} is {rest} altogether"
            self.equations.append(([self.index[key] for key in keys], rest, rest))
        self._questions()

    def _most(self, key: tuple[str, str]) -> float:
        """Four, when an earlier number of its row and of its column is shown: then it is nobody's partner.

        A row that is all in one column is passed over when partners are taken.
        """
        totals = self.seen.exact
        place = {}
        for axis in (0, 1):
            names = {k[1 - axis] for k in (*totals, *self.seen.withheld) if k[axis] == key[axis]} - {TOTAL}
            before = [n for n in names if self._order(1 - axis, n) < self._order(1 - axis, key[1 - axis])]
            cells = [(key[0], n) if axis == 0 else (n, key[1]) for n in before]
            place[axis] = any(totals.get(c, 0) >= 5 and totals[c] != totals.get((c[0], TOTAL)) for c in cells)
        return 4 if place[0] and place[1] else LARGE

    def _order(self, axis: int, name: str) -> tuple[int, str]:
        total = self.seen.exact.get((name, TOTAL) if axis == 0 else (TOTAL, name), 0)
        return (total, name)

    def _questions(self) -> None:
        """Every question is an answered message of the same language or channel."""
        other = self.tables.get(self.name.replace("messages_", "questions_"))
        if not self.name.startswith("messages_") or other is None:
            return
        for (row, column), n in other.exact.items():
            key = ("answered", column)
            if row == TOTAL and column != OTHER and key in self.index:
                self.equations.append(([self.index[key]], n, np.inf))

    def bounds(self, key: tuple[str, str]) -> tuple[int, int]:
        """The least and the most that a withheld number can be."""
        return self._solve(key, 1), self._solve(key, -1)

    def _solve(self, key: tuple[str, str], sign: int) -> int:
        cost = np.zeros(len(self.unknown))
        cost[self.index[key]] = sign
        matrix = lil_matrix((len(self.equations), len(self.unknown)))
        for i, (columns, _, _) in enumerate(self.equations):
            for j in columns:
                matrix[i, j] = 1
        low, high = (np.array([e[n] for e in self.equations]) for n in (1, 2))
        limits = [LinearConstraint(matrix.tocsr(), low, high)] if self.equations else []
        found = milp(cost, constraints=limits, bounds=Bounds(0, self.most), integrality=np.ones(len(self.unknown)))
        assert found.success, found.message
        return round(found.x[self.index[key]])


def broken(
    text: str, truth: dict[str, dict[tuple[str, str], int]], only: Iterable[Key] | None = None
) -> list[tuple[Key, int, int, int]]:
    """Withheld numbers under five that the reader narrows to less than 0 to 4: (key, true number, least, most).

    `truth` is only asked which numbers are under five. Zeros count as found when they are pinned.
    """
    tables, found = read(text), []
    for name, seen in tables.items():
        wanted = [key for key in seen.withheld if truth[name].get(key, 0) < 5 and OTHER not in key]
        wanted = [key for key in wanted if only is None or (name, *key) in only]
        if not wanted:
            continue
        reader = Reader(tables, name)
        for key in wanted:
            least, most = reader.bounds(key)
            n = truth[name].get(key, 0)
            if least == most or (n > 0 and not (least == 0 and most >= 4)):
                found.append(((name, *key), n, least, most))
    return found
