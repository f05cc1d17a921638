r"""Tariffs: what all heads at a site pay together by tiers, such as the order fees of a month in a warehouse.

A price per unit would let every row pay the rate of the cheapest tier within reach, however few orders a
site has. So each row has a price of its own for the claim that it is served by such heads, and the tariff
itself takes the claims that pay most per unit,

.. math:: v = \min_{u \ge 0} \big( S(u) - B(u) \big), \qquad
          B(u) = \max \Big\{ \sum_i \lambda_i x_i : \sum_i a_i x_i \le u,\ 0 \le x \le 1 \Big\},

as a lane does with its items. What it gains its site gains. The claims of the lanes and those of the tariff
are two copies of the same (M. Guignard and S. Kim, "Lagrangean decomposition", Mathematical Programming 39
(1987), 215–228).
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from numba import njit, prange

from optimizer.problem.entries import owner
from optimizer.problem.legs import Legs, whole_options
from optimizer.problem.problem import Floats, Problem
from optimizer.problem.ragged import counts_to_start, positions
from optimizer.solver.compiled import for_one_thread, for_threads
from optimizer.solver.legs.lanes.ranking import Ranked, least_cost, ranked, shares_at
from optimizer.solver.legs.lanes.supply import Pieces, supply_pieces

__all__ = [
    "TariffPasses",
    "Tariffs",
    "parallel",
    "serial",
    "tariff_measures",
    "tariff_pieces",
    "tariff_resources",
    "tariffs_of",
]

Bools = npt.NDArray[np.bool_]
Ids = npt.NDArray[np.int64]

HALVINGS = 26
"""Halvings of the interval in which the most per unit is searched at which a tariff gains nothing."""


@dataclass(frozen=True, eq=False)
class Tariffs:
    """Tariffs and the rows that have claims on them.

    Attributes
    ----------
    resource, site : int64, shape (tariffs,)
    start : int64, shape (tariffs + 1,)
        CSR range of the claims of each.
    row : int64, shape (claims,)
    rate : float64, shape (claims,)
        What an order of the row uses.
    of_head : int64, shape (heads,)
        Claim of each head, −1 for none.
    """

    resource: Ids
    site: Ids
    start: Ids
    row: Ids
    rate: Floats
    of_head: Ids


def tariff_resources(problem: Problem, legs: Legs, node_site: Ids) -> Ids:
    """Resources with tiers of one measure that only heads at one site use, each row's heads alike.

    Parameters
    ----------
    node_site : int64, shape (nodes,)
    """
    resource = owner(problem.resource_start)
    fits = (np.diff(problem.tier_start) > 0) & (np.diff(problem.resource_start) == 1)
    fits &= np.diff(problem.module_start) == 0
    others = (
        problem.option_use_measure[positions(problem.option_use_start, whole_options(legs))],
        legs.tail.measure[(legs.tail.measure >= 0) & (legs.tail.amount != 0.0)],
        problem.size_supply_measure,
    )
    for used in others:
        fits[resource[used]] = False
    head, of, amount, key, claim = _claims_of(problem, legs, fits)
    several = np.bincount(head, minlength=len(legs.head_row))[head] > 1
    fits[of[several]] = False
    site, first = node_site[legs.head.node[head]], np.full(problem.n_resources, -1, dtype=np.int64)
    first[of] = site
    fits[of[site != first[of]]] = False
    usual = np.zeros(len(key))
    usual[claim] = amount
    fits[of[amount != usual[claim]]] = False
    return np.flatnonzero(fits & (first >= 0))


def _claims_of(problem: Problem, legs: Legs, wanted: Bools) -> tuple[Ids, Ids, Floats, Ids, Ids]:
    """Heads that use wanted resources, these, and how much of them; keys of claims, and the claim of each."""
    leg = legs.head
    of_entry = owner(problem.resource_start)[np.maximum(leg.measure, 0)]
    head, place = np.nonzero((leg.measure >= 0) & (leg.amount != 0.0) & wanted[of_entry])
    of = of_entry[head, place]
    key, claim = np.unique(of * problem.n_rows + legs.head_row[head], return_inverse=True)
    return head, of, leg.amount[head, place], key, claim


def tariffs_of(problem: Problem, legs: Legs, resource: Ids, node_site: Ids) -> Tariffs:
    """Number the claims of rows on tariffs.

    Parameters
    ----------
    resource
        Resources that are tariffs, ascending.
    """
    wanted = np.zeros(problem.n_resources, dtype=bool)
    wanted[resource] = True
    head, of, amount, key, claim = _claims_of(problem, legs, wanted)
    tariff = np.searchsorted(resource, key // problem.n_rows)
    site, rate = np.zeros(len(resource), dtype=np.int64), np.zeros(len(key))
    site[np.searchsorted(resource, of)] = node_site[legs.head.node[head]]
    rate[claim] = amount
    of_head = np.full(len(legs.head_row), -1, dtype=np.int64)
    of_head[head] = claim
    start = counts_to_start(np.bincount(tariff, minlength=len(resource)))
    return Tariffs(resource, site, start, key % problem.n_rows, rate, of_head)


def tariff_measures(problem: Problem, resource: Ids) -> Ids:
    """The measure of each tariff."""
    return problem.resource_start[resource].astype(np.int64)


def tariff_pieces(problem: Problem, tariffs: Tariffs) -> Pieces:
    """Write what tariffs cost by quantity."""
    amount = tariffs.rate * problem.row_demand[tariffs.row]
    most = np.bincount(owner(tariffs.start), amount, len(tariffs.resource))
    return supply_pieces(problem, tariffs.resource, np.ones(problem.n_measures), np.asarray(most, np.float64))


@njit(cache=True)
def _claims(first: int, last: int, price: Floats, amount: Floats, most: float) -> tuple[Ids, Ranked]:
    """Claims that pay something, at most so much per unit, and their ranking."""
    claim = np.empty(last - first, np.int64)
    count = 0
    for at in range(first, last):
        claim[count] = at
        count += int(price[at] > 0.0)
    claim = claim[:count]
    used = amount[claim]
    paid = np.minimum(price[claim], most * used)
    return claim, ranked(paid, used, paid / used)


def _price_tariffs(
    start: Ids, price: Floats, amount: Floats, piece_start: Ids, piece: Floats, worth: Floats, share: Floats
) -> None:
    """What each tariff is worth at prices of its claims, at most zero, and the share of each that it takes.

    Parameters
    ----------
    price, amount : float64, shape (claims,)
        Of the whole row.
    """
    share[:] = 0.0
    for tariff in prange(len(start) - 1):
        claim, items = _claims(start[tariff], start[tariff + 1], price, amount, np.inf)
        worth[tariff] = 0.0
        if len(claim):
            pieces = piece[piece_start[tariff] : piece_start[tariff + 1]]
            worth[tariff], quantity = least_cost(items, pieces)
            share[claim] = shares_at(items, quantity)


@njit(cache=True)
def _fair_rate(first: int, last: int, price: Floats, amount: Floats, pieces: Floats) -> float:
    """The most per unit of its claims at which a tariff gains nothing; infinite where it gains at no rate."""
    low, high = 0.0, 0.0
    for at in range(first, last):
        high = max(high, price[at] / amount[at])
    claim, items = _claims(first, last, price, amount, high)
    if not len(claim) or least_cost(items, pieces)[0] >= 0.0:
        return np.inf
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        claim, items = _claims(first, last, price, amount, middle)
        if len(claim) and least_cost(items, pieces)[0] < 0.0:
            high = middle
        else:
            low = middle
    return low


def _fair_claims(start: Ids, price: Floats, amount: Floats, piece_start: Ids, piece: Floats) -> Floats:
    """Prices of claims cut to the most per unit at which no tariff gains anything."""
    fair = price.copy()
    for tariff in prange(len(start) - 1):
        first, last = start[tariff], start[tariff + 1]
        pieces = piece[piece_start[tariff] : piece_start[tariff + 1]]
        rate = _fair_rate(first, last, price, amount, pieces)
        for at in range(first, last):
            fair[at] = min(price[at], rate * amount[at])
    return fair


class TariffPasses(NamedTuple):
    """What tariffs are worth, and fair prices of claims, by one thread or several."""

    price: Callable[..., None]
    fair: Callable[..., Floats]


serial = TariffPasses(for_one_thread(_price_tariffs), for_one_thread(_fair_claims))
parallel = TariffPasses(for_threads(_price_tariffs), for_threads(_fair_claims))
