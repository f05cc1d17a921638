"""The promising options: the best few of each cell at the present prices, for heuristics."""

import numpy as np
from numba import njit

from optimizer.problem.problem import Bools, Floats, Indices, Ints
from optimizer.solver.layout import Layout

__all__ = ["promising"]

MOST_PER_CELL = 8


def promising(layout: Layout, priced: Floats, most: int) -> Bools:
    """Mark the best options of every cell, as many per cell as `most` in all allow.

    Options that need no gate are all kept: they are few, and often the only way to hold a limit.

    Parameters
    ----------
    priced : float64, shape (options,)
        Priced cost by position of the layout.
    most
        Options wanted at most; every cell keeps at least one.

    Returns
    -------
    bool, shape (options,), by option of the problem.
    """
    per_cell = int(min(max(most // max(layout.n_cells, 1), 1), MOST_PER_CELL))
    keep = np.zeros(len(priced), dtype=bool)
    keep[layout.order] = _best_of_cells(layout.cell_start, layout.cell_gate, priced, per_cell)
    return keep


@njit(cache=True)
def _best_of_cells(cell_start: Ints, cell_gate: Indices, priced: Floats, per_cell: int) -> Bools:
    keep = np.zeros(len(priced), dtype=np.bool_)
    for cell in range(len(cell_start) - 1):
        first, last = cell_start[cell], cell_start[cell + 1]
        if last - first <= per_cell or cell_gate[cell] < 0:
            keep[first:last] = True
            continue
        for _ in range(per_cell):
            best, pick = np.inf, -1
            for j in range(first, last):
                if not keep[j] and priced[j] < best:
                    best, pick = priced[j], j
            if pick >= 0:
                keep[pick] = True
    return keep
