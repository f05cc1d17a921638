"""Bounds and plans in turn by prices per unit, where a problem over legs is too large for its tree alone.

A linear relaxation ranks the sets of sizes that plans are looked for with. Where whole lanes can be priced
`optimizer.solver.legs.regions` does better.
"""

import numpy as np

from optimizer.problem.entries import owner
from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.problem.ragged import sum_by
from optimizer.solver.clock import Course
from optimizer.solver.legs.core import sizes_by_share
from optimizer.solver.legs.dual import LegPrices, raised_further
from optimizer.solver.legs.pieces import Parts, Undivided, branch, look, turns
from optimizer.solver.legs.reach import sites_with
from optimizer.solver.legs.size_search import search_sizes
from optimizer.solver.solution import Prices
from optimizer.solver.warm import Warm

__all__ = ["promising", "search_by_prices"]

UNDECIDED = 0.1
"""Share of the mean of the dual method in which a site must be open for its earlier size to be tried."""

PLAN_SHARE = 0.3
"""Part of the time left for the improvement of a plan."""

LEAST_GAIN = 1e-4
"""Relative gain of the bound below which the dual method is left alone."""


def promising(problem: Problem, share: Floats, warm: Warm | None) -> Bools:
    """Sizes that prices open, and those of an earlier plan at sites that prices leave undecided."""
    sizes = sizes_by_share(problem, share)
    if warm is None or warm.size is None:
        return sizes
    site = owner(problem.site_start)
    undecided = sum_by(site, share, problem.n_sites) > UNDECIDED
    return sizes | (warm.size & (undecided & ~sites_with(problem, sizes))[site])


def search_by_prices(pieces: Parts | Undivided, prices: LegPrices, warm: Warm | None) -> tuple[Prices, float]:
    """Raise the bound and look for plans until the gap is closed, the time is up or nothing is promising.

    Parameters
    ----------
    prices
        Prices over legs to start from.

    Returns
    -------
    Prices
        Those that prove most of the whole.
    float
        The bound that they prove.
    """
    look(pieces, promising(pieces.problem, prices.run.size_share, warm))
    for _, search in turns(pieces):
        search.refine(PLAN_SHARE)
    branch(pieces)
    prices = _raised(prices, pieces.course)
    own = pieces.own(prices.run.size_share)
    for k, search in turns(pieces):
        if not search.by_tree:
            search_sizes(search, own[k])
    return prices.stored(), prices.run.best.value


def _raised(prices: LegPrices, course: Course) -> LegPrices:
    """Raise the bound of the prices until it hardly moves."""
    before = -np.inf
    while not (course.closed or course.over()) and course.floor - before >= LEAST_GAIN * abs(course.floor):
        before = course.floor
        prices = raised_further(prices, course)
    return prices
