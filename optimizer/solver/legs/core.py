"""Plans from the sizes that prices open: the problem of those sites alone, a fraction of the legs."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from optimizer.problem.legs import Legs, restrict_legs
from optimizer.problem.problem import Problem
from optimizer.solver.clock import Course
from optimizer.solver.greedy import elastic_supply, plan_from_openings
from optimizer.solver.legs.program import LegProgram, write_program
from optimizer.solver.legs.reach import options_within
from optimizer.solver.legs.relaxation import Relaxation
from optimizer.solver.legs.strategy import plan_gap, search_legs
from optimizer.solver.legs.tree import Looked
from optimizer.solver.legs.windows import improved, plan_from_flows
from optimizer.solver.plans import CheckedPlan, complete
from optimizer.solver.reduced import Restriction, lift, restrict_options
from optimizer.solver.solution import Progress

__all__ = ["closed_sizes_barred", "plan_with_sizes", "sizes_by_share"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]

HOPELESS = 0.01
"""Part by which the first plan of a set of sizes may be above the best known for it to be worth improving."""

MOST_ROWS = 15_000
"""Rows of a program over legs beyond which cuts take longer than a plan is worth waiting for."""


def sizes_by_share(problem: Problem, share: Floats) -> Bools:
    """Size of the largest share of every site that is open more often than not.

    Parameters
    ----------
    share : float64, shape (sizes,)
        How often each size was open in the mean of the dual method.
    """
    opened = np.zeros(problem.n_sizes, dtype=bool)
    for site in range(problem.n_sites):
        first, last = problem.site_start[site], problem.site_start[site + 1]
        if last > first and share[first:last].sum() > 0.5:
            opened[first + int(np.argmax(share[first:last]))] = True
    return opened


def closed_sizes_barred(problem: Problem, sizes: Bools) -> Restriction:
    """Only the options whose gates can open with these sizes."""
    return restrict_options(problem, options_within(problem, sizes)[0])


def plan_with_sizes(problem: Problem, legs: Legs, sizes: Bools, course: Course, share: float) -> Looked:
    """Offer the course the best plan found that opens none but these sizes, and say what was proved of these.

    Parameters
    ----------
    share
        Part of the time left that it may take.
    """
    restriction = closed_sizes_barred(problem, sizes)
    smaller = restriction.problem
    if np.any(np.diff(smaller.row_start) == 0):
        return Looked(sizes, np.inf)
    some = restrict_legs(legs, np.arange(problem.n_rows), restriction.option)
    if some is None:
        course.offer(_without_sites(problem))
        return Looked(sizes, -np.inf)

    def hear(point: Progress) -> None:
        tell = course.options.on_progress
        if tell is not None and point.objective < course.objective:
            tell(Progress(course.seconds, point.objective, min(course.floor, point.objective)))

    limit = course.left * share
    asked = replace(
        course.options,
        gap=plan_gap(course.options.gap),
        time_limit_s=None if np.isinf(limit) else max(limit, 0.05),
        on_progress=hear,
    )
    inner = Course(asked)
    program = write_program(smaller, some)
    if program.model.matrix.shape[0] > MOST_ROWS:
        _plan_by_windows(program, sizes, inner, course.objective * (1.0 + HOPELESS))
    else:
        search_legs(program, inner, first_plan=False)
    course.interrupted |= inner.interrupted
    if inner.plan is not None:
        course.offer(complete(problem, lift(restriction, inner.plan.decisions)))
    return Looked(sizes, inner.floor)


def _plan_by_windows(program: LegProgram, sizes: Bools, course: Course, most: float) -> None:
    """Open the sizes, relax the rest, and turn what the relaxation does into a plan part by part.

    The plan is improved where it costs no more than `most`.
    """
    start = program.problem.site_start
    must = np.array([sizes[first:last].any() for first, last in pairwise(start.tolist())], dtype=bool)
    relaxation = Relaxation(program, lambda: max(course.left, 0.0), course.over)
    relaxation.restrict(sizes, must)
    answer = relaxation.strong()
    if answer.values is None:
        return
    course.raise_floor(answer.objective)
    values = plan_from_flows(program, answer.values, course, course.left)
    if values is not None and course.objective <= most:
        improved(program, values, course, course.left)


def _without_sites(problem: Problem) -> CheckedPlan | None:
    """Every row by a whole option, as room allows."""
    sizes, gates = np.zeros(problem.n_sizes, dtype=bool), np.zeros(problem.n_gates, dtype=bool)
    return plan_from_openings(problem, problem.option_cost, sizes, gates, elastic_supply(problem))
