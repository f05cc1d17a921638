"""Prices of a problem over legs, or split by size, in the terms of the problem itself."""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from optimizer.problem.legs import Legs
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import counts_to_start
from optimizer.problem.tied import tied_problem
from optimizer.solver.size_copies import size_copies
from optimizer.solver.solution import Prices

__all__ = ["joined_prices", "node_prices"]

Floats = npt.NDArray[np.float64]


def joined_prices(problem: Problem, prices: Prices, legs: Legs | None = None) -> Prices:
    """Give every measure and link the largest price of its copies; leave out nodes and ties of legs.

    Prices of the problem itself stay. What comes out is a start for another solve, and valid prices, but
    proves less than what went in. Those of measures that lanes decided whole stay unknown (NaN).
    """
    if prices.over_legs:
        joined = _joined_over_legs(problem, prices, legs)
        none = np.zeros(0, dtype=np.int64)
        return Prices(
            joined.row[: problem.n_rows],
            joined.measure[: problem.n_measures],
            none,
            none,
            np.zeros(0),
            joined.rule,
        )
    return _joined(problem, prices)


def node_prices(problem: Problem, prices: Prices, legs: Legs | None = None) -> Floats | None:
    """Prices of the row and of the tie of every node, ``(nodes, 2)``; None where prices are not over legs."""
    if not prices.over_legs:
        return None
    joined = _joined_over_legs(problem, prices, legs)
    return np.column_stack([joined.row[problem.n_rows :], joined.measure[problem.n_measures :]])


def _joined_over_legs(problem: Problem, prices: Prices, legs: Legs | None) -> Prices:
    """Prices of the problem over legs, unsplit."""
    assert legs is not None
    return _joined(tied_problem(problem, legs).problem, prices)


def _joined(problem: Problem, prices: Prices) -> Prices:
    """Prices of a problem from those of the same split by size; without those of claims on tariffs."""
    copies = size_copies(problem) if prices.split else None
    gates = problem.n_gates if copies is None else len(copies.gate)
    linked = prices.link_gate < gates
    prices = replace(
        prices,
        lane_weight=None,
        link_row=prices.link_row[linked],
        link_gate=prices.link_gate[linked],
        link_price=prices.link_price[linked],
    )
    if copies is None:
        return prices
    width = np.diff(problem.resource_start)[copies.resource]
    within = np.arange(int(width.sum())) - np.repeat(counts_to_start(width)[:-1], width)
    original = np.repeat(problem.resource_start[copies.resource], width) + within
    measure = np.zeros(problem.n_measures)
    np.maximum.at(measure, original, np.nan_to_num(prices.measure))
    measure[original[np.isnan(prices.measure)]] = np.nan
    key = prices.link_row.astype(np.int64) * problem.n_gates + copies.gate[prices.link_gate]
    links, place = np.unique(key, return_inverse=True)
    price = np.zeros(len(links))
    np.maximum.at(price, place, prices.link_price)
    row, gate = np.divmod(links, max(problem.n_gates, 1))
    return replace(prices, measure=measure, link_row=row, link_gate=gate, link_price=price, split=False)
