"""Prices over legs after an edit, where the gap is closed without them: a certificate from the earlier ones.

The prices of an earlier run, those of nodes and ties among them, need no steps over the whole before the
problem is split by size, and few after it.
"""

import numpy as np
import numpy.typing as npt

from optimizer.problem.tied import Tied
from optimizer.solver.clock import Course
from optimizer.solver.legs.dual import LegPrices, ascend_over_legs, ties_of
from optimizer.solver.relaxation import Relaxation
from optimizer.solver.sizes import split_sizes, split_warm
from optimizer.solver.solution import Prices
from optimizer.solver.tighten import tighten
from optimizer.solver.warm import Warm
from optimizer.solver.warm_prices import started_prices

__all__ = ["prices_again"]

ROUNDS = ((150, 3.0, 0.3), (150, 2.0, 0.1))
"""Iterations of each round, and how its steps on ties and on other measures compare with the usual ones."""

KNOWN = 0.9
"""Part of the prices that must be known."""


def prices_again(tied: Tied, course: Course, threads: int, warm: Warm | None) -> LegPrices | None:
    """Raise the bound from the prices of an earlier run; it is reported to the course.

    Parameters
    ----------
    tied
        The problem over legs.

    Returns
    -------
    LegPrices or None
        None where the gap is open, or too little is known, or no site is split by size.
    """
    known = None if warm is None or not course.closed else _over_legs(tied, warm)
    split = None if known is None else split_sizes(tied.problem)
    if split is None or split.resource is None:
        return None
    relaxation = Relaxation(tighten(split.problem), threads=threads)
    before = split_warm(split, Warm(known))
    prices = started_prices(relaxation.layout, relaxation.start(), before)
    run = ascend_over_legs(relaxation, ties_of(tied, split), course, prices, ROUNDS, course.over)
    return LegPrices(tied, split, relaxation, run)


def _over_legs(tied: Tied, warm: Warm) -> Prices | None:
    """Prices of an earlier run as those of the problem over legs; None where too little is known."""
    if warm.prices is None or warm.node is None:
        return None
    row = np.concatenate([warm.prices.row, warm.node[:, 0]])
    measure = np.concatenate([warm.prices.measure, warm.node[:, 1]])
    if (len(row), len(measure)) != (tied.problem.n_rows, tied.problem.n_measures):
        return None
    if np.isfinite(np.concatenate([row, measure])).mean() < KNOWN:
        return None
    none: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
    return Prices(row, measure, none, none, np.zeros(0), warm.prices.rule)
