"""Bounds and plans in turn where lanes can be priced whole.

Prices of the whole raise the bound: before a plan is looked for, after it, and at the nodes of a tree over
sites. Plans are looked for with the sizes that these open, in every region by itself: where only a limit on
the number of sites couples the parts of a problem, given sizes leave each a problem of its own.
"""

import numpy as np

from optimizer.problem.cut_out import whole_part
from optimizer.problem.legs import Legs
from optimizer.problem.parts import Division, divide
from optimizer.problem.problem import Problem
from optimizer.solver.clock import Course
from optimizer.solver.legs.by_prices import promising
from optimizer.solver.legs.candidates import enlarged, filled_up, swapped, widest
from optimizer.solver.legs.lanes.kept import lane_start_of
from optimizer.solver.legs.lanes.rates import rates_of_use
from optimizer.solver.legs.lanes.rounds import LanePrices
from optimizer.solver.legs.regions.sites import site_search
from optimizer.solver.legs.regions.together import Together
from optimizer.solver.solution import LaneStart, Prices, relative_gap
from optimizer.solver.warm import Warm

__all__ = ["search_regions"]

LANE_SHARE = 0.3
"""Part of the time left that prices with whole lanes may take before a plan, and after it."""

TREE_SHARE = 0.5
"""Part of the time left that trees over sites may take before plans are improved."""

WITHIN_REACH = 2.0
"""Gaps asked for within which a better plan may close the gap at once; otherwise nodes have better rates."""


def search_regions(
    problem: Problem, legs: Legs, lanes: LanePrices, course: Course, warm: Warm | None
) -> tuple[Prices, float]:
    """Raise the bound and look for plans until the gap is closed, the time is up or nothing is promising.

    Parameters
    ----------
    lanes
        Prices with whole lanes to go on from, of an earlier solve or new ones.

    Returns
    -------
    Prices
        Those that prove most.
    float
        The bound that they prove.
    """
    together = Together(problem, _regions_of(problem, legs), course)
    again = warm is not None and warm.lanes is not None
    run = lanes.raised(LANE_SHARE) if again else lanes.first(LANE_SHARE)
    _take_rates(together, lanes)
    filled = filled_up(problem, run.size_share)
    if warm is None:
        others = swapped(problem, run.size_share, filled, together.division)
        together.look(filled, others + enlarged(problem, run.size_share, filled))
    else:
        together.look(promising(problem, run.size_share, warm))
    if course.plan is None:
        together.look(widest(problem, run.size_share))
    if relative_gap(course.objective, course.floor) <= WITHIN_REACH * course.options.gap:
        together.refine(thorough=False)
    run = lanes.raised(LANE_SHARE)
    _take_rates(together, lanes)
    if warm is not None:
        together.look(filled)
    if course.plan is not None and not course.closed:
        start = lane_start_of(problem, legs, lanes.stored(), lanes.proved)
        if start is not None:
            _search_sites(together, start)
    together.search_sizes(run.size_share)
    return lanes.stored(), lanes.proved


def _take_rates(together: Together, lanes: LanePrices) -> None:
    """Begin plans with what supply costs by the unit where lanes are used as in the mean."""
    if lanes.use is not None:
        together.take_rates(rates_of_use(together.problem, lanes.relaxation, lanes.use))


def _regions_of(problem: Problem, legs: Legs) -> Division:
    """Divide a problem into regions; into one if it does not fall apart."""
    division = divide(problem, legs, share=True)
    return division or Division((whole_part(problem, legs),), np.zeros(0, dtype=np.int64))


def _search_sites(together: Together, start: LaneStart) -> None:
    """Bounds by trees over sites, and plans at the lowest nodes of these, in turn."""
    search = site_search(together, start)
    if search is None:
        together.refine(thorough=True)
        return
    search.raise_bound(TREE_SHARE)
    while not together.over() and search.look_again():
        search.raise_bound(TREE_SHARE)
    search.raise_bound(1.0)
