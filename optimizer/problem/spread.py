"""Spread what the factors of options need and use over the options, without an object per option."""

import numba
import numpy as np
import numpy.typing as npt

__all__ = ["Factor", "spread_amounts", "spread_gates"]

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]

Factor = tuple[Indices, Indices, Floats]
"""Position of each option in a factor table (−1: none); measures and amounts per entry, (entries, k)."""


def spread_amounts(factors: list[Factor], orders: Floats) -> tuple[Ids, Indices, Floats]:
    """CSR of measures and amounts per option: those of all its factors, times the orders of its row.

    A measure that several factors use stands once, with the sum; measures ascend within an option.

    Examples
    --------
    >>> at = np.array([0, -1], dtype=np.int32)
    >>> table = np.array([[4, 7]], dtype=np.int32), np.array([[1.0, 2.0]])
    >>> start, measure, amount = spread_amounts([(at, *table), (at, *table)], np.array([10.0, 5.0]))
    >>> start.tolist(), measure.tolist(), amount.tolist()
    ([0, 2, 2], [4, 7], [20.0, 40.0])
    """
    start, measure, amount = _spread(factors, orders)
    _sort(start, measure, amount)
    return start, measure, amount


def _spread(factors: list[Factor], orders: Floats) -> tuple[Ids, Indices, Floats]:
    """The same in the order of the factors."""
    start = np.zeros(len(orders) + 1, dtype=np.int64)
    for at, measures, _ in factors:
        _count(start, at, (measures >= 0).sum(axis=1))
    np.cumsum(start, out=start)
    measure = np.zeros(start[-1], dtype=np.int32)
    amount = np.zeros(start[-1])
    filled = np.zeros(len(orders), dtype=np.int64)
    for at, measures, amounts in factors:
        _fill(start, filled, at, measures, amounts, orders, measure, amount)
    if np.all(filled == np.diff(start)):
        return start, measure, amount
    return _close_gaps(start, filled, measure, amount)


def spread_gates(factors: list[tuple[Indices, Indices]], options: int) -> tuple[Ids, Indices]:
    """CSR of the gates that each option needs: those of all its factors, entries shape (entries, k)."""
    ones = np.ones(options)
    start, gate, _ = _spread([(at, gates, np.ones(gates.shape)) for at, gates in factors], ones)
    return start, gate


@numba.njit(cache=True)
def _count(start: Ids, at: Indices, counts: Ids) -> None:  # pragma: no cover
    for j in range(len(at)):
        if at[j] >= 0:
            start[j + 1] += counts[at[j]]


@numba.njit(cache=True)
def _fill(
    start: Ids,
    filled: Ids,
    at: Indices,
    measures: Indices,
    amounts: Floats,
    orders: Floats,
    measure: Indices,
    amount: Floats,
) -> None:  # pragma: no cover
    for j in range(len(at)):
        if at[j] < 0:
            continue
        first = start[j]
        for k in range(measures.shape[1]):
            q = measures[at[j], k]
            if q < 0:
                continue
            value = amounts[at[j], k] * orders[j]
            place = first
            while place < first + filled[j] and measure[place] != q:
                place += 1
            if place == first + filled[j]:
                measure[place] = q
                filled[j] += 1
            amount[place] += value


@numba.njit(cache=True)
def _sort(start: Ids, measure: Indices, amount: Floats) -> None:  # pragma: no cover
    for j in range(len(start) - 1):
        for k in range(start[j] + 1, start[j + 1]):
            moved, value = measure[k], amount[k]
            place = k
            while place > start[j] and measure[place - 1] > moved:
                measure[place], amount[place] = measure[place - 1], amount[place - 1]
                place -= 1
            measure[place], amount[place] = moved, value


@numba.njit(cache=True)
def _close_gaps(
    start: Ids, filled: Ids, measure: Indices, amount: Floats
) -> tuple[Ids, Indices, Floats]:  # pragma: no cover
    total = 0
    ends = np.zeros(len(filled) + 1, dtype=np.int64)
    for j in range(len(filled)):
        for k in range(filled[j]):
            measure[total] = measure[start[j] + k]
            amount[total] = amount[start[j] + k]
            total += 1
        ends[j + 1] = total
    return ends, measure[:total].copy(), amount[:total].copy()
