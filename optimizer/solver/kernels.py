"""Compiled passes over the options: one scan prices everything, and each sum has a fixed order.

The serial and the parallel scan give the same bits: rows are cut into chunks that depend on the problem
only, each chunk sums by itself, and the chunks are added in order.
"""

import numpy as np
from numba import njit, prange

from optimizer.problem.problem import Bools, Floats, Indices, Ints
from optimizer.solver.compiled import for_one_thread, for_threads

__all__ = [
    "chunk_rows",
    "option_prices",
    "row_groups",
    "scan_parallel",
    "scan_serial",
    "use_of_open_parallel",
    "use_of_open_serial",
]

CHUNK_OPTIONS = 20_000
MOST_CHUNKS = 32
MOST_GROUPS = 4


def chunk_rows(row_start: Ints) -> Ints:
    """First row of each chunk (and the end), with about equally many options in each."""
    n_options = int(row_start[-1])
    chunks = int(min(max(n_options // CHUNK_OPTIONS, 1), MOST_CHUNKS, max(len(row_start) - 1, 1)))
    cut = np.searchsorted(row_start, np.linspace(0, n_options, chunks + 1)[1:-1]).astype(np.int64)
    chunk: Ints = np.concatenate([[0], cut, [len(row_start) - 1]]).astype(np.int64)
    return chunk


def row_groups(chunk: Ints) -> Ints:
    """First row of each group of chunks (and the end): few, because each group has sums of its own."""
    step = max((len(chunk) - 1) // MOST_GROUPS, 1)
    groups: Ints = np.append(chunk[:-1:step][:MOST_GROUPS], chunk[-1])
    return groups


def _scan(
    chunk: Ints, row_cell_start: Ints, cell_start: Ints, cell_gate: Indices, gate_closed: Bools, cost: Floats,
    use_start: Ints, use_measure: Indices, use_amount: Floats, link_start: Ints, link: Indices,
    row_price: Floats, measure_price: Floats, link_price: Floats, cell_value: Floats, cell_pick: Ints,
    worth: Floats,
) -> None:  # fmt: skip
    r"""Best priced option of each cell, ``min_j c_j + Σ_q a_jq μ_q + Σ_l λ_l``, its position, and gate gains.

    `worth` (chunks × gates) gets ``Σ min(0, value − v_row)`` over the cells of each gate.
    """
    for part in prange(len(chunk) - 1):
        for row in range(chunk[part], chunk[part + 1]):
            price = row_price[row]
            for cell in range(row_cell_start[row], row_cell_start[row + 1]):
                gate = cell_gate[cell]
                best = np.inf
                pick = cell_start[cell]
                if gate < 0 or not gate_closed[gate]:
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
                if gate >= 0 and best < price:
                    worth[part, gate] += best - price


scan_serial, scan_parallel = for_one_thread(_scan), for_threads(_scan)


@njit(cache=True, nogil=True)
def option_prices(
    cost: Floats, use_start: Ints, use_measure: Indices, use_amount: Floats, link_start: Ints, link: Indices,
    measure_price: Floats, link_price: Floats,
) -> Floats:  # fmt: skip
    """Priced cost of every option: the terms of the scan before the minimum."""
    value = cost.copy()
    for j in range(len(cost)):
        for p in range(use_start[j], use_start[j + 1]):
            value[j] += use_amount[p] * measure_price[use_measure[p]]
        for p in range(link_start[j], link_start[j + 1]):
            value[j] += link_price[link[p]]
    return value


def _use_of_open(
    group: Ints, row_cell_start: Ints, cell_gate: Indices, gate_open: Bools, cell_value: Floats,
    cell_pick: Ints, row_price: Floats, use_start: Ints, use_measure: Indices, use_amount: Floats,
    link_start: Ints, link: Indices, served: Floats, used: Floats, linked: Floats, gain: Floats,
) -> None:  # fmt: skip
    """Add up what the cells worth their row's price serve and use, if their gate is open or they need none.

    `group` gives the first row of each group of rows, and the end. `used` (groups × measures), `linked`
    (groups × links) and `gain`, that of the cells that need no gate, are summed group by group.
    """
    for part in prange(len(group) - 1):
        for row in range(group[part], group[part + 1]):
            price = row_price[row]
            for cell in range(row_cell_start[row], row_cell_start[row + 1]):
                gate = cell_gate[cell]
                if cell_value[cell] >= price or (gate >= 0 and not gate_open[gate]):
                    continue
                if gate < 0:
                    gain[part] += cell_value[cell] - price
                served[row] += 1.0
                j = cell_pick[cell]
                for p in range(use_start[j], use_start[j + 1]):
                    used[part, use_measure[p]] += use_amount[p]
                for p in range(link_start[j], link_start[j + 1]):
                    linked[part, link[p]] += 1.0


use_of_open_serial, use_of_open_parallel = for_one_thread(_use_of_open), for_threads(_use_of_open)
