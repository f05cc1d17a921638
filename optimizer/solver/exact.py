"""Prices as fractions, and the parts of the price relaxation that they price, without any rounding.

Every double is a fraction with a power of two below, so all arrays become whole numbers over one common
denominator and the value of the relaxation (`optimizer.solver.relaxation`) is found without any rounding.
"""

from fractions import Fraction
from itertools import pairwise

import numpy as np

from optimizer.errors import CheckError
from optimizer.problem.problem import Floats, Ints, Problem
from optimizer.solver.solution import Prices

__all__ = [
    "Exact",
    "best_sizes",
    "check_shapes",
    "common_scale",
    "exact_most_use",
    "whole_numbers",
    "worth_of_sizes",
]


def check_shapes(problem: Problem, prices: Prices) -> None:
    """Raise `CheckError` where prices do not fit the problem."""
    wanted = (problem.n_rows, problem.n_measures, problem.n_rules)
    found = (len(prices.row), len(prices.measure), len(prices.rule))
    if wanted != found:
        raise CheckError([f"the prices are for {found} rows, measures and rules; the problem has {wanted}"])
    if not all(
        np.all(np.isfinite(part)) for part in (prices.row, prices.measure, prices.link_price, prices.rule)
    ):
        raise CheckError(["a price is not a finite number"])
    row, gate = np.asarray(prices.link_row, dtype=np.int64), np.asarray(prices.link_gate, dtype=np.int64)
    if not len(row) == len(gate) == len(prices.link_price):
        raise CheckError(["the rows, gates and prices of the links differ in number"])
    if np.any((row < 0) | (row >= problem.n_rows) | (gate < 0) | (gate >= problem.n_gates)):
        raise CheckError(["a price is for a link of a row or gate that is not there"])
    if len(np.unique(row * problem.n_gates + gate)) < len(row):
        raise CheckError(["a link has two prices"])


