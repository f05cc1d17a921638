"""The legs strategy: prices over the legs, a plan from the sizes they open, then cuts and a tree over sizes.

The prices give a bound that anyone can recompute and the sizes worth a first look; the problem of those
sites alone is a fraction of the whole and solved first. Where the whole is small enough for a linear
relaxation with cuts, the search goes on there until the gap is closed. Many legs of a plain kind have a
search of their own (`optimizer.solver.legs.large`).
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.problem.legs import Legs
from optimizer.problem.problem import Problem
from optimizer.problem.tied import tied_problem
from optimizer.solver.clock import Course
from optimizer.solver.legs.core import plan_with_sizes, sizes_by_share
from optimizer.solver.legs.dual import LegPrices, first_prices, raised_further
from optimizer.solver.legs.implicit import is_implicit
from optimizer.solver.legs.large import search_large
from optimizer.solver.legs.program import write_program
from optimizer.solver.legs.strategy import Looked, search_legs
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Prices, Solution, Termination
from optimizer.solver.warm import Warm

__all__ = ["MOST_LEGS", "solve_legs"]

MOST_LEGS = 30_000
"""Legs beyond which the linear relaxation of all of them takes too long to wait for."""

CORE_SHARE = 0.5
"""Part of the time left for the plan with the sizes that prices open."""

LEAST_GAIN = 1e-4
"""Relative gain of the bound below which the dual method is left alone."""


def solve_legs(problem: Problem, legs: Legs, options: SolveOptions, warm: Warm | None = None) -> Solution:
    """Solve a problem whose options fall apart into legs.

    Parameters
    ----------
    problem, legs
        The problem and how its options fall apart; no row may be single sourced.
    options
        Gap, limits, threads, seed.
    warm
        Prices and openings of an earlier plan to start from.

    Raises
    ------
    SolverError
        A solver crashed, ran out of memory or gave an answer that does not hold.
    """
    course = Course(options)
    if np.any(np.diff(problem.row_start) == 0):
        return _solution(course, Termination.INFEASIBLE, None, "a row has no option at all")
    if legs.count > MOST_LEGS and is_implicit(problem, legs):
        stored = search_large(problem, legs, course, warm)
        return _solution(course, course.ended_by(), stored, _proof(course, course.floor, ""))
    plans = _Plans(problem, legs, course, {})
    plans.look(np.zeros(problem.n_sizes, dtype=bool))
    if warm is not None and warm.size is not None:
        plans.look(warm.size)
    prices = first_prices(tied_problem(problem, legs), course, options.threads, warm)
    plans.look(sizes_by_share(problem, prices.run.size_share))
    if legs.count > MOST_LEGS:
        prices = _in_turns(plans, prices)
        return _solution(course, course.ended_by(), prices.stored(), _proof(course, course.floor, ""))
    priced = course.floor
    if course.closed or course.over():
        return _solution(course, course.ended_by(), prices.stored(), _proof(course, priced, ""))
    found = search_legs(
        write_program(problem, legs),
        course,
        first_plan=course.plan is None,
        looked=list(plans.known.values()),
    )
    proof = _proof(course, priced, found.solver)
    if found.infeasible:
        return _solution(course, Termination.INFEASIBLE, prices.stored(), proof)
    ending = Termination.OPTIMAL if found.exhausted else course.ended_by()
    return _solution(course, ending, prices.stored(), proof)


@dataclass(frozen=True)
class _Plans:
    """Looks for plans with given sizes, never twice with the same."""

    problem: Problem
    legs: Legs
    course: Course
    known: dict[bytes, Looked]

    def look(self, sizes: npt.NDArray[np.bool_]) -> bool:
        """Offer the course the best plan found with some sizes; false where these were looked at before."""
        key = sizes.tobytes()
        fresh = key not in self.known
        if fresh and not (self.course.closed or self.course.over()):
            self.known[key] = plan_with_sizes(self.problem, self.legs, sizes, self.course, CORE_SHARE)
        return fresh


def _in_turns(plans: _Plans, prices: LegPrices) -> LegPrices:
    """Raise the bound and look at the sizes that it opens then, until neither gains."""
    course = plans.course
    while not (course.closed or course.over()):
        before = course.floor
        prices = raised_further(prices, course)
        fresh = plans.look(sizes_by_share(plans.problem, prices.run.size_share))
        if not fresh and course.floor - before < LEAST_GAIN * abs(before):
            break
    return prices


def _proof(course: Course, priced: float, solver: str) -> str:
    """What the bound rests on: the stored prices, or a solver where it is higher."""
    if course.floor <= priced:
        return "the bound is that of the stored prices, which anyone can recompute"
    return f"the bound rests on the word of {solver}, for the program over legs"


def _solution(course: Course, termination: Termination, prices: Prices | None, proof: str) -> Solution:
    infeasible = termination is Termination.INFEASIBLE
    return Solution(
        termination=termination,
        objective=course.objective,
        bound=np.inf if infeasible else min(course.floor, course.objective),
        decisions=None if course.plan is None else course.plan.decisions,
        prices=prices,
        proof=proof,
        runtime_s=course.seconds,
        trace=tuple(course.trace),
    )
