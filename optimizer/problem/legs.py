r"""Options as pairs of legs: a head (the row's way from a node) joined with a tail (a way into the node).

Where options are all pairs of heads and tails that meet in a node, with costs, gates and uses that add
up, the share of a pair need not be a variable of its own. With `a_h` the share of its row that head h
serves and `f_t` the part of the node's demand `D_n` that comes by tail t, the problem stays the same when

.. math:: \sum_{t \in n} f_t = \sum_{h \in n} \frac{d_h}{D_n} a_h \qquad \text{every node } n

stands in for the pairs: any such flows can be split into pairs, and every pair's cost, gates and uses are
those of its legs. The program shrinks from Σ heads × tails to Σ (heads + tails) columns.
"""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from optimizer.problem.blocks import amounts_block, gates_block
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import concatenate, counts_to_start, take

__all__ = ["Leg", "Legs", "leg_problem", "node_demand", "pair_shares", "restrict_legs", "whole_options"]

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Leg:
    """All heads, or all tails.

    Attributes
    ----------
    node : int64, shape (legs,)
    cost : float64, shape (legs,)
        Per order.
    gate : int64, shape (legs, k)
        Gates needed, −1 for none.
    measure, amount : int64 and float64, shape (legs, k)
        Measures used (−1 for none) and how much per order.
    """

    node: Ids
    cost: Floats
    gate: Ids
    measure: Ids
    amount: Floats

    def taken(self, index: Ids) -> "Leg":
        """Only these legs, in this order."""
        return Leg(
            self.node[index], self.cost[index], self.gate[index], self.measure[index], self.amount[index]
        )


@dataclass(frozen=True, eq=False)
class Legs:
    """How the options of a problem fall apart into legs.

    Attributes
    ----------
    option_head, option_tail : int64, shape (options,)
        Legs of each option, −1 for an option that is whole.
    head_row : int64, shape (heads,)
        Row that each head serves.
    head, tail
        The legs themselves.
    """

    option_head: Ids
    option_tail: Ids
    head_row: Ids
    head: Leg
    tail: Leg

    @property
    def count(self) -> int:
        """Number of heads and tails."""
        return len(self.head.node) + len(self.tail.node)


def node_demand(problem: Problem, legs: Legs) -> Floats:
    """`D_n`: demand of all rows that could be served from each node."""
    nodes = int(legs.head.node.max()) + 1
    return np.bincount(legs.head.node, problem.row_demand[legs.head_row], nodes).astype(np.float64)


def whole_options(legs: Legs) -> Ids:
    """Options that are not made of legs, ascending."""
    return np.flatnonzero(legs.option_head < 0)


def pair_shares(problem: Problem, legs: Legs, head: Floats, tail: Floats) -> Floats:
    """Split flows over heads and tails into shares of the options that join them.

    Heads and tails of a node are laid along its flow, one after the other; where a head and a tail
    overlap, their pair carries the overlap. A node with h heads and t tails in use needs at most
    h + t − 1 pairs.

    Parameters
    ----------
    problem, legs
        The problem and its legs.
    head : float64, shape (heads,)
        `a_h`, shares of rows.
    tail : float64, shape (tails,)
        `f_t`, parts of the nodes' demand.

    Returns
    -------
    float64, shape (options,)
        Shares of rows; zero for whole options, but where one stands in for a pair that is missing.
    """
    share = np.zeros(problem.n_options)
    orders = head * problem.row_demand[legs.head_row]
    demand = node_demand(problem, legs)
    into = tail * demand[legs.tail.node]
    total_in = np.bincount(legs.tail.node, into, len(demand))
    total_out = np.bincount(legs.head.node, orders, len(total_in))
    scale = np.divide(total_out, total_in, out=np.zeros_like(total_in), where=total_in > 0)
    heads, tails = np.flatnonzero(orders > 0), np.flatnonzero(into > 0)
    heads = heads[np.argsort(legs.head.node[heads], kind="stable")]
    tails = tails[np.argsort(legs.tail.node[tails], kind="stable")]
    head_end = np.cumsum(orders[heads])
    tail_end = np.cumsum((into * scale[legs.tail.node])[tails])
    cut = np.unique(np.concatenate([head_end, tail_end]))
    middle = (np.concatenate([[0.0], cut[:-1]]) + cut) / 2
    at_head = heads[np.minimum(np.searchsorted(head_end, middle), len(heads) - 1)] if len(heads) else heads
    at_tail = tails[np.minimum(np.searchsorted(tail_end, middle), len(tails) - 1)] if len(tails) else tails
    width = np.diff(cut, prepend=0.0)
    meet = legs.head.node[at_head] == legs.tail.node[at_tail] if len(tails) else np.zeros(0, dtype=bool)
    row = legs.head_row[at_head[meet]]
    option = _option_of(problem, legs, at_head[meet], at_tail[meet], row)
    np.add.at(share, option, width[meet] / problem.row_demand[row])
    return share


