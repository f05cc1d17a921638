"""Measure one solve in a process of its own: load, warm up, solve, read off times and peak memory.

Run as ``python -m optimizer.published.measure`` with a pickled `Case` on the standard input; prints one line
of JSON. Loading and the compilation of kernels are not part of the measured time, for anybody.
"""

import json
import pickle
import resource
import subprocess
import sys
import time
from contextlib import suppress
from dataclasses import asdict, dataclass, replace

import numpy as np

from optimizer.errors import EntrepotError, SolverError
from optimizer.problem import Problem
from optimizer.problem.legs import Legs
from optimizer.published.families import facility_location, two_stage_legs, two_stage_location
from optimizer.published.generated import Generated, cornuejols
from optimizer.published.library import Entry
from optimizer.solver.backends import BACKENDS, solve_direct
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Progress, Solution, relative_gap
from optimizer.solver.solve import solve
from optimizer.solver.tree_proof import certified_bound

__all__ = ["Case", "Measurement", "measure", "time_to_gap"]

MILESTONES = (0.01, 0.001)


@dataclass(frozen=True)
class Case:
    """One solve to be measured: an instance, a strategy or a peer, and the protocol's limits.

    A solver is a strategy's name, or ``peer:<backend>[:strong|aggregated]``.
    """

    instance: Entry | Generated
    solver: str
    gap: float
    time_limit_s: float
    threads: int
    seed: int
    memory_mb: int | None = None
    certify: bool = False


@dataclass(frozen=True)
class Measurement:
    """What was measured; times in seconds, None where the point was not reached within the limit.

    `time_to` has "plan" (first plan), "0.01" and "0.001" (gap by the solver's own bound) and "proof" (the
    gap asked for). `cpu_s` is processor time of all processes of the solve. `setup_s` is what a peer's
    clock leaves out: writing its program, starting its process, handing the program over; the other times
    of a peer are without it. `known_proved` tells whether somebody proved `best_known` optimal.
    `certified` is the bound that the stored certificate proves without any solver, where that was asked
    for, and `certify_s` how long that took, after the clock had stopped.
    """

    instance: str
    solver: str
    seed: int
    objective: float | None
    bound: float | None
    gap: float | None
    runtime_s: float
    time_to: dict[str, float | None]
    peak_mb: float
    status: str
    best_known: float | None = None
    known_proved: bool = False
    cpu_s: float | None = None
    setup_s: float = 0.0
    gap_asked: float = 0.0
    time_limit_s: float = 0.0
    certified: float | None = None
    certify_s: float | None = None


def measure(case: Case) -> Measurement:
    """Measure one case in a fresh process; a crash is a measurement with the status `error: …`."""
    done = subprocess.run(
        [sys.executable, "-m", "optimizer.published.measure"],
        input=pickle.dumps(case),
        capture_output=True,
        check=False,
    )
    lines = [line for line in done.stdout.decode(errors="replace").splitlines() if line.startswith("{")]
    if done.returncode != 0 or not lines:
        last = done.stderr.decode(errors="replace").strip().splitlines()[-1:] or ["no message"]
        return _failed(case, f"error: {last[0]}")
    return Measurement(**json.loads(lines[-1]))


def time_to_gap(trace: tuple[Progress, ...], gap: float) -> float | None:
    """Seconds until incumbent and bound were within the gap for good.

    >>> time_to_gap((Progress(1.0, 10.0, 5.0), Progress(2.0, 10.0, 9.95)), 0.01)
    2.0
    """
    reached = None
    for point in trace:
        if relative_gap(point.objective, point.bound) > gap * (1 + 1e-9) + 1e-12:
            reached = None
        elif reached is None:
            reached = point.seconds
    return reached


def _measure_here(case: Case) -> Measurement:
    problem, legs = _loaded(case)
    options = SolveOptions(
        gap=case.gap,
        time_limit_s=case.time_limit_s,
        threads=case.threads,
        seed=case.seed,
        memory_mb=case.memory_mb,
    )
    if not case.solver.startswith("peer:"):
        _warm_up(case.solver, replace(options, gap=0.0, time_limit_s=20.0))
    try:
        before = _cpu_seconds()
        solution = _solve(problem, case.solver, options, legs)
    except SolverError as error:
        return _failed(case, f"error: {error}")
    measured = _measured(case, solution, _cpu_seconds() - before)
    if not case.certify or case.solver.startswith("peer:"):
        return measured
    began = time.monotonic()
    proved = certified_bound(problem, solution)
    return replace(measured, certified=proved, certify_s=time.monotonic() - began)


