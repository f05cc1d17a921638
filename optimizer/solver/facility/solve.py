"""The facility strategy: prices and fixings at the root, a search over openings, then a compiled tree."""

from dataclasses import replace

import numpy as np

from optimizer.errors import SolverError
from optimizer.problem.problem import Floats, Ints, Problem
from optimizer.solver.clock import Course
from optimizer.solver.facility.ascent import ascend
from optimizer.solver.facility.core import (
    Core,
    ceilings,
    core_gains,
    cut_core,
    fix,
    price_squares,
    start_prices,
)
from optimizer.solver.facility.kernel import search_kernel
from optimizer.solver.facility.location import Location, as_location
from optimizer.solver.facility.plans import Incumbent, local_search
from optimizer.solver.facility.shift import lower_prices
from optimizer.solver.facility.tree import Tree, open_prices, write_fixed
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Prices, Solution, Termination
from optimizer.solver.tree import TreeLog

__all__ = ["solve_facility"]

ROUND_STEPS, ROUNDS, PATIENCE, LEAST_GAIN = 100, 12, 60, 0.01
SPARE_RANKS = 15
EARLY_ROUNDS = 2
"""Rounds of the root before prices are shifted: they are far from right at first."""
MOVES = 400
LARGE = 200
"""Free facilities from which better plans are searched for before the tree."""
SETTLE_RUNS, SETTLE_STEPS = 4, 200
LEAST_USED = 0.005
"""Averaged opening from which a facility belongs to the kernel."""
CLOSE_ROUNDS, CLOSE_RUNS = 8, 3
CLOSE_GAIN, CLOSE_SHRINK = 0.03, 0.9
"""Closing in ends when a round gains less of what is missing and leaves more of the free facilities."""


def solve_facility(
    problem: Problem, options: SolveOptions, location: Location | None = None, warm: Prices | None = None
) -> Solution:
    """Solve splittable facility location.

    Parameters
    ----------
    location
        What `as_location` found, where that is known already.
    warm
        Prices of an earlier solve of a problem with the same rows, to start from.

    Raises
    ------
    SolverError
        The problem is something else.
    """
    course = Course(options)
    location = as_location(problem) if location is None else location
    if location is None:
        raise SolverError("this problem is not splittable facility location; ask for another strategy")
    if not np.all(np.isfinite(location.unit).any(axis=0)):
        return _solution(course, None, Termination.INFEASIBLE, "a customer has no facility", np.inf)
    incumbent = Incumbent(problem, location, course)
    root = _Root(location, incumbent, course, TreeLog(problem))
    if warm is not None and len(warm.row) == len(location.demand):
        root.price = warm.row / location.demand
    root.raise_prices()
    prices = _as_prices(location, root.price)
    proof = "the bound is that of the stored prices, which anyone can recompute"
    if course.closed or course.over():
        return _solution(course, prices, course.ended_by(), proof, course.floor)
    core, state = root.close_in()
    if (state < 0).sum() > LARGE:
        who = root.used(core, state)
        search_kernel(location, who, incumbent, course, root.square, (root.state, root.price, root.bound))
        core, state = root.close_in()
    tree = Tree(location, core, incumbent, course, root.square, root.log)
    tree.dropped = root.dropped
    exhausted = tree.run(state, root.price, root.bound, root.place)
    proof = f"branch and bound with {tree.nodes} priced nodes, each closed by prices"
    if exhausted and course.plan is None:
        return _solution(course, prices, Termination.INFEASIBLE, proof, np.inf)
    ending = Termination.OPTIMAL if exhausted else course.ended_by()
    return replace(_solution(course, prices, ending, proof, course.floor), tree=root.log.tree())


