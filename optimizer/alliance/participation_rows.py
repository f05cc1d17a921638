"""The constraints of the siting problem with participation; its formulation stands in `participation`."""

import numpy as np
from numpy.typing import ArrayLike
from scipy import sparse

from optimizer.alliance.member_problem import MemberProblem
from optimizer.problem.matrix import LinearModel
from optimizer.problem.problem import Bools, Floats

__all__ = ["participation_rows"]

Rows = tuple[sparse.csr_array, ArrayLike, ArrayLike]


def participation_rows(members: MemberProblem, model: LinearModel) -> tuple[sparse.csr_array, Floats, Floats]:
    """Return A, l, u of l ≤ A·v ≤ u over the columns (siting model, p, q).

    The last row is `Σ p + (n − 1) q ≤ n − 1`, the one before it `Σ p + n q ≥ 1`.
    """
    width, n = len(model.cost), len(members.players)
    parts = [_body(members, model), _own_gates(members, model), _rules_of_members(members, model)]
    someone = np.concatenate([np.zeros(width), np.ones(n), [float(n)]])
    few = np.concatenate([np.zeros(width), np.ones(n), [n - 1.0]])
    parts.append((sparse.csr_array(np.array([someone, few])), [1.0, -np.inf], [np.inf, n - 1.0]))
    return (
        sparse.csr_array(sparse.vstack([matrix for matrix, _, _ in parts])),
        np.concatenate([np.asarray(lower, dtype=np.float64) for _, lower, _ in parts]),
        np.concatenate([np.asarray(upper, dtype=np.float64) for _, _, upper in parts]),
    )


def _body(members: MemberProblem, model: LinearModel) -> Rows:
    """The siting model's rows: demand times p, and the supply that members bring along times p."""
    n, served = len(members.players), model.rows["row"]
    lower, upper = model.row_lower.copy(), model.row_upper.copy()
    lower[served] = upper[served] = 0.0
    rows = np.arange(served.start, served.stop)
    entries, row, column = [np.full(len(rows), -1.0)], [rows], [members.member_of_row]
    if members.member_supply is not None:
        supply = model.rows["supply"]
        owner, measure = np.nonzero(members.member_supply)
        entries.append(-members.member_supply[owner, measure])
        row.append(supply.start + measure)
        column.append(owner)
        upper[supply] = np.maximum(0.0, upper[supply] - members.member_supply.sum(axis=0))
    spoken = _spoken_by_members_only(members)
    rules = np.arange(model.rows["rule"].start, model.rows["rule"].stop)[spoken]
    lower[rules], upper[rules] = np.minimum(lower[rules], 0.0), np.maximum(upper[rules], 0.0)
    takes_part = sparse.csr_array(
        (np.concatenate(entries), (np.concatenate(row), np.concatenate(column))),
        shape=(model.matrix.shape[0], n + 1),
    )
    return sparse.csr_array(sparse.hstack([model.matrix, takes_part])), lower, upper


def _own_gates(members: MemberProblem, model: LinearModel) -> Rows:
    """`m_g ≤ p_i` for every gate of a member."""
    width, n = len(model.cost), len(members.players)
    gates = np.flatnonzero((members.member_of_gate >= 0) & (model.gate_column >= 0))
    count = len(gates)
    columns = np.concatenate([model.gate_column[gates], width + members.member_of_gate[gates]])
    matrix = sparse.csr_array(
        (np.repeat([1.0, -1.0], count), (np.tile(np.arange(count), 2), columns)),
        shape=(count, width + n + 1),
    )
    return matrix, np.full(count, -np.inf), np.zeros(count)


def _rules_of_members(members: MemberProblem, model: LinearModel) -> Rows:
    """`lower · p_i ≤ A m ≤ upper · p_i` for rules over members' gates only that nobody present breaks."""
    problem, width, n = members.problem, len(model.cost), len(members.players)
    first = model.rows["rule"].start
    blocks, lower, upper = [sparse.csr_array((0, width + n + 1))], [], []
    for rule in np.flatnonzero(_spoken_by_members_only(members)):
        named = problem.rule_index[problem.rule_start[rule] : problem.rule_start[rule + 1]] - problem.n_sizes
        for member in np.unique(members.member_of_gate[named]):
            for limit, below in ((problem.rule_lower[rule], True), (problem.rule_upper[rule], False)):
                if not np.isfinite(limit) or (limit <= 0.0 if below else limit >= 0.0):
                    continue
                presence = sparse.csr_array(([-limit], ([0], [member])), shape=(1, n + 1))
                blocks.append(sparse.hstack([model.matrix[[first + rule]], presence]))
                lower.append(0.0 if below else -np.inf)
                upper.append(np.inf if below else 0.0)
    return sparse.csr_array(sparse.vstack(blocks)), lower, upper


def _spoken_by_members_only(members: MemberProblem) -> Bools:
    """Return which rules name nothing but members' gates; a coalition without these members drops them."""
    problem = members.problem
    gate = problem.rule_index - problem.n_sizes
    is_gate = (gate >= 0) & (gate < problem.n_gates)
    owned = np.zeros(len(gate), dtype=np.bool_)
    owned[is_gate] = members.member_of_gate[gate[is_gate]] >= 0
    rule = np.repeat(np.arange(problem.n_rules), np.diff(problem.rule_start))
    others = np.bincount(rule[~owned], minlength=problem.n_rules)
    return np.asarray((others == 0) & (np.diff(problem.rule_start) > 0), dtype=np.bool_)
