r"""The bound of prices with whole lanes, recomputed in whole numbers, without a solver or compiled code.

A lane's best filling is bounded by one price per piece of its supply cost,

.. math:: B(u) \le \sum_i (g_i - \theta a_i)^+ + \theta u \qquad \text{for every } \theta \ge 0,

with equality at the gain per unit of the item at which `u` is used up. Any `θ` is valid, so it is rounded to
a binary fraction, as are the gains per unit that tell which items gain at it: those below it do not. All else
is exact. With `θ` the value of a piece between its ends is a line in `u`, least at one of them.
"""

from bisect import bisect_left, bisect_right
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import accumulate
from typing import Any

import numpy as np
import numpy.typing as npt

from optimizer.errors import CheckError
from optimizer.problem.entries import owner
from optimizer.problem.legs import Leg, Legs
from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.problem.ragged import sum_by
from optimizer.solver.exact import (
    Exact,
    check_shapes,
    common_scale,
    exact_most_use,
    whole_numbers,
    worth_of_sizes,
)
from optimizer.solver.legs.lanes.cells import Cells, Links, cells_of, links_of
from optimizer.solver.legs.lanes.choice import SiteChoice
from optimizer.solver.legs.lanes.copies import (
    lane_copies,
    measures_of_lanes,
    measures_of_tariffs,
    with_lane_gates,
    with_tariff_gates,
)
from optimizer.solver.legs.lanes.exact_supply import lane_pieces
from optimizer.solver.legs.lanes.form import Lanes, lanes_of
from optimizer.solver.legs.lanes.tariffs import Tariffs, tariffs_of
from optimizer.solver.legs.shell import Shell, shell_of
from optimizer.solver.solution import Prices

__all__ = ["exact_lane_bound"]

Ids = npt.NDArray[np.int64]
Whole = npt.NDArray[Any]
"""Whole numbers of any length (dtype object)."""

FINE = 128
"""Binary digits of the gains per unit that fillings are ordered by, beyond those of a whole one."""


def exact_lane_bound(problem: Problem, prices: Prices, legs: Legs | None) -> Fraction:
    """Value of prices with whole lanes: no plan costs less.

    Raises
    ------
    CheckError
        The legs have no whole lanes, or the prices do not fit the problem.
    """
    lanes = None if legs is None else lanes_of(problem, legs)
    if legs is None or lanes is None:
        raise CheckError(["the prices are for whole lanes, but the problem has none"])
    weight = _weights(problem, lanes, prices)
    shell = shell_of(problem, legs, np.zeros(problem.n_measures), split=prices.split)
    if shell.split != prices.split:
        raise CheckError(["the prices are for options split by size, but no option can be split"])
    copies = lane_copies(problem, lanes)
    opened, first = with_lane_gates(shell.problem, problem, lanes, copies)
    tariffs = tariffs_of(problem, legs, lanes.tariff, lanes.node_site)
    opened, first_tariff = with_tariff_gates(opened, tariffs)
    whole = measures_of_lanes(problem, lanes) | measures_of_tariffs(problem, lanes)
    prices = _without_measures(prices, shell.number[whole].ravel())
    check_shapes(opened, prices)
    price, use = Exact(opened, prices), [Fraction(0)] * opened.n_measures
    for copy, most in zip(shell.number.tolist(), exact_most_use(problem), strict=True):
        for q in copy:
            use[q] = most
    worth, free_gain = price.gains(opened)
    pricing = _Pricing(problem, legs, lanes, shell, price, weight, tariffs, first_tariff)
    for lane in range(len(lanes.resource)):
        of_lane = np.flatnonzero(copies[0] == lane)
        for copy, value in zip(of_lane, pricing.lane(lane, copies[1][of_lane]), strict=True):
            worth[first + copy] += value
    for tariff in range(len(tariffs.resource)):
        worth[first_tariff + tariff] = pricing.tariff(tariff)
    gain = [min(each, Fraction(0)) for each in worth]
    value = price.constant(opened) + free_gain
    value += sum((gain[g] for g in np.flatnonzero(np.diff(opened.gate_size_start) == 0)), Fraction(0))
    of_size = worth_of_sizes(opened, price, gain, use)
    sizes = SiteChoice(opened).chosen(of_size) or []
    return value + sum((of_size[size] for size in sizes), Fraction(0)) + price.supply(opened, use)


def _without_measures(prices: Prices, measures: Ids) -> Prices:
    """Prices of zero for the measures of lanes and tariffs."""
    within = measures[measures < len(prices.measure)]
    measure = prices.measure.copy()
    measure[within] = 0.0
    return replace(prices, measure=measure)


