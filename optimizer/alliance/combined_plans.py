"""Plans of disjoint coalitions put side by side: a plan for their union, if capacities allow."""

from collections.abc import Mapping

import numpy as np

from optimizer.alliance.member_problem import CoalitionProblem, MemberProblem, coalition_problem
from optimizer.problem.problem import Ints, Problem
from optimizer.solver.plans import complete
from optimizer.solver.solution import Decisions, Solution

__all__ = ["combined", "improved_by_combining"]


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


def _clearly_less(cost: float, than: float) -> bool:
    return cost < than - (1e-9 * abs(than) if np.isfinite(than) else 0.0)


def _roomier(problem: Problem, first: Ints, second: Ints) -> Ints:
    """Return, per site, the open size with more capacity in all, or -1 where both are closed."""
    owner = np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start))
    room = np.bincount(owner, weights=problem.size_supply_amount, minlength=problem.n_sizes + 1)
    room[-1] = -1.0
    result: Ints = np.where(room[first] >= room[second], first, second)
    return result
