r"""Compiled kernels: what each facility is worth at given prices, and which facilities to open.

With a price `w_j` per unit of customer j's demand, facility i alone solves a fractional knapsack,

.. math:: g_i(w) = f_i + \min \Big\{ \sum_j d_j (u_{ij} - w_j) x_j : \sum_j d_j x_j \le Q_i,\;
          0 \le x \le 1 \Big\},

and the bound is :math:`\sum_j d_j w_j + \min \{\sum_i g_i y_i : \sum_i Q_i y_i \ge \text{need}\}`, a 0–1
knapsack (A. Klose and S. Görtz, EJOR 179 (2007), 1109–1125). Entries are held by facility: those of
facility i are ``start[i]:start[i + 1]``.
"""

import numpy as np
from numba import njit

from optimizer.problem.problem import Bools, Floats, Indices, Ints
from optimizer.solver.knapsack import cheapest_cover

__all__ = ["MASTER_NODES", "add_served", "choose", "gains"]

MASTER_NODES = 2_000
"""Nodes of a knapsack after which its linear bound is taken."""
MOST_WALK = 10
"""Items to pass from the last cut before a knapsack is solved afresh."""


@njit(cache=True)
def _critical(margin: Floats, weight: Floats, count: int, capacity: float) -> float:
    """Margin of the item at which the knapsack of the least margins is full, by selection."""
    low, high, left = 0, count, capacity
    while high - low > 1:
        pivot = margin[(low + high) // 2]
        below, above, k = low, high, low
        less, same = 0.0, 0.0
        while k < above:
            if margin[k] < pivot:
                less += weight[k]
                margin[k], margin[below] = margin[below], margin[k]
                weight[k], weight[below] = weight[below], weight[k]
                below += 1
                k += 1
            elif margin[k] > pivot:
                above -= 1
                margin[k], margin[above] = margin[above], margin[k]
                weight[k], weight[above] = weight[above], weight[k]
            else:
                same += weight[k]
                k += 1
        if less >= left:
            high = below
        elif less + same >= left:
            return float(pivot)
        else:
            left -= less + same
            low = above
    return float(margin[low])


@njit(cache=True, fastmath={"reassoc"})
def _edge_near(guess: float, margin: Floats, weight: Floats, count: int, capacity: float) -> float:
    """Return the same margin, walking from a guess that is mostly right; by selection when it is far off."""
    edge = guess
    for _ in range(MOST_WALK):
        less, same, under, over = 0.0, 0.0, -np.inf, np.inf
        for k in range(count):
            r = margin[k]
            less += weight[k] if r < edge else 0.0
            same += weight[k] if r == edge else 0.0
            under = max(under, r if r < edge else -np.inf)
            over = min(over, r if r > edge else np.inf)
        if less >= capacity:
            edge = under
        elif less + same >= capacity:
            return float(edge)
        else:
            edge = over
    return _critical(margin, weight, count, capacity)


@njit(cache=True, fastmath={"reassoc"})
def gains(
    start: Ints, customer: Indices, unit: Floats, demand: Floats, capacity: Floats, fixed: Floats,
    state: np.ndarray, price: Floats, gain: Floats, cut: Floats, margin: Floats, weight: Floats,
) -> None:  # fmt: skip
    """Fill `gain` with ``g_i`` (closed: `inf`) and `cut` with the margin up to which i serves, ≤ 0.

    The cuts that `cut` holds before are where the search for the new ones begins; `margin` and `weight` are
    room for one more entry than there are customers.
    """
    for i in range(len(fixed)):
        if state[i] == 0:
            gain[i] = np.inf
            continue
        count = 0
        for p in range(start[i], start[i + 1]):
            j = customer[p]
            r = unit[p] - price[j]
            margin[count] = r
            weight[count] = demand[j]
            count += 1 if r < 0.0 else 0
        total, value, edge = 0.0, 0.0, 0.0
        for k in range(count):
            total += weight[k]
            value += weight[k] * margin[k]
        if total > capacity[i]:
            edge = _edge_near(cut[i], margin, weight, count, capacity[i])
            value = capacity[i] * edge
            for k in range(count):
                value += min(margin[k] - edge, 0.0) * weight[k]
        cut[i] = edge
        gain[i] = fixed[i] + value


@njit(cache=True)
def choose(gain: Floats, capacity: Floats, need: float, state: np.ndarray, opened: Bools) -> float:
    """Cheapest openings under the fixings (-1 free, 0 closed, 1 open) that cover the need; their value."""
    value, have, free = 0.0, 0.0, 0
    for i in range(len(gain)):
        opened[i] = state[i] == 1 or (state[i] < 0 and gain[i] < 0.0)
        if opened[i]:
            value += gain[i]
            have += capacity[i]
        elif state[i] < 0:
            free += 1
    if have >= need * (1.0 - 1e-9):
        return value
    cost, size, who = np.empty(free), np.empty(free), np.empty(free, dtype=np.int64)
    free = 0
    for i in range(len(gain)):
        if state[i] < 0 and not opened[i]:
            cost[free] = gain[i]
            size[free] = capacity[i]
            who[free] = i
            free += 1
    extra, taken = cheapest_cover(cost, size, need - have, MASTER_NODES)
    for k in range(free):
        if taken[k]:
            opened[who[k]] = True
    return value + extra


@njit(cache=True)
def add_served(
    start: Ints, customer: Indices, unit: Floats, demand: Floats, capacity: Floats, cut: Floats,
    opened: Bools, price: Floats, served: Floats,
) -> None:  # fmt: skip
    """Fill `served` with how often the open facilities serve each customer."""
    served[:] = 0.0
    for i in range(len(opened)):
        if not opened[i]:
            continue
        edge, left = cut[i], capacity[i]
        for p in range(start[i], start[i + 1]):
            j = customer[p]
            if unit[p] - price[j] < edge:
                served[j] += 1.0
                left -= demand[j]
        if edge < 0.0:
            for p in range(start[i], start[i + 1]):
                j = customer[p]
                if unit[p] - price[j] == edge and left > 0.0:
                    part = min(1.0, left / demand[j])
                    served[j] += part
                    left -= part * demand[j]
