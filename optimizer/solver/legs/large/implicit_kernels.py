"""Compiled passes over tails and heads: what a pass over all their pairs would price, without the pairs."""

import numpy as np
from numba import njit

from optimizer.problem.problem import Bools, Floats, Indices, Ints

__all__ = ["best_tails", "price_heads", "take_heads", "use_of_tails"]


@njit(cache=True)
def best_tails(
    node_start: Ints, cost: Floats, use_start: Ints, use_measure: Indices, use_amount: Floats, number: Ints,
    measure_price: Floats, value: Floats, pick: Ints,
) -> None:  # fmt: skip
    """Least priced cost per order of each node's tails, and which, for every size; shape (nodes, sizes)."""
    for node in range(len(node_start) - 1):
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


@njit(cache=True)
def price_heads(
    row_head_start: Ints, head_node: Indices, head_gate: Indices, head_cost: Floats, demand: Floats,
    row_price: Floats, least_tail: Floats, tail_value: Floats, gate_first: Ints, gate_copies: Ints,
    worth: Floats,
) -> None:  # fmt: skip
    """Add to the worth of each gate's copies ``Σ min(0, value − v_row)`` over the heads through it.

    A row's heads stand by their cost with the cheapest tail: from the first whose cost is the row's price on,
    none gains.
    """
    for row in range(len(row_head_start) - 1):
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
                    worth[first + size] += gain * orders


@njit(cache=True)
def take_heads(
    row_head_start: Ints, head_node: Indices, head_gate: Indices, head_cost: Floats, demand: Floats,
    row_price: Floats, least_tail: Floats, tail_value: Floats, gate_first: Ints, gate_copies: Ints,
    gate_open: Bools, served: Floats, orders_at: Floats,
) -> None:  # fmt: skip
    """Count the rows that heads through open gates serve, and their orders at each node and size."""
    size_of = np.full(len(gate_first), -1, dtype=np.int64)
    for gate in range(len(gate_first)):
        for size in range(gate_copies[gate]):
            if gate_open[gate_first[gate] + size]:
                size_of[gate] = size
    for row in range(len(row_head_start) - 1):
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


@njit(cache=True)
def use_of_tails(
    pick: Ints, orders_at: Floats, use_start: Ints, use_measure: Indices, use_amount: Floats, number: Ints,
    used: Floats,
) -> None:  # fmt: skip
    """Add up what the picked tails use for the orders at each node and size."""
    for node in range(len(pick)):
        for size in range(pick.shape[1]):
            orders = orders_at[node, size]
            if orders > 0.0:
                t = pick[node, size]
                for p in range(use_start[t], use_start[t + 1]):
                    used[number[use_measure[p], size]] += use_amount[p] * orders
