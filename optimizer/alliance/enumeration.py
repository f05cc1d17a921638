"""The cost game by enumeration: one solve per coalition, warm, in parallel, each value an interval."""

import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace

import joblib
import numpy as np
from joblib.parallel import get_active_backend

from optimizer.alliance.coalition import names_of
from optimizer.alliance.combined_plans import improved_by_combining
from optimizer.alliance.game import CostGame
from optimizer.alliance.member_problem import CoalitionProblem, MemberProblem, coalition_problem
from optimizer.errors import InfeasibleError, NoPlanError
from optimizer.problem.problem import Floats
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Prices, Solution, Termination
from optimizer.solver.solve import MOST_LEGS, solve

__all__ = ["Enumeration", "EnumerationProgress", "enumerate_costs", "restricted_prices", "solve_default"]

Solve = Callable[[CoalitionProblem, SolveOptions, Prices | None], Solution]


@dataclass(frozen=True)
class EnumerationProgress:
    """How far the enumeration is; `remaining_s` is estimated from the mean time so far."""

    done: int
    total: int
    elapsed_s: float
    remaining_s: float


@dataclass(frozen=True, eq=False)
class Enumeration:
    """The game with the solution of every coalition.

    Attributes
    ----------
    game : CostGame
        Values in [bound, objective]; a coalition takes over the plans of its parts, side by side, where
        these are cheaper and fit together; tightened by monotonicity where that holds.
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


def solve_default(part: CoalitionProblem, options: SolveOptions, warm: Prices | None) -> Solution:
    """Solve with the project's own core; what members without orders still owe, by a plain solve."""
    strategy = "auto" if part.problem.n_rows else "direct"
    return solve(part.problem, options, strategy, warm=warm, legs=part.legs)


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

    Parameters
    ----------
    members
        The shared problem.
    options
        Gap and limits of each solve; `should_stop` ends the whole enumeration.
    solve_problem
        The solver; must be picklable where the work leaves this process.
    jobs
        Coalitions solved at a time (joblib). Within `joblib.parallel_config(backend="dask")` the work goes to
        the cluster.
    processes
        Whether to work in processes instead of threads: for solvers that hold Python's lock.
    known
        Solutions of earlier runs, by mask; they are not solved again.
    on_progress
        Told after each coalition.
    on_solution
        Given each solution as soon as it is there.

    Raises
    ------
    InfeasibleError, NoPlanError
        A coalition has no plan, none was found within its limits, or the user stopped.
    """
    started = time.monotonic()
    solutions = dict(known or {})
    total, already = (1 << members.n) - 1, len(solutions)
    asked = replace(options, on_progress=None)
    while tasks := _next_tasks(members, solutions):
        for mask, solution in _solved(members, asked, solve_problem, tasks, jobs, processes):
            _check(members, mask, solution, len(solutions))
            solutions[mask] = solution
            if on_solution is not None:
                on_solution(mask, solution)
            if on_progress is not None:
                done, elapsed = len(solutions), time.monotonic() - started
                remaining = elapsed / max(done - already, 1) * (total - done)
                on_progress(EnumerationProgress(done, total, elapsed, remaining))
            if options.should_stop is not None and options.should_stop() and len(solutions) < total:
                raise NoPlanError(_stopped(members, len(solutions)))
    game, improved = _game(members, solutions)
    return Enumeration(game, solutions | improved, total - already, time.monotonic() - started)


def _next_tasks(members: MemberProblem, solutions: Mapping[int, Solution]) -> list[tuple[int, Prices | None]]:
    """Return coalitions that can be solved now, the largest first, with prices to start from.

    Where solves leave prices, each size waits for the one above, whose prices it starts from; where they
    leave none (programs over legs do not), nothing is worth waiting for.
    """
    missing = [mask for mask in range(1, 1 << members.n) if mask not in solutions]
    missing.sort(key=lambda mask: (-mask.bit_count(), mask))
    by_legs = members.legs is not None and members.legs.count <= MOST_LEGS
    if by_legs or not missing:
        return [(mask, None) for mask in missing]
    largest = [mask for mask in missing if mask.bit_count() == missing[0].bit_count()]
    return [(mask, _nearest_prices(members, mask, solutions)) for mask in largest]


def _game(members: MemberProblem, solutions: Mapping[int, Solution]) -> tuple[CostGame, dict[int, Solution]]:
    """Return the game of the solutions, and those that do better as two parts side by side."""
    total = (1 << members.n) - 1
    lower = np.array([0.0] + [solutions[mask].bound for mask in range(1, total + 1)])
    upper = np.array([0.0] + [solutions[mask].objective for mask in range(1, total + 1)])
    improved = {}
    for mask, (cost, plan) in improved_by_combining(members, solutions).items():
        upper[mask] = cost
        improved[mask] = replace(solutions[mask], objective=cost, decisions=plan)
    unplanned = np.flatnonzero(~np.isfinite(upper))
    if len(unplanned):
        names = ", ".join(names_of(int(unplanned[0]), members.players))
        raise NoPlanError(f"no plan was found within the limits for the members {names}; allow more time")
    lower = np.minimum(lower, upper)
    if larger_costs_more(members):
        lower, upper = tightened(lower, upper)
    return CostGame.from_intervals(lower, upper, members.players), improved


def restricted_prices(prices: Prices, whole: CoalitionProblem, part: CoalitionProblem) -> Prices:
    """Return the prices of a coalition's rows out of those of a larger one (measures keep theirs)."""
    position = np.searchsorted(whole.row, part.row)
    number = np.full(len(whole.row), -1, dtype=np.int64)
    number[position] = np.arange(len(part.row))
    kept = number[prices.link_row] >= 0
    return Prices(
        prices.row[position],
        prices.measure,
        number[prices.link_row[kept]],
        prices.link_gate[kept],
        prices.link_price[kept],
        prices.rule[np.searchsorted(whole.rule, part.rule)],
        prices.split,
    )


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


