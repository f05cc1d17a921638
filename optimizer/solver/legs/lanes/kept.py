"""Prices with whole lanes as a start for another solve: by size, in the numbers of the problem itself."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from optimizer.problem.cut_out import Part
from optimizer.problem.legs import Legs
from optimizer.problem.problem import Floats, Problem
from optimizer.solver.lane_start import LaneStart
from optimizer.solver.legs.lanes.copies import lane_copies
from optimizer.solver.legs.lanes.form import lanes_of
from optimizer.solver.legs.lanes.relaxation import LaneRelaxation
from optimizer.solver.legs.lanes.tariffs import tariff_measures
from optimizer.solver.legs.shell import shell_of
from optimizer.solver.prices import PriceVector
from optimizer.solver.solution import Prices

__all__ = [
    "Places",
    "gates_of_copies",
    "in_proportion",
    "lane_start_of",
    "start_of_part",
    "started_again",
    "vector_at",
]

Ids = npt.NDArray[np.int64]


def lane_start_of(problem: Problem, legs: Legs | None, prices: Prices, proved: float) -> LaneStart | None:
    """Keep prices with whole lanes and the bound of their solve; None where these are of another kind."""
    weight = prices.lane_weight
    lanes = None if weight is None or legs is None else lanes_of(problem, legs)
    if weight is None or legs is None or lanes is None:
        return None
    shell = shell_of(problem, legs, np.zeros(problem.n_measures), split=prices.split)
    linked = prices.link_gate < len(shell.gates)
    gate, size = gates_of_copies(shell.gates, prices.link_gate[linked])
    first = len(shell.gates) + len(lane_copies(problem, lanes)[0])
    return LaneStart(
        row=prices.row,
        measure=prices.measure[shell.number],
        weight=weight,
        link_row=prices.link_row[linked],
        link_gate=gate,
        link_size=size,
        link_price=prices.link_price[linked],
        rule=prices.rule,
        claim_row=prices.link_row[~linked],
        claim_measure=tariff_measures(problem, lanes.tariff)[prices.link_gate[~linked] - first],
        claim_price=prices.link_price[~linked],
        demand=problem.row_demand,
        proved=proved,
    )


def start_of_part(start: LaneStart, part: Part) -> LaneStart:
    """What is kept of a problem, for a part of it; rules of the part alone come last, without a price."""
    gate, measure = _among(part.gate, start.link_gate), _among(part.measure, start.claim_measure)
    link_row, claim_row = _among(part.row, start.link_row), _among(part.row, start.claim_row)
    link, claim = (gate >= 0) & (link_row >= 0), (measure >= 0) & (claim_row >= 0)
    return replace(
        start,
        row=start.row[part.row],
        demand=start.demand[part.row],
        measure=start.measure[part.measure],
        weight=start.weight[part.measure],
        link_row=link_row[link],
        link_gate=gate[link],
        link_size=start.link_size[link],
        link_price=start.link_price[link],
        rule=_with_zeros(start.rule[part.rule], part.problem.n_rules),
        claim_row=claim_row[claim],
        claim_measure=measure[claim],
        claim_price=start.claim_price[claim],
    )


def in_proportion(start: LaneStart, demand: Floats) -> LaneStart:
    """Prices for all of other demands of the rows."""
    times = np.divide(demand, start.demand, out=np.ones(len(demand)), where=start.demand > 0.0)
    each = times if start.row.ndim == 1 else times[:, None]
    return replace(
        start,
        row=start.row * each,
        link_price=start.link_price * each[start.link_row],
        claim_price=start.claim_price * each[start.claim_row],
        demand=demand,
    )


def started_again(relaxation: LaneRelaxation, start: LaneStart) -> PriceVector:
    """Take up the prices that were kept; what is new has none."""
    return relaxation.project(vector_at(relaxation, start, Places.of(relaxation, start)))


class Places(NamedTuple):
    """Where the links and claims of a relaxation are among those that were kept; −1 for others."""

    link: Ids
    claim: Ids

    @classmethod
    def of(cls, relaxation: LaneRelaxation, start: LaneStart) -> "Places":
        """Find them by their rows and gates, or rows and measures."""
        links, gates = relaxation.links, relaxation.shell.gates
        first, count = links.first_claim, len(gates)
        copy = np.searchsorted(gates, start.link_gate) + start.link_size
        fits = np.append(gates, -1)[np.minimum(copy, count)] == start.link_gate
        known = np.where(fits, start.link_row * count + copy, -1)
        measures = relaxation.unpriced.n_measures
        return cls(
            _places(known, links.row[:first] * count + links.gate[:first]),
            _places(
                start.claim_row * measures + start.claim_measure,
                relaxation.tariffs.row * measures + relaxation.claim_measure,
            ),
        )


def vector_at(relaxation: LaneRelaxation, start: LaneStart, places: Places) -> PriceVector:
    """The prices that were kept, as they are; zero where they are not known."""
    shell = relaxation.shell
    measure = np.zeros(relaxation.problem.n_measures)
    sizes = np.minimum(np.arange(shell.number.shape[1]), start.measure.shape[1] - 1)
    measure[shell.number] = np.nan_to_num(start.measure)[:, sizes]
    link = np.concatenate(
        [np.append(start.link_price, 0.0)[places.link], np.append(start.claim_price, 0.0)[places.claim]]
    )
    return PriceVector.of(np.nan_to_num(start.row), measure, link, np.nan_to_num(start.rule))


def gates_of_copies(gates: Ids, copy: Ids) -> tuple[Ids, Ids]:
    """Gate of each copy, and which size it is for.

    Parameters
    ----------
    gates : int64, shape (copies,)
        Of all copies, ascending.
    """
    gate = gates[copy]
    return gate, copy - np.searchsorted(gates, gate)


def _with_zeros(values: Floats, length: int) -> Floats:
    """Values with zeros at the end of the first axis."""
    return np.concatenate([values, np.zeros((length - len(values), *values.shape[1:]))])


def _places(known: Ids, wanted: Ids) -> Ids:
    """Place of each wanted key among the known ones, −1 where it is not known."""
    order = np.argsort(known, kind="stable")
    return np.append(order, -1)[_among(known[order], wanted)]


def _among(kept: Ids, number: Ids) -> Ids:
    """Place of each number among those kept, which ascend; −1 for others."""
    if not len(kept):
        return np.full(len(number), -1, dtype=np.int64)
    place = np.minimum(np.searchsorted(kept, number), len(kept) - 1)
    return np.where(kept[place] == number, place, -1)