def _weights(problem: Problem, lanes: Lanes, prices: Prices) -> Floats:
    """Weights of the measures, where each lane has a positive one and none is negative."""
    weight = prices.lane_weight
    if (
        weight is None
        or weight.shape != (problem.n_measures,)
        or not np.all((weight >= 0.0) & (weight < np.inf))
    ):
        raise CheckError(["the weights of measures do not fit the problem"])
    total = sum_by(owner(problem.resource_start), weight, problem.n_resources)
    if np.any(total[lanes.resource[lanes.resource >= 0]] <= 0.0):
        raise CheckError(["a lane has no measure with a weight"])
    return weight


@dataclass(frozen=True, eq=False)
class _Scales:
    """Denominators, all powers of two: of money, of priced costs per order, of orders and of amounts."""

    money: int
    leg: int
    orders: int
    amount: int


class _Pricing:
    """Heads, tails, cells and links at prices, in whole numbers."""

    def __init__(
        self,
        problem: Problem,
        legs: Legs,
        lanes: Lanes,
        shell: Shell,
        price: Exact,
        weight: Floats,
        tariffs: Tariffs,
        first_tariff: int,
    ) -> None:
        self.problem, self.legs, self.lanes, self.tariffs = problem, legs, lanes, tariffs
        self.cells: Cells = cells_of(problem, legs)
        self.links: Links = links_of(problem, legs, lanes, self.cells, shell.gates, tariffs, first_tariff)
        self.scales = _scales(problem, legs, price)
        self.weight, self.weight_scale = weight, common_scale(weight)
        self._weight = _objects(weight, self.weight_scale)
        self.sizes = shell.number.shape[1]
        own, metered = measures_of_lanes(problem, lanes), measures_of_tariffs(problem, lanes)
        factor = self.scales.leg // self.scales.amount
        measure = np.array([int(each * factor) for each in price.measure] + [0], dtype=object)
        by_size = measure[shell.number]
        self.tail_value = self._priced(legs.tail, by_size, own)
        orders = _objects(problem.row_demand, self.scales.orders)
        self.orders = orders[self.cells.row]
        self.claimed: Whole = _objects(tariffs.rate, self.scales.amount) * orders[tariffs.row]
        money = self.scales.money
        keys = zip(self.links.row, self.links.gate, strict=True)
        paid = [int(price.link.get((int(row), int(gate)), 0) * money) for row, gate in keys]
        charged = np.array([*paid, 0], dtype=object)
        self.claim: Whole = charged[self.links.first_claim : -1]
        self.link = self._by_size(charged)
        head = self._priced(legs.head, by_size, metered) * orders[legs.head_row][:, None]
        head = head + self.link[self.links.of_head] + charged[self.links.claim_of_head][:, None]
        best = np.minimum.reduceat(head[self.cells.head], self.cells.head_start[:-1], axis=0)
        row = np.array([int(each * money) for each in price.row], dtype=object)
        self.margin: Whole = row[self.cells.row][:, None] - best

    def lane(self, lane: int, ranks: Ids) -> list[Fraction]:
        """Value, at most zero, of a lane at each of its sizes (−1: every item at its best one)."""
        tails = np.flatnonzero(self.lanes.of_tail == lane)
        resource = int(self.lanes.resource[lane])
        rate = self._rates(tails, resource)
        start, node = self.cells.node_start, self.legs.tail.node[tails]
        amounts = [self.orders[start[n] : start[n + 1]] * r for n, r in zip(node, rate, strict=True)]
        amount = np.concatenate(amounts)
        scale = self.scales.orders * self.scales.amount * self.weight_scale
        filling = _Filling(self.scales.money, scale)
        most = Fraction(sum(amount.tolist()), scale)
        pieces = lane_pieces(self.problem, resource, self.weight, most)
        lines = [filling.line(*piece) for piece in pieces]
        gains = np.concatenate([self._gains(int(tail)) for tail in tails])
        found = []
        for rank in ranks.tolist():
            gain = gains.max(axis=1) if rank < 0 else gains[:, min(rank, self.sizes - 1)]
            taken = np.flatnonzero(gain > 0)
            found.append(filling.value(gain[taken].tolist(), amount[taken].tolist(), lines))
        return found

    def tariff(self, tariff: int) -> Fraction:
        """Value, at most zero, of a tariff."""
        claims = slice(self.tariffs.start[tariff], self.tariffs.start[tariff + 1])
        price, amount = self.claim[claims], self.claimed[claims]
        filling = _Filling(self.scales.money, self.scales.orders * self.scales.amount)
        most = Fraction(sum(amount.tolist()), filling.amount)
        one = np.ones(self.problem.n_measures)
        pieces = lane_pieces(self.problem, int(self.tariffs.resource[tariff]), one, most)
        paid = np.flatnonzero(price > 0)
        lines = [filling.line(*piece) for piece in pieces]
        return filling.value(price[paid].tolist(), amount[paid].tolist(), lines)

    def _gains(self, tail: int) -> Whole:
        """What the rows at a tail's node gain by it, for every size."""
        node = self.legs.tail.node[tail]
        first, last = self.cells.node_start[node], self.cells.node_start[node + 1]
        gain: Whole = self.margin[first:last] - self.orders[first:last, None] * self.tail_value[tail]
        at = self.links.tail_start[tail]
        if at >= 0:
            gain = gain - self.link[self.links.of_tail[at : at + last - first]]
        return gain

    def _priced(self, leg: Leg, by_size: Whole, apart: Bools) -> Whole:
        """Priced cost per order of each leg at every size, but for measures that are set apart."""
        cost = _objects(leg.cost, self.scales.leg)
        value: Whole = np.repeat(cost[:, None], self.sizes, axis=1)
        for measure, amount in zip(leg.measure.T, leg.amount.T, strict=True):
            has = np.flatnonzero((measure >= 0) & (amount != 0.0) & ~apart[np.maximum(measure, 0)])
            value[has] += _objects(amount[has], self.scales.amount)[:, None] * by_size[measure[has]]
        return value

    def _rates(self, tails: Ids, resource: int) -> Whole:
        """Weighted use of a lane per order by each of its tails; nothing where it has no resource."""
        rate = np.zeros(len(tails), dtype=object)
        if resource < 0:
            return rate
        first, last = self.problem.resource_start[resource : resource + 2]
        tail = self.legs.tail
        for measure, amount in zip(tail.measure[tails].T, tail.amount[tails].T, strict=True):
            has = np.flatnonzero((measure >= first) & (measure < last))
            rate[has] += _objects(amount[has], self.scales.amount) * self._weight[measure[has]]
        return rate

    def _by_size(self, charged: Whole) -> Whole:
        """Price of each link at every size; a last row of zeros stands for no link."""
        start = self.links.start
        copy = np.minimum(start[:-1, None] + np.arange(self.sizes), start[1:, None] - 1)
        none = np.full((1, self.sizes), len(charged) - 1)
        return np.asarray(charged[np.concatenate([copy, none])])


