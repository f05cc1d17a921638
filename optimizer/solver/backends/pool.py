"""Solver processes for programs that are solved one after the other and side by side."""

from types import TracebackType
from typing import Self

import numpy as np
import numpy.typing as npt

from optimizer.problem.matrix import LinearModel
from optimizer.solver.backends.follower import Answer
from optimizer.solver.backends.process import Backend, SolverProcess
from optimizer.solver.limits import SolveOptions

__all__ = ["SolverPool"]


class SolverPool:
    """As many processes of a solver as solve at the same time; the next program goes to an idle one.

    The start of a process takes as long as many a small program.
    """

    def __init__(self, backend: Backend) -> None:
        self._backend = backend
        self._idle: list[SolverProcess] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for process in self._idle:
            process.close()

    def solve(
        self, model: LinearModel, options: SolveOptions, start: npt.NDArray[np.float64] | None = None
    ) -> Answer:
        """Solve a program; several threads may ask at once.

        Raises
        ------
        SolverError
            The process crashed, ran out of memory or answered something that is not mapped.
        """
        process = self._idle.pop() if self._idle else SolverProcess(self._backend)
        try:
            return process.solve(model, options, start)
        finally:
            self._idle.append(process)
