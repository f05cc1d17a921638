"""What a site's knapsack loses when a row must come in or must stay out."""

import numpy as np
from numba import njit

from optimizer.problem.problem import Floats
from optimizer.solver.single_source.arrays import Data, Node, Relaxed, Scratch
from optimizer.solver.single_source.filling import changed_filling, fill_table, fill_table_back, must_fill
from optimizer.solver.single_source.packing import best_packing

__all__ = ["linear_packing", "site_penalties", "site_rate"]


@njit(cache=True)
def _filling_penalties(
    data: Data,
    node: Node,
    price: Floats,
    w: int,
    out: Relaxed,
    scratch: Scratch,
    count: int,
    weightless: float,
) -> None:
    """The same where the site must be nearly full, by tables over its filling."""
    rows = data.cost.shape[1]
    for i in range(rows):
        out.penalty[w, i] = 0.0
        gain, heavy = price[i] - data.cost[w, i], data.weight[w, i]
        if node.allowed[w, i] and node.home[i] < 0 and gain <= 0.0 and 0.0 < heavy <= node.left[w]:
            scratch.profit[count], scratch.weight[count], scratch.item[count] = gain, heavy, i
            count += 1
        elif node.allowed[w, i] and node.home[i] < 0 and heavy <= 0.0:
            out.penalty[w, i] = abs(gain)
    most = int(node.left[w])
    least = int(np.ceil(node.left[w] - node.slack[0] - 1e-6))
    fill_table(scratch.profit, scratch.weight, count, most, scratch.front)
    fill_table_back(scratch.profit, scratch.weight, count, most, scratch.back)
    packed = out.packed[w] - weightless
    for k in range(count):
        i = scratch.item[k]
        value = changed_filling(
            k, out.chosen[w, i], scratch.profit, scratch.weight, least, most, scratch.front, scratch.back
        )
        out.penalty[w, i] = max(packed - value, 0.0)


PROMISING = 0.6
"""Part of the loss that would decide a row at which a changed knapsack is worth solving."""


@njit(cache=True)
def site_penalties(
    data: Data, node: Node, price: Floats, w: int, out: Relaxed, scratch: Scratch, enough: float
) -> None:
    """Fill ``out.penalty[w]``: loss of the packing if a packed row is left out, or another one is put in.

    The linear relaxation of the changed knapsack tells first; where it is below `enough` the changed knapsack
    is solved. Only rows that the node leaves open at the site have an entry.
    """
    rows = data.cost.shape[1]
    count, weightless = _gather(data, node, price, w, scratch)
    if must_fill(data, node, w, scratch):
        _filling_penalties(data, node, price, w, out, scratch, count, weightless)
        return
    linear, rate = linear_packing(scratch.profit, scratch.weight, count, node.left[w])
    packed = out.packed[w] - weightless
    for i in range(rows):
        out.penalty[w, i] = 0.0
        if not node.allowed[w, i] or node.home[i] >= 0:
            continue
        gain = price[i] - data.cost[w, i]
        heavy = data.weight[w, i]
        if out.chosen[w, i]:
            loss = min(packed - (linear - gain + rate * heavy), gain)
        else:
            loss = packed - (linear + gain - rate * heavy)
        if loss < enough and heavy > 0.0:
            room, own = (node.left[w], 0.0) if out.chosen[w, i] else (node.left[w] - heavy, gain)
            if packed - own - _greedy(scratch, i, count, room) >= PROMISING * enough:
                loss = max(loss, packed - own - _packing_without(scratch, i, count, room))
        out.penalty[w, i] = max(loss, 0.0)


@njit(cache=True)
def _greedy(scratch: Scratch, i: int, count: int, capacity: float) -> float:
    """Value of some packing of the rows laid out but `i`."""
    value, room = 0.0, capacity
    for p in range(count):
        if scratch.weight[p] <= room and scratch.item[p] != i:
            value += scratch.profit[p]
            room -= scratch.weight[p]
    return value


@njit(cache=True)
def _packing_without(scratch: Scratch, i: int, count: int, capacity: float) -> float:
    """Value of the best packing of the rows laid out but `i`."""
    kept = 0
    for p in range(count):
        if scratch.item[p] != i:
            scratch.other_profit[kept], scratch.other_weight[kept] = scratch.profit[p], scratch.weight[p]
            kept += 1
    return best_packing(
        scratch.other_profit, scratch.other_weight, kept, capacity, scratch.take, scratch.trial
    )


@njit(cache=True)
def site_rate(data: Data, node: Node, price: Floats, w: int, scratch: Scratch) -> float:
    """Price of a unit of the site's capacity in the linear relaxation of its knapsack."""
    count, _ = _gather(data, node, price, w, scratch)
    return linear_packing(scratch.profit, scratch.weight, count, node.left[w])[1]


@njit(cache=True)
def _gather(data: Data, node: Node, price: Floats, w: int, scratch: Scratch) -> tuple[int, float]:
    """Lay out the rows worth packing, in the order of the last prices; their count, gain without weight."""
    count, weightless = 0, 0.0
    for p in range(data.cost.shape[1]):
        i = scratch.order[w, p]
        gain = price[i] - data.cost[w, i]
        heavy = data.weight[w, i]
        if not node.allowed[w, i] or node.home[i] >= 0 or gain <= 0.0:
            continue
        if heavy <= 0.0:
            weightless += gain
        elif heavy <= node.left[w]:
            scratch.profit[count], scratch.weight[count], scratch.item[count] = gain, heavy, i
            count += 1
    return count, weightless


@njit(cache=True)
def linear_packing(profit: Floats, weight: Floats, count: int, capacity: float) -> tuple[float, float]:
    """Linear value of a knapsack over sorted items, and the profit per weight at which it is full."""
    value, room = 0.0, capacity
    for p in range(count):
        if weight[p] > room:
            return value + room * profit[p] / weight[p], profit[p] / weight[p]
        value += profit[p]
        room -= weight[p]
    return value, 0.0
