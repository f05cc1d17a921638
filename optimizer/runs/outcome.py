"""`Outcome`: what a solve of a scenario came to, ready to print, to store or to compute with."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from optimizer.plan.plan import Plan
from optimizer.runs.start import Start
from optimizer.solver.solution import Prices, Progress, SearchTree, Termination, relative_gap

__all__ = ["Outcome", "Verification", "gap_in_words"]


@dataclass(frozen=True, eq=False)
class Outcome:
    """A checked plan with the proof of how good it is.

    Parameters
    ----------
    plan
        The plan tables.
    termination
        Why the solve stopped.
    objective, bound
        Total landed cost of the plan, and a cost that no plan can undercut, in the plan's currency.
    proof
        What the bound rests on, in one sentence.
    prices
        Prices that certify the bound, if any.
    tree
        Search tree that certifies it beyond them, if any.
    start
        What a later solve can start from, if any.
    stand_alone
        Cost of the best plan found of each member by itself; infinite where it has none; empty when not
        asked for.
    stand_alone_bound
        A cost that no plan of the member by itself can undercut.
    seconds
        Wall-clock time by step: ``build``, ``solve``, ``plan``, ``alone``.
    trace
        Incumbent and bound on the way.
    run_dir
        Folder the run was written to, if any.
    """

    plan: Plan
    termination: Termination
    objective: float
    bound: float
    proof: str
    prices: Prices | None
    stand_alone: Mapping[str, float]
    seconds: Mapping[str, float]
    trace: tuple[Progress, ...] = ()
    tree: SearchTree | None = None
    start: Start | None = None
    run_dir: Path | None = None
    stand_alone_bound: Mapping[str, float] = field(default_factory=dict)

    @property
    def gap(self) -> float:
        """Relative gap between plan and bound."""
        return relative_gap(self.objective, self.bound)

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``entrepot solve --json`` prints."""
        openings = self.plan["openings"][["site", "size", "from_period", "orders", "cost"]]
        return {
            "scenario": self.plan.name,
            "status": str(self.termination),
            "objective": self.objective,
            "bound": self.bound,
            "gap": self.gap,
            "currency": self.plan.currency,
            "runtime_s": sum(self.seconds.values()),
            "openings": openings.to_dict("records"),
            "cost_by_component": self.plan.cost_by("component"),
            "cost_by_member": self.plan.cost_by("member"),
            "stand_alone_cost_by_member": dict(self.stand_alone),
            "stand_alone_bound_by_member": dict(self.stand_alone_bound),
            "proof": self.proof,
            "seconds": dict(self.seconds),
            "run_dir": str(self.run_dir) if self.run_dir else None,
        }


@dataclass(frozen=True)
class Verification:
    """What a second look at a finished run found.

    Parameters
    ----------
    failures
        What does not hold, in words; empty for a sound run.
    statements
        What was checked and holds, or on what a claim rests.
    objective, bound, proved_bound
        Cost recomputed from the tables, bound claimed, and bound re-proved from the stored prices
        (None where it rests on a solver's word).
    """

    failures: tuple[str, ...]
    statements: tuple[str, ...]
    objective: float
    bound: float
    proved_bound: float | None

    def as_json(self) -> dict[str, Any]:
        """Return the object that ``entrepot verify --json`` prints."""
        return {"status": "failed" if self.failures else "verified", **asdict(self)}


def gap_in_words(objective: float, bound: float) -> str:
    """Say what a gap means, rounded up so that it never promises too much.

    >>> gap_in_words(1000.0, 999.25)
    'no plan can be cheaper by more than 0.08 %'
    >>> gap_in_words(1000.0, 1000.0)
    'no plan can be cheaper'
    >>> gap_in_words(1000.0, float("-inf"))
    'nothing is proved about how much cheaper a plan could be'
    """
    gap = 100.0 * relative_gap(objective, bound)
    if gap == float("inf"):
        return "nothing is proved about how much cheaper a plan could be"
    if gap < 1e-7:
        return "no plan can be cheaper"
    digits = 2 if gap >= 0.01 else 4
    up = -(-gap // 10.0**-digits) * 10.0**-digits
    return f"no plan can be cheaper by more than {up:.{digits}f} %"
