"""What is known of a running solve in a process of its own: its progress, its limits, its answer."""

import time
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.errors import SolverError
from optimizer.solver.backends.worker import Message
from optimizer.solver.limits import SolveOptions
from optimizer.solver.solution import Progress, Termination

__all__ = ["Answer", "Follower"]

GRACE_S = 2.0
"""Seconds after its limit, or after it was asked to stop, before a process is ended."""


@dataclass(frozen=True, eq=False)
class Answer:
    """What came of a solve: why it stopped, the proved bound, the values of the columns if any.

    `setup_s` is the part of the time in which the process started and the solver was given its model; NaN
    where the process had to be ended. `duals` are those of the rows, where the program was linear and the
    solver gives them.
    """

    termination: Termination
    bound: float
    values: npt.NDArray[np.float64] | None
    solver: str
    trace: tuple[Progress, ...]
    peak_mb: float
    setup_s: float = float("nan")
    duals: npt.NDArray[np.float64] | None = None


_TERMINATIONS = {
    "optimal": Termination.OPTIMAL,
    "time_limit": Termination.TIME_LIMIT,
    "work_limit": Termination.WORK_LIMIT,
    "interrupted": Termination.INTERRUPTED,
    "infeasible": Termination.INFEASIBLE,
    "infeasible_or_unbounded": Termination.INFEASIBLE,  # costs and bounds leave no room for unbounded
}


class Follower:
    """What is known of a running solve."""

    def __init__(self, options: SolveOptions) -> None:
        self.options = options
        self.started = time.monotonic()
        self.stop_sent = 0.0
        self.interrupted = False
        self.trace: list[Progress] = []
        self.bound = -np.inf
        self.objective = np.inf
        self.values: npt.NDArray[np.float64] | None = None

    def hear(self, message: Message) -> None:
        """Take in an incumbent or a bound, and pass it on."""
        bound, objective = float(message["bound"]), float(message["objective"])
        if -1e30 < bound < 1e30:
            self.bound = max(self.bound, bound)
        if message.get("values") is not None and objective <= self.objective:
            self.values = message["values"]
        if objective < 1e30:
            self.objective = min(self.objective, objective)
        point = Progress(time.monotonic() - self.started, self.objective, min(self.bound, self.objective))
        known = self.trace[-1] if self.trace else None
        if known is None or (known.objective, known.bound) != (point.objective, point.bound):
            self.trace.append(point)
        if self.options.on_progress is not None:
            self.options.on_progress(point)

    def wants_stop(self) -> bool:
        """Tell whether the user, or the limit plus a grace, asks the solver to stop."""
        asked = self.options.should_stop is not None and self.options.should_stop()
        self.interrupted = self.interrupted or asked
        limit = self.options.time_limit_s
        late = limit is not None and time.monotonic() - self.started > limit + GRACE_S / 2
        return self.interrupted or late

    def overdue(self) -> Termination | None:
        """Tell why the process must be ended now, if it must."""
        if not self.stop_sent or time.monotonic() - self.stop_sent < GRACE_S:
            return None
        return Termination.INTERRUPTED if self.interrupted else Termination.TIME_LIMIT

    def answer(self, message: Message, name: str) -> Answer:
        """Turn the solver's last word into an answer."""
        termination = _TERMINATIONS.get(message["status"])
        if termination is None:
            raise SolverError(f"{name} stopped for a reason that is not known: {message['status']}")
        if termination is Termination.INTERRUPTED and not self.interrupted:
            termination = Termination.TIME_LIMIT
        stated = float(message["bound"])
        bound = max(self.bound, stated) if -1e30 < stated < 1e30 else self.bound
        values = message["values"] if message["values"] is not None else self.values
        return Answer(
            termination,
            bound,
            values,
            message["solver"],
            tuple(self.trace),
            float(message["peak_mb"]),
            max(0.0, float(message.get("began", self.started)) - self.started),
            message.get("duals"),
        )

    def without_answer(self, termination: Termination, name: str) -> Answer:
        """Return the best that was heard from a process that had to be ended."""
        return Answer(termination, self.bound, self.values, name, tuple(self.trace), float("nan"))
