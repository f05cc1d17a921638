"""A tree over how many sites are open, then over which: each node bounded by the relaxation, the lowest bound next."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.problem.problem import Floats
from optimizer.solver.clock import Course
from optimizer.solver.legs.two_stage.form import TwoStage
from optimizer.solver.legs.two_stage.program import Box, Relaxed, StageProgram

__all__ = ["OpeningTree", "first_box"]

WHOLE = 1e-5
"""Distance from a whole number that counts as none."""

COUNT_PART = 0.03
"""Distance of a number of open sites from whole ones from which on it is split before any site is."""

NODE_FLAT = 1e-4


@dataclass(order=True)
class _Node:
    bound: float
    number: int
    box: Box = field(compare=False)
    made_by: tuple[int, bool, float] | None = field(compare=False, default=None)


def first_box(stage: TwoStage) -> Box:
    """All openings, and as many of each kind as the demand of every product needs at least."""
    need = stage.demand.sum(axis=1)
    counts = [_least_count(room, need) for room in (stage.plant_room, stage.satellite_room)]
    sites = np.array([len(stage.plant), len(stage.satellite)], dtype=np.float64)
    return Box(np.zeros(int(sites.sum())), np.ones(int(sites.sum())), np.array(counts, dtype=np.float64), sites)


def _least_count(room: Floats, need: Floats) -> int:
    """Fewest sites that have room for every product.

    >>> _least_count(np.array([[5.0, 3.0, 3.0]]), np.array([8.0]))
    2
    """
    filled = np.cumsum(-np.sort(-room, axis=1), axis=1)
    short = filled < need[:, None] * (1.0 - 1e-9)
    return int(np.minimum(short.sum(axis=1) + 1, room.shape[1]).max())


class OpeningTree:
    """Branch and bound over openings.

    Parameters
    ----------
    program
        The relaxation.
    course
        Knows the cutoff and the time, takes the bound.
    look
        Told of every relaxation solved, to look for plans near it.

    Attributes
    ----------
    exhausted : bool
        Whether nothing better than the course's plan is left.
    """

    def __init__(self, program: StageProgram, course: Course, look: Callable[[Relaxed], None]) -> None:
        self.program, self.course, self.look = program, course, look
        self.plants = len(program.stage.plant)
        self.nodes, self.exhausted = 0, False
        self._heap: list[_Node] = []
        self._settled = np.inf
        self._number = 0
        cost = program.cost[: program.sites]
        self._gain = np.tile(0.1 * cost, (2, 1))
        self._times = np.ones((2, program.sites))

    def search(self) -> None:
        """Search until the gap is closed, nothing is left or the time is up."""
        self._push(-np.inf, first_box(self.program.stage))
        while self._heap and not self.course.over() and not self.course.closed:
            node = heapq.heappop(self._heap)
            if node.bound >= self.course.cutoff:
                self._settled = min(self._settled, node.bound)
            elif not self._process(node):
                heapq.heappush(self._heap, node)
            self.course.raise_floor(self._floor())
        self.exhausted = not self._heap and not self.course.over()

    def _floor(self) -> float:
        left = self._heap[0].bound if self._heap else np.inf
        return min(left, self._settled, self.course.objective)

    def _push(self, bound: float, box: Box, made_by: tuple[int, bool, float] | None = None) -> None:
        self._number += 1
        heapq.heappush(self._heap, _Node(bound, self._number, box, made_by))

    def _process(self, node: _Node) -> bool:
        """Bound a node, and close it or split it; false where the time did not suffice."""
        course, root = self.course, node.made_by is None and node.bound == -np.inf
        self.program.restrict(node.box)
        cutoff = course.cutoff
        relaxed = self.program.solve(cutoff) if root else self.program.solve(cutoff, flat=NODE_FLAT)
        if not len(relaxed.opening):
            return False
        self.nodes += 1
        bound = max(node.bound, relaxed.bound)
        self._learn(node, relaxed.bound)
        if root:
            course.raise_floor(bound)
        if bound < cutoff:
            self.look(relaxed)
        if bound >= course.cutoff:
            self._settled = min(self._settled, bound)
            return True
        box = self._without_dear(node.box, relaxed)
        if np.all(box.lower == box.upper):
            self._settled = min(self._settled, bound) if course.plan is None else self._settled
            return True
        self._split(bound, box, relaxed)
        return True

    def _without_dear(self, box: Box, relaxed: Relaxed) -> Box:
        """Fix openings whose other choice alone takes the bound to the cutoff; what is cut off is settled."""
        reduced, cutoff = relaxed.reduced, self.course.cutoff
        free = box.lower < box.upper
        dear = free & (relaxed.bound + np.abs(reduced) >= cutoff)
        if not dear.any():
            return box
        self._settled = min(self._settled, cutoff)
        lower = np.where(dear & (reduced < 0.0), 1.0, box.lower)
        upper = np.where(dear & (reduced > 0.0), 0.0, box.upper)
        return replace(box, lower=lower, upper=upper)

    def _split(self, bound: float, box: Box, relaxed: Relaxed) -> None:
        opening = np.clip(relaxed.opening, box.lower, box.upper)
        for kind, sites in enumerate((slice(None, self.plants), slice(self.plants, None))):
            total = float(opening[sites].sum())
            below = np.floor(total)
            if COUNT_PART < total - below < 1.0 - COUNT_PART and (
                box.count_lower[kind] <= below < box.count_upper[kind]
            ):
                at = np.arange(2) == kind
                self._push(bound, replace(box, count_upper=np.where(at, below, box.count_upper)), (-1, False, 0.0))
                self._push(
                    bound, replace(box, count_lower=np.where(at, below + 1.0, box.count_lower)), (-1, True, 0.0)
                )
                return
        site = self._choice(box, opening)
        at = np.arange(len(opening)) == site
        part = float(opening[site])
        self._push(bound, replace(box, upper=np.where(at, 0.0, box.upper)), (site, False, part))
        self._push(bound, replace(box, lower=np.where(at, 1.0, box.lower)), (site, True, 1.0 - part))

    def _choice(self, box: Box, opening: Floats) -> int:
        """The undecided site whose two choices are likely to raise the bound most."""
        free = box.lower < box.upper
        part = np.clip(np.where(free, opening, 0.0), WHOLE, 1.0 - WHOLE)
        gain = self._gain / self._times
        score = np.where(free, gain[0] * part * gain[1] * (1.0 - part), -1.0)
        return int(np.argmax(score))

    def _learn(self, node: _Node, bound: float) -> None:
        """Take note of how much a choice raised the bound."""
        if node.made_by is None or node.made_by[0] < 0 or not np.isfinite(node.bound):
            return
        site, above, part = node.made_by
        gained = max(min(bound, self.course.objective) - node.bound, 0.0)
        self._gain[int(above), site] += gained / max(part, 0.05)
        self._times[int(above), site] += 1.0
