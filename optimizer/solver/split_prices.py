"""Prices of a problem whose options were split by size, in the terms of the problem itself."""

from dataclasses import replace

import numpy as np

from optimizer.problem.problem import Problem
from optimizer.problem.ragged import counts_to_start
from optimizer.solver.sizes import split_sizes
from optimizer.solver.solution import Prices

__all__ = ["joined_prices"]


def joined_prices(problem: Problem, prices: Prices) -> Prices:
    """Give every measure and link the largest price of its copies; prices of unsplit problems stay.

    They are a start for another solve, and valid prices, but prove less than those of the copies.
    """
    split = split_sizes(problem) if prices.split else None
    if split is None or split.gate is None or split.resource is None:
        return prices
    width = np.diff(problem.resource_start)[split.resource]
    within = np.arange(int(width.sum())) - np.repeat(counts_to_start(width)[:-1], width)
    original = np.repeat(problem.resource_start[split.resource], width) + within
    measure = np.zeros(problem.n_measures)
    np.maximum.at(measure, original, prices.measure)
    key = prices.link_row.astype(np.int64) * problem.n_gates + split.gate[prices.link_gate]
    links, place = np.unique(key, return_inverse=True)
    price = np.zeros(len(links))
    np.maximum.at(price, place, prices.link_price)
    row, gate = np.divmod(links, max(problem.n_gates, 1))
    return replace(prices, measure=measure, link_row=row, link_gate=gate, link_price=price, split=False)
