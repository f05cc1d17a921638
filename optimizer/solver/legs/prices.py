r"""Prices of the whole problem out of the linear relaxation of its program over legs.

With `v`, `μ` the duals of rows and supply, `λ` those of the links and `π` those of the nodes, the reduced
cost of a pair is that of its head plus `d_i / D_n` times that of its tail:

.. math:: c_{ht} + \mu a_{ht} + \lambda_{i,G(h)} + \tfrac{d_i}{D_n} \lambda_{n,G(t)} - v_i
          = \bar c_h + \tfrac{d_i}{D_n} \bar c_t \ge 0,

as `π` falls out. So `v`, `μ` and ``λ_ig + Σ_n d_i / D_n λ_ng`` are prices of the problem over whole options,
and the bound they prove is no less than that of the relaxation: nothing of it rests on a solver's word.
"""

import numpy as np

from optimizer.problem.legs import Legs, node_demand
from optimizer.problem.matrix import LinearModel
from optimizer.problem.problem import Floats, Ints, Problem
from optimizer.solver.layout import lay_out
from optimizer.solver.solution import Prices

__all__ = ["prices_of_legs"]


def prices_of_legs(
    problem: Problem, legs: Legs, smaller: Problem, model: LinearModel, duals: Floats
) -> Prices:
    """Turn the duals of the relaxed program over legs into prices of the problem.

    Parameters
    ----------
    problem, legs
        The problem and its legs.
    smaller
        The problem over legs, see `optimizer.problem.legs.leg_problem`.
    model
        Its program with strong links; rows that were added to it come after those of its families.
    duals
        Change of the optimum per unit of each row's side, shape (rows of the program,).
    """
    rows = duals[model.rows["row"]]
    layout = lay_out(problem)
    return Prices(
        row=rows[: problem.n_rows].copy(),
        measure=np.maximum(-duals[model.rows["supply"]], 0.0),
        link_row=layout.link_row,
        link_gate=layout.link_gate,
        link_price=_links(problem, legs, smaller, model, duals, layout.link_row, layout.link_gate),
        rule=duals[model.rows["rule"]].copy(),
    )


def _links(
    problem: Problem,
    legs: Legs,
    smaller: Problem,
    model: LinearModel,
    duals: Floats,
    link_row: Ints,
    link_gate: Ints,
) -> Floats:
    """Prices of the links: a row's own, and its part in the links of the nodes that serve it."""
    n_gates = problem.n_gates
    pair = _link_pairs(smaller, model)
    price = np.maximum(-duals[model.rows["link"]], 0.0)
    of_row = pair < problem.n_rows * n_gates
    node, node_gate = np.divmod(pair[~of_row] - problem.n_rows * n_gates, n_gates)
    row, part, at = _spread(problem, legs, node)
    keys = np.concatenate([pair[of_row], row * n_gates + node_gate[at]])
    values = np.concatenate([price[of_row], part * price[~of_row][at]])
    wanted = link_row.astype(np.int64) * n_gates + link_gate
    found, place = np.unique(keys, return_inverse=True)
    total = np.bincount(place, values, len(found))
    if not len(found):
        return np.zeros(len(wanted))
    where = np.minimum(np.searchsorted(found, wanted), len(found) - 1)
    return np.where(found[where] == wanted, total[where], 0.0)


def _link_pairs(smaller: Problem, model: LinearModel) -> Ints:
    """``row · gates + gate`` of each link constraint, in the order of the program."""
    option = np.repeat(np.arange(smaller.n_options), np.diff(smaller.option_gate_start))
    gate = smaller.option_gate.astype(np.int64)
    kept = ((model.gate_column >= 0) | (np.diff(smaller.gate_size_start) > 0))[gate]
    row = np.repeat(np.arange(smaller.n_rows), np.diff(smaller.row_start))[option]
    return np.unique(row[kept] * smaller.n_gates + gate[kept])


def _spread(problem: Problem, legs: Legs, node: Ints) -> tuple[Ints, Floats, Ints]:
    """Rows that meet each given node, their part of its demand, and the position of the node."""
    demand = node_demand(problem, legs)
    order = np.argsort(legs.head.node, kind="stable")
    start = np.searchsorted(legs.head.node[order], np.arange(len(demand) + 1))
    counts = np.diff(start)[node]
    at = np.repeat(np.arange(len(node)), counts)
    head = order[start[node][at] + np.arange(len(at)) - (np.cumsum(counts) - counts)[at]]
    row = legs.head_row[head]
    return row, problem.row_demand[row] / demand[node[at]], at
