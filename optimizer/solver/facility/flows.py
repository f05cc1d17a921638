"""Exact flows for a fixed set of open facilities: successive shortest paths between facilities.

Every customer begins at its cheapest open facility and the surplus of overfull ones moves along chains of
cheapest re-assignments; the distances at the end are the prices of capacity. R. K. Ahuja, T. L. Magnanti,
J. B. Orlin, "Network Flows" (1993), section 9.7.
"""

import numpy as np
from numba import njit

from optimizer.problem.problem import Floats, Ints

__all__ = ["route"]


@njit(cache=True)
def route(  # noqa: PLR0912 (one compiled loop)
    unit: Floats, demand: Floats, capacity: Floats, opened: Ints
) -> tuple[float, Floats, Floats]:
    """Cheapest flows from the open facilities.

    Returns
    -------
    cost
        Transport cost; `inf` where the open facilities cannot serve everybody.
    load : float64, shape (open, customers)
    worth : float64, shape (open,)
        Price of one more unit of capacity at each open facility, ≥ 0.
    """
    k, n = len(opened), len(demand)
    load, room, worth = np.zeros((k, n)), np.empty(k), np.zeros(k)
    for s in range(k):
        room[s] = capacity[opened[s]]
    for j in range(n):
        first = -1
        for s in range(k):
            if first < 0 or unit[opened[s], j] < unit[opened[first], j]:
                first = s
        if first < 0 or not np.isfinite(unit[opened[first], j]):
            return np.inf, load, worth
        load[first, j] = demand[j]
        room[first] -= demand[j]
    tiny = 1e-11 * demand.sum()
    arc, via = np.full((k, k), np.inf), np.full((k, k), -1, dtype=np.int64)
    for s in range(k):
        _refresh(s, unit, opened, load, arc, via, tiny)
    distance, back = np.empty(k), np.empty(k, dtype=np.int64)
    while True:
        surplus = False
        for s in range(k):
            distance[s] = 0.0 if room[s] < -tiny else np.inf
            back[s] = -1
            surplus = surplus or room[s] < -tiny
        if not surplus:
            break
        _forward(arc, distance, back)
        end = -1
        for t in range(k):
            if room[t] > tiny and (end < 0 or distance[t] < distance[end]):
                end = t
        if end < 0 or not np.isfinite(distance[end]):
            return np.inf, load, worth
        push, t = room[end], end
        while back[t] >= 0:
            push = min(push, load[back[t], via[back[t], t]])
            t = back[t]
        push = min(push, -room[t])
        room[t] += push
        room[end] -= push
        t = end
        while back[t] >= 0:
            s = back[t]
            j = via[s, t]
            moved = push if load[s, j] - push > tiny else load[s, j]
            load[s, j] -= moved
            load[t, j] += moved
            t = s
        t = end
        while t >= 0:
            _refresh(t, unit, opened, load, arc, via, tiny)
            t = back[t]
    cost = 0.0
    for s in range(k):
        for j in range(n):
            if load[s, j] > 0.0:
                cost += load[s, j] * unit[opened[s], j]
    _backward(arc, room, worth, tiny)
    return cost, load, worth


@njit(cache=True)
def _refresh(s: int, unit: Floats, opened: Ints, load: Floats, arc: Floats, via: Ints, tiny: float) -> None:
    """Cheapest unit move out of a facility to every other one, and the customer that makes it."""
    arc[s, :] = np.inf
    for j in range(load.shape[1]):
        if load[s, j] > tiny:
            here = unit[opened[s], j]
            for t in range(len(opened)):
                if unit[opened[t], j] - here < arc[s, t] and t != s:
                    arc[s, t] = unit[opened[t], j] - here
                    via[s, t] = j


@njit(cache=True)
def _forward(arc: Floats, distance: Floats, back: Ints) -> None:
    """Bellman and Ford from every facility at distance zero."""
    k = len(distance)
    changed, rounds = True, 0
    while changed and rounds < k:
        changed, rounds = False, rounds + 1
        for s in range(k):
            if np.isfinite(distance[s]):
                for t in range(k):
                    through = distance[s] + arc[s, t]
                    if through < distance[t] - 1e-12 * (1.0 + abs(through)):
                        distance[t] = through
                        back[t] = s
                        changed = True


@njit(cache=True)
def _backward(arc: Floats, room: Floats, worth: Floats, tiny: float) -> None:
    """Distance of every facility to the nearest one with room; without any, prices that keep all in place."""
    k = len(room)
    spare = False
    for s in range(k):
        worth[s] = 0.0 if room[s] > tiny else np.inf
        spare = spare or room[s] > tiny
    if not spare and k:
        worth[0] = 0.0
    changed, rounds = True, 0
    while changed and rounds < k:
        changed, rounds = False, rounds + 1
        for s in range(k):
            for t in range(k):
                through = arc[s, t] + worth[t]
                if through < worth[s] - 1e-12 * (1.0 + abs(through)):
                    worth[s] = through
                    changed = True
    least = 0.0
    for s in range(k):
        if np.isfinite(worth[s]):
            least = min(least, worth[s])
    for s in range(k):
        worth[s] = worth[s] - least if np.isfinite(worth[s]) else 0.0
