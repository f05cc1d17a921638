"""One packing per site, every row in one: depth-first search with what reduced costs may add up to."""

from typing import NamedTuple

import numpy as np
from numba import njit

from optimizer.problem.problem import Bools, Floats, Ints

__all__ = ["Listed", "choose_packings", "listed"]

EQUAL = 1e-9


class Listed(NamedTuple):
    """Packings by ascending reduced cost; rows of packing p are ``row[start[p] : start[p + 1]]``."""

    start: Ints
    row: Ints
    site: Ints
    reduced: Floats
    cost: Floats


class _Search(NamedTuple):
    """Scratch by depth: packings still possible, those to try, how many; what is decided."""

    live: Ints
    tries: Ints
    lives: Ints
    tried: Ints
    to_try: Ints
    spent: Floats
    paid: Floats
    row_done: Bools
    site_done: Bools
    least: Floats
    of_site: Ints
    of_row: Ints


def listed(packed: Bools, site: Ints, reduced: Floats, cost: Floats) -> tuple[Listed, Ints]:
    """Sort packings by reduced cost; also the order."""
    order = np.argsort(reduced, kind="stable")
    start = np.concatenate([[0], np.cumsum(packed[order].sum(axis=1))]).astype(np.int64)
    row = np.nonzero(packed[order])[1].astype(np.int64)
    return Listed(start, row, site[order], reduced[order], cost[order]), order


@njit(cache=True)
def choose_packings(
    packings: Listed, rows: int, sites: int, bound: float, cutoff: float, most_work: int
) -> tuple[bool, float, Ints, int]:
    r"""Find the cheapest choice of one packing per site with every row in one, of cost below the cutoff.

    A choice costs at least ``bound`` and its reduced costs. So what is left to be chosen must not exceed what
    the cutoff leaves, and of every site still to come at least its cheapest packing is due.

    Returns
    -------
    tuple
        Whether the search came to its end; the cost, the cutoff where there is none; the packing of each
        site; work done, in packings looked at.
    """
    n = len(packings.site)
    search = _Search(
        np.zeros((sites + 1, n), dtype=np.int64), np.zeros((sites + 1, n), dtype=np.int64),
        np.zeros(sites + 1, dtype=np.int64), np.zeros(sites + 1, dtype=np.int64),
        np.zeros(sites + 1, dtype=np.int64), np.zeros(sites + 1), np.zeros(sites + 1),
        np.zeros(rows, dtype=np.bool_), np.zeros(sites, dtype=np.bool_), np.zeros(sites),
        np.zeros(sites, dtype=np.int64), np.zeros(rows, dtype=np.int64),
    )  # fmt: skip
    chosen, best = np.full(sites, -1, dtype=np.int64), np.full(sites, -1, dtype=np.int64)
    search.live[0] = np.arange(n)
    search.lives[0] = n
    work = _prepare(packings, search, 0, cutoff - bound)
    depth = 0
    while depth >= 0:
        if work > most_work:
            return False, cutoff, best, work
        if search.tried[depth] > 0:
            _set(packings, search, chosen[depth], False)
        if search.tried[depth] >= search.to_try[depth]:
            search.tried[depth] = 0
            depth -= 1
            continue
        p = search.tries[depth, search.tried[depth]]
        search.tried[depth] += 1
        chosen[depth] = p
        _set(packings, search, p, True)
        search.spent[depth + 1] = search.spent[depth] + packings.reduced[p]
        search.paid[depth + 1] = search.paid[depth] + packings.cost[p]
        if depth + 1 == sites:
            if np.all(search.row_done) and search.paid[sites] < cutoff - EQUAL:
                cutoff = search.paid[sites]
                for d in range(sites):
                    best[packings.site[chosen[d]]] = chosen[d]
            continue
        _narrow(packings, search, depth)
        work += search.lives[depth] + _prepare(packings, search, depth + 1, cutoff - bound)
        depth += 1
    return True, cutoff, best, work


@njit(cache=True)
def _set(packings: Listed, search: _Search, p: int, done: bool) -> None:
    search.site_done[packings.site[p]] = done
    for q in range(packings.start[p], packings.start[p + 1]):
        search.row_done[packings.row[q]] = done


@njit(cache=True)
def _narrow(packings: Listed, search: _Search, depth: int) -> None:
    """Packings at the next depth: those of sites that are left, without a row that is done."""
    count = 0
    for k in range(search.lives[depth]):
        p = search.live[depth, k]
        if search.site_done[packings.site[p]]:
            continue
        apart = True
        for q in range(packings.start[p], packings.start[p + 1]):
            if search.row_done[packings.row[q]]:
                apart = False
                break
        if apart:
            search.live[depth + 1, count] = p
            count += 1
    search.lives[depth + 1] = count


@njit(cache=True)
def _prepare(packings: Listed, search: _Search, depth: int, budget: float) -> int:
    """Drop packings that the budget excludes, and say which to try; returns the work done."""
    work: int = 0
    live = search.live[depth]
    search.tried[depth] = search.to_try[depth] = 0
    while True:
        _count(packings, search, depth)
        work += search.lives[depth]
        room = budget - search.spent[depth]
        for w in range(len(search.site_done)):
            if not search.site_done[w]:
                room -= search.least[w]
        if not room >= -EQUAL:
            return int(work)
        count = 0
        for k in range(search.lives[depth]):
            p = live[k]
            if packings.reduced[p] - search.least[packings.site[p]] <= room + EQUAL:
                live[count] = p
                count += 1
        if count == search.lives[depth]:
            break
        search.lives[depth] = count
    _try_fewest(packings, search, depth)
    return int(work)


@njit(cache=True)
def _try_fewest(packings: Listed, search: _Search, depth: int) -> None:
    """Try the packings of the site, or of the row, that has the fewest."""
    fewest, site, row = search.lives[depth] + 1, -1, -1
    for w in range(len(search.site_done)):
        if not search.site_done[w] and search.of_site[w] < fewest:
            fewest, site = search.of_site[w], w
    for i in range(len(search.row_done)):
        if not search.row_done[i] and search.of_row[i] < fewest:
            fewest, row = search.of_row[i], i
    for k in range(search.lives[depth]):
        p = search.live[depth, k]
        if (row >= 0 and _holds(packings, p, row)) or (row < 0 and packings.site[p] == site):
            search.tries[depth, search.to_try[depth]] = p
            search.to_try[depth] += 1


@njit(cache=True)
def _count(packings: Listed, search: _Search, depth: int) -> None:
    """Packings per site and per row, and the least reduced cost of each site; they stand in its order."""
    search.of_site[:] = 0
    search.of_row[:] = 0
    search.least[:] = np.inf
    for k in range(search.lives[depth]):
        p = search.live[depth, k]
        w = packings.site[p]
        search.of_site[w] += 1
        search.least[w] = min(search.least[w], packings.reduced[p])
        for q in range(packings.start[p], packings.start[p + 1]):
            search.of_row[packings.row[q]] += 1


@njit(cache=True)
def _holds(packings: Listed, p: int, row: int) -> bool:
    return bool(np.any(packings.row[packings.start[p] : packings.start[p + 1]] == row))
