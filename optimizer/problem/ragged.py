"""Ragged arrays in CSR form: join blocks, take items in another order, without a Python loop."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["Array", "Ragged", "concatenate", "counts_to_start", "positions", "sum_by", "take"]

Array = npt.NDArray[Any]
Ragged = tuple[npt.NDArray[np.int64], tuple[Array, ...]]
"""Start positions and, for each, one or more value arrays that share them."""


def counts_to_start(counts: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Turn item counts into CSR start positions.

    >>> counts_to_start([2, 0, 3]).tolist()
    [0, 2, 2, 5]
    """
    counts = np.asarray(counts)
    start = np.zeros(len(counts) + 1, dtype=np.int64)
    np.cumsum(counts, out=start[1:])
    return start


def positions(start: npt.NDArray[np.int64], items: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Positions of all values of the given items, item after item.

    >>> positions(np.array([0, 2, 2, 5]), np.array([2, 0])).tolist()
    [2, 3, 4, 0, 1]
    """
    counts = start[items + 1] - start[items]
    shift = start[items] - (np.cumsum(counts) - counts)
    return np.repeat(shift, counts) + np.arange(int(counts.sum()))


def take(ragged: Ragged, items: npt.NDArray[np.int64]) -> Ragged:
    """Return the given items, in the given order, as a new ragged array."""
    start, values = ragged
    where = positions(start, items)
    return counts_to_start(start[items + 1] - start[items]), tuple(value[where] for value in values)


def concatenate(blocks: Sequence[Ragged], dtypes: Sequence[npt.DTypeLike]) -> Ragged:
    """Join ragged blocks, one after the other; without blocks, an empty ragged array; one is not copied.

    Parameters
    ----------
    blocks
        Ragged arrays with as many value arrays as `dtypes` names.
    dtypes
        Types of the value arrays of the result.
    """
    if len(blocks) == 1:
        start, parts = blocks[0]
        return start, tuple(part.astype(dtype, copy=False) for part, dtype in zip(parts, dtypes, strict=True))
    starts = [np.zeros(1, dtype=np.int64)]
    offset = 0
    for start, _ in blocks:
        starts.append(start[1:] + offset)
        offset += int(start[-1])
    values = tuple(
        np.concatenate(
            [np.zeros(0, dtype=dtype), *(block[1][k].astype(dtype, copy=False) for block in blocks)]
        )
        for k, dtype in enumerate(dtypes)
    )
    return np.concatenate(starts), values


def sum_by(index: npt.ArrayLike, values: npt.ArrayLike, length: int) -> npt.NDArray[np.float64]:
    """Sum the values that fall on each index 0..length-1.

    >>> sum_by([0, 2, 0], [1.0, 5.0, 2.0], 3).tolist()
    [3.0, 0.0, 5.0]
    """
    return np.bincount(np.asarray(index), np.asarray(values), length).astype(np.float64)
