"""A tree over how many sites are open, then over which, the node of the lowest bound next."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.problem.problem import Floats
from optimizer.solver.clock import Course
from optimizer.solver.legs.two_stage.form import TwoStage
from optimizer.solver.legs.two_stage.network import Openings
from optimizer.solver.legs.two_stage.program import Box, Relaxed, StageProgram

__all__ = ["OpeningTree", "first_box"]

WHOLE = 1e-5
"""Distance from a whole number that counts as none."""

COUNT_PART = 0.03
"""Distance of a number of open sites from whole ones from which on it is split before any site is."""

ROOT_FLAT, NODE_FLAT = 5e-5, 1e-4
"""Part of a bound by which more links must raise it to go on."""

NEARLY = 1e-3
"""Distance from whole numbers of openings that are worth trying."""


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
    plants, satellites = len(stage.plant), len(stage.satellite)
    most = np.array([plants, satellites], dtype=np.float64)
    return Box(np.zeros(plants + satellites), np.ones(plants + satellites), np.array(counts, float), most)


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
        Told of the relaxations solved, to look for plans near them.
    exact
        Least cost with just these openings, `inf` where they do not serve all; offers the plan.

    Attributes
    ----------
    exhausted : bool
        Whether nothing better than the course's plan is left.
    """

    def __init__(
        self,
        program: StageProgram,
        course: Course,
        look: Callable[[Relaxed], None],
        exact: Callable[[Openings], float],
    ) -> None:
        self.program, self.course, self.look, self.exact = program, course, look, exact
        self.plants = len(program.stage.plant)
        self.exhausted = False
        self._heap: list[_Node] = []
        self._settled = np.inf
        self._number = 0
        cost = program.cost[: program.sites]
        self._gain = np.tile(0.1 * cost + 1e-9, (2, 1))
        self._times = np.ones((2, program.sites))

    def search(self) -> None:
        """Search until the gap is closed, nothing is left or the time is up."""
        self._push(-np.inf, first_box(self.program.stage), None)
        while self._heap and not self.course.over() and not self.course.closed:
            node = heapq.heappop(self._heap)
            if node.bound >= self.course.cutoff:
                self._settle(node.bound)
            elif not self._process(node):
                heapq.heappush(self._heap, node)
            left = self._heap[0].bound if self._heap else np.inf
            self.course.raise_floor(min(left, self._settled, self.course.objective))
        self.exhausted = not self._heap and not self.course.over()

    def _push(self, bound: float, box: Box, made_by: tuple[int, bool, float] | None) -> None:
        """Keep a node, but where its numbers of open sites cannot be."""
        self._number += 1
        sides = [np.add.reduceat(side, [0, self.plants]) for side in (box.lower, box.upper)]
        if np.all(sides[0] <= box.count_upper) and np.all(sides[1] >= box.count_lower):
            heapq.heappush(self._heap, _Node(bound, self._number, box, made_by))

    def _settle(self, bound: float) -> None:
        self._settled = min(self._settled, bound)

    def _process(self, node: _Node) -> bool:
        """Bound a node, and close it or split it; false where the time did not suffice."""
        course, box = self.course, node.box
        if np.all(box.lower == box.upper):
            self._settle(self._cost_of(box.lower))
            return True
        self.program.restrict(box)
        if node.made_by is None and self._count_splits(box):
            return not course.over()
        relaxed = self.program.solve(course.cutoff, ROOT_FLAT if node.made_by is None else NODE_FLAT)
        if course.over() and not len(relaxed.opening):
            return False
        bound = max(node.bound, relaxed.bound)
        self._learn(node, bound)
        if not len(relaxed.opening):
            self._split(bound, box, 0.5 * (box.lower + box.upper))
            return True
        if node.made_by is None:
            course.raise_floor(bound)
        if bound < course.cutoff:
            self._look(relaxed)
        if bound >= course.cutoff:
            self._settle(bound)
        else:
            self._split(bound, self._without_dear(box, relaxed), relaxed.opening)
        return True

    def _count_splits(self, box: Box) -> bool:
        """Split the root by its number of plants, which links hardly change, before any are looked for."""
        relaxed = self.program.solve(self.course.cutoff, ROOT_FLAT, links=False)
        if not len(relaxed.opening):
            return self.course.over()
        self.course.raise_floor(relaxed.bound)
        if relaxed.bound >= self.course.cutoff:
            return False
        self._look(relaxed)
        return self._split_by_count(relaxed.bound, box, relaxed.opening, 0)

    def _look(self, relaxed: Relaxed) -> None:
        if np.all(np.abs(relaxed.opening - np.round(relaxed.opening)) < NEARLY):
            self._cost_of(relaxed.opening)
        self.look(relaxed)

    def _cost_of(self, opening: Floats) -> float:
        is_open = opening > 0.5
        return self.exact(Openings(is_open[: self.plants], is_open[self.plants :]))

    def _without_dear(self, box: Box, relaxed: Relaxed) -> Box:
        """Fix openings whose other choice alone takes the bound to the cutoff; what is cut off is settled."""
        reduced, cutoff = relaxed.reduced, self.course.cutoff
        free = box.lower < box.upper
        dear = free & (relaxed.bound + np.abs(reduced) >= cutoff)
        if not dear.any():
            return box
        self._settle(cutoff)
        lower = np.where(dear & (reduced < 0.0), 1.0, box.lower)
        upper = np.where(dear & (reduced > 0.0), 0.0, box.upper)
        return replace(box, lower=lower, upper=upper)

    def _split(self, bound: float, box: Box, opening: Floats) -> None:
        """Split by a number of open sites that is far from whole, else by a site."""
        opening = np.clip(opening, box.lower, box.upper)
        if any(self._split_by_count(bound, box, opening, kind) for kind in range(2)):
            return
        if np.all(box.lower == box.upper):
            self._push(bound, box, (-1, False, 0.0))
            return
        site = self._choice(box, opening)
        part = float(opening[site])
        closed, opened = box.upper.copy(), box.lower.copy()
        closed[site], opened[site] = 0.0, 1.0
        self._push(bound, replace(box, upper=closed), (site, False, part))
        self._push(bound, replace(box, lower=opened), (site, True, 1.0 - part))

    def _split_by_count(self, bound: float, box: Box, opening: Floats, kind: int) -> bool:
        """Split by the number of open plants (kind 0) or satellites; false where that is nearly whole."""
        total = float(opening[slice(None, self.plants) if kind == 0 else slice(self.plants, None)].sum())
        below = np.floor(total)
        apart = COUNT_PART < total - below < 1.0 - COUNT_PART
        if not apart or not box.count_lower[kind] <= below < box.count_upper[kind]:
            return False
        fewer, more = box.count_upper.copy(), box.count_lower.copy()
        fewer[kind], more[kind] = below, below + 1.0
        self._push(bound, replace(box, count_upper=fewer), (-1, False, 0.0))
        self._push(bound, replace(box, count_lower=more), (-1, True, 0.0))
        return True

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
