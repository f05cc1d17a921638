"""Exact shares for fixed openings where each option takes from one hard measure: a transportation problem.

Successive shortest paths on a graph whose nodes are the open measures: every row begins at its cheapest
option and the surplus of overfull measures moves along chains of cheapest re-assignments. With few open
measures this takes milliseconds, and the shortest distances at the end are optimal prices.
R. K. Ahuja, T. L. Magnanti, J. B. Orlin, "Network Flows" (1993), section 9.7.
"""

import numpy as np
from numba import njit

from optimizer.problem.problem import Bools, Floats, Indices, Ints, Problem

__all__ = ["is_transportation", "transport"]

FREE = -1


def is_transportation(problem: Problem) -> bool:
    """Tell whether rows split, options use one measure at most, equally per row, and supply is hard."""
    if (
        problem.row_single.any()
        or problem.n_modules
        or problem.n_tiers
        or np.any(problem.overflow_limit > 0.0)
    ):
        return False
    uses = np.diff(problem.option_use_start)
    if np.any(uses > 1):
        return False
    amount = np.zeros(problem.n_options)
    amount[uses == 1] = problem.option_use_amount
    if np.any(amount[uses == 1] <= 0.0):
        return False
    most = np.maximum.reduceat(amount, problem.row_start[:-1])
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    return bool(np.all((uses == 0) | (amount == most[row])))


def transport(problem: Problem, allowed: Bools, room: Floats) -> tuple[Floats, Floats, Floats] | None:
    """Cheapest shares within the room of each measure, with row and measure prices that prove them.

    Parameters
    ----------
    allowed : bool, shape (options,)
    room : float64, shape (measures,)

    Returns
    -------
    share, row_price, measure_price
        Or None where the allowed options cannot serve every row.
    """
    measure = np.full(problem.n_options, FREE, dtype=np.int32)
    uses = np.diff(problem.option_use_start) == 1
    measure[uses] = problem.option_use_measure
    amount = np.ones(problem.n_options)
    amount[uses] = problem.option_use_amount
    nodes = np.unique(measure[allowed & uses])
    node_of = np.full(problem.n_measures + 1, len(nodes), dtype=np.int32)
    node_of[nodes] = np.arange(len(nodes))
    node = node_of[measure]
    row_amount = np.maximum.reduceat(np.where(uses, amount, 0.0), problem.row_start[:-1])
    row_amount[row_amount == 0.0] = 1.0
    option, flow_node = _dense(problem.row_start, allowed, node, problem.option_cost, len(nodes) + 1)
    capacity = np.r_[room[nodes], np.inf]
    unit = np.where(option >= 0, problem.option_cost[np.maximum(option, 0)], np.inf) / row_amount[:, None]
    if np.any(flow_node < 0):
        return None
    load, price, done = _route(unit, row_amount, flow_node, capacity)
    if not done:
        return None
    share = np.zeros(problem.n_options)
    served = load > 0.0
    share[option[served]] = (load / row_amount[:, None])[served]
    measure_price = np.zeros(problem.n_measures)
    measure_price[nodes] = price[:-1]
    row_price = np.min(unit + price[None, :], axis=1) * row_amount
    return share, row_price, measure_price


@njit(cache=True)
def _dense(row_start: Ints, allowed: Bools, node: Indices, cost: Floats, width: int) -> tuple[Ints, Ints]:
    """Cheapest allowed option of each row at each node (or -1), and the node of its cheapest option."""
    n = len(row_start) - 1
    option = np.full((n, width), -1, dtype=np.int64)
    first = np.full(n, -1, dtype=np.int64)
    for i in range(n):
        best = np.inf
        for j in range(row_start[i], row_start[i + 1]):
            if allowed[j]:
                k = node[j]
                if option[i, k] < 0 or cost[j] < cost[option[i, k]]:
                    option[i, k] = j
                if cost[j] < best:
                    best = cost[j]
                    first[i] = k
    return option, first


