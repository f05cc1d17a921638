"""Sets of sizes worth a look: those that prices open, and others that do nearly as well."""

import numpy as np

from optimizer.problem.entries import owner
from optimizer.problem.parts import Division
from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.problem.ragged import sum_by
from optimizer.solver.legs.core import sizes_by_share
from optimizer.solver.legs.lanes.choice import SiteChoice
from optimizer.solver.legs.reach import sites_with

__all__ = ["enlarged", "filled_up", "neighbours", "swapped", "widest"]

NOW_AND_THEN = 0.1
"""Share from which on a site is worth a place that limits on sites leave."""

SURE = 0.9
"""Share from which on a site needs no stand-in."""

TORN = 0.5
"""Part of the share of a site's size that another one must have to be worth a try in its place."""


def filled_up(problem: Problem, share: Floats) -> Bools:
    """Sizes that prices open, and where limits on sites leave places, those that they open now and then."""
    choice, site = SiteChoice(problem), owner(problem.site_start)
    if not len(choice.rules):
        return sizes_by_share(problem, share)
    sizes = sizes_by_share(problem, share, NOW_AND_THEN)
    often = sum_by(site, share, problem.n_sites)[site]
    chosen = choice.chosen(np.where(sizes, -often, 0.0).tolist())
    return np.isin(np.arange(problem.n_sizes), chosen or [])


def widest(problem: Problem, share: Floats) -> Bools:
    """The dearest size of as many sites as limits allow, those first that prices open most often."""
    site = owner(problem.site_start)
    dearest = np.full(problem.n_sites, -np.inf)
    np.maximum.at(dearest, site, problem.size_cost)
    often = 1.0 + sum_by(site, share, problem.n_sites)[site]
    chosen = SiteChoice(problem).chosen(np.where(problem.size_cost == dearest[site], -often, 0.0).tolist())
    return np.isin(np.arange(problem.n_sizes), chosen or [])


def swapped(problem: Problem, share: Floats, sizes: Bools, division: Division) -> list[Bools]:
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


def enlarged(problem: Problem, share: Floats, sizes: Bools) -> list[Bools]:
    """The sizes with larger ones in the place of those that open hardly more often.

    Room for the mean is not always room for whole months: where it is short, a plan costs far more than
    the larger size.
    """
    site, larger = owner(problem.site_start), sizes
    for size in np.flatnonzero(sizes).tolist():
        others = (site == site[size]) & (problem.size_cost > problem.size_cost[size])
        often = np.where(others, share, 0.0)
        if often.max(initial=0.0) >= TORN * share[size]:
            larger = _instead(larger, size, int(np.argmax(often)))
    return [larger] if np.any(larger != sizes) else []


def neighbours(problem: Problem, share: Floats, sizes: Bools) -> list[Bools]:
    """The sizes with one site more, the likeliest, without the least sure one, and with one site resized."""
    site, opened = owner(problem.site_start), sites_with(problem, sizes)
    often = sum_by(site, share, problem.n_sites)
    found = []
    for size in np.flatnonzero(sizes).tolist():
        others = np.flatnonzero((site == site[size]) & ~sizes & (share >= TORN * share[size]))
        found += [_instead(sizes, size, int(other)) for other in others]
    inside, outside = np.flatnonzero(opened), np.flatnonzero(~opened & (often > NOW_AND_THEN))
    if len(outside):
        more = outside[np.argmax(often[outside])]
        found.append(sizes | (sizes_by_share(problem, share, NOW_AND_THEN) & (site == more)))
    if len(inside):
        found.append(sizes & (site != inside[np.argmin(often[inside])]))
    return found


def _instead(sizes: Bools, size: int, other: int) -> Bools:
    """The sizes with another one in the place of one."""
    changed = sizes.copy()
    changed[size], changed[other] = False, True
    return changed
