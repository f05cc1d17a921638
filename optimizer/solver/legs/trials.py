"""Relaxations of sets of sizes at rates of supply: sets that open the same sites share one program.

From one set to the next the sizes that may open change their bounds, and the dual simplex method goes on from
its last basis. Its objective only rises, so a set that is no better than the best ends early.
"""

import numpy as np

from optimizer.problem.entries import owner
from optimizer.problem.legs import Legs
from optimizer.problem.problem import Bools, Problem
from optimizer.solver.backends.linear import MOST_STEPS
from optimizer.solver.clock import Course
from optimizer.solver.legs.core import MOST_ROWS_OF_REGION, Relaxed, program_with_sizes
from optimizer.solver.legs.lanes.rates import SupplyRates, with_rates
from optimizer.solver.legs.program import LegProgram
from optimizer.solver.legs.reach import sites_with
from optimizer.solver.legs.relaxation import Relaxation
from optimizer.solver.legs.strategy import relaxation_of

__all__ = ["Trials"]


class Trials:
    """Guesses at what the best plan with some sizes costs.

    Parameters
    ----------
    problem, legs
        The problem and how its options fall apart.
    course
        Limits of time.
    rates
        What supply costs by the unit.

    Attributes
    ----------
    work : int
        Steps of the simplex method, each times the rows of its program.
    """

    def __init__(self, problem: Problem, legs: Legs, course: Course, rates: SupplyRates) -> None:
        self._problem, self._legs, self._course, self._rates = problem, legs, course, rates
        self._known: list[tuple[Bools, LegProgram, Relaxation]] = []
        self.work = 0

    def relaxed(self, sizes: Bools, enough: float = np.inf, work: float = np.inf) -> Relaxed | None:
        """Relax the problem with just some sizes, open.

        Parameters
        ----------
        enough
            Estimate from which on it need not be known.
        work
            Most of it.

        Returns
        -------
        Relaxed or None
            None where the program is small enough to be solved as it is, some row is out of reach, the
            estimate is no less than `enough` or it takes more work.
        """
        found = None if self._course.closed or self._course.over() else self._of_sites(sizes)
        if found is None:
            return None
        program, relaxation = found
        rows, before = program.model.matrix.shape[0], relaxation.steps
        relaxation.restrict(sizes, sites_with(self._problem, sizes))
        answer = relaxation.strong(enough, int(min(work / rows, MOST_STEPS)))
        self.work += rows * (relaxation.steps - before)
        relaxed = Relaxed.at_rates(program, self._rates, answer)
        return relaxed if relaxed.estimate < enough else None

    def _of_sites(self, sizes: Bools) -> tuple[LegProgram, Relaxation] | None:
        """The program of the sites that some sizes open, and its relaxation; that of more sites will do."""
        problem = self._problem
        within = sites_with(problem, sizes)[owner(problem.site_start)]
        for known, program, relaxation in self._known:
            if not np.any(within & ~known):
                return program, relaxation
        written = program_with_sizes(problem, self._legs, within, self._rates)
        if written is None or written.model.matrix.shape[0] <= MOST_ROWS_OF_REGION:
            return None
        relaxation = relaxation_of(with_rates(written, self._rates), self._course)
        self._known.append((within, written, relaxation))
        return written, relaxation
