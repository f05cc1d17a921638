r"""A program over ways with sizes and gates fixed: which of the good ways rows take, and by which tails.

Rows with one good way only need no column: their orders are part of their node's demand. What is left is

.. math:: \min \; & \sum_h d_h c_h x_h + \sum_j c_j x_j + \sum_t D_n c_t f_t + \sum_k h_k n_k
                    + \sum_r o_r z_r + C \\
    \text{s.t. } & \textstyle\sum_{h \in i} x_h + \sum_{j \in i} x_j = 1 & \text{every row } i
                   \text{ with several good ways} \\
      & \textstyle\sum_{t \in n} f_t - \sum_{h \in n} \frac{d_h}{D_n} x_h = b_n & \text{every node } n \\
      & \textstyle\sum_t D_n a_{tq} f_t + \sum_j a_{jq} x_j
        \le b_q + \sum_k k_{kq} n_k + z_r & \text{every measure } q

with `D_n` the orders of all good ways of the node and `b_n` the part of them that nothing else can take.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.problem.entries import owner
from optimizer.problem.matrix import LinearModel
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import positions, sum_by
from optimizer.solver.legs.large.ways import Ways
from optimizer.solver.plans import rows_of

__all__ = ["Columns", "Good", "Sized", "sized_program"]

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

Entries = tuple[Ids, Ids, Floats]
"""Row, column and value of matrix entries."""


@dataclass(frozen=True, eq=False)
class Good:
    """Good ways with some openings.

    Attributes
    ----------
    sizes, gates : bool, shapes (sizes,) and (gates,)
        What is open.
    head, whole : int64
        Heads (of the ways) and whole options (of the problem), ascending; every row has one at least.
    tail : bool, shape (tails of the legs,)
        Tails of the original legs.
    """

    sizes: Bools
    gates: Bools
    head: Ids
    whole: Ids
    tail: Bools


@dataclass(frozen=True, eq=False)
class Sized:
    """The program of the module docstring.

    Attributes
    ----------
    model : LinearModel
        Column blocks "head", "whole", "tail", "n", "z"; row families "row", "node", "supply".
    columns : Columns
        What the columns stand for.
    """

    model: LinearModel
    columns: "Columns"


@dataclass(frozen=True, eq=False)
class Columns:
    """Ways with and without a column.

    Attributes
    ----------
    ways : Ways
    good : Good
    head, whole, tail : int64
        Heads, whole options and tails (of the ways) of the columns.
    still_head, still_whole : int64
        Those without a column, which serve all of their rows.
    row, node : int64
        Rows and nodes that have a constraint, ascending.
    most, fixed : float64, shape (nodes of the ways,)
        `D_n`, and the part of it that has no column, in orders.
    """

    ways: Ways
    good: Good
    head: Ids
    whole: Ids
    tail: Ids
    still_head: Ids
    still_whole: Ids
    row: Ids
    node: Ids
    most: Floats
    fixed: Floats


def sized_program(problem: Problem, ways: Ways, good: Good) -> Sized:
    """Write the program of some openings and good ways; there are no tiers and no rules."""
    columns = _columns(problem, ways, good)
    return Sized(_model(problem, columns), columns)


def _columns(problem: Problem, ways: Ways, good: Good) -> Columns:
    row_of_whole = rows_of(problem, good.whole)
    row_of_head = ways.head_row[good.head]
    heads_of_row = np.bincount(row_of_head, minlength=problem.n_rows)
    several = heads_of_row + np.bincount(row_of_whole, minlength=problem.n_rows) > 1
    head, still = good.head[several[row_of_head]], good.head[~several[row_of_head]]
    orders = problem.row_demand[ways.head_row]
    fixed = sum_by(ways.head.node[still], orders[still], ways.nodes)
    most = fixed + sum_by(ways.head.node[head], orders[head], ways.nodes)
    return Columns(
        ways,
        good,
        head,
        good.whole[several[row_of_whole]],
        np.flatnonzero((most[ways.tail.node] > 0.0) & good.tail[ways.tail_of]),
        still,
        good.whole[~several[row_of_whole]],
        np.flatnonzero(several),
        np.flatnonzero(most > 0.0),
        most,
        fixed,
    )


def _model(problem: Problem, columns: Columns) -> LinearModel:
    ways, most = columns.ways, columns.most
    blocks = _blocks(problem, columns)
    width = blocks["z"].stop
    orders = problem.row_demand[ways.head_row]
    node = ways.tail.node[columns.tail]
    cost = np.concatenate(
        [
            ways.head.cost[columns.head] * orders[columns.head],
            problem.option_cost[columns.whole],
            ways.tail.cost[columns.tail] * most[node],
            problem.module_cost,
            problem.overflow_price,
        ]
    )
    upper = np.ones(width)
    upper[blocks["n"]], upper[blocks["z"]] = problem.module_limit, problem.overflow_limit
    integer = np.zeros(width, dtype=bool)
    integer[blocks["n"]] = True
    rows, entries = _entries(problem, columns, blocks)
    row, column, value = (np.concatenate(parts) for parts in zip(*entries, strict=True))
    demanded = columns.fixed[columns.node] / most[columns.node]
    taken = _still_use(problem, columns)
    opened = columns.good.sizes[owner(problem.size_supply_start)]
    supply = (
        problem.measure_supply
        - taken
        + sum_by(problem.size_supply_measure[opened], problem.size_supply_amount[opened], problem.n_measures)
    )
    one = np.ones(len(columns.row))
    return LinearModel(
        cost=cost,
        offset=_offset(problem, columns),
        lower=np.zeros(width),
        upper=upper,
        integer=integer,
        matrix=sparse.csr_array((value, (row, column)), shape=(rows["supply"].stop, width)),
        row_lower=np.concatenate([one, demanded, np.full(problem.n_measures, -np.inf)]),
        row_upper=np.concatenate([one, demanded, supply]),
        columns=blocks,
        rows=rows,
        gate_column=np.full(problem.n_gates, -1, dtype=np.int64),
    )


def _blocks(problem: Problem, columns: Columns) -> dict[str, slice]:
    lengths = {
        "head": len(columns.head),
        "whole": len(columns.whole),
        "tail": len(columns.tail),
        "n": problem.n_modules,
        "z": problem.n_resources,
    }
    ends = np.cumsum(list(lengths.values())).tolist()
    return {name: slice(end - length, end) for (name, length), end in zip(lengths.items(), ends, strict=True)}


def _entries(
    problem: Problem, columns: Columns, blocks: dict[str, slice]
) -> tuple[dict[str, slice], list[Entries]]:
    """Families of constraints and their entries."""
    ways, most = columns.ways, columns.most
    first_node = len(columns.row)
    first_supply = first_node + len(columns.node)
    rows = {
        "row": slice(0, first_node),
        "node": slice(first_node, first_supply),
        "supply": slice(first_supply, first_supply + problem.n_measures),
    }
    head, whole, tail = (
        np.arange(blocks[name].start, blocks[name].stop) for name in ("head", "whole", "tail")
    )
    at, of_tail = ways.head.node[columns.head], ways.tail.node[columns.tail]
    orders = problem.row_demand[ways.head_row[columns.head]]
    number = np.full(ways.nodes, -1, dtype=np.int64)
    number[columns.node] = first_node + np.arange(len(columns.node))
    entries: list[Entries] = [
        (np.searchsorted(columns.row, ways.head_row[columns.head]), head, np.ones(len(head))),
        (np.searchsorted(columns.row, rows_of(problem, columns.whole)), whole, np.ones(len(whole))),
        (number[at], head, -orders / most[at]),
        (number[of_tail], tail, np.ones(len(tail))),
    ]
    for measure, amount in zip(ways.tail.measure.T, ways.tail.amount.T, strict=True):
        used = np.flatnonzero(measure[columns.tail] >= 0)
        which = columns.tail[used]
        entries.append((first_supply + measure[which], tail[used], amount[which] * most[of_tail[used]]))
    where = positions(problem.option_use_start, columns.whole)
    count = np.diff(problem.option_use_start)[columns.whole]
    entries.append(
        (
            first_supply + problem.option_use_measure[where].astype(np.int64),
            np.repeat(whole, count),
            problem.option_use_amount[where],
        )
    )
    module = blocks["n"].start + owner(problem.module_supply_start)
    supplied = first_supply + problem.module_supply_measure.astype(np.int64)
    entries.append((supplied, module, -problem.module_supply_amount))
    resource = owner(problem.resource_start)
    over = np.flatnonzero(problem.overflow_limit[resource] > 0.0)
    entries.append((first_supply + over, blocks["z"].start + resource[over], -np.ones(len(over))))
    return rows, entries


def _still_use(problem: Problem, columns: Columns) -> Floats:
    """What whole options without a column use of each measure."""
    where = positions(problem.option_use_start, columns.still_whole)
    return sum_by(problem.option_use_measure[where], problem.option_use_amount[where], problem.n_measures)


def _offset(problem: Problem, columns: Columns) -> float:
    """Cost of what is open and of the ways without a column, their tails left out."""
    ways, still = columns.ways, columns.still_head
    return float(
        problem.constant
        + problem.size_cost[columns.good.sizes].sum()
        + problem.gate_fee[columns.good.gates].sum()
        + (ways.head.cost[still] * problem.row_demand[ways.head_row[still]]).sum()
        + problem.option_cost[columns.still_whole].sum()
    )
