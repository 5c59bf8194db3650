"""Which numbers of a month may be published: none under five, and none that would give such a one away.

What is kept: whoever has everything that was published (every table and total, this month's and earlier ones), and
knows this rule and that counts are whole and not negative, cannot find a number of 1 to 4 that is withheld, nor narrow
it more than to "0 to 4".

The rule, for tables that share their rows (all questions share topics, all messages share outcomes):

1. **Totals first.** Rows and columns with a total under five become one row or column "other"; it takes in further
   lines, the smallest first, until it holds two lines and ten. Rows are put together alike in all tables of a family.
   So every total shown is at least five, and exact.
2. **Numbers of 0 to 4 are withheld, all marked alike.** Zeros, too: a zero shown beside a withheld number tells where
   the rest of the line's total is not. A zero is shown only where it follows from what is shown anyway, or where a
   whole row is of unknown place (campaign): of some topics these are never counted, which is no secret.
3. **Partners.** While a withheld number could be narrowed, or what is withheld of a line adds up to 1 to 4, its row and
   its column withhold one more number: the next shown one from the column (row) with the smallest total upwards. This
   order is known from the totals, so which number is the partner says nothing about its size.
4. **What cannot be kept like that is put together or left out**: first the column goes into "other", and if that does
   not help, of the table only the totals of its rows are shown.

Why it holds. The tables of a family meet only in the totals of their shared rows, which are shown exactly: given these,
every filling of one table goes together with every filling of the others (draw for each topic the languages, the
districts, ... independently), so each table can be looked at alone. In one table step 3 computes the exact bounds a
reader can reach (bot/staff/report/slack.py), for a reader who even knows which numbers are partners: the others are
then 0 to 4 for him, partners are 0 or more. A number of 1 to 4 passes when it could be 0 and could be 4. Withholding
more only gives more room, so what has passed stays so. Two withheld numbers that add up to 8 do not pass: both would
be 4.

**Questions and messages** are different counts, but every question is an answered message: in each language and
channel there are at most as many questions as answered messages. The reader of step 3 knows the true number of
questions of every line, whether it is shown or not.

**Services.** A number of steps of five, rounded down, without any total: 5 means 5 to 9, nothing means 0 to 4. There is
nothing to subtract from. Questions without a service lie within the questions of the same topic and district, so they
are shown only where these are shown, and at least five questions are left that found one; what is withheld may then
still be 0 to 4, and says nothing about the number of questions. Questions that met outdated details
(services_stale) are not published: beside the services' own numbers they could be narrowed where few services have the
topic.

**Crises.** The topics of emergencies are in no table of topics: they are messages with the outcome "crisis", and
both counts together would narrow each other.

**Time.** Only a finished month is published, from the second day after it on: two states of one month would be
subtracted from each other. The same counts always give the same report.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

import numpy as np

from bot.staff.report.slack import ENDLESS, Matrix, can_fall, can_rise, clearly_loose

THRESHOLD = 5
MOST_SMALL = THRESHOLD - 1
# What "other" must hold: with less, one small line and one that just reaches five would often be the only reading.
OTHER_HOLDS = 2 * THRESHOLD
OTHER = "_other"
UNKNOWN = "unknown"

Table = Mapping[tuple[str, str], int]


@dataclass(frozen=True)
class Published:
    """A table as everyone may see it.

    `cells` has every (row, column), None where the number is withheld. `column_totals` is empty when they cannot be
    shown. `other_rows` and `other_columns` are the lines put together as OTHER. `at_least`: numbers are rounded down to
    fives, those without one are left out, and there are no totals.
    """

    rows: tuple[str, ...] = ()
    columns: tuple[str, ...] = ()
    cells: dict[tuple[str, str], int | None] = field(default_factory=dict)
    row_totals: dict[str, int] = field(default_factory=dict)
    column_totals: dict[str, int] = field(default_factory=dict)
    total: int | None = None
    other_rows: tuple[str, ...] = ()
    other_columns: tuple[str, ...] = ()
    at_least: bool = False


def fold(totals: Mapping[str, int], also: Iterable[str] = ()) -> tuple[str, ...]:
    """The lines that become one line "other", in the order they were taken; `also` are taken in any case."""
    order = sorted((n, name) for name, n in totals.items() if n > 0)
    must = {name for n, name in order if n < THRESHOLD} | set(also)
    if not must:
        return ()
    taken = [name for _, name in order if name in must]
    for _, name in order:
        if len(taken) >= 2 and sum(totals[t] for t in taken) >= OTHER_HOLDS:
            break
        if name not in must:
            taken.append(name)
    return tuple(taken)


def totals_of(table: Table, axis: int) -> dict[str, int]:
    """Totals of the rows (0) or columns (1)."""
    found: dict[str, int] = {}
    for key, n in table.items():
        found[key[axis]] = found.get(key[axis], 0) + n
    return found


def agreed(tables: Mapping[str, Table]) -> dict[str, dict[tuple[str, str], int]]:
    """Tables of one family with equal totals of their rows.

    They differ only where a conversation crosses the end of a month or data are damaged. What a table lacks of a row is
    added as "unknown": two different totals of one row would be an equation too many.
    """
    margins = [totals_of(table, 0) for table in tables.values()]
    most = {row: max(m.get(row, 0) for m in margins) for row in {r for m in margins for r in m}}
    found = {}
    for (name, table), margin in zip(tables.items(), margins, strict=True):
        found[name] = {key: n for key, n in table.items() if n > 0}
        for row, n in most.items():
            if n > margin.get(row, 0):
                found[name][(row, UNKNOWN)] = found[name].get((row, UNKNOWN), 0) + n - margin.get(row, 0)
    return found


def protect_family(
    tables: Mapping[str, Table],
    within: Mapping[str, Mapping[str, int]] | None = None,
    within_row: str = "",
) -> dict[str, Published]:
    """Tables that share their rows, as they may be published.

    The totals of the rows must agree (see agreed()). `within` gives for a table and column how much of the row
    `within_row` is known from elsewhere: its number there cannot be less.
    """
    rows = totals_of(next(iter(tables.values()), {}), 0)
    if any(
        {r: n for r, n in totals_of(t, 0).items() if n} != {r: n for r, n in rows.items() if n} for t in tables.values()
    ):
        raise ValueError("tables of one family need the same totals of their rows")
    folded = fold(rows)
    return {
        name: _protect_table(table, folded, (within or {}).get(name, {}), within_row) for name, table in tables.items()
    }


def _protect_table(table: Table, folded: tuple[str, ...], within: Mapping[str, int], within_row: str) -> Published:
    """One table; columns that cannot be kept otherwise go into "other", one after the other."""
    columns = totals_of(table, 1)
    if sum(columns.values()) < THRESHOLD:
        return Published()
    also: set[str] = set()
    while True:
        other = fold(columns, also)
        grid = _Grid(table, folded, other, within, within_row)
        stuck = grid.withhold()
        if stuck is None:
            return grid.published()
        if stuck == OTHER or len(grid.columns) < 3:
            return grid.published(interior=False)
        also |= {stuck}


class _Grid:
    """One table while it is decided what is withheld."""

    def __init__(
        self, table: Table, other_rows: tuple[str, ...], other_columns: tuple[str, ...],
        within: Mapping[str, int], within_row: str,
    ) -> None:  # fmt: skip
        self.other_rows, self.other_columns = other_rows, other_columns
        row_of = {name: OTHER for name in other_rows}
        column_of = {name: OTHER for name in other_columns}
        joined: dict[tuple[str, str], int] = {}
        for (row, column), n in table.items():
            key = (row_of.get(row, row), column_of.get(column, column))
            joined[key] = joined.get(key, 0) + n
        self.row_totals = {row: n for row, n in totals_of(joined, 0).items() if n}
        self.column_totals = {column: n for column, n in totals_of(joined, 1).items() if n}
        # From the smallest total upwards: the order in which partners are taken.
        self.rows = sorted(self.row_totals, key=lambda name: (self.row_totals[name], name))
        self.columns = sorted(self.column_totals, key=lambda name: (self.column_totals[name], name))
        self.n: Matrix = np.array([[joined.get((r, c), 0) for c in self.columns] for r in self.rows], dtype=np.int64)
        # Of some topics no place and no campaign is counted, as everyone can read: their zeros are no secret.
        self.known: Matrix = np.zeros(self.n.shape, dtype=bool)
        if UNKNOWN in self.columns:
            self.known[self.n[:, self.columns.index(UNKNOWN)] == self.n.sum(axis=1)] = True
        self.small: Matrix = (self.n < THRESHOLD) & ~self.known
        # Up to which column of its order each row is withheld, and the other way round.
        self.row_reach = [0] * len(self.rows)
        self.column_reach = [0] * len(self.columns)
        self.within_row = self.rows.index(known) if (known := row_of.get(within_row, within_row)) in self.rows else -1
        self.within = [0] * len(self.columns)
        for column, n in within.items():
            name = column_of.get(column, column)
            if name in self.column_totals:
                self.within[self.columns.index(name)] += n
        self.links = bool(within) and self.within_row >= 0
        self._measure()

    def _measure(self) -> None:
        """How far each number may move for a reader, from what is withheld now."""
        partner = np.zeros_like(self.small)
        for i, reach in enumerate(self.row_reach):
            partner[i, :reach] = True
        for j, reach in enumerate(self.column_reach):
            partner[:reach, j] = True
        partner &= ~self.known
        self.hidden: Matrix = self.small | partner
        up = np.where(partner, ENDLESS, np.where(self.hidden, MOST_SMALL - self.n, 0))
        down = np.where(self.hidden, self.n, 0)
        if not self.links:
            self.up, self.down, self.own = up, down, list(range(len(self.columns)))
            return
        # The row of answered messages has a column of its own beside each column, and one row each joins both: what
        # moves from one part of the column to the other. It can leave the answered ones only down to the questions.
        height, width, k = len(self.rows), len(self.columns), self.within_row
        self.up = np.zeros((height + width, 2 * width), dtype=np.int64)
        self.down = np.zeros_like(self.up)
        self.up[:height, :width], self.down[:height, :width] = up, down
        self.up[k, width:], self.down[k, width:] = up[k], down[k]
        self.up[k, :width] = self.down[k, :width] = 0
        for j in range(width):
            self.up[height + j, j] = self.down[height + j, j] = self.down[height + j, width + j] = ENDLESS
            self.up[height + j, width + j] = max(0, int(self.n[k, j]) - self.within[j])

    def _column(self, row: int, column: int) -> int:
        return column + len(self.columns) if self.links and row == self.within_row else column

    def withhold(self) -> str | None:
        """Decide; the column that gives something away whatever is withheld, None when there is none."""
        settled = False
        while not settled:
            settled = True
            for i, j in self._lines():
                while self._rest(i, j) in range(1, THRESHOLD):
                    settled = False
                    if not self._extend(i, j):
                        return self.columns[j if j >= 0 else 0]
            # More withheld numbers give all others more room, which a partner may not have needed before.
            for i, j in np.argwhere(self.hidden & ~self._clear()):
                while not self._safe(int(i), int(j)):
                    settled = False
                    if not (self._extend(int(i), -1) | self._extend(-1, int(j))):
                        if not any([self._extend(r, -1) for r in range(len(self.rows))]):
                            return self.columns[int(j)]
        return None

    def _clear(self) -> Matrix:
        """Numbers under five that can move by four in both directions at a glance."""
        loose = clearly_loose(self.up, self.down, MOST_SMALL)
        height, width = self.n.shape
        if self.links:
            loose[self.within_row, :width] = loose[self.within_row, width:]
        return loose[:height, :width] & (self.n < THRESHOLD)

    def _lines(self) -> list[tuple[int, int]]:
        return [(i, -1) for i in range(len(self.rows))] + [(-1, j) for j in range(len(self.columns))]

    def _rest(self, row: int, column: int) -> int:
        """What is withheld of a row (column -1) or of a column (row -1) altogether."""
        line, hidden = (self.n[row], self.hidden[row]) if column < 0 else (self.n[:, column], self.hidden[:, column])
        return int(line[hidden].sum())

    def _extend(self, row: int, column: int) -> bool:
        """Withhold the next shown number of a row (column -1) or of a column (row -1); False when none is left."""
        line = self.hidden[row] | self.known[row] if column < 0 else self.hidden[:, column] | self.known[:, column]
        shown = (~line).nonzero()[0]
        if not len(shown):
            reach = len(line)
            before = self.row_reach[row] if column < 0 else self.column_reach[column]
            if before == reach:
                return False
        else:
            reach = int(shown[0]) + 1
        if column < 0:
            self.row_reach[row] = reach
        else:
            self.column_reach[column] = reach
        self._measure()
        return True

    def _safe(self, row: int, column: int) -> bool:
        """Whether a reader finds: this may be 0 and may be 4; or: this is 5 or more; or: this is 0, as everyone sees.

        Asked alike of every withheld number, whatever it is: else the answer itself would tell something.
        """
        n, at = int(self.n[row, column]), self._column(row, column)
        up, down = self.up, self.down
        if n == 0 and not can_rise(up, down, row, at, 1):
            return True
        if n >= THRESHOLD and not can_fall(up, down, row, at, n - MOST_SMALL):
            return True
        return can_fall(up, down, row, at, n) and can_rise(up, down, row, at, MOST_SMALL - n)

    def published(self, interior: bool = True) -> Published:
        """The table; without its interior only the totals of its rows."""
        rows, total = tuple(sorted(self.row_totals)), int(self.n.sum())
        row_totals = {row: self.row_totals[row] for row in rows}
        if not interior:
            return Published(rows=rows, row_totals=row_totals, total=total, other_rows=self.other_rows)
        cells: dict[tuple[str, str], int | None] = {}
        clear = self._clear()
        for i, row in enumerate(self.rows):
            for j, column in enumerate(self.columns):
                shown = not self.hidden[i, j] or (not clear[i, j] and self._follows(i, j))
                cells[(row, column)] = int(self.n[i, j]) if shown else None
        return Published(
            rows=rows,
            columns=tuple(sorted(self.column_totals)),
            cells=cells,
            row_totals=row_totals,
            column_totals={column: self.column_totals[column] for column in sorted(self.column_totals)},
            total=total,
            other_rows=self.other_rows,
            other_columns=self.other_columns,
        )

    def _follows(self, row: int, column: int) -> bool:
        """Whether a zero follows from the totals for everyone."""
        if self.n[row, column] or not self.hidden[row, column]:
            return False
        return not can_rise(self.up, self.down, row, self._column(row, column), 1)


def protect_services(shown: Table) -> Published:
    """Services in fives, those with five or more only; without totals."""
    cells: dict[tuple[str, str], int | None] = {key: steps(n) for key, n in shown.items() if n >= THRESHOLD}
    rows, columns = ({key[axis] for key in cells} for axis in (0, 1))
    return Published(tuple(sorted(rows)), tuple(sorted(columns)), cells, at_least=True)


def protect_missing(missing: Table, questions: Published, leave_out: Iterable[str] = ()) -> Published:
    """Questions without a service in fives, where their questions are shown and at least five more are left."""
    cells: dict[tuple[str, str], int | None] = {}
    for key, n in missing.items():
        asked = questions.cells.get(key)
        if asked is None or key[1] in leave_out:
            continue
        if (number := steps(min(n, asked - THRESHOLD))) > 0:
            cells[key] = number
    rows, columns = ({key[axis] for key in cells} for axis in (0, 1))
    return Published(tuple(sorted(rows)), tuple(sorted(columns)), cells, at_least=True)


def steps(n: int) -> int:
    """A number rounded down to fives, 0 for less than five."""
    return max(0, n) // THRESHOLD * THRESHOLD
