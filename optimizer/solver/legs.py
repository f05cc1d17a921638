"""The legs strategy: where options fall apart into legs, a far smaller mixed-integer program says it all.

Linear relaxation → a program restricted to what the relaxation uses, for a good plan → the whole program,
started from that plan, for the proof.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.problem.legs import Legs, leg_problem, node_demand, pair_shares, whole_options
from optimizer.problem.matrix import LinearModel, linear_model
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import positions
from optimizer.solver import backends
from optimizer.solver.backends.process import Answer, Backend, solve_in_process
from optimizer.solver.clock import Course
from optimizer.solver.legs_prices import prices_of_legs
from optimizer.solver.limits import SolveOptions
from optimizer.solver.plans import CheckedPlan, complete
from optimizer.solver.solution import Decisions, Prices, Progress, Solution, Termination
from optimizer.solver.tighten import tighten
from optimizer.solver.warm import Warm, openings_allowed

__all__ = ["solve_legs"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

PLAN_SHARE = 0.3
"""Part of the time limit in which the restricted program looks for a plan."""

PLAN_SECONDS = 60.0
"""The same where there is no time limit."""

UNUSED = 1e-6

HIGHS = Backend("highs", Path(backends.__file__).parent / "highs.py", "scipy")


@dataclass(frozen=True, eq=False)
class _Program:
    """The program over legs: `place` finds whole options, heads and tails among its columns.

    `smaller` is the problem over legs that it was written from.
    """

    problem: Problem
    legs: Legs
    smaller: Problem
    model: LinearModel
    place: Ids


def solve_legs(problem: Problem, legs: Legs, options: SolveOptions, warm: Warm | None = None) -> Solution:
    """Solve a problem whose options fall apart into legs, by the program over the legs.

    Parameters
    ----------
    problem, legs
        The problem and how its options fall apart; no row may be single sourced.
    options
        Gap, limits, threads, seed.
    warm
        Openings of an earlier plan: the first plan is looked for among them.

    Raises
    ------
    SolverError
        The solver process crashed, ran out of memory or gave an answer that does not hold.
    """
    course = Course(options)
    program = _program(problem, legs)
    relaxed = _run(program, course, relax=True)
    if relaxed.termination is Termination.INFEASIBLE:
        return _solution(course, Termination.INFEASIBLE, relaxed.solver)
    course.raise_floor(relaxed.bound)
    prices = _prices(program, relaxed)
    start: Floats | None = None
    if relaxed.values is not None and not course.over():
        if warm is not None and warm.size is not None:
            start = _plan_among(program, course, openings_allowed(program.model, warm))
        if start is None and not course.over():
            start = _plan_among(program, course, relaxed.values >= UNUSED)
    if course.closed or course.over():
        return _solution(course, course.ended_by(), relaxed.solver, prices)
    answer = _run(program, course, start=start)
    if answer.termination is Termination.INFEASIBLE and course.plan is None:
        return _solution(course, Termination.INFEASIBLE, answer.solver)
    course.raise_floor(answer.bound)
    course.offer(_decoded(program, answer.values))
    course.interrupted = answer.termination is Termination.INTERRUPTED
    proved = answer.termination is Termination.OPTIMAL and course.plan is not None
    return _solution(course, Termination.OPTIMAL if proved else course.ended_by(), answer.solver, prices)


def _program(problem: Problem, legs: Legs) -> _Program:
    """Write the program: that of the leg problem, with each node's tails tied to its heads."""
    smaller, place = leg_problem(problem, legs)
    smaller = tighten(smaller)
    model = linear_model(smaller)
    whole, heads = len(whole_options(legs)), len(legs.head_row)
    part = problem.row_demand[legs.head_row] / node_demand(problem, legs)[legs.head.node]
    node_row = model.rows["row"].start + problem.n_rows + legs.head.node
    column = model.columns["x"].start + place[whole : whole + heads]
    ties = sparse.csr_array((-part, (node_row, column)), shape=model.matrix.shape)
    nodes = slice(model.rows["row"].start + problem.n_rows, model.rows["row"].stop)
    lower, upper = model.row_lower.copy(), model.row_upper.copy()
    lower[nodes], upper[nodes] = 0.0, 0.0
    tied = replace(model, matrix=sparse.csr_array(model.matrix + ties), row_lower=lower, row_upper=upper)
    return _Program(problem, legs, smaller, tied, place)


