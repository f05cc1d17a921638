"""Rows that come and go: links of ways to openings, and cuts over openings and loads."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.problem.problem import Floats, Ints
from optimizer.solver.backends.linear import LinearProgram
from optimizer.solver.legs.two_stage.form import TwoStage
from optimizer.solver.legs.two_stage.ways import Ways

__all__ = ["Pool", "Row"]

VIOLATED = 1e-5
SLACK = 1e-6
MOST_AGE = 6
"""Solves that a row may be slack in before it goes."""


@dataclass(frozen=True, eq=False)
class Row:
    """``Σ coefficient · column + (amount on a way) ≤ upper``; `way` is −1 for a cut without a way."""

    column: Ints
    coefficient: Floats
    upper: float
    way: int = -1
    key: tuple[int, int] = (-1, -1)


class Pool:
    """The rows after the base rows of a program.

    Attributes
    ----------
    upper : float64, shape (rows,)
    """

    def __init__(self, stage: TwoStage, first: int, width: int) -> None:
        self.stage, self._first, self._width = stage, first, width
        self._rows: list[Row] = []
        self._age = np.zeros(0, dtype=np.int64)
        self._known: set[tuple[int, int]] = set()
        self._renew()

    def small(self) -> sparse.csr_array:
        """Entries of the rows in openings and loads."""
        return self._small

    def charge_links(self, duals: Floats, head: Floats, tail: Floats) -> None:
        """Take what links charge off the reduced costs of ways, in place."""
        price = duals[self._first :]
        linked = np.flatnonzero(self._way >= 0)
        way = self._way[linked]
        of_head = way < head.size
        np.subtract.at(head.reshape(-1), way[of_head], price[linked[of_head]])
        np.subtract.at(tail.reshape(-1), way[~of_head] - head.size, price[linked[~of_head]])

    def violated_links(self, ways: Ways, amount: Floats, opening: Floats) -> list[Row]:
        """Links that the amounts on ways violate, of those that are not there."""
        stage, plants = self.stage, len(self.stage.plant)
        used = np.flatnonzero(amount > VIOLATED)
        way = ways.order[used]
        keep = way < ways.heads + ways.tails
        used, way = used[keep], way[keep]
        tail = way >= ways.heads
        _, _, of_head = np.unravel_index(np.where(tail, 0, way), stage.second.shape)
        _, plant, of_tail = np.unravel_index(np.where(tail, way - ways.heads, 0), stage.first.shape)
        most = np.concatenate([ways.most_head.ravel(), ways.most_tail.ravel()])[way]
        rows: list[Row] = []
        for which, site in ((~tail, plants + of_head), (tail, plants + of_tail), (tail, plant)):
            over = amount[used] - most * opening[site]
            for at in np.flatnonzero(which & (over > VIOLATED * np.maximum(most, 1.0))).tolist():
                key = (int(way[at]), int(site[at]))
                if key not in self._known:
                    column = np.array([site[at]])
                    rows.append(Row(column, -most[[at]], 0.0, int(way[at]), key))
        return rows

    def add(self, rows: list[Row], ways: Ways, program: LinearProgram) -> None:
        """Bring rows in."""
        way = np.array([row.way for row in rows], dtype=np.int64)
        linked = np.flatnonzero(way >= 0)
        counts = [len(row.column) for row in rows]
        index = np.concatenate([np.repeat(np.arange(len(rows)), counts), linked])
        column = np.concatenate([*(row.column for row in rows), ways.column[way[linked]]])
        value = np.concatenate([*(row.coefficient for row in rows), np.ones(len(linked))])
        shape = (len(rows), self._width + len(ways.order))
        upper = np.array([row.upper for row in rows])
        program.add(sparse.csr_array((value, (index, column)), shape=shape), upper)
        self._rows += rows
        self._known |= {row.key for row in rows if row.way >= 0}
        self._age = np.concatenate([self._age, np.zeros(len(rows), dtype=np.int64)])
        self._renew()

    def age(self, values: Floats, program: LinearProgram, columns: Ints | None = None) -> None:
        """Take out rows that have been slack for long."""

    def _renew(self) -> None:
        rows = self._rows
        counts = [len(row.column) for row in rows]
        index = np.repeat(np.arange(len(rows)), counts)
        none = np.zeros(0)
        column = np.concatenate([none.astype(np.int64), *(row.column for row in rows)])
        value = np.concatenate([none, *(row.coefficient for row in rows)])
        self._small = sparse.csr_array((value, (index, column)), shape=(len(rows), self._width))
        self._way = np.array([row.way for row in rows], dtype=np.int64)
        self.upper = np.array([row.upper for row in rows], dtype=np.float64)
