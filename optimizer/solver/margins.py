"""Prices of capacities that a certificate leaves open, chosen from the prices of the rows.

At given row prices, what a site with capacity `Q` gains is a fractional knapsack over the options through
it. Its optimum is reached at the price `μ` at which the knapsack is full (linear duality): the margin, per
unit of capacity, of the option at the edge. Any price is valid, so nothing here needs to be exact.
"""

from dataclasses import replace

import numpy as np

from optimizer.problem.problem import Floats, Indices, Problem
from optimizer.solver.solution import Prices

__all__ = ["with_margins"]


def with_margins(problem: Problem, prices: Prices) -> Prices:
    """Fill in the prices of measures that are NaN; other prices stay.

    Examples
    --------
    Two rows of one order each gain 5 and 3 at a site with room for one and a half: capacity is worth 3.

    >>> from optimizer.problem import ProblemBuilder
    >>> builder = ProblemBuilder()
    >>> rows, site = builder.add_rows([1.0, 1.0]), builder.add_sites(1)
    >>> size, gate = builder.add_sizes(site, [4.0]), builder.add_gates(0.0, site)
    >>> measure = builder.add_measures(builder.add_resources(1), 0.0)
    >>> _ = builder.add_size_supply(size, measure, [1.5])
    >>> both = np.zeros(2, dtype=np.int64)
    >>> _ = builder.add_options(
    ...     rows, [5.0, 7.0], gates=gate[both], measures=measure[both], amounts=np.ones(2)
    ... )
    >>> none, no = np.zeros(0), np.zeros(0, dtype=np.int64)
    >>> open_prices = Prices(np.array([10.0, 10.0]), np.array([np.nan]), no, no, none, none)
    >>> with_margins(builder.build().problem, open_prices).measure
    array([3.])
    """
    wanted = np.isnan(prices.measure)
    if not wanted.any() or len(prices.measure) != problem.n_measures or len(prices.row) != problem.n_rows:
        return prices
    known = np.where(wanted, 0.0, prices.measure)
    owner = np.repeat(np.arange(problem.n_options), np.diff(problem.option_use_start))
    row = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    product = problem.option_use_amount * known[problem.option_use_measure]
    reduced = problem.option_cost - prices.row[row] + np.bincount(owner, product, problem.n_options)
    entry = np.flatnonzero(wanted[problem.option_use_measure] & (problem.option_use_amount > 0.0))
    entry = entry[reduced[owner[entry]] < 0.0]
    measure, amount = problem.option_use_measure[entry], problem.option_use_amount[entry]
    return replace(prices, measure=known + _edges(problem, measure, amount, reduced[owner[entry]] / amount))


def _edges(problem: Problem, measure: Indices, amount: Floats, margin: Floats) -> Floats:
    """Margin, turned positive, at which the largest supply by one size is used up; zero where it is not."""
    capacity = problem.measure_supply.copy()
    np.maximum.at(capacity, problem.size_supply_measure, problem.size_supply_amount)
    order = np.lexsort((margin, measure))
    measure, amount, margin = measure[order], amount[order], margin[order]
    total = np.cumsum(amount)
    start = np.searchsorted(measure, np.arange(problem.n_measures))
    before = np.r_[0.0, total][start]
    full = np.flatnonzero(total - before[measure] >= capacity[measure])
    price = np.zeros(problem.n_measures)
    price[measure[full][::-1]] = -margin[full][::-1]
    return price
