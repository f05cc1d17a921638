"""Branch and bound over the sites and sizes of a region, with whole lanes at the nodes.

There is a tree for every number of sites that a limit shared with other regions may leave it. The mean of
the dual method opens some sites to a part: one node in which a site has to open and one in which it is closed
follow, each bounded from the prices of the node before, the lowest bound first. Weights of lanes move from
node to node.
"""

import heapq
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import numpy as np

from optimizer.problem.cut_out import Part
from optimizer.problem.problem import Bools, Floats
from optimizer.problem.ragged import sum_by
from optimizer.solver.legs.lanes.choice import SiteChoice
from optimizer.solver.legs.lanes.kept_nodes import Half, KeptNode, KeptTree
from optimizer.solver.legs.lanes.rounds import PACE, LanePrices
from optimizer.solver.legs.lanes.weights import FIRST_STEP, WeightSearch
from optimizer.solver.legs.reach import sites_with
from optimizer.solver.prices import PriceVector
from optimizer.solver.relaxation import Evaluation
from optimizer.solver.volume import DualRun

__all__ = ["SiteTree"]

LEAST_STEPS, MOST_STEPS = 60, 200
"""Iterations for a node; after fewer the mean says little of what opens."""

NODE_PACE = PACE._replace(first=0.5)
"""How steps change their length at a node: what was split moves prices far at first."""

STRETCH, LEAST_PART = 20, 0.01
"""A node is left when so many iterations close less than this part of what is missing, and not gone into
again where all of them close less."""

TORN = 0.02
"""A share closer to 0 or 1 than this counts as whole."""


@dataclass(order=True)
class _Node:
    """A part of the search: what it may open, and prices to go on from.

    Attributes
    ----------
    weight, step
        Weights of lanes, and how far they may go towards one measure.
    share
        How often each size was open in the mean of the dual method, if that is known.
    run, use
        The run of the dual method, once there was one, and what is used of each lane in its mean.
    gain
        What the last steps raised the bound by, where they followed others in the same part.
    """

    bound: float
    number: int
    half: Half = field(compare=False)
    prices: PriceVector = field(compare=False)
    weight: Floats = field(compare=False)
    step: float = field(compare=False, default=FIRST_STEP)
    share: Floats | None = field(compare=False, default=None)
    run: DualRun | None = field(compare=False, default=None)
    use: Floats | None = field(compare=False, default=None)
    gain: float = field(compare=False, default=np.inf)


