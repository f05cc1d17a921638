"""The bound of stored prices, recomputed in exact rational arithmetic, without solver or compiled code."""

from fractions import Fraction

import numpy as np

from optimizer.errors import CheckError
from optimizer.problem.legs import Legs
from optimizer.problem.problem import Problem
from optimizer.problem.tied import tied_problem
from optimizer.solver.cover_proof import FREE, exact_cover_bound, exact_needs
from optimizer.solver.cut_prices import cut_form
from optimizer.solver.exact import Exact, best_sizes, check_shapes, exact_most_use, worth_of_sizes
from optimizer.solver.legs.lanes.exact import exact_lane_bound
from optimizer.solver.margins import with_margins
from optimizer.solver.sizes import split_sizes
from optimizer.solver.solution import Prices

__all__ = ["exact_bound", "priced_form"]


def exact_bound(problem: Problem, prices: Prices, legs: Legs | None = None) -> Fraction:
    """Value of the price relaxation as a fraction: no plan costs less.

    Prices of the problem over legs, or split by size, are valued there: it has the same plans. Prices outside
    their domain (negative ones on measures and links, rule prices on a side that has no limit) count as zero.

    Parameters
    ----------
    legs
        How the options fall apart into legs, for prices over legs.

    Raises
    ------
    CheckError
        The prices do not fit the problem.

    Examples
    --------
    >>> from optimizer.problem import ProblemBuilder
    >>> builder = ProblemBuilder()
    >>> options = builder.add_options(builder.add_rows([1.0]), [7.0])
    >>> none, no = np.zeros(0), np.zeros(0, dtype=np.int64)
    >>> exact_bound(builder.build().problem, Prices(np.array([6.5]), none, no, no, none, none))
    Fraction(13, 2)
    """
    if prices.lane_weight is not None:
        return exact_lane_bound(problem, prices, legs)
    problem, prices = cut_form(priced_form(problem, prices, legs), prices)
    prices = with_margins(problem, prices)
    check_shapes(problem, prices)
    price = Exact(problem, prices)
    gate_worth, free_gain = price.gains(problem)
    gain = [min(worth, Fraction(0)) for worth in gate_worth]
    use = exact_most_use(problem)
    value = price.constant(problem) + free_gain
    value += sum((gain[g] for g in np.flatnonzero(np.diff(problem.gate_size_start) == 0)), Fraction(0))
    return value + _openings(problem, price, gain, use) + price.supply(problem, use)


def priced_form(problem: Problem, prices: Prices, legs: Legs | None = None) -> Problem:
    """The problem, the problem over its legs, or either split by size, whichever the prices are for.

    Raises
    ------
    CheckError
        The prices are said to be for legs or for a split problem, but this one has none or cannot be split.
    """
    if prices.over_legs:
        if legs is None:
            raise CheckError(["the prices are for legs, but the options do not fall apart into any"])
        problem = tied_problem(problem, legs).problem
    if not prices.split:
        return problem
    split = split_sizes(problem)
    if split is None:
        raise CheckError(["the prices are for options split by size, but no option can be split"])
    return split.problem


def _openings(problem: Problem, price: Exact, gain: list[Fraction], use: list[Fraction]) -> Fraction:
    """Value of the sizes: one per site, and enough of them to cover aggregated needs."""
    worth = worth_of_sizes(problem, price, gain, use)
    value = best_sizes(problem, worth)
    if not np.all(np.diff(problem.site_start) == 1):
        return value
    free = np.full(problem.n_sizes, FREE)
    for capacity, need in exact_needs(problem, use):
        bound = exact_cover_bound(worth, capacity, need, free)
        value = value if bound is None else max(value, bound)
    return value
