"""Dated tables seen from single days: which rows hold, and which days see the same rows."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Dates, Ints
from optimizer.errors import Fault, InputError
from optimizer.network.lane_match import middle_days

__all__ = ["day", "epochs", "missing", "pricing_dates", "rows_on"]


def pricing_dates(periods: pd.DataFrame) -> Dates:
    """Return the day whose rules and rates price each period: its middle day, as for the lanes.

    A rule that changes inside a period counts from the first period whose middle day it covers; cut
    the period at the change to see it to the day.
    """
    dates: Dates = middle_days(periods).to_numpy().astype("datetime64[D]")
    return dates


def rows_on(table: pd.DataFrame, key: Sequence[str], date: np.datetime64) -> pd.DataFrame:
    """Return the rows of a dated table that hold on `date`, both end days included.

    An open end means "until replaced": of several rows with one `key`, those of the newest
    ``valid_from`` hold.

    Examples
    --------
    >>> rates = pd.DataFrame({"fee": ["a", "a"], "amount": [1.0, 2.0], "valid_to": pd.NaT,
    ...     "valid_from": pd.to_datetime(["2026-01-01", "2026-07-01"])})
    >>> days = np.array(["2026-06-30", "2026-07-01"], dtype="datetime64[D]")
    >>> [rows_on(rates, ["fee"], date)["amount"].tolist() for date in days]
    [[1.0], [2.0]]
    """
    moment = pd.Timestamp(date)
    started = table["valid_from"].fillna(pd.Timestamp.min)
    held = table[(started <= moment) & (table["valid_to"].isna() | (table["valid_to"] >= moment))]
    if held.empty:
        return held
    first = started[held.index]
    newest = first.groupby([held[column] for column in key], sort=False).transform("max")
    return held[first == newest]


def epochs(table: pd.DataFrame, dates: Dates) -> tuple[Ints, Dates]:
    """Return the epoch of each date and one date per epoch; the same rows hold on all dates of an epoch."""
    starts = table["valid_from"].dropna().to_numpy().astype("datetime64[D]")
    ends = table["valid_to"].dropna().to_numpy().astype("datetime64[D]") + np.timedelta64(1, "D")
    breaks = np.unique(np.concatenate([starts, ends]))
    position = np.searchsorted(breaks, dates, side="right")
    _, first, epoch = np.unique(position, return_index=True, return_inverse=True)
    return epoch.astype(np.int64), dates[first]


def day(date: object) -> str:
    """Return a date as ISO text."""
    return pd.Timestamp(str(date)).date().isoformat()


def missing(table: str, items: Sequence[str], mend: str) -> InputError:
    """Return the error for figures that `table` lacks; each item names the lane or key and the date."""
    rule = "the table has no row for this, and there is no default."
    return InputError([Fault(f"table {table}", item, rule, mend) for item in items])
