"""Storage charged by stock age: what a m³ pays from its arrival to its sale."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.dated import in_force
from optimizer.costing.money import Exchange
from optimizer.scenario.instance import Instance

__all__ = ["age_cost", "mean_age_cost", "storage_per_m3"]

Floats = npt.NDArray[np.float64]


def age_cost(start: Floats, end: Floats, price: Floats, age: Floats) -> tuple[Floats, Floats]:
    r"""First and second integral of the price by age.

    .. math:: C(a) = \int_0^a p(u)\,du, \qquad S(a) = \int_0^a C(u)\,du

    Parameters
    ----------
    start, end, price
        Tiers: price per m³ and day for start ≤ age < end (`inf`: no end).
    age
        Days, ≥ 0.

    Examples
    --------
    30 days free, then 0.5 a day: 40 days cost 5.

    >>> cost, _ = age_cost(np.array([30.0]), np.array([np.inf]), np.array([0.5]), np.array([40.0]))
    >>> cost.tolist()
    [5.0]
    """
    inside = np.clip(age[:, None] - start, 0.0, end - start)
    beyond = np.maximum(0.0, age[:, None] - end)
    width = np.where(np.isfinite(end), end - start, 0.0)
    first = inside @ price
    second = (inside**2 / 2 + beyond * width) @ price
    return first, second


def mean_age_cost(start: Floats, end: Floats, price: Floats, youngest: Floats, cycle: Floats) -> Floats:
    r"""Mean storage cost of a m³ whose age at sale is spread evenly over [y, y + c].

    .. math:: \frac{S(y + c) - S(y)}{c} \quad (c > 0), \qquad C(y) \quad (c = 0)

    Examples
    --------
    At 1 a day, goods sold evenly over 30 days pay for 15 on average:

    >>> one = np.array([1.0])
    >>> mean_age_cost(np.zeros(1), np.array([np.inf]), one, np.zeros(1), np.array([30.0])).tolist()
    [15.0]
    """
    at_youngest, sum_youngest = age_cost(start, end, price, youngest)
    _, sum_oldest = age_cost(start, end, price, youngest + cycle)
    spread = np.where(cycle > 0, cycle, 1.0)
    return np.where(cycle > 0, (sum_oldest - sum_youngest) / spread, at_youngest)


def storage_per_m3(instance: Instance, exchange: Exchange, asked: pd.DataFrame) -> Floats:
    """Storage cost per m³ in scenario currency.

    A provider without any storage tier charges no storage (leased space).

    Parameters
    ----------
    asked
        Columns provider, date, youngest, cycle (days).
    """
    cost = np.zeros(len(asked))
    groups = asked.assign(position=np.arange(len(asked))).groupby(["provider", "date"], sort=False)
    keys = pd.DataFrame(list(groups.groups), columns=["provider", "date"])
    tiers = in_force(keys, instance["storage_tiers"], ["provider"], "date", ["provider", "date"])
    tiers = tiers.assign(price=tiers["amount_per_m3_day"] * exchange.rate(tiers["currency"], tiers["date"]))
    by_key = dict(list(tiers.groupby(["provider", "date"], sort=False)))
    for key, group in groups:
        if key in by_key:
            tier = by_key[key]
            end = tier["age_to_days"].fillna(np.inf).to_numpy(np.float64)
            start, price = tier["age_from_days"].to_numpy(np.float64), tier["price"].to_numpy(np.float64)
            ages = group["youngest"].to_numpy(np.float64), group["cycle"].to_numpy(np.float64)
            cost[group["position"]] = mean_age_cost(start, end, price, *ages)
    return cost
