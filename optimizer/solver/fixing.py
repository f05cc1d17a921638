"""Reduced-cost fixing: openings that no plan better than the incumbent can have."""

import numpy as np

from optimizer.problem.problem import Floats
from optimizer.solver.relaxation import Evaluation, Relaxation

__all__ = ["fix_openings", "option_ceilings"]


def fix_openings(relaxation: Relaxation, evaluation: Evaluation, slack: float) -> int:
    """Fix sizes and gates whose opposite decision would lift the bound by more than `slack`.

    The relaxation's fixings are changed in place; the number of new fixings is returned. Sound because the
    bound with one decision turned is the old bound plus the change of the openings' own small problem.
    """
    before = int(np.count_nonzero(relaxation.size_fixed >= 0) + np.count_nonzero(relaxation.gate_fixed >= 0))
    _fix_sizes(relaxation, evaluation, slack)
    _fix_gates(relaxation, evaluation, slack)
    after = int(np.count_nonzero(relaxation.size_fixed >= 0) + np.count_nonzero(relaxation.gate_fixed >= 0))
    return after - before


def _fix_sizes(relaxation: Relaxation, evaluation: Evaluation, slack: float) -> None:
    worth, chosen = evaluation.size_worth, evaluation.size_open
    base, _ = relaxation.choose_sizes(worth)
    fixed = relaxation.size_fixed.copy()
    for size in np.flatnonzero(fixed < 0):
        relaxation.size_fixed[size] = 0 if chosen[size] else 1
        turned, _ = relaxation.choose_sizes(worth)
        relaxation.size_fixed[size] = -1
        if turned - base > slack:
            fixed[size] = 1 if chosen[size] else 0
    relaxation.size_fixed[:] = fixed
    problem = relaxation.problem
    for site in np.unique(relaxation.size_site[fixed == 1]):
        sizes = slice(problem.site_start[site], problem.site_start[site + 1])
        relaxation.size_fixed[sizes] = np.where(fixed[sizes] == 1, 1, 0)


def _fix_gates(relaxation: Relaxation, evaluation: Evaluation, slack: float) -> None:
    """Close gates that cost more than the slack or have no size left; open gates that must be."""
    problem = relaxation.problem
    worth = evaluation.gate_worth
    under = np.diff(problem.gate_size_start) > 0
    gate = np.repeat(np.arange(problem.n_gates), np.diff(problem.gate_size_start))
    alive = np.zeros(problem.n_gates, dtype=bool)
    alive[gate[relaxation.size_fixed[problem.gate_size] != 0]] = True
    certain = ~under
    certain[gate[relaxation.size_fixed[problem.gate_size] == 1]] = True
    free = relaxation.gate_fixed < 0
    relaxation.gate_fixed[free & ((worth > slack) | (under & ~alive))] = 0
    relaxation.gate_fixed[free & certain & (-worth > slack)] = 1


def option_ceilings(priced: Floats, row_price: Floats, slack: float) -> Floats:
    """Largest share of each option in a better plan: slack over reduced cost, at most one."""
    reduced = priced - row_price
    return np.where(reduced > slack, slack / np.maximum(reduced, 1e-300), 1.0)
