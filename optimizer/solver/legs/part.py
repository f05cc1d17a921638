"""A program of which most columns stand still: what is left is a program of its own, and small."""

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from scipy import sparse

from optimizer.problem.matrix import LinearModel

__all__ = ["TOLERANCE", "Part", "part_of"]

Bools = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]
Ids = npt.NDArray[np.int64]

TOLERANCE = 1e-6
"""Violation of a side, relative from 1 on, that values may bring along."""


class Part(NamedTuple):
    """The program over some columns of another; its offset is the cost of the columns that stand still."""

    model: LinearModel
    columns: Ids


def part_of(model: LinearModel, by_column: sparse.csc_array, free: Bools, values: Floats) -> Part:
    """Return the program over the free columns, with all others at their values.

    Rows keep their sides less what the other columns take. Where the values as they are pass a side by no
    more than a tolerance, the side moves to them: a part of a plan that holds has that plan.

    Parameters
    ----------
    model, by_column
        The program, and its matrix by columns.
    free : bool, shape (columns,)
    values : float64, shape (columns,)
    """
    columns = np.flatnonzero(free)
    some = sparse.csr_array(by_column[:, columns])
    rows = np.flatnonzero(np.diff(some.indptr))
    some = sparse.csr_array(some[rows])
    still = np.where(free, 0.0, values)
    taken = model.matrix[rows] @ still
    lower, upper = model.row_lower[rows] - taken, model.row_upper[rows] - taken
    now = some @ values[columns]
    room = TOLERANCE * np.maximum(1.0, np.abs(taken))
    lower = np.where((now < lower) & (now >= lower - room), now, lower)
    upper = np.where((now > upper) & (now <= upper + room), now, upper)
    part = replace(
        model,
        cost=model.cost[columns],
        offset=model.offset + float(model.cost @ still),
        lower=model.lower[columns],
        upper=model.upper[columns],
        integer=model.integer[columns],
        matrix=some,
        row_lower=lower,
        row_upper=upper,
        columns={},
        rows={},
        gate_column=np.zeros(0, dtype=np.int64),
    )
    return Part(part, columns)
