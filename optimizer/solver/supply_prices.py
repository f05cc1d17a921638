"""What supply is worth at prices: module limits, first prices, and the best tier of each resource."""

import numpy as np
from numba import njit

from optimizer.problem.problem import Floats, Ints, Problem

__all__ = ["best_tiers", "module_limits", "supply_rates"]


def best_tiers(problem: Problem, price: Floats, tier_resource: Ints) -> tuple[Floats, float]:
    r"""Charged quantity of each resource's best tier, and the value of all tiers.

    At a price :math:`p_r` per unit of every measure of resource `r`, tier `t` is worth
    :math:`\min_{l_t \le u \le L_t} a_t + (b_t - p_r) u`, and no tier is worth 0.

    Parameters
    ----------
    price : float64, shape (resources,)
        Sum of the prices of the resource's measures.
    tier_resource : int64, shape (tiers,)
    """
    slope = problem.tier_unit_cost - price[tier_resource]
    level = np.where(slope < 0.0, problem.tier_to, problem.tier_from)
    worth = problem.tier_fixed + slope * level
    best = _least_below_zero(problem.tier_start, worth)
    charged = np.zeros(problem.n_resources)
    charged[tier_resource[best]] = level[best]
    return charged, float(worth[best].sum())


@njit(cache=True)
def _least_below_zero(start: Ints, worth: Floats) -> Ints:
    """Position of the first least worth of each group, where that is below zero."""
    chosen = np.empty(len(start) - 1, dtype=np.int64)
    count = 0
    for group in range(len(start) - 1):
        best, least = -1, 0.0
        for t in range(start[group], start[group + 1]):
            if worth[t] < least:
                best, least = t, worth[t]
        if best >= 0:
            chosen[count] = best
            count += 1
    return chosen[:count]


def module_limits(problem: Problem, use: Floats) -> Floats:
    """Module limits cut to what could ever help; modules named in rules keep theirs."""
    owner = np.repeat(np.arange(problem.n_modules), np.diff(problem.module_supply_start))
    enough = np.zeros(problem.n_modules)
    positive = problem.module_supply_amount > 0.0
    np.maximum.at(
        enough,
        owner[positive],
        np.ceil(use[problem.module_supply_measure[positive]] / problem.module_supply_amount[positive]),
    )
    limit = problem.module_limit.astype(np.float64)
    ruled = np.zeros(problem.n_modules, dtype=bool)
    named = problem.rule_index - problem.n_sizes - problem.n_gates
    ruled[named[named >= 0]] = True
    return np.where(ruled, limit, np.minimum(limit, enough))


def supply_rates(problem: Problem) -> Floats:
    """Cheapest rate at which each measure's supply can grow, split evenly over its resource."""
    owner = np.repeat(np.arange(problem.n_modules), np.diff(problem.module_supply_start))
    rate = np.full(problem.n_measures, np.inf)
    positive = problem.module_supply_amount > 0.0
    np.minimum.at(
        rate,
        problem.module_supply_measure[positive],
        problem.module_cost[owner[positive]] / problem.module_supply_amount[positive],
    )
    resource = np.repeat(np.arange(problem.n_resources), np.diff(problem.resource_start))
    linear = np.where(problem.overflow_limit > 0.0, problem.overflow_price, np.inf)
    if problem.n_tiers:
        tier_resource = np.repeat(np.arange(problem.n_resources), np.diff(problem.tier_start))
        np.minimum.at(
            linear,
            tier_resource,
            problem.tier_unit_cost + problem.tier_fixed / np.maximum(problem.tier_to, 1e-300),
        )
    rate = np.minimum(rate, linear[resource])
    size = np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start))
    shared = np.maximum(np.diff(problem.size_supply_start)[size], 1)
    positive = problem.size_supply_amount > 0.0
    np.minimum.at(
        rate,
        problem.size_supply_measure[positive],
        problem.size_cost[size[positive]] / (shared * problem.size_supply_amount)[positive],
    )
    width = np.diff(problem.resource_start)[resource]
    return np.where(np.isfinite(rate), rate / width, 0.0)
