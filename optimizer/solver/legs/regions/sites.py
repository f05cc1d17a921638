r"""The trees over sites of all regions together.

A limit on the number of sites is shared out by the bounds of the regions as it is by the costs of their
plans: no plan is cheaper than

.. math:: \min \Big\{ \sum_r L_r(k_r) : \sum_r k_r \le K \Big\},

with `L_r(k)` the bound of region `r` with `k` sites. So what is missing adds up over the regions, where one
tree over the sites of all of them would have to multiply their choices.
"""

from collections.abc import Sequence

import numpy as np

from optimizer.problem.problem import Bools, Floats
from optimizer.solver.clock import Course
from optimizer.solver.lane_start import LaneStart, SiteNodes
from optimizer.solver.legs.lanes.form import lanes_of
from optimizer.solver.legs.lanes.kept import start_of_part
from optimizer.solver.legs.lanes.kept_nodes import nodes_of_part, site_nodes
from optimizer.solver.legs.lanes.rates import SupplyRates, rates_of_use
from optimizer.solver.legs.lanes.rounds import lane_prices_from
from optimizer.solver.legs.lanes.site_tree import SiteTree
from optimizer.solver.legs.regions.allotment import cheapest_counts
from optimizer.solver.legs.regions.region import Region
from optimizer.solver.legs.regions.together import Together
from optimizer.solver.warm import Warm

__all__ = ["SiteSearch", "site_search"]


def site_search(together: Together, start: LaneStart, earlier: Warm | None = None) -> "SiteSearch | None":
    """Prepare the trees over sites; None where some region has no whole lanes.

    Parameters
    ----------
    together
        The regions and their plans.
    start
        Prices with whole lanes of the whole.
    earlier
        Solve whose trees are gone on with.
    """
    trees = [_tree(region, start, earlier, together.course) for region in together.regions]
    known = [tree for tree in trees if tree is not None]
    return SiteSearch(together, known) if len(known) == len(trees) else None


def _tree(region: Region, start: LaneStart, earlier: Warm | None, course: Course) -> SiteTree | None:
    """The tree of a region that has whole lanes."""
    problem, legs = region.part.problem, region.part.legs
    lanes = lanes_of(problem, legs)
    if lanes is None:
        return None
    prices = lane_prices_from(problem, legs, lanes, start_of_part(start, region.part), course)
    nodes = None
    if earlier is not None and earlier.lanes is not None and earlier.sites is not None:
        nodes = nodes_of_part(earlier.lanes, earlier.sites, region.part, prices.relaxation)
    return SiteTree(prices, region.choices, course.over, nodes)


class SiteSearch:
    """The trees of all regions; bounds and plans go to the course of the whole."""

    def __init__(self, together: Together, trees: Sequence[SiteTree]) -> None:
        self._together, self._course, self._trees = together, together.course, trees
        self._known: set[tuple[int, bytes]] = set()

    def raise_bound(self, share: float) -> None:
        """Search the trees until the gap is closed, a part of the time is up, or nothing raises the bound.

        The next step is in the region where it promises most; where that is not known, in the one whose bound
        is furthest from its plan.
        """
        course, together = self._course, self._together
        until = course.seconds + share * course.left
        while not course.over() and course.seconds <= until:
            counts, missing = self._report()
            if course.closed or missing <= 0.0:
                return
            trees = [*zip(self._trees, counts, strict=True)]
            bound = np.array([tree.bound[count] for tree, count in trees])
            cost = [region.cost[count] for region, count in zip(together.regions, counts, strict=True)]
            enough = bound + missing
            promise = [tree.promise(count, most) for (tree, count), most in zip(trees, enough, strict=True)]
            order = np.lexsort((bound - cost, np.negative(promise)))
            if not any(self._trees[at].raised(counts[at], enough[at]) for at in order.tolist()):
                return

    def kept(self) -> SiteNodes | None:
        """What the trees leave to a later solve."""
        regions = self._together.regions
        trees = [tree.kept_of(region.part) for tree, region in zip(self._trees, regions, strict=True)]
        return site_nodes(self._together.problem, trees)

    def look_again(self) -> bool:
        """Look for plans at rates of nodes: with the sizes of the best plan, then with those of the lowest.

        Returns
        -------
        bool
            False where that was done.
        """
        counts = self._together.counts
        chosen = {at: found for at, count in enumerate(counts) if (found := self._next(at, count))}
        if chosen:
            self._together.look_again(chosen)
        return bool(chosen)

    def _report(self) -> tuple[list[int], float]:
        """Report the bound of all trees; gives the numbers of sites that it is for, and what is missing."""
        course, together = self._course, self._together
        total, counts = cheapest_counts([tree.bound for tree in self._trees], together.most)
        magnitude = sum(tree.magnitude(count) for tree, count in zip(self._trees, counts, strict=True))
        course.raise_floor(min(together.fixed + total, course.objective), magnitude)
        return counts, course.cutoff - together.fixed - total

    def _next(self, at: int, count: int) -> tuple[Bools, SupplyRates] | None:
        """Sizes of a region that were not looked at again, and rates; None where all were."""
        region, tree = self._together.regions[at], self._trees[at]
        own = region.sizes(count)
        if own is not None and region.rates is not None and self._new(at, own):
            use = tree.use_with(count, own)
            return own, region.rates if use is None else self._rates(at, use)
        leaf = tree.leaf(count)
        return (leaf[0], self._rates(at, leaf[1])) if leaf is not None and self._new(at, leaf[0]) else None

    def _new(self, at: int, sizes: Bools) -> bool:
        """Tell whether sizes of a region were not looked at again before, and remember them."""
        new = (at, sizes.tobytes()) not in self._known
        self._known.add((at, sizes.tobytes()))
        return new

    def _rates(self, at: int, use: Floats) -> SupplyRates:
        """Rates of a region where lanes are used so much, at the weights that its tree has now."""
        return rates_of_use(self._together.regions[at].part.problem, self._trees[at].lanes.relaxation, use)
