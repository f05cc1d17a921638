"""The `direct` strategy: hand the whole mixed-integer program to an existing solver."""

import importlib.util
import os
import shutil
import subprocess
import sys
import time
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from optimizer.errors import SolverError
from optimizer.problem.evaluate import evaluate
from optimizer.problem.matrix import Links, linear_model
from optimizer.problem.problem import Problem
from optimizer.problem.reduction import reduce_problem
from optimizer.solver.backends.process import Answer, Backend, solve_in_process
from optimizer.solver.backends.recover import exact_decisions
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Decisions, Progress, Solution, Termination, relative_gap

__all__ = ["BACKENDS", "available_backends", "backend_named", "solve_direct"]

PEERS_PYTHON = "ENTREPOT_PEERS_PYTHON"
"""Environment variable: the interpreter of another environment that holds highspy and pyscipopt."""

FEW_LINKS = 5000

BACKENDS: dict[str, tuple[str, str, str]] = {
    "highs": ("highs.py", "scipy", "scipy"),
    "scip": ("mathopt.py", "scip", "ortools"),
    "cpsat": ("mathopt.py", "cpsat", "ortools"),
    "cbc": ("cbc.py", "cbc", "pulp"),
    "highspy": ("highs.py", "highspy", "highspy"),
    "pyscipopt": ("scip.py", "pyscipopt", "pyscipopt"),
}
"""Name of a backend: its file, its variant, and the package that it needs."""


def solve_direct(
    problem: Problem,
    options: SolveOptions,
    *,
    solver: str = "highs",
    links: Links | str = "auto",
    parameters: dict[str, Any] | None = None,
    reduced: bool = True,
) -> Solution:
    """Solve the whole problem with an existing solver, in a process of its own.

    Parameters
    ----------
    problem
        The canonical problem.
    options
        Gap, limits, threads, seed; see `SolveOptions`.
    solver
        A name in `BACKENDS`.
    links
        How links are written, see `Links`; "auto": aggregated where every gated option uses a capacity
        and there are many links, otherwise strong.
    parameters
        Options in the solver's own words.
    reduced
        Reduce the problem first (dominated options, alike rows); the plan is that of the whole problem.

    Raises
    ------
    SolverError
        The solver is not installed, crashed, ran out of memory or gave an answer that does not hold.

    Examples
    --------
    >>> from optimizer.problem import ProblemBuilder
    >>> builder = ProblemBuilder()
    >>> options = builder.add_options(builder.add_rows([1.0]), [7.0])
    >>> solution = solve_direct(builder.build().problem, SolveOptions(gap=0.0))
    >>> solution.termination.value, solution.objective, solution.bound
    ('optimal', 7.0, 7.0)
    """
    started = time.monotonic()
    backend = backend_named(solver, parameters)
    reduction = reduce_problem(problem) if reduced else None
    smaller = problem if reduction is None else reduction.problem
    model = linear_model(smaller, _links(smaller, links))
    if options.time_limit_s is not None:
        left = max(0.05, options.time_limit_s - (time.monotonic() - started))
        options = replace(options, time_limit_s=left)
    built_s = time.monotonic() - started
    answer = solve_in_process(model, backend, options)
    decisions = None
    if answer.values is not None and answer.termination is not Termination.INFEASIBLE:
        decisions = exact_decisions(smaller, model, answer.values)
        if decisions is not None and reduction is not None:
            decisions = reduction.expand(decisions)
    return _solution(problem, decisions, answer, options, started, built_s)


def available_backends() -> tuple[str, ...]:
    """Names of the backends whose package is installed, here or in the peers' environment."""
    return tuple(name for name in BACKENDS if _interpreter(name) is not None)


def _solution(
    problem: Problem,
    decisions: Decisions | None,
    answer: Answer,
    options: SolveOptions,
    started: float,
    built_s: float,
) -> Solution:
    objective = np.inf if decisions is None else evaluate(problem, decisions).objective
    stated = max(answer.bound, _cheapest_options(problem))
    if answer.termination is Termination.OPTIMAL:
        if decisions is None:
            raise SolverError(f"{answer.solver} called a plan optimal that does not hold when recomputed")
        gap = relative_gap(objective, stated)
        if gap > options.gap * (1 + 1e-6) + 1e-6:
            raise SolverError(f"{answer.solver} called a plan optimal whose recomputed gap is {gap:.3g}")
    bound = np.inf if answer.termination is Termination.INFEASIBLE else min(stated, objective)
    runtime = time.monotonic() - started
    trace = tuple(replace(point, seconds=point.seconds + built_s) for point in answer.trace)
    if answer.termination is not Termination.INFEASIBLE:
        trace = (*trace, Progress(runtime, objective, float(bound)))
    return Solution(
        termination=answer.termination,
        objective=objective,
        bound=float(bound),
        decisions=decisions,
        prices=None,
        proof=f"the bound rests on the word of {answer.solver}",
        runtime_s=runtime,
        trace=trace,
        setup_s=built_s if np.isnan(answer.setup_s) else built_s + answer.setup_s,
    )


def _cheapest_options(problem: Problem) -> float:
    """Bound the optimum by the cheapest option of every row; nothing else costs less than zero."""
    if np.any(np.diff(problem.row_start) == 0):
        return -np.inf
    cheapest = np.minimum.reduceat(problem.option_cost, problem.row_start[:-1])
    return float(cheapest.sum() + problem.constant)


def _links(problem: Problem, links: Links | str) -> Links:
    """Choose the form of the links; the measurements stand in `optimizer/published/README.md`."""
    if links != "auto":
        return Links(links)
    gated = np.diff(problem.option_gate_start) > 0
    capacitated = bool(np.all(np.diff(problem.option_use_start)[gated] > 0))
    few = len(problem.option_gate) < FEW_LINKS
    return Links.AGGREGATED if capacitated and not few else Links.STRONG


def backend_named(name: str, parameters: dict[str, Any] | None = None) -> Backend:
    """Return the backend of a name in `BACKENDS`; `SolverError` where it is unknown or not installed."""
    if name not in BACKENDS:
        raise SolverError(f"there is no solver {name!r}; known are {', '.join(BACKENDS)}")
    file, variant, package = BACKENDS[name]
    python = _interpreter(name)
    if python is None:
        raise SolverError(f"the solver {name!r} needs the package {package!r}: install entrepot[peers]")
    path = Path(__file__).with_name(file)
    return Backend(name, path, variant, python, tuple(sorted((parameters or {}).items())))


@cache
def _interpreter(name: str) -> str | None:
    """Interpreter that can import the backend's package: this one, or the peers' one."""
    package = BACKENDS[name][2]
    peers = shutil.which(os.environ.get(PEERS_PYTHON, ""))
    if peers is not None and package in ("highspy", "pyscipopt"):
        probe = [
            peers,
            "-c",
            f"import importlib.util as u; raise SystemExit(u.find_spec('{package}') is None)",
        ]
        if subprocess.run(probe, check=False).returncode == 0:
            return peers
    return sys.executable if importlib.util.find_spec(package) is not None else None
