"""The plan of an earlier solve as one of this problem."""

import numpy as np

from optimizer.problem.entries import owner
from optimizer.problem.problem import Floats, Problem
from optimizer.problem.ragged import sum_by
from optimizer.solver.greedy import open_size_per_site
from optimizer.solver.legs.reach import options_within
from optimizer.solver.plans import CheckedPlan, complete
from optimizer.solver.solution import Decisions
from optimizer.solver.warm import Warm

__all__ = ["earlier_plan"]

SERVED = 0.5
"""Share of a row from which on what serves it may serve all of it."""


def earlier_plan(problem: Problem, warm: Warm) -> CheckedPlan | None:
    """Take the sizes and shares of an earlier plan, and buy the supply anew.

    Rows that lost most of what served them take their cheapest option with these sizes.

    Returns
    -------
    CheckedPlan or None
        None where there was no plan, or it does not hold any more.
    """
    if warm.size is None or warm.option is None or warm.share is None:
        return None
    share = np.zeros(problem.n_options)
    share[warm.option] = warm.share
    if not _filled(problem, warm, share):
        return None
    used, nothing = np.flatnonzero(share), np.zeros(problem.n_resources)
    decisions = Decisions(
        option=used,
        share=share[used],
        size=open_size_per_site(problem, warm.size),
        gate=np.ones(problem.n_gates, dtype=bool),
        module=np.zeros(problem.n_modules, dtype=np.int64),
        tier=np.full(problem.n_resources, -1, dtype=np.int64),
        tier_level=nothing,
        overflow=nothing,
    )
    return complete(problem, decisions)


def _filled(problem: Problem, warm: Warm, share: Floats) -> bool:
    """Give rows that are hardly served their cheapest option within reach; false where one has none."""
    assert warm.size is not None
    row = owner(problem.row_start)
    short = np.flatnonzero(sum_by(row, share, problem.n_rows) < SERVED)
    if not len(short):
        return True
    within = options_within(problem, warm.size)[0]
    order = np.lexsort((problem.option_cost, ~within, row))
    cheapest = order[problem.row_start[short]]
    share[cheapest] = 1.0
    return bool(within[cheapest].all())
