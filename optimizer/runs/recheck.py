"""A second look at a finished run: nothing it says is taken on trust that can be recomputed."""

from optimizer.costing.options import PricedOptions
from optimizer.plan.check.check import check
from optimizer.plan.check.tolerance import RELATIVE
from optimizer.problem.problem import Problem
from optimizer.runs.manifest import changed_files
from optimizer.runs.outcome import Verification, gap_in_words
from optimizer.runs.store import Run
from optimizer.scenario.instance import Instance
from optimizer.solver.certificate import exact_bound

__all__ = ["recheck"]


def recheck(run: Run, instance: Instance, priced: PricedOptions, problem: Problem) -> Verification:
    """Check files, plan and bound of a run against its stored scenario.

    Parameters
    ----------
    run
        The run as stored.
    instance, priced, problem
        Its stored scenario, loaded and priced anew, and the canonical problem of it.
    """
    result = run.manifest["result"]
    failures, statements = [], []
    changed = changed_files(run.folder, run.manifest["files"])
    failures += [f"{name} is not the file that the run wrote" for name in changed]
    if not changed:
        statements.append(f"all {len(run.manifest['files'])} files are as the run wrote them")
    broken = check(instance, run.plan, priced)
    failures += broken
    if not broken:
        statements.append("the plan is feasible and every cost component follows from the stored scenario")
    objective, bound = float(result["objective"]), _number(result["bound"])
    if abs(run.plan.cost - objective) > RELATIVE * max(1.0, abs(objective)):
        failures.append(f"the tables add up to {run.plan.cost:,.6f}, the manifest says {objective:,.6f}")
    if bound > objective + RELATIVE * max(1.0, abs(objective)):
        failures.append(f"the bound {bound:,.6f} is above the plan's cost {objective:,.6f}")
    statements.append(f"claimed: {gap_in_words(objective, bound)}")
    proved = None if run.prices is None else float(exact_bound(problem, run.prices))
    statements.append(_basis(objective, bound, proved, str(result["proof"])))
    return Verification(tuple(failures), tuple(statements), run.plan.cost, bound, proved)


def _basis(objective: float, bound: float, proved: float | None, word: str) -> str:
    """What of the bound the stored prices prove in exact arithmetic, and what rests on somebody's word."""
    if proved is None:
        return f"no prices are stored; {word}"
    if proved >= bound - RELATIVE * max(1.0, abs(bound)):
        return f"the stored prices prove the bound {bound:,.2f} in exact arithmetic, without any solver"
    shown = f"the stored prices prove in exact arithmetic: {gap_in_words(objective, proved)}"
    return f"{shown}; beyond that, {word}"


def _number(value: float | None) -> float:
    return float("-inf") if value is None else float(value)
