"""The linear program of one stage of a lexicographic rule, over a pool of generated rows."""

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction

import numpy as np
from scipy.optimize import linprog

from optimizer.alliance.cuts import PRECISE
from optimizer.alliance.separation import Query, Row, Separation, Separator
from optimizer.alliance.span import Equalities
from optimizer.errors import SolverError
from optimizer.problem.problem import Floats, Ints

__all__ = ["StageProgram"]

DUAL_POSITIVE = 1e-7
RELATIVE_TOLERANCE = 1e-9
MAX_ROUNDS = 2000


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
        self._proof: tuple[float, float] | None = None
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
        rows = [row for row in self.pool.values() if (complement @ np.array(row.coefficients)).any()]
        coefficients = np.array([row.coefficients for row in rows], dtype=np.float64)
        basis = complement / np.abs(complement).max(axis=1, keepdims=True)
        start = np.array([float(value) for value in origin]) / self.scale
        weights = np.array([float(row.weight) for row in rows])
        weight_scale = float(weights.max())
        right = np.array([float(row.cost) for row in rows]) / self.scale - coefficients @ start
        matrix = np.column_stack([coefficients @ basis.T, weights / weight_scale])
        objective = np.zeros(matrix.shape[1])
        objective[-1] = -1.0
        answer = linprog(
            objective, A_ub=matrix, b_ub=right, bounds=(None, None), method="highs-ds", options=PRECISE
        )
        if answer.status != 0:
            raise SolverError(f"stage program of a lexicographic rule: {answer.message}")
        self.rounds += 1
        duals = -answer.ineqlin.marginals
        support = np.flatnonzero(duals > DUAL_POSITIVE * duals.max())
        shares: Floats = (start + answer.x[:-1] @ basis) * self.scale
        level = float(answer.x[-1]) * self.scale / weight_scale
        return shares, level, [rows[k] for k in support]

    def settled(self, complement: Ints, origin: Sequence[Fraction]) -> tuple[Floats, float, list[Row], float]:
        """Generate rows until no allowed coalition is violated; return x, ε, support rows and bound."""
        avoid = complement if self.equalities.rank > 1 else None
        for _ in range(MAX_ROUNDS):
            shares, level, support = self.solve(complement, origin)
            found = self._ask(Query(shares, level, self.tolerance, avoid, exact=False))
            if sum(self.add(row) for row in found.rows):
                continue
            if sum(self.add(self.separator.refine(row)) for row in support):
                continue
            bound = found.bound if np.isfinite(found.bound) else self._proved(level, avoid, origin)
            if bound is not None:
                return shares, level, support, bound
        raise SolverError(f"row generation did not settle within {MAX_ROUNDS} rounds")

    def _proved(self, level: float, avoid: Ints | None, origin: Sequence[Fraction]) -> float | None:
        """Ask exactly, at central shares of the stage's optimal face; None when rows were found.

        A vertex of the face would be violated by coalitions that no central point minds. Shares that
        proved a stage prove the next one as well where its level is the same.
        """
        if self._proof is not None and level <= self._proof[0] + self.rounding:
            return self._proof[1]
        shares = self.centre(origin)
        for exact in (False, True):
            found = self._ask(Query(shares, level, self.tolerance, avoid, exact=exact))
            if sum(self.add(row) for row in found.rows):
                return None
        self._proof = (level, found.bound)
        return found.bound

    def centre(self, origin: Sequence[Fraction]) -> Floats:
        """Return the shares that the pool's rows alone would make unique, stage after stage."""
        held = self.equalities.copy()
        start = list(origin)
        while held.rank < self.n:
            shares, level, support = self.solve(held.complement(), start)
            for row in support:
                held.add(row.coefficients, row.cost - row.weight * Fraction(level))
            start = held.solution([Fraction(float(share)).limit_denominator(1000) for share in shares])
        return np.array([float(share) for share in start])

    def _ask(self, query: Query) -> Separation:
        self.separations += 1
        return self.separator.separate(query)
