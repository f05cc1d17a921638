"""Which columns of a program over legs can be used where only some sizes may open."""

import numpy as np
import numpy.typing as npt

from optimizer.problem.entries import owner
from optimizer.problem.problem import Problem
from optimizer.solver.legs.program import LegProgram

__all__ = ["Reach", "options_within", "sites_with"]

Bools = npt.NDArray[np.bool_]


def options_within(problem: Problem, allowed: Bools) -> tuple[Bools, Bools]:
    """Options and gates that can be used where only some sizes may open.

    Parameters
    ----------
    allowed : bool, shape (sizes,)
    """
    under = np.diff(problem.gate_size_start)
    gate = under == 0
    gate[np.repeat(np.arange(problem.n_gates), under)[allowed[problem.gate_size]]] = True
    option = np.ones(problem.n_options, dtype=bool)
    option[owner(problem.option_gate_start)[~gate[problem.option_gate]]] = False
    return option, gate


def sites_with(problem: Problem, sizes: Bools) -> Bools:
    """Sites of which one of the sizes is marked."""
    marked = np.zeros(problem.n_sites, dtype=bool)
    marked[owner(problem.site_start)[sizes]] = True
    return marked


class Reach:
    """Finds columns out of reach: options whose gates can't open, supply that only such options would use.

    A linear relaxation has these at zero anyway. Held there by their bounds, they no longer take part in the
    simplex method, which would else have to price them out by the rows that close them.
    """

    def __init__(self, program: LegProgram) -> None:
        self._smaller = program.smaller
        self._columns = program.model.columns
        self._gate_column = program.model.gate_column
        self._width = program.model.matrix.shape[1]
        self._option_of_use = owner(program.smaller.option_use_start)
        self._resource_of_use = owner(program.smaller.resource_start)[program.smaller.option_use_measure]

    def columns(self, allowed: Bools) -> Bools:
        """Columns within reach.

        Parameters
        ----------
        allowed : bool, shape (sizes,)

        Returns
        -------
        bool, shape (columns,)
            All sizes count as within reach: their own bounds say what is allowed.
        """
        problem = self._smaller
        option, gate = options_within(problem, allowed)
        resource = np.zeros(problem.n_resources, dtype=bool)
        resource[self._resource_of_use[option[self._option_of_use]]] = True
        within = np.ones(self._width, dtype=bool)
        within[self._columns["x"]] = option
        own = self._gate_column >= 0
        within[self._gate_column[own]] = gate[own]
        within[self._columns["n"]] = resource[owner(problem.module_start)]
        for block in ("w", "u"):
            within[self._columns[block]] = resource[owner(problem.tier_start)]
        within[self._columns["z"]] = resource
        return within
