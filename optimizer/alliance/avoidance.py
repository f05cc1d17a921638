"""Linear constraints that keep a coalition outside the span of those already fixed."""

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from optimizer.alliance.coalition import members_of, subset_sums
from optimizer.problem.problem import Floats, Ints

__all__ = ["Avoidance", "avoid_span"]

MOST_CUTS = 64
ENUMERABLE = 16


@dataclass(frozen=True, eq=False)
class Avoidance:
    """Either no-good cuts for each spanned coalition, or a disjunction over the complement's vectors.

    Attributes
    ----------
    n : int
        Number of members.
    spanned : tuple of int
        Coalitions to cut off one by one: Σ_{i∈S} (1 − p_i) + Σ_{i∉S} p_i ≥ 1.
    vectors : int64, shape (k, n)
        Otherwise: for one u_b of 2k binaries equal to 1, ±b·p ≥ 1.
    """

    n: int
    spanned: tuple[int, ...]
    vectors: Ints

    @property
    def is_empty(self) -> bool:
        """Whether nothing is to be avoided."""
        return not self.spanned and not len(self.vectors)

    @property
    def binaries(self) -> int:
        """Number of binaries that the constraints add after p and q."""
        return 2 * len(self.vectors)

    def constraints(self, width: int) -> tuple[sparse.csr_array, Floats]:
        """Return A, l of A·v ≥ l over the columns (siting model, p, q, own binaries)."""
        total = width + self.n + 1 + self.binaries
        if self.spanned:
            rows = np.zeros((len(self.spanned), total))
            rows[:, width : width + self.n] = 1.0  # nobody (p = 0, q = 1) satisfies the cuts by itself
            for k, mask in enumerate(self.spanned):
                rows[k, [width + i for i in members_of(mask)]] = -1.0
            return sparse.csr_array(rows), np.array([1.0 - mask.bit_count() for mask in self.spanned])
        signed = np.concatenate([self.vectors, -self.vectors])
        count = len(signed)
        lowest = np.minimum(signed, 0).sum(axis=1)
        rows = np.zeros((count + 1, total))
        rows[:count, width : width + self.n] = signed
        rows[np.arange(count), width + self.n + 1 + np.arange(count)] = -(1.0 - lowest)
        rows[count, width + self.n] = 1.0
        rows[count, width + self.n + 1 :] = 1.0
        return sparse.csr_array(rows), np.append(lowest.astype(np.float64), 1.0)


def avoid_span(complement: Ints | None, n: int) -> Avoidance:
    """Return the constraints for `complement @ p ≠ 0`: cuts while the spanned coalitions are few.

    >>> avoid_span(np.array([[1, -1, 0]]), 3).spanned
    (3, 4)
    """
    if complement is None:
        return Avoidance(n, (), np.zeros((0, n), dtype=np.int64))
    if n <= ENUMERABLE:
        inside = np.ones(1 << n, dtype=np.bool_)
        for vector in complement:
            inside &= subset_sums(vector) == 0
        inside[0] = inside[-1] = False
        spanned = np.flatnonzero(inside)
        if len(spanned) <= MOST_CUTS:
            return Avoidance(n, tuple(spanned.tolist()), np.zeros((0, n), dtype=np.int64))
    return Avoidance(n, (), complement)
