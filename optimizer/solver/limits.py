"""What the caller asks of a solve: gap, limits, threads, seed, and how to be told of progress."""

from collections.abc import Callable
from dataclasses import dataclass

from optimizer.solver.solution import Progress

__all__ = ["SolveOptions"]


@dataclass(frozen=True)
class SolveOptions:
    """Common parameters of every strategy.

    Parameters
    ----------
    gap
        Relative gap at which to stop, ≥ 0.
    time_limit_s
        Wall-clock limit in seconds; None for no limit.
    work_limit
        Limit on deterministic work (nodes of the search tree); None for no limit.
    threads
        Threads to use, ≥ 1.
    seed
        Seed of every random choice.
    memory_mb
        Hard memory limit of a solver worker process in MB; None for no limit.
    on_progress
        Called now and then with the current incumbent and bound.
    should_stop
        Polled now and then; a true answer ends the solve as `INTERRUPTED`.
    """

    gap: float = 1e-3
    time_limit_s: float | None = None
    work_limit: int | None = None
    threads: int = 1
    seed: int = 0
    memory_mb: int | None = None
    on_progress: Callable[[Progress], None] | None = None
    should_stop: Callable[[], bool] | None = None
