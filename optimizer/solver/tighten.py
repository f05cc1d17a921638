"""Reductions that keep every optimal plan: supply cut to what could ever be used."""

from dataclasses import replace

import numpy as np

from optimizer.problem.problem import Floats, Problem
from optimizer.problem.usage import largest_use

__all__ = ["tighten"]

ROUNDING = 1e-9


def tighten(problem: Problem, most_use: Floats | None = None) -> Problem:
    """Cut the supply of modules and sizes, tiers and overflow to the most that could be used.

    One module that holds ``min(k, U)`` serves every plan as well as one that holds `k`, because no plan uses
    more than `U`; the linear relaxation no longer spreads its cost over room that nobody needs. Plans of the
    tightened problem are plans of the original, at the same cost, and the optima agree.

    Parameters
    ----------
    most_use : float64, shape (measures,)
        The most that could be used, where that is not the largest use of the problem's own options.
    """
    use = (largest_use(problem) if most_use is None else most_use) * (1.0 + ROUNDING)
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
