"""How far a reader of a table can be sure of a number that is not shown: exact bounds, by flow.

The numbers withheld of a table with known totals form a transport problem: rows and columns are nodes, each number
withheld is an edge between them. From the true table every other table with the same totals is reached by circulations:
one number goes up, others go down and up, along a cycle. So the most a number can rise is the greatest flow from its
column back to its row through the rest, and whole capacities give whole flows: these bounds are those of integer
programming, without solving any.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

ENDLESS = 10**9
Matrix = Any
"""A numpy array of whole numbers, rows by columns."""


def can_rise(up: Matrix, down: Matrix, row: int, column: int, by: int) -> bool:
    """Whether the number at (row, column) could be higher by so much, everything published staying the same.

    `up` and `down` say how far each number may move for a reader: 0 in both for a number that is shown.
    """
    if by <= 0:
        return True
    if up[row, column] < by:
        return False
    lower = (down[:, column] >= by).nonzero()[0]
    right = (down[row] >= by).nonzero()[0]
    lower, right = lower[lower != row], right[right != column]
    if len(lower) and len(right) and (up[np.ix_(lower, right)] >= by).any():
        return True  # one rectangle is enough, and there nearly always is one
    # Transposed, columns come first: from the column over falling numbers to rows, over rising ones to columns.
    return _flow(down.T, up.T, column, row, by)


def can_fall(up: Matrix, down: Matrix, row: int, column: int, by: int) -> bool:
    """Whether the number at (row, column) could be lower by so much, everything published staying the same."""
    if by <= 0:
        return True
    if down[row, column] < by:
        return False
    right = (up[row] >= by).nonzero()[0]
    lower = (up[:, column] >= by).nonzero()[0]
    lower, right = lower[lower != row], right[right != column]
    if len(lower) and len(right) and (down[np.ix_(lower, right)] >= by).any():
        return True
    return _flow(up, down, row, column, by)


def clearly_loose(up: Matrix, down: Matrix, by: int) -> Matrix:
    """Where one rectangle lets a number rise by so much and another lets it fall by so much, for all numbers at once.

    Only the three other corners are looked at, not how far the number itself may move.
    """
    rises = _corners(down >= by, up >= by)
    falls = _corners(up >= by, down >= by)
    return (rises > 0) & (falls > 0)


def _corners(beside: Matrix, across: Matrix) -> Matrix:
    """For each (row, column) the number of rectangles whose corners in its row and column are `beside`, the last `across`."""
    a, b = beside.astype(np.float64), across.astype(np.float64)
    both = a * b
    # Rectangles that use the row or the column itself twice are none.
    flat = a * (both.sum(axis=0, keepdims=True) + both.sum(axis=1, keepdims=True) - both)
    return np.rint(a @ b.T @ a - flat)


def _flow(there: Matrix, back: Matrix, start: int, end: int, wanted: int) -> bool:
    """Whether so much flows from first-axis node `start` to second-axis node `end` without their own edge.

    `there` are the capacities from the first axis to the second, `back` those the other way.
    """
    there, back = there.copy(), back.copy()
    there[start, end] = back[start, end] = 0
    while wanted > 0:
        path = _path(there > 0, back > 0, start, end)
        if path is None:
            return False
        # A path goes there, back, there, ...; an edge used one way is free again the other way.
        steps = [(a, b, n % 2 == 0) for n, (a, b) in enumerate(pairwise(path))]
        edges = [((a, b), True) if outward else ((b, a), False) for a, b, outward in steps]
        most = min(wanted, *(int(there[e] if outward else back[e]) for e, outward in edges))
        for edge, outward in edges:
            (there if outward else back)[edge] -= most
            (back if outward else there)[edge] += most
        wanted -= most
    return True


def _path(there: Matrix, back: Matrix, start: int, end: int) -> list[int] | None:
    """The nodes of a shortest path, first and second axis by turns; None when there is none."""
    firsts, seconds = np.full(there.shape[0], -1), np.full(there.shape[1], -1)
    seen = np.zeros(there.shape[0], dtype=bool)
    seen[start] = True
    edge = np.array([start])
    while len(edge):
        open_ = there[edge]
        reached = (open_.any(axis=0) & (seconds < 0)).nonzero()[0]
        seconds[reached] = edge[open_[:, reached].argmax(axis=0)]
        if seconds[end] >= 0:
            nodes = [end, int(seconds[end])]
            while nodes[-1] != start:
                second = int(firsts[nodes[-1]])
                nodes += [second, int(seconds[second])]
            return nodes[::-1]
        open_ = back[:, reached]
        edge = (open_.any(axis=1) & ~seen).nonzero()[0]
        firsts[edge] = reached[open_[edge].argmax(axis=1)] if len(edge) else -1
        seen[edge] = True
    return None
