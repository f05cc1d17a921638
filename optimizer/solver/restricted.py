"""Plans and cuts from a small program: sizes that the prices suggest, options of small reduced cost.

Its linear relaxation is cut by roundings of pooled supply until they gain little; then its openings are fixed
and the integer program over what is left gives a plan. The cuts hold for the whole problem.
"""

from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse

from optimizer.problem.matrix import LinearModel, Links, linear_model
from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.solver.backends.linear import LinearAnswer, LinearProgram
from optimizer.solver.backends.recover import exact_decisions
from optimizer.solver.clock import Course
from optimizer.solver.finish import solve_program
from optimizer.solver.openings import one_size_per_site
from optimizer.solver.planner import Planner
from optimizer.solver.plans import complete
from optimizer.solver.prices import PriceVector
from optimizer.solver.reduced import Restriction, lift, restrict_options
from optimizer.solver.relaxation import Relaxation
from optimizer.solver.rounding import Roundings, join_roundings, no_roundings
from optimizer.solver.separation import Separator
from optimizer.solver.staged import priced_by_position

__all__ = ["Cutting", "restricted_plan"]

CANDIDATES = ((0.05, 0.05), (0.25, 0.1))
"""Least share of a size in the prices' openings, and largest reduced cost of an option as a part of its row's
price, in the relaxation; the second pair where the first gives too many options."""

MOST_OPTIONS = 30_000
PLAN_TOLERANCE = 0.01
"""Reduced cost, as a part of the row's price, up to which an option is in the integer program."""

FEW_OPTIONS = 4_000
"""Options up to which the integer program takes all of the relaxation, and chooses among the sizes."""

GAP_SHARE = 0.3
"""Part of the gap asked for that the integer program may leave."""

CUT_ROUNDS = 4
LEAST_GAIN = 1e-5
"""Relative gain of a round of cuts below which there is no other."""

MOST_ENTRIES = 400_000


@dataclass(frozen=True, eq=False)
class Cutting:
    """Cuts that hold for the whole problem, their prices, and the prices of the measures beside them."""

    cuts: Roundings
    price: Floats
    measure: Floats


def restricted_plan(
    relaxation: Relaxation, prices: PriceVector, size_share: Floats, planner: Planner, course: Course,
    seconds: float,
) -> Cutting:  # fmt: skip
    """Offer the best plan of the restricted program; return the cuts that its relaxation asked for."""
    restriction, model = _program(relaxation, prices, size_share, planner)
    program = LinearProgram(model, course.over)
    until = course.seconds + min(seconds, course.left)
    answer = program.solve(until - course.seconds)
    separator = Separator(restriction.problem, model)
    cuts = no_roundings()
    for _ in range(CUT_ROUNDS):
        found = no_roundings() if answer.values is None else separator.violated(answer.values)
        if not len(found):
            break
        program.add(*separator.rows(found))
        cuts = join_roundings(cuts, found)
        before, answer = answer.objective, program.solve(until - course.seconds)
        if answer.objective < before + LEAST_GAIN * abs(before):
            break
    if answer.values is None or answer.duals is None:
        return Cutting(no_roundings(), np.zeros(0), prices.measure)
    matrix, upper = separator.rows(cuts)
    cut_model = replace(
        model,
        matrix=sparse.csr_array(sparse.vstack([model.matrix, matrix], format="csr")),
        row_lower=np.r_[model.row_lower, np.full(len(upper), -np.inf)],
        row_upper=np.r_[model.row_upper, upper],
    )
    _offer_plan(relaxation.problem, restriction, cut_model, answer, planner, course, until - course.seconds)
    return _cutting(model, cuts, answer, prices)


def _program(
    relaxation: Relaxation, prices: PriceVector, size_share: Floats, planner: Planner
) -> tuple[Restriction, LinearModel]:
    """Candidate sizes and options as a linear program."""
    problem, layout = relaxation.problem, relaxation.layout
    priced = np.empty(problem.n_options)
    priced[layout.order] = priced_by_position(layout, prices)
    price = np.repeat(prices.row, np.diff(problem.row_start))
    reduced = (priced - price) / np.maximum(np.abs(price), 1e-12)
    direct = _cheapest_direct(problem, reduced)
    for share, tolerance in CANDIDATES:
        wanted = size_share > share
        admitted = planner.admitted(wanted, np.ones(problem.n_gates, dtype=bool))
        keep = ((reduced <= tolerance) & _passes(problem, admitted)) | direct
        if np.count_nonzero(keep) <= MOST_OPTIONS:
            break
    restriction = restrict_options(problem, keep)
    model = linear_model(restriction.problem, Links.STRONG)
    upper = model.upper.copy()
    upper[model.columns["y"]] = np.minimum(upper[model.columns["y"]], wanted)
    return restriction, replace(model, upper=upper)


def _cheapest_direct(problem: Problem, reduced: Floats) -> Bools:
    """The cheapest option of each row among those that need no gate."""
    free = np.flatnonzero(np.diff(problem.option_gate_start) == 0)
    row = np.searchsorted(problem.row_start, free, side="right") - 1
    order = np.lexsort((reduced[free], row))
    first = np.unique(row[order], return_index=True)[1]
    cheapest = np.zeros(problem.n_options, dtype=bool)
    cheapest[free[order[first]]] = True
    return cheapest


def _passes(problem: Problem, admitted: Bools) -> Bools:
    """Options all of whose gates are admitted."""
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
    passes = np.ones(problem.n_options, dtype=bool)
    passes[option[~admitted[problem.option_gate]]] = False
    return passes


def _offer_plan(
    problem: Problem, restriction: Restriction, model: LinearModel, answer: LinearAnswer, planner: Planner,
    course: Course, seconds: float,
) -> None:  # fmt: skip
    """Solve the integer program; of a larger one, with the sizes that the relaxation opens."""
    if course.over() or seconds <= 0.0 or answer.values is None or answer.duals is None:
        return
    smaller = restriction.problem
    reduced = model.cost - model.matrix.T @ answer.duals
    row = np.repeat(answer.duals[model.rows["row"]], np.diff(smaller.row_start))
    lower, upper = model.lower.copy(), model.upper.copy()
    x, y = model.columns["x"], model.columns["y"]
    if smaller.n_options > FEW_OPTIONS:
        upper[x] = np.where(reduced[x] <= PLAN_TOLERANCE * np.abs(row), upper[x], 0.0)
        size = one_size_per_site(smaller, answer.values[y], 0.5)
        lower[y] = upper[y] = np.isin(np.arange(smaller.n_sizes), size).astype(float)
    options = replace(
        course.options,
        gap=GAP_SHARE * course.options.gap,
        time_limit_s=None if np.isinf(seconds) else seconds,
        work_limit=None,
    )
    values = solve_program(replace(model, lower=lower, upper=upper), options, entries=MOST_ENTRIES)[0]
    found = None if values is None else exact_decisions(smaller, model, values)
    if found is not None:
        planner.offer(complete(problem, lift(restriction, found)))


def _cutting(model: LinearModel, cuts: Roundings, answer: LinearAnswer, prices: PriceVector) -> Cutting:
    """Cuts that are priced, with the relaxation's prices of the measures that modules supply."""
    duals = np.zeros(0) if answer.duals is None else np.maximum(-answer.duals, 0.0)
    priced = duals[len(model.row_lower) :]
    active = np.flatnonzero(priced > 0.0)
    measure = prices.measure.copy()
    rounded = np.unique(cuts.measure)
    measure[rounded] = duals[model.rows["supply"]][rounded]
    return Cutting(cuts.taken(active), priced[active], measure)
