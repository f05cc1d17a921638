"""A second look at a finished run: nothing it says is taken on trust that can be recomputed."""

from optimizer.costing.options import PricedOptions
from optimizer.errors import CheckError
from optimizer.plan.check.check import check
from optimizer.plan.check.tolerance import RELATIVE
from optimizer.problem.labels import LabelledProblem
from optimizer.runs.manifest import changed_files
from optimizer.runs.outcome import Verification, gap_in_words
from optimizer.runs.store import Run
from optimizer.scenario.instance import Instance
from optimizer.solver.certificate import exact_bound
from optimizer.solver.tree_proof import prove_tree

__all__ = ["recheck"]


def recheck(run: Run, instance: Instance, priced: PricedOptions, labelled: LabelledProblem) -> Verification:
    """Check files, plan and bound of a run against its stored scenario.

    Parameters
    ----------
    run
        The run as stored.
    instance, priced, labelled
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
    try:
        proved, basis = _proved(run, labelled, objective, bound)
    except CheckError as error:
        failures += [f"the certificate does not hold: {reason}" for reason in error.failures]
        proved, basis = None, "nothing of the bound is proved"
    statements.append(basis)
    return Verification(tuple(failures), tuple(statements), run.plan.cost, bound, proved)


def _proved(run: Run, labelled: LabelledProblem, objective: float, bound: float) -> tuple[float | None, str]:
    """What the stored prices and tree prove in exact arithmetic, and what rests on somebody's word."""
    prices, tree = run.certificate.prices, run.certificate.tree
    problem = labelled.problem
    word = str(run.manifest["result"]["proof"])
    enough = bound - RELATIVE * max(1.0, abs(bound))
    proved = None if prices is None else float(exact_bound(problem, prices, labelled.legs))
    enough_shown = f"prove the bound {bound:,.2f} in exact arithmetic, without any solver"
    if proved is not None and proved >= enough:
        return proved, f"the stored prices {enough_shown}"
    if tree is not None:
        found = prove_tree(problem, tree)
        leaves = f"the stored search tree (leaves: {found.leaves:,})"
        if not found.by_word:
            proved = found.bound if proved is None else max(proved, found.bound)
            if proved >= enough:
                return proved, f"{leaves} {enough_shown.replace('prove', 'proves', 1)}"
        elif found.bound >= enough:
            word = f"{leaves} proves the bound, {found.by_word:,} of them on the word of {tree.solver}"
    if proved is None:
        return None, f"no prices are stored; {word}"
    shown = f"the stored prices prove in exact arithmetic: {gap_in_words(objective, proved)}"
    return proved, f"{shown}; beyond that, {word}"


def _number(value: float | None) -> float:
    return float("-inf") if value is None else float(value)
