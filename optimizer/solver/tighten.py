"""Reductions that keep every optimal plan: supply cut to what could ever be used."""

from dataclasses import replace

import numpy as np
from numba import njit

from optimizer.problem.problem import Floats, Indices, Ints, Problem

__all__ = ["most_use", "tighten"]

ROUNDING = 1e-9


def most_use(problem: Problem) -> Floats:
    """Most that all rows together could use of each measure, ``Σ_i max_{j ∈ J(i)} a_jq``."""
    return _most_use(
        problem.row_start, problem.option_use_start, problem.option_use_measure, problem.option_use_amount,
        problem.n_measures,
    )  # fmt: skip


@njit(cache=True)
def _most_use(row_start: Ints, use_start: Ints, measure: Indices, amount: Floats, n_measures: int) -> Floats:
    total = np.zeros(n_measures)
    most = np.zeros(n_measures)
    for i in range(len(row_start) - 1):
        first, last = use_start[row_start[i]], use_start[row_start[i + 1]]
        for p in range(first, last):
            most[measure[p]] = max(most[measure[p]], amount[p])
        for p in range(first, last):
            total[measure[p]] += most[measure[p]]
            most[measure[p]] = 0.0
    return total


def tighten(problem: Problem) -> Problem:
    """Cut the supply of modules and sizes, tiers and overflow to the most that could be used.

    One module that holds ``min(k, U)`` serves every plan as well as one that holds `k`, because no plan uses
    more than `U`; the linear relaxation no longer spreads its cost over room that nobody needs. Plans of the
    tightened problem are plans of the original, at the same cost, and the optima agree.
    """
    use = most_use(problem) * (1.0 + ROUNDING)
    resource = np.repeat(np.arange(problem.n_resources), np.diff(problem.resource_start))
    largest = np.zeros(problem.n_resources)
    np.maximum.at(largest, resource, use)
    tier_owner = np.repeat(np.arange(problem.n_resources), np.diff(problem.tier_start))
    return replace(
        problem,
        module_supply_amount=np.minimum(problem.module_supply_amount, use[problem.module_supply_measure]),
        size_supply_amount=np.minimum(problem.size_supply_amount, use[problem.size_supply_measure]),
        tier_to=np.maximum(problem.tier_from, np.minimum(problem.tier_to, largest[tier_owner])),
        overflow_limit=np.minimum(problem.overflow_limit, largest),
    )
