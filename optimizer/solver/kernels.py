"""Compiled passes over the options: one scan prices everything, and each reduction has a fixed order.

Every kernel gives the same bits whatever the number of threads: parallel loops write to their own cells and
sums run over fixed ranges.
"""

import numpy as np
from numba import njit, prange

from optimizer.problem.problem import Bools, Floats, Indices, Ints

__all__ = ["gate_worth", "option_prices", "scan_cells", "use_of_cells"]


@njit(cache=True, parallel=False)
def scan_cells(
    cell_start: Ints,
    cost: Floats,
    use_start: Ints,
    use_measure: Indices,
    use_amount: Floats,
    link_start: Ints,
    link: Indices,
    measure_price: Floats,
    link_price: Floats,
    cell_value: Floats,
    cell_pick: Ints,
) -> None:
    r"""Best priced option of each cell: ``min_j c_j + Σ_q a_jq μ_q + Σ_l λ_l``, and its position."""
    for cell in prange(len(cell_start) - 1):
        best = np.inf
        pick = cell_start[cell]
        for j in range(cell_start[cell], cell_start[cell + 1]):
            value = cost[j]
            for p in range(use_start[j], use_start[j + 1]):
                value += use_amount[p] * measure_price[use_measure[p]]
            for p in range(link_start[j], link_start[j + 1]):
                value += link_price[link[p]]
            if value < best:
                best = value
                pick = j
        cell_value[cell] = best
        cell_pick[cell] = pick


@njit(cache=True, parallel=False)
def option_prices(
    cost: Floats,
    use_start: Ints,
    use_measure: Indices,
    use_amount: Floats,
    link_start: Ints,
    link: Indices,
    measure_price: Floats,
    link_price: Floats,
) -> Floats:
    """Priced cost of every option: the terms of `scan_cells` before the minimum."""
    value = cost.copy()
    for j in prange(len(cost)):
        for p in range(use_start[j], use_start[j + 1]):
            value[j] += use_amount[p] * measure_price[use_measure[p]]
        for p in range(link_start[j], link_start[j + 1]):
            value[j] += link_price[link[p]]
    return value


@njit(cache=True, parallel=False)
def gate_worth(
    gate_cell_start: Ints,
    gate_cell: Indices,
    cell_row: Indices,
    cell_value: Floats,
    row_price: Floats,
    worth: Floats,
) -> None:
    """Add to each gate's fee the gain of its cells, ``Σ min(0, value − v_row)``."""
    for gate in prange(len(worth)):
        total = 0.0
        for p in range(gate_cell_start[gate], gate_cell_start[gate + 1]):
            cell = gate_cell[p]
            gain = cell_value[cell] - row_price[cell_row[cell]]
            if gain < 0.0:
                total += gain
        worth[gate] += total


@njit(cache=True)
def use_of_cells(
    cell_row: Indices,
    cell_gate: Indices,
    cell_value: Floats,
    cell_pick: Ints,
    row_price: Floats,
    gate_open: Bools,
    use_start: Ints,
    use_measure: Indices,
    use_amount: Floats,
    link_start: Ints,
    link: Indices,
    served: Floats,
    used: Floats,
    linked: Floats,
) -> float:
    """Add up what the chosen cells serve and use; return the gain of the cells that need no gate."""
    free_gain = 0.0
    for cell in range(len(cell_row)):
        gate = cell_gate[cell]
        if gate >= 0 and not gate_open[gate]:
            continue
        gain = cell_value[cell] - row_price[cell_row[cell]]
        if gain >= 0.0:
            continue
        if gate < 0:
            free_gain += gain
        served[cell_row[cell]] += 1.0
        j = cell_pick[cell]
        for p in range(use_start[j], use_start[j + 1]):
            used[use_measure[p]] += use_amount[p]
        for p in range(link_start[j], link_start[j + 1]):
            linked[link[p]] += 1.0
    return free_gain
