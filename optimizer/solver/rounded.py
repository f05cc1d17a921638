"""What gates gain at given prices, in whole numbers that are rounded down: fast, and never too much.

Every term of an option's reduced cost is brought to multiples of a power of two, downwards, and summed as
64-bit whole numbers, so no rounding can lift a bound. (A product of two doubles, rounded to nearest and moved
one double down, is never above the true product.)
"""

from dataclasses import dataclass

import numpy as np

from optimizer.errors import CheckError
from optimizer.problem.problem import Bools, Floats, Ints, Problem
from optimizer.solver.solution import Prices

__all__ = ["Cells", "PricedCells", "cells_of", "price_cells"]

ROOM_BITS = 60
MOST_BITS, LEAST_BITS = 40, 4


@dataclass(frozen=True, eq=False)
class Cells:
    """Options sorted by first gate, then row: options of one cell exclude each other, so the best counts.

    `order` are the options, `start` where the cells begin, `gate_start` where the cells of each gate begin
    among the cells; the last "gate" is that of options which need none.
    """

    order: Ints
    start: Ints
    gate_start: Ints
    row: Ints


@dataclass(frozen=True, eq=False)
class PricedCells:
    """Reduced costs of the options in units of ``2^-bits``, rounded down, in the order of the cells."""

    cells: Cells
    value: Ints
    bits: int

    def gains(self, allowed: Bools | None) -> Ints:
        """Sum over the cells of each gate of ``min(0, best reduced cost)``; last: options without a gate."""
        cells = self.cells
        if not len(cells.order):
            return np.zeros(len(cells.gate_start) - 1, dtype=np.int64)
        value = self.value if allowed is None else np.where(allowed[cells.order], self.value, 0)
        best = np.minimum(np.minimum.reduceat(value, cells.start), 0)
        total = np.concatenate([[0], np.cumsum(best)])
        gained: Ints = total[cells.gate_start[1:]] - total[cells.gate_start[:-1]]
        return gained

    def of_option(self, option: int) -> int:
        """Reduced cost of one option."""
        return int(self.value[np.flatnonzero(self.cells.order == option)[0]])


def cells_of(problem: Problem) -> Cells:
    """Group the options of a problem into cells."""
    first = np.full(problem.n_options, problem.n_gates, dtype=np.int64)
    gated = np.flatnonzero(np.diff(problem.option_gate_start) > 0)
    first[gated] = problem.option_gate[problem.option_gate_start[gated]]
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    order = np.lexsort((row, first))
    key = first[order] * problem.n_rows + row[order]
    start = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if len(key) else np.zeros(0, dtype=np.int64)
    gate_start = np.searchsorted(first[order][start], np.arange(problem.n_gates + 2))
    return Cells(order, start, gate_start, row)


def price_cells(problem: Problem, cells: Cells, prices: Prices) -> PricedCells:
    """Reduced cost ``c_j + Σ_q μ_q a_jq + Σ λ − v_i`` of every option, rounded down.

    Raises
    ------
    CheckError
        Prices or costs are so large that their sums would not fit into 64 bits.
    """
    measure = np.maximum(prices.measure, 0.0)
    owner = np.repeat(np.arange(problem.n_options), np.diff(problem.option_use_start))
    product = problem.option_use_amount * measure[problem.option_use_measure]
    used = np.where(product > 0.0, np.nextafter(product, 0.0), 0.0)
    link_option, link = _links(problem, cells, prices)
    most = np.abs(problem.option_cost).max(initial=0.0) + np.abs(prices.row).max(initial=0.0)
    most += np.bincount(owner, used, 1).max(initial=0.0) + np.bincount(link_option, link, 1).max(initial=0.0)
    bits = _bits(float(most) * max(problem.n_options, 1))
    value = _down(problem.option_cost, bits) - (-_down(-prices.row, bits))[cells.row]
    np.add.at(value, owner, _down(used, bits))
    np.add.at(value, link_option, _down(link, bits))
    return PricedCells(cells, value[cells.order], bits)


def _links(problem: Problem, cells: Cells, prices: Prices) -> tuple[Ints, Floats]:
    """Options that pass a priced link by a gate other than their first, and the prices."""
    if not len(prices.link_price):
        return np.zeros(0, dtype=np.int64), np.zeros(0)
    entry = np.arange(len(problem.option_gate))
    option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_gate_start))
    further = entry > problem.option_gate_start[option]
    option, gate = option[further], problem.option_gate[further].astype(np.int64)
    known = prices.link_row.astype(np.int64) * problem.n_gates + prices.link_gate
    order = np.argsort(known)
    wanted = cells.row[option] * problem.n_gates + gate
    at = order[np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)]
    priced = (known[at] == wanted) & (prices.link_price[at] > 0.0)
    return option[priced], prices.link_price[at[priced]]


def _bits(largest: float) -> int:
    """Bits behind the point that leave room for sums of this size."""
    bits = int(min(MOST_BITS, ROOM_BITS - np.ceil(np.log2(max(largest, 1.0)))))
    if bits < LEAST_BITS:
        raise CheckError([f"costs or prices of {largest:.3g} in all are too large to be valued"])
    return bits


def _down(values: Floats, bits: int) -> Ints:
    """Multiples of ``2^-bits`` that are not above the values; scaling by a power of two is exact."""
    whole: Ints = np.floor(np.ldexp(values, bits)).astype(np.int64)
    return whole
