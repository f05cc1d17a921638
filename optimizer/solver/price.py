"""The price strategy: prices give bounds and plans, reduced costs fix openings, a tree does the rest."""

from dataclasses import replace

import numpy as np

from optimizer.problem.problem import Ints, Problem
from optimizer.solver.branch import LEAF_ENTRIES, Fixings, Search, write_fixings
from optimizer.solver.clock import Course
from optimizer.solver.fixing import fix_openings
from optimizer.solver.improve import search_openings
from optimizer.solver.limits import SolveOptions
from optimizer.solver.planner import Planner
from optimizer.solver.prices import PriceVector, as_prices
from optimizer.solver.reduced import compose, restrict_options
from optimizer.solver.relaxation import Evaluation, Relaxation
from optimizer.solver.rounds import raise_in_rounds, raise_whole
from optimizer.solver.sizes import split_sizes, split_warm
from optimizer.solver.solution import Prices, Solution, Termination
from optimizer.solver.staged import raise_in_stages
from optimizer.solver.tighten import tighten
from optimizer.solver.tree import TreeLog
from optimizer.solver.volume import DualRun, ascend, price_scales
from optimizer.solver.warm import Warm
from optimizer.solver.warm_prices import started_prices

__all__ = ["solve_price"]

MOST_ITERATIONS = 3000
PLAN_EVERY = 20
LARGE = 1_000_000
FIRST_SHARE, SEARCH_SHARE, LATER_SHARE = 0.4, 0.6, 0.5
STALL = 80
WARM_ROUNDS = 6
PATIENCE = 0.03
"""Part of the missing gap that `STALL` iterations must gain for the dual method to go on."""


def solve_price(problem: Problem, options: SolveOptions, warm: Warm | None = None) -> Solution:
    """Solve by price relaxation, plans from the prices, fixing, and an exact finish on what is left."""
    course = Course(options)
    if np.any(np.diff(problem.row_start) == 0):
        return _solution(course, None, Termination.INFEASIBLE, "a row has no option at all", np.inf)
    large = problem.n_options > LARGE
    split = None if large or problem.n_options <= LEAF_ENTRIES else split_sizes(problem)
    if split is not None and not _is_split(warm):
        warm = raise_whole(problem, course, warm, options.threads)
    problem = tighten(problem if split is None else split.problem)
    relaxation = Relaxation(problem, threads=options.threads)
    planner = Planner(relaxation, course, split)
    if large:
        return _solve_large(relaxation, planner, course, warm)
    warm = split_warm(split, warm)
    start = started_prices(relaxation.layout, relaxation.start(), warm)
    scales = price_scales(relaxation, start)
    _first_plans(planner, start, warm)
    proof = "the bound is that of the stored prices, which anyone can recompute"
    small = problem.n_options <= LEAF_ENTRIES
    if small or planner.exact:
        run = _raise_prices(relaxation, planner, course, start, scales)
        prices = as_prices(relaxation.layout, run.prices, split is not None)
    else:
        run, prices = raise_in_rounds(relaxation, planner, course, start, scales)
    if not small and not course.closed and not course.over():
        search_openings(relaxation, run, planner, course)
    if course.closed or course.over():
        return _solution(course, prices, course.ended_by(), proof, course.floor)
    return _close(relaxation, run, course, planner, scales, prices, proof)


def _is_split(warm: Warm | None) -> bool:
    return warm is not None and warm.prices is not None and warm.prices.split


def _solve_large(relaxation: Relaxation, planner: Planner, course: Course, warm: Warm | None) -> Solution:
    """Too many options for a tree: prices in stages, then a search over openings until the limit."""
    start = started_prices(relaxation.layout, relaxation.start(), warm)
    _first_plans(planner, start, warm)
    prices, share = start, FIRST_SHARE
    while True:
        prices, run, core, restriction = raise_in_stages(relaxation, prices, course, share)
        if course.closed or course.over():
            break
        before = (course.objective, course.floor)
        search_openings(core, run, Planner(core, course, restriction), course, share=SEARCH_SHARE)
        idle = (course.objective, course.floor) == before
        if course.closed or course.over() or (idle and np.isinf(course.left)):
            break
        share = LATER_SHARE
    proof = "the bound is that of the stored prices, which anyone can recompute"
    return _solution(course, as_prices(relaxation.layout, prices), course.ended_by(), proof, course.floor)


