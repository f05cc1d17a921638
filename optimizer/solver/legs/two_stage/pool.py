"""Rows that come in while a relaxation is solved: links of ways to openings."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.problem.problem import Bools, Floats, Ints
from optimizer.solver.backends.linear import LinearProgram
from optimizer.solver.legs.two_stage.form import TwoStage
from optimizer.solver.legs.two_stage.ways import Ways, cheapest

__all__ = ["Pool", "Row"]

VIOLATED = 1e-5
AHEAD = 5
"""Heads of a customer that are linked when one of its links is violated."""


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

    def violated_links(self, ways: Ways, amount: Floats, opening: Floats, head: Floats) -> list[Row]:
        """Links that the amounts on ways violate, and those of the best heads of customers with such ones.

        Parameters
        ----------
        amount
            Of the columns of ways.
        opening
            Of plants, then of satellites.
        head
            Reduced costs of heads.
        """
        stage, plants = self.stage, len(self.stage.plant)
        on = np.zeros(len(ways.column))
        on[ways.order[: len(amount)]] = amount
        of_head = on[: ways.heads].reshape(head.shape)
        of_tail = on[ways.heads : ways.heads + ways.tails].reshape(stage.first.shape)
        open_plant, open_satellite = opening[:plants], opening[plants:]
        rows: list[Row] = []
        over = _over(of_head, ways.most_head, open_satellite)
        there = ways.column[: ways.heads].reshape(head.shape) >= 0
        best = cheapest(np.where(there, head, np.inf), AHEAD, 2)
        self._new_links(rows, over | (best & over.any(axis=2, keepdims=True)), 0, ways.most_head, plants)
        over = _over(of_tail, ways.most_tail, open_satellite)
        self._new_links(rows, over, ways.heads, ways.most_tail, plants)
        over = _over(of_tail, ways.most_tail, open_plant[:, None])
        self._new_links(rows, over, ways.heads, ways.most_tail, None)
        return rows

    def _new_links(
        self, rows: list[Row], marked: Bools, first: int, most: Floats, plants: int | None
    ) -> None:
        """Append links of the marked ways to their satellites, or to their plants, that are not there."""
        at = np.nonzero(marked)
        site = at[1] if plants is None else plants + at[2]
        way = first + np.flatnonzero(marked)
        links = zip(way.tolist(), site.tolist(), most[marked].tolist(), strict=True)
        rows += [
            Row(np.array([at]), np.array([-part]), 0.0, number, (number, at))
            for number, at, part in links
            if (number, at) not in self._known
        ]

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
        self._renew()

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


def _over(amount: Floats, most: Floats, opening: Floats) -> Bools:
    """Ways that carry more than their site is open for."""
    over: Bools = amount > most * opening + VIOLATED * np.maximum(most, 1.0)
    return over
