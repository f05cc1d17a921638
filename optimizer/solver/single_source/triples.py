"""Subset-row cuts: of three rows, at most one packing in a plan holds two or more (Jepsen et al. 2008)."""

import numpy as np
from numba import njit

from optimizer.problem.problem import Bools, Floats, Ints
from optimizer.solver.single_source.enumerating import Triples

__all__ = ["coefficients", "no_triples", "priced_triples", "violated_triples"]


@njit(cache=True)
def violated_triples(  # noqa: PLR0912 (one compiled loop)
    packed: Bools, value: Floats, least: float
) -> tuple[Ints, Floats]:
    """Triples whose cut the packings, taken with these values, violate by more than `least`.

    Returns
    -------
    tuple
        Triples, shape (found, 3), and by how much each is violated.
    """
    packings, rows = packed.shape
    pair = np.zeros((rows, rows))
    for p in range(packings):
        for i in range(rows):
            if packed[p, i]:
                for k in range(i):
                    if packed[p, k]:
                        pair[i, k] += value[p]
                        pair[k, i] += value[p]
    triple, excess = [(0, 0, 0)], [0.0]
    for i in range(rows):
        for j in range(i):
            for k in range(j):
                total = pair[i, j] + pair[i, k] + pair[j, k]
                if total <= 1.0 + least:
                    continue
                for p in range(packings):
                    if packed[p, i] and packed[p, j] and packed[p, k]:
                        total -= 2.0 * value[p]
                if total > 1.0 + least:
                    triple.append((i, j, k))
                    excess.append(total - 1.0)
    out = np.zeros((len(triple) - 1, 3), dtype=np.int64)
    for n in range(1, len(triple)):
        out[n - 1, 0], out[n - 1, 1], out[n - 1, 2] = triple[n]
    return out, np.array(excess[1:])


def coefficients(packed: Bools, triple: Ints) -> Floats:
    """1.0 where a packing holds two or more rows of a triple, shape (packings, triples)."""
    held: Ints = packed[:, triple].sum(axis=2)
    return np.where(held >= 2, 1.0, 0.0)


def priced_triples(triple: Ints, price: Floats, rows: int) -> Triples:
    """Cuts with a price by row."""
    active = np.flatnonzero(price > 0.0)
    row = triple[active].ravel()
    order = np.argsort(row, kind="stable")
    start = np.concatenate([[0], np.cumsum(np.bincount(row, minlength=rows))]).astype(np.int64)
    cut = np.repeat(np.arange(len(active)), 3)[order]
    return Triples(start, cut, price[active].copy())


def no_triples(rows: int) -> Triples:
    """No cuts."""
    return Triples(np.zeros(rows + 1, dtype=np.int64), np.zeros(0, dtype=np.int64), np.zeros(0))
