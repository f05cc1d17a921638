"""Pre-refunded export VAT: paid back where goods are unsold on settlement day, and refunded again later."""

import numpy as np
import numpy.typing as npt

from optimizer.costing.arrays import Dates, Floats
from optimizer.costing.capital import capital_cost

__all__ = ["settlement_cost", "settlement_day"]

NEVER = 1e6
"""Days: beyond any sale."""


def settlement_day(refunded: Dates, month: Floats) -> Dates:
    """Return the last day of `month` in the year after each refund; NaT where `month` is NaN.

    Source: STA Announcement 2025 No. 3, article 3: goods under regime 9810 are settled from the month after
    the pre-refund until 30 April of the following year.

    Examples
    --------
    >>> settlement_day(np.array(["2026-11-20", "2027-01-05"], "datetime64[D]"), np.array([4.0, 4.0]))
    array(['2027-04-30', '2028-04-30'], dtype='datetime64[D]')
    """
    known = ~np.isnan(month)
    next_year = refunded.astype("datetime64[Y]") + 1
    after = next_year.astype("datetime64[M]") + np.where(known, month, 1).astype(np.int64)
    last = after.astype("datetime64[D]").astype(np.int64) - 1
    day: Dates = last.astype("datetime64[D]")
    day[~known] = np.datetime64("NaT", "D")
    return day


def settlement_cost(
    refund: npt.ArrayLike,
    rate_pct: npt.ArrayLike,
    youngest: npt.ArrayLike,
    cycle: npt.ArrayLike,
    days_left: npt.ArrayLike,
    refund_days: npt.ArrayLike,
) -> Floats:
    r"""Return what it costs that refunds on goods unsold on settlement day go back until they are sold.

    Days to the sale are spread evenly over [y, y + c]. Of the goods the share p is sold after day D, on
    average e days after it; their refund R is away for e + n days:

    .. math:: p = \frac{(y + c - \max(y, D))^+}{c}, \quad e = \frac{\max(y, D) + y + c}{2} - D, \quad
              \text{cost} = R \cdot p \cdot \frac{\rho}{100} \cdot \frac{e + n}{365}

    Parameters
    ----------
    refund
        Refund per order, R ≥ 0.
    rate_pct
        Cost of capital ρ, percent per year.
    youngest, cycle
        Days from the arrival to the first sale of a lot, y, and to its last, y + c.
    days_left
        Days from the arrival to settlement day, D; infinite where there is none.
    refund_days
        Days from a new claim to the money, n.

    Examples
    --------
    Sold on days 0 to 90 after arrival, settled on day 60: a third goes back, for 15 + 45 days on average.
    13 · 1/3 · 0.1 · 60 / 365 = 0.0712.

    >>> round(float(settlement_cost(13.0, 10.0, 0.0, 90.0, 60.0, 45.0)), 4)
    0.0712
    """
    start, length = np.asarray(youngest, np.float64), np.asarray(cycle, np.float64)
    left = np.minimum(np.asarray(days_left, np.float64), NEVER)
    end = start + length
    first = np.maximum(start, left)
    spread = np.divide(end - first, length, out=np.zeros(np.broadcast(end, left).shape), where=length > 0)
    share = np.clip(np.where(length > 0, spread, start > left), 0.0, 1.0)
    waits = np.where(share > 0, (first + np.maximum(end, first)) / 2 - left, 0.0)
    away = waits + np.asarray(refund_days, np.float64)
    return capital_cost(np.asarray(refund, np.float64) * share, rate_pct, np.where(share > 0, away, 0.0))
