"""Options regrouped for pricing: one *cell* per (row, first gate), so that a gate sees its best option per row."""

from dataclasses import dataclass

import numpy as np

from optimizer.problem.problem import Floats, Indices, Ints, Problem

__all__ = ["Layout", "lay_out", "transpose"]

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
    gate_cell_start, gate_cell : int64 (gates + 1,), int32
        Cells of each gate.
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
    gate_cell_start: Ints
    gate_cell: Indices
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


def transpose(keys: Indices, n_keys: int) -> tuple[Ints, Indices]:
    """CSR of the positions that hold each key, in ascending order; negative keys are left out.

    >>> start, items = transpose(np.array([1, 0, -1, 1], dtype=np.int32), 2)
    >>> start.tolist(), items.tolist()
    ([0, 1, 3], [1, 0, 3])
    """
    order = np.argsort(keys, kind="stable").astype(np.int32)
    order = order[np.count_nonzero(keys < 0) :]
    start = np.zeros(n_keys + 1, dtype=np.int64)
    np.cumsum(np.bincount(keys[keys >= 0], minlength=n_keys), out=start[1:])
    return start, order


def lay_out(problem: Problem) -> Layout:
    """Group the options of a problem into cells; arrays are shared when they stand in order already."""
    n_options = problem.n_options
    row = np.repeat(np.arange(problem.n_rows, dtype=np.int32), np.diff(problem.row_start))
    count = np.diff(problem.option_gate_start)
    first = np.full(n_options, NO_GATE, dtype=np.int32)
    gated = count > 0
    first[gated] = problem.option_gate[problem.option_gate_start[:-1][gated]]
    key = row.astype(np.int64) * (problem.n_gates + 1) + first + 1
    if np.all(key[1:] >= key[:-1]):
        order = np.arange(n_options, dtype=np.int64)
        cost = problem.option_cost
        use_start, use_measure, use_amount = (
            problem.option_use_start,
            problem.option_use_measure,
            problem.option_use_amount,
        )
    else:
        order = np.argsort(key, kind="stable").astype(np.int64)
        key = key[order]
        cost = problem.option_cost[order]
        use_start, picked = _take_ranges(problem.option_use_start, order)
        use_measure, use_amount = problem.option_use_measure[picked], problem.option_use_amount[picked]
    change = np.flatnonzero(np.r_[True, key[1:] != key[:-1]]) if n_options else np.zeros(0, dtype=np.int64)
    cell_start = np.r_[change, n_options].astype(np.int64)
    cell_row = row[order[change]]
    cell_gate = first[order[change]]
    row_cell_start = np.searchsorted(cell_row, np.arange(problem.n_rows + 1)).astype(np.int64)
    gate_cell_start, gate_cell = transpose(cell_gate, problem.n_gates)
    option_link_start, option_link, link_row, link_gate = _links(problem, order, row)
    return Layout(
        problem, order, row_cell_start, cell_start, cell_row, cell_gate, gate_cell_start, gate_cell,
        cost, use_start, use_measure, use_amount, option_link_start, option_link, link_row, link_gate,
    )  # fmt: skip


def _take_ranges(start: Ints, order: Ints) -> tuple[Ints, Ints]:
    """CSR starts and item indices after taking the ranges of `start` in the given order."""
    length = np.diff(start)[order]
    new_start = np.zeros(len(order) + 1, dtype=np.int64)
    np.cumsum(length, out=new_start[1:])
    picked = np.arange(new_start[-1], dtype=np.int64) + np.repeat(start[:-1][order] - new_start[:-1], length)
    return new_start, picked


def _links(problem: Problem, order: Ints, row: Indices) -> tuple[Ints, Indices, Ints, Ints]:
    """Further gates of each position, numbered by distinct (row, gate)."""
    start, picked = _take_ranges(problem.option_gate_start, order)
    length = np.diff(start)
    owner = np.repeat(np.arange(len(order), dtype=np.int64), length)
    further = np.arange(len(picked)) != start[:-1][owner] if len(picked) else np.zeros(0, dtype=bool)
    owner = owner[further]
    gate = problem.option_gate[picked[further]].astype(np.int64)
    key = row[order[owner]].astype(np.int64) * max(problem.n_gates, 1) + gate
    distinct, index = np.unique(key, return_inverse=True)
    link_start = np.zeros(len(order) + 1, dtype=np.int64)
    np.cumsum(np.bincount(owner, minlength=len(order)), out=link_start[1:])
    n_gates = max(problem.n_gates, 1)
    return link_start, index.astype(np.int32), distinct // n_gates, distinct % n_gates
