"""Compiled passes over tails and heads: what a pass over all their pairs would price, without the pairs.

Each pass is compiled twice, for one thread and for several, and gives the same bits in both: nodes and rows
are cut into chunks that depend on the problem only, each sums by itself, and the sums are added in order.
"""

import numpy as np
from numba import prange

from optimizer.problem.problem import Bools, Floats, Indices, Ints
from optimizer.solver.compiled import for_one_thread, for_threads

__all__ = [
    "chunks_of_nodes",
    "chunks_of_rows",
    "heads_parallel",
    "heads_serial",
    "sizes_of_gates",
    "tails_parallel",
    "tails_serial",
    "taken_parallel",
    "taken_serial",
    "use_parallel",
    "use_serial",
]

CHUNKS = 16
"""Chunks that a pass is cut into at most."""

LEAST_ENTRIES = 20_000
"""Heads, or tails times sizes, that a chunk has at least."""


def chunks_of_nodes(tail_start: Ints, sizes: int) -> Ints:
    """First node of each chunk, and the end, with about equally many tails in each.

    >>> chunks_of_nodes(np.arange(40_001), 2).tolist()
    [0, 10000, 20000, 30000, 40000]
    """
    return _cut(tail_start, np.arange(len(tail_start), dtype=np.int64), sizes)


def chunks_of_rows(row_start: Ints, node: Indices) -> Ints:
    """First row of each chunk, and the end; no node has heads of rows in two chunks.

    Parameters
    ----------
    row_start : int64, shape (rows + 1,)
        CSR range of each row's heads.
    node : shape (heads,)
        Node of each head.

    Examples
    --------
    Rows 0 and 1 share a node, and 2 and 3; enough heads for four chunks make two.

    >>> node = np.repeat([5, 5, 2, 2], 20_000)
    >>> chunks_of_rows(np.arange(5) * 20_000, node).tolist()
    [0, 2, 4]
    """
    rows = len(row_start) - 1
    last = np.full(int(node.max(initial=-1)) + 1, -1, dtype=np.int64)
    of_head = np.repeat(np.arange(rows), np.diff(row_start))
    last[node] = of_head
    reach = np.arange(rows)
    filled = np.flatnonzero(np.diff(row_start))
    reach[filled] = np.maximum(np.maximum.reduceat(last[node], row_start[filled]), filled)
    apart = np.flatnonzero(np.maximum.accumulate(reach) == np.arange(rows)) + 1
    return _cut(row_start, np.concatenate([[0], apart]).astype(np.int64), 1)


def _cut(start: Ints, allowed: Ints, weight: int) -> Ints:
    """Cut at some of the allowed places, so that the chunks weigh about the same."""
    total = int(start[-1])
    chunks = max(min(CHUNKS, total * weight // LEAST_ENTRIES), 1)
    wanted = np.linspace(0, total, chunks + 1)[1:-1]
    at = np.minimum(np.searchsorted(start[allowed], wanted), len(allowed) - 1)
    ends = np.array([0, len(start) - 1], dtype=np.int64)
    cut: Ints = np.unique(np.concatenate([ends, allowed[at]]))
    return cut


def sizes_of_gates(gate_first: Ints, gate_copies: Ints, gate_open: Bools) -> Ints:
    """Which copy of each gate is open, −1 for none; no two are."""
    rank = np.full(len(gate_first), -1, dtype=np.int64)
    opened = np.flatnonzero(gate_open)
    gate = np.repeat(np.arange(len(gate_first)), gate_copies)[opened]
    rank[gate] = opened - gate_first[gate]
    return rank


def _tails(
    chunk: Ints, node_start: Ints, cost: Floats, use_start: Ints, use_measure: Indices, use_amount: Floats,
    number: Ints, measure_price: Floats, value: Floats, pick: Ints,
) -> None:  # fmt: skip
    """Least priced cost per order of each node's tails, and which, for every size; shape (nodes, sizes)."""
    for part in prange(len(chunk) - 1):
        for node in range(chunk[part], chunk[part + 1]):
            for size in range(value.shape[1]):
                best, at = np.inf, -1
                for t in range(node_start[node], node_start[node + 1]):
                    priced = cost[t]
                    for p in range(use_start[t], use_start[t + 1]):
                        priced += use_amount[p] * measure_price[number[use_measure[p], size]]
                    if priced < best:
                        best, at = priced, t
                value[node, size] = best
                pick[node, size] = at


def _heads(
    chunk: Ints, row_head_start: Ints, head_node: Indices, head_gate: Indices, head_cost: Floats,
    demand: Floats, row_price: Floats, least_tail: Floats, tail_value: Floats, gate_first: Ints,
    gate_copies: Ints, worth: Floats,
) -> None:  # fmt: skip
    """Add to the worth of each gate's copies ``Σ min(0, value − v_row)`` over the heads through it, by chunk.

    A row's heads stand by their cost with the cheapest tail: from the first whose cost is the row's price on,
    none gains.
    """
    for part in prange(len(chunk) - 1):
        for row in range(chunk[part], chunk[part + 1]):
            orders = demand[row]
            price = row_price[row] / orders
            for h in range(row_head_start[row], row_head_start[row + 1]):
                left = head_cost[h] - price
                node, gate = head_node[h], head_gate[h]
                if left + least_tail[node] >= 0.0:
                    break
                first = gate_first[gate]
                for size in range(gate_copies[gate]):
                    gain = left + tail_value[node, size]
                    if gain < 0.0:
                        worth[part, first + size] += gain * orders


def _taken(
    chunk: Ints, row_head_start: Ints, head_node: Indices, head_gate: Indices, head_cost: Floats,
    demand: Floats, row_price: Floats, least_tail: Floats, tail_value: Floats, size_of: Ints, served: Floats,
    orders_at: Floats,
) -> None:  # fmt: skip
    """Count the rows that heads through open gates serve, and their orders at each node and size."""
    for part in prange(len(chunk) - 1):
        for row in range(chunk[part], chunk[part + 1]):
            orders = demand[row]
            price = row_price[row] / orders
            for h in range(row_head_start[row], row_head_start[row + 1]):
                left, node = head_cost[h] - price, head_node[h]
                if left + least_tail[node] >= 0.0:
                    break
                size = size_of[head_gate[h]]
                if size >= 0 and left + tail_value[node, size] < 0.0:
                    served[row] += 1.0
                    orders_at[node, size] += orders


def _use(
    chunk: Ints, pick: Ints, orders_at: Floats, use_start: Ints, use_measure: Indices, use_amount: Floats,
    number: Ints, used: Floats,
) -> None:  # fmt: skip
    """Add up, by chunk, what the picked tails use for the orders at each node and size."""
    for part in prange(len(chunk) - 1):
        for node in range(chunk[part], chunk[part + 1]):
            for size in range(pick.shape[1]):
                orders = orders_at[node, size]
                if orders > 0.0:
                    t = pick[node, size]
                    for p in range(use_start[t], use_start[t + 1]):
                        used[part, number[use_measure[p], size]] += use_amount[p] * orders


tails_serial, tails_parallel = for_one_thread(_tails), for_threads(_tails)
heads_serial, heads_parallel = for_one_thread(_heads), for_threads(_heads)
taken_serial, taken_parallel = for_one_thread(_taken), for_threads(_taken)
use_serial, use_parallel = for_one_thread(_use), for_threads(_use)
