"""A problem with fewer options, and the way back."""

from dataclasses import dataclass, replace

import numpy as np

from optimizer.problem.problem import Bools, Ints, Problem
from optimizer.problem.ragged import take
from optimizer.solver.solution import Decisions

__all__ = ["Restriction", "lift", "restrict_options"]


@dataclass(frozen=True, eq=False)
class Restriction:
    """The smaller problem and, for each of its options, the option of the original."""

    problem: Problem
    option: Ints


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


def lift(restriction: Restriction, decisions: Decisions) -> Decisions:
    """Decisions of the smaller problem in terms of the original."""
    return replace(decisions, option=restriction.option[decisions.option])
