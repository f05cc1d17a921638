r"""The cheapest plan at given capacity prices: sites and members decide alone, in compiled loops.

With the set T of open sites and a price μ_q ≥ 0 per unit of every measure,

.. math::  L(\mu) = C - \mu b + \sum_{k \in T} \min_s (F_s - \mu k_s)
           + \sum_i \min\{0, \; \min_{G \subseteq T} [f_i(G) + \sum_{r \in i} \min_{j \in J_r(G)}
           (c_j + \mu a_j)] - \mu b_i - x_i\}

is a lower bound of the least excess over the openings T and all coalitions: members take part where they
cost less than their share x_i. The plan behind it may use more than there is; what it uses too much is
the slope of L.

Only coalitions outside a span count. Where the members found lie inside, the least dear change that leaves
the span is to turn one member around, of those that by themselves lie outside: any coalition outside
differs from one inside in at least one such member. So the bound with that condition is closed form too.
"""

from typing import NamedTuple

import numpy as np
from numba import njit

from optimizer.alliance.openings.structure import SiteStructure
from optimizer.problem.problem import Bools, Floats, Ints

__all__ = ["Node", "Plan", "Question", "begin_plan", "fit_sizes", "price_plan"]

BARRED = 1e300
ROUNDING = 1e-12


class Question(NamedTuple):
    """At which shares, and which coalitions count.

    `vectors` (k, n): S counts if some row b has b · 1_S ≠ 0; none: every coalition counts. `turns` (n):
    whether the member by itself lies outside the span.
    """

    shares: Floats
    vectors: Ints
    turns: Bools


class Node(NamedTuple):
    """Which plans are allowed.

    `open_sites` (1,): bit k, site k is open. `sizes` (sites,): bits of the sizes allowed. `state` (n,):
    1 takes part, 0 does not, −1 free. `need`, `bar` (n,): bits of the sites whose fee a member must or
    must not pay.
    """

    open_sites: Ints
    sizes: Ints
    state: Ints
    need: Ints
    bar: Ints


class Plan(NamedTuple):
    """What the members and sites chose, and room to work in.

    `inside` (n,), `used` (n,): bits of sites paid for; `margin` (n,): priced cost of taking part; `size`
    (sites,): number of the size or −1; `use`, `room` (measures,): used and there; the rest is scratch.
    """

    inside: Ints
    used: Ints
    margin: Floats
    size: Ints
    use: Floats
    room: Floats
    cell: Floats
    best: Floats
    local: Ints


def begin_plan(game: SiteStructure) -> Plan:
    """Return arrays of the right shapes."""
    n, sites, measures = game.n, game.n_sites, len(game.standing)
    rows = int(np.diff(game.row_start).max())
    return Plan(
        np.zeros(n, np.int64),
        np.zeros(n, np.int64),
        np.zeros(n),
        np.full(sites, -1, np.int64),
        np.zeros(measures),
        np.zeros(measures),
        np.zeros((sites + 1, rows)),
        np.zeros((1 << sites, rows)),
        np.zeros(sites, np.int64),
    )


@njit(cache=True)
def price_plan(
    game: SiteStructure, ask: Question, node: Node, price: Floats, plan: Plan
) -> tuple[float, float, float]:
    """Fill `plan` and return (L, L without the span condition, the plan's cost less the members' shares)."""
    n, measures = len(plan.inside), len(price)
    count = 0
    for k in range(len(plan.local)):
        if node.open_sites[0] >> k & 1:
            plan.local[count] = k
            count += 1
    bound = game.constant + _choose_sizes(game, node, price, plan, count)
    for q in range(measures):
        bound -= price[q] * game.standing[q]
    for i in range(n):
        plan.inside[i], plan.margin[i] = 0, BARRED
        if node.state[i] == 0:
            continue
        margin = _choose_sites(game, node, price, plan, count, i) - ask.shares[i]
        for q in range(measures):
            margin -= price[q] * game.brought[i, q]
        plan.margin[i] = margin
        if node.state[i] == 1 or margin < 0.0:
            plan.inside[i] = 1
            bound += margin
    free_bound = bound
    if len(ask.vectors) and not _outside(ask.vectors, plan.inside):
        bound += _turn_around(ask, node, plan)
    if bound > 0.1 * BARRED:
        return BARRED, free_bound, BARRED
    _add_up(game, price, plan, count)
    base = bound
    for q in range(measures):
        base -= price[q] * (plan.use[q] - plan.room[q])
    return bound, free_bound, base


@njit(cache=True)
def _choose_sizes(game: SiteStructure, node: Node, price: Floats, plan: Plan, count: int) -> float:
    """Pick the size of least priced cost at each open site."""
    total = 0.0
    plan.size[:] = -1
    plan.room[:] = game.standing
    for t in range(count):
        k = plan.local[t]
        least, pick = BARRED, -1
        for s in range(game.site_start[k], game.site_start[k + 1]):
            if node.sizes[k] >> (s - game.site_start[k]) & 1:
                value = game.size_cost[s]
                for q in range(len(price)):
                    value -= price[q] * game.size_supply[s, q]
                if value < least:
                    least, pick = value, s
        plan.size[k] = pick
        total += least
        if pick >= 0:
            for q in range(len(price)):
                plan.room[q] += game.size_supply[pick, q]
    return total


