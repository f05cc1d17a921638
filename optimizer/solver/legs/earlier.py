"""The plan of an earlier solve as one of this problem, and the best plan with its sizes."""

import numpy as np

from optimizer.problem.entries import owner
from optimizer.problem.evaluate import measure_use, site_supply
from optimizer.problem.problem import Bools, Floats, Ints, Problem
from optimizer.problem.ragged import positions, sum_by, take
from optimizer.solver.clock import Course
from optimizer.solver.greedy import elastic_supply, open_size_per_site
from optimizer.solver.legs.integer import plan_among
from optimizer.solver.legs.reach import options_within
from optimizer.solver.legs.relaxation import Relaxation
from optimizer.solver.legs.tree import Looked, Node
from optimizer.solver.plans import CheckedPlan, complete, rows_of, supply_shortage
from optimizer.solver.solution import Decisions
from optimizer.solver.warm import Warm

__all__ = ["earlier_plan", "planned_again"]

ROUNDS, FLAT, FLAT_GAP = 15, 1e-4, 0.1
"""Most rounds of cuts for a plan, and the part of the bound or of the gap asked for that one has to gain."""

PLAN_SECONDS = 3.0
"""Time for a solver, where a dive comes to no plan that is near."""

SERVED = 0.5
"""Share of a row from which on what serves it may serve all of it."""

SPARE = 0.02
"""Part of a supply that has to be left for it to take more."""


def earlier_plan(problem: Problem, warm: Warm) -> CheckedPlan | None:
    """Take the sizes and shares of an earlier plan, and buy the supply anew.

    Rows that lost most of what served them take their cheapest option with these sizes. Where room is short
    that cannot be bought, the rows give way to which that costs least.

    Returns
    -------
    CheckedPlan or None
        None where there was no plan, or it does not hold any more.
    """
    if warm.size is None or warm.option is None or warm.share is None:
        return None
    share = np.zeros(problem.n_options)
    share[warm.option] = warm.share
    if not _filled(problem, warm, share):
        return None
    size = open_size_per_site(problem, warm.size)
    _relieve(problem, share, size, warm.size)
    used, nothing = np.flatnonzero(share), np.zeros(problem.n_resources)
    decisions = Decisions(
        option=used,
        share=share[used],
        size=size,
        gate=np.ones(problem.n_gates, dtype=bool),
        module=np.zeros(problem.n_modules, dtype=np.int64),
        tier=np.full(problem.n_resources, -1, dtype=np.int64),
        tier_level=nothing,
        overflow=nothing,
    )
    return complete(problem, decisions)


def planned_again(relaxation: Relaxation, course: Course, sizes: Bools) -> Looked:
    """Look for the best plan that opens none but the sizes of an earlier one, and say what is proved of it.

    After an edit its modules and lanes are soon not the best any more, even where its sites are.
    """
    node = Node(-np.inf, sizes, np.zeros(relaxation.program.problem.n_sites, dtype=bool))
    relaxation.restrict(node.allowed, node.must)
    flat = max(FLAT, FLAT_GAP * course.options.gap)
    answer = relaxation.with_cuts(ROUNDS, flat, course.cutoff)
    if answer.values is not None:
        plan_among(relaxation, course, node, answer, PLAN_SECONDS)
    return Looked(sizes, answer.bound)


def _filled(problem: Problem, warm: Warm, share: Floats) -> bool:
    """Give rows that are hardly served their cheapest option within reach; false where one has none."""
    assert warm.size is not None
    short = np.flatnonzero(sum_by(owner(problem.row_start), share, problem.n_rows) < SERVED)
    if not len(short):
        return True
    nothing = np.zeros(problem.n_measures, dtype=bool)
    cheapest, barred = _cheapest(problem, short, options_within(problem, warm.size)[0], nothing)
    share[cheapest] = 1.0
    return not barred.any()


def _relieve(problem: Problem, share: Floats, size: Ints, size_open: Bools) -> None:
    """Move shares off measures that are short of supply and cannot be bought, the cheapest first, in place.

    They go to their row's cheapest option within reach that uses no measure so short or nearly so; there need
    be none.
    """
    hard, used = elastic_supply(problem) <= 0.0, np.flatnonzero(share)
    short = np.flatnonzero(hard & (supply_shortage(problem, used, share[used], size) > 0.0))
    if not len(short):
        return
    supply, within = site_supply(problem, size[size >= 0]), options_within(problem, size_open)[0]
    full = hard & (measure_use(problem, used, share[used]) > (1.0 - SPARE) * supply)
    for measure in short.tolist():
        option, amount = _users(problem, np.flatnonzero(share), measure)
        row, of_option = np.unique(rows_of(problem, option), return_inverse=True)
        instead, nowhere = (found[of_option] for found in _cheapest(problem, row, within, full))
        dearer = np.where(nowhere, np.inf, problem.option_cost[instead] - problem.option_cost[option])
        best = np.argsort(dearer / amount, kind="stable")
        best = best[np.isfinite(dearer[best])]
        relief = np.cumsum((amount * share[option])[best])
        short_of = float(amount @ share[option]) - supply[measure]
        moved = best[: int(np.searchsorted(relief, short_of)) + 1]
        np.add.at(share, instead[moved], share[option[moved]])
        share[option[moved]] = 0.0


def _users(problem: Problem, option: Ints, measure: int) -> tuple[Ints, Floats]:
    """Those of some options that use a measure, and how much."""
    at = positions(problem.option_use_start, option)
    of = np.repeat(option, np.diff(problem.option_use_start)[option])
    own = (problem.option_use_measure[at] == measure) & (problem.option_use_amount[at] > 0.0)
    return of[own], problem.option_use_amount[at[own]]


def _cheapest(problem: Problem, row: Ints, within: Bools, full: Bools) -> tuple[Ints, Bools]:
    """Cheapest option of each row within reach that uses no full measure, or else any; whether it is any."""
    option, count = positions(problem.row_start, row), np.diff(problem.row_start)[row]
    start, (measure,) = take((problem.option_use_start, (problem.option_use_measure,)), option)
    barred = ~within[option]
    barred[owner(start)[full[measure]]] = True
    first = np.lexsort((problem.option_cost[option], barred, np.repeat(row, count)))[np.cumsum(count) - count]
    return option[first], barred[first]
