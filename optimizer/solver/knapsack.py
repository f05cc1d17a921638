"""Exact 0–1 knapsacks for the choice of openings, by depth-first branch and bound on the ratio order."""

import numpy as np
from numba import njit

from optimizer.problem.problem import Bools, Floats

__all__ = ["cheapest_cover"]


@njit(cache=True)
def cheapest_cover(  # noqa: PLR0912, PLR0915 (one compiled loop)
    cost: Floats, capacity: Floats, need: float, max_nodes: int
) -> tuple[float, Bools]:
    r"""Solve ``min Σ cost·y  s.t.  Σ capacity·y ≥ need``, `y` binary.

    Items of negative cost are always taken; the rest is searched in order of cost per unit of capacity with
    the linear relaxation as bound.

    Parameters
    ----------
    cost, capacity : float64, shape (items,)
    need
        Capacity that must be covered; nothing to cover when ≤ 0.
    max_nodes
        Nodes after which the linear bound of what is left is given instead: still a valid bound.

    Returns
    -------
    value
        The optimum, or a lower bound of it when `max_nodes` is reached; `inf` if all items do not cover.
    chosen : bool, shape (items,)
        The best choice found.
    """
    n = len(cost)
    chosen = cost < 0.0
    base = 0.0
    left = need
    for i in range(n):
        if chosen[i]:
            base += cost[i]
            left -= capacity[i]
    if left <= 0.0:
        return base, chosen
    free = np.flatnonzero(~chosen & (capacity > 0.0))
    order = free[np.argsort(cost[free] / capacity[free])]
    k = len(order)
    suffix = np.zeros(k + 1)
    for p in range(k - 1, -1, -1):
        suffix[p] = suffix[p + 1] + capacity[order[p]]
    tolerance = 1e-9 * need
    if suffix[0] < left - tolerance:
        return np.inf, chosen
    best_cost = np.inf
    best_take = np.zeros(k, dtype=np.bool_)
    take = np.zeros(k, dtype=np.bool_)
    root_bound = -1.0
    depth = 0
    spent = 0.0
    rest = left
    nodes = 0
    forward = True
    while True:
        if forward:
            nodes += 1
            if rest <= tolerance:
                if spent < best_cost:
                    best_cost = spent
                    best_take[:] = take
                forward = False
                continue
            bound = spent
            gap = rest
            p = depth
            while p < k and gap > tolerance:
                item = order[p]
                if capacity[item] < gap:
                    bound += cost[item]
                    gap -= capacity[item]
                else:
                    bound += cost[item] * gap / capacity[item]
                    gap = 0.0
                p += 1
            if root_bound < 0.0:
                root_bound = bound
            if gap > tolerance or bound >= best_cost * (1.0 - 1e-12) or nodes > max_nodes:
                forward = False
                continue
            take[depth] = True
            spent += cost[order[depth]]
            rest -= capacity[order[depth]]
            depth += 1
        else:
            while depth > 0 and not take[depth - 1]:
                depth -= 1
            if depth == 0:
                break
            take[depth - 1] = False
            spent -= cost[order[depth - 1]]
            rest += capacity[order[depth - 1]]
            forward = True
    for p in range(k):
        if best_take[p]:
            chosen[order[p]] = True
    if nodes > max_nodes:
        return base + max(root_bound, 0.0), chosen
    return base + best_cost, chosen
