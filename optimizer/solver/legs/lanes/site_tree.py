"""Branch and bound over sites and their sizes, with whole lanes at the nodes.

The mean of the dual method opens some sites to a part: one in which a site has to open and one in which it
is closed follow, each bounded from the prices of the node before, the lowest bound first. The weights of
lanes stay as they are.
"""

import heapq
from dataclasses import dataclass, field

import numpy as np

from optimizer.problem.problem import Bools, Floats
from optimizer.problem.ragged import sum_by
from optimizer.solver.clock import Course
from optimizer.solver.legs.lanes.rounds import LanePrices
from optimizer.solver.prices import PriceVector
from optimizer.solver.relaxation import Evaluation
from optimizer.solver.volume import DualRun

__all__ = ["SiteTree"]

STEPS = 40
"""Iterations for a node."""

STRETCH, LEAST_PART = 20, 0.02
"""A node is left when so many iterations close less than this part of what is missing."""

LEAST_GAIN = 1e-5
"""Relative gain by further iterations below which the lowest node is left."""

TORN = 0.02
"""A share closer to 0 or 1 than this counts as whole."""


@dataclass(order=True)
class _Node:
    """A part of the search: sizes that may open, sites that have to, and the prices that bound it."""

    bound: float
    number: int
    allowed: Bools = field(compare=False)
    must: Bools = field(compare=False)
    prices: PriceVector = field(compare=False)
    share: Floats = field(compare=False)


class SiteTree:
    """The search and its open nodes.

    Parameters
    ----------
    lanes
        Prices with whole lanes.
    course
        Limits; takes the bound.
    root
        The run that bounds the whole.
    """

    def __init__(self, lanes: LanePrices, course: Course, root: DualRun) -> None:
        self.lanes, self.course = lanes, course
        self._relaxation = lanes.relaxation
        sizes, sites = len(root.size_share), len(self._relaxation.site_must)
        self._count, self._settled = 0, np.inf
        whole = np.ones(sizes, dtype=bool), np.zeros(sites, dtype=bool)
        self._open = [_Node(root.best.value, 0, *whole, root.prices, root.size_share)]

    def search(self) -> Bools | None:
        """Go on until the gap is closed or the time is up, or to sizes that are whole.

        Returns
        -------
        bool, shape (sizes,), or None
            Sizes of the node of the lowest bound, where these are whole; it stays open.
        """
        course = self.course
        while self._open and not (course.closed or course.over()):
            node = self._open[0]
            halves = self._halves(node)
            if node.bound < course.cutoff and halves is None:
                return node.share > 0.5
            heapq.heappop(self._open)
            if node.bound >= course.cutoff:
                self._settled = min(self._settled, node.bound)
                continue
            for allowed, must in halves or ():
                self._bound(node, allowed, must)
            self._raise_floor()
        self._raise_floor()
        return None

    def deepened(self) -> bool:
        """Raise the bound of the lowest node further; false where that hardly moves."""
        node = heapq.heappop(self._open)
        self._bound(node, node.allowed, node.must)
        self._raise_floor()
        return self._open[0].bound - node.bound >= LEAST_GAIN * abs(node.bound)

    def _raise_floor(self) -> None:
        lowest = self._open[0].bound if self._open else np.inf
        magnitude = float(np.abs(self._open[0].prices.row).sum()) if self._open else 0.0
        self.course.raise_floor(min(lowest, self._settled, self.course.objective), magnitude)

    def _halves(self, node: _Node) -> tuple[tuple[Bools, Bools], tuple[Bools, Bools]] | None:
        """Both halves of a node: by the site, or else the size, that is least decided; None if all are."""
        site_of = self._relaxation.size_site
        of_site = sum_by(site_of, node.share, len(node.must))
        torn = np.where(node.must, 0.0, np.minimum(of_site, 1.0 - of_site))
        site = int(np.argmax(torn))
        if torn[site] > TORN:
            must = node.must.copy()
            must[site] = True
            return (node.allowed, must), (node.allowed & (site_of != site), node.must)
        torn = np.minimum(node.share, 1.0 - node.share)
        size = int(np.argmax(torn))
        if torn[size] <= TORN:
            return None
        alone, without = node.allowed & (site_of != site_of[size]), node.allowed.copy()
        alone[size], without[size] = True, False
        return (alone, node.must), (without, node.must)

    def _bound(self, parent: _Node, allowed: Bools, must: Bools) -> None:
        """Bound a part from the prices of the node before, and keep it open."""
        relaxation, course = self._relaxation, self.course
        if relaxation.choice.chosen(np.zeros(len(allowed)).tolist(), ~allowed, must) is None:
            return
        relaxation.size_fixed[:] = np.where(allowed, -1, 0)
        relaxation.site_must[:] = must
        history: list[float] = []

        def on_step(run: DualRun, _: Evaluation) -> bool:
            history.append(run.best.value)
            missing = course.cutoff - history[-1]
            flat = len(history) > STRETCH and history[-1] - history[-1 - STRETCH] < LEAST_PART * missing
            return missing <= 0.0 or flat or course.over()

        run = self.lanes.ascended(parent.prices, STEPS, on_step)
        if allowed.all() and not must.any():
            self.lanes.keep(run)
        relaxation.size_fixed[:] = -1
        relaxation.site_must[:] = False
        self._count += 1
        bound = max(parent.bound, run.best.value)
        heapq.heappush(self._open, _Node(bound, self._count, allowed, must, run.prices, run.size_share))
