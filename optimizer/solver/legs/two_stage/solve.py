"""Two-stage location: plans by exact local search over openings, the bound by a tree over them, in turns."""

from dataclasses import dataclass

import numpy as np

from optimizer.problem.legs import Legs, node_demand, pair_shares
from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.problem.ragged import positions
from optimizer.solver.clock import Course
from optimizer.solver.legs.two_stage.certificate import Certificate
from optimizer.solver.legs.two_stage.form import TwoStage
from optimizer.solver.legs.two_stage.network import Network, Openings
from optimizer.solver.legs.two_stage.program import Relaxed, StageProgram
from optimizer.solver.legs.two_stage.search import OpeningSearch
from optimizer.solver.legs.two_stage.tree import OpeningTree
from optimizer.solver.plans import CheckedPlan, complete
from optimizer.solver.solution import Decisions, Prices, Termination
from optimizer.solver.warm import Warm

__all__ = ["Ended", "search_two_stage"]

FIRST_SHARE = 0.1
"""Part of the time left for plans before the first relaxation."""

SHARE = 0.35
"""Part of the time so far that the search for plans may have taken."""

LEAST_SLICE_S = 0.5
SEEN = 1e-3
"""Part to which a relaxation opens a site for it to be worth opening."""

STORED = "the bound is that of the stored prices, which anyone can recompute"
WORD = (
    "the bound rests on the word of the tree over openings: it is recomputed node by node from the duals of "
    "linear programs, of which those that prove most alone are stored"
)

SWAPS = (2, 5)
"""Fewest and (one more than) most swaps of a shake."""


@dataclass(frozen=True, eq=False)
class Ended:
    """How a search ended, and what its bound rests on."""

    infeasible: bool
    exhausted: bool
    prices: Prices | None
    proof: str

    def termination(self, course: Course) -> Termination:
        """Why it ended."""
        if self.infeasible:
            return Termination.INFEASIBLE
        return Termination.OPTIMAL if self.exhausted else course.ended_by()


class _Plans:
    """The search for plans, in slices of time, and the way of what it finds to the course."""

    def __init__(self, problem: Problem, legs: Legs, stage: TwoStage, course: Course) -> None:
        self.problem, self.legs, self.stage, self.course = problem, legs, stage, course
        self.network = Network(stage)
        self.network.turn_to(_all_open(stage))
        random = np.random.default_rng(course.options.seed)
        self.search = OpeningSearch(self.network, self._over, random)
        self.random = random
        self.used, self._until, self._pending = 0.0, np.inf, True
        self._offered = np.inf
        self._seen = np.zeros(len(stage.plant) + len(stage.satellite))

    @property
    def feasible(self) -> bool:
        """Whether all sites together serve all."""
        return self.network.served

    def work(self, seconds: float) -> None:
        """Search for so long."""
        began = self.course.seconds
        self._until = began + seconds
        while not self._over():
            if not self._pending:
                self.search.shake(int(self.random.integers(*SWAPS)))
            self.search.descend()
            self._pending = self._over()
            self._offer()
        self.used += self.course.seconds - began

    def first(self, size: Bools | None) -> None:
        """Descend from all sites open, and from the sizes of an earlier plan, within a part of the time."""
        stage = self.stage
        self._until = self.course.seconds + FIRST_SHARE * self.course.left
        self._offer()
        self.search.descend()
        if size is not None:
            opened = size[self.problem.site_start[:-1]]
            self.search.start_from(Openings(opened[stage.plant], opened[stage.satellite]))
            self.search.descend()
        self._offer()
        self._pending = False

    def exact(self, openings: Openings) -> float:
        """Least cost with just these openings, `inf` where they do not serve all; the plan is offered."""
        network = self.network
        network.keep()
        self.search.start_from(openings)
        cost = network.cost if network.served else np.inf
        network.put_back()
        self._offer()
        return cost

    def near(self, relaxed: Relaxed) -> None:
        """Go on near a relaxation while there is time for plans."""
        plants = len(self.stage.plant)
        self._seen = np.maximum(self._seen, np.where(relaxed.opening > SEEN, relaxed.opening, 0.0))
        self.search.weigh(self._seen[:plants], self._seen[plants:])
        seconds = SHARE * self.course.seconds - self.used
        if seconds < LEAST_SLICE_S:
            return
        if not self._pending:
            opening = relaxed.opening
            self.search.start_from(Openings(_likeliest(opening[:plants]), _likeliest(opening[plants:])))
            self._pending = True
        self.work(seconds)

    def _over(self) -> bool:
        return self.course.over() or self.course.closed or self.course.seconds >= self._until

    def _offer(self) -> None:
        """Offer the best openings to the course where they were not yet."""
        search = self.search
        if search.cost >= self._offered or not np.isfinite(search.cost):
            return
        self._offered = search.cost
        network = self.network
        network.keep()
        network.turn_to(search.best)
        self.course.offer(_planned(self.problem, self.legs, self.stage, network))
        network.put_back()


