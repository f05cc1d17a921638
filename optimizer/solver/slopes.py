"""Slope scaling: fixed charges become unit prices at the present use, rows are served anew, and again.

D. Kim and P. M. Pardalos, "A solution approach to the fixed charge network flow problem using a dynamic slope
scaling procedure", Operations Research Letters 24 (1999), 195–203.
"""

import numpy as np

from optimizer.problem.problem import Bools, Floats, Ints, Problem
from optimizer.problem.ragged import positions, sum_by
from optimizer.solver.greedy import allowed_options, assign, open_size_per_site
from optimizer.solver.kernels import option_prices
from optimizer.solver.plans import CheckedPlan, complete, supply_shortage
from optimizer.solver.solution import Decisions
from optimizer.solver.supply import Supply, cheapest_supply

__all__ = ["ROUNDS", "scale_slopes"]

ROUNDS = 8
DAMPING = 0.5


def scale_slopes(
    problem: Problem,
    measure_price: Floats,
    size_open: Bools,
    gate_open: Bools,
    elastic: Floats,
    rounds: int = ROUNDS,
    give_up: float = np.inf,
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
    give_up
        Plans that cost as much are not completed: None is returned.
    """
    size = open_size_per_site(problem, size_open)
    opened = np.flatnonzero(size_open)
    where = positions(problem.size_supply_start, opened)
    room = problem.measure_supply + elastic
    room = room + sum_by(
        problem.size_supply_measure[where], problem.size_supply_amount[where], problem.n_measures
    )
    allowed = allowed_options(problem, gate_open)
    charge = _first_charges(problem, allowed)
    price = measure_price.copy()
    best, best_cost = None, np.inf
    fixed = float(problem.size_cost[opened].sum()) + problem.constant
    for _ in range(rounds):
        priced = option_prices(
            problem.option_cost, problem.option_use_start, problem.option_use_measure,
            problem.option_use_amount,
            problem.option_gate_start, problem.option_gate, price, charge,
        )  # fmt: skip
        share = assign(problem, priced, allowed, room)
        if share is None:
            break
        option = np.flatnonzero(share).astype(np.int64)
        served = _served_per_gate(problem, option, share[option])
        need = supply_shortage(problem, option, share[option], size)
        supply = cheapest_supply(problem, need)
        cost = fixed + float(problem.option_cost[option] @ share[option]) + supply[0]
        cost += float(problem.gate_fee[served > 0.0].sum())
        if cost < best_cost:
            best, best_cost = (option, share[option], supply), cost
        if not np.isfinite(supply[0]):
            break
        price = DAMPING * price + (1.0 - DAMPING) * _average_prices(problem, need, supply, measure_price)
        paid = np.where(served > 0.0, problem.gate_fee / np.maximum(served, 1e-9), charge)
        charge = DAMPING * charge + (1.0 - DAMPING) * paid
    if best is None or best_cost >= give_up:
        return None
    option, share, (_, module, tier, level, overflow) = best
    return complete(problem, Decisions(option, share, size, gate_open, module, tier, level, overflow), False)


def _first_charges(problem: Problem, allowed: Bools) -> Floats:
    """Fee of each gate per option that could use it: the most hopeful unit charge."""
    gate_owner = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
    could = np.maximum(np.bincount(problem.option_gate[allowed[gate_owner]], minlength=problem.n_gates), 1)
    return problem.gate_fee / could


def _served_per_gate(problem: Problem, option: Ints, share: Floats) -> Floats:
    """Rows served through each gate."""
    where = positions(problem.option_gate_start, option)
    counts = problem.option_gate_start[option + 1] - problem.option_gate_start[option]
    return sum_by(problem.option_gate[where], np.repeat(share, counts), problem.n_gates)


def _average_prices(problem: Problem, need: Floats, supply: Supply, first: Floats) -> Floats:
    """What each resource now costs per unit of use, spread over its measures as the first prices were."""
    _, module, tier, level, overflow = supply
    module_owner = np.repeat(np.arange(problem.n_resources), np.diff(problem.module_start))
    paid = sum_by(module_owner, problem.module_cost * module, problem.n_resources)
    paid += problem.overflow_price * overflow
    tiered = tier >= 0
    active = tier[tiered]
    paid[tiered] += problem.tier_fixed[active] + problem.tier_unit_cost[active] * level[tiered]
    use = np.maximum(need, 0.0)
    resource = np.repeat(np.arange(problem.n_resources), np.diff(problem.resource_start))
    worth = sum_by(resource, use * first, problem.n_resources)
    total = sum_by(resource, use, problem.n_resources)
    rise = np.where(worth > 0.0, paid / np.maximum(worth, 1e-300), 0.0)
    plain = np.where(total > 0.0, paid / np.maximum(total, 1e-300), 0.0)
    scaled = np.where(worth[resource] > 0.0, first * rise[resource], plain[resource])
    return np.where((total > 0.0)[resource] & (paid > 0.0)[resource], scaled, first)
