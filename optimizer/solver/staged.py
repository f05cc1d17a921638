"""The dual method on promising options first: few columns per step, all of them to prove the bound.

Prices found on a part of the options bound that part only; one pass over all options gives the bound that
counts and shows which options are missing.
"""

import numpy as np

from optimizer.problem.problem import Floats
from optimizer.solver.clock import Course
from optimizer.solver.columns import promising
from optimizer.solver.kernels import option_prices
from optimizer.solver.layout import Layout
from optimizer.solver.prices import PriceVector
from optimizer.solver.reduced import Restriction, restrict_options
from optimizer.solver.relaxation import Evaluation, Relaxation
from optimizer.solver.volume import DualRun, ascend, price_scales

__all__ = ["CORE_OPTIONS", "carry_links", "priced_by_position", "raise_in_stages"]

CORE_OPTIONS = 500_000
STAGE_ITERATIONS = 250
UNLIMITED_S = 60.0


def priced_by_position(layout: Layout, prices: PriceVector) -> Floats:
    """Cost of every position of the layout with the prices of what it uses and its links."""
    return option_prices(
        layout.cost, layout.use_start, layout.use_measure, layout.use_amount, layout.option_link_start,
        layout.option_link, prices.measure, prices.link,
    )  # fmt: skip


def carry_links(prices: PriceVector, source: Layout, target: Layout) -> PriceVector:
    """Prices for another layout of the same rows and gates; links that the source lacks get price zero."""
    gates = max(source.problem.n_gates, 1)
    old, new = source.link_row * gates + source.link_gate, target.link_row * gates + target.link_gate
    link = np.zeros(len(new))
    if len(old):
        where = np.minimum(np.searchsorted(old, new), len(old) - 1)
        same = old[where] == new
        link[same] = prices.link[where[same]]
    return PriceVector.of(prices.row, prices.measure, link, prices.rule)


def raise_in_stages(
    full: Relaxation, start: PriceVector, course: Course, share: float
) -> tuple[PriceVector, DualRun, Relaxation, Restriction]:
    """Best prices for all options, the last run on promising ones, and that smaller relaxation.

    `share` is the part of the time left that the stages may take.
    """
    problem, layout = full.problem, full.layout
    best, best_value = start, full.evaluate(start).value
    course.raise_floor(best_value, float(np.abs(start.row).sum()))
    keep = promising(layout, priced_by_position(layout, start), CORE_OPTIONS)
    prices = start
    deadline = course.seconds + (share * course.left if np.isfinite(course.left) else UNLIMITED_S)

    def on_step(_: DualRun, __: Evaluation) -> bool:
        return course.closed or course.over() or course.seconds > deadline

    while True:
        restriction = restrict_options(problem, keep)
        core = Relaxation(restriction.problem, covers=full.covers, threads=full.threads)
        inside = carry_links(prices, layout, core.layout)
        run = ascend(
            core, inside, price_scales(core, inside), lambda: course.objective, STAGE_ITERATIONS, on_step
        )
        prices = carry_links(run.prices, core.layout, layout)
        value = full.evaluate(prices).value
        if value > best_value:
            best, best_value = prices, value
            course.raise_floor(value, float(np.abs(prices.row).sum()))
        if course.closed or course.over() or course.seconds > deadline:
            return best, run, core, restriction
        keep |= promising(layout, priced_by_position(layout, prices), layout.n_cells)
