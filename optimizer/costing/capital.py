"""Cost of money tied up in goods, refunds and taxes."""

import numpy as np
import numpy.typing as npt

from optimizer.costing.arrays import Floats

__all__ = ["DAYS_PER_YEAR", "capital_cost"]

DAYS_PER_YEAR = 365.0


def capital_cost(amount: npt.ArrayLike, rate_pct: npt.ArrayLike, days: npt.ArrayLike) -> Floats:
    r"""Return simple interest on an amount: :math:`a \cdot \rho / 100 \cdot n / 365`.

    Parameters
    ----------
    amount
        Money tied up.
    rate_pct
        Cost of capital ρ, percent per year.
    days
        For how long, n.

    Examples
    --------
    >>> round(float(capital_cost(1000.0, 8.0, 45.0)), 2)
    9.86
    """
    cost: Floats = (
        np.asarray(amount, np.float64) * np.asarray(rate_pct) / 100 * np.asarray(days) / DAYS_PER_YEAR
    )
    return cost
