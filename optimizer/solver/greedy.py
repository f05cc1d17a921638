"""A plan from prices and openings: rows in order of regret, each to its best priced option with room left."""

import numpy as np
from numba import njit

from optimizer.problem.problem import Bools, Floats, Indices, Ints, Problem
from optimizer.problem.ragged import positions
from optimizer.solver.plans import CheckedPlan, complete
from optimizer.solver.solution import Decisions

__all__ = ["allowed_options", "assign", "elastic_supply", "open_size_per_site", "plan_from_openings"]


def elastic_supply(problem: Problem) -> Floats:
    """Most that modules, tiers and overflow can add to each measure, shape (measures,)."""
    resource = np.repeat(np.arange(problem.n_resources), np.diff(problem.resource_start))
    most = problem.overflow_limit.copy()
    if problem.n_tiers:
        top = np.zeros(problem.n_resources)
        np.maximum.at(
            top, np.repeat(np.arange(problem.n_resources), np.diff(problem.tier_start)), problem.tier_to
        )
        most += top
    module = np.repeat(np.arange(problem.n_modules), np.diff(problem.module_supply_start))
    return most[resource] + np.bincount(
        problem.module_supply_measure,
        weights=problem.module_supply_amount * problem.module_limit[module],
        minlength=problem.n_measures,
    )


def plan_from_openings(
    problem: Problem, priced: Floats, size_open: Bools, gate_open: Bools, elastic: Floats
) -> CheckedPlan | None:
    """Serve every row through the open gates and complete the plan; None where that fails.

    Parameters
    ----------
    priced : float64, shape (options,)
        Cost of each option with the prices of what it uses.
    elastic : float64, shape (measures,)
        From `elastic_supply`.
    """
    size = open_size_per_site(problem, size_open)
    opened = np.flatnonzero(size_open)
    where = positions(problem.size_supply_start, opened)
    room = problem.measure_supply + elastic
    room = room + np.bincount(
        problem.size_supply_measure[where],
        weights=problem.size_supply_amount[where],
        minlength=problem.n_measures,
    )
    share = assign(problem, priced, allowed_options(problem, gate_open), room)
    if share is None:
        return None
    option = np.flatnonzero(share).astype(np.int64)
    none = np.zeros(problem.n_resources)
    decisions = Decisions(
        option, share[option], size, gate_open, np.zeros(problem.n_modules, dtype=np.int64),
        np.full(problem.n_resources, -1, dtype=np.int64), none, none,
    )  # fmt: skip
    return complete(problem, decisions, keep_supply=False)


def open_size_per_site(problem: Problem, size_open: Bools) -> Ints:
    """Open size of each site, or -1."""
    size = np.full(problem.n_sites, -1, dtype=np.int64)
    opened = np.flatnonzero(size_open)
    size[np.searchsorted(problem.site_start, opened, side="right") - 1] = opened
    return size


def allowed_options(problem: Problem, gate_open: Bools) -> Bools:
    """Options all of whose gates are open, shape (options,)."""
    return _allowed(problem.option_gate_start, problem.option_gate, gate_open)


def assign(problem: Problem, priced: Floats, allowed: Bools, room: Floats) -> Floats | None:
    """Shares of a greedy assignment within the room of each measure, or None where a row finds none.

    What a row uses of a measure whatever it takes is set aside beforehand, so that no row finds the last room
    gone that it cannot do without.
    """
    share = np.zeros(problem.n_options)
    order = np.argsort(-_regret(problem.row_start, priced, allowed), kind="stable")
    left = room.copy()
    extra = _beyond_least(
        problem.row_start, allowed, problem.option_use_start, problem.option_use_measure,
        problem.option_use_amount,
        left,
    )  # fmt: skip
    served = _fill(
        order, problem.row_start, problem.row_single, priced, allowed, problem.option_use_start,
        problem.option_use_measure, extra, np.maximum(left, 0.0), share,
    )  # fmt: skip
    return share if served else None


@njit(cache=True)
def _allowed(gate_start: Ints, gate: Indices, gate_open: Bools) -> Bools:
    allowed = np.ones(len(gate_start) - 1, dtype=np.bool_)
    for j in range(len(allowed)):
        for p in range(gate_start[j], gate_start[j + 1]):
            if not gate_open[gate[p]]:
                allowed[j] = False
    return allowed


@njit(cache=True)
def _regret(row_start: Ints, priced: Floats, allowed: Bools) -> Floats:
    """Second best less best priced option of each row; `inf` where there is no second."""
    regret = np.full(len(row_start) - 1, np.inf)
    for i in range(len(regret)):
        best, second = np.inf, np.inf
        for j in range(row_start[i], row_start[i + 1]):
            if allowed[j]:
                if priced[j] < best:
                    best, second = priced[j], best
                elif priced[j] < second:
                    second = priced[j]
        if second < np.inf:
            regret[i] = second - best
    return regret


@njit(cache=True)
def _beyond_least(
    row_start: Ints, allowed: Bools, use_start: Ints, use_measure: Indices, use_amount: Floats, room: Floats
) -> Floats:  # fmt: skip
    """Amounts beyond the least that the row uses in any way; `room` loses the least amounts."""
    extra = use_amount.copy()
    least = np.full(len(room), np.inf)
    ways = np.zeros(len(room), dtype=np.int64)
    for i in range(len(row_start) - 1):
        open_ways = 0
        for j in range(row_start[i], row_start[i + 1]):
            if allowed[j]:
                open_ways += 1
                for p in range(use_start[j], use_start[j + 1]):
                    ways[use_measure[p]] += 1
                    least[use_measure[p]] = min(least[use_measure[p]], use_amount[p])
        for j in range(row_start[i], row_start[i + 1]):
            if allowed[j]:
                for p in range(use_start[j], use_start[j + 1]):
                    q = use_measure[p]
                    if ways[q] == open_ways:
                        room[q] -= least[q]
                        ways[q] = -1
                    if ways[q] == -1:
                        extra[p] -= least[q]
        for j in range(row_start[i], row_start[i + 1]):
            for p in range(use_start[j], use_start[j + 1]):
                ways[use_measure[p]] = 0
                least[use_measure[p]] = np.inf
    return extra


@njit(cache=True)
def _fill(
    order: Ints, row_start: Ints, row_single: Bools, priced: Floats, allowed: Bools, use_start: Ints,
    use_measure: Indices, use_amount: Floats, room: Floats, share: Floats,
) -> bool:  # fmt: skip
    for i in order:
        left = 1.0
        while left > 1e-9:
            pick, best, most = -1, np.inf, 0.0
            for j in range(row_start[i], row_start[i + 1]):
                if not allowed[j] or priced[j] >= best or share[j] > 0.0:
                    continue
                fit = left
                for p in range(use_start[j], use_start[j + 1]):
                    if use_amount[p] > 0.0 and use_amount[p] * left > room[use_measure[p]]:
                        fit = min(fit, max(room[use_measure[p]], 0.0) / use_amount[p])
                if fit > 1e-7 and (fit >= 1.0 - 1e-9 or not row_single[i]):
                    pick, best, most = j, priced[j], fit
            if pick < 0:
                return False
            share[pick] = most
            left -= most
            for p in range(use_start[pick], use_start[pick + 1]):
                room[use_measure[p]] -= use_amount[p] * most
    return True
