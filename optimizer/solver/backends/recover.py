"""From a solver's column values to exact decisions: snap what is integer, re-derive what follows from it."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize import linprog

from optimizer.problem.evaluate import evaluate, measure_supply, measure_use, resource_of_measure
from optimizer.problem.matrix import LinearModel
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import positions, sum_by
from optimizer.solver.solution import Decisions

__all__ = ["exact_decisions"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]
NEGLIGIBLE = 1e-7


def exact_decisions(problem: Problem, model: LinearModel, values: Floats) -> Decisions | None:
    """Return decisions that satisfy the problem, as close as can be to a solver's values.

    Integer values are rounded, shares too small to mean anything are dropped and the rest scaled to one
    per row, gates that nothing needs are closed, and levels and overflow follow from the use. Where the
    rounding breaks a capacity the shares are solved for again with everything integer held fixed.

    Returns
    -------
    Decisions or None
        None where the rounded integers admit no plan at all.
    """
    decisions = _derive(problem, model, values)
    if decisions is not None and evaluate(problem, decisions).feasible:
        return decisions
    mended = _solve_shares(model, values)
    decisions = _derive(problem, model, mended) if mended is not None else None
    return decisions if decisions is not None and evaluate(problem, decisions).feasible else None


def _derive(problem: Problem, model: LinearModel, values: Floats) -> Decisions | None:
    size = _open_sizes(problem, values[model.columns["y"]])
    can_open = _gates_that_can_open(problem, model, values, size)
    shares = np.clip(values[model.columns["x"]], 0.0, 1.0)
    option, share = _clean_shares(problem, shares, can_open)
    if option is None or share is None:
        return None
    gate = np.zeros(problem.n_gates, dtype=bool)
    gate[problem.option_gate[positions(problem.option_gate_start, option)]] = True
    ruled = problem.rule_index - problem.n_sizes
    ruled = ruled[(ruled >= 0) & (ruled < problem.n_gates)]
    gate[ruled] |= can_open[ruled] & (model.gate_column[ruled] >= 0)
    module = np.round(values[model.columns["n"]]).astype(np.int64)
    tier, level = np.full(problem.n_resources, -1, dtype=np.int64), np.zeros(problem.n_resources)
    owner = np.repeat(np.arange(problem.n_resources), np.diff(problem.tier_start))
    active = np.flatnonzero(values[model.columns["w"]] > 0.5)
    tier[owner[active]] = active
    decisions = Decisions(option, share, size, gate, module, tier, level, np.zeros(problem.n_resources))
    return _cover_shortage(problem, decisions)


def _open_sizes(problem: Problem, y: Floats) -> Ids:
    size = np.full(problem.n_sites, -1, dtype=np.int64)
    site = np.repeat(np.arange(problem.n_sites), np.diff(problem.site_start))
    opened = np.flatnonzero(y > 0.5)
    size[site[opened]] = opened
    return size


def _gates_that_can_open(
    problem: Problem, model: LinearModel, values: Floats, size: Ids
) -> npt.NDArray[np.bool_]:
    """Gates open in the answer; where a gate has no column, those that an open size admits."""
    is_open = np.zeros(problem.n_sizes, dtype=bool)
    is_open[size[size >= 0]] = True
    counts = np.diff(problem.gate_size_start)
    gate = np.repeat(np.arange(problem.n_gates), counts)
    admitted = np.bincount(gate, weights=is_open[problem.gate_size], minlength=problem.n_gates) > 0
    can_open: npt.NDArray[np.bool_] = admitted | (counts == 0)
    own = np.flatnonzero(model.gate_column >= 0)
    can_open[own] &= values[model.gate_column[own]] > 0.5
    return can_open


def _clean_shares(
    problem: Problem, shares: Floats, can_open: npt.NDArray[np.bool_]
) -> tuple[Ids, Floats] | tuple[None, None]:
    closed = np.zeros(problem.n_options, dtype=bool)
    owner = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
    closed[owner[~can_open[problem.option_gate]]] = True
    shares = np.where(closed | (shares < NEGLIGIBLE), 0.0, shares)
    for row in np.flatnonzero(problem.row_single):
        here = slice(problem.row_start[row], problem.row_start[row + 1])
        chosen = np.argmax(shares[here])
        single = np.zeros(here.stop - here.start)
        single[chosen] = 1.0 if shares[here][chosen] > 0 else 0.0
        shares[here] = single
    row_of_option = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    total = sum_by(row_of_option, shares, problem.n_rows)
    if np.any(total < 0.5):
        return None, None
    option = np.flatnonzero(shares > 0.0)
    return option, np.minimum(shares[option] / total[row_of_option[option]], 1.0)


def _cover_shortage(problem: Problem, decisions: Decisions) -> Decisions:
    """Buy what use exceeds supply from the active tier and the overflow, the cheaper first."""
    use = measure_use(problem, decisions.option, decisions.share)
    supply = measure_supply(problem, decisions.size[decisions.size >= 0], decisions.module)
    shortage = np.zeros(problem.n_resources)
    np.maximum.at(shortage, resource_of_measure(problem), use - supply)
    shortage[shortage < 1e-9] = 0.0
    tiered = decisions.tier >= 0
    active = decisions.tier[tiered]
    least, most = np.zeros(problem.n_resources), np.zeros(problem.n_resources)
    least[tiered], most[tiered] = problem.tier_from[active], problem.tier_to[active]
    unit_cost = np.zeros(problem.n_resources)
    unit_cost[tiered] = problem.tier_unit_cost[active]
    overflow_first = unit_cost > problem.overflow_price
    bought = np.clip(shortage - least, 0.0, problem.overflow_limit)
    level = np.where(overflow_first, np.clip(shortage - bought, least, most), np.clip(shortage, least, most))
    overflow = np.minimum(np.maximum(shortage - level, 0.0), problem.overflow_limit)
    return replace(decisions, tier_level=level, overflow=overflow)


def _solve_shares(model: LinearModel, values: Floats) -> Floats | None:
    """Solve the linear program that is left when every integer column is held at its rounded value."""
    lower, upper = model.lower.copy(), model.upper.copy()
    fixed = np.round(values[model.integer])
    lower[model.integer], upper[model.integer] = fixed, fixed
    equal = model.row_lower == model.row_upper
    above, below = ~equal & np.isfinite(model.row_upper), ~equal & np.isfinite(model.row_lower)
    result = linprog(
        model.cost,
        A_ub=sparse.vstack([model.matrix[above], -model.matrix[below]]),
        b_ub=np.concatenate([model.row_upper[above], -model.row_lower[below]]),
        A_eq=model.matrix[equal],
        b_eq=model.row_upper[equal],
        bounds=np.column_stack([lower, upper]),
        method="highs",
    )
    return np.asarray(result.x, dtype=np.float64) if result.status == 0 else None
