"""The relaxation that bounds a node: rows priced, a 0–1 knapsack per site, a covering of sites."""

import numpy as np
from numba import njit

from optimizer.problem.problem import Floats
from optimizer.solver.single_source.arrays import CLOSED, OPEN, Data, Node, Relaxed, Scratch
from optimizer.solver.single_source.filling import NONE, best_filled, must_fill
from optimizer.solver.single_source.packing import best_packing
from optimizer.solver.single_source.settling import close_site

__all__ = ["cheapest_sites", "pack_site", "relax"]

NEVER = 1e30


@njit(cache=True)
def relax(data: Data, node: Node, price: Floats, out: Relaxed, scratch: Scratch) -> float:
    r"""Lower bound of the node at the given row prices `v`.

    .. math:: L(v) = \sum_i v_i + \min_y \Big\{\sum_w
              \Big(F_w - \max_{x \in K_w} \sum_i (v_i - c_{wi}) x_i\Big) y_w : \sum_w Q_w y_w \ge D\Big\}

    with the knapsacks `K_w = {x binary: Q_w − S ≤ Σ_i a_wi x_i ≤ Q_w}` (Holmberg, Rönnqvist and Yuan 1999,
    section 3) and the slack `S` that open capacity can have beyond the need.

    A site that cannot be filled as the node's slack demands is closed.

    Returns
    -------
    float
        `L(v)`, or `NEVER` where the node has no plan.
    """
    sites, rows = data.cost.shape
    value = 0.0
    for i in range(rows):
        if node.home[i] < 0:
            value += price[i]
        else:
            value += data.cost[node.home[i], i]
    for w in range(sites):
        if node.site[w] != CLOSED:
            out.packed[w] = pack_site(data, node, price, w, out, scratch)
            if out.packed[w] <= 0.5 * NONE:
                if node.site[w] == OPEN:
                    return NEVER
                close_site(node, w)
            out.worth[w] = data.fixed[w] - out.packed[w]
        if node.site[w] == CLOSED:
            out.packed[w] = 0.0
            out.worth[w] = 0.0
            out.chosen[w, :] = False
    return value + cheapest_sites(data, node, out, scratch, -1, -1)


@njit(cache=True)
def pack_site(data: Data, node: Node, price: Floats, w: int, out: Relaxed, scratch: Scratch) -> float:
    """Value of the best packing of site `w`; marks the rows packed."""
    rows = data.cost.shape[1]
    order, profit, weight, item = scratch.order[w], scratch.profit, scratch.weight, scratch.item
    count, rest = 0, 0
    value = 0.0
    left = node.left[w]
    ratio = scratch.ratio
    for p in range(rows):
        i = order[p]
        out.chosen[w, i] = False
        gain = price[i] - data.cost[w, i]
        heavy = data.weight[w, i]
        if not node.allowed[w, i] or node.home[i] >= 0 or gain <= 0.0 or heavy > left:
            scratch.rest[rest] = i
            rest += 1
            continue
        if heavy <= 0.0:
            value += gain
            out.chosen[w, i] = True
            scratch.rest[rest] = i
            rest += 1
            continue
        now = gain / heavy
        at = count
        while at > 0 and ratio[at - 1] < now:
            ratio[at], profit[at] = ratio[at - 1], profit[at - 1]
            weight[at], item[at] = weight[at - 1], item[at - 1]
            at -= 1
        ratio[at], profit[at], weight[at], item[at] = now, gain, heavy, i
        count += 1
    for p in range(count):
        order[p] = item[p]
    for p in range(rest):
        order[count + p] = scratch.rest[p]
    weightless = value
    value += best_packing(profit, weight, count, left, scratch.take, scratch.trial)
    fill = 0.0
    for p in range(count):
        if scratch.take[p]:
            out.chosen[w, item[p]] = True
            fill += weight[p]
    if fill >= left - node.slack[0] - 1e-6 or not must_fill(data, node, w, scratch):
        return value
    for p in range(count):
        out.chosen[w, item[p]] = False
    filled = _fill_site(data, node, price, w, count, rest, out, scratch)
    return filled + weightless if filled > 0.5 * NONE else NONE


@njit(cache=True)
def _fill_site(
    data: Data, node: Node, price: Floats, w: int, count: int, rest: int, out: Relaxed, scratch: Scratch
) -> float:
    """Best packing of site `w` that leaves no more room than the node's slack; rows that lose may come in."""
    profit, weight, item = scratch.profit, scratch.weight, scratch.item
    left = node.left[w]
    for p in range(rest):
        i = scratch.rest[p]
        if node.allowed[w, i] and node.home[i] < 0 and 0.0 < data.weight[w, i] <= left:
            profit[count], weight[count], item[count] = price[i] - data.cost[w, i], data.weight[w, i], i
            count += 1
    least = int(np.ceil(left - node.slack[0] - 1e-6))
    value = best_filled(profit, weight, count, least, int(left), scratch.front, scratch.take)
    if value > 0.5 * NONE:
        for p in range(count):
            if scratch.take[p]:
                out.chosen[w, item[p]] = True
    return value


@njit(cache=True)
def cheapest_sites(
    data: Data, node: Node, out: Relaxed, scratch: Scratch, forced_open: int, forced_closed: int
) -> float:
    """Least worth of open sites whose capacity covers the need; marks them in `out.opened`.

    All sites that pay for themselves open; of the others, those whose closing saves most are closed as long
    as the rest covers the need: a knapsack over what is closed.
    """
    sites = len(data.fixed)
    profit, weight, item, ratio = scratch.profit, scratch.weight, scratch.item, scratch.ratio
    value, spare, count = 0.0, -data.need, 0
    for w in range(sites):
        out.opened[w] = False
        if (node.site[w] == CLOSED and w != forced_open) or w == forced_closed:
            continue
        spare += data.capacity[w]
        out.opened[w] = True
        worth = out.worth[w]
        value += worth
        if worth <= 0.0 or node.site[w] == OPEN or w == forced_open:
            continue
        heavy = max(data.capacity[w], 1e-12)
        now = worth / heavy
        at = count
        while at > 0 and ratio[at - 1] < now:
            ratio[at], profit[at] = ratio[at - 1], profit[at - 1]
            weight[at], item[at] = weight[at - 1], item[at - 1]
            at -= 1
        ratio[at], profit[at], weight[at], item[at] = now, worth, heavy, w
        count += 1
    slack = 1e-9 * data.need
    if spare < -slack:
        return NEVER
    kept = 0
    for p in range(count):
        if weight[p] <= spare + slack:
            ratio[kept], profit[kept], weight[kept], item[kept] = ratio[p], profit[p], weight[p], item[p]
            kept += 1
    saved = best_packing(profit, weight, kept, spare + slack, scratch.take, scratch.trial)
    for p in range(kept):
        if scratch.take[p]:
            out.opened[item[p]] = False
    return value - saved
