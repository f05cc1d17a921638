"""Deciding sites and rows by what the bound would become: beyond the cutoff, the other choice is forced."""

import numpy as np
from numba import njit

from optimizer.problem.problem import Bools, Floats
from optimizer.solver.single_source.arrays import CLOSED, FREE, OPEN, Data, Node, Relaxed, Scratch
from optimizer.solver.single_source.bound import cheapest_sites, relax
from optimizer.solver.single_source.penalty import site_penalties, site_rate

__all__ = ["close_site", "decide", "fix_by_penalty", "linear_rates", "settle"]

HARMLESS = 1e-9


@njit(cache=True)
def settle(data: Data, node: Node) -> bool:
    """Draw the plain conclusions until nothing changes; False where the node has no plan.

    Rows that do not fit a site's remaining capacity lose it; rows with one site left are decided.
    """
    sites, rows = data.cost.shape
    changed = True
    while changed:
        changed = False
        for i in range(rows):
            if node.home[i] >= 0:
                continue
            count, last = 0, -1
            for w in range(sites):
                if node.allowed[w, i]:
                    if data.weight[w, i] > node.left[w] + HARMLESS:
                        node.allowed[w, i] = False
                    else:
                        count += 1
                        last = w
            if count == 0:
                return False
            if count == 1:
                decide(data, node, last, i)
                changed = True
    return True


@njit(cache=True)
def decide(data: Data, node: Node, w: int, i: int) -> None:
    """Serve row `i` from site `w`."""
    node.allowed[:, i] = False
    node.allowed[w, i] = True
    node.home[i] = w
    node.left[w] -= data.weight[w, i]
    node.site[w] = OPEN


@njit(cache=True)
def close_site(node: Node, w: int) -> None:
    """Close site `w`; it must have no decided row."""
    node.site[w] = CLOSED
    node.allowed[w, :] = False


@njit(cache=True)
def fix_by_penalty(  # noqa: PLR0912 (one compiled loop)
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
            if base + cheapest_sites(data, node, out, scratch, -1, w) >= cutoff:
                node.site[w] = OPEN
                made += 1
        else:
            with_site[w] = base + cheapest_sites(data, node, out, scratch, w, -1)
            if with_site[w] >= cutoff:
                close_site(node, w)
                made += 1
    out.opened[:] = opened
    total = np.zeros(rows)
    for w in range(sites):
        if node.site[w] == CLOSED:
            continue
        site_penalties(data, node, price, w, out, scratch, cutoff - with_site[w])
        if node.site[w] == OPEN:
            for i in range(rows):
                if out.chosen[w, i]:
                    total[i] += out.penalty[w, i]
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
                if node.left[w] < -HARMLESS:
                    return -1
    return made if settle(data, node) else -1


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
