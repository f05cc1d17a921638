"""A problem with fewer options, or with options split in copies, and the way back."""

from dataclasses import dataclass, replace

import numpy as np

from optimizer.problem.problem import Bools, Ints, Problem
from optimizer.problem.ragged import take
from optimizer.solver.solution import Decisions

__all__ = ["Restriction", "compose", "lift", "restrict_options"]


@dataclass(frozen=True, eq=False)
class Restriction:
    """The other problem and, for each of its options, the option of the original.

    `gate` and `resource` say the same of its gates and resources; None where they are those of the original.
    """

    problem: Problem
    option: Ints
    gate: Ints | None = None
    resource: Ints | None = None


def restrict_options(problem: Problem, keep: Bools) -> Restriction:
    """Keep the marked options only; rows, gates, sites and resources stay as they are."""
    option = np.flatnonzero(keep).astype(np.int64)
    row_start = np.r_[0, np.cumsum(keep)][problem.row_start].astype(np.int64)
    gate_start, (gate,) = take((problem.option_gate_start, (problem.option_gate,)), option)
    use_start, (measure, amount) = take(
        (problem.option_use_start, (problem.option_use_measure, problem.option_use_amount)), option
    )
    smaller = replace(
        problem,
        row_start=row_start,
        option_cost=problem.option_cost[option],
        option_gate_start=gate_start,
        option_gate=gate,
        option_use_start=use_start,
        option_use_measure=measure,
        option_use_amount=amount,
    )
    return Restriction(smaller, option)


def compose(outer: Restriction | None, inner: Restriction) -> Restriction:
    """The way from the inner problem, which has fewer options of the outer one, back to the original."""
    if outer is None:
        return inner
    return Restriction(inner.problem, outer.option[inner.option], outer.gate, outer.resource)


def lift(restriction: Restriction, decisions: Decisions) -> Decisions:
    """Decisions of the other problem in terms of the original."""
    lifted = replace(decisions, option=restriction.option[decisions.option])
    if restriction.gate is not None:
        gate = np.zeros(int(restriction.gate[-1]) + 1, dtype=bool)
        gate[restriction.gate[decisions.gate]] = True
        lifted = replace(lifted, gate=gate)
    if restriction.resource is not None:
        first = np.unique(restriction.resource, return_index=True)[1]
        lifted = replace(
            lifted,
            tier=decisions.tier[first],
            tier_level=decisions.tier_level[first],
            overflow=decisions.overflow[first],
        )
    return lifted
