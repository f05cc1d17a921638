"""Prices with cuts, as prices of the problem in which every cut is a measure."""

from dataclasses import replace

import numpy as np

from optimizer.errors import CheckError
from optimizer.problem.problem import Problem
from optimizer.solver.rounding import beside_cuts, with_roundings
from optimizer.solver.solution import Prices

__all__ = ["cut_form"]


def cut_form(problem: Problem, prices: Prices) -> tuple[Problem, Prices]:
    """Add the cuts that the prices name to the problem, and their prices to those of the measures.

    The problem with cuts has the same plans at the same cost: `optimizer.solver.rounding` derives every cut
    from the problem, its rows and its divisor alone.

    Raises
    ------
    CheckError
        The cuts or their prices do not fit the problem.
    """
    cuts, price = prices.cuts, prices.cut_price
    if cuts is None or price is None or not len(cuts):
        return problem, prices
    fits = len(price) == len(cuts) == len(cuts.divisor) == len(cuts.row_start) - 1
    fits = fits and len(prices.measure) == problem.n_measures and cuts.row_start[-1] == len(cuts.row)
    fits = fits and bool(np.all((cuts.measure >= 0) & (cuts.measure < problem.n_measures)))
    fits = fits and bool(np.all((cuts.row >= 0) & (cuts.row < problem.n_rows)))
    if not fits or not np.all(np.isfinite(cuts.divisor) & (cuts.divisor > 0.0)):
        raise CheckError(["the cuts beside the prices do not fit the problem"])
    wider, source = with_roundings(problem, cuts)
    measure = beside_cuts(source, prices.measure, price)
    return wider, replace(prices, measure=measure, cuts=None, cut_price=None)
