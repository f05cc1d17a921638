"""Deciding sites and rows by what the bound would become: beyond the cutoff, the other choice is forced."""

import numpy as np
from numba import njit

from optimizer.problem.problem import Bools, Floats
from optimizer.solver.single_source.arrays import CLOSED, FREE, OPEN, Data, Node, Relaxed, Scratch
from optimizer.solver.single_source.bound import cheapest_sites, relax
from optimizer.solver.single_source.penalty import site_penalties, site_rate
from optimizer.solver.single_source.settling import close_site, decide, settle

__all__ = ["fix_by_penalty", "linear_rates"]


@njit(cache=True)
def fix_by_penalty(
    data: Data, node: Node, price: Floats, out: Relaxed, scratch: Scratch, cutoff: float
) -> int:
    """Fix sites, and rows at sites, whose other choice has a bound of at least the cutoff.

    Returns
    -------
    int
        Number of decisions made, or -1 where the node has no plan below the cutoff.
    """
    sites, rows = data.cost.shape
    value = relax(data, node, price, out, scratch)
    if value >= cutoff:
        return -1
    opened = out.opened.copy()
    base = value - _worth_of(out, opened)
    with_site = np.full(sites, value)
    made = 0
    for w in range(sites):
        if node.site[w] != FREE:
            continue
        if opened[w]:
            without = base + cheapest_sites(data, node, out, scratch, -1, w)
            out.site_out[w] = without - value
            out.site_in[w] = 0.0
            if without >= cutoff:
                node.site[w] = OPEN
                made += 1
        else:
            with_site[w] = base + cheapest_sites(data, node, out, scratch, w, -1)
            out.site_in[w] = with_site[w] - value
            out.site_out[w] = 0.0
            if with_site[w] >= cutoff:
                close_site(node, w)
                made += 1
    out.opened[:] = opened
    _limit_slack(data, node, out, cutoff - base, scratch)
    total = np.zeros(rows)
    for w in range(sites):
        if node.site[w] == CLOSED:
            continue
        site_penalties(data, node, price, w, out, scratch, cutoff - with_site[w])
        if node.site[w] == OPEN:
            for i in range(rows):
                if out.chosen[w, i]:
                    total[i] += out.penalty[w, i]
    rows_fixed = _fix_rows(data, node, out, value, with_site, total, cutoff)
    return made + rows_fixed if rows_fixed >= 0 and settle(data, node) else -1


@njit(cache=True)
def _fix_rows(
    data: Data, node: Node, out: Relaxed, value: float, with_site: Floats, total: Floats, cutoff: float
) -> int:
    """Fix rows at sites; `total` is what leaving row i out costs all sites that are open."""
    sites, rows = data.cost.shape
    made = 0
    for w in range(sites):
        if node.site[w] == CLOSED:
            continue
        for i in range(rows):
            if not node.allowed[w, i] or node.home[i] >= 0:
                continue
            if not out.chosen[w, i]:
                if with_site[w] + out.penalty[w, i] + total[i] >= cutoff:
                    node.allowed[w, i] = False
                    made += 1
                continue
            own = out.penalty[w, i] if node.site[w] == OPEN else 0.0
            if with_site[w] + total[i] - own >= cutoff:
                node.allowed[w, i] = False
                made += 1
            elif value + own >= cutoff:
                decide(data, node, w, i)
                made += 1
                if node.left[w] < -1e-9:
                    return -1
    return made


@njit(cache=True)
def _limit_slack(data: Data, node: Node, out: Relaxed, budget: float, scratch: Scratch) -> None:
    """Lower the slack to the most capacity that sites within the budget can have, less the load."""
    capacity = -data.load
    count = 0
    for w in range(len(data.fixed)):
        if node.site[w] == CLOSED:
            continue
        if node.site[w] == OPEN or out.worth[w] <= 0.0:
            budget -= out.worth[w]
            capacity += data.capacity[w]
            continue
        now = data.capacity[w] / out.worth[w]
        at = count
        while at > 0 and scratch.ratio[at - 1] < now:
            scratch.ratio[at], scratch.item[at] = scratch.ratio[at - 1], scratch.item[at - 1]
            at -= 1
        scratch.ratio[at], scratch.item[at] = now, w
        count += 1
    for p in range(count):
        w = scratch.item[p]
        if out.worth[w] > budget:
            capacity += max(budget, 0.0) * scratch.ratio[p]
            break
        budget -= out.worth[w]
        capacity += data.capacity[w]
    node.slack[0] = min(node.slack[0], capacity + 1e-9 * data.load)


@njit(cache=True)
def linear_rates(data: Data, node: Node, price: Floats, scratch: Scratch) -> Floats:
    """Price of a unit of each site's capacity in the linear relaxation of its knapsack, shape (sites,)."""
    rates = np.zeros(len(data.fixed))
    for w in range(len(rates)):
        if node.site[w] != CLOSED:
            rates[w] = site_rate(data, node, price, w, scratch)
    return rates


@njit(cache=True)
def _worth_of(out: Relaxed, opened: Bools) -> float:
    total = 0.0
    for w in range(len(opened)):
        if opened[w]:
            total += out.worth[w]
    return total
