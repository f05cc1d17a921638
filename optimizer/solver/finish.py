"""Exact finish: what fixing has left goes to a mixed integer solver, in this process or in one of its own."""

import warnings
from dataclasses import dataclass, replace

import numpy as np
from scipy import optimize, sparse

from optimizer.errors import SolverError
from optimizer.problem.matrix import LinearModel, Links, linear_model
from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.solver.backends.direct import backend_named
from optimizer.solver.backends.process import solve_in_process
from optimizer.solver.backends.recover import exact_decisions
from optimizer.solver.covers import Cover
from optimizer.solver.limits import SolveOptions
from optimizer.solver.plans import CheckedPlan, complete
from optimizer.solver.reduced import lift, restrict_options
from optimizer.solver.solution import Termination

__all__ = ["Core", "Finish", "solve_core", "solve_program"]

IN_PROCESS_ENTRIES = 20_000


@dataclass(frozen=True, eq=False)
class Core:
    """A problem under fixings: -1 free, 0 closed, 1 open; only marked options remain.

    `ceiling` bounds the share of each option (over all options of the problem); `covers` tighten.
    """

    problem: Problem
    keep: Bools
    size_fixed: np.ndarray
    gate_fixed: np.ndarray
    ceiling: Floats
    covers: tuple[Cover, ...]


@dataclass(frozen=True, eq=False)
class Finish:
    """`bound` holds for the core only and is `inf` where the core is proved to have no plan."""

    plan: CheckedPlan | None
    bound: float
    termination: Termination
    solver: str


def solve_core(core: Core, options: SolveOptions, links: Links, solver: str = "highs") -> Finish:
    """Solve the core by a mixed integer solver within the options' gap and limits."""
    restriction = restrict_options(core.problem, core.keep)
    smaller = restriction.problem
    if np.any(np.diff(smaller.row_start) == 0):
        return Finish(None, np.inf, Termination.INFEASIBLE, "no options left")
    model = _with_fixings(linear_model(smaller, links), core, restriction.option)
    if model is None:
        return Finish(None, np.inf, Termination.INFEASIBLE, "fixings contradict")
    values, bound, ending, name = solve_program(model, options, solver)
    if ending is Termination.INFEASIBLE:
        return Finish(None, np.inf, ending, name)
    plan = None
    if values is not None:
        found = exact_decisions(smaller, model, values)
        plan = None if found is None else complete(core.problem, lift(restriction, found))
    return Finish(plan, bound, ending, name)


def solve_program(
    model: LinearModel, options: SolveOptions, solver: str = "highs", entries: int = IN_PROCESS_ENTRIES
) -> tuple[Floats | None, float, Termination, str]:
    """Values, bound, ending and solver of a program.

    One of at most `entries` matrix entries is solved in this process, a larger one in a process of its own.
    """
    if model.matrix.nnz <= entries and options.should_stop is None:
        return *_in_process(model, options), "HiGHS"
    answer = solve_in_process(model, backend_named(solver), replace(options, on_progress=None))
    return answer.values, answer.bound, answer.termination, answer.solver


def _with_fixings(model: LinearModel, core: Core, option: np.ndarray) -> LinearModel | None:
    """Bounds of the fixings and rows of the covers added to the model."""
    lower, upper = model.lower.copy(), model.upper.copy()
    x, y = model.columns["x"], model.columns["y"]
    single = model.integer[x]
    ceiling = np.where(single & (core.ceiling[option] < 1.0), 0.0, core.ceiling[option])
    upper[x] = np.minimum(upper[x], ceiling)
    fixed = np.flatnonzero(core.size_fixed >= 0)
    lower[y.start + fixed] = upper[y.start + fixed] = core.size_fixed[fixed]
    own = np.flatnonzero((core.gate_fixed >= 0) & (model.gate_column >= 0))
    lower[model.gate_column[own]] = upper[model.gate_column[own]] = core.gate_fixed[own]
    if np.any(lower > upper):
        return None
    blocks, need = [model.matrix], []
    for cover in core.covers:
        size = np.flatnonzero(cover.size_capacity)
        share = np.minimum(cover.size_capacity[size] / cover.need, 1.0)
        blocks.append(
            sparse.csr_array((share, (np.zeros(len(size)), y.start + size)), shape=(1, model.matrix.shape[1]))
        )
        need.append(1.0 - 1e-9)
    return replace(
        model,
        lower=lower,
        upper=upper,
        matrix=sparse.csr_array(sparse.vstack(blocks, format="csr")),
        row_lower=np.r_[model.row_lower, need],
        row_upper=np.r_[model.row_upper, np.full(len(need), np.inf)],
    )


def _in_process(model: LinearModel, options: SolveOptions) -> tuple[Floats | None, float, Termination]:
    limits: dict[str, float | int] = {"mip_rel_gap": options.gap}
    if options.time_limit_s is not None:
        limits["time_limit"] = max(options.time_limit_s, 0.01)
    if options.work_limit is not None:
        limits["node_limit"] = options.work_limit
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        result = optimize.milp(
            model.cost,
            integrality=model.integer.astype(np.int64),
            bounds=optimize.Bounds(model.lower, model.upper),
            constraints=[optimize.LinearConstraint(model.matrix, model.row_lower, model.row_upper)],
            options=limits,
        )
    if result.status == 2:
        return None, np.inf, Termination.INFEASIBLE
    if result.status not in (0, 1):
        raise SolverError(f"HiGHS ended with status {result.status}: {result.message}")
    stated = result.mip_dual_bound if result.mip_dual_bound is not None else -np.inf
    bound = float(result.fun if result.status == 0 and not model.integer.any() else stated) + model.offset
    ending = Termination.OPTIMAL if result.status == 0 else Termination.TIME_LIMIT
    return result.x, bound, ending