def _option_of(problem: Problem, legs: Legs, head: Ids, tail: Ids, row: Ids) -> Ids:
    """Option that joins each head with each tail; the row's cheapest whole option where there is none."""
    tails = len(legs.tail.node)
    used = np.zeros(len(legs.head_row) + 1, dtype=bool)
    used[head] = True
    pairs = np.flatnonzero(used[legs.option_head])
    key = legs.option_head[pairs] * tails + legs.option_tail[pairs]
    order = np.argsort(key)
    wanted = head * tails + tail
    place = np.minimum(np.searchsorted(key[order], wanted), len(order) - 1)
    found = pairs[order[place]]
    return np.where(key[order[place]] == wanted, found, _cheapest_whole(problem, legs)[row])


def _cheapest_whole(problem: Problem, legs: Legs) -> Ids:
    """Cheapest whole option of every row, −1 where it has none."""
    whole = whole_options(legs)
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))[whole]
    order = np.lexsort((problem.option_cost[whole], row))
    rows, first = np.unique(row[order], return_index=True)
    cheapest = np.full(problem.n_rows, -1, dtype=np.int64)
    cheapest[rows] = whole[order[first]]
    return cheapest


def restrict_legs(legs: Legs, row: Ids, option: Ids) -> Legs | None:
    """Return the legs of the part of a problem with the given rows and options (ascending numbers).

    Returns
    -------
    Legs or None
        None where no option of the part is made of legs.
    """
    of_head, of_tail = legs.option_head[option], legs.option_tail[option]
    heads, tails = np.unique(of_head[of_head >= 0]), np.unique(of_tail[of_tail >= 0])
    if not len(heads):
        return None
    nodes = np.unique(legs.head.node[heads])
    return Legs(
        option_head=np.where(of_head >= 0, np.searchsorted(heads, of_head), -1),
        option_tail=np.where(of_tail >= 0, np.searchsorted(tails, of_tail), -1),
        head_row=np.searchsorted(row, legs.head_row[heads]),
        head=_some(legs.head, heads, nodes),
        tail=_some(legs.tail, tails, nodes),
    )


def _some(leg: Leg, keep: Ids, nodes: Ids) -> Leg:
    node = np.searchsorted(nodes, leg.node[keep])
    return Leg(node, leg.cost[keep], leg.gate[keep], leg.measure[keep], leg.amount[keep])


def leg_problem(problem: Problem, legs: Legs) -> tuple[Problem, Ids]:
    """Return a problem whose options are the whole options, the heads and the tails, and their places.

    Its rows are the rows of the problem, then one per node, to which the tails belong: costs and uses of a
    tail are for the whole demand of its node. What ties the heads of a node to its tails is not in it.

    Returns
    -------
    Problem
        All but the options and rows is that of `problem`.
    int64, shape (whole + heads + tails,)
        Where each whole option, then each head, then each tail stands among its options.
    """
    whole, demand = whole_options(legs), node_demand(problem, legs)
    row_of_option = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    row = np.concatenate([row_of_option[whole], legs.head_row, problem.n_rows + legs.tail.node])
    order = np.argsort(row, kind="stable")
    per_head, per_tail = problem.row_demand[legs.head_row], demand[legs.tail.node]
    cost = np.concatenate([problem.option_cost[whole], legs.head.cost * per_head, legs.tail.cost * per_tail])
    gates = concatenate(
        [
            take((problem.option_gate_start, (problem.option_gate,)), whole),
            gates_block(legs.head.gate, len(per_head)),
            gates_block(legs.tail.gate, len(per_tail)),
        ],
        [np.int32],
    )
    own_uses = (problem.option_use_start, (problem.option_use_measure, problem.option_use_amount))
    uses = concatenate(
        [
            take(own_uses, whole),
            amounts_block(legs.head.measure, legs.head.amount * per_head[:, None], None, len(per_head)),
            amounts_block(legs.tail.measure, legs.tail.amount * per_tail[:, None], None, len(per_tail)),
        ],
        [np.int32, np.float64],
    )
    gate_start, (gate,) = take(gates, order)
    use_start, (measure, amount) = take(uses, order)
    smaller = replace(
        problem,
        row_start=counts_to_start(np.bincount(row, minlength=problem.n_rows + len(demand))),
        row_demand=np.concatenate([problem.row_demand, demand]),
        row_single=np.zeros(problem.n_rows + len(demand), dtype=bool),
        option_cost=cost[order],
        option_gate_start=gate_start,
        option_gate=gate,
        option_use_start=use_start,
        option_use_measure=measure,
        option_use_amount=amount,
    )
    place = np.empty(len(order), dtype=np.int64)
    place[order] = np.arange(len(order))
    return smaller, place
