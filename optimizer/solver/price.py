"""The price strategy: prices give bounds and plans, reduced costs fix what they can, an exact finish does the rest."""

from dataclasses import replace

import numpy as np

from optimizer.problem.matrix import Links
from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.solver.clock import Course
from optimizer.solver.finish import Core, solve_core
from optimizer.solver.fixing import fix_openings, option_ceilings
from optimizer.solver.greedy import elastic_supply, plan_from_openings
from optimizer.solver.kernels import option_prices
from optimizer.solver.layout import Layout
from optimizer.solver.limits import SolveOptions
from optimizer.solver.relaxation import Evaluation, PriceVector, Relaxation
from optimizer.solver.solution import Prices, Solution, Termination
from optimizer.solver.volume import DualRun, ascend, price_scales

__all__ = ["solve_price"]

MOST_ITERATIONS = 3000
PLAN_EVERY = 20
STALL = 150


def solve_price(problem: Problem, options: SolveOptions, warm: Prices | None = None) -> Solution:
    """Solve by price relaxation, plans from the prices, fixing, and an exact finish on what is left."""
    course = Course(options)
    if np.any(np.diff(problem.row_start) == 0):
        return _solution(course, None, Termination.INFEASIBLE, "a row has no option at all", np.inf)
    relaxation = Relaxation(problem)
    planner = Planner(relaxation, course)
    run = _raise_prices(relaxation, planner, course, warm)
    prices = as_prices(relaxation.layout, run.prices)
    proof = "the bound is that of the stored prices, which anyone can recompute"
    if course.closed or course.over():
        return _solution(course, prices, course.ended_by(), proof, course.floor)
    return _close(relaxation, run, course, prices, proof)


class Planner:
    """Turns prices and openings into plans, each set of openings once."""

    def __init__(self, relaxation: Relaxation, course: Course) -> None:
        self.relaxation = relaxation
        self.course = course
        self.elastic = elastic_supply(relaxation.problem)
        self.tried: set[bytes] = set()
        problem = relaxation.problem
        self._gate = np.repeat(np.arange(problem.n_gates), np.diff(problem.gate_size_start))
        self._free_standing = np.diff(problem.gate_size_start) == 0
        named = problem.rule_index - problem.n_sizes
        self._opens_itself = problem.gate_fee == 0.0
        self._opens_itself[named[(named >= 0) & (named < problem.n_gates)]] = False

    def priced(self, prices: PriceVector) -> Floats:
        """Cost of each option of the problem with the prices of what it uses."""
        problem = self.relaxation.problem
        empty = np.zeros(problem.n_options + 1, dtype=np.int64)
        return option_prices(
            problem.option_cost, problem.option_use_start, problem.option_use_measure, problem.option_use_amount,
            empty, np.zeros(0, dtype=np.int32), prices.measure, np.zeros(0),
        )  # fmt: skip

    def try_openings(self, prices: PriceVector, size_open: Bools, gate_open: Bools) -> bool:
        """Offer the plan of some openings; gates without a fee open with their site."""
        problem = self.relaxation.problem
        admitted = self._free_standing.copy()
        admitted[self._gate[size_open[problem.gate_size]]] = True
        gate_open = admitted & (gate_open | self._opens_itself)
        key = np.packbits(np.r_[size_open, gate_open]).tobytes()
        if key in self.tried:
            return False
        self.tried.add(key)
        plan = plan_from_openings(problem, self.priced(prices), size_open, gate_open, self.elastic)
        return self.course.offer(plan)

    def all_open(self, prices: PriceVector) -> bool:
        """Offer the plan with the size of most supply at every site and every gate open."""
        problem = self.relaxation.problem
        supply = np.bincount(
            np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start)),
            weights=problem.size_supply_amount,
            minlength=problem.n_sizes,
        )
        site = self.relaxation.size_site
        order = np.lexsort((-supply, site))
        filled = np.flatnonzero(np.diff(problem.site_start))
        size_open = np.zeros(problem.n_sizes, dtype=bool)
        size_open[order[problem.site_start[filled]]] = True
        return self.try_openings(prices, size_open, np.ones(problem.n_gates, dtype=bool))


