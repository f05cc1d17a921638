"""Which site each gate stands under."""

import numpy as np

from optimizer.problem.entries import owner
from optimizer.problem.problem import Ints, Problem

__all__ = ["site_of_gates"]


def site_of_gates(problem: Problem) -> Ints:
    """Site of the sizes that admit each gate, −1 where it stands free.

    Returns
    -------
    int64, shape (gates,)
    """
    site = np.full(problem.n_gates, -1, dtype=np.int64)
    under = np.flatnonzero(np.diff(problem.gate_size_start) > 0)
    site[under] = owner(problem.site_start)[problem.gate_size[problem.gate_size_start[under]]]
    return site
