"""Branch and bound over sizes, gates and module counts, with the price bound at the nodes."""

import heapq
from collections.abc import Callable
from dataclasses import dataclass, field, replace

import numpy as np

from optimizer.problem.matrix import Links
from optimizer.problem.problem import Floats
from optimizer.solver.clock import Course
from optimizer.solver.finish import Core, solve_core
from optimizer.solver.fixing import fix_openings, option_ceilings
from optimizer.solver.kernels import option_prices
from optimizer.solver.planner import Planner
from optimizer.solver.prices import PriceVector, as_prices
from optimizer.solver.relaxation import Evaluation, Relaxation
from optimizer.solver.solution import Termination
from optimizer.solver.tree import TreeLog
from optimizer.solver.volume import DualRun, ascend

__all__ = ["LEAF_ENTRIES", "Fixings", "Search", "write_fixings"]

NODE_ITERATIONS = 60
LEAF_ENTRIES = 6_000
LEAF_GAP = 0.9
"""Part of the gap asked for that a leaf may leave: its bound is then within the gap of any better plan."""


@dataclass(frozen=True, eq=False)
class Fixings:
    """What a node has decided: sizes and gates (-1 free, 0 closed, 1 open), ranges of module counts."""

    size: np.ndarray
    gate: np.ndarray
    module_floor: Floats
    module_limit: Floats

    @staticmethod
    def of(relaxation: Relaxation) -> "Fixings":
        """Copy of the relaxation's present fixings."""
        return Fixings(
            relaxation.size_fixed.copy(), relaxation.gate_fixed.copy(), relaxation.module_floor.copy(),
            relaxation.module_limit.copy(),
        )  # fmt: skip

    def impose(self, relaxation: Relaxation) -> None:
        """Make the relaxation bound this node."""
        relaxation.size_fixed[:] = self.size
        relaxation.gate_fixed[:] = self.gate
        relaxation.module_floor[:] = self.module_floor
        relaxation.module_limit[:] = self.module_limit


@dataclass(order=True)
class _Node:
    bound: float
    number: int
    fixings: Fixings = field(compare=False)
    prices: PriceVector = field(compare=False)
    place: int = field(compare=False)
    by_word: bool = field(compare=False)


