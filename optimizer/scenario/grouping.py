"""Rows by key: numbering groups, and faults of keys that stand twice."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from optimizer.errors import Fault
from optimizer.scenario.faultlist import ROW, cell_faults, text_of
from optimizer.scenario.fields import Table

__all__ = ["group_numbers", "repeated_key_faults"]


def group_numbers(frame: pd.DataFrame, columns: Sequence[str]) -> np.ndarray:
    """Return the number of each row's group, groups counted in order of first appearance.

    Parameters
    ----------
    frame
        Any table.
    columns
        Columns whose values make a group; an empty cell is a value like any other.

    Returns
    -------
    numpy.ndarray
        int64, shape (rows,).

    Examples
    --------
    >>> group_numbers(pd.DataFrame({"a": ["x", "y", "x"], "b": [1, 1, 1]}), ["a", "b"]).tolist()
    [0, 1, 0]
    """
    numbers = np.zeros(len(frame), dtype=np.int64)
    for column in columns:
        codes, values = pd.factorize(frame[column].to_numpy(), use_na_sentinel=False)
        numbers = pd.factorize(numbers * max(len(values), 1) + codes)[0]
    return numbers


def repeated_key_faults(
    table: Table, frame: pd.DataFrame, rule: str, among: np.ndarray | None = None
) -> list[Fault]:
    """Return a fault for each row whose key an earlier row has.

    Parameters
    ----------
    table, frame
        Definition, and table in work.
    rule
        Sentence of the fault.
    among
        Marks, bool, of the rows that are looked at; by default all.
    """
    key = table.full_key
    numbers = group_numbers(frame, key)
    first = np.full(len(frame), len(frame), dtype=np.int64)
    np.minimum.at(first, numbers, np.arange(len(frame)))
    repeated = first[numbers] < np.arange(len(frame))
    if among is not None:
        repeated &= among
    if not repeated.any():
        return []
    rows = frame[ROW].to_numpy()
    parts = [frame[column].map(text_of).to_numpy() for column in key]
    return cell_faults(
        frame,
        key[0],
        repeated,
        rule,
        lambda index: f"Remove or change this row or row {rows[first[numbers[index]]]}.",
        lambda index: " / ".join(part[index] for part in parts),
    )
