"""Plans of coalitions out of those of others: two side by side, or the part of a larger one."""

from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from optimizer.alliance.member_problem import CoalitionProblem, MemberProblem, coalition_problem
from optimizer.problem.problem import Ints, Problem
from optimizer.problem.ragged import positions
from optimizer.solver.plans import complete
from optimizer.solver.solution import Decisions, Solution, relative_gap

__all__ = ["combined", "improved_by_combining", "improved_by_restricting", "restricted"]

LOOSE = 0.01
"""Gap from which on a coalition's plan is worth replacing by a part of a larger one's."""


def combined(
    whole: CoalitionProblem, one: CoalitionProblem, first: Decisions, two: CoalitionProblem, second: Decisions
) -> Decisions:
    """Return both plans as one of the union: the larger size where both open a site, supplies added.

    Parameters
    ----------
    whole, one, two
        Problems of the union and of the two coalitions.
    first, second
        Their plans.
    """
    option = np.concatenate([one.option[first.option], two.option[second.option]])
    position = np.searchsorted(whole.option, option)
    order = np.argsort(position)
    return Decisions(
        option=position[order],
        share=np.concatenate([first.share, second.share])[order],
        size=_roomier(whole.problem, first.size, second.size),
        gate=first.gate | second.gate,
        module=first.module + second.module,
        tier=np.maximum(first.tier, second.tier),
        tier_level=first.tier_level + second.tier_level,
        overflow=first.overflow + second.overflow,
    )


def improved_by_combining(
    members: MemberProblem, solutions: Mapping[int, Solution]
) -> dict[int, tuple[float, Decisions]]:
    """Return, for coalitions that do better as two parts side by side, the cost and the checked plan.

    Small coalitions first, so that improvements carry on. Two parts that count on the same scarce site
    fail the check and change nothing.
    """
    best = {mask: solution.objective for mask, solution in solutions.items()}
    plans = {mask: solution.decisions for mask, solution in solutions.items()}
    improved: dict[int, tuple[float, Decisions]] = {}
    for mask in sorted(solutions, key=lambda m: (m.bit_count(), m)):
        part = (mask - 1) & mask
        while part > mask ^ part:
            other = mask ^ part
            plan_one, plan_two = plans.get(part), plans.get(other)
            apart = best.get(part, np.inf) + best.get(other, np.inf) - members.problem.constant
            if plan_one is not None and plan_two is not None and _clearly_less(apart, best[mask]):
                whole, one, two = (coalition_problem(members, m) for m in (mask, part, other))
                checked = complete(whole.problem, combined(whole, one, plan_one, two, plan_two))
                if checked is not None and checked.objective < best[mask]:
                    best[mask], plans[mask] = checked.objective, checked.decisions
                    improved[mask] = (checked.objective, checked.decisions)
            part = (part - 1) & mask
    return improved


def restricted(whole: CoalitionProblem, part: CoalitionProblem, plan: Decisions) -> Decisions:
    """Return the part of a plan that serves a smaller coalition; sites that it does not use are closed."""
    option = whole.option[plan.option]
    position = np.minimum(np.searchsorted(part.option, option), len(part.option) - 1)
    kept = part.option[position] == option
    used = position[kept]
    problem = part.problem
    gate = np.zeros(problem.n_gates, dtype=np.bool_)
    gate[problem.option_gate[positions(problem.option_gate_start, used)]] = True
    needed = np.zeros(problem.n_sizes, dtype=np.bool_)
    needed[problem.gate_size[positions(problem.gate_size_start, np.flatnonzero(gate))]] = True
    open_size = np.where(plan.size >= 0, plan.size, 0)
    size = np.where((plan.size >= 0) & needed[open_size], plan.size, -1)
    return replace(plan, option=used, share=plan.share[kept], size=size)


def improved_by_restricting(
    members: MemberProblem, solutions: Mapping[int, Solution]
) -> dict[int, tuple[float, Decisions]]:
    """Return, for coalitions without a plan or with a loose one, the best part of one with a member more.

    Large coalitions first, so that improvements carry on.
    """
    plans = {mask: solution.decisions for mask, solution in solutions.items()}
    improved: dict[int, tuple[float, Decisions]] = {}
    for mask in sorted(solutions, key=lambda m: (-m.bit_count(), m)):
        solution = solutions[mask]
        best = solution.objective
        if relative_gap(best, solution.bound) <= LOOSE:
            continue
        for player in range(members.n):
            larger = plans.get(mask | 1 << player) if not mask >> player & 1 else None
            if larger is None:
                continue
            whole, part = coalition_problem(members, mask | 1 << player), coalition_problem(members, mask)
            checked = complete(part.problem, restricted(whole, part, larger))
            if checked is not None and _clearly_less(checked.objective, best):
                best, plans[mask] = checked.objective, checked.decisions
                improved[mask] = (best, checked.decisions)
    return improved


def _clearly_less(cost: float, than: float) -> bool:
    return cost < than - (1e-9 * abs(than) if np.isfinite(than) else 0.0)


def _roomier(problem: Problem, first: Ints, second: Ints) -> Ints:
    """Return, per site, the open size with more capacity in all, or -1 where both are closed."""
    owner = np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start))
    room = np.bincount(owner, weights=problem.size_supply_amount, minlength=problem.n_sizes + 1)
    room[-1] = -1.0
    result: Ints = np.where(room[first] >= room[second], first, second)
    return result
