"""Rules that limit how many sites may open."""

import numpy as np

from optimizer.problem.entries import owner
from optimizer.problem.problem import Ints, Problem

__all__ = ["limited_sites"]


def limited_sites(problem: Problem, rule: int) -> Ints:
    """Sites whose number a rule limits, all sizes of them alike; none where the rule is of another kind.

    Returns
    -------
    int64
        Ascending.
    """
    span = slice(problem.rule_start[rule], problem.rule_start[rule + 1])
    size = problem.rule_index[span].astype(np.int64)
    none = np.zeros(0, dtype=np.int64)
    plain = np.all(problem.rule_coefficient[span] == 1.0) and problem.rule_lower[rule] <= 0.0
    most = problem.rule_upper[rule]
    if not plain or not 0.0 <= most < np.inf or np.any(size >= problem.n_sizes):
        return none
    sites = np.unique(owner(problem.site_start)[size])
    whole = np.diff(problem.site_start)[sites].sum() == len(np.unique(size)) == len(size)
    return sites if whole else none