class Exact:
    """Prices as fractions, and the parts of the relaxation that they price."""

    def __init__(self, problem: Problem, prices: Prices) -> None:
        self.row = _fractions(prices.row)
        self.measure = _fractions(np.maximum(prices.measure, 0.0))
        self.link = {
            (int(row), int(gate)): Fraction(float(price))
            for row, gate, price in zip(prices.link_row, prices.link_gate, prices.link_price, strict=True)
            if price > 0.0
        }
        rho = np.where(np.isfinite(problem.rule_lower), prices.rule, np.minimum(prices.rule, 0.0))
        self.rule = _fractions(np.where(np.isfinite(problem.rule_upper), rho, np.maximum(rho, 0.0)))
        self.charge = [Fraction(0)] * (problem.n_sizes + problem.n_gates + problem.n_modules)
        for rule, price in enumerate(self.rule):
            for p in range(problem.rule_start[rule], problem.rule_start[rule + 1]):
                self.charge[problem.rule_index[p]] -= Fraction(float(problem.rule_coefficient[p])) * price

    def constant(self, problem: Problem) -> Fraction:
        """Prices of rows, standing supply and rules."""
        value = Fraction(problem.constant) + _total(self.row)
        value -= _total(
            [
                price * Fraction(float(b))
                for price, b in zip(self.measure, problem.measure_supply, strict=True)
            ]
        )
        for price, lower, upper in zip(self.rule, problem.rule_lower, problem.rule_upper, strict=True):
            if price > 0:
                value += price * Fraction(float(lower))
            elif price < 0:
                value += price * Fraction(float(upper))
        return value

    def gates(self, problem: Problem) -> list[Fraction]:
        """Fee of every gate with what rules and links charge for it."""
        worth = [
            Fraction(float(fee)) + charge
            for fee, charge in zip(problem.gate_fee, self.charge[problem.n_sizes :], strict=False)
        ]
        for (_, gate), price in self.link.items():
            worth[gate] -= price
        return worth

    def gains(self, problem: Problem) -> tuple[list[Fraction], Fraction]:
        """Worth of every gate with the gains of its cells, and the gain of options that need no gate."""
        worth = self.gates(problem)
        free = Fraction(0)
        scale, cost, amount, measure, row_price, link = self._whole_numbers(problem)
        gate_start, gates = problem.option_gate_start.tolist(), problem.option_gate.tolist()
        use_start, uses = problem.option_use_start.tolist(), problem.option_use_measure.tolist()
        gained = [0] * (problem.n_gates + 1)
        starts = problem.row_start.tolist()
        for row in range(problem.n_rows):
            best: dict[int, int] = {}
            for j in range(starts[row], starts[row + 1]):
                value = cost[j] - row_price[row]
                for p in range(use_start[j], use_start[j + 1]):
                    value += amount[p] * measure[uses[p]]
                first, last = gate_start[j], gate_start[j + 1]
                for p in range(first + 1, last):
                    value += link.get((row, gates[p]), 0)
                gate = gates[first] if last > first else -1
                if value < best.get(gate, 0):
                    best[gate] = value
            for gate, value in best.items():
                gained[gate] += value
        for gate in range(problem.n_gates):
            worth[gate] += Fraction(gained[gate], scale)
        free += Fraction(gained[-1], scale)
        return worth, free

    def _whole_numbers(
        self, problem: Problem
    ) -> tuple[int, list[int], list[int], list[int], list[int], dict[tuple[int, int], int]]:
        """Costs, amounts and prices as whole numbers: amount × measure price and cost share one scale."""
        amount_scale = common_scale(problem.option_use_amount)
        measure_scale = max((price.denominator for price in self.measure), default=1)
        scale = amount_scale * measure_scale
        for other in (
            common_scale(problem.option_cost),
            max((price.denominator for price in self.row), default=1),
            max((price.denominator for price in self.link.values()), default=1),
        ):
            scale = max(scale, other)
        measure_scale = scale // amount_scale
        return (
            scale,
            whole_numbers(problem.option_cost, scale),
            whole_numbers(problem.option_use_amount, amount_scale),
            [int(price * measure_scale) for price in self.measure],
            [int(price * scale) for price in self.row],
            {key: int(price * scale) for key, price in self.link.items()},
        )

    def sizes(self, problem: Problem, use: list[Fraction]) -> list[Fraction]:
        """Cost of every size less the value of what it supplies."""
        worth = [
            Fraction(float(cost)) + charge
            for cost, charge in zip(problem.size_cost, self.charge, strict=False)
        ]
        for size in range(problem.n_sizes):
            for p in range(problem.size_supply_start[size], problem.size_supply_start[size + 1]):
                q = problem.size_supply_measure[p]
                worth[size] -= min(Fraction(float(problem.size_supply_amount[p])), use[q]) * self.measure[q]
        return worth

    def supply(self, problem: Problem, use: list[Fraction]) -> Fraction:
        """Value of modules, tiers and overflow, cut to the most that could be used."""
        none = np.zeros(problem.n_modules, dtype=np.int64)
        return self.bought(problem, use) + self.modules(problem, use, none, problem.module_limit)

    def bought(self, problem: Problem, use: list[Fraction]) -> Fraction:
        """Value of tiers and overflow."""
        value = Fraction(0)
        for r in range(problem.n_resources):
            measures = range(problem.resource_start[r], problem.resource_start[r + 1])
            price = _total([self.measure[q] for q in measures])
            most = max((use[q] for q in measures), default=Fraction(0))
            limit = float(problem.overflow_limit[r])
            limit_used = most if np.isinf(limit) else min(most, Fraction(limit))
            value += min(Fraction(0), Fraction(float(problem.overflow_price[r])) - price) * limit_used
            value += self._tiers(problem, r, price, most)
        return value

    def _tiers(self, problem: Problem, r: int, price: Fraction, most: Fraction) -> Fraction:
        best = Fraction(0)
        for t in range(problem.tier_start[r], problem.tier_start[r + 1]):
            low = Fraction(float(problem.tier_from[t]))
            high = max(low, min(Fraction(float(problem.tier_to[t])), most))
            slope = Fraction(float(problem.tier_unit_cost[t])) - price
            best = min(best, Fraction(float(problem.tier_fixed[t])) + min(slope * low, slope * high))
        return best

    def modules(self, problem: Problem, use: list[Fraction], floor: Ints, limit: Ints) -> Fraction:
        """Value of the modules, with counts from `floor` to `limit`."""
        value = Fraction(0)
        named = set((problem.rule_index - problem.n_sizes - problem.n_gates).tolist())
        for k in range(problem.n_modules):
            worth = (
                Fraction(float(problem.module_cost[k])) + self.charge[problem.n_sizes + problem.n_gates + k]
            )
            needed = 0
            for p in range(problem.module_supply_start[k], problem.module_supply_start[k + 1]):
                q, amount = problem.module_supply_measure[p], Fraction(float(problem.module_supply_amount[p]))
                worth -= min(amount, use[q]) * self.measure[q]
                if amount > 0:
                    needed = max(needed, -((-use[q]) // amount))
            most = int(limit[k]) if k in named else min(int(limit[k]), needed)
            least = int(floor[k])
            value += worth * (least if worth >= 0 else max(least, most))
        return value


def worth_of_sizes(
    problem: Problem, price: Exact, gain: list[Fraction], use: list[Fraction]
) -> list[Fraction]:
    """Worth of every size with what the gates under it gain."""
    worth = price.sizes(problem, use)
    for gate in range(problem.n_gates):
        for p in range(problem.gate_size_start[gate], problem.gate_size_start[gate + 1]):
            worth[problem.gate_size[p]] += gain[gate]
    return worth


def best_sizes(problem: Problem, worth: list[Fraction]) -> Fraction:
    """Value of the sizes, at most one per site."""
    starts = problem.site_start.tolist()
    return sum((min([Fraction(0), *worth[a:b]]) for a, b in pairwise(starts)), Fraction(0))


def exact_most_use(problem: Problem) -> list[Fraction]:
    """Most that all rows together could use of each measure."""
    scale = common_scale(problem.option_use_amount)
    use = [0] * problem.n_measures
    start, measures, amounts = problem.option_use_start, problem.option_use_measure, problem.option_use_amount
    for row in range(problem.n_rows):
        most: dict[int, float] = {}
        first, last = start[problem.row_start[row]], start[problem.row_start[row + 1]]
        for q, amount in zip(measures[first:last].tolist(), amounts[first:last].tolist(), strict=True):
            if amount > most.get(q, 0.0):
                most[q] = amount
        for q, amount in most.items():
            numerator, denominator = amount.as_integer_ratio()
            use[q] += numerator * (scale // denominator)
    return [Fraction(each, scale) for each in use]


def _fractions(values: Floats) -> list[Fraction]:
    return [Fraction(value) for value in values.tolist()]


def _total(values: list[Fraction]) -> Fraction:
    """Sum over one denominator: far faster than adding fractions one by one."""
    if not values:
        return Fraction(0)
    scale = max(value.denominator for value in values)
    if any(scale % value.denominator for value in values):
        return sum(values, Fraction(0))
    return Fraction(sum(value.numerator * (scale // value.denominator) for value in values), scale)


def common_scale(values: Floats) -> int:
    """Largest denominator (a power of two) of some doubles."""
    return max((value.as_integer_ratio()[1] for value in values.tolist()), default=1)


def whole_numbers(values: Floats | Ints, scale: int) -> list[int]:
    """Doubles as whole numbers of a unit of which they are multiples, `1 / scale`."""
    ratios = (value.as_integer_ratio() for value in values.tolist())
    return [numerator * (scale // denominator) for numerator, denominator in ratios]
