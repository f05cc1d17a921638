"""The ways between plants, satellites and customers as columns: which are there, which are missing."""

import numpy as np
from scipy import sparse

from optimizer.problem.problem import Bools, Floats, Ints
from optimizer.solver.legs.two_stage.form import TwoStage

__all__ = ["Ways", "cheapest"]

HEADS, TAILS = 10, 6
"""At first: cheapest satellites for each customer; plants for each satellite and the other way round."""

MISSING = 1e-7
"""Reduced cost, as a part of the dearest way, below which a missing way is brought in."""

AT_ONCE = 12
"""Missing ways brought in at once for each customer, and for each satellite."""

DEAR = 10.0
"""Price of an order that is not served, as a multiple of the dearest way."""


class Ways:
    """All ways in one numbering: heads by product, customer and satellite, then tails by product, plant and
    satellite, then, always there, one for each customer that is not served.

    Attributes
    ----------
    column : int64, shape (ways,)
        Column of each way; −1 while it is missing.
    order : int64
        Ways in the order of their columns.
    most : float64, shape (ways,)
        Orders that can take each way; zero where there is none.
    """  # noqa: D205

    def __init__(self, stage: TwoStage, flows: tuple[Floats, Floats]) -> None:
        self.stage, self._flows = stage, flows
        self.heads, self.tails = stage.second.size, stage.first.size
        self.idle = stage.demand.size
        most_head = np.minimum(stage.demand[:, :, None], stage.satellite_room[:, None, :])
        most_tail = np.minimum(stage.plant_room[:, :, None], stage.satellite_room[:, None, :])
        self.most_head = np.where(np.isfinite(stage.second), most_head, 0.0)
        self.most_tail = np.where(np.isfinite(stage.first), most_tail, 0.0)
        self.column = np.full(self.heads + self.tails + self.idle, -1, dtype=np.int64)
        self.order = np.zeros(0, dtype=np.int64)
        finite = [np.abs(part[np.isfinite(part)]).max(initial=1.0) for part in (stage.first, stage.second)]
        self._dear = DEAR * float(sum(finite))
        self._second = np.where(self.most_head > 0.0, stage.second, 0.0)
        self._first = np.where(self.most_tail > 0.0, stage.first, 0.0)

    def first(self) -> Ints:
        """Ways to begin with: cheap ones, those of a plan, and those of customers that are not served."""
        stage = self.stage
        into = stage.first.min(axis=1)[:, None, :]
        head = cheapest(stage.second + into, HEADS, 2) | (self._flows[1].transpose(0, 2, 1) > 0.0)
        tail = cheapest(stage.first, TAILS, 1) | cheapest(stage.first, TAILS, 2) | (self._flows[0] > 0.0)
        head, tail = head & (self.most_head > 0.0), tail & (self.most_tail > 0.0)
        served = stage.demand.ravel() > 0.0
        return np.flatnonzero(np.concatenate([head.ravel(), tail.ravel(), served]))

    def columns(self, ways: Ints, rows: int) -> tuple[Floats, sparse.csc_array]:
        """Costs and entries of columns; a way is in the rows of its ends."""
        stage = self.stage
        products, plants, satellites = stage.first.shape
        demand = stage.demand.size
        head = ways[ways < self.heads]
        tail = ways[(ways >= self.heads) & (ways < self.heads + self.tails)] - self.heads
        idle = ways[ways >= self.heads + self.tails] - self.heads - self.tails
        m, k, j = np.unravel_index(head, stage.second.shape)
        out = demand + m * satellites + j
        m2, i, j2 = np.unravel_index(tail, stage.first.shape)
        into = demand + products * satellites + m2 * satellites + j2
        plant = demand + 2 * products * satellites + m2 * plants + i
        pairs = (np.stack([m * stage.demand.shape[1] + k, out], 1), np.stack([into, plant], 1))
        index = np.concatenate([pairs[0].ravel(), pairs[1].ravel(), idle])
        counts = np.concatenate([np.full(len(head) + len(tail), 2), np.ones(len(idle), dtype=np.int64)])
        start = np.concatenate([[0], np.cumsum(counts)])
        cost = np.concatenate(
            [stage.second.ravel()[head], stage.first.ravel()[tail], np.full(len(idle), self._dear)]
        )
        return cost, sparse.csc_array((np.ones(len(index)), index, start), shape=(rows, len(ways)))

    def enter(self, ways: Ints, width: int) -> None:
        """Note that the ways have become columns, the last of them."""
        self.column[ways] = width + len(self.order) + np.arange(len(ways))
        self.order = np.concatenate([self.order, ways])

    def reduced(self, duals: Floats) -> tuple[Floats, Floats]:
        """Reduced costs of heads and tails before what links charge."""
        stage = self.stage
        products, plants, satellites = stage.first.shape
        at = np.cumsum([stage.demand.size, products * satellites, products * satellites, products * plants])
        demand, out = duals[: at[0]], duals[at[0] : at[1]]
        into, plant = duals[at[1] : at[2]], duals[at[2] : at[3]]
        head = self._second - demand.reshape(products, -1, 1) - out.reshape(products, 1, satellites)
        tail = self._first - plant.reshape(products, plants, 1) - into.reshape(products, 1, satellites)
        self._idle_reduced = self._dear - demand
        return head, tail

    def least(self, head: Floats, tail: Floats) -> Floats:
        """Least that each way can add to a bound, where that is below nothing."""
        idle = np.minimum(self._idle_reduced, 0.0) * self.stage.demand.ravel()
        return np.concatenate(
            [
                (np.minimum(head, 0.0) * self.most_head).ravel(),
                (np.minimum(tail, 0.0) * self.most_tail).ravel(),
                idle,
            ]
        )

    def missing(self, head: Floats, tail: Floats) -> Ints:
        """Missing ways of negative reduced cost, the most negative of each customer and satellite first."""
        limit = -MISSING * self._dear / DEAR
        found = []
        for reduced, most, first, axis in (
            (head, self.most_head, 0, 2),
            (tail, self.most_tail, self.heads, 1),
        ):
            there = self.column[first : first + reduced.size].reshape(reduced.shape) >= 0
            open_cost = np.where(there | (most <= 0.0), 0.0, reduced)
            worst = cheapest(open_cost, AT_ONCE, axis) & (open_cost < limit)
            found.append(first + np.flatnonzero(worst))
        return np.concatenate(found)


def cheapest(cost: Floats, count: int, axis: int) -> Bools:
    """Mark the cheapest few along an axis."""
    if cost.shape[axis] <= count:
        return np.isfinite(cost)
    place = np.argpartition(cost, count - 1, axis=axis)
    chosen = np.zeros(cost.shape, dtype=np.bool_)
    np.put_along_axis(chosen, np.take(place, np.arange(count), axis=axis), True, axis)
    return chosen & np.isfinite(cost)