class _Root:
    """Prices, bound and fixings at the root.

    Attributes
    ----------
    share : float64, shape (facilities of the core,)
        Averaged openings of the last run.
    dropped : float
        Least bound of what the fixings left out.
    place : int
        Where the log of the tree goes on after them.
    """

    def __init__(self, location: Location, incumbent: Incumbent, course: Course, log: TreeLog) -> None:
        self.log, self.place, self.dropped = log, log.root, np.inf
        self.location, self.incumbent, self.course = location, incumbent, course
        self.price = start_prices(location)
        self.square = price_squares(location)
        self.bound = -np.inf
        self.state = np.full(len(location.fixed), -1, dtype=np.int8)
        self.share = np.zeros(len(location.fixed))

    def raise_prices(self) -> None:
        """Raise the bound in rounds, with plans and new ceilings between them."""
        location = self.location
        everyone = np.arange(len(location.fixed))
        self.incumbent.cost_of(everyone)
        step, least, price = 0.1, SPARE_RANKS, self.price
        for turn in range(ROUNDS):
            core = cut_core(location, everyone, ceilings(location.unit, price, least))
            if turn >= EARLY_ROUNDS:
                price = lower_prices(location, core, price, self.incumbent.cost)
                core = cut_core(location, everyone, ceilings(location.unit, price, least))
            before = self.bound
            step, price = self._round(core, step, self.state, price)
            if self.course.closed or self.course.over():
                break
            if self.bound - before < LEAST_GAIN * (self.incumbent.cost - self.bound):
                break

    def close_in(self) -> tuple[Core, np.ndarray]:
        """Fix, search, and raise the prices on the facilities left, as long as that helps."""
        core, state = self._fixed_core()
        for _ in range(CLOSE_ROUNDS):
            bound, cost, free = self.bound, self.incumbent.cost, int((state < 0).sum())
            local_search(self.incumbent, core, self.price, MOVES)
            step = 0.1
            for _ in range(CLOSE_RUNS):
                step, _ = self._round(core, step, state, self.price)
                if self.course.closed or self.course.over():
                    return core, state
            core, state = self._fixed_core()
            gained = self.bound - bound + cost - self.incumbent.cost
            little = gained < CLOSE_GAIN * (self.incumbent.cost - self.bound)
            if little and (state < 0).sum() > CLOSE_SHRINK * free:
                break
        return core, state

    def used(self, core: Core, state: np.ndarray) -> Ints:
        """Raise the prices further, until the averaged openings settle; the facilities that they use."""
        step = 0.1
        for _ in range(SETTLE_RUNS):
            if self.course.closed or self.course.over():
                break
            step, _ = self._round(core, step, state, self.price, SETTLE_STEPS, 0.0)
        return core.who[self.share > LEAST_USED]

    def _round(
        self,
        core: Core,
        step: float,
        state: np.ndarray,
        price: Floats,
        steps: int = ROUND_STEPS,
        gain: float = LEAST_GAIN,
    ) -> tuple[float, Floats]:
        """One run of the dual method from some prices; the step length at its end, and its best prices."""
        location = self.location
        self.share = share = np.empty(len(core.who))
        bound, price, _, _, opened, _, step = ascend(
            core.start, core.customer, core.unit, location.demand, core.capacity, core.fixed, location.need,
            state, price, core.ceiling, self.square, self.incumbent.cost, steps, step, PATIENCE, gain, share,
        )  # fmt: skip
        if bound > self.bound:
            self.bound, self.price = bound, price
            magnitude = float(np.abs(location.demand * price).sum())
            self.course.raise_floor(min(bound, self.dropped) + location.constant, magnitude)
        self.incumbent.cost_of(core.who[opened])
        self.incumbent.cost_of(core.who[share > 0.5])
        return step, price

    def _fixed_core(self) -> tuple[Core, np.ndarray]:
        """Fix what the root's prices decide; the core of facilities that may open, and its fixings."""
        location = self.location
        gain = _all_gains(location, self.price)[0]
        constant = float((location.demand * self.price).sum())
        cutoff = min(self.course.cutoff - location.constant, self.incumbent.cost * (1.0 - 1e-10))
        if np.isfinite(cutoff):
            spare = np.empty_like(gain), np.empty_like(gain)
            before = self.state.copy()
            fix(gain, location.capacity, location.need, constant, cutoff, self.state, *spare)
            self.dropped = min(self.dropped, cutoff)
            number = self.log.price(open_prices(location, self.price))
            everyone = np.arange(len(gain))
            self.place = write_fixed(self.log, self.place, before, self.state, everyone, number)
        who = np.flatnonzero(self.state != 0)
        core = cut_core(location, who, ceilings(location.unit[who], self.price, SPARE_RANKS))
        return core, self.state[who].copy()


def _all_gains(location: Location, price: Floats) -> tuple[Floats, Floats]:
    """Gain and cut of every facility at some prices, over all entries."""
    m, n = location.shape
    return core_gains(location, cut_core(location, np.arange(m), np.full(n, np.inf)), price)


def _as_prices(location: Location, price: Floats) -> Prices:
    """Prices of the canonical problem: rows, and capacities at the margin up to which they serve."""
    cut = _all_gains(location, price)[1]
    measured = location.measure >= 0
    measure = np.zeros(int(measured.sum()))
    measure[location.measure[measured]] = np.maximum(-cut[measured], 0.0)
    none, no = np.zeros(0), np.zeros(0, dtype=np.int64)
    return Prices(price * location.demand, measure, no, no, none, none)


def _solution(
    course: Course, prices: Prices | None, termination: Termination, proof: str, bound: float
) -> Solution:
    solution = Solution(
        termination=termination,
        objective=course.objective,
        bound=min(bound, course.objective),
        decisions=None if course.plan is None else course.plan.decisions,
        prices=prices,
        proof=proof,
        runtime_s=course.seconds,
        trace=tuple(course.trace),
    )
    return replace(solution, bound=np.inf) if termination is Termination.INFEASIBLE else solution
