"""Late orders: the share of parcels that miss the promise, from mean and 95 % time."""

import numpy as np
import numpy.typing as npt
from scipy.special import ndtr

from optimizer.costing.arrays import Floats

__all__ = ["Z95", "late_share", "lateness_cost", "lognormal"]

Z95 = 1.6448536269514722


def lognormal(days_mean: npt.ArrayLike, days_p95: npt.ArrayLike) -> tuple[Floats, Floats]:
    r"""Return μ and σ of the lognormal time with a given mean and 95 % quantile.

    .. math:: \mu + \tfrac12 \sigma^2 = \ln m, \quad \mu + z\,\sigma = \ln q
              \;\Rightarrow\; \sigma = z - \sqrt{z^2 - 2 \ln(q / m)}

    with z = 1.6449, the smaller root. A lognormal of given mean cannot have :math:`q / m` above
    :math:`e^{z^2/2} = 3.868`: longer tails are cut there. q ≤ m: the time is certain, σ = 0.

    Examples
    --------
    >>> mu, sigma = lognormal(12.0, 21.0)
    >>> round(float(np.exp(mu + sigma**2 / 2)), 9), round(float(np.exp(mu + Z95 * sigma)), 9)
    (12.0, 21.0)
    """
    mean = np.asarray(days_mean, np.float64)
    spread = np.clip(np.log(np.asarray(days_p95, np.float64) / mean), 0.0, Z95**2 / 2)
    sigma: Floats = Z95 - np.sqrt(Z95**2 - 2 * spread)
    mu: Floats = np.log(mean) - sigma**2 / 2
    return mu, sigma


def late_share(days_mean: npt.ArrayLike, days_p95: npt.ArrayLike, promise_days: npt.ArrayLike) -> Floats:
    r"""Return the share of orders that take longer than promised.

    .. math:: P(T > d) = 1 - \Phi\left(\frac{\ln d - \mu}{\sigma}\right), \quad T \text{ lognormal}

    Door-to-door times are skewed to the right, hence lognormal and not normal. Without spread: 0 or 1,
    the promised day itself being in time. No promise (NaN): nobody is late.

    Examples
    --------
    >>> late_share(12.0, 21.0, [21.0, 12.0, np.nan]).round(4).tolist()
    [0.05, 0.4236, 0.0]
    """
    mu, sigma = lognormal(days_mean, days_p95)
    promise = np.asarray(promise_days, np.float64)
    mu, sigma, promise = np.broadcast_arrays(mu, sigma, np.where(np.isnan(promise), np.inf, promise))
    gap = mu - np.log(promise)
    certain = np.where(gap > 1e-12, 1.0, 0.0)
    safe = np.where(sigma > 1e-9, sigma, 1.0)
    share: Floats = np.where(sigma > 1e-9, ndtr(gap / safe), certain)
    return share


def lateness_cost(share: npt.ArrayLike, late_order_amount: npt.ArrayLike) -> Floats:
    """Return the expected price of lateness of one order: share × amount, 0 where no amount is given.

    A single parcel has no tolerance to share; in a plan the tolerated share of a market's orders is
    pooled, and only late orders beyond it are charged (component ``late_orders``).
    """
    cost: Floats = np.asarray(share, np.float64) * np.nan_to_num(np.asarray(late_order_amount, np.float64))
    return cost
