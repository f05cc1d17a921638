"""First prices of the relaxation with whole lanes, and how far each of its prices typically moves."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from optimizer.problem.entries import owner
from optimizer.problem.legs import Leg
from optimizer.problem.problem import Floats
from optimizer.problem.ragged import sum_by
from optimizer.solver.legs.dual import LegPrices
from optimizer.solver.legs.lanes.relaxation import LaneRelaxation
from optimizer.solver.legs.shell import copies_of_measures
from optimizer.solver.prices import PriceVector

__all__ = ["Known", "known_over_legs", "lane_scales", "lane_start"]


def _by_size(prices: LegPrices) -> Floats:
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


@dataclass(frozen=True, eq=False)
class Known:
    """Prices of another relaxation of a problem over legs.

    Attributes
    ----------
    row : float64, shape (rows,)
    measure : float64, shape (measures, sizes)
        Prices of the measures, those of lanes among them, for every size.
    node : float64, shape (nodes, sizes) or (nodes, 1)
        What an order costs the heads of each node, and brings its tails.
    rule : float64, shape (rules,)
    """

    row: Floats
    measure: Floats
    node: Floats
    rule: Floats


def known_over_legs(prices: LegPrices, orders: Floats, tail: Leg) -> tuple[Known, Known]:
    """Prices over legs: an order costs at a node what its tie does, or else what its row of tails is worth.

    Parameters
    ----------
    orders : float64, shape (nodes,)
        `node_demand` of the problem.
    """
    found, tied = prices.run.prices, prices.tied
    row, measure = found.row[: tied.rows], _by_size(prices)
    least = np.zeros(len(orders))
    np.minimum.at(least, tail.node, tail.cost)
    ties, tails = ((total / orders + least)[:, None] for total in (_ties(prices), found.row[tied.rows :]))
    return Known(row, measure, ties, found.rule), Known(row, measure, tails, found.rule)


def lane_start(relaxation: LaneRelaxation, known: Sequence[Known]) -> PriceVector:
    """Start from known prices, by which the bound is highest; what a head gains is the price of its link."""
    starts = [_started(relaxation, prices) for prices in known]
    return max(starts, key=lambda start: relaxation.evaluate(start).value)


def _started(relaxation: LaneRelaxation, known: Known) -> PriceVector:
    measure = np.zeros(relaxation.problem.n_measures)
    number = relaxation.shell.number
    measure[number] = known.measure[:, np.minimum(np.arange(number.shape[1]), known.measure.shape[1] - 1)]
    first, link = relaxation.links.first_claim, np.zeros(len(relaxation.links.gate))
    unit = known.measure.mean(axis=1)
    link[first:] = unit[relaxation.claim_measure] * relaxation.claimed

    def gains() -> Floats:
        prices = relaxation.project(PriceVector.of(known.row, measure, link, known.rule))
        return relaxation.gain_of_links(prices, known.node, relaxation.lane_rate(unit))

    link[first:] = relaxation.fair_claims(link[first:] + gains()[first:])
    link[:first] = _within_fees(relaxation, gains())[:first]
    return relaxation.project(PriceVector.of(known.row, measure, link, known.rule))


def _within_fees(relaxation: LaneRelaxation, price: Floats) -> Floats:
    """No more than the fee in all, where the gate of the links stands free of any site."""
    problem, gate = relaxation.problem, relaxation.links.gate
    total = sum_by(gate, price, problem.n_gates)
    free = (np.diff(problem.gate_size_start) == 0) & (total > problem.gate_fee)
    part = np.where(free, problem.gate_fee / np.where(free, total, 1.0), 1.0)
    return np.asarray(price * part[gate])


def _ties(prices: LegPrices) -> Floats:
    """Price of the tie of each node; ties are never split."""
    measure, nodes = prices.run.prices.measure, prices.tied.problem.n_measures - prices.tied.measures
    return measure[len(measure) - nodes :]


def lane_scales(relaxation: LaneRelaxation, prices: PriceVector) -> PriceVector:
    r"""Scales of the steps: the square root of each price of a row and its links, and so for what rows use.

    Steps go with the squared scales, so each row's price moves in proportion to itself. A measure that `n`
    rows use has a slope about `n` times as large, so its squared scale is an `n`-th of theirs,

    .. math:: s_q = \frac{1}{\sqrt{n_q}} \frac{\sum_i u_{iq} s_i}{\sum_i u_{iq}^2}, \qquad
              n_q = \frac{(\sum_i u_{iq})^2}{\sum_i u_{iq}^2}.
    """
    problem, links = relaxation.problem, relaxation.links
    row = np.sqrt(np.maximum(np.abs(prices.row), 1e-6 * np.abs(prices.row).max(initial=1e-6)))
    weight, squared = relaxation.weighed_use(row)
    used = relaxation.weighed_use(np.ones(problem.n_rows))[0]
    measure = np.divide(weight, used * np.sqrt(squared), out=np.zeros_like(weight), where=squared > 0.0)
    coefficient = sum_by(owner(problem.rule_start), problem.rule_coefficient**2, problem.n_rules)
    fixed = float(problem.size_cost.mean()) if problem.n_sizes else 0.0
    rule = np.sqrt(fixed * np.diff(problem.rule_start) / np.maximum(coefficient, 1e-300))
    return PriceVector.of(row, measure, row[links.row], rule)
