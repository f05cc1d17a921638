"""The arrays that the compiled steps work on: the data, what a node has decided, duals and scratch."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from optimizer.problem.problem import Bools, Floats, Ints

__all__ = [
    "CLOSED",
    "FREE",
    "OPEN",
    "Data",
    "Duals",
    "Node",
    "Relaxed",
    "Scratch",
    "new_duals",
    "new_relaxed",
    "new_scratch",
    "root",
]

FREE, CLOSED, OPEN = -1, 0, 1


class Data(NamedTuple):
    """A single-source capacitated location problem.

    Attributes
    ----------
    cost : shape (sites, rows)
        `c_wi`: cost of serving row i from site w; `inf` where there is no option.
    weight : shape (sites, rows)
        `a_wi` ≥ 0: capacity that this takes.
    fixed, capacity : shape (sites,)
        `F_w` and `Q_w`.
    load : float
        Least capacity that all rows together take, `Σ_i min_w a_wi`.
    need : float
        Least capacity of sites that can hold the load.
    """

    cost: Floats
    weight: Floats
    fixed: Floats
    capacity: Floats
    load: float
    need: float


class Node(NamedTuple):
    """What is decided: sites free, closed or open; sites that each row may still use; rows with one left.

    `left` is the capacity of each site after its decided rows. `slack` is the most by which open capacity can
    exceed the load in any plan worth having: no open site leaves more room than that.
    """

    site: npt.NDArray[np.int8]
    allowed: Bools
    home: Ints
    left: Floats
    slack: Floats


class Relaxed(NamedTuple):
    """A solution of the relaxation: worth and packed value of each site, rows packed, sites open.

    `penalty` is what a site's packing loses when a row that is in must stay out, or the other way round.
    """

    worth: Floats
    packed: Floats
    chosen: Bools
    opened: Bools
    penalty: Floats
    site_in: Floats
    site_out: Floats


class Duals(NamedTuple):
    """State of the dual method: best prices, averaged choices, step size, and work space per row."""

    price: Floats
    share: Floats
    use: Floats
    step: Floats
    trial: Floats
    direction: Floats
    sub: Floats


class Scratch(NamedTuple):
    """Work space; `order` keeps each site's rows in the order of the last prices, nearly sorted."""

    order: Ints
    rest: Ints
    ratio: Floats
    profit: Floats
    weight: Floats
    item: Ints
    take: Bools
    trial: Bools
    other_profit: Floats
    other_weight: Floats
    front: Floats
    back: Floats


def root(data: Data) -> Node:
    """Nothing decided yet."""
    sites, rows = data.cost.shape
    allowed = np.isfinite(data.cost) & (data.weight <= data.capacity[:, None])
    return Node(
        np.full(sites, FREE, dtype=np.int8),
        allowed,
        np.full(rows, -1, dtype=np.int64),
        data.capacity.copy(),
        np.array([data.capacity.sum() - data.load]),
    )


def new_relaxed(data: Data) -> Relaxed:
    """Space for a solution of the relaxation."""
    sites, rows = data.cost.shape
    chosen, penalty = np.zeros((sites, rows), dtype=bool), np.zeros((sites, rows))
    return Relaxed(
        np.zeros(sites),
        np.zeros(sites),
        chosen,
        np.zeros(sites, dtype=bool),
        penalty,
        np.zeros(sites),
        np.zeros(sites),
    )


def new_scratch(data: Data) -> Scratch:
    """Work space for one thread."""
    sites, rows = data.cost.shape
    most = max(sites, rows)
    order = np.argsort(data.cost, axis=1).astype(np.int64)
    table = np.zeros((rows + 1, int(data.capacity.max()) + 1 if whole(data) else 0))
    index, number, flag = np.zeros(most, dtype=np.int64), np.zeros(most), np.zeros(most, dtype=bool)
    return Scratch(
        order, index, number, number.copy(), number.copy(), index.copy(), flag, flag.copy(), number.copy(),
        number.copy(), table, table.copy(),
    )  # fmt: skip


def new_duals(data: Data) -> Duals:
    """Start from the second cheapest service of each row plus its part of a site's fixed cost."""
    sites, rows = data.cost.shape
    ranked = np.sort(data.cost, axis=0)
    second = np.where(np.isfinite(ranked[min(1, sites - 1)]), ranked[min(1, sites - 1)], ranked[0])
    rate = float(np.median(data.fixed / np.maximum(data.capacity, 1e-12)))
    price = second + rate * data.weight.min(axis=0)
    free = np.zeros(rows)
    return Duals(
        price, np.zeros((sites, rows)), np.zeros(sites), np.array([1.0]), free, free.copy(), free.copy()
    )


def whole(data: Data) -> bool:
    """Whether weights and capacities are whole numbers, and small enough for tables over the filling."""
    if data.cost.shape[1] * data.capacity.max() > 2_000_000:
        return False
    return bool(
        np.all(data.weight == np.round(data.weight)) and np.all(data.capacity == np.round(data.capacity))
    )
