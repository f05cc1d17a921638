"""A rough plan from the first prices: a few percent above the best, before any linear program is solved."""

import numpy as np

from optimizer.problem.legs import Legs
from optimizer.problem.problem import Bools, Problem
from optimizer.solver.greedy import elastic_supply
from optimizer.solver.legs.reach import options_within
from optimizer.solver.plans import CheckedPlan
from optimizer.solver.reduced import lift, restrict_options
from optimizer.solver.slopes import scale_slopes
from optimizer.solver.solution import Prices
from optimizer.solver.split_prices import joined_prices

__all__ = ["rough_plan"]


def rough_plan(problem: Problem, legs: Legs, sizes: Bools, prices: Prices) -> CheckedPlan | None:
    """Serve all rows by slope scaling from the prices of measures, with just some sizes open.

    Returns
    -------
    CheckedPlan or None
        None where a row finds no way with these sizes.
    """
    option, gate = options_within(problem, sizes)
    kept = restrict_options(problem, option)
    if np.any(np.diff(kept.problem.row_start) == 0):
        return None
    measure = np.nan_to_num(joined_prices(problem, prices, legs).measure)
    plan = scale_slopes(kept.problem, measure, sizes, gate, elastic_supply(kept.problem))
    return None if plan is None else CheckedPlan(lift(kept, plan.decisions), plan.objective)
