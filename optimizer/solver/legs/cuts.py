"""Rows that every plan satisfies and the linear relaxation may not."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

__all__ = ["Rows", "joined", "no_rows"]


class Rows(NamedTuple):
    """``matrix · v ≤ upper``, and for each row what it can be written from again."""

    matrix: sparse.csr_array
    upper: npt.NDArray[np.float64]
    source: Sequence[Any]

    def some(self, chosen: npt.NDArray[np.bool_]) -> "Rows":
        """Only the rows chosen."""
        source = [self.source[k] for k in np.flatnonzero(chosen).tolist()]
        return Rows(sparse.csr_array(self.matrix[chosen]), self.upper[chosen], source)


def no_rows(columns: int) -> Rows:
    """No rows at all over so many columns."""
    return Rows(sparse.csr_array((0, columns)), np.zeros(0), [])


def joined(parts: Sequence[Rows]) -> Rows:
    """All rows of the parts, in their order."""
    matrix = sparse.csr_array(sparse.vstack([part.matrix for part in parts], format="csr"))
    source = [item for part in parts for item in part.source]
    return Rows(matrix, np.concatenate([part.upper for part in parts]), source)