class Search:
    """Best-bound search; every node ends pruned by its prices, solved as a small core, or branched on.

    What closes each node is written into `log`; the search starts at its node `place`.
    """

    def __init__(
        self,
        relaxation: Relaxation,
        planner: Planner,
        course: Course,
        scales: PriceVector,
        log: TreeLog,
        place: int,
    ) -> None:
        self.relaxation = relaxation
        self.log = log
        self.place = place
        self.planner = planner
        self.course = course
        self.scales = scales
        self.heap: list[_Node] = []
        self.nodes = 0
        self.leaves_by_solver = 0
        self.dropped = np.inf

    def run(self, root: DualRun) -> bool:
        """Search from the root's prices and the relaxation's present fixings; True when exhausted."""
        self._push(root.best.value, root.prices, self.place)
        limit = self.course.options.work_limit
        while self.heap:
            if self.course.closed or self.course.over() or (limit is not None and self.nodes >= limit):
                break
            node = heapq.heappop(self.heap)
            if node.bound >= self.course.cutoff:
                self.dropped = min(self.dropped, node.bound)
                self._write_closed(node)
                continue
            self.nodes += 1
            self._expand(node)
            self._raise_floor()
        else:
            self._raise_floor()
            return True
        self._raise_floor()
        for node in self.heap:
            self._write_closed(node)
        return False

    def _write_closed(self, node: _Node) -> None:
        """Write down that a node's prices, or what a solver said of it, bound it."""
        if node.by_word:
            self.log.close_by_word(node.place, node.bound)
        else:
            self.log.close(node.place, self._written(node.prices))

    def _written(self, prices: PriceVector) -> int:
        return self.log.price(as_prices(self.relaxation.layout, prices, self.log.sized))

    def _raise_floor(self) -> None:
        open_bound = self.heap[0].bound if self.heap else np.inf
        self.course.raise_floor(min(open_bound, self.dropped, self.course.objective))

    def _push(self, bound: float, prices: PriceVector, place: int, by_word: bool = False) -> None:
        number, fixings = len(self.heap) + self.nodes * 4, Fixings.of(self.relaxation)
        heapq.heappush(self.heap, _Node(bound, number, fixings, prices, place, by_word))

    def _expand(self, node: _Node) -> None:
        node.fixings.impose(self.relaxation)
        run = ascend(
            self.relaxation,
            node.prices,
            self.scales,
            lambda: self.course.objective,
            NODE_ITERATIONS,
            self._watch(),
        )
        bound = max(node.bound, run.best.value)
        if bound >= self.course.cutoff:
            self.dropped = min(self.dropped, bound)
            told = node.by_word and run.best.value < bound
            self._write_closed(node if told else replace(node, prices=run.prices, by_word=False))
            return
        place = node.place
        evaluation = self.relaxation.evaluate(run.prices)
        slack = self.course.cutoff - run.best.value
        if np.isfinite(slack):
            self.dropped = min(self.dropped, self.course.cutoff)
            before = Fixings.of(self.relaxation)
            fix_openings(self.relaxation, evaluation, slack)
            place = write_fixings(self.log, place, before, self.relaxation, self._written(run.prices))
        if self._solved_as_core(run, bound, slack, place):
            return
        self._branch(run, bound, place)

    def _watch(self) -> Callable[[DualRun, Evaluation], bool]:
        history: list[float] = []

        def on_step(run: DualRun, now: Evaluation) -> bool:
            history.append(run.best.value)
            if run.iterations % 20 == 1:
                self.planner.try_openings(run.prices, now.size_open, now.gate_open)
            if run.best.value >= self.course.cutoff or self.course.over():
                return True
            if len(history) > 25:
                missing = self.course.objective - history[-1]
                return history[-1] - history[-25] < 0.05 * missing
            return False

        return on_step

    def _solved_as_core(self, run: DualRun, bound: float, slack: float, place: int) -> bool:
        """Solve the node exactly when what is left is small; True when that ended it."""
        relaxation, course = self.relaxation, self.course
        nothing_free = not np.any(relaxation.size_fixed < 0) and not np.any(relaxation.gate_fixed < 0)
        if nothing_free and self.planner.exact and not relaxation.problem.n_rules:
            return self._solved_as_transport(run, place)
        core = make_core(relaxation, run.prices, slack)
        if int(core.keep.sum()) > LEAF_ENTRIES and not nothing_free:
            return False
        left = None if np.isinf(course.left) else course.left
        gap = LEAF_GAP * course.options.gap
        ending = solve_core(
            core, replace(course.options, time_limit_s=left, gap=gap, work_limit=None), Links.STRONG
        )
        self.leaves_by_solver += 1
        self.planner.offer(ending.plan)
        if ending.termination in (Termination.OPTIMAL, Termination.INFEASIBLE):
            self.dropped = min(self.dropped, max(ending.bound, bound))
            self.log.solver = ending.solver
            self.log.close_by_word(place, max(bound, min(ending.bound, run.best.value + slack)))
            return True
        self._push(max(bound, min(ending.bound, course.cutoff)), run.prices, place, True)
        return True

    def _solved_as_transport(self, run: DualRun, place: int) -> bool:
        """Everything is fixed: the transportation problem's own prices bound the node exactly."""
        relaxation = self.relaxation
        plan, prices = self.planner.transported(
            relaxation.size_fixed == 1,
            self.planner.admitted(relaxation.size_fixed == 1, relaxation.gate_fixed == 1),
        )
        if plan is not None and prices is not None:
            self.planner.offer(plan)
            self.dropped = min(self.dropped, relaxation.evaluate(prices).value)
        self.log.close(place, self._written(run.prices if prices is None else prices))
        return True

    def _branch(self, run: DualRun, bound: float, place: int) -> None:
        """Split on the least decided size or gate, else on a module count."""
        relaxation = self.relaxation
        for share, fixed in (
            (run.size_share, relaxation.size_fixed),
            (run.gate_share, relaxation.gate_fixed),
        ):
            free = np.flatnonzero(fixed < 0)
            if len(free):
                item = free[np.argmin(np.abs(share[free] - 0.5))]
                kept = fixed[item]
                parent = Fixings.of(relaxation)
                is_size = fixed is relaxation.size_fixed
                number = self.log.size(int(item)) if is_size else self.log.gate(int(item))
                places = self.log.split(place, number)
                for value in (1, 0):
                    parent.impose(relaxation)
                    fixed[item] = value
                    self._follow(is_size, int(item), value)
                    self._push(bound, run.prices, places[value])
                fixed[item] = kept
                return

    def _follow(self, is_size: bool, item: int, value: int) -> None:
        """Close the sizes that an open one excludes."""
        relaxation = self.relaxation
        problem = relaxation.problem
        if is_size and value == 1:
            site = relaxation.size_site[item]
            for other in range(problem.site_start[site], problem.site_start[site + 1]):
                if other != item:
                    relaxation.size_fixed[other] = 0


def write_fixings(log: TreeLog, place: int, before: Fixings, relaxation: Relaxation, prices: int) -> int:
    """Write down the openings fixed since `before`, what opened first; returns the node that goes on."""
    for value in (1, 0):
        for size in np.flatnonzero((before.size < 0) & (relaxation.size_fixed == value)).tolist():
            place = log.fix(place, log.size(size), value, prices)
    for gate in np.flatnonzero((before.gate < 0) & (relaxation.gate_fixed >= 0)).tolist():
        place = log.fix(place, log.gate(gate), int(relaxation.gate_fixed[gate]), prices)
    return place


def make_core(relaxation: Relaxation, prices: PriceVector, slack: float) -> Core:
    """Options, fixings and ceilings that reduced costs leave."""
    problem, layout = relaxation.problem, relaxation.layout
    keep = np.ones(problem.n_options, dtype=bool)
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
    keep[option[relaxation.gate_fixed[problem.option_gate] == 0]] = False
    ceiling = np.ones(problem.n_options)
    if np.isfinite(slack):
        priced = np.empty(problem.n_options)
        priced[layout.order] = option_prices(
            layout.cost, layout.use_start, layout.use_measure, layout.use_amount, layout.option_link_start,
            layout.option_link, prices.measure, prices.link,
        )  # fmt: skip
        ceiling = option_ceilings(priced, np.repeat(prices.row, np.diff(problem.row_start)), slack)
        single = np.repeat(problem.row_single, np.diff(problem.row_start))
        keep &= ~(single & (ceiling < 1.0))
    return Core(problem, keep, relaxation.size_fixed, relaxation.gate_fixed, ceiling, relaxation.covers)
