"""Better plans by search over openings, on the promising options only."""

import time

import numpy as np

from optimizer.problem.problem import Bools
from optimizer.solver.clock import Course
from optimizer.solver.columns import promising
from optimizer.solver.kernels import option_prices
from optimizer.solver.openings import OpeningSearch, one_size_per_site
from optimizer.solver.planner import Planner
from optimizer.solver.prices import PriceVector
from optimizer.solver.reduced import restrict_options
from optimizer.solver.relaxation import Relaxation
from optimizer.solver.volume import DualRun

__all__ = ["search_openings"]

CORE_OPTIONS = 400_000
MOST_SINGLES = 80
LEAST_SHARE = 0.01
ROUNDS = 6
SHARE_OF_TIME = 0.4


def search_openings(relaxation: Relaxation, run: DualRun, planner: Planner, course: Course) -> None:
    """Search the openings around those that the prices suggest; every plan is offered to the course."""
    problem = relaxation.problem
    if planner.exact:
        allowed = (run.size_share > LEAST_SHARE) & (relaxation.size_fixed != 0)
        search = OpeningSearch(problem, _by_transport(planner, run.prices), _limit(course), allowed)
        for least in (0.5, 0.3):
            search.start_from(one_size_per_site(problem, run.size_share, least))
        _start_from_plan(search, course)
        search.improve()
        return
    layout = relaxation.layout
    priced = option_prices(
        layout.cost, layout.use_start, layout.use_measure, layout.use_amount, layout.option_link_start,
        layout.option_link, run.prices.measure, np.zeros(layout.n_links),
    )  # fmt: skip
    restriction = restrict_options(problem, promising(layout, priced, CORE_OPTIONS))
    core = Planner(Relaxation(restriction.problem, covers=()), course, restriction)

    def value(size_open: Bools) -> float:
        return core.scaled(run.prices, size_open, ROUNDS, np.inf)

    search = OpeningSearch(restriction.problem, value, _limit(course), relaxation.size_fixed != 0)
    for least in (0.2, 0.5, 0.8):
        search.start_from(one_size_per_site(problem, run.size_share, least))
    if problem.n_sizes <= MOST_SINGLES:
        search.singles()
    search.improve(swaps=False)
    search.improve()


def _by_transport(planner: Planner, prices: PriceVector):  # type: ignore[no-untyped-def]
    def value(size_open: Bools) -> float:
        return planner.try_openings(prices, size_open, np.zeros(planner.relaxation.problem.n_gates, dtype=bool))

    return value


def _start_from_plan(search: OpeningSearch, course: Course) -> None:
    if course.plan is not None:
        search.start_from(course.plan.decisions.size.astype(np.int64))


def _limit(course: Course):  # type: ignore[no-untyped-def]
    """Stop when the search has had its share of the time left, or nothing is missing."""
    started = time.monotonic()
    budget = SHARE_OF_TIME * course.left

    def stop() -> bool:
        return course.closed or course.over() or time.monotonic() - started > budget

    return stop
