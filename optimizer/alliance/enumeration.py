"""The cost game by enumeration: one solve per coalition, warm, in parallel, each value an interval."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from optimizer.alliance.coalition import names_of
from optimizer.alliance.coalition_solves import EnumerationProgress, Solve, cost_some, solve_default
from optimizer.alliance.combined_plans import improved_by_combining, improved_by_restricting
from optimizer.alliance.game import CostGame
from optimizer.alliance.member_problem import MemberProblem
from optimizer.errors import NoPlanError
from optimizer.problem.problem import Floats
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Solution

__all__ = ["Enumeration", "enumerate_costs", "larger_costs_more", "tightened"]


@dataclass(frozen=True, eq=False)
class Enumeration:
    """The game with the solution of every coalition.

    Attributes
    ----------
    game : CostGame
        Values in [bound, objective]; a coalition takes over the plans of its parts, side by side, or its
        part of a larger one's, where these are cheaper and fit; tightened by monotonicity where that holds.
    solutions : dict of int to Solution
        By mask, in the numbering of the coalition's own problem.
    solves : int
        Solves done here (coalitions taken from `known` are not counted).
    runtime_s : float
    """

    game: CostGame
    solutions: dict[int, Solution]
    solves: int
    runtime_s: float


def enumerate_costs(
    members: MemberProblem,
    options: SolveOptions,
    *,
    solve_problem: Solve = solve_default,
    jobs: int = 1,
    processes: bool = False,
    known: Mapping[int, Solution] | None = None,
    on_progress: Callable[[EnumerationProgress], None] | None = None,
    on_solution: Callable[[int, Solution], None] | None = None,
) -> Enumeration:
    """Cost every coalition, the largest first, each starting from the prices of one that is larger.

    The options are those of `cost_some`, which does the work.

    Raises
    ------
    InfeasibleError, NoPlanError
        A coalition has no plan, none was found within its limits, or the user stopped.
    """
    started = time.monotonic()
    coalitions = range(1, 1 << members.n)
    solves = len(coalitions) - sum(mask in (known or {}) for mask in coalitions)
    solutions = cost_some(
        members,
        coalitions,
        options,
        solve_problem=solve_problem,
        jobs=jobs,
        processes=processes,
        known=known,
        on_progress=on_progress,
        on_solution=on_solution,
    )
    game, solutions = _game(members, solutions)
    return Enumeration(game, solutions, solves, time.monotonic() - started)


def _game(members: MemberProblem, solutions: Mapping[int, Solution]) -> tuple[CostGame, dict[int, Solution]]:
    """Return the game of the solutions, and those that do better with plans of others."""
    total = (1 << members.n) - 1
    lower = np.array([0.0] + [solutions[mask].bound for mask in range(1, total + 1)])
    upper = np.array([0.0] + [solutions[mask].objective for mask in range(1, total + 1)])
    better = dict(solutions)
    for improve in (improved_by_restricting, improved_by_combining):
        for mask, (cost, plan) in improve(members, better).items():
            better[mask] = replace(better[mask], objective=cost, decisions=plan)
            upper[mask] = cost
    unplanned = np.flatnonzero(~np.isfinite(upper))
    if len(unplanned):
        names = ", ".join(names_of(int(unplanned[0]), members.players))
        raise NoPlanError(f"no plan was found within the limits for the members {names}; allow more time")
    lower = np.minimum(lower, upper)
    if larger_costs_more(members):
        lower, upper = tightened(lower, upper)
    return CostGame.from_intervals(lower, upper, members.players), better


def larger_costs_more(members: MemberProblem) -> bool:
    """Whether dropping rows from a plan never costs: no refunds, no rule that asks, no supply that leaves."""
    problem = members.problem
    if members.member_supply is not None and members.member_supply.any():
        return False
    return bool((problem.option_cost >= 0).all() and not np.isfinite(problem.rule_lower).any())


def tightened(lower: Floats, upper: Floats) -> tuple[Floats, Floats]:
    """Tighten intervals by c(S) ≤ c(T) for S ⊂ T.

    >>> tightened(np.array([0.0, 4.0, 2.0, 3.0]), np.array([0.0, 9.0, 4.0, 7.0]))
    (array([0., 4., 2., 4.]), array([0., 7., 4., 7.]))
    """
    low, high = lower.copy(), upper.copy()
    for player in range(len(lower).bit_length() - 1):
        blocks = low.reshape(-1, 2, 1 << player)
        np.maximum(blocks[:, 1], blocks[:, 0], out=blocks[:, 1])
        blocks = high.reshape(-1, 2, 1 << player)
        np.minimum(blocks[:, 0], blocks[:, 1], out=blocks[:, 0])
    return low, np.maximum(high, low)