def _warm_up(strategy: str, options: SolveOptions) -> None:
    """Have the code that a strategy needs compiled; what it does not take, it does not need."""
    for small, legs in ((cornuejols(6, 8, 3.0), None), (_single_sourced(), None), _two_stages()):
        with suppress(SolverError):
            _solve(small, strategy, options, legs)


def _cpu_seconds() -> float:
    """Processor time of this process and of those it started and waited for."""
    usages = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(usage.ru_utime + usage.ru_stime for usage in usages)


def _measured(case: Case, solution: Solution, cpu_s: float) -> Measurement:
    has_plan = solution.decisions is not None
    usages = [resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    best = case.instance.best
    setup_s = solution.setup_s if case.solver.startswith("peer:") else 0.0
    return Measurement(
        instance=case.instance.name,
        solver=case.solver,
        seed=case.seed,
        objective=solution.objective if has_plan else None,
        bound=solution.bound if abs(solution.bound) < 1e30 else None,
        gap=solution.gap if solution.gap < 1e30 else None,
        runtime_s=max(0.0, solution.runtime_s - setup_s),
        time_to=_times(solution, case, setup_s),
        peak_mb=max(usages) / 1024,
        status=solution.termination.value,
        best_known=None if best is None else best.objective,
        known_proved=best is not None and best.proved,
        cpu_s=cpu_s,
        setup_s=setup_s,
        gap_asked=case.gap,
        time_limit_s=case.time_limit_s,
    )


def _times(solution: Solution, case: Case, setup_s: float) -> dict[str, float | None]:
    last = Progress(solution.runtime_s, solution.objective, solution.bound)
    trace = tuple(
        replace(point, seconds=max(0.0, point.seconds - setup_s)) for point in (*solution.trace, last)
    )
    plans = [point.seconds for point in trace if point.objective < 1e30]
    times: dict[str, float | None] = {"plan": plans[0] if plans else None}
    times |= {str(gap): time_to_gap(trace, gap) for gap in MILESTONES}
    proved = time_to_gap(trace, case.gap)
    times["proof"] = trace[-1].seconds if solution.termination == "optimal" else proved
    return times


def _loaded(case: Case) -> tuple[Problem, Legs | None]:
    """The instance, with legs where it has some and the strategy may take them."""
    if case.solver in ("auto", "legs"):
        return case.instance.load_over_legs()
    return case.instance.load(), None


def _solve(problem: Problem, solver: str, options: SolveOptions, legs: Legs | None = None) -> Solution:
    if not solver.startswith("peer:"):
        return solve(problem, options, solver, legs=legs)
    _, backend, *links = solver.split(":")
    if backend not in BACKENDS:
        raise SolverError(f"there is no peer {backend!r}; known are {', '.join(BACKENDS)}")
    return solve_direct(problem, options, solver=backend, links=links[0] if links else "auto", reduced=False)


def _single_sourced() -> Problem:
    problem = cornuejols(4, 5, 5.0)
    cost = problem.option_cost.reshape(problem.n_rows, -1).T
    capacity = problem.size_supply_amount
    return facility_location(problem.size_cost, cost, problem.row_demand, capacity, single_source=True)


def _two_stages() -> tuple[Problem, Legs]:
    random = np.random.default_rng(0)
    first, second = random.uniform(1.0, 2.0, (2, 3, 4)), random.uniform(1.0, 2.0, (2, 4, 6))
    plants, satellites = (np.full((3, 2), 5.0), np.ones(3)), (np.full((4, 2), 4.0), np.ones(4))
    problem = two_stage_location(np.ones((6, 2)), plants, satellites, first, second)
    return problem, two_stage_legs(first, second)


def _failed(case: Case, reason: str) -> Measurement:
    return Measurement(
        instance=case.instance.name,
        solver=case.solver,
        seed=case.seed,
        objective=None,
        bound=None,
        gap=None,
        runtime_s=case.time_limit_s,
        time_to=dict.fromkeys(["plan", *map(str, MILESTONES), "proof"]),
        peak_mb=0.0,
        status=reason,
        gap_asked=case.gap,
        time_limit_s=case.time_limit_s,
    )


def main() -> None:
    """Measure the case on the standard input and print it as JSON."""
    case: Case = pickle.loads(sys.stdin.buffer.read())
    try:
        measurement = _measure_here(case)
    except EntrepotError as error:
        measurement = _failed(case, f"error: {error}")
    print(json.dumps(asdict(measurement)))


if __name__ == "__main__":
    main()
