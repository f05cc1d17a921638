"""Finds the mixed-integer roundings that a linear program's answer violates."""

import numpy as np
from scipy import sparse

from optimizer.problem.matrix import LinearModel
from optimizer.problem.problem import Floats, Ints, Problem
from optimizer.problem.ragged import counts_to_start
from optimizer.solver.rounding import Roundings, largest_amounts, rounded_supply

__all__ = ["Separator"]

PARTS = (0.5, 0.2, 0.8)
"""Rows whose share through the measure is above such a part are tried as the rows of a cut."""

VIOLATION = 1e-3
"""Violation, as a part of the divisor, from which a cut is worth its place."""


class Separator:
    """Rounds the measures of one problem that modules or sizes supply.

    Parameters
    ----------
    problem, model
        The problem and its program; values and rows are in the columns of the program.
    """

    def __init__(self, problem: Problem, model: LinearModel) -> None:
        self.problem = problem
        self.model = model
        resource = np.repeat(np.arange(problem.n_resources), np.diff(problem.resource_start))
        self._resource = resource
        self._size = np.repeat(np.arange(problem.n_sizes), np.diff(problem.size_supply_start))
        self._module = np.repeat(np.arange(problem.n_modules), np.diff(problem.module_supply_start))
        self._tier = np.repeat(np.arange(problem.n_resources), np.diff(problem.tier_start))
        self._option = np.repeat(np.arange(problem.n_options), np.diff(problem.option_use_start))
        modular = np.unique(problem.module_supply_measure[problem.module_supply_amount > 0.0])
        self._of = {int(q): largest_amounts(problem, int(q)) for q in modular}

    def violated(self, values: Floats) -> Roundings:
        """One cut at most per measure: the most violated of those tried."""
        found = [self._of_measure(measure, values) for measure in self._of]
        kept = [(measure, *cut) for measure, cut in zip(self._of, found, strict=True) if cut is not None]
        rows = [row for _, _, row in kept]
        return Roundings(
            np.array([measure for measure, _, _ in kept], dtype=np.int64),
            np.array([divisor for _, divisor, _ in kept]),
            counts_to_start([len(row) for row in rows]),
            np.concatenate([np.zeros(0, dtype=np.int64), *rows]),
        )

    def _of_measure(self, measure: int, values: Floats) -> tuple[float, Ints] | None:
        entry, row, largest = self._of[measure]
        used = self.problem.option_use_amount[entry] * values[self.model.columns["x"]][self._option[entry]]
        use = np.bincount(row, weights=used, minlength=self.problem.n_rows)
        if not use.any():
            return None
        part = np.divide(use, largest, out=np.zeros_like(use), where=largest > 0.0)
        divisors = np.unique(self.problem.module_supply_amount[self.problem.module_supply_measure == measure])
        best, answer = 0.0, None
        for least in PARTS:
            inside = part > least
            for divisor in divisors[divisors > 0.0].tolist():
                room = self._room(measure, float(largest[inside].sum()), divisor, values)
                violation = float(use[inside].sum()) - room
                if violation > max(best, VIOLATION * divisor):
                    best, answer = violation, (divisor, np.flatnonzero(inside))
        return answer

    def _room(self, measure: int, total: float, divisor: float, values: Floats) -> float:
        """Right-hand side of the cut at the values."""
        standing, size_amount, module_amount = rounded_supply(self.problem, measure, total, divisor)
        size, module, free = self._columns(measure)
        return standing + float(
            size_amount @ values[size] + module_amount @ values[module] + values[free].sum()
        )

    def _columns(self, measure: int) -> tuple[Ints, Ints, Ints]:
        """Columns of the sizes, the modules and the continuous supply of a measure."""
        problem, columns = self.problem, self.model.columns
        resource = int(self._resource[measure])
        size = self._size[problem.size_supply_measure == measure] + columns["y"].start
        module = self._module[problem.module_supply_measure == measure] + columns["n"].start
        tiers = np.arange(problem.tier_start[resource], problem.tier_start[resource + 1])
        return size, module, np.r_[columns["z"].start + resource, columns["u"].start + tiers].astype(np.int64)

    def rows(self, cuts: Roundings) -> tuple[sparse.csr_array, Floats]:
        """The cuts as rows ``matrix · v ≤ upper`` of the program."""
        upper = np.zeros(len(cuts))
        parts: list[tuple[Ints, Floats]] = []
        for cut, measure in enumerate(cuts.measure.tolist()):
            entry, row, largest = self._of[measure]
            inside = np.zeros(self.problem.n_rows, dtype=bool)
            inside[cuts.row[cuts.row_start[cut] : cuts.row_start[cut + 1]]] = True
            upper[cut], size_amount, module_amount = rounded_supply(
                self.problem, measure, float(largest[inside].sum()), float(cuts.divisor[cut])
            )
            used = entry[inside[row]]
            size, module, free = self._columns(measure)
            column = np.r_[self._option[used] + self.model.columns["x"].start, size, module, free]
            amount = self.problem.option_use_amount[used]
            parts.append((column, np.r_[amount, -size_amount, -module_amount, -np.ones(len(free))]))
        start = counts_to_start([len(column) for column, _ in parts])
        index = np.concatenate([np.zeros(0, dtype=np.int64), *[column for column, _ in parts]])
        data = np.concatenate([np.zeros(0), *[value for _, value in parts]])
        matrix = sparse.csr_array((data, index, start), shape=(len(cuts), len(self.model.cost)))
        return matrix, upper