def _first_plans(planner: Planner, prices: PriceVector, warm: Warm | None) -> None:
    """Plans to aim at from the start: what was open in an earlier plan, nothing open, everything open."""
    if warm is not None and warm.size is not None and warm.gate is not None:
        planner.try_openings(prices, warm.size, warm.gate)
        if not planner.exact:
            planner.scaled(prices, warm.size, WARM_ROUNDS, np.inf)
    problem = planner.relaxation.problem
    planner.try_openings(prices, np.zeros(problem.n_sizes, dtype=bool), np.zeros(problem.n_gates, dtype=bool))
    planner.all_open(prices)


def _raise_prices(
    relaxation: Relaxation,
    planner: Planner,
    course: Course,
    start: PriceVector,
    scales: PriceVector,
) -> DualRun:
    """Run the dual method, with plans on the way, until it gains less than `PATIENCE` of what is missing."""
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
    """Tell whether the bound has lately gained less than a part of what is missing."""
    if len(history) <= STALL:
        return False
    gain = history[-1] - history[-1 - STALL]
    missing = course.objective - history[-1] if course.plan else abs(history[-1])
    return gain < PATIENCE * missing


def _close(
    relaxation: Relaxation,
    run: DualRun,
    course: Course,
    planner: Planner,
    scales: PriceVector,
    prices: Prices,
    proof: str,
) -> Solution:
    """Fix by reduced cost, then branch and bound."""
    log = TreeLog(relaxation.problem, sized=prices.split)
    before = Fixings.of(relaxation)
    slack = course.cutoff - run.best.value
    if np.isfinite(slack):
        fix_openings(relaxation, relaxation.evaluate(run.prices), slack)
    place = write_fixings(log, log.root, before, relaxation, log.price(prices))
    relaxation, run, scales, planner = _shrunk(relaxation, run, scales, planner, course)
    search = Search(relaxation, planner, course, scales, log, place)
    search.dropped = course.cutoff
    exhausted = search.run(run)
    if search.leaves_by_solver:
        proof = (
            f"branch and bound with {search.nodes} priced nodes, "
            f"{search.leaves_by_solver} of them ended on the word of HiGHS"
        )
    elif search.nodes:
        proof = f"branch and bound with {search.nodes} priced nodes"
    if exhausted and course.plan is None:
        return _solution(course, prices, Termination.INFEASIBLE, proof, np.inf)
    ending = Termination.OPTIMAL if exhausted else course.ended_by()
    return replace(_solution(course, prices, ending, proof, course.floor), tree=log.tree())


def _shrunk(
    relaxation: Relaxation, run: DualRun, scales: PriceVector, planner: Planner, course: Course
) -> tuple[Relaxation, DualRun, PriceVector, Planner]:
    """The same search on a problem without the options that closed gates block."""
    problem = relaxation.problem
    keep = np.ones(problem.n_options, dtype=bool)
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
    keep[option[relaxation.gate_fixed[problem.option_gate] == 0]] = False
    if keep.sum() > 0.9 * problem.n_options or np.any(np.add.reduceat(keep, problem.row_start[:-1]) == 0):
        return relaxation, run, scales, planner
    restriction = restrict_options(problem, keep)
    smaller = Relaxation(restriction.problem, None, relaxation.covers, relaxation.threads)
    Fixings.of(relaxation).impose(smaller)
    n_gates = max(problem.n_gates, 1)
    old, new = relaxation.layout, smaller.layout
    same = np.searchsorted(old.link_row * n_gates + old.link_gate, new.link_row * n_gates + new.link_gate)
    prices = _with_links(run.prices, same)
    run = replace(run, prices=prices, best=smaller.evaluate(prices))
    scales = _with_links(scales, same)
    return smaller, run, scales, Planner(smaller, course, compose(planner.restriction, restriction))


def _with_links(prices: PriceVector, link: Ints) -> PriceVector:
    return PriceVector.of(prices.row, prices.measure, prices.link[link], prices.rule)


def _magnitude(prices: PriceVector) -> float:
    return float(np.abs(prices.row).sum())


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
