"""Best-bound branch and bound over the facilities, each node bounded by a short compiled ascent."""

import heapq
from dataclasses import dataclass, field

import numpy as np

from optimizer.problem.problem import Floats
from optimizer.solver.clock import Course
from optimizer.solver.facility.ascent import ascend
from optimizer.solver.facility.core import Core, fix
from optimizer.solver.facility.location import Location
from optimizer.solver.facility.plans import Incumbent

__all__ = ["Tree"]

NODE_STEPS, NODE_PATIENCE, NODE_GAIN = 80, 20, 0.05
NODE_STEP = 0.3


@dataclass(order=True)
class _Node:
    bound: float
    number: int
    state: np.ndarray = field(compare=False)
    price: Floats = field(compare=False)


class Tree:
    """Search below the root; ends exhausted, within the gap, or on a limit."""

    def __init__(
        self, location: Location, core: Core, incumbent: Incumbent, course: Course, square: Floats
    ) -> None:
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

    def run(self, state: np.ndarray, price: Floats, bound: float) -> bool:
        """Search from the root's fixings and prices; True when nothing is left."""
        self._push(bound, state, price)
        limit = self.course.options.work_limit
        while self.heap:
            if self.course.closed or self.course.over() or (limit is not None and self.nodes >= limit):
                break
            node = heapq.heappop(self.heap)
            if node.bound >= self.cutoff:
                self.dropped = min(self.dropped, node.bound)
                continue
            self.nodes += 1
            self._expand(node)
            self._raise_floor()
        self._raise_floor()
        return not self.heap

    def _raise_floor(self) -> None:
        lowest = self.heap[0].bound if self.heap else np.inf
        floor = min(lowest, self.dropped, self.incumbent.cost) + self.location.constant
        self.course.raise_floor(floor)

    def _push(self, bound: float, state: np.ndarray, price: Floats) -> None:
        self._number += 1
        heapq.heappush(self.heap, _Node(bound, self._number, state, price))

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
            return
        self.incumbent.cost_of(core.who[opened])
        self.incumbent.cost_of(core.who[share > 0.5])
        state = node.state
        constant = float((place.demand * price).sum())
        closed, open_ = np.full(len(gain), bound), np.full(len(gain), bound)
        alive = fix(gain, core.capacity, place.need, constant, self.cutoff, state, closed, open_)
        self.dropped = min(self.dropped, self.cutoff)
        if not alive:
            return
        free = np.flatnonzero(state < 0)
        if len(free) == 0:
            self._end(state)
            return
        item = free[np.argmin(np.abs(share[free] - 0.5))]
        for value, child in ((1, open_[item]), (0, closed[item])):
            branch = state.copy()
            branch[item] = value
            self._push(max(bound, child), branch, price)

    def _end(self, state: np.ndarray) -> None:
        """Everything is decided: the exact flows close the node."""
        cost = self.incumbent.cost_of(self.core.who[state == 1])
        self.dropped = min(self.dropped, cost)
