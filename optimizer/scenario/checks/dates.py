"""Checks of validity: each row ends after it starts, and no row overlaps the next of its key."""

from collections.abc import Callable

import numpy as np
import pandas as pd

from optimizer.errors import Fault
from optimizer.scenario.faultlist import Tables, cell_faults, day_of, place
from optimizer.scenario.fields import Table
from optimizer.scenario.grouping import group_numbers
from optimizer.scenario.tables import TABLES

__all__ = ["effective_ends", "validity_faults"]

_DAY = np.timedelta64(1, "D")


def effective_ends(table: Table, frame: pd.DataFrame) -> np.ndarray:
    """Return the last day of each row of a dated table, an empty one ending where the same key starts anew.

    Parameters
    ----------
    table, frame
        Definition and rows.

    Returns
    -------
    numpy.ndarray
        datetime64[ns], shape (rows,); NaT where nothing ends the row.
    """
    ends = frame["valid_to"].to_numpy(dtype="datetime64[ns]", copy=True)
    order, follows = _neighbours(table, frame)
    starts = frame["valid_from"].to_numpy(dtype="datetime64[ns]")
    row, successor = order[:-1][follows], order[1:][follows]
    open_end = np.isnat(ends[row])
    ends[row[open_end]] = starts[successor[open_end]] - _DAY
    return ends


def _neighbours(table: Table, frame: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Return the rows by key and start, and for each but the last whether the next has the same key."""
    group = group_numbers(frame, table.key)
    order = np.lexsort((frame["valid_from"].to_numpy(), group))
    return order, group[order][1:] == group[order][:-1]


def validity_faults(tables: Tables) -> list[Fault]:
    """Return a fault for each row that ends before it starts or overlaps the next row of its key."""
    faults = []
    for name, frame in tables.items():
        table = TABLES[name]
        if not table.dated or frame.empty:
            continue
        starts = frame["valid_from"].to_numpy(dtype="datetime64[ns]")
        ends = frame["valid_to"].to_numpy(dtype="datetime64[ns]")
        reversed_rows = ends < starts
        faults += cell_faults(
            frame,
            "valid_to",
            reversed_rows,
            "valid_to lies before valid_from.",
            "Exchange them or mend the year.",
        )
        order, follows = _neighbours(table, frame)
        row, successor = order[:-1][follows], order[1:][follows]
        clash = ~(ends[row] < starts[successor]) & ~np.isnat(ends[row]) & ~reversed_rows[row]
        bad = np.zeros(len(frame), dtype=bool)
        bad[successor[clash]] = True
        before = dict(zip(successor.tolist(), row.tolist(), strict=True))
        key = " + ".join(table.key)
        faults += cell_faults(
            frame,
            "valid_from",
            bad,
            f"The row overlaps an earlier one with the same {key}.",
            _overlap_mend(frame, before),
        )
    return faults


def _overlap_mend(frame: pd.DataFrame, before: dict[int, int]) -> Callable[[int], str]:
    """Return the sentence that tells how to mend an overlap."""
    starts = frame["valid_from"].to_numpy(dtype="datetime64[ns]")
    return lambda index: (
        f"End {place(frame, before[index], 'valid_to')} on {day_of(starts[index] - _DAY)}, or leave it empty."
    )
