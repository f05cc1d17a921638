"""The dual method in rounds of growing caution, with a restricted program in between for plans and cuts.

Which steps suit the prices of capacities changes on the way: long ones find their level, short ones let the
rows settle around them. A round starts from the best prices of the one before with a fresh mean slope.
"""

from dataclasses import replace

import numpy as np

from optimizer.problem.problem import Problem
from optimizer.solver.clock import Course
from optimizer.solver.planner import Planner
from optimizer.solver.prices import PriceVector, as_prices
from optimizer.solver.relaxation import Relaxation
from optimizer.solver.restricted import Cutting, restricted_plan
from optimizer.solver.rounding import beside_cuts, with_roundings
from optimizer.solver.solution import Prices
from optimizer.solver.tighten import tighten
from optimizer.solver.volume import DualRun, ascend, price_scales, reporting_to
from optimizer.solver.warm import Warm
from optimizer.solver.warm_prices import started_prices

__all__ = ["raise_in_rounds", "raise_whole"]

WHOLE = ((200, 1.0),)
FIRST = ((200, 0.3), (100, 0.1))
THEN = ((150, 0.1), (150, 0.03))
CUT = ((150, 0.3), (150, 0.1), (150, 0.1), (150, 0.03), (300, 0.03))
"""Iterations of each round, and how its steps on measure prices compare with the usual ones."""

PLAN_SHARE = 0.5
"""Part of the time left that one restricted program may take."""


def raise_whole(problem: Problem, course: Course, warm: Warm | None, threads: int) -> Warm:
    """Start for a split problem from the prices of the problem as it is: a third of the work per step."""
    relaxation = Relaxation(tighten(problem), threads=threads)
    start = started_prices(relaxation.layout, relaxation.start(), warm)
    run = _rounds(relaxation, course, start, price_scales(relaxation, start), WHOLE)
    prices = as_prices(relaxation.layout, run.prices, False)
    return Warm(prices) if warm is None else replace(warm, prices=prices)


def raise_in_rounds(
    relaxation: Relaxation, planner: Planner, course: Course, start: PriceVector, scales: PriceVector
) -> tuple[DualRun, Prices]:
    """Raise the bound round by round; plans are offered to the course on the way.

    Returns
    -------
    run
        The last run on the problem itself.
    prices
        The best prices, with cuts where those helped.
    """
    split = planner.restriction is not None
    run = _rounds(relaxation, course, start, scales, FIRST)
    if course.closed or course.over():
        return run, as_prices(relaxation.layout, run.prices, split)
    seconds = PLAN_SHARE * course.left
    found = restricted_plan(relaxation, run.prices, run.size_share, planner, course, seconds)
    if not (course.closed or course.over()):
        run = _rounds(relaxation, course, run.prices, scales, THEN)
    prices = as_prices(relaxation.layout, run.prices, split)
    if course.closed or course.over() or not len(found.cuts):
        return run, prices
    return run, _with_cuts(relaxation, course, run, found, prices)


def _with_cuts(
    relaxation: Relaxation, course: Course, run: DualRun, found: Cutting, prices: Prices
) -> Prices:
    """Go on with the cuts as further measures; the better of the new and the old prices."""
    wider, source = with_roundings(relaxation.problem, found.cuts)
    cut = Relaxation(tighten(wider), None, relaxation.covers, relaxation.threads)
    measure = beside_cuts(source, found.measure, found.price)
    start = PriceVector.of(run.prices.row, measure, run.prices.link, run.prices.rule)
    last = _rounds(cut, course, start, price_scales(cut, start), CUT)
    if last.best.value <= run.best.value:
        return prices
    price = last.prices.measure
    own, added = np.flatnonzero(source >= 0), np.flatnonzero(source < 0)
    better = as_prices(cut.layout, last.prices, prices.split)
    cut_price = np.zeros(len(found.cuts))
    cut_price[-1 - source[added]] = price[added]
    return replace(better, measure=price[own], cuts=found.cuts, cut_price=cut_price)


def _rounds(
    relaxation: Relaxation,
    course: Course,
    prices: PriceVector,
    scales: PriceVector,
    rounds: tuple[tuple[int, float], ...],
) -> DualRun:
    """Some rounds, until the gap is closed or the time is up."""
    for iterations, caution in rounds:
        cautious = PriceVector.of(scales.row, caution * scales.measure, scales.link, scales.rule)
        run = ascend(relaxation, prices, cautious, lambda: course.objective, iterations, reporting_to(course))
        prices = run.prices
        if course.closed or course.over():
            break
    return run
