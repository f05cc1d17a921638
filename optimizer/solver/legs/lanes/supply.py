r"""The cost of a lane's supply by quantity, as pieces of lines.

With weights `w` on the measures of a lane, its modules, tiers and overflow supply a weighted sum of the
measures. The least cost of at least `u` of that,

.. math:: S(u) = \min \Big\{ \sum_k h_k n_k + \text{tier} + o z :
          \sum_q w_q \Big(b_q + \sum_k k_{kq} n_k + \sum_t u_t + z\Big) \ge u \Big\}

is no more than what a plan pays that uses `u`, whatever the weights.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from optimizer.problem.entries import owner
from optimizer.problem.problem import Ints, Problem
from optimizer.problem.ragged import sum_by

__all__ = ["Pieces", "supply_cost", "supply_pieces"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]


class Pieces(NamedTuple):
    """Pieces of each lane's cost, shape (pieces, 4): from, to, cost there, cost per further unit.

    A piece is an upper bound of S between its ends, and S is the least of them. `start` is the CSR range.
    """

    start: Ids
    piece: Floats


def supply_pieces(problem: Problem, resource: Ids, weight: Floats, most: Floats) -> Pieces:
    """Write the cost of supply of lanes.

    Parameters
    ----------
    resource : int64, shape (lanes,)
        Resource of each lane, −1 for one that costs nothing.
    weight : float64, shape (measures,)
        Weights of the measures.
    most : float64, shape (lanes,)
        The most that is ever used.
    """
    of = owner(problem.resource_start)
    unit, base = (sum_by(of, each, problem.n_resources) for each in (weight, weight * problem.measure_supply))
    supplied = weight[problem.module_supply_measure] * problem.module_supply_amount
    supply = sum_by(owner(problem.module_supply_start), supplied, problem.n_modules)
    bought = _Bought(
        unit, base, problem.module_start, supply, problem.module_cost, problem.module_limit,
        problem.overflow_price, problem.overflow_limit, problem.tier_start, problem.tier_from,
        problem.tier_to, problem.tier_fixed, problem.tier_unit_cost,
    )  # fmt: skip
    return Pieces(*_pieces_of_lanes(resource, most, bought))


def supply_cost(pieces: Pieces, lane: int, quantity: float) -> float:
    """Cost `S` of a quantity by a lane, `inf` where there is no such supply."""
    low, high, cost, slope = pieces.piece[pieces.start[lane] : pieces.start[lane + 1]].T
    value = np.where(quantity <= high, cost + slope * np.maximum(quantity - low, 0.0), np.inf)
    return float(value.min(initial=np.inf))


class _Bought(NamedTuple):
    """What resources are bought by: modules, overflow and tiers, at weights.

    `unit` is the weight of one unit of every measure, `base` what is there anyway, and `module_supply` what
    a module brings.
    """

    unit: Floats
    base: Floats
    module_start: Ints
    module_supply: Floats
    module_cost: Floats
    module_limit: Ints
    overflow_price: Floats
    overflow_limit: Floats
    tier_start: Ints
    tier_from: Floats
    tier_to: Floats
    tier_fixed: Floats
    tier_unit_cost: Floats


@njit(cache=True)
def _pieces_of_lanes(resource: Ids, most: Floats, bought: _Bought) -> tuple[Ids, Floats]:
    """Pieces of every lane, one after the other."""
    start, found, written = np.zeros(len(resource) + 1, np.int64), np.empty((64, 4)), 0
    for lane in range(len(resource)):
        of = resource[lane]
        free = np.array([[0.0, most[lane], 0.0, 0.0]])
        own = free if of < 0 else _pieces_of_lane(of, most[lane], bought)
        while written + len(own) > len(found):
            found = np.concatenate((found, np.empty_like(found)))
        found[written : written + len(own)] = own
        written += len(own)
        start[lane + 1] = written
    return start, found[:written].copy()


@njit(cache=True)
def _pieces_of_lane(of: int, most: float, bought: _Bought) -> Floats:
    """Pieces of one resource: those of every set of modules, and of tiers and overflow on top of it."""
    supply, cost = _module_sets(of, most, bought)
    tiers = bought.tier_start[of + 1] - bought.tier_start[of]
    pieces, count = np.empty((len(supply) * (2 + 3 * tiers), 4)), 0
    for at in range(len(supply)):
        room = bought.base[of] + supply[at]
        pieces[count] = 0.0, room, cost[at], 0.0
        count += 1
        if room < most:
            count = _beyond(of, room, cost[at], most, bought, pieces, count)
    return pieces[:count]


@njit(cache=True)
def _beyond(
    of: int, room: float, cost: float, most: float, bought: _Bought, pieces: Floats, count: int
) -> int:
    """Write pieces by overflow, or by a tier and overflow, the cheaper first; returns how many there are."""
    unit, price = bought.unit[of], bought.overflow_price[of]
    over = min(bought.overflow_limit[of], most / unit)
    count = _climb(room, cost, unit, (price, over), (price, 0.0), pieces, count)
    for tier in range(bought.tier_start[of], bought.tier_start[of + 1]):
        low, rate = bought.tier_from[tier], bought.tier_unit_cost[tier]
        at, start = cost + bought.tier_fixed[tier] + rate * low, room + unit * low
        if low > 0.0:
            pieces[count] = 0.0, start, at, 0.0
            count += 1
        first, second = (rate, bought.tier_to[tier] - low), (price, over)
        if second < first:
            first, second = second, first
        count = _climb(start, at, unit, first, second, pieces, count)
    return count


@njit(cache=True)
def _climb(
    start: float, cost: float, unit: float, first: tuple[float, float], second: tuple[float, float],
    pieces: Floats, count: int,
) -> int:  # fmt: skip
    """Write two pieces one after the other, by the rate and the length of each."""
    for rate, length in (first, second):
        if length > 0.0:
            pieces[count] = start, start + unit * length, cost, rate / unit
            start, cost, count = start + unit * length, cost + rate * length, count + 1
    return count


@njit(cache=True)
def _module_sets(of: int, most: float, bought: _Bought) -> tuple[Floats, Floats]:
    """Supplies and costs of sets of modules, none of which another beats in both, ascending."""
    supply, cost = np.zeros(1), np.zeros(1)
    for module in range(bought.module_start[of], bought.module_start[of + 1]):
        each, price = bought.module_supply[module], bought.module_cost[module]
        if each <= 0.0:
            continue
        count = np.empty(len(supply), np.int64)
        for at in range(len(supply)):
            needed = max(0.0, -((supply[at] - most) // each))
            count[at] = 1 + int(min(float(bought.module_limit[module]), needed))
        own = np.repeat(np.arange(len(supply)), count)
        number = np.arange(len(own)) - np.repeat(np.cumsum(count) - count, count)
        supply, cost = _efficient(supply[own] + number * each, cost[own] + number * price)
    return supply, cost


@njit(cache=True)
def _efficient(supply: Floats, cost: Floats) -> tuple[Floats, Floats]:
    """Those that no cheaper one beats in supply."""
    order = np.argsort(-supply, kind="mergesort")
    order = order[np.argsort(cost[order], kind="mergesort")]
    kept, most = np.zeros(len(order), np.bool_), -np.inf
    for at in range(len(order)):
        kept[at] = supply[order[at]] > most
        most = max(most, supply[order[at]])
    order = order[kept]
    return supply[order], cost[order]
