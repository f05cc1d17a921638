"""Cheapest modules, tier and overflow that cover a given use of a resource, by enumeration with bounds."""

import numpy as np
from numba import njit

from optimizer.problem.problem import Floats, Indices, Ints, Problem

__all__ = ["Supply", "cheapest_supply"]

TOLERANCE = 1e-9
MAX_NODES = 200_000

Supply = tuple[float, Ints, Ints, Floats, Floats]
"""Cost, module counts, tier per resource (or -1), tier level, overflow."""


def cheapest_supply(problem: Problem, need: Floats) -> Supply:
    """Buy what covers `need` (use beyond standing and site supply, per measure) at the lowest cost.

    The cost is `inf` where some resource cannot supply its need. Rules over modules are not looked at.

    Parameters
    ----------
    need : float64, shape (measures,)
    """
    module = np.zeros(problem.n_modules, dtype=np.int64)
    tier = np.full(problem.n_resources, -1, dtype=np.int64)
    level = np.zeros(problem.n_resources)
    overflow = np.zeros(problem.n_resources)
    cost = _buy_all(
        problem.resource_start, need, problem.module_start, problem.module_cost, problem.module_limit,
        problem.module_supply_start, problem.module_supply_measure, problem.module_supply_amount,
        problem.tier_start, problem.tier_from, problem.tier_to, problem.tier_fixed, problem.tier_unit_cost,
        problem.overflow_price, problem.overflow_limit, module, tier, level, overflow,
    )  # fmt: skip
    return cost, module, tier, level, overflow


@njit(cache=True)
def _rest_cost(
    short: float, first: int, last: int, tier_from: Floats, tier_to: Floats, tier_fixed: Floats,
    tier_unit: Floats, price: float, limit: float,
) -> tuple[float, int, float, float]:  # fmt: skip
    """Cheapest tier and overflow that cover a shortage: cost, tier, level, overflow."""
    best, best_tier, best_level, best_over = np.inf, -1, 0.0, 0.0
    if short <= limit:
        best, best_over = price * short, short
    for t in range(first, last):
        low = max(tier_from[t], short - limit)
        high = min(tier_to[t], max(short, tier_from[t]))
        if low > tier_to[t]:
            continue
        level = high if tier_unit[t] <= price else low
        over = max(0.0, short - level)
        cost = tier_fixed[t] + tier_unit[t] * level + (price * over if over > 0.0 else 0.0)
        if cost < best:
            best, best_tier, best_level, best_over = cost, t, level, over
    return best, best_tier, best_level, best_over


@njit(cache=True)
def _shortage(need: Floats, first: int, last: int) -> float:
    worst = 0.0
    for q in range(first, last):
        worst = max(worst, need[q])
    return worst


@njit(cache=True)
def _buy_all(
    resource_start: Ints, need: Floats, module_start: Ints, module_cost: Floats, module_limit: Ints,
    supply_start: Ints, supply_measure: Indices, supply_amount: Floats, tier_start: Ints, tier_from: Floats,
    tier_to: Floats, tier_fixed: Floats, tier_unit: Floats, price: Floats, limit: Floats,
    module: Ints, tier: Ints, level: Floats, overflow: Floats,
) -> float:  # fmt: skip
    """Cover every resource; fill the given outputs and return the total cost."""
    total = 0.0
    left = need.copy()
    for r in range(len(resource_start) - 1):
        first, last = resource_start[r], resource_start[r + 1]
        scale = 0.0
        for q in range(first, last):
            scale = max(scale, abs(need[q]))
        slack = TOLERANCE * (1.0 + scale)
        for q in range(first, last):
            if left[q] <= slack:
                left[q] = min(left[q], 0.0)
        if _shortage(left, first, last) <= 0.0:
            continue
        total += _buy_one(
            r, first, last, left, module_start[r], module_start[r + 1], module_cost, module_limit,
            supply_start,
            supply_measure, supply_amount, tier_start[r], tier_start[r + 1], tier_from, tier_to, tier_fixed,
            tier_unit, price[r], limit[r], module, tier, level, overflow, slack,
        )  # fmt: skip
        if not np.isfinite(total):
            return np.inf
    return total


