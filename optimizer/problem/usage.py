"""The most that any plan can use of each measure."""

import numpy as np
import numpy.typing as npt
from numba import njit

from optimizer.problem.problem import Problem

__all__ = ["largest_use"]


def largest_use(problem: Problem) -> npt.NDArray[np.float64]:
    """Sum over the rows of the largest use by one of their options, `Σ_i max_{j ∈ J(i)} a_jq`.

    Returns
    -------
    float64, shape (measures,)
    """
    return np.asarray(
        _largest_use(
            problem.row_start,
            problem.option_use_start,
            problem.option_use_measure,
            problem.option_use_amount,
            problem.n_measures,
        ),
        dtype=np.float64,
    )


@njit(cache=True)
def _largest_use(row_start, use_start, measure, amount, n_measures):  # type: ignore[no-untyped-def]
    total, most = np.zeros(n_measures), np.zeros(n_measures)
    touched = np.empty(n_measures, dtype=np.int64)
    for row in range(len(row_start) - 1):
        count = 0
        for u in range(use_start[row_start[row]], use_start[row_start[row + 1]]):
            q = measure[u]
            if most[q] == 0.0 and amount[u] > 0.0:
                touched[count] = q
                count += 1
            most[q] = max(most[q], amount[u])
        for k in range(count):
            total[touched[k]] += most[touched[k]]
            most[touched[k]] = 0.0
    return total
