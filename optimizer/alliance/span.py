"""Exact linear algebra on small systems of coalitions: span, orthogonal complement, solutions."""

from collections.abc import Sequence
from fractions import Fraction
from math import lcm

import numpy as np

from optimizer.problem.problem import Ints

__all__ = ["Equalities", "solve_exactly"]


class Equalities:
    """Rank-increasing equalities a·x = b in exact rationals, kept in reduced echelon form.

    >>> system = Equalities(3)
    >>> system.add([1, 1, 1], Fraction(6)), system.add([2, 2, 2], Fraction(12))
    (True, False)
    >>> system.complement().tolist()
    [[-1, 1, 0], [-1, 0, 1]]
    """

    def __init__(self, n: int) -> None:
        self.n = n
        self._rows: list[list[Fraction]] = []
        self._pivots: list[int] = []

    def copy(self) -> "Equalities":
        """Return an independent copy."""
        other = Equalities(self.n)
        other._rows, other._pivots = list(self._rows), list(self._pivots)
        return other

    @property
    def rank(self) -> int:
        """Number of independent equalities held."""
        return len(self._rows)

    def _reduced(self, coefficients: Sequence[int], value: Fraction) -> list[Fraction]:
        row = [Fraction(int(entry)) for entry in coefficients] + [value]
        for pivot, held in zip(self._pivots, self._rows, strict=True):
            factor = row[pivot]
            if factor:
                row = [entry - factor * other for entry, other in zip(row, held, strict=True)]
        return row

    def add(self, coefficients: Sequence[int], value: Fraction) -> bool:
        """Add an equality unless its left side is spanned already; tell whether the rank rose."""
        row = self._reduced(coefficients, value)
        pivot = next((column for column in range(self.n) if row[column]), None)
        if pivot is None:
            return False
        lead = row[pivot]
        row = [entry / lead for entry in row]
        for k, held in enumerate(self._rows):
            factor = held[pivot]
            if factor:
                self._rows[k] = [entry - factor * other for entry, other in zip(held, row, strict=True)]
        self._rows.append(row)
        self._pivots.append(pivot)
        return True

    def spans(self, coefficients: Sequence[int]) -> bool:
        """Whether a left side is a combination of those held."""
        return not any(self._reduced(coefficients, Fraction(0))[: self.n])

    def complement(self) -> Ints:
        """Return an integer basis of the vectors orthogonal to all left sides, shape (n − rank, n)."""
        free = [column for column in range(self.n) if column not in self._pivots]
        basis = np.zeros((len(free), self.n), dtype=np.int64)
        for k, column in enumerate(free):
            scale = lcm(*(row[column].denominator for row in self._rows), 1)
            basis[k, column] = scale
            for pivot, row in zip(self._pivots, self._rows, strict=True):
                basis[k, pivot] = int(-row[column] * scale)
        return basis

    def solution(self, near: Sequence[Fraction]) -> list[Fraction]:
        """Return the solution whose free variables equal those of `near`."""
        result = list(near)
        for pivot, row in zip(self._pivots, self._rows, strict=True):
            free = (row[j] * result[j] for j in range(self.n) if j not in self._pivots and row[j])
            result[pivot] = row[self.n] - sum(free, Fraction(0))
        return result


def solve_exactly(
    matrix: Sequence[Sequence[int | Fraction]], right: Sequence[Fraction]
) -> list[Fraction] | None:
    """Solve a linear system with a unique solution in rationals; None when there is none or many.

    >>> solve_exactly([[1, 1], [1, -1], [2, 0]], [Fraction(3), Fraction(1), Fraction(4)])
    [Fraction(2, 1), Fraction(1, 1)]
    """
    rows = [[Fraction(entry) for entry in line] + [value] for line, value in zip(matrix, right, strict=True)]
    columns = len(rows[0]) - 1
    rank = 0
    for column in range(columns):
        pivot = next((k for k in range(rank, len(rows)) if rows[k][column]), None)
        if pivot is None:
            return None
        rows[rank], rows[pivot] = rows[pivot], rows[rank]
        lead = rows[rank][column]
        rows[rank] = [entry / lead for entry in rows[rank]]
        for k, row in enumerate(rows):
            factor = row[column]
            if k != rank and factor:
                rows[k] = [entry - factor * other for entry, other in zip(row, rows[rank], strict=True)]
        rank += 1
    if any(row[columns] for row in rows[rank:]):
        return None
    return [rows[k][columns] for k in range(columns)]
