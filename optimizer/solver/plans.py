"""Complete plans: from shares and openings to supply and a checked objective."""

from dataclasses import dataclass, replace

import numpy as np

from optimizer.problem.evaluate import evaluate, measure_use, site_supply
from optimizer.problem.problem import Bools, Floats, Ints, Problem
from optimizer.problem.ragged import positions
from optimizer.solver.solution import Decisions
from optimizer.solver.supply import Supply, cheapest_supply

__all__ = ["CheckedPlan", "complete", "rows_of", "supply_shortage"]

CAPACITY_SLACK = 2e-7
STEP_SLACK, LEAST_STEP = 2e-8, 1e-6
"""Rounding of a need; a relative saving that so little cannot bring unless it saves a module or a tier."""


@dataclass(frozen=True, eq=False)
class CheckedPlan:
    """Decisions that were re-evaluated and found feasible, with their cost."""

    decisions: Decisions
    objective: float


def rows_of(problem: Problem, option: Ints) -> Ints:
    """Row of each of the given options."""
    return np.searchsorted(problem.row_start, option, side="right") - 1


def complete(problem: Problem, decisions: Decisions, keep_supply: bool | None = None) -> CheckedPlan | None:
    """Clean shares, close gates nobody uses, buy the cheapest supply, and check; None if it does not hold.

    Parameters
    ----------
    keep_supply
        True keeps the modules, tiers and overflow that are given. By default they are kept only where rules
        bind modules.
    """
    named = problem.rule_index
    if keep_supply is None:
        keep_supply = bool(np.any(named >= problem.n_sizes + problem.n_gates))
    cleaned = _clean_shares(problem, decisions)
    if cleaned is None:
        return None
    option, share = cleaned
    gate = _needed_gates(problem, option, decisions.gate)
    plan = replace(decisions, option=option, share=share, gate=gate)
    if not keep_supply:
        need = supply_shortage(problem, option, share, decisions.size)
        cost, module, tier, level, overflow = _bought(problem, need)
        if not np.isfinite(cost):
            return None
        plan = replace(plan, module=module, tier=tier, tier_level=level, overflow=overflow)
    checked = evaluate(problem, plan)
    return CheckedPlan(plan, checked.objective) if checked.feasible else None


def _bought(problem: Problem, need: Floats) -> Supply:
    """Cheapest supply; a need that rounding alone lifts over a step of modules or tiers stays below it."""
    exact = cheapest_supply(problem, need)
    if problem.n_modules == problem.n_tiers == 0:
        return exact
    lowered = cheapest_supply(problem, np.maximum(need - STEP_SLACK * np.maximum(1.0, need), 0.0))
    return lowered if lowered[0] < exact[0] - LEAST_STEP * max(1.0, abs(lowered[0])) else exact


def supply_shortage(problem: Problem, option: Ints, share: Floats, size: Ints) -> Floats:
    """Use of each measure beyond standing and site supply, zero where it is within the tolerance."""
    supply = site_supply(problem, size[size >= 0])
    need = measure_use(problem, option, share) - supply
    need[need <= CAPACITY_SLACK * np.maximum(1.0, supply)] = 0.0
    return need


def _clean_shares(problem: Problem, decisions: Decisions) -> tuple[Ints, Floats] | None:
    """Drop shares that pass closed gates, rescale each row to one; None if a row loses its service."""
    option, share = decisions.option, decisions.share
    counts = problem.option_gate_start[option + 1] - problem.option_gate_start[option]
    closed = ~decisions.gate[problem.option_gate[positions(problem.option_gate_start, option)]]
    blocked = np.zeros(len(option), dtype=bool)
    np.logical_or.at(blocked, np.repeat(np.arange(len(option)), counts), closed)
    kept = ~blocked & (share > 1e-9)
    option, share = option[kept], share[kept]
    row = rows_of(problem, option)
    total = np.bincount(row, weights=share, minlength=problem.n_rows)
    if np.any(total < 0.5):
        return None
    share = share / total[row]
    single = problem.row_single[row]
    if single.any():
        most = np.zeros(problem.n_rows)
        np.maximum.at(most, row, share)
        kept = ~single | (share >= most[row])
        option, share, row = option[kept], share[kept], row[kept]
        first = np.r_[True, row[1:] != row[:-1]]
        kept = ~problem.row_single[row] | first
        option, share, row = option[kept], share[kept], row[kept]
        share = np.where(problem.row_single[row], 1.0, share)
    return option, np.minimum(share, 1.0)


def _needed_gates(problem: Problem, option: Ints, gate: Bools) -> Bools:
    """Open gates that are used or bound by rules."""
    used = np.zeros(problem.n_gates, dtype=bool)
    used[problem.option_gate[positions(problem.option_gate_start, option)]] = True
    named = problem.rule_index - problem.n_sizes
    used[named[(named >= 0) & (named < problem.n_gates)]] = True
    return gate & used