def _plan_among(program: _Program, course: Course, allowed: npt.NDArray[np.bool_]) -> Floats | None:
    """Look for a plan that uses only the integer columns allowed; returns its column values."""
    model = program.model
    upper = np.where(model.integer & ~allowed, 0.0, model.upper)
    seconds = min(PLAN_SHARE * course.left, course.left) if np.isfinite(course.left) else PLAN_SECONDS
    answer = _run(replace(program, model=replace(model, upper=upper)), course, seconds=seconds, bounds=False)
    plan = _decoded(program, answer.values)
    return answer.values if course.offer(plan) else None


def _run(
    program: _Program,
    course: Course,
    *,
    relax: bool = False,
    start: Floats | None = None,
    seconds: float = np.inf,
    bounds: bool = True,
) -> Answer:
    """Run the program, or its linear relaxation, in the solver process."""
    model = program.model
    if relax:
        model = replace(model, integer=np.zeros_like(model.integer))
    limit = min(seconds, course.left)
    asked = replace(
        course.options,
        time_limit_s=None if np.isinf(limit) else max(limit, 0.05),
        on_progress=None if relax else _relay(course, bounds),
    )
    return solve_in_process(model, HIGHS, asked, start)


def _relay(course: Course, bounds: bool) -> Callable[[Progress], None]:
    """Pass progress on with the seconds, plan and bound of the whole solve."""

    def tell(point: Progress) -> None:
        if course.options.on_progress is None:
            return
        bound = max(course.floor, point.bound) if bounds else course.floor
        objective = min(course.objective, point.objective)
        course.options.on_progress(Progress(course.seconds, objective, min(bound, objective)))

    return tell


def _decoded(program: _Program, values: Floats | None) -> CheckedPlan | None:
    """Turn column values into a plan over the problem's own options."""
    if values is None:
        return None
    problem, legs, model = program.problem, program.legs, program.model
    whole, heads = whole_options(legs), len(legs.head_row)
    legwise = np.clip(values[model.columns["x"]], 0.0, 1.0)[program.place]
    first_tail = len(whole) + heads
    share = pair_shares(problem, legs, legwise[len(whole) : first_tail], legwise[first_tail:])
    share[whole] += legwise[: len(whole)]
    used = np.flatnonzero(share > 0)
    gate = np.zeros(problem.n_gates, dtype=bool)
    gate[problem.option_gate[positions(problem.option_gate_start, used)]] = True
    size = np.full(problem.n_sites, -1, dtype=np.int64)
    opened = np.flatnonzero(values[model.columns["y"]] > 0.5)
    size[np.searchsorted(problem.site_start, opened, side="right") - 1] = opened
    nothing = np.zeros(problem.n_resources)
    return complete(
        problem,
        Decisions(
            option=used,
            share=share[used],
            size=size,
            gate=gate,
            module=np.round(values[model.columns["n"]]).astype(np.int64),
            tier=np.full(problem.n_resources, -1, dtype=np.int64),
            tier_level=nothing,
            overflow=nothing,
        ),
    )


def _prices(program: _Program, relaxed: Answer) -> Prices | None:
    """Prices that prove the bound of the linear relaxation without a solver."""
    if relaxed.duals is None:
        return None
    return prices_of_legs(program.problem, program.legs, program.smaller, program.model, relaxed.duals)


def _solution(
    course: Course, termination: Termination, solver: str, prices: Prices | None = None
) -> Solution:
    infeasible = termination is Termination.INFEASIBLE
    return Solution(
        termination=termination,
        objective=course.objective,
        bound=np.inf if infeasible else min(course.floor, course.objective),
        decisions=None if course.plan is None else course.plan.decisions,
        prices=prices,
        proof=f"the bound rests on the word of {solver}, for the program over legs",
        runtime_s=course.seconds,
        trace=tuple(course.trace),
    )
