"""Ask a strategy for the cheapest plan of a model, and say why where there is none."""

import time
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from optimizer.costing.options import PricedOptions
from optimizer.errors import Fault, InfeasibleError, InputError, NoPlanError, SolverError
from optimizer.plan.diagnosis import diagnose
from optimizer.problem.labels import LabelledProblem
from optimizer.problem.problem import Problem
from optimizer.reference import ReferenceResult, ReferenceStatus, solve_reference
from optimizer.scenario.instance import Instance
from optimizer.solver.backends.direct import solve_direct
from optimizer.solver.limits import SolveOptions
from optimizer.solver.plans import complete
from optimizer.solver.solution import Decisions, Progress, Solution, Termination
from optimizer.solver.solve import STRATEGIES as CORE_STRATEGIES
from optimizer.solver.solve import solve as solve_problem
from optimizer.solver.warm import Warm

__all__ = ["STRATEGIES", "Model", "known_strategy", "optimise"]

REFERENCE = "reference"
STRATEGIES = (*CORE_STRATEGIES, REFERENCE)
DIAGNOSIS_SECONDS = 60.0
POSITIONS = ["row", "direct", "inbound", "holding", "outbound"]


@dataclass(frozen=True, eq=False)
class Model:
    """An instance with everything made from it before a solver is asked."""

    instance: Instance
    priced: PricedOptions
    labelled: LabelledProblem


def known_strategy(name: str) -> str:
    """Return the name, or raise `InputError` when there is no such strategy."""
    if name not in STRATEGIES:
        rule = f"is no strategy; known are {', '.join(STRATEGIES)}."
        raise InputError([Fault("strategy", name, rule, "Name one of them.")])
    return name


def optimise(
    model: Model,
    on_progress: Callable[[Progress], None] | None = None,
    should_stop: Callable[[], bool] | None = None,
    warm: Warm | None = None,
) -> Solution:
    """Solve the problem of a model by its strategy; a solution that is returned has a plan.

    Parameters
    ----------
    warm
        What an earlier solve left, in the terms of this problem; the answer is no less proved for it.

    Raises
    ------
    InfeasibleError
        No plan exists; the reasons come from an elastic re-solve.
    NoPlanError
        None was found within the limits.
    """
    asked = model.instance.solve
    options = SolveOptions(
        gap=asked.gap,
        time_limit_s=asked.time_limit_s,
        threads=asked.threads,
        seed=asked.seed,
        memory_mb=asked.memory_mb,
        on_progress=on_progress,
        should_stop=should_stop,
    )
    if asked.strategy == REFERENCE:
        solution = _by_reference(model, options)
    else:
        labelled = model.labelled
        solution = solve_problem(labelled.problem, options, asked.strategy, warm=warm, legs=labelled.legs)
    if solution.termination is Termination.INFEASIBLE:
        solve = _elastic_solve(options)
        raise InfeasibleError(diagnose(model.instance, model.priced, model.labelled, solve))
    if solution.decisions is None:
        why = str(solution.termination).replace("_", " ")
        raise NoPlanError(f"{why} came before any plan was found; allow more time or a larger gap")
    return solution


def _elastic_solve(options: SolveOptions) -> Callable[[Problem], Solution]:
    """How the reason of infeasibility is searched for: a plain solve within a minute."""
    asked = replace(options, gap=0.01, time_limit_s=DIAGNOSIS_SECONDS, on_progress=None)
    return lambda problem: solve_direct(problem, asked)


def _by_reference(model: Model, options: SolveOptions) -> Solution:
    """Solve the independent formulation and bring its openings and shares to the problem's arrays."""
    started = time.perf_counter()
    result = solve_reference(model.instance, model.priced, gap=options.gap, time_limit_s=options.time_limit_s)
    terminations = {
        ReferenceStatus.OPTIMAL: Termination.OPTIMAL,
        ReferenceStatus.FEASIBLE: Termination.TIME_LIMIT,
        ReferenceStatus.UNKNOWN: Termination.TIME_LIMIT,
        ReferenceStatus.INFEASIBLE: Termination.INFEASIBLE,
    }
    plan = None
    if np.isfinite(result.objective):
        plan = complete(model.labelled.problem, _decisions(model, result))
        if plan is None:
            raise SolverError("the plan of the reference formulation does not fit the canonical problem")
    return Solution(
        termination=terminations[result.status],
        objective=plan.objective if plan else float("inf"),
        bound=result.bound,
        decisions=plan.decisions if plan else None,
        prices=None,
        proof="the bound rests on the word of CBC on the reference formulation",
        runtime_s=time.perf_counter() - started,
    )


def _decisions(model: Model, result: ReferenceResult) -> Decisions:
    """Openings and shares by name; every gate open, the supply left to be bought."""
    problem, labels, priced = model.labelled.problem, model.labelled.labels, model.priced
    columns = [priced.option_row, priced.option_direct, priced.option_inbound, priced.option_holding]
    columns.append(priced.option_outbound)
    at = result.flows["option"].to_numpy(np.int64)
    used = pd.MultiIndex.from_arrays([column[at] for column in columns])
    option = pd.MultiIndex.from_frame(labels.options[POSITIONS]).get_indexer(used)
    order = np.argsort(option)
    keys = ["owner", "site", "size", "opens"]
    opened = pd.MultiIndex.from_frame(labels.sizes[keys]).get_indexer(
        pd.MultiIndex.from_frame(result.openings[keys])
    )
    size = np.full(problem.n_sites, -1, dtype=np.int64)
    size[np.searchsorted(problem.site_start, opened, side="right") - 1] = opened
    return Decisions(
        option=option[order].astype(np.int64),
        share=result.flows["share"].to_numpy(np.float64)[order],
        size=size,
        gate=np.ones(problem.n_gates, dtype=np.bool_),
        module=np.zeros(problem.n_modules, dtype=np.int64),
        tier=np.full(problem.n_resources, -1, dtype=np.int64),
        tier_level=np.zeros(problem.n_resources),
        overflow=np.zeros(problem.n_resources),
    )
