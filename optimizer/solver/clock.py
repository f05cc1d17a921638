"""One place that knows the limits: time left, the user's stop, the best plan and bound so far, the trace."""

import time
from dataclasses import dataclass, field

import numpy as np

from optimizer.solver.limits import SolveOptions
from optimizer.solver.plans import CheckedPlan
from optimizer.solver.solution import Progress, Termination, relative_gap

__all__ = ["Course"]

ROUNDING = 1e-12


@dataclass(eq=False)
class Course:
    """The state of a solve that every step reports to.

    `floor` is the proved lower bound, `plan` the incumbent. `magnitude` is the size of the terms a bound is
    summed from: bounds are lowered by its rounding error.
    """

    options: SolveOptions
    started: float = field(default_factory=time.monotonic)
    plan: CheckedPlan | None = None
    floor: float = -np.inf
    trace: list[Progress] = field(default_factory=list)
    interrupted: bool = False

    @property
    def objective(self) -> float:
        """Objective of the incumbent, `inf` without one."""
        return np.inf if self.plan is None else self.plan.objective

    @property
    def seconds(self) -> float:
        """Seconds since the start."""
        return time.monotonic() - self.started

    @property
    def left(self) -> float:
        """Seconds left, `inf` without a limit."""
        limit = self.options.time_limit_s
        return np.inf if limit is None else limit - self.seconds

    @property
    def closed(self) -> bool:
        """True when the gap asked for is proved."""
        return self.plan is not None and relative_gap(self.objective, self.floor) <= self.options.gap

    def within(self, gaps: float) -> bool:
        """True when plan and bound are within so many times the gap asked for."""
        return relative_gap(self.objective, self.floor) <= gaps * self.options.gap

    @property
    def cutoff(self) -> float:
        """Bound at which a part of the search can be dropped: within the gap of the incumbent."""
        return self.objective - 0.999 * self.options.gap * abs(self.objective) if self.plan else np.inf

    def over(self) -> bool:
        """Tell whether the time is up or the user asked to stop."""
        stop = self.options.should_stop
        if stop is not None and stop():
            self.interrupted = True
        return self.interrupted or self.left <= 0.0

    def ended_by(self) -> Termination:
        """Why a run that is not closed stopped."""
        if self.closed:
            return Termination.OPTIMAL
        if self.interrupted:
            return Termination.INTERRUPTED
        return Termination.TIME_LIMIT if self.left <= 0.0 else Termination.WORK_LIMIT

    def offer(self, plan: CheckedPlan | None) -> bool:
        """Take a plan if it beats the incumbent."""
        if plan is None or plan.objective >= self.objective:
            return False
        self.plan = plan
        self._tell()
        return True

    def raise_floor(self, bound: float, magnitude: float = 0.0) -> None:
        """Take a proved bound, lowered by the rounding error of its summation."""
        bound -= ROUNDING * magnitude
        if bound > self.floor:
            self.floor = bound
            if self.plan is None or not self.trace or self._worth_telling():
                self._tell()

    def _worth_telling(self) -> bool:
        last = self.trace[-1].bound
        return self.floor - last > 1e-4 * abs(self.floor) or not np.isfinite(last)

    def _tell(self) -> None:
        point = Progress(self.seconds, self.objective, min(self.floor, self.objective))
        self.trace.append(point)
        if self.options.on_progress is not None:
            self.options.on_progress(point)
