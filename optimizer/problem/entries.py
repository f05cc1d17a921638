"""Entries of a sparse matrix as triples, by which constraint families are written."""

import numpy as np
import numpy.typing as npt

__all__ = ["Family", "Floats", "Ids", "Triple", "at_most", "join", "owner", "signed"]

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Triple = tuple[Ids, Ids, Floats]
"""Rows, columns and values."""
Family = tuple[Triple, Floats, Floats]
"""Entries, lower and upper sides."""


def owner(start: Ids) -> Ids:
    """Item to which each value of a CSR array belongs."""
    return np.repeat(np.arange(len(start) - 1), np.diff(start))


def join(*parts: Triple) -> Triple:
    """Put entries together."""
    row, column, value = (np.concatenate(arrays) for arrays in zip(*parts, strict=True))
    return row, column, value


def signed(row: Ids, column: Ids, value: float | Floats) -> Triple:
    """Entries with one value, or with one each."""
    return row, column.astype(np.int64), np.broadcast_to(np.asarray(value, np.float64), row.shape)


def at_most(entries: Triple, limit: Floats) -> Family:
    """Constraints with an upper side only."""
    return entries, np.full(len(limit), -np.inf), limit
