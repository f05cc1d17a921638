"""The dual method: deflected subgradients around the best prices (the volume algorithm), in scaled coordinates.

F. Barahona and R. Anbil, "The volume algorithm: producing primal solutions with a subgradient method",
Mathematical Programming 87 (2000), 385–399.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from optimizer.problem.problem import Floats
from optimizer.solver.relaxation import Evaluation, PriceVector, Relaxation

__all__ = ["DualRun", "Scales", "ascend", "price_scales"]


@dataclass(frozen=True, eq=False)
class Scales:
    """How far each price typically moves: the metric in which steps are taken."""

    row: Floats
    measure: Floats
    link: Floats
    rule: Floats

    def weigh(self, slope: PriceVector) -> PriceVector:
        """Slope times squared scales: the steepest direction in the metric."""
        return PriceVector(
            slope.row * self.row**2,
            slope.measure * self.measure**2,
            slope.link * self.link**2,
            slope.rule * self.rule**2,
        )

    def dot(self, a: PriceVector, b: PriceVector) -> float:
        """Inner product of two slopes in the metric."""
        return float(
            (a.row * self.row**2) @ b.row
            + (a.measure * self.measure**2) @ b.measure
            + (a.link * self.link**2) @ b.link
            + (a.rule * self.rule**2) @ b.rule
        )


@dataclass(eq=False)
class DualRun:
    """Best prices so far, the averaged openings that go with them, and the state of the method."""

    prices: PriceVector
    best: Evaluation
    size_share: Floats
    gate_share: Floats
    module_share: Floats
    iterations: int


def price_scales(relaxation: Relaxation, prices: PriceVector) -> Scales:
    """Scales from the spread of the options' costs in each row and the rates of supply."""
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
    squared = np.bincount(
        problem.option_use_measure, weights=row[row_of[owner]], minlength=problem.n_measures
    )
    amount = np.bincount(
        problem.option_use_measure, weights=problem.option_use_amount, minlength=problem.n_measures
    )
    measure = np.divide(squared, amount, out=np.zeros_like(squared), where=amount > 0.0)
    link = row[layout.link_row]
    weight = np.zeros(problem.n_rules)
    if problem.n_rules:
        owner_rule = np.repeat(np.arange(problem.n_rules), np.diff(problem.rule_start))
        np.add.at(weight, owner_rule, problem.rule_coefficient**2)
    fixed = np.r_[problem.size_cost, problem.gate_fee, problem.module_cost]
    rule = float(fixed.mean() if len(fixed) else 0.0) / np.sqrt(np.maximum(weight, 1e-300))
    return Scales(row, measure, link, rule)


def ascend(
    relaxation: Relaxation,
    prices: PriceVector,
    scales: Scales,
    target: Callable[[], float],
    iterations: int,
    on_step: Callable[[DualRun, Evaluation], bool] | None = None,
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
    """
    prices = relaxation.project(prices)
    best = relaxation.evaluate(prices)
    run = DualRun(prices, best, best.size_open.astype(float), best.gate_open.astype(float), best.module_count.copy(), 1)
    average = best.slope
    step, red = 0.1, 0
    aim = _aim(best.value, target())
    for _ in range(iterations - 1):
        aim = _aim(run.best.value, target())
        norm = scales.dot(average, average)
        if norm <= 0.0:
            break
        length = step * (aim - run.best.value) / norm
        trial = relaxation.project(run.prices.moved(length, scales.weigh(average)))
        now = relaxation.evaluate(trial)
        run.iterations += 1
        share = _mixing(scales, now.slope, average, step)
        forward = scales.dot(now.slope, average)
        average = _mix(share, now.slope, average)
        run.size_share += share * (now.size_open - run.size_share)
        run.gate_share += share * (now.gate_open - run.gate_share)
        run.module_share += share * (now.module_count - run.module_share)
        if now.value > run.best.value:
            run.prices, run.best = trial, now
            red = 0
            if forward > 0.0:
                step = min(step * 1.1, 2.0)
        else:
            red += 1
            if red >= 20:
                step, red = max(step * 0.66, 1e-4), 0
        if on_step is not None and on_step(run, now):
            break
    return run


def _aim(value: float, target: float) -> float:
    return max(min(target, value + 0.05 * abs(value)), value + 1e-9 * abs(value))


def _mixing(scales: Scales, new: PriceVector, average: PriceVector, step: float) -> float:
    """Weight of the new slope that makes the mixed slope shortest, kept within [0.01, 0.1]."""
    nn, na, aa = scales.dot(new, new), scales.dot(new, average), scales.dot(average, average)
    bottom = nn - 2.0 * na + aa
    share = (aa - na) / bottom if bottom > 0.0 else 1.0
    return float(min(max(share, 0.01), 0.1))


def _mix(share: float, new: PriceVector, old: PriceVector) -> PriceVector:
    return PriceVector(
        share * new.row + (1.0 - share) * old.row,
        share * new.measure + (1.0 - share) * old.measure,
        share * new.link + (1.0 - share) * old.link,
        share * new.rule + (1.0 - share) * old.rule,
    )
