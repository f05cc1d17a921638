"""The dual method in rounds of different caution, with plans from restricted programs in between.

Which steps suit the prices of capacities changes on the way: long ones find their level, short ones let the
rows settle around them. A round starts from the best prices of the one before with a fresh mean slope.
"""

from collections.abc import Callable

import numpy as np

from optimizer.solver.clock import Course
from optimizer.solver.planner import Planner
from optimizer.solver.prices import PriceVector
from optimizer.solver.relaxation import Evaluation, Relaxation
from optimizer.solver.restricted import restricted_plan
from optimizer.solver.volume import DualRun, ascend

__all__ = ["raise_in_rounds"]

ROUNDS = ((300, 1.0), (150, 0.3), (150, 0.1), (150, 0.03))
"""Iterations of each round, and how its steps on measure prices compare with the usual ones."""

PLAN_AFTER = (1, 3)
"""Rounds after which a restricted program is asked for a plan."""

PLAN_SHARE = 0.3
"""Part of the time left that one restricted program may take."""


def raise_in_rounds(
    relaxation: Relaxation, planner: Planner, course: Course, start: PriceVector, scales: PriceVector
) -> DualRun:
    """Raise the bound round by round; plans are offered to the course on the way."""
    prices = start
    for number, (iterations, caution) in enumerate(ROUNDS):
        cautious = PriceVector.of(scales.row, caution * scales.measure, scales.link, scales.rule)
        run = ascend(relaxation, prices, cautious, lambda: course.objective, iterations, _watch(course))
        prices = run.prices
        if course.closed or course.over():
            break
        if number in PLAN_AFTER:
            restricted_plan(relaxation, prices, run.size_share, planner, course, PLAN_SHARE * course.left)
            if course.closed or course.over():
                break
    return run


def _watch(course: Course) -> Callable[[DualRun, Evaluation], bool]:
    def on_step(run: DualRun, _: Evaluation) -> bool:
        course.raise_floor(run.best.value, float(np.abs(run.prices.row).sum()))
        return course.closed or course.over()

    return on_step
