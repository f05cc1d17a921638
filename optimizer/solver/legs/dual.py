"""Prices over legs: the price relaxation of the tied problem, then of the same split by size.

A pass over the legs prices what a pass over all their pairs would, for a tenth of the work where the pairs
are millions. A measure's price moves the less the more options use it.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.problem.problem import Problem
from optimizer.problem.ragged import sum_by
from optimizer.problem.tied import Tied
from optimizer.solver.clock import Course
from optimizer.solver.kernels import option_prices
from optimizer.solver.prices import PriceVector, as_prices
from optimizer.solver.reduced import Restriction
from optimizer.solver.relaxation import Relaxation
from optimizer.solver.sizes import split_sizes, split_warm
from optimizer.solver.solution import Prices
from optimizer.solver.tighten import tighten
from optimizer.solver.volume import DualRun, ascend_in_rounds, price_scales
from optimizer.solver.warm import Warm
from optimizer.solver.warm_prices import started_prices

__all__ = ["LegPrices", "ascend_over_legs", "first_prices", "raised_further", "ties_of"]

Floats = npt.NDArray[np.float64]

WHOLE, SPLIT = ((300, 10.0, 1.0),), ((200, 10.0, 1.0), (200, 3.0, 1.0), (200, 3.0, 1.0))
BRIEF_WHOLE, BRIEF_SPLIT = ((300, 1.0, 3.0),), ((100, 1.0, 3.0),)
FURTHER = ((200, 3.0, 0.1),)
"""Iterations of each round, and how its steps on ties and on other measures compare with the usual ones.

Brief rounds make a start for whole lanes, whose prices of measures count more there than the bound over legs.
"""


@dataclass(frozen=True, eq=False)
class LegPrices:
    """Prices of the tied problem, or of the same split by size, and what they were found with."""

    tied: Tied
    split: Restriction | None
    relaxation: Relaxation
    run: DualRun

    def stored(self) -> Prices:
        """The prices as they are stored."""
        split = self.split is not None
        return as_prices(self.relaxation.layout, self.run.prices, split, over_legs=True)


def first_prices(
    tied: Tied, course: Course, threads: int = 1, warm: Warm | None = None, *, brief: bool = False
) -> LegPrices:
    """Raise the bound from nothing, or from earlier prices; it is reported to the course.

    Where the gap is closed before the first step, all steps are taken: prices are also a certificate.

    Parameters
    ----------
    tied
        The problem over legs.
    warm
        Prices of the rows and measures of the problem itself to start from.
    brief
        Whether brief rounds have to do, because whole lanes go on from there.
    """
    ended = course.over if course.closed else lambda: _settled(course)
    relaxation = Relaxation(tighten(tied.problem), threads=threads)
    start = _start(tied, relaxation, warm)
    on_whole, on_split = (BRIEF_WHOLE, BRIEF_SPLIT) if brief else (WHOLE, SPLIT)
    run = ascend_over_legs(relaxation, ties_of(tied, None), course, start, on_whole, ended)
    split = split_sizes(tied.problem)
    whole = LegPrices(tied, None, relaxation, run)
    if split is None or course.over():
        return whole
    before = split_warm(split, Warm(as_prices(relaxation.layout, run.prices)))
    relaxation = Relaxation(tighten(split.problem), threads=threads)
    prices = started_prices(relaxation.layout, relaxation.start(), before)
    run = ascend_over_legs(relaxation, ties_of(tied, split), course, prices, on_split, ended)
    return LegPrices(tied, split, relaxation, run)


def raised_further(prices: LegPrices, course: Course) -> LegPrices:
    """Go on from prices with shorter steps."""
    ties = ties_of(prices.tied, prices.split)
    run = ascend_over_legs(
        prices.relaxation, ties, course, prices.run.prices, FURTHER, lambda: _settled(course)
    )
    return LegPrices(prices.tied, prices.split, prices.relaxation, run)


def _settled(course: Course) -> bool:
    """Tell whether the gap is closed or the time is up."""
    return course.closed or course.over()


def ties_of(tied: Tied, split: Restriction | None) -> npt.NDArray[np.bool_]:
    """Resources that are ties of nodes."""
    resource = np.arange(tied.problem.n_resources)
    if split is not None and split.resource is not None:
        resource = split.resource
    ties: npt.NDArray[np.bool_] = resource >= tied.resources
    return ties


def _start(tied: Tied, relaxation: Relaxation, warm: Warm | None) -> PriceVector:
    """Measures as usual or as known, each tie at its node's cheapest tail, rows at their cheapest option."""
    usual = relaxation.start()
    known = None if warm is None else warm.prices
    measure = usual.measure.copy()
    if known is not None and len(known.measure) == tied.measures:
        earlier = known.measure
        measure[: tied.measures] = np.where(np.isfinite(earlier), earlier, measure[: tied.measures])
    measure[tied.measures :] = np.inf
    tails = _cheapest(relaxation, measure, usual.link)[tied.rows :]
    measure[tied.measures :] = np.where(np.isfinite(tails), np.maximum(tails, 0.0), 0.0)
    row = _cheapest(relaxation, measure, usual.link)
    if known is not None and len(known.row) == tied.rows:
        row[: tied.rows] = np.where(np.isfinite(known.row), known.row, row[: tied.rows])
    return PriceVector.of(row, measure, usual.link, usual.rule)


def _cheapest(relaxation: Relaxation, measure: Floats, link: Floats) -> Floats:
    """Priced cost of the cheapest option of every row."""
    layout = relaxation.layout
    priced = option_prices(
        layout.cost, layout.use_start, layout.use_measure, layout.use_amount, layout.option_link_start,
        layout.option_link, measure, link,
    )  # fmt: skip
    least: Floats = np.minimum.reduceat(priced, relaxation.problem.row_start[:-1])
    return least


def ascend_over_legs(
    relaxation: Relaxation,
    ties: npt.NDArray[np.bool_],
    course: Course,
    prices: PriceVector,
    rounds: tuple[tuple[int, float, float], ...],
    ended: Callable[[], bool],
) -> DualRun:
    """Raise the bound round by round until it is time to end."""
    usual, tie = price_scales(relaxation, prices), ties[relaxation.resource]
    each = usual.measure / np.sqrt(_users(relaxation.problem))
    scaled = (
        (iterations, usual.with_measures(each * np.where(tie, on_tie, on_measure)))
        for iterations, on_tie, on_measure in rounds
    )
    return ascend_in_rounds(relaxation, prices, scaled, course, ended)


def _users(problem: Problem) -> Floats:
    """How many options use each measure, `(Σ u)² / Σ u²`: its slope is about so many times that of a row."""
    at, amount = problem.option_use_measure, problem.option_use_amount
    total, squared = (sum_by(at, part, problem.n_measures) for part in (amount, amount**2))
    return np.maximum(np.divide(total**2, squared, out=np.ones_like(total), where=squared > 0.0), 1.0)