@njit(cache=True)
def _buy_one(  # noqa: PLR0912, PLR0915 (one compiled loop)
    r: int, first: int, last: int, left: Floats, m_first: int, m_last: int, module_cost: Floats,
    module_limit: Ints, supply_start: Ints, supply_measure: Indices, supply_amount: Floats, t_first: int,
    t_last: int, tier_from: Floats, tier_to: Floats, tier_fixed: Floats, tier_unit: Floats, price: float,
    limit: float, module: Ints, tier: Ints, level: Floats, overflow: Floats, slack: float,
) -> float:  # fmt: skip
    """Depth-first search over counts of one resource's modules, cheapest per unit first."""
    kinds = m_last - m_first
    best, best_tier, best_level, best_over = _rest_cost(
        _shortage(left, first, last), t_first, t_last, tier_from, tier_to, tier_fixed, tier_unit, price, limit
    )
    count = np.zeros(kinds, dtype=np.int64)
    best_count = count.copy()
    if kinds > 0:
        rate = np.empty(kinds)
        for k in range(kinds):
            most = 1e-300
            for p in range(supply_start[m_first + k], supply_start[m_first + k + 1]):
                most = max(most, supply_amount[p])
            rate[k] = module_cost[m_first + k] / most
        order = np.argsort(rate)
        linear = price if limit > 0.0 else np.inf
        for t in range(t_first, t_last):
            linear = min(linear, tier_unit[t])
        depth, spent, nodes = 0, 0.0, 0
        opening = True
        while depth >= 0:
            if depth == kinds:
                depth -= 1
                opening = False
                continue
            k = m_first + order[depth]
            if opening:
                units = _units_needed(left, k, supply_start, supply_measure, supply_amount)
                units = min(units, module_limit[k])
                count[order[depth]] = units
                spent += units * module_cost[k]
                _take(left, k, units, supply_start, supply_measure, supply_amount)
            elif count[order[depth]] > 0:
                count[order[depth]] -= 1
                spent -= module_cost[k]
                _take(left, k, -1, supply_start, supply_measure, supply_amount)
            else:
                depth -= 1
                continue
            nodes += 1
            short = _shortage(left, first, last)
            if short <= slack:
                short = 0.0
            floor = min(linear, rate[order[depth + 1]] if depth + 1 < kinds else np.inf)
            bound = spent + (floor * short if short > 0.0 else 0.0)
            if bound < best:
                cost, t, u, z = 0.0, -1, 0.0, 0.0
                if short > 0.0:
                    cost, t, u, z = _rest_cost(
                        short, t_first, t_last, tier_from, tier_to, tier_fixed, tier_unit, price, limit
                    )
                if spent + cost < best:
                    best, best_tier, best_level, best_over = spent + cost, t, u, z
                    best_count[:] = count
                depth += 1
                opening = True
            else:
                opening = False
            if nodes > MAX_NODES:
                break
    if np.isfinite(best):
        module[m_first:m_last] = best_count
        tier[r], level[r], overflow[r] = best_tier, best_level, best_over
    return best


@njit(cache=True)
def _units_needed(
    left: Floats, k: int, supply_start: Ints, supply_measure: Indices, supply_amount: Floats
) -> int:
    """Modules of one kind that cover all they can cover."""
    units = 0
    for p in range(supply_start[k], supply_start[k + 1]):
        q, amount = supply_measure[p], supply_amount[p]
        if amount > 0.0 and left[q] > TOLERANCE * amount:
            units = max(units, int(np.ceil(left[q] / amount - TOLERANCE)))
    return units


@njit(cache=True)
def _take(
    left: Floats, k: int, units: int, supply_start: Ints, supply_measure: Indices, supply_amount: Floats
) -> None:
    for p in range(supply_start[k], supply_start[k + 1]):
        left[supply_measure[p]] -= units * supply_amount[p]
