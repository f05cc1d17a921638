"""Bounds and plans in turn where lanes can be priced whole.

Prices of the whole raise the bound: before a plan is looked for, after it, and at the nodes of a tree over
sites. Plans are looked for with the sizes that these open, in every region by itself: where only a limit on
the number of sites couples the parts of a problem, given sizes leave each a problem of its own.
"""

import numpy as np

from optimizer.problem.cut_out import whole_part
from optimizer.problem.entries import owner
from optimizer.problem.legs import Legs
from optimizer.problem.parts import Division, divide
from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.problem.ragged import sum_by
from optimizer.solver.clock import Course
from optimizer.solver.legs.by_prices import promising
from optimizer.solver.legs.core import sizes_by_share
from optimizer.solver.legs.lanes.choice import SiteChoice
from optimizer.solver.legs.lanes.kept import lane_start_of
from optimizer.solver.legs.lanes.rates import rates_of_use
from optimizer.solver.legs.lanes.rounds import LanePrices
from optimizer.solver.legs.reach import sites_with
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

NOW_AND_THEN = 0.1
"""Share from which on a site is worth a place that limits on sites leave."""

SURE = 0.9
"""Share from which on a site needs no stand-in."""


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
    filled = _filled_up(problem, run.size_share)
    if warm is None:
        together.look(filled, _swapped(problem, run.size_share, filled, together.division))
    else:
        together.look(promising(problem, run.size_share, warm))
    if course.plan is None:
        together.look(_widest(problem, run.size_share))
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


def _filled_up(problem: Problem, share: Floats) -> Bools:
    """Sizes that prices open, and where limits on sites leave places, those that they open now and then."""
    choice, site = SiteChoice(problem), owner(problem.site_start)
    if not len(choice.rules):
        return sizes_by_share(problem, share)
    sizes = sizes_by_share(problem, share, NOW_AND_THEN)
    often = sum_by(site, share, problem.n_sites)[site]
    chosen = choice.chosen(np.where(sizes, -often, 0.0).tolist())
    return np.isin(np.arange(problem.n_sizes), chosen or [])


def _widest(problem: Problem, share: Floats) -> Bools:
    """The dearest size of as many sites as limits allow, those first that prices open most often."""
    site = owner(problem.site_start)
    dearest = np.full(problem.n_sites, -np.inf)
    np.maximum.at(dearest, site, problem.size_cost)
    often = 1.0 + sum_by(site, share, problem.n_sites)[site]
    chosen = SiteChoice(problem).chosen(np.where(problem.size_cost == dearest[site], -often, 0.0).tolist())
    return np.isin(np.arange(problem.n_sizes), chosen or [])


def _swapped(problem: Problem, share: Floats, sizes: Bools, division: Division) -> list[Bools]:
    """The sizes with one site given up in every region for another there that opens nearly as often.

    Of those that open least surely the one is taken whose stand-in comes nearest.
    """
    site = owner(problem.site_start)
    often = sum_by(site, share, problem.n_sites)
    largest = sizes_by_share(problem, share, 0.0)
    swapped, swaps, opened = sizes.copy(), 0, sites_with(problem, sizes)
    for part in division.parts:
        mine = np.isin(np.arange(problem.n_sites), part.site)
        inside, outside = np.flatnonzero(mine & opened), np.flatnonzero(mine & ~opened)
        unsure = inside[often[inside] < SURE]
        if len(unsure) and len(outside):
            out = outside[np.argmax(often[outside])]
            gone = unsure[np.argmin(np.abs(often[unsure] - often[out]))]
            if often[out] > NOW_AND_THEN:
                swapped[site == gone] = False
                swapped |= largest & (site == out)
                swaps += 1
    return [swapped] if swaps else []


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
