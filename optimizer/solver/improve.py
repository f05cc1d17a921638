"""Better plans by search over openings, on the promising options only."""

import time
from collections.abc import Callable

import numpy as np

from optimizer.problem.problem import Bools
from optimizer.solver.clock import Course
from optimizer.solver.columns import promising
from optimizer.solver.openings import OpeningSearch, one_size_per_site
from optimizer.solver.planner import Planner
from optimizer.solver.prices import PriceVector
from optimizer.solver.reduced import compose, restrict_options
from optimizer.solver.relaxation import Relaxation
from optimizer.solver.staged import CORE_OPTIONS, priced_by_position
from optimizer.solver.volume import DualRun

__all__ = ["search_openings"]

MOST_SINGLES = 80
LEAST_SHARE = 0.01
ROUNDS = 6
SHARE_OF_TIME = 0.4


def search_openings(
    relaxation: Relaxation, run: DualRun, planner: Planner, course: Course, share: float = SHARE_OF_TIME
) -> None:
    """Search the openings around those that the prices suggest; every plan is offered to the course.

    `share` is the part of the time left that the search may take.
    """
    problem = relaxation.problem
    if planner.exact:
        allowed = (run.size_share > LEAST_SHARE) & (relaxation.size_fixed != 0)
        search = OpeningSearch(problem, _by_transport(planner, run.prices), _limit(course, share), allowed)
        for least in (0.5, 0.3):
            search.start_from(one_size_per_site(problem, run.size_share, least))
        _start_from_plan(search, course)
        search.improve()
        return
    core = planner
    if problem.n_options > CORE_OPTIONS:
        priced = priced_by_position(relaxation.layout, run.prices)
        restriction = restrict_options(problem, promising(relaxation.layout, priced, CORE_OPTIONS))
        smaller = Relaxation(restriction.problem, covers=())
        core = Planner(smaller, course, compose(planner.restriction, restriction))

    def value(size_open: Bools) -> float:
        return core.scaled(run.prices, size_open, ROUNDS, np.inf)

    search = OpeningSearch(problem, value, _limit(course, share), relaxation.size_fixed != 0)
    for least in (0.2, 0.5, 0.8):
        search.start_from(one_size_per_site(problem, run.size_share, least))
    if problem.n_sizes <= MOST_SINGLES:
        search.singles()
    search.improve(swaps=False)
    search.improve()


def _by_transport(planner: Planner, prices: PriceVector) -> Callable[[Bools], float]:
    def value(size_open: Bools) -> float:
        return planner.try_openings(
            prices, size_open, np.zeros(planner.relaxation.problem.n_gates, dtype=bool)
        )

    return value


def _start_from_plan(search: OpeningSearch, course: Course) -> None:
    if course.plan is not None:
        search.start_from(course.plan.decisions.size.astype(np.int64))


def _limit(course: Course, share: float) -> Callable[[], bool]:
    """Stop when the search has had its share of the time left, or nothing is missing."""
    started = time.monotonic()
    budget = share * course.left

    def stop() -> bool:
        return course.closed or course.over() or time.monotonic() - started > budget

    return stop
