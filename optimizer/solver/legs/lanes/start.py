"""First prices of the relaxation with whole lanes, and how far each of its prices typically moves."""

import numpy as np

from optimizer.problem.entries import owner
from optimizer.problem.legs import node_demand
from optimizer.problem.problem import Floats
from optimizer.problem.ragged import sum_by
from optimizer.solver.legs.dual import LegPrices
from optimizer.solver.legs.lanes.relaxation import LaneRelaxation
from optimizer.solver.legs.large.implicit import copies_of_measures
from optimizer.solver.prices import PriceVector

__all__ = ["lane_scales", "lane_start", "prices_by_size"]


def prices_by_size(prices: LegPrices) -> Floats:
    """Prices over legs of the measures of the problem itself, for every size.

    Returns
    -------
    float64, shape (measures, sizes)
    """
    tied, split, measure = prices.tied, prices.split, prices.run.prices.measure
    if split is None or split.resource is None:
        return measure[: tied.measures, None]
    sizes = int(np.diff(tied.problem.site_start).max())
    number = copies_of_measures(tied.problem, split.problem, split.resource, sizes)
    return measure[number[: tied.measures]]


def lane_start(relaxation: LaneRelaxation, prices: LegPrices) -> PriceVector:
    """Start from prices over legs: what a head gains by itself is the price of its link.

    An order costs the heads of a node the price of the tie, or what its row of tails is worth, by which the
    bound is the higher.
    """
    found, tied, legs = prices.run.prices, prices.tied, relaxation.legs
    by_size = prices_by_size(prices)
    measure = np.zeros(relaxation.problem.n_measures)
    measure[relaxation.shell.number] = by_size
    row = found.row[: tied.rows]
    bare = PriceVector.of(row, measure, np.zeros(len(relaxation.links.copy_gate)), found.rule)
    orders = node_demand(relaxation.original, legs)
    least = np.zeros(len(orders))
    np.minimum.at(least, legs.tail.node, legs.tail.cost)
    rate = relaxation.lane_rate(by_size.mean(axis=1))
    starts = []
    for node in (_ties(prices) / orders, found.row[tied.rows :] / orders):
        link = relaxation.gain_of_links(relaxation.project(bare), (node + least)[:, None], rate)
        starts.append(relaxation.project(PriceVector.of(row, measure, link, found.rule)))
    return max(starts, key=lambda start: relaxation.evaluate(start).value)


def _ties(prices: LegPrices) -> Floats:
    """Price of the tie of each node; ties are never split."""
    tied, split = prices.tied, prices.split
    nodes = tied.problem.n_measures - tied.measures
    if split is None or split.resource is None:
        return prices.run.prices.measure[tied.measures :]
    return prices.run.prices.measure[split.problem.n_measures - nodes :]


def lane_scales(relaxation: LaneRelaxation, prices: PriceVector) -> PriceVector:
    """Scales of the steps: the square root of each price of a row and its links, and so for what rows use.

    Steps go with the squared scales, so each row's price moves in proportion to itself.
    """
    problem, links = relaxation.problem, relaxation.links
    row = np.sqrt(np.maximum(np.abs(prices.row), 1e-6 * np.abs(prices.row).max(initial=1e-6)))
    weight, amount = relaxation.weighed_use(row)
    measure = np.divide(weight, amount, out=np.zeros_like(weight), where=amount > 0.0)
    squared = sum_by(owner(problem.rule_start), problem.rule_coefficient**2, problem.n_rules)
    fixed = float(problem.size_cost.mean()) if problem.n_sizes else 0.0
    rule = np.sqrt(fixed / np.maximum(squared, 1.0))
    return PriceVector.of(row, measure, row[np.repeat(links.row, np.diff(links.start))], rule)
