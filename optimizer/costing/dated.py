"""Choose the rows of dated tables that hold on a day, and say precisely which are missing."""

from collections.abc import Sequence

import pandas as pd

from optimizer.errors import Fault

__all__ = ["in_force", "missing_fault"]


def in_force(
    asked: pd.DataFrame, table: pd.DataFrame, on: Sequence[str], date: str, group: Sequence[str]
) -> pd.DataFrame:
    """Join questions with the rows of a dated table that hold on their day.

    Where several rows of one group hold, those with the newest ``valid_from`` count, because an open
    end means "until replaced".

    Parameters
    ----------
    asked
        One row per question, with the columns `on` and the day in column `date`.
    table
        A dated table with the same columns `on`.
    on
        Columns that must agree.
    date
        Column of `asked` that holds the day.
    group
        Columns of the joined frame within which only the newest edition counts.

    Returns
    -------
    pd.DataFrame
        The columns of both; questions without a row in force are absent.

    Examples
    --------
    >>> day = pd.to_datetime(["2026-03-01"])
    >>> asked = pd.DataFrame({"lane": ["a"], "day": day})
    >>> rates = pd.DataFrame({"lane": ["a", "a"], "amount": [1.0, 2.0],
    ...     "valid_from": pd.to_datetime(["2026-01-01", "2026-03-01"]), "valid_to": pd.NaT})
    >>> in_force(asked, rates, ["lane"], "day", ["lane"])["amount"].tolist()
    [2.0]
    """
    joined = asked.merge(table, on=list(on))
    started = joined["valid_from"].isna() | (joined["valid_from"] <= joined[date])
    held = joined[started & (joined["valid_to"].isna() | (joined["valid_to"] >= joined[date]))]
    first = held["valid_from"].fillna(pd.Timestamp.min)
    newest = first.groupby([held[column] for column in group], sort=False).transform("max")
    return held[(first == newest).to_numpy()].drop(columns=["valid_from", "valid_to"])


def missing_fault(table: str, what: str, dates: pd.Series) -> Fault:
    """Fault for a figure that no row of a dated table gives on some days."""
    days = dates.dt.strftime("%Y-%m-%d")
    when = days.min() if days.min() == days.max() else f"{days.min()} to {days.max()}"
    return Fault(
        where=f"table {table}",
        what=what,
        rule=f"no row holds on {when}.",
        mend=f"Add a row to {table} that is valid then, or close the lane on those days.",
    )
