"""Solves of many coalitions: warm, several at a time, here or on a cluster, stopped when asked."""

import time
import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

import joblib
import numpy as np
from joblib.parallel import get_active_backend

from optimizer.alliance.coalition import names_of
from optimizer.alliance.member_problem import CoalitionProblem, MemberProblem, coalition_problem
from optimizer.errors import InfeasibleError, NoPlanError
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Prices, Solution, Termination
from optimizer.solver.solve import solve
from optimizer.solver.warm import Warm, warm_from

__all__ = ["EnumerationProgress", "Solve", "cost_some", "restricted_prices", "solve_default"]

BENIGN = ("[0-9]+ tasks which were still being processed", "A worker stopped while some jobs")
"""Warnings of joblib where the user stopped, and where a process gives a large coalition's memory back by
making way for a new one: both are meant to happen."""

Solve = Callable[[CoalitionProblem, SolveOptions, Warm | None], Solution]


@dataclass(frozen=True)
class EnumerationProgress:
    """How far the enumeration is; `remaining_s` is estimated from the mean time so far."""

    done: int
    total: int
    elapsed_s: float
    remaining_s: float


def solve_default(part: CoalitionProblem, options: SolveOptions, warm: Warm | None) -> Solution:
    """Solve with the project's own core; what members without orders still owe, by a plain solve."""
    strategy = "auto" if part.problem.n_rows else "direct"
    return solve(part.problem, options, strategy, warm=warm, legs=part.legs)


def cost_some(
    members: MemberProblem,
    coalitions: Collection[int],
    options: SolveOptions,
    *,
    solve_problem: Solve = solve_default,
    jobs: int = 1,
    processes: bool = False,
    known: Mapping[int, Solution] | None = None,
    on_progress: Callable[[EnumerationProgress], None] | None = None,
    on_solution: Callable[[int, Solution], None] | None = None,
) -> dict[int, Solution]:
    """Solve coalitions, the largest first, each starting from the prices of one that is larger.

    Parameters
    ----------
    members
        The shared problem.
    coalitions
        Which, by mask.
    options
        Gap and limits of each solve; `should_stop` ends the whole work.
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
        A coalition has no plan, or the user stopped.
    """
    started = time.monotonic()
    solutions = {mask: known[mask] for mask in coalitions if known and mask in known}
    total, already = len(coalitions), len(solutions)
    asked = replace(options, on_progress=None)
    while tasks := _next_tasks(members, coalitions, solutions):
        for mask, solution in _solved(members, asked, solve_problem, tasks, jobs, processes):
            _check(members, mask, solution)
            stopped = options.should_stop is not None and options.should_stop()
            if not (stopped and solution.termination is Termination.INTERRUPTED):
                solutions[mask] = solution
                if on_solution is not None:
                    on_solution(mask, solution)
            if stopped and len(solutions) < total:
                raise NoPlanError(f"stopped by you after {len(solutions)} of {total} coalitions")
            if on_progress is not None:
                done, elapsed = len(solutions), time.monotonic() - started
                remaining = elapsed / max(done - already, 1) * (total - done)
                on_progress(EnumerationProgress(done, total, elapsed, remaining))
    return solutions


def _next_tasks(
    members: MemberProblem, coalitions: Collection[int], solutions: Mapping[int, Solution]
) -> list[tuple[int, Warm | None]]:
    """Return coalitions that can be solved now, the largest first, with something to start from.

    Programs over legs start from nothing: a look among another coalition's openings costs more than it saves.
    Where the prices of a solve are of use, everybody together comes first, and each size waits for the one
    above, whose prices and openings it starts from.
    """
    everybody = (1 << members.n) - 1
    missing = [mask for mask in coalitions if mask not in solutions]
    missing.sort(key=lambda mask: (-mask.bit_count(), mask))
    if members.legs is not None:
        return [(mask, None) for mask in missing]
    if not missing or missing[0] == everybody:
        return [(mask, None) for mask in missing[:1]]
    largest = [mask for mask in missing if mask.bit_count() == missing[0].bit_count()]
    return [(mask, _nearest_start(members, mask, solutions)) for mask in largest]


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


def _nearest_start(members: MemberProblem, mask: int, solutions: Mapping[int, Solution]) -> Warm | None:
    """Return prices and openings of a coalition with one member more, if there are any."""
    for player in range(members.n):
        larger = solutions.get(mask | 1 << player) if not mask >> player & 1 else None
        if larger is not None and larger.prices is not None:
            whole, part = coalition_problem(members, mask | 1 << player), coalition_problem(members, mask)
            start = _openings(warm_from(whole.problem, larger))
            return replace(start, prices=restricted_prices(larger.prices, whole, part))
    return None


def _openings(warm: Warm) -> Warm:
    """The sizes and gates alone, which have the same numbers in every coalition's problem."""
    return Warm(size=warm.size, gate=warm.gate)


def _solve_one(
    members: MemberProblem, mask: int, options: SolveOptions, solve_problem: Solve, warm: Warm | None
) -> tuple[int, Solution]:
    """Solve a coalition; of what it hands over only prices and plan are of use to others."""
    solution = solve_problem(coalition_problem(members, mask), options, warm)
    return mask, replace(solution, carried=None, sites=None)


def _solved(
    members: MemberProblem,
    options: SolveOptions,
    solve_problem: Solve,
    tasks: list[tuple[int, Warm | None]],
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
        for message in BENIGN:
            warnings.filterwarnings("ignore", message)
        yield from parallel(
            joblib.delayed(_solve_one)(members, mask, options, solve_problem, warm) for mask, warm in tasks
        )


def _check(members: MemberProblem, mask: int, solution: Solution) -> None:
    if solution.termination is Termination.INFEASIBLE:
        names = ", ".join(names_of(mask, members.players))
        raise InfeasibleError([f"the members {names} have no plan of their own"])
