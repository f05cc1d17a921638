"""Packings of one site worth having: depth-first search over its rows, with priced cuts on triples."""

from typing import NamedTuple

import numpy as np
from numba import njit

from optimizer.problem.problem import Bools, Floats, Ints

__all__ = ["Items", "Triples", "enumerate_packings", "site_items"]

EQUAL = 1e-9


class Items(NamedTuple):
    """Rows that a site may pack: `forced` ones first, the others by descending gain per weight.

    `room` is the capacity and `spare` the most of it that a packing may leave.
    """

    row: Ints
    gain: Floats
    weight: Floats
    forced: int
    room: float
    spare: float


class Triples(NamedTuple):
    """Cuts "at most one packing holds two or more of these three rows", with a price ≥ 0 each.

    Cuts of row i are ``cut[start[i] : start[i + 1]]``.
    """

    start: Ints
    cut: Ints
    price: Floats


def site_items(
    gain: Floats, weight: Floats, allowed: Bools, forced: Bools, room: float, spare: float
) -> Items:
    """Order the rows that a site may pack; arrays over all rows."""
    row = np.flatnonzero(allowed & ~forced)
    ratio = gain[row] / np.maximum(weight[row], 1e-12)
    first = np.flatnonzero(forced)
    row = np.concatenate([first, row[np.argsort(-ratio, kind="stable")]]).astype(np.int64)
    return Items(row, gain[row], weight[row], len(first), room, spare)


@njit(cache=True)
def enumerate_packings(  # noqa: PLR0912 (one compiled loop)
    items: Items, triples: Triples, least: float, improving: bool, packed: Bools, most_nodes: int
) -> tuple[int, float, int]:
    r"""List packings `S` with ``value(S) = Σ_{i∈S} gain_i − Σ_{k: |S∩T_k| ≥ 2} price_k ≥ least``.

    Parameters
    ----------
    improving
        List only packings that beat all before: the last is the best one.
    packed : shape (most, rows)
        Receives the packings.
    most_nodes
        Nodes after which the search gives up.

    Returns
    -------
    tuple
        Number listed, or -1 if they do not fit `packed` or the nodes do not suffice; the best value,
        `least` where there is none; nodes.
    """
    count_of = np.zeros(len(triples.price), dtype=np.int64)
    n, found, nodes, at, best = len(items.row), 0, 0, 0, least
    value, room = np.zeros(n + 1), np.full(n + 1, items.room)
    taken = np.zeros(n + 1, dtype=np.bool_)
    while at < items.forced:
        _enter(items, triples, count_of, taken, value, room, at)
        at += 1
    if room[at] < 0.0:
        return 0, least, 0
    while True:
        nodes += 1
        if nodes > most_nodes:
            return -1, best, nodes
        bound = _linear_bound(items, at, value[at], room[at])
        keep = bound > best + EQUAL if improving and found > 0 else bound >= best
        if keep and at == n:
            if found == len(packed):
                return -1, best, nodes
            packed[found] = False
            for p in range(n):
                if taken[p]:
                    packed[found, items.row[p]] = True
            found += 1
            if improving:
                best = value[n]
            keep = False
        if keep:
            if items.weight[at] <= room[at]:
                _enter(items, triples, count_of, taken, value, room, at)
            else:
                value[at + 1], room[at + 1] = value[at], room[at]
            at += 1
            continue
        at -= 1
        while at >= items.forced and not taken[at]:
            at -= 1
        if at < items.forced:
            return found, best, nodes
        taken[at] = False
        _take(items.row[at], triples, count_of)
        value[at + 1], room[at + 1] = value[at], room[at]
        at += 1


@njit(cache=True)
def _enter(
    items: Items, triples: Triples, count_of: Ints, taken: Bools, value: Floats, room: Floats, at: int
) -> None:
    """Pack item `at`."""
    taken[at] = True
    value[at + 1] = value[at] + items.gain[at] - _put(items.row[at], triples, count_of)
    room[at + 1] = room[at] - items.weight[at]


@njit(cache=True)
def _linear_bound(items: Items, at: int, value: float, room: float) -> float:
    """Most that items from `at` on, in parts, raise the value to; −inf where they cannot fill the room."""
    n, gain, weight = len(items.row), items.gain, items.weight
    while at < n and gain[at] > 0.0:
        if weight[at] > room:
            return float(value + room * gain[at] / weight[at])
        value += gain[at]
        room -= weight[at]
        at += 1
    while room > items.spare:
        if at == n:
            return -np.inf
        if weight[at] >= room - items.spare:
            return float(value + (room - items.spare) * gain[at] / weight[at])
        value += gain[at]
        room -= weight[at]
        at += 1
    return value


@njit(cache=True)
def _put(row: int, triples: Triples, count_of: Ints) -> float:
    """Count a row in; the price of the cuts that it completes."""
    price = 0.0
    for p in range(triples.start[row], triples.start[row + 1]):
        cut = triples.cut[p]
        count_of[cut] += 1
        if count_of[cut] == 2:
            price += triples.price[cut]
    return price


@njit(cache=True)
def _take(row: int, triples: Triples, count_of: Ints) -> None:
    """Count a row out."""
    for p in range(triples.start[row], triples.start[row + 1]):
        count_of[triples.cut[p]] -= 1
