"""Rows that every plan satisfies and the linear relaxation may not."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

__all__ = ["Rows", "joined", "no_rows"]


class Rows(NamedTuple):
    """``matrix · v ≤ upper``."""

    matrix: sparse.csr_array
    upper: npt.NDArray[np.float64]


def no_rows(columns: int) -> Rows:
    """No rows at all over so many columns."""
    return Rows(sparse.csr_array((0, columns)), np.zeros(0))


def joined(parts: Sequence[Rows]) -> Rows:
    """All rows of the parts, in their order."""
    matrix = sparse.csr_array(sparse.vstack([part.matrix for part in parts], format="csr"))
    return Rows(matrix, np.concatenate([part.upper for part in parts]))
