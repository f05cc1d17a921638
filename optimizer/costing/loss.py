"""Lost and damaged parcels as money: goods, a second dispatch, and the refund if that fails too."""

import numpy as np

from optimizer.costing.arrays import Dates, Floats
from optimizer.scenario.instance import Instance

__all__ = ["failure_cost", "failure_share", "loss_factor"]


def loss_factor(instance: Instance, dates: Dates) -> Floats:
    """Return the factor of `loss_months` on the loss share for the month of each date; 1 without a row."""
    table = instance["loss_months"]
    factors = np.ones(13)
    factors[table["month"].to_numpy(np.int64)] = table["factor"].to_numpy(np.float64)
    month = np.asarray(dates).astype("datetime64[M]").astype(np.int64) % 12 + 1
    result: Floats = factors[month]
    return result


def failure_share(loss_pct: Floats, damage_pct: Floats, factor: Floats) -> Floats:
    r"""Return the share of parcels that do not arrive whole: :math:`p = \min(1, (\ell f + d) / 100)`.

    Examples
    --------
    >>> failure_share(np.array([1.2]), np.array([0.4]), np.array([1.4])).round(4).tolist()
    [0.0208]
    """
    share: Floats = np.minimum(1.0, (loss_pct * factor + damage_pct) / 100)
    return share


def failure_cost(share: Floats, goods_cost: Floats, send_cost: Floats, retail_value: Floats) -> Floats:
    r"""Return the expected cost of loss and damage per order.

    .. math:: L = p\,(g + s) + p^2\, v

    A failed parcel is replaced once: its goods g are written off and a second dispatch s is paid. If the
    replacement fails too, the buyer is refunded the price v.

    Parameters
    ----------
    share
        Failure share p, in [0, 1].
    goods_cost, send_cost, retail_value
        g, s (transport, packing, charges at the border) and v per order.

    Examples
    --------
    0.02 · (11 + 9) + 0.0004 · 32 = 0.4128

    >>> float(failure_cost(*(np.array([x]) for x in (0.02, 11.0, 9.0, 32.0))).round(4)[0])
    0.4128
    """
    cost: Floats = share * (goods_cost + send_cost) + share**2 * retail_value
    return cost
