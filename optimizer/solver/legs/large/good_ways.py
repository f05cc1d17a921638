"""Which ways are good at some prices: openings by their shares, ways by what they cost beside the best."""

import numpy as np
import numpy.typing as npt

from optimizer.problem.entries import owner
from optimizer.problem.legs import Legs, whole_options
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import positions, sum_by
from optimizer.solver.backends.linear import LinearAnswer
from optimizer.solver.legs.large.implicit import ImplicitRelaxation
from optimizer.solver.legs.large.sized import Good, Sized
from optimizer.solver.plans import rows_of
from optimizer.solver.prices import PriceVector

__all__ = ["good_ways", "narrowed"]

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def good_ways(
    problem: Problem,
    legs: Legs,
    relaxation: ImplicitRelaxation,
    prices: PriceVector,
    sizes: Bools,
    tolerance: float,
) -> Good:
    """Ways whose priced cost is within a part of that of their row's best.

    Where a row has a good head its cheapest whole option is good too: there is always room for that.

    Parameters
    ----------
    relaxation, prices
        The relaxation of the problem split by size, and prices.
    sizes : bool, shape (sizes,)
        What is to be open.
    tolerance
        The part.
    """
    ways, shell = relaxation.ways, relaxation.shell
    rank = _open_copies(relaxation, sizes)
    relaxation.head_values(prices)
    of_head = rank[ways.head.gate.max(axis=1)]
    heads = np.flatnonzero(of_head >= 0)
    orders = problem.row_demand[ways.head_row[heads]]
    value = (ways.head.cost[heads] + relaxation.tail_value[ways.head.node[heads], of_head[heads]]) * orders
    whole, whole_value = _cheapest_whole(problem, legs, prices.measure[shell.number[:, 0]])
    best = np.full(problem.n_rows, np.inf)
    best[rows_of(problem, whole)] = whole_value
    np.minimum.at(best, ways.head_row[heads], value)
    limit = best + tolerance * np.abs(best)
    head = heads[value <= limit[ways.head_row[heads]]]
    row = rows_of(problem, whole)
    several = np.bincount(ways.head_row[head], minlength=problem.n_rows) > 1
    gates = np.zeros(problem.n_gates, dtype=bool)
    gates[ways.head.gate.max(axis=1)[head]] = True
    every = np.ones(len(legs.tail.node), dtype=bool)
    return Good(sizes, gates, head, np.sort(whole[(whole_value <= limit[row]) | several[row]]), every)


def narrowed(problem: Problem, sized: Sized, answer: LinearAnswer, tolerance: float) -> Good:
    """Ways that a solution of the relaxation uses, or holds for nearly as good.

    Parameters
    ----------
    tolerance
        Largest reduced cost, as a part of what the row costs; for a tail, of the mean cost through its node.
    """
    assert answer.values is not None and answer.duals is not None
    columns, model, ways = sized.columns, sized.model, sized.columns.ways
    reduced = model.cost - model.matrix.T @ answer.duals
    row_price = np.zeros(problem.n_rows)
    row_price[columns.row] = np.abs(answer.duals[model.rows["row"]])
    limits = {
        "head": row_price[ways.head_row[columns.head]],
        "whole": row_price[rows_of(problem, columns.whole)],
        "tail": _price_through(problem, sized, answer.duals)[ways.tail.node[columns.tail]],
    }
    good = [
        (reduced[model.columns[name]] <= tolerance * limit) | (answer.values[model.columns[name]] > 0.0)
        for name, limit in limits.items()
    ]
    tail = np.zeros(len(columns.good.tail), dtype=bool)
    tail[ways.tail_of[columns.tail[good[2]]]] = True
    return Good(
        columns.good.sizes,
        columns.good.gates,
        np.sort(np.concatenate([columns.still_head, columns.head[good[0]]])),
        np.sort(np.concatenate([columns.still_whole, columns.whole[good[1]]])),
        tail,
    )


def _open_copies(relaxation: ImplicitRelaxation, sizes: Bools) -> Ids:
    """Rank of the copy of every gate that a size admits, −1 where none does."""
    problem, gates = relaxation.problem, relaxation.shell.gates
    copy = owner(problem.gate_size_start)
    opened = sum_by(copy, sizes[problem.gate_size], problem.n_gates) > 0.0
    first = np.searchsorted(gates, np.arange(int(gates[-1]) + 1))
    rank = np.full(len(first), -1, dtype=np.int64)
    chosen = np.flatnonzero(opened)
    rank[gates[chosen]] = chosen - first[gates[chosen]]
    return rank


def _cheapest_whole(problem: Problem, legs: Legs, measure: Floats) -> tuple[Ids, Floats]:
    """Cheapest whole option at prices of every row that has one, by row, and its priced cost."""
    whole = whole_options(legs)
    count = np.diff(problem.option_use_start)[whole]
    value = problem.option_cost[whole].copy()
    if count.any():
        at = np.repeat(np.arange(len(whole)), count)
        entry = positions(problem.option_use_start, whole)
        used = problem.option_use_amount[entry] * measure[problem.option_use_measure[entry]]
        value += sum_by(at, used, len(whole))
    row = rows_of(problem, whole)
    order = np.lexsort((value, row))
    first = np.unique(row[order], return_index=True)[1]
    return whole[order[first]], value[order[first]]


def _price_through(problem: Problem, sized: Sized, duals: Floats) -> Floats:
    """What all orders of good ways through each node cost: their heads, and the node's price."""
    columns, ways = sized.columns, sized.columns.ways
    head = columns.good.head
    orders = problem.row_demand[ways.head_row[head]]
    price = sum_by(ways.head.node[head], ways.head.cost[head] * orders, ways.nodes)
    price[columns.node] += np.abs(duals[sized.model.rows["node"]])
    return price
