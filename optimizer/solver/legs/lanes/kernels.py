"""Compiled passes over cells, tails and lanes; every lane sums by itself, so threads change no bit."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from optimizer.problem.problem import Bools, Floats, Ints
from optimizer.solver.compiled import for_one_thread, for_threads

__all__ = ["Passes", "add_uses", "parallel", "serial", "take_lanes"]

Numbers = npt.NDArray[np.int32]


def _leg_values(
    cost: Floats, leg_site: Ints, closed: Bools, use_start: Ints, use_measure: Numbers, use_amount: Floats,
    number: Ints, price: Floats, value: Floats,
) -> None:  # fmt: skip
    """Priced cost per order of every leg at every size, `c + Σ_q a_q μ_qz`; infinite at closed ones."""
    for leg in prange(len(cost)):
        for size in range(value.shape[1]):
            if closed[leg_site[leg], size]:
                value[leg, size] = np.inf
                continue
            total = cost[leg]
            for p in range(use_start[leg], use_start[leg + 1]):
                total += use_amount[p] * price[number[use_measure[p], size]]
            value[leg, size] = total


@njit(cache=True, inline="always")
def _copy(link_start: Ints, link: int, size: int) -> int:
    """Copy of a link for a size; the only one, where its gate has one for all sizes."""
    return int(min(link_start[link] + size, link_start[link + 1] - 1))


def _price_cells(
    cell_start: Ints, cell_row: Ints, cell_site: Ints, closed: Bools, cell_head: Ints, head_value: Floats,
    head_link: Ints, link_start: Ints, link_price: Floats, row_price: Floats, demand: Floats, value: Floats,
    pick: Ints,
) -> None:  # fmt: skip
    """What serving a cell's row by its best head gains per order before its tail, and that head.

    At sizes that are closed nothing is served: it gains minus infinity.
    """
    for cell in prange(len(cell_row)):
        row = cell_row[cell]
        for size in range(value.shape[1]):
            if closed[cell_site[cell], size]:
                value[cell, size] = -np.inf
                continue
            best = np.inf
            for p in range(cell_start[cell], cell_start[cell + 1]):
                head = cell_head[p]
                cost = head_value[head, size]
                if head_link[head] >= 0:
                    cost += link_price[_copy(link_start, head_link[head], size)] / demand[row]
                if cost < best:
                    best = cost
                    pick[cell, size] = head
            value[cell, size] = row_price[row] / demand[row] - best


@njit(cache=True)
def _count(lane: int, lane_start: Ints, lane_tail: Ints, tail_node: Ints, node_start: Ints) -> int:
    total = 0
    for p in range(lane_start[lane], lane_start[lane + 1]):
        node = tail_node[lane_tail[p]]
        total += node_start[node + 1] - node_start[node]
    return total


@njit(cache=True)
def _gaining(
    lane: int, size: int, lane_start: Ints, lane_tail: Ints, tail_node: Ints, node_start: Ints,
    tail_value: Floats, tail_link: Ints, tail_link_start: Ints, link_start: Ints, tail_amount: Floats,
    link_price: Floats, cell_row: Ints, demand: Floats, cell_value: Floats,
) -> tuple[Ints, Ints, Ints, Floats, Floats, int]:  # fmt: skip
    """Cells and tails of a lane that gain at the prices, at one size or (−1) at the best of all."""
    most = _count(lane, lane_start, lane_tail, tail_node, node_start)
    cells, tails, sizes = np.empty(most, np.int64), np.empty(most, np.int64), np.empty(most, np.int64)
    gain, amount = np.empty(most), np.empty(most)
    found = 0
    first, last = (size, size + 1) if size >= 0 else (0, cell_value.shape[1])
    for p in range(lane_start[lane], lane_start[lane + 1]):
        tail = lane_tail[p]
        node = tail_node[tail]
        for cell in range(node_start[node], node_start[node + 1]):
            orders = demand[cell_row[cell]]
            best, at = 0.0, first
            for z in range(first, last):
                value = orders * (cell_value[cell, z] - tail_value[tail, z])
                if value > best and tail_link_start[tail] >= 0:
                    link = tail_link[tail_link_start[tail] + cell - node_start[node]]
                    value -= link_price[_copy(link_start, link, z)]
                if value > best:
                    best, at = value, z
            if best > 0.0:
                cells[found], tails[found], sizes[found] = cell, tail, at
                gain[found], amount[found] = best, orders * tail_amount[tail]
                found += 1
    return cells, tails, sizes, gain[:found], amount[:found], found


@njit(cache=True)
def _best_supply(
    fall: Floats, used: Floats, gained: Floats, first: int, last: int, piece: Floats
) -> tuple[float, float]:
    """Least ``S(u) − B(u)`` and its quantity; `B` is the gain of the best items that use `u`.

    `fall` is the negative gain per unit, ascending; `used` and `gained` are sums up to each item, from zero.
    """
    count = len(fall)
    best, quantity = 0.0, 0.0
    for k in range(first, last):
        low, high, cost, slope = piece[k, 0], piece[k, 1], piece[k, 2], piece[k, 3]
        if cost - gained[count] >= best:
            continue
        worth = np.searchsorted(fall, -slope)
        at = min(max(min(used[worth], high), low), used[count])
        whole = np.searchsorted(used, at, side="right") - 1
        gain = gained[whole]
        if whole < count and at > used[whole]:
            gain -= (at - used[whole]) * fall[whole]
        value = cost + slope * max(at - low, 0.0) - gain
        if value < best:
            best, quantity = value, at
    return best, quantity


@njit(cache=True)
def _may_pay(gain: Floats, amount: Floats, first: int, last: int, piece: Floats, fee: float) -> bool:
    """Tell whether some supply may cost less than items gain: no more than all, or the best rate of any."""
    total, free, rate = 0.0, 0.0, 0.0
    for k in range(len(gain)):
        if amount[k] > 0.0:
            total += gain[k]
            rate = max(rate, gain[k] / amount[k])
        else:
            free += gain[k]
    if free >= fee:
        return True
    for k in range(first, last):
        low, high, cost, slope = piece[k, 0], piece[k, 1], piece[k, 2], piece[k, 3]
        enough = min(max(total / rate if rate > 0.0 else 0.0, low), high)
        for at in (low, enough, high):
            if fee + cost + slope * (at - low) < free + min(total, rate * at):
                return True
    return False


@njit(cache=True)
def _sorted_sums(gain: Floats, amount: Floats) -> tuple[Ints, Floats, Floats, Floats]:
    """Order of falling gain per unit, the negative of it, and sums of amounts and gains up to each item."""
    fall = -gain / amount
    order = np.argsort(fall)
    fall = fall[order]
    used, gained = np.zeros(len(gain) + 1), np.zeros(len(gain) + 1)
    for k in range(len(gain)):
        used[k + 1] = used[k] + amount[order[k]]
        gained[k + 1] = gained[k] + gain[order[k]]
    return order, fall, used, gained


def _price_lanes(
    copies: Ints, copy_lane: Ints, copy_size: Ints, lane_start: Ints, lane_tail: Ints, tail_node: Ints,
    node_start: Ints, tail_value: Floats, tail_link: Ints, tail_link_start: Ints, link_start: Ints,
    tail_amount: Floats, link_price: Floats, cell_row: Ints, demand: Floats, cell_value: Floats,
    piece_start: Ints, piece: Floats, fee: Floats, worth: Floats,
) -> None:  # fmt: skip
    """What some copies of lanes are worth without the fees of their gates; 0 where that cannot pay."""
    for at in prange(len(copies)):
        copy = copies[at]
        lane = copy_lane[copy]
        _, _, _, gain, amount, found = _gaining(
            lane, copy_size[copy], lane_start, lane_tail, tail_node, node_start, tail_value, tail_link,
            tail_link_start, link_start, tail_amount, link_price, cell_row, demand, cell_value,
        )  # fmt: skip
        worth[copy] = 0.0
        first, last = piece_start[lane], piece_start[lane + 1]
        if found and _may_pay(gain, amount, first, last, piece, fee[copy]):
            _, fall, used, gained = _sorted_sums(gain, amount)
            worth[copy] = _best_supply(fall, used, gained, first, last, piece)[0]


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


@njit(cache=True)
def take_lanes(
    copies: Ints, copy_lane: Ints, copy_size: Ints, lane_start: Ints, lane_tail: Ints, tail_node: Ints,
    node_start: Ints, tail_value: Floats, tail_link: Ints, tail_link_start: Ints, link_start: Ints,
    tail_amount: Floats, link_price: Floats, cell_row: Ints, demand: Floats, cell_value: Floats,
    piece_start: Ints, piece: Floats,
    cell_pick: Ints, head_link: Ints, served: Floats, linked: Floats, by_head: Floats, by_tail: Floats,
) -> None:  # fmt: skip
    """Add up what the open lanes serve, and the orders that go by each head and tail at each size."""
    for copy in copies:
        lane = copy_lane[copy]
        cells, tails, sizes, gain, amount, found = _gaining(
            lane, copy_size[copy], lane_start, lane_tail, tail_node, node_start, tail_value, tail_link,
            tail_link_start, link_start, tail_amount, link_price, cell_row, demand, cell_value,
        )  # fmt: skip
        if not found:
            continue
        order, fall, used, gained = _sorted_sums(gain, amount)
        _, quantity = _best_supply(fall, used, gained, piece_start[lane], piece_start[lane + 1], piece)
        for k in range(found):
            item = order[k]
            room = quantity - used[k]
            if room <= 0.0 and amount[item] > 0.0:
                break
            share = 1.0 if room >= amount[item] else room / amount[item]
            cell, tail, size = cells[item], tails[item], sizes[item]
            row, head = cell_row[cell], cell_pick[cell, size]
            served[row] += share
            by_head[head, size] += share * demand[row]
            by_tail[tail, size] += share * demand[row]
            if head_link[head] >= 0:
                linked[_copy(link_start, head_link[head], size)] += share
            if tail_link_start[tail] >= 0:
                node = tail_node[tail]
                link = tail_link[tail_link_start[tail] + cell - node_start[node]]
                linked[_copy(link_start, link, size)] += share


@njit(cache=True)
def add_uses(
    orders: Floats, use_start: Ints, use_measure: Numbers, use_amount: Floats, number: Ints, used: Floats
) -> None:
    """Add what orders by legs use of the measures, at every size."""
    for leg in range(len(orders)):
        for size in range(orders.shape[1]):
            if orders[leg, size] != 0.0:
                for p in range(use_start[leg], use_start[leg + 1]):
                    used[number[use_measure[p], size]] += use_amount[p] * orders[leg, size]
