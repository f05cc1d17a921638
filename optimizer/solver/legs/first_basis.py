r"""A basis for the linear relaxation over legs to begin with: every row by its cheapest way.

At the dual values

.. math:: \pi_q = \min_k c_k / s_{kq}, \qquad
          \pi_n = \min_{t \in n} \Big( c_t + \sum_q a_{tq} \pi_q \Big), \qquad
          \pi_i = \min_{j \in i} \Big( c_j + \sum_q a_{jq} \pi_q + \tfrac{d_i}{D_{n(j)}} \pi_{n(j)} \Big)

of supply rows, nodes and demand rows no column is worth more than it costs. The columns that attain these
minima are basic, and so is the slack of every other row: the basis is triangular and dual feasible. What is
left to the dual simplex method is what this leaves out, limits and gates.

Of the measures of a resource only the one on which most is spent has a price, because what supplies several
of them would be paid for more than once.
"""

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.problem.entries import owner
from optimizer.problem.matrix import LinearModel
from optimizer.problem.ragged import sum_by
from optimizer.solver.backends.linear import AT_LOWER, AT_UPPER, BASIC
from optimizer.solver.legs.program import LegProgram

__all__ = ["first_basis"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
Status = npt.NDArray[np.int8]


def first_basis(program: LegProgram, model: LinearModel, within: Bools) -> tuple[Status, Status]:
    """Status of the columns and of the rows.

    Parameters
    ----------
    program
        The program over legs.
    model
        Its linear relaxation, with the same columns of options.
    within : bool, shape (columns,)
        Columns that can be used.
    """
    supply_rows, suppliers, price = _cheapest_supply(program, model, within)
    options = model.columns["x"]
    supply = model.matrix[model.rows["supply"]]
    cost = np.where(within, model.cost, np.inf)[options] + supply[:, options].T @ price
    nodes, tails, price = _cheapest_tails(program, cost)
    ways = model.matrix[model.rows["row"]][:, options]
    demand = program.problem.n_rows
    tied = ways[demand:].T @ price
    tied[program.tail_column - options.start] = 0.0
    rows, firsts = _cheapest_of(ways[:demand], cost - tied)
    column = np.full(model.matrix.shape[1], AT_LOWER, dtype=np.int8)
    row = np.full(model.matrix.shape[0], BASIC, dtype=np.int8)
    column[np.concatenate([suppliers, program.tail_column[tails], options.start + firsts])] = BASIC
    row[model.rows["supply"].start + supply_rows] = AT_UPPER
    row[model.rows["row"].start + np.concatenate([demand + nodes, rows])] = AT_LOWER
    return column, row


def _cheapest_supply(program: LegProgram, model: LinearModel, within: Bools) -> tuple[Ids, Ids, Floats]:
    """One supply row of each resource, the column that adds to it at the least rate, prices of all rows."""
    matrix = sparse.coo_array(model.matrix[model.rows["supply"]])
    row, column, amount = matrix.row.astype(np.int64), matrix.col.astype(np.int64), -matrix.data
    adds = (column >= model.columns["n"].start) & (amount > 0.0) & (model.upper[column] > 0.0)
    adds &= within[column]
    rate = model.cost[column[adds]] / amount[adds]
    rows, best = _least(row[adds], rate)
    count = matrix.shape[0]
    use = sum_by(row[amount < 0.0], -amount[amount < 0.0], count)
    _, first = _least(owner(program.smaller.resource_start)[rows], -(rate[best] * use[rows]))
    paid = rate[best[first]] > 0.0
    rows, best = rows[first][paid], best[first][paid]
    price = np.zeros(count)
    price[rows] = rate[best]
    return rows, column[adds][best], price


def _cheapest_tails(program: LegProgram, cost: Floats) -> tuple[Ids, Ids, Floats]:
    """Nodes with a tail, the cheapest tail of each, and what that costs; zero for other nodes."""
    of_tail = cost[program.tail_column - program.model.columns["x"].start]
    usable = np.flatnonzero(np.isfinite(of_tail))
    nodes, best = _least(program.legs.tail.node[usable], of_tail[usable])
    price = np.zeros(program.smaller.n_rows - program.problem.n_rows)
    price[nodes] = of_tail[usable[best]]
    return nodes, usable[best], price


def _cheapest_of(ways: sparse.csr_array, cost: Floats) -> tuple[Ids, Ids]:
    """Rows with a usable option, and the cheapest of each."""
    entries = sparse.coo_array(ways)
    usable = np.isfinite(cost[entries.col])
    row, column = entries.row[usable].astype(np.int64), entries.col[usable].astype(np.int64)
    rows, best = _least(row, cost[column])
    return rows, column[best]


def _least(group: Ids, value: Floats) -> tuple[Ids, Ids]:
    """Groups that occur, ascending, and the position of the least value of each."""
    order = np.lexsort((value, group))
    first = np.flatnonzero(np.diff(group[order], prepend=-1))
    return group[order[first]], order[first]
