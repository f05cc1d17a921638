r"""The cost of a lane's supply by quantity, as pieces of lines.

With weights `w` on the measures of a lane, its modules, tiers and overflow supply a weighted sum of the
measures. The least cost of at least `u` of that,

.. math:: S(u) = \min \Big\{ \sum_k h_k n_k + \text{tier} + o z :
          \sum_q w_q \Big(b_q + \sum_k k_{kq} n_k + \sum_t u_t + z\Big) \ge u \Big\}

is no more than what a plan pays that uses `u`, whatever the weights.
"""

from collections.abc import Callable
from fractions import Fraction
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from optimizer.problem.problem import Problem
from optimizer.problem.ragged import counts_to_start

__all__ = ["Pieces", "lane_pieces", "supply_cost", "supply_pieces"]

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
        lane_pieces(problem, int(of), weight, float(most[lane]), float) for lane, of in enumerate(resource)
    ]
    return Pieces(
        counts_to_start([len(each) for each in found]),
        np.array([p for each in found for p in each], dtype=np.float64).reshape(-1, 4),
    )


def supply_cost(pieces: Pieces, lane: int, quantity: float) -> float:
    """Cost `S` of a quantity by a lane, `inf` where there is no such supply."""
    low, high, cost, slope = pieces.piece[pieces.start[lane] : pieces.start[lane + 1]].T
    value = np.where(quantity <= high, cost + slope * np.maximum(quantity - low, 0.0), np.inf)
    return float(value.min(initial=np.inf))


Number = TypeVar("Number", float, Fraction)


def lane_pieces(
    problem: Problem, resource: int, weight: Floats, most: Number, number: Callable[[float], Number]
) -> list[tuple[Number, Number, Number, Number]]:
    """Write the cost of one lane's supply in numbers of some kind, which is without rounding in fractions.

    Parameters
    ----------
    resource
        Resource of the lane, −1 where it costs nothing.
    most
        The most that is ever used.
    """
    none = number(0.0)
    if resource < 0:
        return [(none, most, none, none)]
    span = slice(problem.resource_start[resource], problem.resource_start[resource + 1])
    weights = [number(each) for each in weight[span].tolist()]
    unit, base = none, none
    for q, w in enumerate(weights, problem.resource_start[resource]):
        unit += w
        base += w * number(float(problem.measure_supply[q]))
    pieces: list[tuple[Number, Number, Number, Number]] = []
    for extra, cost in _module_sets(problem, resource, weights, most, number):
        room = base + extra
        pieces.append((none, room, cost, none))
        if room < most:
            pieces += _beyond(problem, resource, (room, cost, unit), most, number)
    return pieces


def _beyond(
    problem: Problem,
    resource: int,
    above: tuple[Number, Number, Number],
    most: Number,
    number: Callable[[float], Number],
) -> list[tuple[Number, Number, Number, Number]]:
    """Pieces by overflow, or by a tier and overflow, the cheaper first, on top of a set of modules.

    Parameters
    ----------
    above
        Supply and cost of the modules, and the weight of one unit of every measure.
    """
    room, cost, unit = above
    none, limit = number(0.0), float(problem.overflow_limit[resource])
    enough = most / unit
    over = (
        number(float(problem.overflow_price[resource])),
        enough if np.isinf(limit) else min(number(limit), enough),
    )
    pieces = _climb(room, cost, unit, [over])
    for tier in range(problem.tier_start[resource], problem.tier_start[resource + 1]):
        low, high = number(float(problem.tier_from[tier])), number(float(problem.tier_to[tier]))
        rate = number(float(problem.tier_unit_cost[tier]))
        at, start = cost + number(float(problem.tier_fixed[tier])) + rate * low, room + unit * low
        if low > 0:
            pieces.append((none, start, at, none))
        pieces += _climb(start, at, unit, sorted([(rate, high - low), over]))
    return pieces


def _climb(
    start: Number, cost: Number, unit: Number, steps: list[tuple[Number, Number]]
) -> list[tuple[Number, Number, Number, Number]]:
    """Pieces one after the other, by the rate and the length of each."""
    pieces: list[tuple[Number, Number, Number, Number]] = []
    for rate, length in steps:
        if length > 0:
            pieces.append((start, start + unit * length, cost, rate / unit))
            start, cost = start + unit * length, cost + rate * length
    return pieces


def _module_sets(
    problem: Problem, resource: int, weights: list[Number], most: Number, number: Callable[[float], Number]
) -> list[tuple[Number, Number]]:
    """Supplies and costs of sets of modules, none of which another beats in both, ascending."""
    sets = [(number(0.0), number(0.0))]
    first = problem.resource_start[resource]
    for module in range(problem.module_start[resource], problem.module_start[resource + 1]):
        supply = number(0.0)
        for at in range(problem.module_supply_start[module], problem.module_supply_start[module + 1]):
            weight = weights[problem.module_supply_measure[at] - first]
            supply += weight * number(float(problem.module_supply_amount[at]))
        if supply <= 0:
            continue
        cost, limit = number(float(problem.module_cost[module])), int(problem.module_limit[module])
        sets = _efficient(
            [
                (have + count * supply, paid + count * cost)
                for have, paid in sets
                for count in range(min(limit, max(0, int(-((have - most) // supply)))) + 1)
            ]
        )
    return sets


def _efficient(sets: list[tuple[Number, Number]]) -> list[tuple[Number, Number]]:
    best: list[tuple[Number, Number]] = []
    for supply, cost in sorted(sets, key=lambda each: (each[1], -each[0])):
        if not best or supply > best[-1][0]:
            best.append((supply, cost))
    return best
