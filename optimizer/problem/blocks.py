"""Bring blocks of gates and uses, given as columns or ragged, to one sound CSR form."""

import numpy as np
import numpy.typing as npt
from numba import njit
from scipy import sparse

from optimizer.problem.ragged import Array, Ragged, counts_to_start, positions

__all__ = ["amounts_block", "gates_block", "group_by_owner", "one_per_item", "pairs_by_owner"]

Ids = npt.NDArray[np.int64]


def gates_block(gates: npt.ArrayLike | Ragged | None, count: int) -> Ragged:
    """Gates of a block of options as ``(start, (gate,))``, in the order given.

    Parameters
    ----------
    gates
        None, a ragged array, or shape (count,), (count, k) or (1, k) with -1 where there is no gate.
    """
    if gates is None:
        return np.zeros(count + 1, dtype=np.int64), (np.zeros(0, dtype=np.int32),)
    if isinstance(gates, tuple):
        start, (values,) = gates
        return start.astype(np.int64, copy=False), (values.astype(np.int32, copy=False),)
    columns = _as_columns(gates, count)
    present = columns >= 0
    return counts_to_start(present.sum(axis=1)), (columns[present].astype(np.int32),)


def amounts_block(
    measures: npt.ArrayLike | None, amounts: npt.ArrayLike | None, uses: Ragged | None, count: int
) -> Ragged:
    """Uses of a block of options as ``(start, (measure, amount))``: no measure twice, no zero amount.

    Ragged uses that are so already, with measures ascending, are taken as they are.
    """
    if uses is not None:
        start, (measure, amount) = uses
    elif measures is None:
        return np.zeros(count + 1, dtype=np.int64), (np.zeros(0, dtype=np.int32), np.zeros(0))
    else:
        columns = _as_columns(measures, count)
        given = np.asarray(amounts, dtype=np.float64)
        values = np.broadcast_to(given.reshape(-1, 1) if given.ndim == 1 else given, columns.shape)
        present = (columns >= 0) & (values != 0.0)
        start, measure, amount = counts_to_start(present.sum(axis=1)), columns[present], values[present]
    if uses is not None and measure.dtype == np.int32 and _is_canonical(start, measure, amount):
        return start, (measure, amount)
    matrix = sparse.csr_array(
        (amount.astype(np.float64), measure.astype(np.int32), start),
        shape=(count, int(measure.max(initial=-1)) + 1),
    )
    matrix.sum_duplicates()
    matrix.eliminate_zeros()
    return matrix.indptr.astype(np.int64), (matrix.indices.astype(np.int32), matrix.data)


def group_by_owner(owner: Ids, owners: int) -> tuple[Ids, Ids]:
    """CSR start of each owner's items and the stable order that sorts items by owner.

    >>> start, order = group_by_owner(np.array([1, 0, 1]), 3)
    >>> start.tolist(), order.tolist()
    ([0, 1, 3, 3], [1, 0, 2])
    """
    if len(owner) and (owner.min() < 0 or owner.max() >= owners):
        raise IndexError(f"an item belongs to owner {owner.min()}..{owner.max()}, but there are {owners}")
    start = counts_to_start(np.bincount(owner, minlength=owners))
    if np.all(owner[1:] >= owner[:-1]):
        return start, np.arange(len(owner), dtype=np.int64)
    return start, np.argsort(owner, kind="stable").astype(np.int64)


def pairs_by_owner(
    owner: Ids, index: Ids, amount: npt.NDArray[np.float64], owners: int
) -> tuple[Ids, Ids, npt.NDArray[np.float64]]:
    """Sort (owner, index, amount) triples into CSR; amounts of the same pair are summed."""
    matrix = sparse.coo_array(
        (amount, (owner, index)), shape=(owners, int(index.max(initial=-1)) + 1)
    ).tocsr()
    matrix.sum_duplicates()
    return matrix.indptr.astype(np.int64), matrix.indices.astype(np.int64), matrix.data.astype(np.float64)


def one_per_item(start: Ids, items: Ids) -> tuple[Ids, Ids]:
    """Ragged list of the positions that belong to each item."""
    return counts_to_start(start[items + 1] - start[items]), positions(start, items)


@njit(cache=True)
def _is_canonical(
    start: Ids, measure: npt.NDArray[np.int32], amount: npt.NDArray[np.float64]
) -> bool:  # pragma: no cover
    """Whether measures ascend within every option and no amount is zero."""
    for j in range(len(start) - 1):
        for k in range(start[j], start[j + 1]):
            if amount[k] == 0.0 or (k > start[j] and measure[k] <= measure[k - 1]):
                return False
    return True


def _as_columns(values: npt.ArrayLike, count: int) -> Array:
    columns = np.asarray(values)
    if columns.ndim < 2:
        columns = columns.reshape(-1, 1)
    return np.broadcast_to(columns, (count, columns.shape[1]))
