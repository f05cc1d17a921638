r"""Legs as the options of a canonical problem of their own: the same plans, a fraction of the options.

The flows over legs (`optimizer.problem.legs`) become options when each node is a row that its tails serve.
What nobody takes of a node's demand is served by an *idle* option, and a measure per node, with a supply of
1, ties its heads to its tails:

.. math:: \sum_{t \in n} f_t + e_n = 1, \qquad \sum_{h \in n} \frac{d_h}{D_n} a_h + e_n \le 1 .

Together they say that the tails bring at least what the heads take. They bring no more where no tail costs
less than nothing; so the least cost of a node's tails, where it is negative, is charged to its heads instead.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from optimizer.problem.blocks import amounts_block
from optimizer.problem.legs import Legs, leg_problem, node_demand
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import concatenate, counts_to_start, take

__all__ = ["Tied", "tied_problem"]

Ids = npt.NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Tied:
    """The problem over legs.

    Attributes
    ----------
    problem : Problem
        Rows: those of the problem, then one per node. Resources: those of the problem, then one of one
        measure per node. Gates, sizes, modules, tiers and rules are those of the problem.
    rows, resources, measures : int
        How many of each are those of the problem itself.
    """

    problem: Problem
    rows: int
    resources: int
    measures: int


def tied_problem(problem: Problem, legs: Legs) -> Tied:
    """Write the problem over legs as a canonical problem.

    Parameters
    ----------
    problem, legs
        The problem and how its options fall apart; no row may be single sourced.
    """
    demand = node_demand(problem, legs)
    nodes = len(demand)
    untied, _ = leg_problem(problem, _with_ties(problem, legs, demand))
    idle_row = problem.n_rows + np.arange(nodes)
    row = np.concatenate([np.repeat(np.arange(untied.n_rows), np.diff(untied.row_start)), idle_row])
    order = np.argsort(row, kind="stable")
    gates = concatenate(
        [
            (untied.option_gate_start, (untied.option_gate,)),
            (np.zeros(nodes + 1, dtype=np.int64), (untied.option_gate[:0],)),
        ],
        [np.int32],
    )
    tie = problem.n_measures + np.arange(nodes)
    uses = concatenate(
        [
            (untied.option_use_start, (untied.option_use_measure, untied.option_use_amount)),
            amounts_block(tie[:, None], np.ones((nodes, 1)), None, nodes),
        ],
        [np.int32, np.float64],
    )
    gate_start, (gate,) = take(gates, order)
    use_start, (measure, amount) = take(uses, order)
    tied = replace(
        untied,
        row_start=counts_to_start(np.bincount(row, minlength=untied.n_rows)),
        row_demand=np.concatenate([problem.row_demand, np.where(demand > 0.0, demand, 1.0)]),
        option_cost=np.concatenate([untied.option_cost, np.zeros(nodes)])[order],
        option_gate_start=gate_start,
        option_gate=gate,
        option_use_start=use_start,
        option_use_measure=measure,
        option_use_amount=amount,
        resource_start=np.concatenate([problem.resource_start, problem.n_measures + 1 + np.arange(nodes)]),
        measure_supply=np.concatenate([problem.measure_supply, np.ones(nodes)]),
        overflow_price=np.concatenate([problem.overflow_price, np.zeros(nodes)]),
        overflow_limit=np.concatenate([problem.overflow_limit, np.zeros(nodes)]),
        module_start=_extended(problem.module_start, nodes),
        tier_start=_extended(problem.tier_start, nodes),
    )
    return Tied(tied, problem.n_rows, problem.n_resources, problem.n_measures)


def _with_ties(problem: Problem, legs: Legs, demand: npt.NDArray[np.float64]) -> Legs:
    """Heads use the measure of their node; no tail costs less than nothing."""
    least = np.zeros(len(demand))
    np.minimum.at(least, legs.tail.node, legs.tail.cost)
    node = legs.head.node
    head = replace(
        legs.head,
        cost=legs.head.cost + least[node],
        measure=np.column_stack([legs.head.measure, problem.n_measures + node]),
        amount=np.column_stack([legs.head.amount, 1.0 / demand[node]]),
    )
    return replace(legs, head=head, tail=replace(legs.tail, cost=legs.tail.cost - least[legs.tail.node]))


def _extended(start: Ids, more: int) -> Ids:
    """CSR ranges with so many empty ones after them."""
    return np.concatenate([start, np.full(more, start[-1])])
