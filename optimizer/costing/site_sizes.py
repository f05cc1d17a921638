"""Fixed cost and capacity of opening a site at a size, from a period on."""

from typing import Any

import numpy as np
import pandas as pd

from optimizer.costing.money import Exchange
from optimizer.costing.warehouse import WarehouseTariff
from optimizer.scenario.instance import Instance

__all__ = ["openings"]


def openings(
    instance: Instance, exchange: Exchange, tariff: WarehouseTariff, periods: pd.DataFrame
) -> pd.DataFrame:
    r"""Every way to open a site: a size and the period it opens in.

    .. math:: F = \sum_{t \ge t_0} \delta_t n_t (\text{rent} + \text{labour} + \text{minimum}_t)
              + \delta_{t_0} \, \text{start-up} \cdot
              \min\Bigl(1, \frac{\sum_{t \ge t_0} n_t}{\text{lease months}}\Bigr)

    with n_t months and δ_t the discount factor; each amount at the exchange rate of its period's middle
    day. Without `model.staged_openings` every size opens in the first period.

    Parameters
    ----------
    periods
        As returned by `horizon`, in time order, with ``date``.

    Returns
    -------
    pd.DataFrame
        Columns site, size, model, opens (period), site_rent, site_labour, site_start_up, provider_minimum,
        cost (their sum), capacity_m3, capacity_orders_per_month; sorted by site, size, opening.
    """
    sizes = instance["site_sizes"].merge(instance["sites"][["site", "provider"]], on="site")
    numbers = range(len(periods)) if instance.model.staged_openings else range(1)
    frames = []
    for first in numbers:
        frame = sizes[["site", "size", "model", "capacity_m3", "capacity_orders_per_month"]].assign(
            opens=periods.index[first], site_rent=0.0, site_labour=0.0, provider_minimum=0.0
        )
        row: Any
        for row in periods.iloc[first:].itertuples():
            rate = exchange.rate(sizes["currency"], row.date) * float(row.months) * float(row.discount)
            frame["site_rent"] += sizes["rent_per_month"] * rate
            frame["site_labour"] += sizes["labour_per_month"] * rate
            minimum = tariff.charge("monthly_minimum", sizes.assign(period=row.Index))
            frame["provider_minimum"] += minimum * float(row.months) * float(row.discount)
        opened = periods.iloc[first]
        part = np.minimum(1.0, periods["months"].iloc[first:].sum() / sizes["lease_months"])
        frame["site_start_up"] = (
            sizes["start_up"] * part * exchange.rate(sizes["currency"], opened["date"]) * opened["discount"]
        )
        frames.append(frame.assign(order=np.arange(len(frame))))
    table = pd.concat(frames, ignore_index=True)
    parts = ["site_rent", "site_labour", "site_start_up", "provider_minimum"]
    rank = table["site"].map({site: number for number, site in enumerate(instance["sites"]["site"])})
    table = table.assign(cost=table[parts].sum(axis=1), rank=rank)
    table = table.sort_values(["rank", "order"], kind="stable", ignore_index=True)
    return table.drop(columns=["rank", "order"])
