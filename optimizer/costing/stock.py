r"""Cycle and safety stock behind a flow of orders, as shares of the period's orders.

Approximations, stated once: goods of a period arrive in equal shipments evenly spread over it, each
sold evenly over one replenishment cycle; demand of different markets is independent; a site pools the
demand of ALL markets it can deliver to, whatever it is finally given. If it serves only some of them the
pooled safety stock is understated by at most the factor :math:`\sqrt{k/k'}`, with k and k' the effective
numbers of markets pooled and served.
"""

import numpy as np
import numpy.typing as npt
from scipy.special import ndtri

__all__ = ["P95_DEVIATES", "cycle_days", "effective_markets", "mean_age", "safety_share", "service_deviate"]

Floats = npt.NDArray[np.float64]

P95_DEVIATES = 1.6448536269514722
"""95 % quantile of the standard normal: turns a 95 % travel time into a standard deviation."""


def service_deviate(service_pct: float) -> float:
    """Standard normal quantile z of a cycle service level in percent.

    >>> round(service_deviate(95.0), 4)
    1.6449
    """
    return float(ndtri(service_pct / 100))


def cycle_days(days: npt.ArrayLike, shipments: npt.ArrayLike) -> Floats:
    """Replenishment cycle: days of the period / shipments in it.

    >>> float(cycle_days(30.0, 2.0))
    15.0
    """
    return np.asarray(days, np.float64) / np.asarray(shipments, np.float64)


def effective_markets(orders: Floats, squares: Floats) -> Floats:
    r"""Effective number of pooled markets :math:`k = (\sum D)^2 / \sum D^2`.

    Four equal markets count four, and halve the safety stock per order (square-root law):

    >>> float(effective_markets(np.array(40.0), np.array(400.0)))
    4.0
    """
    return np.divide(orders**2, squares, out=np.ones_like(orders), where=squares > 0)


def safety_share(
    deviate: float, cv: float, lead_days: Floats, lead_deviation: Floats, period_days: Floats, markets: Floats
) -> Floats:
    r"""Safety stock as a share of the period's orders.

    .. math:: s = z \sqrt{\frac{L}{T}\frac{\mathrm{cv}^2}{k} + \Bigl(\frac{\sigma_L}{T}\Bigr)^2}

    The usual formula for variable demand and lead time (Silver, Pyke and Thomas, *Inventory and
    Production Management in Supply Chains*, 4th ed., eq. 6.19) divided by the orders of the period.

    Parameters
    ----------
    deviate
        z of the cycle service level.
    cv
        Coefficient of variation of one row's orders in a period.
    lead_days, lead_deviation
        L (transit plus one cycle) and its standard deviation, in days.
    period_days
        T.
    markets
        Effective number k of pooled markets.

    Examples
    --------
    z = 1.645, cv = 0.3, L = T, a sure lead time, four markets: 1.645 · 0.3 / 2

    >>> round(float(safety_share(1.645, 0.3, np.array(30.), np.array(0.), np.array(30.), np.array(4.))), 5)
    0.24675
    """
    demand = lead_days / period_days * cv**2 / markets
    return max(deviate, 0.0) * np.sqrt(demand + (lead_deviation / period_days) ** 2)


def mean_age(lag_days: Floats, cycle: Floats, safety: Floats, period_days: Floats) -> Floats:
    """Mean days from arrival to sale: lag + cycle / 2 + safety share × period (Little's law, FIFO).

    >>> float(mean_age(np.array(0.), np.array(30.), np.array(0.2), np.array(30.)))
    21.0
    """
    return lag_days + cycle / 2 + safety * period_days
