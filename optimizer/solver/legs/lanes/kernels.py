"""Compiled passes over cells, tails and lanes; every lane sums by itself, so threads change no bit."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from optimizer.problem.problem import Bools, Floats, Ints
from optimizer.solver.compiled import for_one_thread, for_threads
from optimizer.solver.legs.lanes.items import ItemsOf
from optimizer.solver.legs.lanes.ranking import least_cost, may_pay, ranked, shares_at
from optimizer.solver.legs.lanes.supply import Pieces

__all__ = ["Passes", "Priced", "Served", "parallel", "serial", "take_lanes"]

Ids = npt.NDArray[np.int64]
Uses = tuple[Ints, npt.NDArray[np.int32], Floats]
"""CSR of what legs use of the measures: start, measure, amount."""


class Priced(NamedTuple):
    """What an order gains by the best head of each cell, shape (sizes, cells), and that head.

    Then the most by any cell of each node, shape (sizes, nodes), what an order costs by each tail, shape
    (tails, sizes), and the prices of copies of links.
    """

    cell_value: Floats
    cell_pick: Ids
    node_best: Floats
    tail_value: Floats
    link_price: Floats


class Served(NamedTuple):
    """Sums over open lanes: shares by row and by copy of a link, use by measure and by lane."""

    row: Floats
    link: Floats
    measure: Floats
    lane: Floats


def _leg_values(cost: Floats, leg_site: Ids, closed: Bools, uses: Uses, price: Floats, value: Floats) -> None:
    """Priced cost per order of every leg at every size, `c + Σ_q a_q μ_qz`; infinite at closed ones."""
    use_start, use_measure, use_amount = uses
    for leg in prange(len(cost)):
        for size in range(value.shape[1]):
            if closed[leg_site[leg], size]:
                value[leg, size] = np.inf
                continue
            total = cost[leg]
            for p in range(use_start[leg], use_start[leg + 1]):
                total += use_amount[p] * price[use_measure[p], size]
            value[leg, size] = total


def _price_cells(
    cell_start: Ids, cell_head: Ids, node_site: Ids, closed: Bools, head_value: Floats, row_price: Floats,
    link_price: Floats, items: ItemsOf, value: Floats, pick: Ids, node_best: Floats,
) -> None:  # fmt: skip
    """What serving a cell's row by its best head gains per order before its tail, and that head.

    At sizes that are closed nothing is served: it gains minus infinity. Also the most of each node's cells.
    """
    for node in prange(len(items.node_start) - 1):
        for size in range(len(value)):
            most = -np.inf
            for cell in range(items.node_start[node], items.node_start[node + 1]):
                best = np.inf
                each = 1.0 / items.cell_orders[cell]
                if not closed[node_site[node], size]:
                    for p in range(cell_start[cell], cell_start[cell + 1]):
                        head = cell_head[p]
                        cost = head_value[head, size]
                        link = items.head_link[head, size]
                        if link >= 0:
                            cost += link_price[link] * each
                        claim = items.head_claim[head]
                        if claim >= 0:
                            cost += link_price[claim] * each
                        if cost < best:
                            best = cost
                            pick[size, cell] = head
                value[size, cell] = row_price[items.cell_row[cell]] * each - best
                most = max(most, value[size, cell])
            node_best[size, node] = most


@njit(cache=True)
def _count(lane: int, items: ItemsOf) -> int:
    total = 0
    for p in range(items.lane_start[lane], items.lane_start[lane + 1]):
        node = items.tail_node[items.lane_tail[p]]
        total += items.node_start[node + 1] - items.node_start[node]
    return total


@njit(cache=True, inline="always")
def _best_size(
    cell: int, tail: int, first: int, last: int, items: ItemsOf, priced: Priced
) -> tuple[float, int]:
    """What an order of a cell gains by a tail at the best of some sizes, or zero, and that size."""
    best, at = 0.0, first
    for size in range(first, last):
        value = priced.cell_value[size, cell] - priced.tail_value[tail, size]
        if value > best and items.tail_link_start[tail] >= 0:
            place = items.tail_link_start[tail] + cell - items.node_start[items.tail_node[tail]]
            value -= priced.link_price[items.tail_link[place, size]] / items.cell_orders[cell]
        if value > best:
            best, at = value, size
    return best, at


@njit(cache=True)
def _gaining(
    copy: int, items: ItemsOf, priced: Priced, tail_amount: Floats, who: Ids | None
) -> tuple[Floats, Floats, Floats]:
    """Gain, use and gain per unit of all that gains by a lane at the size of a copy, or at any.

    What does not gain is written as well, and over it the next: that is faster than to branch. `who`, shape
    (3, cells + 1), takes cells, tails and sizes.
    """
    lane, size = items.copy_lane[copy], items.copy_size[copy]
    most = _count(lane, items) + 1
    gain, amount, found = np.empty(most), np.empty(most), 0
    first, last = (size, size + 1) if size >= 0 else (0, len(priced.cell_value))
    for p in range(items.lane_start[lane], items.lane_start[lane + 1]):
        tail = items.lane_tail[p]
        node, each, least = items.tail_node[tail], tail_amount[tail], priced.tail_value[tail, first]
        plain = size >= 0 and items.tail_link_start[tail] < 0
        if plain and priced.node_best[first, node] <= least:
            continue
        for cell in range(items.node_start[node], items.node_start[node + 1]):
            best, at = priced.cell_value[first, cell] - least, first
            if not plain:
                best, at = _best_size(cell, tail, first, last, items, priced)
            gain[found], amount[found] = best * items.cell_orders[cell], items.cell_orders[cell] * each
            if who is not None:
                who[0, found], who[1, found], who[2, found] = cell, tail, at
            found += int(best > 0.0)
    return gain[:found], amount[:found], gain[:found] / amount[:found]


@njit(cache=True)
def _most_gained(
    copy: int, items: ItemsOf, priced: Priced, tail_amount: Floats
) -> tuple[float, float, float]:
    """Upper bounds of what items gain by a lane: all that use it, all that do not, and any per unit.

    Every cell counts as the best of its node, and without the link of its tail.
    """
    lane, size = items.copy_lane[copy], items.copy_size[copy]
    first, last = (size, size + 1) if size >= 0 else (0, len(priced.node_best))
    total, free, rate = 0.0, 0.0, 0.0
    for p in range(items.lane_start[lane], items.lane_start[lane + 1]):
        tail = items.lane_tail[p]
        node, best = items.tail_node[tail], 0.0
        for z in range(first, last):
            best = max(best, priced.node_best[z, node] - priced.tail_value[tail, z])
        if tail_amount[tail] > 0.0:
            total += best * items.node_orders[node]
            rate = max(rate, best / tail_amount[tail])
        else:
            free += best * items.node_orders[node]
    return total, free, rate


def _price_lanes(
    copies: Ids, items: ItemsOf, priced: Priced, tail_amount: Floats, pieces: Pieces, fee: Floats,
    worth: Floats,
) -> None:  # fmt: skip
    """What some copies of lanes are worth without the fees of their gates; 0 where that cannot pay."""
    for at in prange(len(copies)):
        copy = copies[at]
        lane = items.copy_lane[copy]
        piece = pieces.piece[pieces.start[lane] : pieces.start[lane + 1]]
        total, free, rate = _most_gained(copy, items, priced, tail_amount)
        worth[copy] = 0.0
        if total + free > 0.0 and may_pay(total, free, rate, piece, fee[copy]):
            worth[copy] = least_cost(ranked(*_gaining(copy, items, priced, tail_amount, None)), piece)[0]


class Passes(NamedTuple):
    """The passes over legs, cells and lanes, by one thread or several."""

    leg_values: Callable[..., None]
    price_cells: Callable[..., None]
    price_lanes: Callable[..., None]


serial = Passes(
    for_one_thread(_leg_values),
    for_one_thread(_price_cells),
    for_one_thread(_price_lanes),
)
parallel = Passes(
    for_threads(_leg_values),
    for_threads(_price_cells),
    for_threads(_price_lanes),
)


@njit(cache=True, inline="always")
def _add_uses(leg: int, orders: float, size: int, uses: Uses, number: Ids, used: Floats) -> None:
    """Add what orders by a leg at a size use of the measures."""
    start, measure, amount = uses
    for p in range(start[leg], start[leg + 1]):
        used[number[measure[p], size]] += amount[p] * orders


@njit(cache=True)
def take_lanes(
    copies: Ids, items: ItemsOf, priced: Priced, tail_amount: Floats, pieces: Pieces, head_uses: Uses,
    tail_uses: Uses, number: Ids, served: Served,
) -> None:  # fmt: skip
    """Add up what open lanes serve and use."""
    for copy in copies:
        lane = items.copy_lane[copy]
        who = np.empty((3, _count(lane, items) + 1), np.int64)
        gain, amount, rate = _gaining(copy, items, priced, tail_amount, who)
        if len(gain) == 0:
            continue
        order = ranked(gain, amount, rate)
        quantity = least_cost(order, pieces.piece[pieces.start[lane] : pieces.start[lane + 1]])[1]
        served.lane[lane] += quantity
        share = shares_at(order, quantity)
        for k in np.flatnonzero(share):
            cell, tail, size = who[0, k], who[1, k], who[2, k]
            head, orders = priced.cell_pick[size, cell], share[k] * items.cell_orders[cell]
            served.row[items.cell_row[cell]] += share[k]
            _add_uses(head, orders, size, head_uses, number, served.measure)
            _add_uses(tail, orders, size, tail_uses, number, served.measure)
            if items.head_link[head, size] >= 0:
                served.link[items.head_link[head, size]] += share[k]
            if items.head_claim[head] >= 0:
                served.link[items.head_claim[head]] += share[k]
            if items.tail_link_start[tail] >= 0:
                place = items.tail_link_start[tail] + cell - items.node_start[items.tail_node[tail]]
                served.link[items.tail_link[place, size]] += share[k]
