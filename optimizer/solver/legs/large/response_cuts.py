r"""Roundings of supply at every site, open or not, from what a relaxation would do there.

Where modules come in parts, prices see sites as cheaper than they are. At given prices the relaxation says
which rows would go to a site if it opened: those whose best way there costs less than their price,

.. math:: T_q = \{ i : d_i \big(c_h + \min_{t \in n(h)} (c_t + \sum_q a_{tq} \mu_q)\big) < v_i \},

and among them those that no site likely to be open would serve for less. The modules for either are rounded
(relax and cut; A. Lucena, "Non delayed relax-and-cut algorithms", Annals of Operations Research 140, 2005).
"""

import numpy as np
import numpy.typing as npt

from optimizer.problem.entries import owner
from optimizer.problem.gate_sites import site_of_gates
from optimizer.problem.problem import Problem
from optimizer.problem.ragged import counts_to_start, sum_by
from optimizer.solver.legs.large.implicit import ImplicitRelaxation
from optimizer.solver.prices import PriceVector
from optimizer.solver.rounding import join_roundings, rounded_supply
from optimizer.solver.solution import Roundings

__all__ = ["modular_measures", "response_cuts"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

VIOLATION = 1e-3
"""Violation, as a part of the divisor, from which a cut is worth its place."""


def modular_measures(problem: Problem) -> Bools:
    """Measures that modules supply and no size."""
    modular = np.zeros(problem.n_measures, dtype=bool)
    modular[problem.module_supply_measure[problem.module_supply_amount > 0.0]] = True
    modular[problem.size_supply_measure] = False
    return modular


def response_cuts(
    problem: Problem, relaxation: ImplicitRelaxation, prices: PriceVector, likely: Bools
) -> Roundings:
    """Cuts over the rows that would go to each site at some prices, and over those that are best off there.

    Parameters
    ----------
    problem
        The problem itself.
    relaxation, prices
        The relaxation of the problem split by size, with cuts or without, and prices; every site is taken at
        its best size.
    likely : bool, shape (sites,)
        Sites likely to be open.
    """
    head, tail, best_off = _response(problem, relaxation, prices, likely)
    every = _rounded(problem, relaxation, head, tail)
    some = _rounded(problem, relaxation, head[best_off], tail[best_off])
    rows = np.zeros(problem.n_measures, dtype=np.int64)
    rows[every.measure] = np.diff(every.row_start)
    fewer = np.flatnonzero(np.diff(some.row_start) != rows[some.measure])
    return join_roundings(every, some.taken(fewer))


def _response(
    problem: Problem, relaxation: ImplicitRelaxation, prices: PriceVector, likely: Bools
) -> tuple[Ids, Ids, Bools]:
    """Heads whose way costs less than their row's price, the tails that they take, and who is best off."""
    ways = relaxation.ways
    evaluation = relaxation.evaluate(prices)
    of_head = site_of_gates(problem)[ways.head.gate.max(axis=1)]
    node, at = ways.head.node, _best_rank(problem, evaluation.size_worth)[of_head]
    row = ways.head_row
    value = (ways.head.cost + relaxation.tail_value[node, at]) * problem.row_demand[row]
    least = np.full(problem.n_rows, np.inf)
    open_there = likely[of_head]
    np.minimum.at(least, row[open_there], value[open_there])
    head = np.flatnonzero(value < prices.row[row])
    best_off: Bools = value[head] <= least[row[head]]
    return head, relaxation.tail_pick[node[head], at[head]], best_off


def _rounded(problem: Problem, relaxation: ImplicitRelaxation, head: Ids, tail: Ids) -> Roundings:
    """Cuts over the rows of some heads, one at most per measure that the tails they take use."""
    ways, modular = relaxation.ways, modular_measures(problem)
    entry, column = np.nonzero(ways.tail.measure[tail] >= 0)
    measure = ways.tail.measure[tail[entry], column]
    kept = np.append(modular, False)[np.minimum(measure, problem.n_measures)]
    entry, measure = entry[kept], measure[kept]
    row = ways.head_row[head[entry]]
    amount = ways.tail.amount[tail[entry], column[kept]] * problem.row_demand[row]
    key, place = np.unique(measure * problem.n_rows + row, return_inverse=True)
    most = np.zeros(len(key))
    np.maximum.at(most, place, amount)
    of_key, rows = np.divmod(key, problem.n_rows)
    total = sum_by(of_key, most, problem.n_measures)
    start = np.searchsorted(of_key, np.arange(problem.n_measures + 1))
    found = [(q, _best_divisor(problem, q, total[q])) for q in np.unique(of_key).tolist()]
    chosen = [(q, divisor) for q, divisor in found if divisor > 0.0]
    parts = [rows[start[q] : start[q + 1]] for q, _ in chosen]
    return Roundings(
        np.array([q for q, _ in chosen], dtype=np.int64),
        np.array([divisor for _, divisor in chosen], dtype=np.float64),
        counts_to_start([len(part) for part in parts]),
        np.concatenate([np.zeros(0, dtype=np.int64), *parts]),
    )


def _best_rank(problem: Problem, size_worth: Floats) -> Ids:
    """Rank of the size of least worth of every site."""
    rank = np.zeros(problem.n_sites, dtype=np.int64)
    for site in np.flatnonzero(np.diff(problem.site_start)).tolist():
        rank[site] = int(np.argmin(size_worth[problem.site_start[site] : problem.site_start[site + 1]]))
    return rank


def _best_divisor(problem: Problem, measure: int, total: float) -> float:
    """Size of a module whose rounding asks most beyond modules of the best rate; 0 where none asks more."""
    entry = np.flatnonzero(problem.module_supply_measure == measure)
    supply = problem.module_supply_amount[entry]
    module = owner(problem.module_supply_start)[entry]
    rate = np.divide(problem.module_cost[module], supply, out=np.full(len(entry), np.inf), where=supply > 0.0)
    best = int(np.argmin(rate))
    count = max(total - float(problem.measure_supply[measure]), 0.0) / supply[best]
    most, chosen = 0.0, 0.0
    for divisor in np.unique(supply[supply > 0.0]).tolist():
        standing, _, rounded = rounded_supply(problem, measure, total, divisor)
        violation = total - standing - count * float(rounded[best])
        if violation > max(most, VIOLATION * divisor):
            most, chosen = violation, divisor
    return chosen
