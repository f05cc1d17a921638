"""Prices with whole lanes as a start for another solve: by size, in the numbers of the problem itself."""

import numpy as np

from optimizer.problem.legs import Legs
from optimizer.problem.problem import Problem
from optimizer.solver.legs.lanes.relaxation import LaneRelaxation
from optimizer.solver.legs.shell import shell_of
from optimizer.solver.prices import PriceVector
from optimizer.solver.solution import LaneStart, Prices

__all__ = ["lane_start_of", "started_again"]


def lane_start_of(problem: Problem, legs: Legs | None, prices: Prices) -> LaneStart | None:
    """Keep prices with whole lanes; None where these are of another kind."""
    weight = prices.lane_weight
    if weight is None or legs is None:
        return None
    shell = shell_of(problem, legs, np.zeros(problem.n_measures), split=prices.split)
    gate = shell.gates[prices.link_gate]
    size = prices.link_gate - np.searchsorted(shell.gates, gate)
    return LaneStart(
        row=prices.row,
        measure=prices.measure[shell.number],
        weight=weight,
        link_row=prices.link_row,
        link_gate=gate,
        link_size=size,
        link_price=prices.link_price,
        rule=prices.rule,
    )


def started_again(relaxation: LaneRelaxation, start: LaneStart) -> PriceVector:
    """Take up the prices that were kept; what is new has none."""
    links, shell = relaxation.links, relaxation.shell
    measure = np.zeros(relaxation.problem.n_measures)
    sizes = np.minimum(np.arange(shell.number.shape[1]), start.measure.shape[1] - 1)
    measure[shell.number] = np.nan_to_num(start.measure)[:, sizes]
    copy = np.searchsorted(shell.gates, start.link_gate) + start.link_size
    count = len(shell.gates)
    fits = np.append(shell.gates, -1)[np.minimum(copy, count)] == start.link_gate
    known = start.link_row[fits] * count + copy[fits]
    wanted = np.repeat(links.row, np.diff(links.start)) * count + links.copy_gate
    order = np.argsort(known, kind="stable")
    at = np.minimum(np.searchsorted(known[order], wanted), max(len(known) - 1, 0))
    link = np.zeros(len(wanted))
    if len(known):
        hit = known[order][at] == wanted
        link[hit] = start.link_price[fits][order][at[hit]]
    return relaxation.project(PriceVector.of(start.row, measure, link, np.nan_to_num(start.rule)))