class SiteTree:
    """The open nodes of a region for every number of sites.

    Parameters
    ----------
    lanes
        Prices with whole lanes to start from.
    choices
        How sizes are chosen for every number of sites, from none on.
    over
        Asked after every evaluation; a true answer ends the run.
    kept
        Nodes of an earlier tree for each number of sites, which together leave nothing out.
    """

    def __init__(
        self,
        lanes: LanePrices,
        choices: Sequence[SiteChoice],
        over: Callable[[], bool],
        kept: Mapping[int, Sequence[KeptNode]] | None = None,
    ) -> None:
        self.lanes, self._choices, self._over = lanes, choices, over
        self._relaxation = lanes.relaxation
        self._number = 0
        self._open: list[list[_Node]] = [[] for _ in choices]
        self._barred: list[list[_Node]] = [[] for _ in choices]
        self._gain = [np.inf] * len(choices)
        root, earlier = self._root(), kept or {}
        for count in range(len(choices)):
            for node in earlier.get(count, [root]):
                self._take(count, node, root)

    def _root(self) -> KeptNode:
        """The node that rules nothing out."""
        problem = self._relaxation.problem
        half = np.ones(problem.n_sizes, dtype=bool), np.zeros(problem.n_sites, dtype=bool)
        return KeptNode(half, self.lanes.prices, self._relaxation.lane_weight)

    def _take(self, count: int, kept: KeptNode, root: KeptNode) -> None:
        """Open a node at its prices, or at those of the root if these prove more of it."""
        number = self._number = self._number + (kept is not root)
        node = _Node(-np.inf, number, kept.half, kept.prices, kept.weight, share=kept.share)
        if not self._can_open(count, kept.half):
            self._barred[count].append(node)
            return
        for start in (root,) if kept is root else (kept, root):
            self._relaxation.take_weight(start.weight)
            with self._held(count, kept.half):
                value = self._relaxation.evaluate(start.prices).value
            if value > node.bound:
                node.bound, node.prices, node.weight = value, start.prices, self._relaxation.lane_weight
        heapq.heappush(self._open[count], node)

    def kept_of(self, part: Part) -> KeptTree:
        """What is left of the part that the tree is for, where more is known of it than of the root."""
        nodes = [[*opened, *barred] for opened, barred in zip(self._open, self._barred, strict=True)]
        kept = [
            [KeptNode(node.half, node.prices, node.weight, node.share) for node in those]
            if any(node.number for node in those)
            else []
            for those in nodes
        ]
        return KeptTree(part, self._relaxation, self.lanes.prices, kept)

    @property
    def bound(self) -> Floats:
        """Proved bound for every number of sites, infinite where nothing is left."""
        return np.array([nodes[0].bound if nodes else np.inf for nodes in self._open])

    def magnitude(self, count: int) -> float:
        """Size of the terms that the bound for a number of sites is summed from."""
        return float(np.abs(self._open[count][0].prices.row).sum()) if self._open[count] else 0.0

    def leaf(self, count: int) -> tuple[Bools, Floats] | None:
        """What the lowest node for a number of sites opens whose sizes are whole, and its use of each lane.

        The relaxation has the weights of that node then.

        Returns
        -------
        bool, shape (sizes,), and float64, shape (lanes,)
            None where no node is.
        """
        for node in sorted(self._open[count]):
            share = node.share
            if share is not None and node.use is not None and self._halves(node.half, share) is None:
                self._weigh(node)
                return share > 0.5, node.use
        return None

    def use_with(self, count: int, sizes: Bools) -> Floats | None:
        """What the node for a number of sites in which these sizes are uses of each lane in its mean.

        The relaxation has the weights of that node then.

        Parameters
        ----------
        sizes : bool, shape (sizes,)

        Returns
        -------
        float64, shape (lanes,), or None
            None where no node is left that may open just these, or its use is not known.
        """
        closed = ~sites_with(self._relaxation.unpriced, sizes)
        for node in self._open[count]:
            allowed, must = node.half
            if node.use is not None and not np.any(sizes & ~allowed) and not np.any(must & closed):
                self._weigh(node)
                return node.use
        return None

    def promise(self, count: int, enough: float) -> float:
        """What a step may raise the bound for a number of sites by, as far as the last one tells.

        Every node below the bound that is enough has to be raised. Infinite where no step was taken.
        """
        low = sum(node.bound < enough for node in self._open[count])
        return self._gain[count] / max(low, 1)

    def raised(self, count: int, enough: float) -> bool:
        """Split the lowest node for a number of sites, or raise its bound; false where it can only stay.

        Parameters
        ----------
        enough
            Bound from which on it makes no difference.
        """
        nodes = self._open[count]
        node = nodes[0]
        halves = None if node.share is None else self._halves(node.half, node.share)
        if halves is None and node.gain < LEAST_PART * (enough - node.bound):
            return False
        heapq.heappop(nodes)
        self._gain[count] = np.inf
        for half in halves or (node.half,):
            if not self._can_open(count, half):
                self._barred[count].append(_Node(np.inf, self._number, half, node.prices, node.weight))
                continue
            child = self._bounded(count, node, half, enough)
            gain = child.bound - node.bound
            child.gain = gain if halves is None else np.inf
            self._gain[count] = min(self._gain[count], gain)
            heapq.heappush(nodes, child)
        return True

    def _can_open(self, count: int, half: Half) -> bool:
        """Tell whether some choice of sizes keeps the limits on sites."""
        allowed, must = half
        return self._choices[count].chosen(np.zeros(len(allowed)).tolist(), ~allowed, must) is not None

    def _halves(self, half: Half, share: Floats) -> tuple[Half, Half] | None:
        """Both halves of a node: by the site, or else the size, that is least decided; None if all are."""
        (allowed, must), site_of = half, self._relaxation.size_site
        of_site = sum_by(site_of, share, len(must))
        torn = np.where(must, 0.0, np.minimum(of_site, 1.0 - of_site))
        site = int(np.argmax(torn))
        if torn[site] > TORN:
            return (allowed, _and(must, site)), (allowed & (site_of != site), must)
        torn = np.minimum(share, 1.0 - share)
        size = int(np.argmax(torn))
        if torn[size] <= TORN:
            return None
        others = np.arange(len(share)) != size
        alone = allowed & ((site_of != site_of[size]) | ~others)
        return (alone, _and(must, int(site_of[size]))), (allowed & others, must)

    def _bounded(self, count: int, node: _Node, half: Half, enough: float) -> _Node:
        """Bound a part of a node from its prices."""
        history: list[float] = []
        relaxation = self._relaxation
        self._weigh(node)
        weights = WeightSearch(relaxation, node.step)
        use = relaxation.lane_use if node.use is None else node.use

        def on_step(run: DualRun, now: Evaluation) -> bool:
            nonlocal use
            use = use + run.mixing * (relaxation.lane_use - use)
            weights.compare(now)
            history.append(run.best.value)
            missing = enough - history[-1]
            flat = len(history) >= LEAST_STEPS and history[-1] - history[-1 - STRETCH] < LEAST_PART * missing
            return missing <= 0.0 or flat or self._over()

        with self._held(count, half):
            run = self.lanes.ascended(node.prices, MOST_STEPS, on_step, lambda: enough, NODE_PACE, node.run)
        weights.move()
        self._number += 1
        bound, weight = max(node.bound, run.best.value), relaxation.lane_weight
        return _Node(bound, self._number, half, run.prices, weight, weights.step, run.size_share, run, use)

    def _weigh(self, node: _Node) -> None:
        """Have the relaxation weigh lanes as a node does."""
        if node.weight is not self._relaxation.lane_weight:
            self._relaxation.take_weight(node.weight)

    @contextmanager
    def _held(self, count: int, half: Half) -> Iterator[None]:
        """Have the relaxation open what a part of the search for a number of sites may."""
        relaxation, (allowed, must) = self._relaxation, half
        whole, relaxation.choice = relaxation.choice, self._choices[count]
        relaxation.size_fixed[:] = np.where(allowed, -1, 0)
        relaxation.site_must[:] = must
        yield
        relaxation.choice = whole
        relaxation.size_fixed[:] = -1
        relaxation.site_must[:] = False


def _and(must: Bools, site: int) -> Bools:
    """The sites that have to open, and one more."""
    more = must.copy()
    more[site] = True
    return more
