"""Bounds and plans in turn where lanes can be priced whole.

Prices of the whole raise the bound: before a plan is looked for, after it, and at the nodes of a tree over
sites. Plans are looked for with the sizes that these open, in every region by itself: where only a limit on
the number of sites couples the parts of a problem, given sizes leave each a problem of its own.
"""

from typing import NamedTuple

import numpy as np

from optimizer.problem.cut_out import whole_part
from optimizer.problem.legs import Legs
from optimizer.problem.parts import Division, divide
from optimizer.problem.problem import Problem
from optimizer.solver.clock import Course
from optimizer.solver.lane_start import SiteNodes
from optimizer.solver.legs.by_prices import promising
from optimizer.solver.legs.candidates import enlarged, filled_up, swapped, widest
from optimizer.solver.legs.lanes.kept import lane_start_of
from optimizer.solver.legs.lanes.rates import rates_of_use
from optimizer.solver.legs.lanes.rounds import LanePrices
from optimizer.solver.legs.regions.sites import SiteSearch, site_search
from optimizer.solver.legs.regions.together import Together
from optimizer.solver.solution import Prices
from optimizer.solver.volume import DualRun
from optimizer.solver.warm import Warm

__all__ = ["Priced", "search_regions"]

LANE_SHARE = 0.3
"""Part of the time left that prices with whole lanes may take before a plan, and after it."""

TREE_SHARE = 0.5
"""Part of the time left that trees over sites may take before plans are improved."""

WITHIN_REACH = 2.0
"""Gaps asked for within which a better plan may close the gap at once; otherwise nodes have better rates."""

NEAR = 3.0
"""Gaps asked for within which an earlier plan may be good enough, or what nodes of earlier trees lead to."""


class Priced(NamedTuple):
    """Prices that prove most, the bound that they prove, and what trees over sites left."""

    prices: Prices
    proved: float
    sites: SiteNodes | None = None


def search_regions(
    problem: Problem, legs: Legs, lanes: LanePrices, course: Course, warm: Warm | None
) -> Priced:
    """Raise the bound and look for plans until the gap is closed, the time is up or nothing is promising.

    Parameters
    ----------
    lanes
        Prices with whole lanes to go on from, of an earlier solve or new ones.
    """
    together = Together(problem, _regions_of(problem, legs), course)
    if warm is None or warm.lanes is None:
        run = lanes.first(LANE_SHARE)
    else:
        run = lanes.raised(LANE_SHARE, briefly=warm.sites is not None)
    _take_rates(together, lanes)
    search = None if warm is None else _gone_on(together, legs, lanes, warm)
    if search is None:
        run = _look(together, lanes, warm, run)
    if course.plan is not None and not course.closed:
        search = search or _site_search(together, legs, lanes)
        _search_sites(together, search)
    together.search_sizes(run.size_share)
    sites = None if warm is None else warm.sites
    return Priced(lanes.stored(), lanes.proved, sites if search is None else search.kept())


def _gone_on(together: Together, legs: Legs, lanes: LanePrices, warm: Warm) -> SiteSearch | None:
    """Go on with the trees of an earlier solve where its plan is near the bound; None where it is not."""
    course = together.course
    if warm.sites is None or course.closed or course.over() or not course.within(NEAR):
        return None
    return _site_search(together, legs, lanes, warm)


def _look(together: Together, lanes: LanePrices, warm: Warm | None, run: DualRun) -> DualRun:
    """Look for first plans with the sizes that a run opens, and raise prices further."""
    problem, course = together.problem, together.course
    filled = filled_up(problem, run.size_share)
    if warm is None:
        others = swapped(problem, run.size_share, filled, together.division)
        together.look(filled, others + enlarged(problem, run.size_share, filled))
    else:
        together.look(promising(problem, run.size_share, warm))
    if course.plan is None:
        together.look(widest(problem, run.size_share))
    if course.within(WITHIN_REACH):
        together.refine(thorough=False)
    run = lanes.raised(LANE_SHARE)
    _take_rates(together, lanes)
    if warm is not None:
        together.look(filled)
    return run


def _take_rates(together: Together, lanes: LanePrices) -> None:
    """Begin plans with what supply costs by the unit where lanes are used as in the mean."""
    if lanes.use is not None:
        together.take_rates(rates_of_use(together.problem, lanes.relaxation, lanes.use))


def _regions_of(problem: Problem, legs: Legs) -> Division:
    """Divide a problem into regions; into one if it does not fall apart."""
    division = divide(problem, legs, share=True)
    return division or Division((whole_part(problem, legs),), np.zeros(0, dtype=np.int64))


def _site_search(
    together: Together, legs: Legs, lanes: LanePrices, earlier: Warm | None = None
) -> SiteSearch | None:
    """Begin trees over sites, or go on with those of an earlier solve; None where there are no lanes."""
    start = lane_start_of(together.problem, legs, lanes.stored(), lanes.proved)
    return None if start is None else site_search(together, start, earlier)


def _search_sites(together: Together, search: SiteSearch | None) -> None:
    """Bounds by trees over sites, and plans at the lowest nodes of these, in turn."""
    if search is None:
        together.refine(thorough=True)
        return
    search.raise_bound(TREE_SHARE)
    while not together.over() and search.look_again():
        search.raise_bound(TREE_SHARE)
    search.raise_bound(1.0)
