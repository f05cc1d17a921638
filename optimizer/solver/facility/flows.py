"""Exact flows for a fixed set of open facilities: successive shortest paths between facilities.

Every customer begins at its cheapest open facility; the surplus of overfull ones moves along chains of
cheapest re-assignments, found by Dijkstra's method on costs reduced by the prices of capacity, which are
optimal at the end. R. K. Ahuja, T. L. Magnanti, J. B. Orlin, "Network Flows" (1993), section 9.7.
"""

import numpy as np
from numba import njit

from optimizer.problem.problem import Bools, Floats, Ints

__all__ = ["route"]


@njit(cache=True)
def route(  # noqa: PLR0912 (one compiled loop)
    unit: Floats, demand: Floats, capacity: Floats, opened: Ints, limit: float
) -> tuple[float, Floats, Floats]:
    """Cheapest flows from the open facilities.

    Parameters
    ----------
    limit
        Cost at which to give up: the prices on the way are a growing bound.

    Returns
    -------
    cost
        Transport cost; `inf` where it reaches the limit or the open facilities cannot serve everybody.
    load : float64, shape (open, customers)
    worth : float64, shape (open,)
        Price of one more unit of capacity at each open facility, ≥ 0.
    """
    k, n = len(opened), len(demand)
    cost_to = np.empty((n, k))
    for s in range(k):
        cost_to[:, s] = unit[opened[s]]
    load, room, worth = np.zeros((k, n)), capacity[opened], np.zeros(k)
    tiny = 1e-11 * demand.sum()
    cost = 0.0
    for j in range(n):
        first = 0
        for s in range(k):
            if cost_to[j, s] < cost_to[j, first]:
                first = s
        load[first, j] = demand[j]
        room[first] -= demand[j]
        cost += demand[j] * cost_to[j, first]
    if not np.isfinite(cost):
        return np.inf, load, worth
    arc, via = np.full((k, k), np.inf), np.full((k, k), -1, dtype=np.int64)
    for s in range(k):
        _refresh(s, cost_to, load, arc, via, tiny)
    distance, back, done = np.empty(k), np.empty(k, dtype=np.int64), np.empty(k, dtype=np.bool_)
    left = True
    while left:
        left = False
        for source in range(k):
            if room[source] >= -tiny:
                continue
            end = _nearest_room(source, arc, worth, room, tiny, distance, back, done)
            if end < 0:
                return np.inf, load, worth
            cost += _push(source, end, back, via, cost_to, load, room, tiny)
            t = end
            while t >= 0:
                _refresh(t, cost_to, load, arc, via, tiny)
                t = back[t]
            left = True
        floor = cost
        for s in range(k):
            if room[s] < -tiny:
                floor -= room[s] * worth[s]
        if floor >= limit:
            return np.inf, load, worth
    return cost, load, worth


@njit(cache=True)
def _nearest_room(
    source: int, arc: Floats, worth: Floats, room: Floats, tiny: float, distance: Floats, back: Ints,
    done: Bools,
) -> int:  # fmt: skip
    """Nearest facility with room by Dijkstra's method (or -1); raises the prices of those on the way."""
    k = len(worth)
    distance[:] = np.inf
    done[:] = False
    distance[source] = 0.0
    back[source] = -1
    while True:
        s = -1
        for t in range(k):
            if not done[t] and (s < 0 or distance[t] < distance[s]):
                s = t
        if s < 0 or not np.isfinite(distance[s]):
            return -1
        if room[s] > tiny:
            break
        done[s] = True
        for t in range(k):
            if not done[t]:
                through = distance[s] + max(arc[s, t] - worth[s] + worth[t], 0.0)
                if through < distance[t]:
                    distance[t] = through
                    back[t] = s
    for t in range(k):
        if done[t]:
            worth[t] += distance[s] - distance[t]
    return s


@njit(cache=True)
def _push(
    source: int, end: int, back: Ints, via: Ints, cost_to: Floats, load: Floats, room: Floats, tiny: float
) -> float:  # fmt: skip
    """Move as much as the chain allows; the change of cost."""
    push, t = min(room[end], -room[source]), end
    while back[t] >= 0:
        push = min(push, load[back[t], via[back[t], t]])
        t = back[t]
    room[source] += push
    room[end] -= push
    change, t = 0.0, end
    while back[t] >= 0:
        s = back[t]
        j = via[s, t]
        moved = push if load[s, j] - push > tiny else load[s, j]
        load[s, j] -= moved
        load[t, j] += moved
        change += moved * (cost_to[j, t] - cost_to[j, s])
        t = s
    return change


@njit(cache=True)
def _refresh(s: int, cost_to: Floats, load: Floats, arc: Floats, via: Ints, tiny: float) -> None:
    """Cheapest unit move out of a facility to every other one, and the customer that makes it."""
    arc[s, :] = np.inf
    for j in range(load.shape[1]):
        if load[s, j] > tiny:
            here = cost_to[j, s]
            for t in range(arc.shape[0]):
                if cost_to[j, t] - here < arc[s, t] and t != s:
                    arc[s, t] = cost_to[j, t] - here
                    via[s, t] = j
