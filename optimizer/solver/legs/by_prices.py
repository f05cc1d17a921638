"""Bounds and plans in turn where a problem over legs is too large for its tree alone.

Whole lanes where the legs have such: prices, plans with the sizes that these open, prices again, the better
plan improved, and a tree over sites whose nodes prices bound. Other legs: prices per unit, and sets of sizes
ranked by linear relaxations.
"""

import numpy as np

from optimizer.problem.entries import owner
from optimizer.problem.legs import Legs
from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.problem.ragged import sum_by
from optimizer.solver.clock import Course
from optimizer.solver.legs.core import sizes_by_share
from optimizer.solver.legs.dual import LegPrices, raised_further
from optimizer.solver.legs.lanes.choice import SiteChoice
from optimizer.solver.legs.lanes.form import Lanes
from optimizer.solver.legs.lanes.rates import rates_of_use
from optimizer.solver.legs.lanes.rounds import LanePrices, lane_prices
from optimizer.solver.legs.lanes.site_tree import SiteTree
from optimizer.solver.legs.pieces import Parts, Undivided, branch, look, turns
from optimizer.solver.legs.reach import sites_with
from optimizer.solver.legs.size_search import search_sizes
from optimizer.solver.solution import Prices
from optimizer.solver.volume import DualRun
from optimizer.solver.warm import Warm

__all__ = ["promising", "search_by_prices"]

UNDECIDED = 0.1
"""Share of the mean of the dual method in which a site must be open for its earlier size to be tried."""

LANE_SHARE = 0.3
"""Part of the time left that prices with whole lanes may take before a plan, and after it."""

PLAN_SHARE = 0.3
"""Part of the time left for the improvement of a plan."""

NOW_AND_THEN = 0.1
"""Share from which on a site is worth a place that limits on sites leave."""

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


def search_by_prices(
    pieces: Parts | Undivided, legs: Legs, form: Lanes | None, prices: LegPrices, warm: Warm | None
) -> tuple[Prices, float]:
    """Raise the bound and look for plans until the gap is closed, the time is up or nothing is promising.

    Parameters
    ----------
    form
        The lanes of the problem, if it has any.
    prices
        Prices over legs to start from.

    Returns
    -------
    Prices
        Those that prove most of the whole, over legs or with whole lanes.
    float
        The bound that they prove.
    """
    if form is None:
        return _per_unit(pieces, prices, warm)
    problem, course = pieces.problem, pieces.course
    lanes = lane_prices(problem, legs, form, prices, course)
    run = lanes.first(LANE_SHARE)
    if lanes.use is not None:
        pieces.take_rates(rates_of_use(problem, lanes.relaxation, lanes.use))
    known, fresh = promising(problem, run.size_share, warm), _filled_up(problem, run.size_share)
    first, second = (fresh, known) if warm is None else (known, fresh)
    look(pieces, first)
    branch(pieces)
    run = lanes.raised(LANE_SHARE)
    _refine(pieces)
    look(pieces, second)
    if course.plan is not None:
        _search_sites(pieces, lanes, run)
    _search_sizes(pieces, run.size_share)
    if lanes.proved <= prices.run.best.value:
        return prices.stored(), prices.run.best.value
    return lanes.stored(), lanes.proved


def _per_unit(pieces: Parts | Undivided, prices: LegPrices, warm: Warm | None) -> tuple[Prices, float]:
    """The same by prices per unit."""
    look(pieces, promising(pieces.problem, prices.run.size_share, warm))
    _refine(pieces)
    branch(pieces)
    prices = _raised(prices, pieces.course)
    _search_sizes(pieces, prices.run.size_share)
    return prices.stored(), prices.run.best.value


def _filled_up(problem: Problem, share: Floats) -> Bools:
    """Sizes that prices open, and where limits on sites leave places, those that they open now and then."""
    choice, site = SiteChoice(problem), owner(problem.site_start)
    if not len(choice.rules):
        return sizes_by_share(problem, share)
    sizes = sizes_by_share(problem, share, NOW_AND_THEN)
    often = sum_by(site, share, problem.n_sites)[site]
    chosen = choice.chosen(np.where(sizes, -often, 0.0).tolist())
    return np.isin(np.arange(problem.n_sizes), chosen or [])


def _refine(pieces: Parts | Undivided) -> None:
    """Improve the best first plan of every piece."""
    for _, search in turns(pieces):
        search.refine(PLAN_SHARE)


def _search_sites(pieces: Parts | Undivided, lanes: LanePrices, run: DualRun) -> None:
    """Search the tree over sites, and look for plans with the sizes of nodes in which these are whole."""
    tree = SiteTree(lanes, pieces.course, run)
    while (sizes := tree.search()) is not None:
        own = pieces.own(sizes)
        if not all(search.looked_at(part) for search, part in zip(pieces.searches, own, strict=True)):
            look(pieces, sizes)
            _refine(pieces)
        elif not tree.deepened():
            return


def _raised(prices: LegPrices, course: Course) -> LegPrices:
    """Raise the bound of the prices until it hardly moves."""
    before = -np.inf
    while not (course.closed or course.over()) and course.floor - before >= LEAST_GAIN * abs(course.floor):
        before = course.floor
        prices = raised_further(prices, course)
    return prices


def _search_sizes(pieces: Parts | Undivided, share: Floats) -> None:
    """Search better sizes for the pieces that are too large for a tree."""
    own = pieces.own(share)
    for k, search in turns(pieces):
        if not search.by_tree:
            search_sizes(search, own[k])