@njit(cache=True)
def _choose_sites(game: SiteStructure, node: Node, price: Floats, plan: Plan, count: int, i: int) -> float:
    """Pick the sites of member i: best over all subsets of the open ones, each row at its cheapest."""
    first, rows = game.row_start[i], game.row_start[i + 1] - game.row_start[i]
    _price_cells(game, price, plan, count, first, rows)
    least, pick = BARRED, 0
    best, cell = plan.best, plan.cell
    for subset in range(1 << count):
        total, paid, allowed = 0.0, 0, True
        low = -1
        for t in range(count):
            if subset >> t & 1:
                k = plan.local[t]
                total += game.fee[i, k]
                paid |= 1 << k
                low = t if low < 0 else low
        if paid & node.bar[i]:
            allowed = False
        if low < 0:
            for r in range(rows):
                best[0, r] = cell[count, r]
                total += best[0, r]
        else:
            rest = subset & (subset - 1)
            for r in range(rows):
                value = min(best[rest, r], cell[low, r])
                best[subset, r] = value
                total += value
        if allowed and (paid & node.need[i]) == node.need[i] and total < least:
            least, pick = total, paid
    plan.used[i] = pick
    return least


@njit(cache=True)
def _price_cells(game: SiteStructure, price: Floats, plan: Plan, count: int, first: int, rows: int) -> None:
    """Put the least priced cost of serving each row over each open site (last: over none) in `cell`."""
    stride = len(plan.local) + 1
    for t in range(count + 1):
        k = plan.local[t] if t < count else stride - 1
        for r in range(rows):
            at = (first + r) * stride + k
            least = BARRED
            for j in range(game.cell_start[at], game.cell_start[at + 1]):
                value = game.cost[j]
                for p in range(game.use_start[j], game.use_start[j + 1]):
                    value += game.use_amount[p] * price[game.use_measure[p]]
                least = min(least, value)
            plan.cell[t, r] = least


@njit(cache=True)
def _add_up(game: SiteStructure, price: Floats, plan: Plan, count: int) -> None:
    """Add up what the members inside use and bring along."""
    stride = len(plan.local) + 1
    plan.use[:] = 0.0
    for i in range(len(plan.inside)):
        if plan.inside[i] == 0:
            continue
        for q in range(len(price)):
            plan.room[q] += game.brought[i, q]
        for row in range(game.row_start[i], game.row_start[i + 1]):
            least, pick = np.inf, -1
            for t in range(count + 1):
                k = plan.local[t] if t < count else stride - 1
                if t < count and not plan.used[i] >> k & 1:
                    continue
                for j in range(game.cell_start[row * stride + k], game.cell_start[row * stride + k + 1]):
                    value = game.cost[j]
                    for p in range(game.use_start[j], game.use_start[j + 1]):
                        value += game.use_amount[p] * price[game.use_measure[p]]
                    if value < least:
                        least, pick = value, j
            if pick >= 0:
                for p in range(game.use_start[pick], game.use_start[pick + 1]):
                    plan.use[game.use_measure[p]] += game.use_amount[p]


@njit(cache=True)
def _turn_around(ask: Question, node: Node, plan: Plan) -> float:
    """Turn the member around that leaves the span most cheaply; return the cost, BARRED if none can."""
    turned, least = -1, BARRED
    for i in range(len(plan.inside)):
        if ask.turns[i] and node.state[i] == -1 and abs(plan.margin[i]) < least:
            turned, least = i, abs(plan.margin[i])
    if turned >= 0:
        plan.inside[turned] = 1 - plan.inside[turned]
    return least


@njit(cache=True)
def _outside(vectors: Ints, inside: Ints) -> bool:
    for b in range(len(vectors)):
        product = 0
        for i in range(len(inside)):
            product += vectors[b, i] * inside[i]
        if product != 0:
            return True
    return False


@njit(cache=True)
def fit_sizes(game: SiteStructure, plan: Plan, base: float, size: Ints) -> float:
    """Return what the plan costs with the cheapest sizes that hold its use, inf where none do.

    `size` gets the sizes; a site that nobody pays for or uses stays closed.
    """
    room, visited = game.standing.copy(), 0
    for i in range(len(plan.inside)):
        if plan.inside[i] == 1:
            room += game.brought[i]
            visited |= plan.used[i]
    for k in range(len(plan.size)):
        size[k] = -1
        if plan.size[k] < 0:
            continue
        base -= game.size_cost[plan.size[k]]
        if visited >> k & 1:
            size[k] = _cheapest_fit(game, plan, room, k)
            if size[k] < 0:
                return np.inf
            base += game.size_cost[size[k]]
    for k in range(len(size)):
        if size[k] >= 0:
            room += game.size_supply[size[k]]
    for q in range(len(room)):
        if plan.use[q] > room[q] * (1.0 + ROUNDING):
            return np.inf
    return base


@njit(cache=True)
def _cheapest_fit(game: SiteStructure, plan: Plan, room: Floats, site: int) -> int:
    """Return the cheapest size of the site with which every measure that it supplies is enough, or −1."""
    least, pick = np.inf, -1
    for s in range(game.site_start[site], game.site_start[site + 1]):
        holds = True
        for q in range(len(room)):
            supply = game.size_supply[s, q]
            holds = holds and (supply == 0.0 or plan.use[q] <= (room[q] + supply) * (1.0 + ROUNDING))
        if holds and game.size_cost[s] < least:
            least, pick = game.size_cost[s], s
    return pick
