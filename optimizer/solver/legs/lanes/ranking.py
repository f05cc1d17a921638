r"""Items of a lane by what they gain per unit of its supply, and the best quantity to buy for them.

Only a few quantities count: the ends of the pieces of the supply cost, and where the gain per unit falls to
the cost of a further unit. So items are not sorted but put into buckets of falling gain per unit, about a
dozen in each, and only the buckets in which such a quantity lies are sorted. Gains and amounts are summed by
bucket, so what the best items gain that use `u`,

.. math:: B(u) = \max \Big\{ \sum_i g_i x_i : \sum_i a_i x_i \le u,\ 0 \le x \le 1 \Big\},

is exact up to rounding. The bits of a positive floating point number, read as a whole number, rise with it;
their leading ones are the number of the bucket.
"""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit

from optimizer.problem.problem import Floats

__all__ = ["Ranked", "gain_of", "least_cost", "may_pay", "ranked", "shares_at"]

Ids = npt.NDArray[np.int64]

FRACTION_BITS = 52
"""Bits of a number behind its exponent."""

IN_BUCKET, OCTAVES = 16, 8
"""Items per bucket of the highest octave if all were in it, and octaves that have buckets of their own."""

FEW = 32
"""Up to so many items are sorted by insertion."""


class Ranked(NamedTuple):
    """Items in buckets of falling gain per unit.

    `order` are the items, bucket by bucket from `start`; `used` and `gained` are sums of all buckets before
    each, and of all. `top` are the bits of the best finite rate, and `shift` those that no bucket counts.
    """

    gain: Floats
    amount: Floats
    rate: Floats
    order: Ids
    start: Ids
    used: Floats
    gained: Floats
    top: int
    shift: int


@njit(cache=True, inline="always")
def _bits(rate: float) -> int:
    return np.float64(rate).view(np.int64)  # type: ignore[return-value]


@njit(cache=True, inline="always")
def _bucket(rate: float, top: int, shift: int, buckets: int) -> int:
    return min(max((top - _bits(rate)) >> shift, 0), buckets - 1)


@njit(cache=True)
def may_pay(total: float, free: float, rate: float, pieces: Floats, fee: float) -> bool:
    """Tell whether some supply and a fee may cost less than items gain.

    Parameters
    ----------
    total, rate : float
        Upper bounds of what all items gain that use some supply, and of what any of them gains per unit.
    free : float
        An upper bound of what those gain that use none.
    pieces : float64, shape (pieces, 4)
        The pieces of the cost of supply: from, to, cost there, cost per further unit.
    """
    if free >= fee:
        return True
    for k in range(len(pieces)):
        low, high, cost, slope = pieces[k]
        enough = min(max(total / rate if rate > 0.0 else 0.0, low), high)
        for at in (low, enough, high):
            gained = min(total, rate * at) if at > 0.0 else 0.0
            if fee + cost + slope * (at - low) < free + gained:
                return True
    return False


@njit(cache=True)
def ranked(gain: Floats, amount: Floats, rate: Floats) -> Ranked:
    """Put items into buckets.

    Parameters
    ----------
    gain, amount : float64, shape (items,)
        What each gains (positive) and uses of the supply (not negative).
    rate : float64, shape (items,)
        Gain per unit, infinite where nothing is used.
    """
    count, more = len(gain), 0
    while count >> more > IN_BUCKET:
        more += 1
    buckets, shift = OCTAVES << more, FRACTION_BITS - more
    best = 0.0
    for k in range(count):
        if best < rate[k] < np.inf:
            best = rate[k]
    top = _bits(best)
    bucket, start = np.empty(count, np.int64), np.zeros(buckets + 2, np.int64)
    used, gained = np.zeros(buckets + 1), np.zeros(buckets + 1)
    for k in range(count):
        b = bucket[k] = _bucket(rate[k], top, shift, buckets)
        start[b + 2] += 1
        used[b + 1] += amount[k]
        gained[b + 1] += gain[k]
    for b in range(buckets):
        start[b + 1] += start[b]
        used[b + 1] += used[b]
        gained[b + 1] += gained[b]
    order = np.empty(count, np.int64)
    for k in range(count):
        b = bucket[k] + 1
        order[start[b]] = k
        start[b] += 1
    return Ranked(gain, amount, rate, order, start[: buckets + 1], used, gained, top, shift)


@njit(cache=True)
def _sorted_bucket(items: Ranked, bucket: int) -> Ids:
    """Sort the items of a bucket, equal ones by their numbers, and return them."""
    rate, mine = items.rate, items.order[items.start[bucket] : items.start[bucket + 1]]
    if len(mine) > FEW:
        mine[:] = mine[np.argsort(-rate[mine], kind="mergesort")]
        return mine
    for p in range(1, len(mine)):
        item, q = mine[p], p
        while q > 0 and rate[mine[q - 1]] < rate[item]:
            mine[q] = mine[q - 1]
            q -= 1
        mine[q] = item
    return mine


@njit(cache=True, inline="always")
def _bucket_at(items: Ranked, quantity: float) -> int:
    """Bucket in which a quantity is used up, or their number if none is."""
    return np.searchsorted(items.used, quantity, side="right") - 1  # type: ignore[return-value]


@njit(cache=True)
def gain_of(items: Ranked, quantity: float) -> float:
    """What the best items gain that use a quantity, `B(u)`."""
    bucket = _bucket_at(items, quantity)
    gain, used = float(items.gained[bucket]), float(items.used[bucket])
    if bucket == len(items.used) - 1:
        return gain
    for item in _sorted_bucket(items, bucket):
        room, amount = max(quantity - used, 0.0), float(items.amount[item])
        if room < amount:
            return gain + float(items.gain[item]) * (room / amount)
        gain += float(items.gain[item])
        used += amount
    return gain


@njit(cache=True)
def shares_at(items: Ranked, quantity: float) -> Floats:
    """Share of each item that the best ones which use a quantity take, shape (items,)."""
    share = np.zeros(len(items.order))
    bucket = _bucket_at(items, quantity)
    share[items.order[: items.start[bucket]]] = 1.0
    if bucket == len(items.used) - 1:
        return share
    used = items.used[bucket]
    for item in _sorted_bucket(items, bucket):
        room, amount = max(quantity - used, 0.0), float(items.amount[item])
        if room < amount:
            share[item] = room / amount
            break
        share[item] = 1.0
        used += amount
    return share


@njit(cache=True)
def _use_above(items: Ranked, rate: float) -> float:
    """What all items use that gain more per unit than a rate."""
    if rate <= 0.0:
        return float(items.used[-1])
    bucket = _bucket(rate, items.top, items.shift, len(items.used) - 1)
    total = float(items.used[bucket])
    for p in range(items.start[bucket], items.start[bucket + 1]):
        item = items.order[p]
        if items.rate[item] > rate:
            total += items.amount[item]
    return total


@njit(cache=True)
def least_cost(items: Ranked, pieces: Floats) -> tuple[float, float]:
    """Least ``S(u) − B(u)``, at most zero, and its quantity.

    Parameters
    ----------
    pieces : float64, shape (pieces, 4)
        The pieces of the cost `S` of supply.
    """
    all_used, all_gained = float(items.used[-1]), float(items.gained[-1])
    best, quantity = 0.0, 0.0
    for k in range(len(pieces)):
        low, high, cost, slope = pieces[k]
        if cost - all_gained >= best:
            continue
        at = min(max(min(_use_above(items, slope), high), low), all_used)
        value = cost + slope * max(at - low, 0.0) - gain_of(items, at)
        if value < best:
            best, quantity = value, at
    return best, quantity
