"""What a search still works on: the facilities left and their entries below price ceilings."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from optimizer.problem.problem import Floats, Indices, Ints
from optimizer.solver.facility.location import Location
from optimizer.solver.facility.pricing import choose, gains

__all__ = [
    "Core",
    "capacity_price",
    "ceilings",
    "core_gains",
    "cut_core",
    "fix",
    "price_squares",
    "start_prices",
]

MOST_EXACT = 150
"""Free facilities up to which each choice is bounded by a knapsack of its own."""


@dataclass(frozen=True, eq=False)
class Core:
    """Facilities `who` and, facility by facility, their entries with ``u_ij < ceiling_j``."""

    who: Ints
    start: Ints
    customer: Indices
    unit: Floats
    capacity: Floats
    fixed: Floats
    ceiling: Floats


def cut_core(location: Location, who: Ints, ceiling: Floats) -> Core:
    """Copy the entries that matter while prices stay below the ceilings."""
    unit = location.unit[who]
    inside = unit < ceiling
    start = np.concatenate([[0], np.cumsum(inside.sum(axis=1))]).astype(np.int64)
    customer = np.nonzero(inside)[1].astype(np.int32)
    return Core(who, start, customer, unit[inside], location.capacity[who], location.fixed[who], ceiling)


def core_gains(location: Location, core: Core, price: Floats) -> tuple[Floats, Floats]:
    """What each facility of the core is worth at prices below the ceilings, none closed, and its cut."""
    m, n = len(core.who), len(location.demand)
    gain, cut, margin, weight = np.empty(m), np.zeros(m), np.empty(n + 1), np.empty(n + 1)
    gains(
        core.start, core.customer, core.unit, location.demand, core.capacity, core.fixed,
        np.full(m, -1, dtype=np.int8), price, gain, cut, margin, weight,
    )  # fmt: skip
    return gain, cut


def ceilings(unit: Floats, price: Floats, least: int) -> Floats:
    """Ceilings well above the prices: the cost of rank ``2·(facilities below the price) + least``."""
    m = len(unit)
    rank = np.minimum(2 * (unit < price).sum(axis=0) + least, m)
    ordered = np.sort(unit, axis=0)
    ordered = np.concatenate([ordered, np.full((1, unit.shape[1]), np.inf)])
    ceiling: Floats = ordered[rank, np.arange(unit.shape[1])]
    return ceiling


def start_prices(location: Location) -> Floats:
    """Cheapest cost of each customer with the facility's fixed cost spread over its capacity."""
    spread = location.fixed / np.maximum(location.capacity, 1e-300)
    price: Floats = (location.unit + spread[:, None]).min(axis=0)
    return price


def price_squares(location: Location) -> Floats:
    """Squared scale of each customer's price for its whole demand: demand × spread of its unit costs.

    With the square of that product the prices of large or remote customers run ahead of all others.
    """
    finite = np.isfinite(location.unit)
    mean = np.where(finite, location.unit, 0.0).sum(axis=0) / finite.sum(axis=0)
    spread = np.maximum(mean - location.unit.min(axis=0), 1e-3 * np.maximum(np.abs(mean), 1e-12))
    square: Floats = spread * location.demand
    return square


@njit(cache=True)
def fix(
    gain: Floats, capacity: Floats, need: float, constant: float, cutoff: float, state: np.ndarray,
    closed_bound: Floats, opened_bound: Floats,
) -> bool:  # fmt: skip
    r"""Fix free facilities whose other choice cannot beat the cutoff; False when neither choice can.

    With a price `p` on capacity the other choice of facility i costs at least
    :math:`|g_i - p Q_i|` more than :math:`p \cdot \text{need} + \sum_i \min(0, g_i - p Q_i)`. Where few
    are free, each choice is bounded by its own knapsack as well. `closed_bound` and `opened_bound` receive
    the bounds with each free facility closed and open.
    """
    m = len(gain)
    opened = np.zeros(m, dtype=np.bool_)
    base = constant + choose(gain, capacity, need, state, opened)
    rate = capacity_price(gain, capacity, need, state)
    linear, free = constant + rate * need, 0
    for i in range(m):
        reduced = gain[i] - rate * capacity[i]
        if state[i] == 1:
            linear += reduced
        elif state[i] < 0:
            free += 1
            linear += min(reduced, 0.0)
    chosen = opened.copy()
    for i in range(m):
        if state[i] >= 0:
            continue
        reduced = gain[i] - rate * capacity[i]
        closed_bound[i] = max(base, linear - min(reduced, 0.0))
        opened_bound[i] = max(base, linear + max(reduced, 0.0))
        if free <= MOST_EXACT and max(closed_bound[i], opened_bound[i]) < cutoff:
            state[i] = 0 if chosen[i] else 1
            other = constant + choose(gain, capacity, need, state, opened)
            state[i] = -1
            if chosen[i]:
                closed_bound[i] = max(closed_bound[i], other)
            else:
                opened_bound[i] = max(opened_bound[i], other)
        if closed_bound[i] >= cutoff:
            state[i] = 1
        elif opened_bound[i] >= cutoff:
            state[i] = 0
    return bool(base < cutoff)


@njit(cache=True)
def capacity_price(gain: Floats, capacity: Floats, need: float, state: np.ndarray) -> float:
    """Price of capacity that is optimal for the linear knapsack of the openings."""
    left = need
    rate = np.full(len(gain), np.inf)
    for i in range(len(gain)):
        if state[i] == 1 or (state[i] < 0 and gain[i] < 0.0):
            left -= capacity[i]
        elif state[i] < 0 and capacity[i] > 0.0:
            rate[i] = gain[i] / capacity[i]
    price = 0.0
    for i in np.argsort(rate):
        if left <= 0.0 or not np.isfinite(rate[i]):
            break
        price = rate[i]
        left -= capacity[i]
    return price
