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

from optimizer.problem.problem import Problem
from optimizer.problem.ragged import counts_to_start

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
    found = [
        _free(float(most[lane])) if of < 0 else _pieces(problem, int(of), weight, float(most[lane]))
        for lane, of in enumerate(resource)
    ]
    return Pieces(
        counts_to_start([len(each) for each in found]), np.array([p for each in found for p in each])
    )


def supply_cost(pieces: Pieces, lane: int, quantity: float) -> float:
    """Cost `S` of a quantity by a lane, `inf` where there is no such supply."""
    low, high, cost, slope = pieces.piece[pieces.start[lane] : pieces.start[lane + 1]].T
    value = np.where(quantity <= high, cost + slope * np.maximum(quantity - low, 0.0), np.inf)
    return float(value.min(initial=np.inf))


Piece = tuple[float, float, float, float]


def _free(most: float) -> list[Piece]:
    return [(0.0, most, 0.0, 0.0)]


def _pieces(problem: Problem, resource: int, weight: Floats, most: float) -> list[Piece]:
    span = slice(problem.resource_start[resource], problem.resource_start[resource + 1])
    unit = float(weight[span].sum())
    base = float(weight[span] @ problem.measure_supply[span])
    pieces: list[Piece] = []
    for extra, cost in _module_sets(problem, resource, weight, most):
        room = base + extra
        pieces.append((0.0, room, cost, 0.0))
        if room < most:
            pieces += _beyond(problem, resource, room, cost, unit)
    return pieces


def _beyond(problem: Problem, resource: int, room: float, cost: float, unit: float) -> list[Piece]:
    """Pieces by overflow, or by a tier and overflow, the cheaper first, on top of a set of modules."""
    over = (float(problem.overflow_price[resource]), float(problem.overflow_limit[resource]))
    pieces = _climb(room, cost, unit, [over])
    for tier in range(problem.tier_start[resource], problem.tier_start[resource + 1]):
        low, high = float(problem.tier_from[tier]), float(problem.tier_to[tier])
        rate = float(problem.tier_unit_cost[tier])
        at, start = cost + float(problem.tier_fixed[tier]) + rate * low, room + unit * low
        if low > 0.0:
            pieces.append((0.0, start, at, 0.0))
        pieces += _climb(start, at, unit, sorted([(rate, high - low), over]))
    return pieces


def _climb(start: float, cost: float, unit: float, steps: list[tuple[float, float]]) -> list[Piece]:
    """Pieces one after the other, by the rate and the length of each."""
    pieces: list[Piece] = []
    for rate, length in steps:
        if length > 0.0 and np.isfinite(start):
            pieces.append((start, start + unit * length, cost, rate / unit))
            start, cost = start + unit * length, cost + rate * length
    return pieces


def _module_sets(problem: Problem, resource: int, weight: Floats, most: float) -> list[tuple[float, float]]:
    """Supplies and costs of sets of modules, none of which another beats in both, ascending."""
    sets = [(0.0, 0.0)]
    for module in range(problem.module_start[resource], problem.module_start[resource + 1]):
        span = slice(problem.module_supply_start[module], problem.module_supply_start[module + 1])
        supply = float(weight[problem.module_supply_measure[span]] @ problem.module_supply_amount[span])
        if supply <= 0.0:
            continue
        cost, limit = float(problem.module_cost[module]), int(problem.module_limit[module])
        sets = _efficient(
            [
                (have + count * supply, paid + count * cost)
                for have, paid in sets
                for count in range(min(limit, max(0, int(np.ceil((most - have) / supply)))) + 1)
            ]
        )
    return sets


def _efficient(sets: list[tuple[float, float]]) -> list[tuple[float, float]]:
    best: list[tuple[float, float]] = []
    for supply, cost in sorted(sets, key=lambda each: (each[1], -each[0])):
        if not best or supply > best[-1][0]:
            best.append((supply, cost))
    return best
