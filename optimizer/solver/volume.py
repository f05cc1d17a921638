"""The dual method: deflected subgradients around the best prices (the volume algorithm), scaled.

F. Barahona and R. Anbil, "The volume algorithm: producing primal solutions with a subgradient method",
Mathematical Programming 87 (2000), 385–399.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from optimizer.problem.problem import Floats
from optimizer.problem.ragged import sum_by
from optimizer.solver.clock import Course
from optimizer.solver.greedy import elastic_supply
from optimizer.solver.prices import PriceVector, blend, metric_products, step_along
from optimizer.solver.relaxation import Evaluation, Relaxation

__all__ = [
    "ELASTIC_CAUTION",
    "HARD_CAUTION",
    "DualRun",
    "Pace",
    "ascend",
    "ascend_in_rounds",
    "price_scales",
    "reporting_to",
]

ELASTIC_CAUTION, HARD_CAUTION = 0.1, 0.3
"""Measures move many rows at once; smaller steps on them raised the bound of alliances far faster."""


VANISHED = 1e-24
"""Part of the first squared slope below which the averaged slope counts as zero: the prices are optimal."""


class Pace(NamedTuple):
    """How the length of steps changes.

    Attributes
    ----------
    patience
        Evaluations without a better value after which steps get shorter.
    shrink
        What is left of them then.
    longest
        Longest step, as a part of the one that would reach the value aimed at if that were known; more than 2
        pays where the value aimed at is far above what can be reached.
    first
        Step to begin with.
    """

    patience: int = 20
    shrink: float = 0.66
    longest: float = 2.0
    first: float = 0.1


USUAL = Pace()
"""Steps as the volume algorithm is usually run."""


@dataclass(eq=False)
class DualRun:
    """Best prices so far, the averaged openings that go with them, and the number of evaluations.

    `mixing` is the weight of the last evaluation in the mean, `average` the averaged slope, `step` the length
    of steps at the end.
    """

    prices: PriceVector
    best: Evaluation
    size_share: Floats
    gate_share: Floats
    module_share: Floats
    iterations: int
    average: Floats
    step: float
    mixing: float = 1.0

    def again(self, prices: PriceVector, best: Evaluation) -> "DualRun":
        """A run that goes on from prices with the averages of this one."""
        means = self.size_share.copy(), self.gate_share.copy(), self.module_share.copy()
        return DualRun(prices, best, *means, self.iterations + 1, self.average.copy(), self.step)


def price_scales(relaxation: Relaxation, prices: PriceVector) -> PriceVector:
    """How far each price typically moves, from the spread of the options' costs in each row.

    Steps are taken in the metric of these scales: their squares multiply the slopes.
    """
    problem, layout = relaxation.problem, relaxation.layout
    value = relaxation.evaluate(prices).cell_value
    start = layout.row_cell_start
    least = np.minimum.reduceat(value, start[:-1])
    mean = np.add.reduceat(value, start[:-1]) / np.maximum(np.diff(start), 1)
    spread = np.maximum(mean - least, 0.0)
    typical = float(np.mean(np.abs(least))) + 1e-12
    row = np.maximum(spread, 1e-3 * np.maximum(np.abs(least), 1e-3 * typical))
    row_of = np.repeat(np.arange(problem.n_rows), np.diff(problem.row_start))
    owner = np.repeat(np.arange(problem.n_options), np.diff(problem.option_use_start))
    weight = sum_by(problem.option_use_measure, row[row_of[owner]], problem.n_measures)
    amount = sum_by(problem.option_use_measure, problem.option_use_amount, problem.n_measures)
    caution = np.where(elastic_supply(problem) > 0.0, ELASTIC_CAUTION, HARD_CAUTION)
    measure = caution * np.divide(weight, amount, out=np.zeros_like(weight), where=amount > 0.0)
    link = row[layout.link_row]
    squared = np.zeros(problem.n_rules)
    owner_rule = np.repeat(np.arange(problem.n_rules), np.diff(problem.rule_start))
    np.add.at(squared, owner_rule, problem.rule_coefficient**2)
    fixed = np.r_[problem.size_cost, problem.gate_fee, problem.module_cost]
    rule = float(fixed.mean() if len(fixed) else 0.0) / np.sqrt(np.maximum(squared, 1e-300))
    return PriceVector.of(row, measure, link, rule)


def ascend(
    relaxation: Relaxation,
    prices: PriceVector,
    scales: PriceVector,
    target: Callable[[], float],
    iterations: int,
    on_step: Callable[[DualRun, Evaluation], bool] | None = None,
    pace: Pace = USUAL,
    earlier: DualRun | None = None,
) -> DualRun:
    """Raise the bound from the given prices.

    Parameters
    ----------
    target
        Gives the objective of the best plan known (`inf` if none): steps aim at it, within 5 % of the bound.
    iterations
        Most evaluations.
    on_step
        Called after each evaluation; a true answer ends the run.
    pace
        How the length of steps changes.
    earlier
        A run to go on with: its averages and the length of its steps.
    """
    prices = relaxation.project(prices)
    best = relaxation.evaluate(prices)
    run = _begun(prices, best, pace) if earlier is None else earlier.again(prices, best)
    average, step, red = run.average, run.step, 0
    square = scales.flat**2
    norm = metric_products(square, average, average)[0]
    vanished = VANISHED * norm
    for _ in range(iterations - 1):
        if norm <= vanished:
            break
        length = step * (_aim(run.best.value, target()) - run.best.value) / norm
        moved = step_along(run.prices.flat, length, square, average, prices.ends[0], prices.ends[2])
        trial = PriceVector(moved, prices.ends)
        if len(trial.rule):
            trial = relaxation.project(trial)
        relaxation.confine(trial)
        now = relaxation.evaluate(trial)
        run.iterations += 1
        nn, forward, aa = metric_products(square, now.slope.flat, average)
        share = run.mixing = _mixing(nn, forward, aa)
        blend(share, now.slope.flat, average)
        norm = share**2 * nn + 2.0 * share * (1.0 - share) * forward + (1.0 - share) ** 2 * aa
        run.size_share += share * (now.size_open - run.size_share)
        run.gate_share += share * (now.gate_open - run.gate_share)
        run.module_share += share * (now.module_count - run.module_share)
        if now.value > run.best.value:
            run.prices, run.best = trial, now
            red = 0
            if forward > 0.0:
                step = min(step * 1.1, pace.longest)
        else:
            red += 1
            if red >= pace.patience:
                step, red = max(step * pace.shrink, 1e-4), 0
        if on_step is not None and on_step(run, now):
            break
    run.step = step
    return run


def _begun(prices: PriceVector, best: Evaluation, pace: Pace) -> DualRun:
    """A run of one evaluation."""
    opened = best.size_open.astype(float), best.gate_open.astype(float), best.module_count.copy()
    return DualRun(prices, best, *opened, 1, best.slope.flat.copy(), pace.first)


def ascend_in_rounds(
    relaxation: Relaxation,
    prices: PriceVector,
    rounds: Iterable[tuple[int, PriceVector]],
    course: Course,
    ended: Callable[[], bool],
) -> DualRun:
    """Raise the bound round by round, each from the best prices of the one before; the course is told.

    Parameters
    ----------
    rounds
        Iterations and scales of each, one at least.
    ended
        Asked after every evaluation; a true answer ends the run and those to come.
    """
    report = reporting_to(course)

    def on_step(run: DualRun, now: Evaluation) -> bool:
        report(run, now)
        return ended()

    for iterations, scales in rounds:
        run = ascend(relaxation, prices, scales, lambda: course.objective, iterations, on_step)
        prices = run.prices
        if ended():
            break
    return run


def reporting_to(course: Course) -> Callable[[DualRun, Evaluation], bool]:
    """A step of `ascend` that raises the course's floor, and ends the run where that closes or time is up."""

    def on_step(run: DualRun, _: Evaluation) -> bool:
        course.raise_floor(run.best.value, float(np.abs(run.prices.row).sum()))
        return course.closed or course.over()

    return on_step


def _aim(value: float, target: float) -> float:
    """Value to aim at: the target, or a little above the bound where that is far or unknown."""
    return max(min(target, value + 0.05 * abs(value)), value + 1e-9 * abs(value))


def _mixing(nn: float, na: float, aa: float) -> float:
    """Weight of the new slope that makes the mixed slope shortest, kept within [0.01, 0.1]."""
    bottom = nn - 2.0 * na + aa
    share = (aa - na) / bottom if bottom > 0.0 else 1.0
    return float(min(max(share, 0.01), 0.1))
