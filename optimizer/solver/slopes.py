"""Slope scaling: fixed charges become unit prices at the present use, rows are served anew, and again.

D. Kim and P. M. Pardalos, "A solution approach to the fixed charge network flow problem using a dynamic slope
scaling procedure", Operations Research Letters 24 (1999), 195–203.
"""

import numpy as np

from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.problem.ragged import positions, sum_by
from optimizer.solver.greedy import allowed_options, assign, open_size_per_site
from optimizer.solver.plans import CheckedPlan, complete, supply_shortage
from optimizer.solver.solution import Decisions

__all__ = ["ROUNDS", "scale_slopes"]

ROUNDS = 8
DAMPING = 0.5


def scale_slopes(
    problem: Problem, measure_price: Floats, size_open: Bools, gate_open: Bools, elastic: Floats, rounds: int = ROUNDS
) -> CheckedPlan | None:
    """Best plan of a few rounds with some sizes open; gates may be used where they pay.

    Parameters
    ----------
    measure_price
        First unit prices of the measures, those of the relaxation.
    gate_open
        Gates that may be used at all.
    elastic
        From `optimizer.solver.greedy.elastic_supply`.
    """
    size = open_size_per_site(problem, size_open)
    opened = np.flatnonzero(size_open)
    where = positions(problem.size_supply_start, opened)
    room = problem.measure_supply + elastic
    room = room + sum_by(problem.size_supply_measure[where], problem.size_supply_amount[where], problem.n_measures)
    option_owner = np.repeat(np.arange(problem.n_options), np.diff(problem.option_use_start))
    gate_owner = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
    allowed = allowed_options(problem, gate_open)
    charge = _first_charges(problem, allowed, gate_owner)
    price = measure_price.copy()
    best: CheckedPlan | None = None
    nothing = np.zeros(problem.n_resources)
    for _ in range(rounds):
        priced = problem.option_cost + sum_by(
            option_owner, problem.option_use_amount * price[problem.option_use_measure], problem.n_options
        )
        priced += sum_by(gate_owner, charge[problem.option_gate], problem.n_options)
        share = assign(problem, priced, gate_open, room)
        if share is None:
            return best
        option = np.flatnonzero(share).astype(np.int64)
        decisions = Decisions(
            option, share[option], size, gate_open, np.zeros(problem.n_modules, dtype=np.int64),
            np.full(problem.n_resources, -1, dtype=np.int64), nothing, nothing,
        )  # fmt: skip
        plan = complete(problem, decisions, keep_supply=False)
        if plan is None:
            return best
        if best is None or plan.objective < best.objective - 1e-9 * abs(best.objective):
            best = plan
        price = DAMPING * price + (1.0 - DAMPING) * _average_prices(problem, plan.decisions, measure_price)
        charge = DAMPING * charge + (1.0 - DAMPING) * _average_charges(problem, plan.decisions, charge)
    return best


def _first_charges(problem: Problem, allowed: Bools, gate_owner: Floats) -> Floats:
    """Fee of each gate per row that could use it: the most hopeful unit charge."""
    could = np.maximum(np.bincount(problem.option_gate[allowed[gate_owner]], minlength=problem.n_gates), 1)
    return problem.gate_fee / could


def _average_charges(problem: Problem, decisions: Decisions, before: Floats) -> Floats:
    """Fee per row now served through each gate; gates not used keep their charge."""
    where = positions(problem.option_gate_start, decisions.option)
    counts = problem.option_gate_start[decisions.option + 1] - problem.option_gate_start[decisions.option]
    served = sum_by(problem.option_gate[where], np.repeat(decisions.share, counts), problem.n_gates)
    return np.where(served > 0.0, problem.gate_fee / np.maximum(served, 1e-9), before)


def _average_prices(problem: Problem, decisions: Decisions, first: Floats) -> Floats:
    """What each resource now costs per unit of use, spread over its measures as the first prices were."""
    module_owner = np.repeat(np.arange(problem.n_resources), np.diff(problem.module_start))
    paid = sum_by(module_owner, problem.module_cost * decisions.module, problem.n_resources)
    paid += problem.overflow_price * decisions.overflow
    tiered = decisions.tier >= 0
    tier = decisions.tier[tiered]
    paid[tiered] += problem.tier_fixed[tier] + problem.tier_unit_cost[tier] * decisions.tier_level[tiered]
    use = np.maximum(supply_shortage(problem, decisions.option, decisions.share, decisions.size), 0.0)
    resource = np.repeat(np.arange(problem.n_resources), np.diff(problem.resource_start))
    worth = sum_by(resource, use * first, problem.n_resources)
    total = sum_by(resource, use, problem.n_resources)
    level = np.where(worth > 0.0, paid / np.maximum(worth, 1e-300), 0.0)
    plain = np.where(total > 0.0, paid / np.maximum(total, 1e-300), 0.0)
    scaled = np.where(worth[resource] > 0.0, first * level[resource], plain[resource])
    return np.where((total > 0.0)[resource] & (paid > 0.0)[resource], scaled, first)
