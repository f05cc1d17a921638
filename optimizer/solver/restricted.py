"""Plans by a small mixed-integer program: openings that the prices suggest, options of small reduced cost."""

from dataclasses import replace

import numpy as np

from optimizer.problem.matrix import Links
from optimizer.problem.problem import Bools, Floats
from optimizer.solver.clock import Course
from optimizer.solver.finish import Core, solve_core
from optimizer.solver.openings import one_size_per_site
from optimizer.solver.planner import Planner
from optimizer.solver.prices import PriceVector
from optimizer.solver.relaxation import Relaxation
from optimizer.solver.staged import priced_by_position

__all__ = ["restricted_plan"]

LEAST_SHARE = 0.5
TOLERANCE = 0.02
"""Reduced cost, as a part of the row's price, up to which an option may serve in the plan."""

GAP_SHARE = 0.3
"""Part of the gap asked for that the restricted program may leave."""

MOST_ENTRIES = 400_000


def restricted_plan(
    relaxation: Relaxation, prices: PriceVector, size_share: Floats, planner: Planner, course: Course,
    seconds: float,
) -> bool:  # fmt: skip
    """Offer the best plan with one size per site where the prices open one; tell whether it was better."""
    problem = relaxation.problem
    size = one_size_per_site(problem, size_share, LEAST_SHARE)
    opened = np.zeros(problem.n_sizes, dtype=bool)
    opened[size[size >= 0]] = True
    admitted = planner.admitted(opened, np.ones(problem.n_gates, dtype=bool))
    keep = _cheap_options(relaxation, prices) & _passes(relaxation, admitted)
    if not np.all(np.logical_or.reduceat(keep, problem.row_start[:-1])):
        keep |= _passes(relaxation, admitted) & (np.diff(problem.option_gate_start) == 0)
    core = Core(problem, keep, opened.astype(np.int8), np.where(admitted, -1, 0), np.ones(len(keep)), ())
    limit = min(seconds, course.left)
    options = replace(
        course.options,
        gap=GAP_SHARE * course.options.gap,
        time_limit_s=None if np.isinf(limit) else limit,
        work_limit=None,
    )
    finish = solve_core(core, options, Links.STRONG, entries=MOST_ENTRIES)
    return planner.offer(finish.plan)


def _cheap_options(relaxation: Relaxation, prices: PriceVector) -> Bools:
    """Options whose reduced cost is a small part of their row's price."""
    problem, layout = relaxation.problem, relaxation.layout
    priced = np.empty(problem.n_options)
    priced[layout.order] = priced_by_position(layout, prices)
    row = np.repeat(prices.row, np.diff(problem.row_start))
    return np.asarray(priced - row <= TOLERANCE * np.abs(row), dtype=bool)


def _passes(relaxation: Relaxation, admitted: Bools) -> Bools:
    """Options all of whose gates are admitted."""
    problem = relaxation.problem
    barred = ~admitted[problem.option_gate]
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
    passes = np.ones(problem.n_options, dtype=bool)
    passes[option[barred]] = False
    return passes
