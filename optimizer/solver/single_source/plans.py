"""Plans for given open sites: penalised shifts and swaps of rows, until everything fits."""

import numpy as np
from numba import njit

from optimizer.problem.problem import Bools, Floats, Ints
from optimizer.solver.single_source.arrays import Data

__all__ = ["improve", "plan_cost", "plan_from"]

ROUNDS = 14
TINY = 1e-9


@njit(cache=True)
def plan_from(data: Data, share: Floats, opened: Bools, price: Floats, plan: Ints) -> float:
    """Assign every row to an open site, guided by the averaged choices; the cost, `inf` if none fits."""
    sites, rows = data.cost.shape
    room = -data.need
    for w in range(sites):
        if opened[w]:
            room += data.capacity[w]
    if room < -TINY * data.need:
        return np.inf
    for i in range(rows):
        best, at = np.inf, -1
        for w in range(sites):
            if opened[w] and data.cost[w, i] < np.inf:
                worth = data.cost[w, i] - share[w, i] * abs(price[i])
                if worth < best:
                    best, at = worth, w
        if at < 0:
            return np.inf
        plan[i] = at
    return improve(data, opened, plan)


@njit(cache=True)
def plan_cost(data: Data, plan: Ints) -> float:
    """Cost of a plan with the sites that it uses."""
    used = np.zeros(len(data.fixed), dtype=np.bool_)
    total = 0.0
    for i in range(len(plan)):
        total += data.cost[plan[i], i]
        used[plan[i]] = True
    for w in range(len(used)):
        if used[w]:
            total += data.fixed[w]
    return total


@njit(cache=True)
def improve(data: Data, opened: Bools, plan: Ints) -> float:
    """Shift and swap rows between open sites; excess load costs ever more until there is none."""
    sites, rows = data.cost.shape
    left = data.capacity.copy()
    spread, weights = 0.0, 0.0
    for i in range(rows):
        left[plan[i]] -= data.weight[plan[i], i]
        spread += data.cost[plan[i], i]
        weights += data.weight[plan[i], i]
    rate = max(spread / max(weights, TINY), TINY)
    for _ in range(ROUNDS):
        moved = True
        while moved:
            moved = _shift(data, opened, plan, left, rate)
            moved = _swap(data, plan, left, rate) or moved
        over = 0.0
        for w in range(sites):
            over = max(over, -left[w] - TINY * data.capacity[w])
        if over <= 0.0:
            return plan_cost(data, plan)
        rate *= 2.0
    return np.inf


@njit(cache=True)
def _over(left: float) -> float:
    return -left if left < 0.0 else 0.0


@njit(cache=True)
def _shift(data: Data, opened: Bools, plan: Ints, left: Floats, rate: float) -> bool:
    sites, rows = data.cost.shape
    moved = False
    for i in range(rows):
        a = plan[i]
        relief = _over(left[a]) - _over(left[a] + data.weight[a, i])
        best, at = -1e-7, -1
        for w in range(sites):
            if w == a or not opened[w]:
                continue
            change = data.cost[w, i] - data.cost[a, i]
            change += rate * (_over(left[w] - data.weight[w, i]) - _over(left[w]) - relief)
            if change < best:
                best, at = change, w
        if at >= 0:
            left[a] += data.weight[a, i]
            left[at] -= data.weight[at, i]
            plan[i] = at
            moved = True
    return moved


@njit(cache=True)
def _swap(data: Data, plan: Ints, left: Floats, rate: float) -> bool:
    rows = len(plan)
    moved = False
    for i in range(rows):
        for k in range(i):
            a, b = plan[i], plan[k]
            if a == b:
                continue
            change = data.cost[b, i] - data.cost[a, i] + data.cost[a, k] - data.cost[b, k]
            at_a = left[a] + data.weight[a, i] - data.weight[a, k]
            at_b = left[b] + data.weight[b, k] - data.weight[b, i]
            change += rate * (_over(at_a) - _over(left[a]) + _over(at_b) - _over(left[b]))
            if change < -1e-7:
                left[a], left[b] = at_a, at_b
                plan[i], plan[k] = b, a
                moved = True
    return moved
