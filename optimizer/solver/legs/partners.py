"""Compiled passes that find which supply rows to add up, and how often each node's tie is to be added."""

import numpy as np
import numpy.typing as npt
from numba import njit

__all__ = ["cheapest_partners", "node_weights", "spread"]

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
    more = np.zeros(len(wanted))
    for c in range(len(cell)):
        if cell[c] > flows and per_row[cell_row[c]] > 0.0:
            more[cell_node[c]] = max(more[cell_node[c]], per_row[cell_row[c]])
    return np.where(wanted > 0.0, wanted, more)


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


@njit(cache=True)
def node_weights(amount: Floats, node: Ids, nodes: int, busy: Bools) -> tuple[Ids, Floats]:
    """Nodes with a tail that counts, and the least that a busy one counts; the most of any where none is.

    Parameters
    ----------
    amount : float64, shape (tails,)
        What each tail counts.
    node : int64, shape (tails,)
    nodes
        Number of nodes.
    busy : bool, shape (tails,)
    """
    most, least = np.zeros(nodes), np.full(nodes, np.inf)
    for t in range(len(amount)):
        if amount[t] > 0.0:
            most[node[t]] = max(most[node[t]], amount[t])
            if busy[t]:
                least[node[t]] = min(least[node[t]], amount[t])
    found = np.flatnonzero(most > 0.0)
    return found, np.where(np.isfinite(least[found]), least[found], most[found])
