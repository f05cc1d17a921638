"""Covers and their knapsacks in exact arithmetic, for certificates."""

from fractions import Fraction
from math import gcd, lcm
from typing import TypeVar

import numpy as np

from optimizer.problem.problem import Problem
from optimizer.solver.covers import find_covers
from optimizer.solver.tighten import tighten

__all__ = ["CLOSED", "FREE", "OPEN", "exact_cover_bound", "exact_needs"]

FREE, CLOSED, OPEN = -1, 0, 1
MOST_NODES = 200_000

Number = TypeVar("Number", int, Fraction)


def exact_needs(problem: Problem, use: list[Fraction]) -> list[tuple[list[Fraction], Fraction]]:
    """Capacity per size and need of each cover, recomputed without rounding.

    Only the groups of measures are taken from `find_covers`; any group gives a valid need, because every
    plan uses at least the sum over the rows of the least use by any option. Capacity counts only as far as it
    could be used (`use`, per measure).
    """
    needs = []
    for cover in find_covers(tighten(problem)):
        group = cover.measure
        capacity = [Fraction(0)] * problem.n_sizes
        for size in range(problem.n_sizes):
            for p in range(problem.size_supply_start[size], problem.size_supply_start[size + 1]):
                q = problem.size_supply_measure[p]
                if group[q]:
                    capacity[size] += min(Fraction(float(problem.size_supply_amount[p])), use[q])
        need = _least_use(problem, group) - _other_supply(problem, group, use)
        unit = _common_unit([value for value in capacity if value > 0])
        if need > 0 and unit > 0:
            needs.append((capacity, unit * -((-need) // unit)))
    return needs


def _least_use(problem: Problem, group: np.ndarray) -> Fraction:
    total = Fraction(0)
    for row in range(problem.n_rows):
        least = None
        for j in range(problem.row_start[row], problem.row_start[row + 1]):
            use = Fraction(0)
            for p in range(problem.option_use_start[j], problem.option_use_start[j + 1]):
                if group[problem.option_use_measure[p]]:
                    use += Fraction(float(problem.option_use_amount[p]))
            least = use if least is None else min(least, use)
        total += least or 0
    return total


def _other_supply(problem: Problem, group: np.ndarray, use: list[Fraction]) -> Fraction:
    """Most that standing supply, overflow, tiers and modules give to the group."""
    total = Fraction(0)
    for r in range(problem.n_resources):
        measures = [q for q in range(problem.resource_start[r], problem.resource_start[r + 1]) if group[q]]
        if not measures:
            continue
        total += sum((Fraction(float(problem.measure_supply[q])) for q in measures), Fraction(0))
        tiers = problem.tier_to[problem.tier_start[r] : problem.tier_start[r + 1]]
        most = max(use[q] for q in range(problem.resource_start[r], problem.resource_start[r + 1]))
        limit = float(problem.overflow_limit[r])
        each = most if np.isinf(limit) else min(most, Fraction(limit))
        total += len(measures) * (each + Fraction(float(tiers.max(initial=0.0))))
        for k in range(problem.module_start[r], problem.module_start[r + 1]):
            for p in range(problem.module_supply_start[k], problem.module_supply_start[k + 1]):
                if group[problem.module_supply_measure[p]]:
                    total += int(problem.module_limit[k]) * Fraction(float(problem.module_supply_amount[p]))
    return total


def _common_unit(values: list[Fraction]) -> Fraction:
    """Largest number of which all values are whole multiples; 0 without values."""
    if not values:
        return Fraction(0)
    bottom = lcm(*(value.denominator for value in values))
    return Fraction(gcd(*(int(value * bottom) for value in values)), bottom)


def exact_cover_bound(
    worth: list[Number], capacity: list[Number], need: Number, fixed: np.ndarray
) -> Number | None:
    """``min Σ worth·y`` with ``Σ capacity·y ≥ need``: exact, or its linear bound after many nodes.

    Whole numbers give whole numbers: parts of an item are rounded down.

    Returns
    -------
    Number or None
        None where even all sizes that are not closed fall short of the need: there is no plan.
    """
    value = need - need
    items = []
    for cost, room, state in zip(worth, capacity, fixed.tolist(), strict=True):
        if state == OPEN or (state != CLOSED and cost <= 0):
            value += cost
            need -= room
        elif state != CLOSED and room > 0:
            items.append((cost, room))
    if need <= 0:
        return value
    items.sort(key=lambda item: Fraction(item[0]) / item[1])
    extra = _cheapest(items, need)
    return None if extra is None else value + extra


def _cheapest(items: list[tuple[Number, Number]], need: Number) -> Number | None:
    best: Number | None = None
    root = _linear(items, 0, need)
    if root is None:
        return None
    stack = [(0, need - need, need)]
    nodes = 0
    while stack:
        depth, spent, left = stack.pop()
        nodes += 1
        if nodes > MOST_NODES:
            return root
        if left <= 0:
            best = spent if best is None else min(best, spent)
            continue
        bound = _linear(items, depth, left)
        if bound is None or (best is not None and spent + bound >= best):
            continue
        cost, room = items[depth]
        stack.append((depth + 1, spent, left))
        stack.append((depth + 1, spent + cost, left - room))
    return root if best is None else best


def _linear(items: list[tuple[Number, Number]], depth: int, left: Number) -> Number | None:
    """Linear bound of covering what is left with the items from `depth` on; None if they do not cover it."""
    total = left - left
    for cost, room in items[depth:]:
        if left <= room:
            part = cost * left
            return total + (part // room if isinstance(part, int) else part / room)
        total += cost
        left -= room
    return None if left > 0 else total