def _raise_prices(
    relaxation: Relaxation, planner: Planner, course: Course, warm: Prices | None
) -> DualRun:
    """Run the dual method from the start prices or warm ones, making plans on the way."""
    start = relaxation.start() if warm is None else warm_prices(relaxation, warm)
    scales = price_scales(relaxation, start)
    planner.all_open(start)
    history: list[float] = []

    def on_step(run: DualRun, now: Evaluation) -> bool:
        course.raise_floor(run.best.value, _magnitude(run.prices))
        history.append(run.best.value)
        if run.iterations % PLAN_EVERY == 0:
            planner.try_openings(run.prices, now.size_open, now.gate_open)
            planner.try_openings(run.prices, run.size_share > 0.5, run.gate_share > 0.5)
        return course.closed or course.over() or _stalled(history, course)

    return ascend(relaxation, start, scales, lambda: course.objective, MOST_ITERATIONS, on_step)


def _stalled(history: list[float], course: Course) -> bool:
    """Tell whether the bound has gained little of the gap lately."""
    if len(history) <= STALL:
        return False
    gain = history[-1] - history[-1 - STALL]
    missing = course.objective - history[-1] if course.plan else abs(history[-1])
    return gain < 0.02 * missing


def _close(
    relaxation: Relaxation, run: DualRun, course: Course, prices: Prices, proof: str
) -> Solution:
    """Fix by reduced cost, then solve the core exactly."""
    problem = relaxation.problem
    evaluation = relaxation.evaluate(run.prices)
    cutoff = course.cutoff
    slack = cutoff - course.floor
    if np.isfinite(slack):
        fix_openings(relaxation, evaluation, slack)
    layout = relaxation.layout
    priced = np.empty(problem.n_options)
    priced[layout.order] = option_prices(
        layout.cost, layout.use_start, layout.use_measure, layout.use_amount, layout.option_link_start,
        layout.option_link, run.prices.measure, run.prices.link,
    )  # fmt: skip
    row_price = np.repeat(run.prices.row, np.diff(problem.row_start))
    ceiling = option_ceilings(priced, row_price, slack) if np.isfinite(slack) else np.ones(problem.n_options)
    keep = np.ones(problem.n_options, dtype=bool)
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
    keep[option[relaxation.gate_fixed[problem.option_gate] == 0]] = False
    single = np.repeat(problem.row_single, np.diff(problem.row_start))
    keep &= ~(single & (ceiling < 1.0))
    core = Core(problem, keep, relaxation.size_fixed, relaxation.gate_fixed, ceiling, relaxation.covers)
    left = None if np.isinf(course.left) else course.left
    ending = solve_core(core, replace(course.options, time_limit_s=left), Links.STRONG)
    course.offer(ending.plan)
    course.raise_floor(min(ending.bound, cutoff, course.objective))
    proof = f"{proof} and then, on what reduced costs left open, the word of {ending.solver}"
    if ending.termination is Termination.INFEASIBLE and course.plan is None:
        return _solution(course, prices, Termination.INFEASIBLE, proof, np.inf)
    termination = ending.termination
    if termination in (Termination.OPTIMAL, Termination.INFEASIBLE):
        termination = Termination.OPTIMAL
    return _solution(course, prices, Termination.OPTIMAL if course.closed else termination, proof, course.floor)


def _magnitude(prices: PriceVector) -> float:
    return float(np.abs(prices.row).sum())


def as_prices(layout: Layout, prices: PriceVector) -> Prices:
    """Prices in the form that is stored."""
    return Prices(
        prices.row, prices.measure, layout.link_row, layout.link_gate, prices.link, prices.rule
    )


def warm_prices(relaxation: Relaxation, warm: Prices) -> PriceVector:
    """Prices of an earlier run where the shapes agree; the usual start elsewhere."""
    start = relaxation.start()
    layout, problem = relaxation.layout, relaxation.problem
    same_links = len(warm.link_price) == layout.n_links and bool(np.all(warm.link_gate == layout.link_gate))
    return PriceVector(
        warm.row if len(warm.row) == problem.n_rows else start.row,
        warm.measure if len(warm.measure) == problem.n_measures else start.measure,
        warm.link_price if same_links else start.link,
        warm.rule if len(warm.rule) == problem.n_rules else start.rule,
    )


def _solution(
    course: Course, prices: Prices | None, termination: Termination, proof: str, bound: float
) -> Solution:
    return Solution(
        termination=termination,
        objective=course.objective,
        bound=min(bound, course.objective) if termination is not Termination.INFEASIBLE else np.inf,
        decisions=None if course.plan is None else course.plan.decisions,
        prices=prices,
        proof=proof,
        runtime_s=course.seconds,
        trace=tuple(course.trace),
    )
