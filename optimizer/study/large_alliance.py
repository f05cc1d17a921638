"""Alliances too large to cost every coalition: what a part of them tells, estimates, and honest doubts.

Everybody together, each member alone, everybody but one, and a sample of the others are costed. Rules that
look at no other coalitions are exact, the Shapley value is an estimate with its standard error, and a split
is called stable only by the proof of row generation: coalitions not costed leave it undecided.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from optimizer.alliance.allocate import AllianceResult
from optimizer.alliance.allocation import Allocation, UndefinedRuleError
from optimizer.alliance.game import CostGame
from optimizer.alliance.generation import generate_core
from optimizer.alliance.member_problem import MemberProblem
from optimizer.alliance.rules import RuleInput, apply_rule
from optimizer.alliance.separation import first_coalitions
from optimizer.alliance.shapley_sampling import shapley_sampled
from optimizer.alliance.stability import RELATIVE_TOLERANCE, Outlook, stability
from optimizer.errors import Fault, InputError, NoPlanError
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Solution

__all__ = ["MOST_SAMPLED", "coalitions_to_cost", "large_rules", "partial_game", "split_large"]

MOST_SAMPLED = 20
"""Members up to which a table of all coalitions, mostly empty, fits in memory."""

SAMPLES_PER_MEMBER = 6

BY_FEW = ("proportional_stand_alone", "equal_saving", "equal_charge", "separable_costs")
BY_ROWS = ("nucleolus", "prenucleolus", "least_core")


def large_rules(asked: Sequence[str] | None, sizes: Sequence[str]) -> tuple[str, ...]:
    """Return the rules that can be had without all coalitions; those by row generation only when asked for.

    Raises
    ------
    InputError
        A rule is asked for that needs every coalition.
    """
    ready = ("proportional_stand_alone", *(f"proportional_{size}" for size in sizes), *BY_FEW[1:], "shapley")
    wrong = [name for name in asked or () if name not in (*ready, *BY_ROWS)]
    if wrong:
        rule = "needs the cost of every coalition, and there are too many of them."
        mend = f"Choose among {', '.join((*ready, *BY_ROWS))}, or at most 12 members."
        raise InputError([Fault("rule", name, rule, mend) for name in wrong])
    return tuple(asked) if asked else ready


def coalitions_to_cost(players: Sequence[str], seed: int) -> list[int]:
    """Return everybody, the singletons, everybody but one, and the sample that the Shapley value needs."""
    n = len(players)
    asked: list[int] = []

    def noted(mask: int) -> float:
        asked.append(mask)
        return 0.0

    shapley_sampled(noted, tuple(players), SAMPLES_PER_MEMBER * n, seed)
    return list(dict.fromkeys([(1 << n) - 1, *first_coalitions(n), *asked]))


def partial_game(players: Sequence[str], solutions: Mapping[int, Solution]) -> CostGame:
    """Return the game in which coalitions that were not costed may cost anything."""
    lower, upper = np.full(1 << len(players), -np.inf), np.full(1 << len(players), np.inf)
    lower[0] = upper[0] = 0.0
    for mask, solution in solutions.items():
        lower[mask], upper[mask] = min(solution.bound, solution.objective), solution.objective
    if not np.isfinite(upper[list(solutions)]).all():
        raise NoPlanError("no plan was found within the limits for some coalition; allow more time")
    return CostGame(tuple(players), lower, upper)


def split_large(
    members: MemberProblem,
    solutions: Mapping[int, Solution],
    inputs: RuleInput,
    rules: Sequence[str],
    options: SolveOptions,
) -> AllianceResult:
    """Split the cost by rules that need a part of the coalitions, and say what is certain of the splits.

    Parameters
    ----------
    members
        The shared problem.
    solutions
        Of `coalitions_to_cost`.
    inputs
        The `partial_game` of the solutions, and sizes of members.
    rules
        See `large_rules`.
    options
        `time_limit_s` limits each search of row generation over all coalitions, `seed` the sample.
    """
    game = inputs.game
    allocations: dict[str, Allocation] = {}
    undefined, proofs = {}, {}
    for name in rules:
        try:
            if name in BY_ROWS:
                allocations[name], proofs[name] = _by_rows(members, name, game.total, options)
            elif name == "shapley":
                samples = SAMPLES_PER_MEMBER * game.n
                costs = {0: 0.0} | {mask: solution.objective for mask, solution in solutions.items()}
                allocations[name] = shapley_sampled(costs.__getitem__, game.players, samples, options.seed)
            else:
                allocations[name] = apply_rule(name, inputs)
        except UndefinedRuleError as reason:
            undefined[name] = str(reason)
    judged = {
        name: replace(stability(game, split.shares), doubtful=()) for name, split in allocations.items()
    }
    for name, least in proofs.items():
        if judged[name].in_core == "undecided" and least >= -RELATIVE_TOLERANCE * abs(game.total):
            judged[name] = replace(judged[name], in_core=True, epsilon=(least, judged[name].epsilon[1]))
    return AllianceResult(game, _outlook(game), allocations, judged, undefined, partial=True)


def _by_rows(
    members: MemberProblem, name: str, total: float, options: SolveOptions
) -> tuple[Allocation, float]:
    """Return shares by row generation, and a proved bound of the least excess."""
    stages = 1 if name == "least_core" else None
    found = generate_core(members, stages=stages, separation_limit_s=options.time_limit_s)
    shares = found.shares * (total / found.shares.sum())
    note = f"{found.rule} by row generation: {found.solves} solves"
    if found.slack > RELATIVE_TOLERANCE * abs(total):
        note += f"; not proved to the end, a coalition may be {found.slack:,.2f} less content than said"
    return Allocation(name, members.players, shares, note=note), found.epsilon[0]


def _outlook(game: CostGame) -> Outlook:
    singles = 1 << np.arange(game.n)
    saving = (float(game.lower[singles].sum() - game.total), float(game.alone().sum() - game.total))
    return Outlook("undecided", (-np.inf, np.inf), (0.0, np.inf), (0.0, 1.0), saving)
