"""Best-bound branch and bound over the facilities, each node bounded by a short compiled ascent."""

import heapq
from dataclasses import dataclass, field

import numpy as np

from optimizer.problem.problem import Floats, Ints
from optimizer.solver.clock import Course
from optimizer.solver.facility.ascent import ascend
from optimizer.solver.facility.core import Core, fix
from optimizer.solver.facility.location import Location
from optimizer.solver.facility.plans import Incumbent
from optimizer.solver.solution import Prices
from optimizer.solver.tree import TreeLog

__all__ = ["Tree", "open_prices", "write_fixed"]

NODE_STEPS, NODE_PATIENCE, NODE_GAIN = 80, 20, 0.05
NODE_STEP = 0.1
LEAST_PART = 1e-4
"""Part of a facility that counts as undecided at least, so that something is branched on."""


@dataclass(order=True)
class _Node:
    bound: float
    number: int
    state: np.ndarray = field(compare=False)
    price: Floats = field(compare=False)
    place: int = field(compare=False)


class Tree:
    """Search below the root; ends exhausted, within the gap, or on a limit.

    What closes each node is written into `log`. With `most_nodes` it searches a part of the plans for
    better ones only: it ends after so many nodes and tells nothing of the bound.
    """

    def __init__(
        self,
        location: Location,
        core: Core,
        incumbent: Incumbent,
        course: Course,
        square: Floats,
        log: TreeLog,
        most_nodes: int | None = None,
    ) -> None:
        self.most_nodes = most_nodes
        self.log = log
        self.location, self.core, self.incumbent = location, core, incumbent
        self.course, self.square = course, square
        self.heap: list[_Node] = []
        self.nodes, self.steps = 0, 0
        self.dropped = np.inf
        self._number = 0

    @property
    def cutoff(self) -> float:
        """Bound, without the constant, at which a node is done."""
        return min(self.course.cutoff - self.location.constant, self.incumbent.cost * (1.0 - 1e-10))

    def run(self, state: np.ndarray, price: Floats, bound: float, place: int) -> bool:
        """Search from the root's fixings and prices; True when nothing is left."""
        self._push(bound, state, price, place)
        limit = self.course.options.work_limit if self.most_nodes is None else self.most_nodes
        while self.heap:
            if self.course.closed or self.course.over() or (limit is not None and self.nodes >= limit):
                break
            node = heapq.heappop(self.heap)
            if node.bound >= self.cutoff:
                self.dropped = min(self.dropped, node.bound)
                self._write_closed(node.place, node.price)
                continue
            self.nodes += 1
            self._expand(node)
            self._raise_floor()
        self._raise_floor()
        for node in self.heap:
            self._write_closed(node.place, node.price)
        return not self.heap

    def _write_closed(self, place: int, price: Floats) -> None:
        self.log.close(place, self.log.price(open_prices(self.location, price)))

    def _raise_floor(self) -> None:
        if self.most_nodes is not None:
            return
        lowest = self.heap[0].bound if self.heap else np.inf
        floor = min(lowest, self.dropped, self.incumbent.cost) + self.location.constant
        self.course.raise_floor(floor)

    def _push(self, bound: float, state: np.ndarray, price: Floats, at: int) -> None:
        self._number += 1
        heapq.heappush(self.heap, _Node(bound, self._number, state, price, at))

    def _expand(self, node: _Node) -> None:
        core, place = self.core, self.location
        share = np.empty(len(core.who))
        bound, price, gain, _, opened, steps, _ = ascend(
            core.start, core.customer, core.unit, place.demand, core.capacity, core.fixed, place.need,
            node.state, node.price, core.ceiling, self.square, self.cutoff, NODE_STEPS, NODE_STEP,
            NODE_PATIENCE, NODE_GAIN, share,
        )  # fmt: skip
        self.steps += steps
        bound = max(bound, node.bound)
        if bound >= self.cutoff:
            self.dropped = min(self.dropped, bound)
            self._write_closed(node.place, price)
            return
        self.incumbent.cost_of(core.who[opened])
        self.incumbent.cost_of(core.who[share > 0.5])
        state = node.state
        before = state.copy()
        constant = float((place.demand * price).sum())
        closed, open_ = np.full(len(gain), bound), np.full(len(gain), bound)
        alive = fix(gain, core.capacity, place.need, constant, self.cutoff, state, closed, open_)
        self.dropped = min(self.dropped, self.cutoff)
        number = self.log.price(open_prices(place, price))
        at = write_fixed(self.log, node.place, before, state, core.who, number)
        if not alive:
            self.log.close(at, number)
            return
        free = np.flatnonzero(state < 0)
        if len(free) == 0:
            self._end(state, at, price)
            return
        item = self._branching(free, share)
        places = self.log.split(at, self.log.size(int(core.who[item])))
        for value, child in ((1, open_[item]), (0, closed[item])):
            branch = state.copy()
            branch[item] = value
            self._push(max(bound, child), branch, price, places[value])

    def _branching(self, free: Ints, share: Floats) -> int:
        """The facility to decide next: large and undecided, for capacity is what moves the bound."""
        undecided = np.maximum(np.minimum(share[free], 1.0 - share[free]), LEAST_PART)
        return int(free[np.argmax(np.sqrt(undecided) * self.core.capacity[free])])

    def _end(self, state: np.ndarray, at: int, price: Floats) -> None:
        """Everything is decided: the exact flows close the node, and their prices prove it."""
        opened = self.core.who[state == 1]
        cost = self.incumbent.cost_of(opened)
        self.dropped = min(self.dropped, cost)
        exact = self.incumbent.flow_prices(opened)
        self._write_closed(at, price if exact is None else exact)


def write_fixed(
    log: TreeLog, place: int, before: np.ndarray, state: np.ndarray, who: Ints, prices: int
) -> int:
    """Write down what was fixed since `before`, what opened first; returns the node that goes on."""
    for value in (1, 0):
        for item in np.flatnonzero((before < 0) & (state == value)):
            place = log.fix(place, log.size(int(who[item])), value, prices)
    return place


def open_prices(location: Location, price: Floats) -> Prices:
    """Prices of the rows for a certificate; those of the capacities follow from them."""
    none, no = np.zeros(0), np.zeros(0, dtype=np.int64)
    measure = np.full(int((location.measure >= 0).sum()), np.nan)
    return Prices(price * location.demand, measure, no, no, none, none)
