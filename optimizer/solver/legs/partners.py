"""Compiled passes that find which supply rows to add up."""

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["cheapest_partners", "spread"]

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


@njit(cache=True)
def spread(
    wanted: Floats, cell: Floats, cell_start: Ids, cell_node: Ids, cell_row: Ids, rows: int, flows: float
) -> Floats:
    """Amounts wanted per order at the nodes, also at other nodes that take demand of the same rows.

    Parameters
    ----------
    wanted : float64, shape (nodes,)
    cell : float64, shape (cells,)
        What each cell takes.
    rows
        Number of demand rows.
    flows
        What counts as a flow.
    """
    per_row = np.zeros(rows)
    for node in range(len(wanted)):
        if wanted[node] != 0.0:
            for c in range(cell_start[node], cell_start[node + 1]):
                if flows < cell[c] < 1.0 - flows:
                    per_row[cell_row[c]] = max(per_row[cell_row[c]], wanted[node])
    more = wanted.copy()
    for c in range(len(cell)):
        node = cell_node[c]
        if cell[c] > flows and not wanted[node] > 0.0:
            more[node] = max(more[node], per_row[cell_row[c]])
    return more


@njit(cache=True)
def cheapest_partners(
    own: Ids, wanted: Floats, flowing: Ids, node: Ids, use_start: Ids, use_row: Ids, use_amount: Floats,
    resource: Ids, bought: Bools, load: Floats,
) -> tuple[Ids, Floats]:  # fmt: skip
    """For every other resource with a flow into the nodes wanted: its row of least scaled use, and the scale.

    Parameters
    ----------
    own
        Tails of the first row; what they use is no other resource.
    wanted : float64, shape (nodes,)
        Amount wanted of all orders of a node.
    flowing
        Tails that flow.
    use_start, use_row, use_amount
        CSR: supply rows that each tail uses.
    resource, bought : shape (supply rows,)
        The resource of each row, ascending, and whether more of it can be bought.
    load : float64, shape (supply rows,)
        What flows through each row.
    """
    scale = np.full(len(load), -1.0)
    barred = np.zeros(resource[-1] + 1 if len(resource) else 0, dtype=np.bool_)
    for t in own:
        for p in range(use_start[t], use_start[t + 1]):
            barred[resource[use_row[p]]] = True
    for t in flowing:
        need = wanted[node[t]]
        if need > 0.0:
            for p in range(use_start[t], use_start[t + 1]):
                row = use_row[p]
                if bought[row] and not barred[resource[row]]:
                    scale[row] = max(scale[row], need / use_amount[p])
    chosen = np.empty(len(barred), dtype=np.int64)
    count = 0
    for row in range(len(load)):
        if scale[row] < 0.0:
            continue
        if count == 0 or resource[chosen[count - 1]] != resource[row]:
            chosen[count] = row
            count += 1
        elif scale[row] * load[row] < scale[chosen[count - 1]] * load[chosen[count - 1]]:
            chosen[count - 1] = row
    return chosen[:count].copy(), scale[chosen[:count]]
