"""Optimising over the core, coalition by coalition: the pool of core inequalities."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from optimizer.alliance.separation import Query, Row, Separator
from optimizer.errors import SolverError
from optimizer.problem.problem import Floats

__all__ = ["PRECISE", "CutPool"]

PRECISE = {"primal_feasibility_tolerance": 1e-10, "dual_feasibility_tolerance": 1e-10}
"""Tolerances for programs whose optimal faces are built upon; amounts are scaled to about 1."""

RELATIVE_TOLERANCE = 1e-9
MAX_ROUNDS = 2000


class CutPool:
    """Rows x(S) ≤ c(S) + relief, generated as they are violated; amounts are scaled by `scale`.

    Parameters
    ----------
    separator
        Answers for the game, with excess measured per unit.
    total
        c(N), for the scale.
    relief
        Added to every cost: −ε* when the core is empty, so that the least core takes its place.
    """

    def __init__(self, separator: Separator, total: float, relief: float = 0.0) -> None:
        self.separator = separator
        self.relief = relief
        self.rows: dict[int, Row] = {row.coalition: row for row in separator.initial()}
        costs = [abs(float(row.cost)) for row in self.rows.values()]
        self.scale = max(abs(total), *costs, 1e-9) / separator.n
        self.tolerance = RELATIVE_TOLERANCE * self.scale
        self.slack = 0.0

    def settle(self, solve: Callable[[Floats, Floats], Floats]) -> Floats:
        """Call `solve(matrix, right)` until its shares violate no coalition; return the shares."""
        for _ in range(MAX_ROUNDS):
            rows = list(self.rows.values())
            matrix = np.array([row.coefficients for row in rows], dtype=np.float64).reshape(
                -1, self.separator.n
            )
            right = (np.array([float(row.cost) for row in rows]) + self.relief) / self.scale
            scaled = solve(matrix, right)
            shares: Floats = scaled * self.scale
            query = Query(shares, -self.relief, 10 * self.tolerance, exact=False)
            found = self.separator.separate(query)
            if sum(self._add(row) for row in found.rows):
                continue
            tight = np.flatnonzero(right - matrix @ scaled <= 1e-7)
            if sum(self._add(self.separator.refine(rows[k])) for k in tight):
                continue
            if not np.isfinite(found.bound):
                found = self.separator.separate(replace(query, exact=True))
            if sum(self._add(row) for row in found.rows):
                continue
            self.slack = max(0.0, -found.bound - 10 * self.tolerance)
            return shares
        raise SolverError(f"generating core inequalities did not settle within {MAX_ROUNDS} rounds")

    def _add(self, row: Row) -> bool:
        held = self.rows.get(row.coalition)
        if held is not None and held.cost <= row.cost:
            return False
        self.rows[row.coalition] = row
        return True