def search_two_stage(
    problem: Problem, legs: Legs, stage: TwoStage, course: Course, warm: Warm | None = None
) -> Ended:
    """Search for the cheapest plan; plans and bounds are reported to the course.

    Raises
    ------
    SolverError
        The solver of linear programs gave an answer that does not hold.
    """
    plans = _Plans(problem, legs, stage, course)
    if not plans.feasible:
        return Ended(True, False, None, "all sites together have not room enough for every row")
    plans.first(None if warm is None else warm.size)
    program = StageProgram(
        stage, plans.network.flows, lambda: max(course.left, 0.0), course.over, course.options.gap
    )
    certificate = Certificate(problem, legs, stage, course.options.threads)

    def look(relaxed: Relaxed) -> None:
        certificate.consider(relaxed)
        plans.near(relaxed)

    tree = OpeningTree(program, course, look, plans.exact)
    tree.search()
    proof = WORD if course.floor > certificate.bound else STORED
    return Ended(False, tree.exhausted, certificate.prices, proof)


def _all_open(stage: TwoStage) -> Openings:
    return Openings(np.ones(len(stage.plant), dtype=np.bool_), np.ones(len(stage.satellite), dtype=np.bool_))


def _likeliest(opening: Floats) -> Bools:
    """As many sites as are open in sum, those that are open to the largest part."""
    chosen = np.zeros(len(opening), dtype=np.bool_)
    chosen[np.argsort(-opening, kind="stable")[: max(1, round(float(opening.sum())))]] = True
    return chosen


def _planned(problem: Problem, legs: Legs, stage: TwoStage, network: Network) -> CheckedPlan | None:
    """Turn flows into a plan over the problem's own options; None where it does not hold."""
    supplied, served = network.flows
    head, tail = np.zeros(len(legs.head_row)), np.zeros(len(legs.tail.node))
    on_head = served.transpose(0, 2, 1)
    used = (stage.head >= 0) & (on_head > 0.0)
    head[stage.head[used]] = (on_head / np.where(stage.demand > 0.0, stage.demand, 1.0)[:, :, None])[used]
    used = (stage.tail >= 0) & (supplied > 0.0)
    tail[stage.tail[used]] = supplied[used]
    tail /= node_demand(problem, legs)[legs.tail.node]
    share = pair_shares(problem, legs, head, tail)
    option = np.flatnonzero(share > 0.0)
    gate = np.zeros(problem.n_gates, dtype=np.bool_)
    gate[problem.option_gate[positions(problem.option_gate_start, option)]] = True
    openings = network.openings
    opened = np.concatenate([stage.plant[openings.plant], stage.satellite[openings.satellite]])
    size = np.full(problem.n_sites, -1, dtype=np.int64)
    size[opened] = problem.site_start[opened]
    nothing = np.zeros(problem.n_resources)
    decisions = Decisions(
        option, share[option], size, gate, np.zeros(problem.n_modules, dtype=np.int64),
        np.full(problem.n_resources, -1, dtype=np.int64), nothing, nothing,
    )  # fmt: skip
    return complete(problem, decisions)