def _nearest_prices(members: MemberProblem, mask: int, solutions: Mapping[int, Solution]) -> Prices | None:
    """Return warm prices from a coalition with one member more, if there are any."""
    for player in range(members.n):
        larger = solutions.get(mask | 1 << player) if not mask >> player & 1 else None
        if larger is not None and larger.prices is not None:
            whole, part = coalition_problem(members, mask | 1 << player), coalition_problem(members, mask)
            return restricted_prices(larger.prices, whole, part)
    return None


def _solve_one(
    members: MemberProblem, mask: int, options: SolveOptions, solve_problem: Solve, warm: Prices | None
) -> tuple[int, Solution]:
    return mask, solve_problem(coalition_problem(members, mask), options, warm)


def _solved(
    members: MemberProblem,
    options: SolveOptions,
    solve_problem: Solve,
    tasks: list[tuple[int, Prices | None]],
    jobs: int,
    processes: bool,
) -> Iterator[tuple[int, Solution]]:
    """Solve the tasks one by one, or several at a time by joblib, yielding each as it is ready."""
    if jobs == 1:
        for mask, warm in tasks:
            yield _solve_one(members, mask, options, solve_problem, warm)
        return
    prefer = "processes" if processes else "threads"
    backend, _ = get_active_backend(prefer=prefer)
    if not getattr(backend, "supports_sharedmem", False):
        options = replace(options, should_stop=None)
    parallel = joblib.Parallel(n_jobs=jobs, prefer=prefer, return_as="generator_unordered")
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "[0-9]+ tasks which were still being processed")
        yield from parallel(
            joblib.delayed(_solve_one)(members, mask, options, solve_problem, warm) for mask, warm in tasks
        )


def _check(members: MemberProblem, mask: int, solution: Solution, done: int) -> None:
    if solution.termination is Termination.INFEASIBLE:
        names = ", ".join(names_of(mask, members.players))
        raise InfeasibleError([f"the members {names} have no plan of their own"])
    if solution.termination is Termination.INTERRUPTED:
        raise NoPlanError(_stopped(members, done))


def _stopped(members: MemberProblem, done: int) -> str:
    return f"stopped by you after {done} of {(1 << members.n) - 1} coalitions"
