"""Reductions that keep every optimal plan: supply cut to what could ever be used."""

from dataclasses import replace

import numpy as np

from optimizer.problem.problem import Floats, Problem
from optimizer.problem.ragged import sum_by

__all__ = ["most_use", "tighten"]


def most_use(problem: Problem) -> Floats:
    """Most that all rows together could use of each measure, ``Σ_i max_{j ∈ J(i)} a_jq``."""
    row = np.repeat(np.arange(problem.n_rows, dtype=np.int64), np.diff(problem.row_start))
    owner = row[np.repeat(np.arange(problem.n_options), np.diff(problem.option_use_start))]
    if not len(owner):
        return np.zeros(problem.n_measures)
    key = owner * problem.n_measures + problem.option_use_measure
    order = np.argsort(key, kind="stable")
    first = np.flatnonzero(np.r_[True, np.diff(key[order]) > 0])
    most = np.maximum.reduceat(problem.option_use_amount[order], first)
    return sum_by(problem.option_use_measure[order[first]], most, problem.n_measures)


def tighten(problem: Problem) -> Problem:
    """Cut the supply of modules and sizes, tiers and overflow to the most that could be used.

    One module that holds ``min(k, U)`` serves every plan as well as one that holds `k`, because no plan uses
    more than `U`; the linear relaxation no longer spreads its cost over room that nobody needs. Plans of the
    tightened problem are plans of the original, at the same cost, and the optima agree.
    """
    use = most_use(problem)
    resource = np.repeat(np.arange(problem.n_resources), np.diff(problem.resource_start))
    largest = np.zeros(problem.n_resources)
    np.maximum.at(largest, resource, use)
    slack = largest * (1.0 + 1e-9)
    tier_owner = np.repeat(np.arange(problem.n_resources), np.diff(problem.tier_start))
    return replace(
        problem,
        module_supply_amount=np.minimum(problem.module_supply_amount, use[problem.module_supply_measure] * (1 + 1e-9)),
        size_supply_amount=np.minimum(problem.size_supply_amount, use[problem.size_supply_measure] * (1 + 1e-9)),
        tier_to=np.maximum(problem.tier_from, np.minimum(problem.tier_to, slack[tier_owner])),
        overflow_limit=np.minimum(problem.overflow_limit, slack),
    )
