"""Disputes: buyers of late orders who take their payment back."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.arrays import Dates, Floats
from optimizer.costing.money import Exchange
from optimizer.scenario.instance import Instance

__all__ = ["dispute_cost", "dispute_terms", "disputes"]


def dispute_terms(instance: Instance, market: pd.Series, dates: Dates) -> pd.DataFrame:
    """Return dispute_pct, dispute_lost_pct and dispute_amount (scenario currency) of sales in markets.

    Parameters
    ----------
    market, dates
        Market and day of each sale.
    """
    columns = ["dispute_pct", "dispute_lost_pct", "dispute_amount", "currency"]
    if not (instance["markets"]["dispute_pct"] > 0).any():
        return pd.DataFrame(np.zeros((len(market), 3)), columns=columns[:3])
    terms = instance["markets"].set_index("market")[columns].loc[market].reset_index(drop=True)
    charged = ((terms["dispute_pct"] > 0) & (terms["dispute_amount"] > 0)).to_numpy()
    amount = np.zeros(len(terms))
    factor = Exchange(instance).rate(terms.loc[charged, "currency"], np.asarray(dates)[charged])
    amount[charged] = terms.loc[charged, "dispute_amount"].to_numpy(np.float64) * factor
    return terms[["dispute_pct", "dispute_lost_pct"]].assign(dispute_amount=amount)


def disputes(late: npt.ArrayLike, terms: pd.DataFrame, retail_value: npt.ArrayLike) -> Floats:
    """Return `dispute_cost` for terms as `dispute_terms` returns them."""
    pct, lost, amount = terms.to_numpy(np.float64).T
    return dispute_cost(late, pct, lost, amount, retail_value)


def dispute_cost(
    late: npt.ArrayLike,
    dispute_pct: npt.ArrayLike,
    lost_pct: npt.ArrayLike,
    amount: npt.ArrayLike,
    retail_value: npt.ArrayLike,
) -> Floats:
    r"""Return the expected cost of disputes per order: :math:`p \cdot q / 100 \cdot (a + w / 100 \cdot v)`.

    Parameters
    ----------
    late
        Share of orders that miss the promise, p.
    dispute_pct, lost_pct
        Late orders whose buyers dispute the payment, q; disputes that end with the price paid back, w.
    amount, retail_value
        Fee per dispute a, selling price v.

    Examples
    --------
    A tenth late, 5 % of them disputed, 60 % of these lost, 15 of fee, price 40: 0.1 · 0.05 · (15 + 24)

    >>> round(float(dispute_cost(0.1, 5.0, 60.0, 15.0, 40.0)), 4)
    0.195
    """
    disputed = np.asarray(late, np.float64) * np.asarray(dispute_pct, np.float64) / 100
    lost = np.asarray(lost_pct, np.float64) / 100 * np.asarray(retail_value, np.float64)
    cost: Floats = disputed * (np.asarray(amount, np.float64) + lost)
    return cost
