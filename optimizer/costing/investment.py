"""Worth of an opening plan over time: discounting, payment terms, net present value, payback, return."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from optimizer.costing.arrays import Floats
from optimizer.costing.capital import DAYS_PER_YEAR

__all__ = [
    "Investment",
    "annuity_factor",
    "discount_factor",
    "evaluate_opening",
    "internal_rate_pct",
    "net_present_value",
    "payback_days",
    "start_up_share",
]


@dataclass(frozen=True)
class Investment:
    """What an opening plan is worth against going on without it.

    Parameters
    ----------
    outlay
        Start-up cost paid on the first day.
    net_present_value
        Discounted savings less the outlay.
    payback_days
        Day on which discounted savings have repaid the outlay; infinite if never.
    return_pct
        Internal rate of return, percent per year; NaN where none exists.
    profit_per_unit
        Net present value per unit of outlay; NaN without an outlay.
    """

    outlay: float
    net_present_value: float
    payback_days: float
    return_pct: float
    profit_per_unit: float


def discount_factor(days: npt.ArrayLike, rate_pct: npt.ArrayLike, terms_days: npt.ArrayLike = 0.0) -> Floats:
    r"""Return the worth today of money paid later: :math:`(1 + \rho / 100)^{-(n + z) / 365}`.

    Parameters
    ----------
    days
        Days from today to the event that is paid for, n.
    rate_pct
        Annual rate ρ.
    terms_days
        Payment term z: days from the event to the payment (negative: paid in advance).

    Examples
    --------
    1000 due in a year at 10 % with 30 days to pay: 1000 / 1.1^(395/365) = 902.00

    >>> round(float(1000 * discount_factor(365.0, 10.0, 30.0)), 2)
    902.0
    """
    growth = 1 + np.asarray(rate_pct, np.float64) / 100
    exponent = (np.asarray(days, np.float64) + np.asarray(terms_days, np.float64)) / DAYS_PER_YEAR
    factor: Floats = growth**-exponent
    return factor


def net_present_value(amounts: npt.ArrayLike, days: npt.ArrayLike, rate_pct: float) -> float:
    r"""Return :math:`\sum_i a_i (1 + \rho / 100)^{-n_i / 365}`; receipts positive.

    Examples
    --------
    Pay 1000 now, receive 600 after one and two years, 10 %: −1000 + 545.45 + 495.87

    >>> round(net_present_value([-1000, 600, 600], [0, 365, 730], 10.0), 2)
    41.32
    """
    return float(np.sum(np.asarray(amounts, np.float64) * discount_factor(days, rate_pct)))


def annuity_factor(months: int, rate_pct: float) -> float:
    r"""Return the level monthly payment that repays 1 over a term: :math:`i / (1 - (1 + i)^{-m})`.

    The monthly rate is :math:`i = (1 + \rho/100)^{1/12} - 1`; without interest :math:`1/m`.

    Examples
    --------
    >>> round(annuity_factor(12, 0.0), 6), round(annuity_factor(36, 8.0), 6)
    (0.083333, 0.031208)
    """
    monthly = (1 + rate_pct / 100) ** (1 / 12) - 1
    return 1 / months if monthly == 0 else monthly / (1 - (1 + monthly) ** -months)


def start_up_share(start_up: float, lease_months: int, horizon_months: float) -> float:
    r"""Return the part of a start-up cost that a horizon bears: :math:`S \cdot \min(1, H / L)`.

    Start-up cost is spread evenly over the lease; a horizon shorter than the lease bears its months only.

    Examples
    --------
    >>> start_up_share(12000.0, 36, 12.0)
    4000.0
    """
    return start_up * min(1.0, horizon_months / lease_months)


def payback_days(outlay: float, savings: npt.ArrayLike, days: npt.ArrayLike, rate_pct: float = 0.0) -> float:
    """Return the first day on which (discounted) savings have repaid the outlay, or infinity.

    Savings come in on their days; within the one that completes the outlay, the day is interpolated
    from the day before it.

    Examples
    --------
    1000 repaid by 400 a quarter: after two, 800; the missing 200 are half of the third.

    >>> payback_days(1000.0, [400, 400, 400], [91, 182, 273])
    227.5
    """
    when = np.asarray(days, np.float64)
    order = np.argsort(when, kind="stable")
    gains = (np.asarray(savings, np.float64) * discount_factor(when, rate_pct))[order]
    total = np.cumsum(gains)
    if outlay <= 0:
        return 0.0
    reached = np.flatnonzero(total >= outlay - 1e-9)
    if len(reached) == 0:
        return float("inf")
    last = int(reached[0])
    begin = when[order][last - 1] if last else 0.0
    missing = outlay - (total[last - 1] if last else 0.0)
    return float(begin + (when[order][last] - begin) * missing / gains[last])


def internal_rate_pct(amounts: npt.ArrayLike, days: npt.ArrayLike) -> float:
    """Return the annual rate at which the present value is zero, by bisection in (−99 %, 10,000 %).

    Infinite if an outlay is repaid even at the highest rate, NaN if otherwise the value does not change its
    sign there. An outlay followed by receipts has one such rate.

    Examples
    --------
    >>> round(internal_rate_pct([-1000, 600, 600], [0, 365, 730]), 2)
    13.07
    """
    low, high = -99.0, 10_000.0
    if np.min(amounts) < 0 < net_present_value(amounts, days, high):
        return float("inf")
    if net_present_value(amounts, days, low) * net_present_value(amounts, days, high) > 0:
        return float("nan")
    falling = net_present_value(amounts, days, low) > 0
    for _ in range(200):
        middle = (low + high) / 2
        if (net_present_value(amounts, days, middle) > 0) == falling:
            low = middle
        else:
            high = middle
    return (low + high) / 2


def evaluate_opening(
    outlay: float, savings: npt.ArrayLike, days: npt.ArrayLike, rate_pct: float
) -> Investment:
    """Judge an opening plan by the savings it brings against the plan without openings.

    Parameters
    ----------
    outlay
        Start-up costs, paid today.
    savings
        Savings in running cost, one per period, not discounted.
    days
        Days from today to each of them.
    rate_pct
        Annual discount rate.
    """
    flows = np.concatenate([[-outlay], np.asarray(savings, np.float64)])
    when = np.concatenate([[0.0], np.asarray(days, np.float64)])
    value = net_present_value(flows, when, rate_pct)
    return Investment(
        outlay=outlay,
        net_present_value=value,
        payback_days=payback_days(outlay, savings, days, rate_pct),
        return_pct=internal_rate_pct(flows, when) if outlay > 0 else float("nan"),
        profit_per_unit=value / outlay if outlay > 0 else float("nan"),
    )
