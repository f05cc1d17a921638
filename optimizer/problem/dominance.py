"""Which options can never be worth choosing, found in one compiled pass over the rows."""

import numpy as np
import numpy.typing as npt
from numba import njit

from optimizer.problem.problem import Problem

__all__ = ["undominated_options"]


def undominated_options(problem: Problem) -> npt.NDArray[np.bool_]:
    """Mark the options that no other option of their row dominates.

    Option `j` dominates `k` when `c_j ≤ c_k`, `G(j) ⊆ G(k)` and `a_jq ≤ a_kq` for every measure: whatever `k`
    serves, `j` serves as cheaply with what is open and used anyway. Of equal options the first stays. An
    option is compared with those only that pass no gate or begin with one of its own gates.

    Returns
    -------
    bool, shape (options,)
    """
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    by_cost = np.lexsort((problem.option_cost, row))
    return np.asarray(
        _undominated(
            problem.row_start,
            by_cost,
            problem.option_cost,
            problem.option_gate_start,
            problem.option_gate,
            problem.option_use_start,
            problem.option_use_measure,
            problem.option_use_amount,
            problem.n_gates,
            problem.n_measures,
        ),
        dtype=np.bool_,
    )


@njit(cache=True)
def _undominated(row_start, by_cost, cost, gate_start, gate, use_start, measure, amount, n_gates, n_measures):  # type: ignore[no-untyped-def]
    kept = np.ones(len(cost), dtype=np.bool_)
    head = np.full(n_gates + 1, -1, dtype=np.int64)
    following = np.full(len(cost), -1, dtype=np.int64)
    passes = np.zeros(n_gates, dtype=np.bool_)
    used = np.zeros(n_measures)
    for row in range(len(row_start) - 1):
        first, last = row_start[row], row_start[row + 1]
        for place in range(first, last):
            k = by_cost[place]
            _mark(k, 1.0, gate_start, gate, passes, use_start, measure, amount, used)
            for g in range(gate_start[k] - 1, gate_start[k + 1]):
                j = head[n_gates] if g < gate_start[k] else head[gate[g]]
                while j >= 0 and kept[k]:
                    if _fits(j, gate_start, gate, passes, use_start, measure, amount, used):
                        kept[k] = False
                    j = following[j]
                if not kept[k]:
                    break
            if kept[k]:
                key = gate[gate_start[k]] if gate_start[k + 1] > gate_start[k] else n_gates
                following[k] = head[key]
                head[key] = k
            _mark(k, 0.0, gate_start, gate, passes, use_start, measure, amount, used)
        head[n_gates] = -1
        for place in range(first, last):
            k = by_cost[place]
            if gate_start[k + 1] > gate_start[k]:
                head[gate[gate_start[k]]] = -1
    return kept


@njit(cache=True)
def _mark(k, on, gate_start, gate, passes, use_start, measure, amount, used):  # type: ignore[no-untyped-def]
    for g in range(gate_start[k], gate_start[k + 1]):
        passes[gate[g]] = on > 0.0
    for q in range(use_start[k], use_start[k + 1]):
        used[measure[q]] = on * amount[q]


@njit(cache=True)
def _fits(j, gate_start, gate, passes, use_start, measure, amount, used):  # type: ignore[no-untyped-def]
    for g in range(gate_start[j], gate_start[j + 1]):
        if not passes[gate[g]]:
            return False
    for q in range(use_start[j], use_start[j + 1]):  # noqa: SIM110 - compiled
        if amount[q] > used[measure[q]]:
            return False
    return True
