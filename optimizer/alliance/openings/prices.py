r"""The small linear program over capacity prices: a simplex method that takes one plan after another.

Plans j cost a_j and use g_jq more of measure q than there is (less where negative). The cheapest mixture
of plans that keeps the capacities, and no dearer than the cutoff,

.. math::  \min \sum_j a_j \lambda_j + \bar{a} \lambda_0 \quad \text{s.t.} \quad
           \sum_j g_{jq} \lambda_j \le 0, \qquad \lambda_0 + \sum_j \lambda_j = 1, \qquad \lambda \ge 0,

has as duals the prices at which to look for the next plan (Dantzig and Wolfe 1960). It has as many rows as
there are priced measures, and one: a basis inverse of a few dozen numbers, kept up to date by pivots.
"""

import numpy as np
from numba import njit

from optimizer.problem.problem import Floats, Ints

__all__ = ["begin_basis", "optimise", "weights_of"]

PIVOT = 1e-9
MOST_PIVOTS = 400
PATIENCE = 30
"""Pivots without progress after which Bland's rule takes over."""


@njit(cache=True)
def begin_basis(width: int, basis: Ints, inverse: Floats) -> None:
    """Start from the slacks (variables 0 … width − 1) and the cutoff (variable width)."""
    for k in range(width + 1):
        basis[k] = k
        for j in range(width + 1):
            inverse[k, j] = 1.0 if j == k else 0.0


@njit(cache=True)
def optimise(
    width: int, count: int, base: Floats, excess: Floats, cutoff: float, tolerance: float,
    basis: Ints, inverse: Floats, price: Floats, column: Floats,
) -> float:  # fmt: skip
    """Pivot to the optimum over the plans 0 … count − 1; return its value and put the prices in `price`.

    Variable width + 1 + j is the weight of plan j. `excess` has shape (plans, measures), of which the first
    `width` columns count.
    """
    value, stalled = np.inf, 0
    for _ in range(MOST_PIVOTS):
        for k in range(width + 1):
            dual = 0.0
            for i in range(width + 1):
                dual += _cost(basis[i], width, base, cutoff) * inverse[i, k]
            price[k] = dual
        theta = price[width]
        stalled = 0 if theta < value - tolerance else stalled + 1
        value = theta
        entering = _entering(width, count, base, excess, cutoff, tolerance, price, stalled > PATIENCE)
        if entering < 0 or not _pivot(entering, width, excess, basis, inverse, column):
            break
    for k in range(width):
        price[k] = max(0.0, -price[k])
    return value


@njit(cache=True)
def _cost(variable: int, width: int, base: Floats, cutoff: float) -> float:
    if variable < width:
        return 0.0
    return cutoff if variable == width else base[variable - width - 1]


@njit(cache=True)
def _entering(
    width: int, count: int, base: Floats, excess: Floats, cutoff: float, tolerance: float,
    price: Floats, first: bool,
) -> int:  # fmt: skip
    """Return the variable of least reduced cost (or the first negative one), or −1."""
    least, entering = -tolerance, -1
    for k in range(width):
        if -price[k] < least:
            least, entering = -price[k], k
            if first:
                return entering
    if cutoff - price[width] < least:
        least, entering = cutoff - price[width], width
        if first:
            return entering
    for j in range(count):
        reduced = base[j] - price[width]
        for k in range(width):
            reduced -= price[k] * excess[j, k]
        if reduced < least:
            least, entering = reduced, width + 1 + j
            if first:
                return entering
    return entering


@njit(cache=True)
def _pivot(entering: int, width: int, excess: Floats, basis: Ints, inverse: Floats, column: Floats) -> bool:
    """Bring a variable into the basis; tell whether there was a row to leave."""
    leaving, least = -1, np.inf
    for i in range(width + 1):
        if entering < width:
            entry = inverse[i, entering]
        else:
            entry = inverse[i, width]
            if entering > width:
                for k in range(width):
                    entry += inverse[i, k] * excess[entering - width - 1, k]
        column[i] = entry
        if entry > PIVOT:
            ratio = max(0.0, inverse[i, width]) / entry
            if ratio < least - 1e-14 or (ratio < least + 1e-14 and basis[i] < basis[leaving]):
                leaving, least = i, ratio
    if leaving < 0:
        return False
    lead = column[leaving]
    for k in range(width + 1):
        inverse[leaving, k] /= lead
    for i in range(width + 1):
        if i != leaving and column[i] != 0.0:
            for k in range(width + 1):
                inverse[i, k] -= column[i] * inverse[leaving, k]
    basis[leaving] = entering
    return True


@njit(cache=True)
def weights_of(width: int, count: int, basis: Ints, inverse: Floats, weight: Floats) -> float:
    """Put the weight λ_j of each plan in `weight`; return that of the cutoff."""
    weight[:count] = 0.0
    cutoff = 0.0
    for i in range(width + 1):
        if basis[i] == width:
            cutoff = max(0.0, inverse[i, width])
        elif basis[i] > width:
            weight[basis[i] - width - 1] = max(0.0, inverse[i, width])
    return cutoff
