"""A linear program that grows: HiGHS' dual simplex from its last basis, or its interior point method anew."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse
from scipy.optimize._highspy import _core

from optimizer.errors import SolverError
from optimizer.problem.matrix import LinearModel
from optimizer.solver.backends import highs

__all__ = ["AT_LOWER", "AT_UPPER", "BASIC", "MOST_STEPS", "LinearAnswer", "LinearProgram"]

_INFEASIBLE = ("kInfeasible", "kUnboundedOrInfeasible")

Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]
Status = npt.NDArray[np.int8]

AT_LOWER, BASIC, AT_UPPER = 0, 1, 2
"""Status of a column or row in a basis, as HiGHS numbers it; others are nonbasic at zero or at no side."""


ROUNDING = 1e-9
"""Part of an objective that may be rounding."""

MOST_STEPS = 2**31 - 1
"""Steps of the simplex method that stand for no limit."""


class LinearAnswer(NamedTuple):
    """State of a solve: `objective` is `inf` where there is no solution, and −inf where it was cut short.

    `duals` and `slack` are of rows, `reduced` costs of columns.
    """

    objective: float
    values: Floats | None = None
    duals: Floats | None = None
    slack: Floats | None = None
    reduced: Floats | None = None

    @property
    def bound(self) -> float:
        """The objective less what may be rounding."""
        return (
            self.objective - ROUNDING * abs(self.objective) if np.isfinite(self.objective) else self.objective
        )


class LinearProgram:
    """The linear relaxation of a model, with rows and bounds that may change between solves.

    Parameters
    ----------
    model
        Its integrality is set aside.
    should_stop
        Polled while the solver runs.
    interior
        Solve by the interior point method, without a crossover to a vertex, and by the simplex method only
        where that fails: values and duals are within its tolerances then, and in the middle of what is best.
    scaled
        Whether HiGHS scales rows and columns. A program that gets rows again and again, each of them scaled
        when it was written, takes fewer steps as it stands.
    """

    def __init__(
        self,
        model: LinearModel,
        should_stop: Callable[[], bool],
        *,
        interior: bool = False,
        scaled: bool = True,
    ) -> None:
        self._highs: Any = _core._Highs()
        self._method = "ipm" if interior else "choose"
        self._infinity = float(self._highs.getInfinity())
        settings = (("output_flag", False), ("threads", 1), ("solver", self._method))
        for name, value in (*settings, ("run_crossover", "off" if interior else "on")):
            self._highs.setOptionValue(name, value)
        if not scaled:
            self._highs.setOptionValue("simplex_scale_strategy", 0)
        start = (model.matrix.indptr, model.matrix.indices, model.matrix.data)
        arrays = {name: getattr(model, name) for name in ("cost", "offset", "lower", "upper")}
        arrays |= {"row_lower": model.row_lower, "row_upper": model.row_upper, "matrix": start}
        self._did(self._highs.passModel(highs.model_of(_core, arrays | {"integer": np.zeros(1)})))
        self._upper = model.row_upper.copy()
        highs.stop_when(_core, self._highs, should_stop)

    @property
    def rows(self) -> int:
        """Number of rows."""
        return len(self._upper)

    @property
    def iterations(self) -> int:
        """Steps of the last solve."""
        return int(self._highs.getInfo().simplex_iteration_count)

    @property
    def solver(self) -> str:
        """Name and version."""
        return f"HiGHS {self._highs.version()}"

    def add(self, matrix: sparse.csr_array, upper: Floats) -> None:
        """Add rows ``matrix · v ≤ upper`` after the others."""
        if not len(upper):
            return
        index = (matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32))
        lower = np.full(len(upper), -self._infinity)
        self._did(self._highs.addRows(len(upper), lower, upper, matrix.nnz, *index, matrix.data))
        self._upper = np.concatenate([self._upper, upper])

    def basis(self) -> tuple[Status, Status]:
        """Status of the columns and of the rows in the present basis."""
        basis = self._highs.getBasis()
        column, row = ([int(status) for status in part] for part in (basis.col_status, basis.row_status))
        return np.array(column, dtype=np.int8), np.array(row, dtype=np.int8)

    def set_basis(self, column: Status, row: Status) -> None:
        """Start the next solve from these statuses; what is no basis is mended."""
        basis = _core.HighsBasis()
        basis.col_status = [_core.HighsBasisStatus(status) for status in column.tolist()]
        basis.row_status = [_core.HighsBasisStatus(status) for status in row.tolist()]
        self._did(self._highs.setBasis(basis))

    def add_columns(self, cost: Floats, matrix: sparse.csc_array) -> None:
        """Add columns ``v ≥ 0`` after the others; `matrix` holds their entries in all rows."""
        count = len(cost)
        index = (matrix.indptr[:-1].astype(np.int32), matrix.indices.astype(np.int32))
        bounds = (np.zeros(count), np.full(count, self._infinity))
        self._did(self._highs.addCols(count, cost, *bounds, matrix.nnz, *index, matrix.data))

    def remove(self, rows: Ids) -> None:
        """Take rows out; those after them move up."""
        if len(rows):
            self._did(self._highs.deleteRows(len(rows), rows.astype(np.int32)))
            self._upper = np.delete(self._upper, rows)

    def bound_columns(self, columns: Ids, lower: Floats, upper: Floats) -> None:
        """Set bounds of columns."""
        if len(columns):
            index = columns.astype(np.int32)
            self._did(self._highs.changeColsBounds(len(columns), index, lower, upper))

    def bound_row(self, row: int, lower: float, upper: float) -> None:
        """Set both sides of a row."""
        self._did(self._highs.changeRowBounds(int(row), lower, upper))
        self._upper[row] = upper

    def solve(self, seconds: float, enough: float = np.inf, steps: int = MOST_STEPS) -> LinearAnswer:
        """Solve from the last basis, or anew where HiGHS gives up on that; within the time and steps given.

        Where the objective is found to be no less than `enough`, the solve may end there: the answer is then
        that bound and has no values.
        """
        self._limit(seconds, enough, steps)
        status = self._status()
        if status in (("kNotset",) if self._method == "ipm" else ("kNotset", "kUnknown")):
            self._highs.clearSolver()
            status = self._status()
        if self._method == "ipm" and status not in ("kOptimal", "kTimeLimit", "kInterrupt"):
            self._highs.setOptionValue("solver", "simplex")
            status = self._status()
            self._highs.setOptionValue("solver", self._method)
        if status in _INFEASIBLE:
            return LinearAnswer(np.inf)
        if status == "kObjectiveBound":
            return LinearAnswer(enough)
        if status in ("kTimeLimit", "kIterationLimit", "kInterrupt"):
            return LinearAnswer(-np.inf)
        if status != "kOptimal":
            raise SolverError(f"{self.solver} ended the linear relaxation with {status}")
        solution = self._highs.getSolution()
        slack = self._upper - np.array(solution.row_value)
        objective = float(self._highs.getInfo().objective_function_value)
        return LinearAnswer(
            objective,
            np.array(solution.col_value),
            np.array(solution.row_dual),
            slack,
            np.array(solution.col_dual),
        )

    def reaches(self, bound: float, seconds: float, steps: int) -> tuple[bool, float]:
        """Tell whether the objective is no less than a bound, as far as some steps of the simplex show.

        Returns
        -------
        bool
        float
            The objective come to; it proves nothing where the steps ran out.
        """
        self._limit(seconds, bound, steps)
        status = self._status()
        if status in _INFEASIBLE or status == "kObjectiveBound":
            return True, bound
        objective = float(self._highs.getInfo().objective_function_value)
        return status == "kOptimal" and objective >= bound, objective

    def leave_costs(self) -> None:
        """Solve with the costs as they are from now on.

        HiGHS perturbs them against steps without progress. Where few steps are left to go, as after adding
        some rows, what it takes to undo that costs more.
        """
        self._highs.setOptionValue("dual_simplex_cost_perturbation_multiplier", 0.0)

    def _limit(self, seconds: float, enough: float, steps: int) -> None:
        self._highs.setOptionValue("objective_bound", float(min(enough, self._infinity)))
        limit = self._highs.getRunTime() + seconds if np.isfinite(seconds) else self._infinity
        self._highs.setOptionValue("time_limit", float(limit))
        self._highs.setOptionValue("simplex_iteration_limit", steps)

    def _status(self) -> str:
        self._highs.run()
        return str(self._highs.getModelStatus().name)

    def _did(self, status: Any) -> None:
        if status == _core.HighsStatus.kError:
            raise SolverError(f"{self.solver} refuses a change of the linear relaxation")
