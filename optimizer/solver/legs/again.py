"""Prices over legs after an edit: a certificate from the earlier ones, and the sizes worth a first look.

The prices of an earlier run, those of nodes and ties among them, need no steps over the whole before the
problem is split by size, and few after it.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from optimizer.problem.legs import Legs, node_demand
from optimizer.problem.problem import Problem
from optimizer.problem.tied import tied_problem
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


@contextmanager
def prices_again(
    problem: Problem, legs: Legs, course: Course, warm: Warm | None
) -> Iterator[Callable[[], LegPrices | None]]:
    """Raise the bound from the prices of an earlier run, in a second thread meanwhile if there is one.

    What comes of it depends on the plan that is known when this begins.

    Yields
    ------
    callable
        Gives the prices and reports their bound to the course; None where too little is known, or no site is
        split by size.
    """
    known = None if warm is None or course.plan is None else _over_legs(problem, legs, warm)
    if known is None:
        yield lambda: None
        return
    own = Course(replace(course.options, on_progress=None), course.started, course.plan)
    with ThreadPoolExecutor(1) as pool:
        beside = course.options.threads > 1 and not course.over()
        ahead = pool.submit(_raised_again, problem, legs, known, own) if beside else None

        def found() -> LegPrices | None:
            prices = _raised_again(problem, legs, known, own) if ahead is None else ahead.result()
            course.raise_floor(own.floor)
            return prices

        try:
            yield found
        finally:
            own.interrupted = True


def _raised_again(problem: Problem, legs: Legs, known: Prices, course: Course) -> LegPrices | None:
    """Raise the bound from known prices over legs; None where no site is split by size."""
    tied = tied_problem(problem, legs)
    split = split_sizes(tied.problem)
    if split is None or split.resource is None:
        return None
    relaxation = Relaxation(tighten(split.problem))
    prices = started_prices(relaxation.layout, relaxation.start(), split_warm(split, Warm(known)))
    run = ascend_over_legs(relaxation, ties_of(tied, split), course, prices, ROUNDS, course.over)
    return LegPrices(tied, split, relaxation, run)


def _over_legs(problem: Problem, legs: Legs, warm: Warm) -> Prices | None:
    """Prices of an earlier run as those of the problem over legs; None where too little is known."""
    if warm.prices is None or warm.node is None or len(warm.node) != len(node_demand(problem, legs)):
        return None
    row = np.concatenate([warm.prices.row, warm.node[:, 0]])
    measure = np.concatenate([warm.prices.measure, warm.node[:, 1]])
    if np.isfinite(np.concatenate([row, measure])).mean() < KNOWN:
        return None
    none: npt.NDArray[np.int64] = np.zeros(0, dtype=np.int64)
    return Prices(row, measure, none, none, np.zeros(0), warm.prices.rule)
