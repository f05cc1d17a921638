"""The linear program of one stage of a lexicographic rule, over a pool of generated rows."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
from scipy.optimize import linprog

from optimizer.alliance.central_shares import central_point, inner_point
from optimizer.alliance.cuts import PRECISE
from optimizer.alliance.separation import LEEWAY, Query, Row, Separation, Separator
from optimizer.alliance.span import Equalities
from optimizer.errors import SolverError
from optimizer.problem.problem import Bools, Floats, Ints

__all__ = ["StageProgram"]

DUAL_POSITIVE = 1e-7
RELATIVE_TOLERANCE = 1e-9
MAX_ROUNDS = 2000


@dataclass(frozen=True, eq=False)
class ScaledPool:
    """Rows as `matrix @ (z, ε) ≤ right`, and the way back: x = (start + z · basis) · scale."""

    rows: list[Row]
    matrix: Floats
    right: Floats
    start: Floats
    basis: Floats
    scale: float
    level_scale: float

    def shares_and_level(self, point: Floats) -> tuple[Floats, float]:
        """Return x and ε in money."""
        shares: Floats = (self.start + point[:-1] @ self.basis) * self.scale
        return shares, float(point[-1]) * self.level_scale


class StageProgram:
    """max ε subject to x(S) + w_S ε ≤ c(S) over the pool, with the equalities held exactly.

    Works in z with x = x⁰ + zB, where the integer rows of B span the orthogonal complement of the
    equalities: dependent equalities never reach the solver.

    Parameters
    ----------
    separator
        Answers for the game.
    total
        c(N).
    rational
        Add the rows x_i ≤ c({i}).
    tolerance
        Money below which a violated coalition does not count; a billionth of c(N)/n by default.
    """

    def __init__(
        self, separator: Separator, total: Fraction, rational: bool, tolerance: float | None = None
    ) -> None:
        self.separator = separator
        self.n = separator.n
        self.equalities = Equalities(self.n)
        self.equalities.add([1] * self.n, total)
        self.pool: dict[tuple[int, bool], Row] = {}
        self.rounds = 0
        self.separations = 0
        self._proof: tuple[float, float, Floats] | None = None
        for row in separator.initial():
            self.add(row)
            if rational and sum(row.coefficients) == 1:
                self.add(replace(row, weight=Fraction(0)))
        costs = [abs(float(row.cost)) for row in self.pool.values()]
        self.scale = max(abs(float(total)), *costs, 1e-9) / self.n
        self.rounding = RELATIVE_TOLERANCE * self.scale
        self.tolerance = max(self.rounding, tolerance or 0.0)

    def add(self, row: Row) -> bool:
        """Put a row into the pool; tell whether it is new or cheaper than the one held."""
        key = (row.coalition, row.weight == 0)
        held = self.pool.get(key)
        if held is not None and held.cost <= row.cost:
            return False
        self.pool[key] = row
        return True

    def solve(self, complement: Ints, origin: Sequence[Fraction]) -> tuple[Floats, float, list[Row]]:
        """Return x, ε and the rows with positive duals."""
        pool = self._scaled(complement, origin)
        objective = np.zeros(pool.matrix.shape[1])
        objective[-1] = -1.0
        answer = linprog(
            objective,
            A_ub=pool.matrix,
            b_ub=pool.right,
            bounds=(None, None),
            method="highs-ds",
            options=PRECISE,
        )
        if answer.status != 0:
            raise SolverError(f"stage program of a lexicographic rule: {answer.message}")
        self.rounds += 1
        duals = -answer.ineqlin.marginals
        support = np.flatnonzero(duals > DUAL_POSITIVE * duals.max())
        return *pool.shares_and_level(answer.x), [pool.rows[k] for k in support]

    def settled(self, complement: Ints, origin: Sequence[Fraction]) -> tuple[Floats, float, list[Row], float]:
        """Generate rows until no allowed coalition is violated; return x, ε, support rows and bound.

        The shares are those that no coalition violates. Shares that proved a stage prove the next one as
        well where its level is the same: the rows with positive duals are tight at all optima.

        Questions are asked at central shares of the optimal face: a vertex of the face would be violated by
        coalitions that no central point minds, and the next vertex by others.
        """
        avoid = complement if self.equalities.rank > 1 else None
        for _ in range(MAX_ROUNDS):
            central = self._central(complement, origin)
            found = self._ask(Query(*central, self.tolerance, avoid, exact=False)) if central else None
            if found is not None and sum(self.add(row) for row in found.rows):
                continue
            shares, level, support = self.solve(complement, origin)
            if sum(self.add(self.separator.refine(row)) for row in support):
                continue
            if self._proof is not None and level <= self._proof[0] + self.rounding:
                return self._proof[2], level, support, self._proof[1]
            at = central if central and central[1] >= level - self.rounding else (shares, level)
            if found is None or at is not central or not np.isfinite(found.bound):
                found = self._ask(Query(*at, self.tolerance, avoid))
            if sum(self.add(row) for row in found.rows):
                continue
            self._proof = (level, found.bound, at[0])
            return at[0], level, support, found.bound
        raise SolverError(f"row generation did not settle within {MAX_ROUNDS} rounds")

    def _central(self, complement: Ints, origin: Sequence[Fraction]) -> tuple[Floats, float] | None:
        """Return central shares of the optimal face of the pool's program, with its level."""
        pool = self._scaled(complement, origin)
        point = central_point(pool.matrix, pool.right)
        if point is None:
            return None
        if self.tolerance > self.rounding:
            point = inner_point(pool.matrix, pool.right, point, LEEWAY * self.tolerance / pool.level_scale)
        return pool.shares_and_level(point)

    def _scaled(self, complement: Ints, origin: Sequence[Fraction]) -> "ScaledPool":
        """Write the rows of the pool outside the span in z and ε, scaled to about 1."""
        rows = list(self.pool.values())
        coefficients = np.array([row.coefficients for row in rows], dtype=np.float64)
        outside: Bools = np.asarray((coefficients @ complement.T).any(axis=1))
        rows, coefficients = (
            [row for row, keep in zip(rows, outside, strict=True) if keep],
            coefficients[outside],
        )
        basis = complement / np.abs(complement).max(axis=1, keepdims=True)
        start = np.array([float(value) for value in origin]) / self.scale
        weights = np.array([float(row.weight) for row in rows])
        weight_scale = float(weights.max())
        right = np.array([float(row.cost) for row in rows]) / self.scale - coefficients @ start
        matrix = np.column_stack([coefficients @ basis.T, weights / weight_scale])
        return ScaledPool(rows, matrix, right, start, basis, self.scale, self.scale / weight_scale)

    def _ask(self, query: Query) -> Separation:
        self.separations += 1
        return self.separator.separate(query)
