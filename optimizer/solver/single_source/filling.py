"""Knapsacks of sites that must be nearly full: total slack is known, so each site's waste is limited."""

from numba import njit

from optimizer.problem.problem import Bools, Floats
from optimizer.solver.single_source.arrays import Data, Node, Scratch

__all__ = ["NONE", "best_filled", "changed_filling", "fill_table", "fill_table_back", "must_fill"]

NONE = -1e30


TIGHT = 1.5
"""Slack, in rows of mean weight, up to which nearly full sites are worth their tables."""


@njit(cache=True)
def must_fill(data: Data, node: Node, w: int, scratch: Scratch) -> bool:
    """Whether the slack is so small that site `w`, if open, must be nearly full."""
    mean = data.load / data.cost.shape[1]
    slack = node.slack[0]
    return bool(scratch.front.shape[1] > 0 and slack <= TIGHT * mean and node.left[w] > slack)


@njit(cache=True)
def best_filled(
    profit: Floats, weight: Floats, count: int, least: int, most: int, table: Floats, take: Bools
) -> float:
    """``max Σ profit·x`` with ``least ≤ Σ weight·x ≤ most``, whole weights; `NONE` where nothing fits."""
    fill_table(profit, weight, count, most, table)
    best, at = NONE, -1
    for c in range(least, most + 1):
        if table[count, c] > best:
            best, at = table[count, c], c
    if at < 0:
        return NONE
    for k in range(count - 1, -1, -1):
        take[k] = table[k + 1, at] > table[k, at]
        if take[k]:
            at -= int(weight[k])
    return best


@njit(cache=True)
def fill_table(profit: Floats, weight: Floats, count: int, most: int, table: Floats) -> None:
    """``table[k, c]``: best profit of the first `k` items with weight of exactly `c`."""
    for c in range(most + 1):
        table[0, c] = NONE
    table[0, 0] = 0.0
    for k in range(count):
        heavy, gain = int(weight[k]), profit[k]
        before, after = table[k], table[k + 1]
        for c in range(min(heavy, most + 1)):
            after[c] = before[c]
        for c in range(heavy, most + 1):
            with_item = before[c - heavy] + gain
            after[c] = with_item if with_item > before[c] else before[c]


@njit(cache=True)
def fill_table_back(profit: Floats, weight: Floats, count: int, most: int, table: Floats) -> None:
    """``table[k, c]``: best profit of the items from `k` on with weight of exactly `c`."""
    for c in range(most + 1):
        table[count, c] = NONE
    table[count, 0] = 0.0
    for k in range(count - 1, -1, -1):
        heavy, gain = int(weight[k]), profit[k]
        before, after = table[k + 1], table[k]
        for c in range(min(heavy, most + 1)):
            after[c] = before[c]
        for c in range(heavy, most + 1):
            with_item = before[c - heavy] + gain
            after[c] = with_item if with_item > before[c] else before[c]


@njit(cache=True)
def changed_filling(
    k: int, taken: bool, profit: Floats, weight: Floats, least: int, most: int, front: Floats, back: Floats
) -> float:
    """Best filling with item `k` put in, or left out if it is `taken`."""
    own = 0.0
    if not taken:
        heavy = int(weight[k])
        own = profit[k]
        least, most = max(least - heavy, 0), most - heavy
    best = NONE
    for a in range(most + 1):
        value = front[k, a]
        if value <= 0.5 * NONE:
            continue
        for b in range(max(least - a, 0), most - a + 1):
            best = max(best, value + back[k + 1, b])
    return own + best if best > 0.5 * NONE else NONE
