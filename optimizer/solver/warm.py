"""What an earlier solve of a similar problem leaves to the next: prices to start from, openings to try."""

from dataclasses import dataclass

import numpy as np

from optimizer.problem.matrix import LinearModel
from optimizer.problem.problem import Bools, Floats, Problem
from optimizer.problem.ragged import positions
from optimizer.solver.layout import Layout
from optimizer.solver.prices import PriceVector
from optimizer.solver.solution import Prices, Solution

__all__ = ["Warm", "openings_allowed", "started_prices", "warm_from"]


@dataclass(frozen=True, eq=False)
class Warm:
    """A start in the terms of the problem that is to be solved; every part may be missing.

    Attributes
    ----------
    prices
        Prices of rows, measures, links and rules; NaN for an item that the earlier problem did not have.
        Links that are not named start as usual.
    size, gate : bool, shape (sizes,) and (gates,)
        Sizes and gates that were open in the earlier plan.
    """

    prices: Prices | None = None
    size: Bools | None = None
    gate: Bools | None = None


def warm_from(problem: Problem, solution: Solution) -> Warm:
    """Take the start from a solution of a problem with the same rows, sizes and gates.

    Examples
    --------
    >>> from optimizer.problem import ProblemBuilder
    >>> from optimizer.solver.limits import SolveOptions
    >>> from optimizer.solver.solve import solve
    >>> builder = ProblemBuilder()
    >>> site = builder.add_sites(2)
    >>> sizes, gates = builder.add_sizes(site, [3.0, 5.0]), builder.add_gates(0.0, site)
    >>> options = builder.add_options(builder.add_rows([1.0]).repeat(2), [4.0, 1.0], gates=gates)
    >>> problem = builder.build().problem
    >>> warm_from(problem, solve(problem, SolveOptions(gap=0.0))).size.tolist()
    [False, True]
    """
    decisions = solution.decisions
    if decisions is None:
        return Warm(solution.prices)
    size = np.zeros(problem.n_sizes, dtype=bool)
    size[decisions.size[decisions.size >= 0]] = True
    gate = np.zeros(problem.n_gates, dtype=bool)
    gate[problem.option_gate[positions(problem.option_gate_start, decisions.option)]] = True
    return Warm(solution.prices, size, gate | decisions.gate)


def started_prices(layout: Layout, usual: PriceVector, warm: Warm | None) -> PriceVector:
    """Start from the warm prices where there are any, from the usual ones elsewhere."""
    prices = None if warm is None else warm.prices
    if prices is None:
        return usual
    link = usual.link.copy()
    if len(link) and len(prices.link_price):
        gates = layout.problem.n_gates
        known = prices.link_row.astype(np.int64) * gates + prices.link_gate
        order = np.argsort(known)
        wanted = layout.link_row.astype(np.int64) * gates + layout.link_gate
        at = order[np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)]
        link = np.where(known[at] == wanted, prices.link_price[at], link)
    return PriceVector.of(
        _or_usual(prices.row, usual.row),
        _or_usual(prices.measure, usual.measure),
        link,
        _or_usual(prices.rule, usual.rule),
    )


def openings_allowed(model: LinearModel, warm: Warm) -> Bools:
    """Columns of a program that a plan with the warm openings may use: all but other sizes and gates."""
    allowed = np.ones(len(model.cost), dtype=bool)
    if warm.size is not None:
        allowed[model.columns["y"]] = warm.size
    if warm.gate is not None:
        own = model.gate_column >= 0
        allowed[model.gate_column[own]] = warm.gate[own]
    return allowed


def _or_usual(warm: Floats, usual: Floats) -> Floats:
    """Warm prices where they are known; the usual ones where they are not, or are for other items."""
    return np.where(np.isfinite(warm), warm, usual) if len(warm) == len(usual) else usual
