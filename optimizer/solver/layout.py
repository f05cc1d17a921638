"""Options regrouped for pricing: a *cell* per (row, first gate), so that a gate sees its best options."""

from dataclasses import dataclass

import numpy as np
from numba import njit

from optimizer.problem.problem import Floats, Indices, Ints, Problem
from optimizer.problem.ragged import take

__all__ = ["Layout", "lay_out"]

NO_GATE = -1


@dataclass(frozen=True, eq=False)
class Layout:
    """A problem seen by the price relaxation.

    Attributes
    ----------
    problem : Problem
    order : int64, shape (options,)
        Option of the problem at each position; positions stand sorted by row, then first gate.
    row_cell_start : int64, shape (rows + 1,)
        CSR range of each row's cells.
    cell_start : int64, shape (cells + 1,)
        CSR range of each cell's positions.
    cell_row, cell_gate : int32, shape (cells,)
        Row and first gate of the cell; gate -1 for options that need none.
    cost : float64, shape (options,)
        Option costs by position.
    use_start, use_measure, use_amount : int64 (options + 1,), int32, float64
        Usage by position.
    option_link_start, option_link : int64 (options + 1,), int32
        Links (row, further gate) that a position takes part in.
    link_row, link_gate : int64, shape (links,)
        Distinct (row, gate) pairs of gates other than an option's first.
    """

    problem: Problem
    order: Ints
    row_cell_start: Ints
    cell_start: Ints
    cell_row: Indices
    cell_gate: Indices
    cost: Floats
    use_start: Ints
    use_measure: Indices
    use_amount: Floats
    option_link_start: Ints
    option_link: Indices
    link_row: Ints
    link_gate: Ints

    @property
    def n_cells(self) -> int:
        """Number of cells."""
        return len(self.cell_row)

    @property
    def n_links(self) -> int:
        """Number of relaxed links."""
        return len(self.link_row)


def lay_out(problem: Problem) -> Layout:
    """Group the options of a problem into cells; arrays are shared when they stand in order already."""
    first = _first_gate(problem.option_gate_start, problem.option_gate)
    order, in_order = _cell_order(problem.row_start, first)
    cost, use_start = problem.option_cost, problem.option_use_start
    use_measure, use_amount = problem.option_use_measure, problem.option_use_amount
    if not in_order:
        cost = cost[order]
        use_start, (use_measure, use_amount) = take((use_start, (use_measure, use_amount)), order)
    cell_start, cell_row, cell_gate = _cells(problem.row_start, first, order)
    row_cell_start = np.searchsorted(cell_row, np.arange(problem.n_rows + 1)).astype(np.int64)
    option_link_start, option_link, link_row, link_gate = _links(
        problem.row_start, order, problem.option_gate_start, problem.option_gate, problem.n_gates
    )
    return Layout(
        problem, order, row_cell_start, cell_start, cell_row, cell_gate, cost, use_start, use_measure,
        use_amount, option_link_start, option_link, link_row, link_gate,
    )  # fmt: skip


@njit(cache=True)
def _first_gate(gate_start: Ints, gate: Indices) -> Indices:
    first = np.full(len(gate_start) - 1, NO_GATE, dtype=np.int32)
    for j in range(len(first)):
        if gate_start[j + 1] > gate_start[j]:
            first[j] = gate[gate_start[j]]
    return first


@njit(cache=True)
def _cell_order(row_start: Ints, first: Indices) -> tuple[Ints, bool]:
    """Options sorted by first gate within each row (stable), and whether they stood so already."""
    order = np.arange(len(first), dtype=np.int64)
    in_order = True
    for i in range(len(row_start) - 1):
        begin, end = row_start[i], row_start[i + 1]
        for j in range(begin + 1, end):
            if first[j] < first[j - 1]:
                order[begin:end] = begin + np.argsort(first[begin:end], kind="mergesort")
                in_order = False
                break
    return order, in_order


@njit(cache=True)
def _cells(row_start: Ints, first: Indices, order: Ints) -> tuple[Ints, Indices, Indices]:
    """Start, row and gate of each run of equal first gates."""
    n = len(order)
    start = np.empty(n + 1, dtype=np.int64)
    row = np.empty(n, dtype=np.int32)
    gate = np.empty(n, dtype=np.int32)
    count = 0
    for i in range(len(row_start) - 1):
        for p in range(row_start[i], row_start[i + 1]):
            if p == row_start[i] or first[order[p]] != first[order[p - 1]]:
                start[count], row[count], gate[count] = p, i, first[order[p]]
                count += 1
    start[count] = n
    return start[: count + 1].copy(), row[:count].copy(), gate[:count].copy()


@njit(cache=True)
def _links(
    row_start: Ints, order: Ints, gate_start: Ints, gate: Indices, n_gates: int
) -> tuple[Ints, Indices, Ints, Ints]:
    """Further gates of each position, numbered by distinct (row, gate), ascending."""
    total = 0
    for j in range(len(order)):
        total += max(gate_start[j + 1] - gate_start[j] - 1, 0)
    start = np.zeros(len(order) + 1, dtype=np.int64)
    index = np.empty(total, dtype=np.int32)
    link_row = np.empty(total, dtype=np.int64)
    link_gate = np.empty(total, dtype=np.int64)
    number = np.full(n_gates, -1, dtype=np.int64)
    links, entries = 0, 0
    for i in range(len(row_start) - 1):
        found = links
        for p in range(row_start[i], row_start[i + 1]):
            j = order[p]
            for e in range(gate_start[j] + 1, gate_start[j + 1]):
                if number[gate[e]] < 0:
                    number[gate[e]] = 0
                    link_row[links], link_gate[links] = i, gate[e]
                    links += 1
        link_gate[found:links] = np.sort(link_gate[found:links])
        for k in range(found, links):
            number[link_gate[k]] = k
        for p in range(row_start[i], row_start[i + 1]):
            j = order[p]
            for e in range(gate_start[j] + 1, gate_start[j + 1]):
                index[entries] = number[gate[e]]
                entries += 1
            start[p + 1] = entries
        for k in range(found, links):
            number[link_gate[k]] = -1
    return start, index, link_row[:links].copy(), link_gate[:links].copy()