@njit(cache=True)
def _route(unit: Floats, amount: Floats, first: Ints, capacity: Floats) -> tuple[Floats, Floats, bool]:
    """Move surplus along shortest chains until nothing is overfull; loads, node prices, success."""
    n, width = unit.shape
    load = np.zeros((n, width))
    room = capacity.copy()
    for i in range(n):
        load[i, first[i]] = amount[i]
        room[first[i]] -= amount[i]
    scale = amount.sum()
    tiny = 1e-11 * scale
    arc = np.full((width, width), np.inf)
    via = np.full((width, width), -1, dtype=np.int64)
    for s in range(width):
        _refresh(s, unit, load, arc, via, tiny)
    distance = np.empty(width)
    back = np.empty(width, dtype=np.int64)
    while True:
        worst = False
        for s in range(width):
            distance[s] = 0.0 if room[s] < -tiny else np.inf
            back[s] = -1
            worst = worst or room[s] < -tiny
        if not worst:
            break
        _shortest(arc, distance, back)
        end = -1
        for t in range(width):
            if room[t] > tiny and (end < 0 or distance[t] < distance[end]):
                end = t
        if end < 0 or not np.isfinite(distance[end]):
            return load, distance, False
        push = room[end]
        t = end
        while back[t] >= 0:
            push = min(push, load[via[back[t], t], back[t]])
            t = back[t]
        push = min(push, -room[t])
        start = t
        t = end
        while back[t] >= 0:
            s = back[t]
            i = via[s, t]
            load[i, s] -= push
            if load[i, s] <= tiny:
                load[i, t] += load[i, s]
                load[i, s] = 0.0
            load[i, t] += push
            t = s
        room[start] += push
        room[end] -= push
        t = end
        while t >= 0:
            _refresh(t, unit, load, arc, via, tiny)
            t = back[t]
    return load, _prices(arc, room, tiny), True


@njit(cache=True)
def _refresh(s: int, unit: Floats, load: Floats, arc: Floats, via: Ints, tiny: float) -> None:
    """Cheapest unit move out of a node to every other one, and the row that makes it."""
    n, width = unit.shape
    for t in range(width):
        arc[s, t] = np.inf
    for i in range(n):
        if load[i, s] > tiny:
            for t in range(width):
                step = unit[i, t] - unit[i, s]
                if step < arc[s, t] and t != s:
                    arc[s, t] = step
                    via[s, t] = i


@njit(cache=True)
def _shortest(arc: Floats, distance: Floats, back: Ints) -> None:
    """Bellman and Ford from every node at distance zero."""
    width = len(distance)
    for _ in range(width):
        changed = False
        for s in range(width):
            if np.isfinite(distance[s]):
                for t in range(width):
                    through = distance[s] + arc[s, t]
                    if through < distance[t] - 1e-12 * (1.0 + abs(through)):
                        distance[t] = through
                        back[t] = s
                        changed = True
        if not changed:
            break


@njit(cache=True)
def _prices(arc: Floats, room: Floats, tiny: float) -> Floats:
    """Distance of every node to the nearest one with room: the worth of one more unit of its room.

    Nodes that cannot reach any room have no such distance: together they are lifted just so high that no
    node with a price would rather send its rows to them.
    """
    width = len(room)
    price = np.full(width, np.inf)
    for s in range(width):
        if room[s] > tiny:
            price[s] = 0.0
    _relax(arc, price, np.zeros(width, dtype=np.bool_))
    for lost in range(width):
        if np.isfinite(price[lost]):
            continue
        priced = np.isfinite(price)
        level = np.full(width, np.inf)
        level[lost] = 0.0
        _relax(arc, level, priced)
        lift = 0.0
        for s in range(width):
            if np.isfinite(level[s]):
                lift = max(lift, -level[s])
                for t in range(width):
                    if priced[t] and np.isfinite(arc[t, s]):
                        lift = max(lift, price[t] - arc[t, s] - level[s])
        for s in range(width):
            if np.isfinite(level[s]):
                price[s] = level[s] + lift
    for s in range(width):
        price[s] = max(price[s], 0.0)
    return price


@njit(cache=True)
def _relax(arc: Floats, price: Floats, skip: Bools) -> None:
    """Lower the prices of all nodes but the skipped ones to what a move to another node costs."""
    width = len(price)
    for _ in range(width):
        changed = False
        for s in range(width):
            for t in range(width):
                through = arc[s, t] + price[t]
                if not skip[s] and through < price[s] - 1e-12 * (1.0 + abs(through)):
                    price[s] = through
                    changed = True
        if not changed:
            break
