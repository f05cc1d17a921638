"""The planning horizon as numbers: months, days and discount factors of each period."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.scenario.instance import Instance

__all__ = ["horizon", "months_between"]


def months_between(start: pd.Timestamp, end: pd.Timestamp) -> float:
    """Calendar months from `start` to `end`, both days included; a part of a month counts by its days.

    >>> months_between(pd.Timestamp("2026-02-01"), pd.Timestamp("2026-04-30"))
    3.0
    >>> months_between(pd.Timestamp("2026-11-01"), pd.Timestamp("2026-11-15"))
    0.5
    """
    total = 0.0
    for month in pd.period_range(start, end, freq="M"):
        first, last = max(start, month.start_time.normalize()), min(end, month.end_time.normalize())
        total += ((last - first).days + 1) / month.days_in_month
    return total


def horizon(instance: Instance) -> pd.DataFrame:
    r"""Length, middle and discount factor of every period.

    .. math:: \delta_t = (1 + \rho)^{-(\text{middle}_t - \text{start}_1) / 365}

    Returns
    -------
    pd.DataFrame
        Index period (in table order); columns number, start, end, days, months, middle (days from the
        start of the horizon), discount.
    """
    periods = instance["periods"]
    first = periods["start"].min()
    days = ((periods["end"] - periods["start"]).dt.days + 1).to_numpy(np.float64)
    middle = (periods["start"] - first).dt.days.to_numpy(np.float64) + days / 2
    growth = 1 + instance.model.discount_rate_pct / 100
    discount: npt.NDArray[np.float64] = growth ** (-middle / 365)
    months = [months_between(*ends) for ends in zip(periods["start"], periods["end"], strict=True)]
    return pd.DataFrame(
        {
            "number": np.arange(len(periods)),
            "start": periods["start"].to_numpy(),
            "end": periods["end"].to_numpy(),
            "days": days,
            "months": months,
            "middle": middle,
            "discount": discount,
        },
        index=pd.Index(periods["period"], name="period"),
    )
