"""Collecting faults: where a cell stands, what is nearest to a misspelt word, and no flood of repeats."""

from collections.abc import Callable, Collection, Iterable, Sequence
from difflib import get_close_matches

import numpy as np
import pandas as pd

from optimizer.errors import Fault

__all__ = ["FILE", "LIMIT", "ROW", "Tables", "cell_faults", "day_of", "nearest", "place", "suggestion"]

FILE = "#file"
ROW = "#row"
LIMIT = 5
"""Rows of one column that break the same rule are named up to this many, the rest are counted."""

Tables = dict[str, pd.DataFrame]
"""Tables in work, by name: the declared columns plus `FILE` and `ROW`, the place each row came from."""


def place(frame: pd.DataFrame, index: int, column: str = "") -> str:
    """Return where the row at position `index` of a table in work stands: file, row and column."""
    where = f"{frame[FILE].iat[index]} row {frame[ROW].iat[index]}"
    return f"{where} column {column}" if column else where


def cell_faults(
    frame: pd.DataFrame,
    column: str,
    bad: "Sequence[bool] | np.ndarray | pd.Series[bool]",
    rule: str,
    mend: str | Callable[[int], str],
    value: Callable[[int], str] | None = None,
) -> list[Fault]:
    """Return a fault for each marked row, at most `LIMIT` in full and one that counts the rest.

    Parameters
    ----------
    frame
        Table in work.
    column
        Column to name.
    bad
        Marks, bool, one per row.
    rule, mend
        Sentences of the fault; `mend` may depend on the row position.
    value
        What to print as the offending value of a row position; by default the cell itself.
    """
    rows = np.flatnonzero(np.asarray(bad))
    faults = []
    for index in rows[:LIMIT].tolist():
        what = value(index) if value else text_of(frame[column].iat[index])
        cure = mend if isinstance(mend, str) else mend(index)
        faults.append(Fault(place(frame, index, column), what, rule, cure))
    if len(rows) > LIMIT:
        where = f"{frame[FILE].iat[rows[LIMIT]]} column {column}"
        faults.append(Fault(where, "", f"{len(rows) - LIMIT} more rows break the same rule.", ""))
    return faults


def day_of(day: np.datetime64) -> str:
    """Return a day as year-month-day."""
    return str(day.astype("datetime64[D]"))


def text_of(value: object) -> str:
    """Return a cell as users write it: whole numbers without a point, dates as year-month-day."""
    if isinstance(value, pd.Timestamp):
        return value.date().isoformat()
    if isinstance(value, float):
        return f"{value:.12g}"
    return str(value)


def nearest(word: str, valid: Iterable[str]) -> str:
    """Return the valid word nearest to a misspelt one, or the empty text.

    >>> nearest("wieght_kg", ["weight_kg", "width_cm"])
    'weight_kg'
    """
    lower = {item.lower(): item for item in sorted(valid)}
    found = get_close_matches(word.lower(), list(lower), n=1, cutoff=0.6)
    return lower[found[0]] if found else ""


def suggestion(word: str, valid: Collection[str]) -> str:
    """Return the sentence that tells how to mend an unknown word.

    >>> suggestion("demnd", ["demand", "lanes"])
    "Did you mean 'demand'?"
    """
    near = nearest(word, valid)
    if near:
        return f"Did you mean {near!r}?"
    shown = sorted(valid)[:12]
    more = ", …" if len(valid) > len(shown) else ""
    return f"Use one of: {', '.join(shown)}{more}." if shown else "Remove it."