Line = tuple[Fraction, Fraction, Fraction, Fraction, int]
"""A piece of supply cost: its ends in the unit of amounts, money at both, its rate in the unit of keys."""


class _Filling:
    """What a lane is worth by its items, in units of 1/money and 1/amount."""

    def __init__(self, money: int, amount: int) -> None:
        self.money, self.amount = money, amount
        self.shift = FINE + max(0, amount.bit_length() - money.bit_length())

    def line(self, low: Fraction, high: Fraction, cost: Fraction, rate: Fraction) -> Line:
        """A piece in these units; its rate is rounded down."""
        end = cost + rate * (high - low)
        key = (rate * self.money / self.amount * (1 << self.shift)).__floor__()
        return low * self.amount, high * self.amount, cost * self.money, end * self.money, key

    def value(self, gain: list[int], amount: list[int], lines: list[Line]) -> Fraction:
        """Least cost less gain over the pieces, or very little less."""
        free = sum(g for g, a in zip(gain, amount, strict=True) if a == 0)
        items = sorted(((-((g << self.shift) // a), a, g) for g, a in zip(gain, amount, strict=True) if a))
        falling = [item[0] for item in items]
        used = [0, *accumulate(item[1] for item in items)]
        gained = [0, *accumulate(item[2] for item in items)]
        best = Fraction(0)
        if items:
            for line in lines:
                if line[2] - gained[-1] < best:
                    best = min(best, self._least(line, falling, used, gained))
        return (best - free) / self.money

    def _least(self, line: Line, falling: list[int], used: list[int], gained: list[int]) -> Fraction:
        """Lower bound of cost less gain on a piece, by the price at which it would be filled."""
        low, high, cost, end, key = line
        at = used[bisect_left(falling, -key)]
        if at < low or at > high:
            full = bisect_left(used, low if at < low else high)
            key = 0 if full == len(used) else 1 - falling[0] if full == 0 else -falling[full - 1]
        count = bisect_right(falling, -key)
        above = (gained[count] << self.shift) - key * used[count]
        one = 1 << self.shift
        return min(cost - key * low / one, end - key * high / one) - Fraction(above, one)


def _scales(problem: Problem, legs: Legs, price: Exact) -> _Scales:
    """Common denominators of what is added up."""
    amount = max(common_scale(leg.amount.ravel()) for leg in (legs.head, legs.tail))
    leg = amount * max((each.denominator for each in price.measure), default=1)
    leg = max(leg, *(common_scale(part.cost) for part in (legs.head, legs.tail)))
    orders = common_scale(problem.row_demand)
    money = max([leg * orders, *(each.denominator for each in (*price.row, *price.link.values()))])
    return _Scales(money, money // orders, orders, amount)


def _objects(values: Floats, scale: int) -> Whole:
    return np.array(whole_numbers(values, scale), dtype=object)
