r"""The cost of a lane's supply by quantity without rounding, for proofs.

The same pieces as those of `optimizer.solver.legs.lanes.supply`, in fractions.
"""

from fractions import Fraction

import numpy as np
import numpy.typing as npt

from optimizer.problem.problem import Problem

__all__ = ["lane_pieces"]

Floats = npt.NDArray[np.float64]
Piece = tuple[Fraction, Fraction, Fraction, Fraction]
"""From, to, cost there, cost per further unit."""


def lane_pieces(problem: Problem, resource: int, weight: Floats, most: Fraction) -> list[Piece]:
    """Write the cost of one lane's supply.

    Parameters
    ----------
    resource
        Resource of the lane, −1 where it costs nothing.
    most
        The most that is ever used.
    """
    none = Fraction(0.0)
    if resource < 0:
        return [(none, most, none, none)]
    span = slice(problem.resource_start[resource], problem.resource_start[resource + 1])
    weights = [Fraction(each) for each in weight[span].tolist()]
    unit, base = none, none
    for q, w in enumerate(weights, problem.resource_start[resource]):
        unit += w
        base += w * Fraction(float(problem.measure_supply[q]))
    pieces: list[Piece] = []
    for extra, cost in _module_sets(problem, resource, weights, most):
        room = base + extra
        pieces.append((none, room, cost, none))
        if room < most:
            pieces += _beyond(problem, resource, (room, cost, unit), most)
    return pieces


def _beyond(
    problem: Problem,
    resource: int,
    above: tuple[Fraction, Fraction, Fraction],
    most: Fraction,
) -> list[Piece]:
    """Pieces by overflow, or by a tier and overflow, the cheaper first, on top of a set of modules.

    Parameters
    ----------
    above
        Supply and cost of the modules, and the weight of one unit of every measure.
    """
    room, cost, unit = above
    none, limit = Fraction(0.0), float(problem.overflow_limit[resource])
    enough = most / unit
    over = (
        Fraction(float(problem.overflow_price[resource])),
        enough if np.isinf(limit) else min(Fraction(limit), enough),
    )
    pieces = _climb(room, cost, unit, [over])
    for tier in range(problem.tier_start[resource], problem.tier_start[resource + 1]):
        low, high = Fraction(float(problem.tier_from[tier])), Fraction(float(problem.tier_to[tier]))
        rate = Fraction(float(problem.tier_unit_cost[tier]))
        at, start = cost + Fraction(float(problem.tier_fixed[tier])) + rate * low, room + unit * low
        if low > 0:
            pieces.append((none, start, at, none))
        pieces += _climb(start, at, unit, sorted([(rate, high - low), over]))
    return pieces


def _climb(
    start: Fraction, cost: Fraction, unit: Fraction, steps: list[tuple[Fraction, Fraction]]
) -> list[Piece]:
    """Pieces one after the other, by the rate and the length of each."""
    pieces: list[Piece] = []
    for rate, length in steps:
        if length > 0:
            pieces.append((start, start + unit * length, cost, rate / unit))
            start, cost = start + unit * length, cost + rate * length
    return pieces


def _module_sets(
    problem: Problem, resource: int, weights: list[Fraction], most: Fraction
) -> list[tuple[Fraction, Fraction]]:
    """Supplies and costs of sets of modules, none of which another beats in both, ascending."""
    sets = [(Fraction(0.0), Fraction(0.0))]
    first = problem.resource_start[resource]
    for module in range(problem.module_start[resource], problem.module_start[resource + 1]):
        supply = Fraction(0.0)
        for at in range(problem.module_supply_start[module], problem.module_supply_start[module + 1]):
            weight = weights[problem.module_supply_measure[at] - first]
            supply += weight * Fraction(float(problem.module_supply_amount[at]))
        if supply <= 0:
            continue
        cost, limit = Fraction(float(problem.module_cost[module])), int(problem.module_limit[module])
        sets = _efficient(
            [
                (have + count * supply, paid + count * cost)
                for have, paid in sets
                for count in range(min(limit, max(0, int(-((have - most) // supply)))) + 1)
            ]
        )
    return sets


def _efficient(sets: list[tuple[Fraction, Fraction]]) -> list[tuple[Fraction, Fraction]]:
    best: list[tuple[Fraction, Fraction]] = []
    for supply, cost in sorted(sets, key=lambda each: (each[1], -each[0])):
        if not best or supply > best[-1][0]:
            best.append((supply, cost))
    return best
