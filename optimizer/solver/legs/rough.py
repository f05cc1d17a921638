"""A rough plan from the first prices: a few percent above the best, before any linear program is solved."""

from collections.abc import Sequence

import numpy as np

from optimizer.problem.legs import Legs
from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.solver.greedy import elastic_supply
from optimizer.solver.legs.reach import options_within
from optimizer.solver.plans import CheckedPlan
from optimizer.solver.reduced import lift, restrict_options
from optimizer.solver.slopes import scale_slopes
from optimizer.solver.solution import Prices
from optimizer.solver.split_prices import joined_prices

__all__ = ["rough_plan"]


def rough_plan(
    problem: Problem, legs: Legs, candidates: Sequence[Bools], prices: Prices
) -> CheckedPlan | None:
    """Serve all rows by slope scaling from the prices of measures, with just some sizes open.

    Parameters
    ----------
    candidates
        Sets of sizes; the first with which every row finds a way is taken.

    Returns
    -------
    CheckedPlan or None
        None where there is no such set.
    """
    measure = np.nan_to_num(joined_prices(problem, prices, legs).measure)
    plans = (_plan_with(problem, sizes, measure) for sizes in candidates)
    return next((plan for plan in plans if plan is not None), None)


def _plan_with(problem: Problem, sizes: Bools, measure: Floats) -> CheckedPlan | None:
    option, gate = options_within(problem, sizes)
    kept = restrict_options(problem, option)
    if np.any(np.diff(kept.problem.row_start) == 0):
        return None
    plan = scale_slopes(kept.problem, measure, sizes, gate, elastic_supply(kept.problem))
    return None if plan is None else CheckedPlan(lift(kept, plan.decisions), plan.objective)
