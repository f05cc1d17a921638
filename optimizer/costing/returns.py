"""Returned orders: shipped back or refunded and lost, resold or destroyed."""

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Floats, distinct
from optimizer.costing.matching import match, named_or_any
from optimizer.costing.money import Exchange
from optimizer.costing.validity import missing
from optimizer.scenario.instance import Instance

__all__ = ["return_cost", "return_rules"]


def return_rules(instance: Instance, requests: pd.DataFrame, channel: str) -> pd.DataFrame:
    """Return how much comes back and what becomes of it.

    The named category beats ``*``, then the named country. An empty table leaves returns out.

    Parameters
    ----------
    requests
        Columns category, country and date.
    channel
        ``direct`` or ``warehouse``.

    Returns
    -------
    pandas.DataFrame
        Same index: returned, shipped_back, resold (shares in [0, 1]: of orders, of returns, of those shipped
        back), disposal (scenario currency per unit).

    Raises
    ------
    InputError
        The table has rows, but none for a category and country on this channel.
    """
    table = instance["returns"]
    names = ["returned", "shipped_back", "resold", "disposal"]
    if table.empty:
        return pd.DataFrame(0.0, index=requests.index, columns=names)
    rules = table[table["channel"] == channel].reset_index(drop=True)
    combos, inverse = distinct(requests, ["category", "country", "date"])
    best = match(
        combos, rules, [("category", "category", named_or_any), ("country", "country", named_or_any)]
    )
    absent = combos[~combos.index.isin(best["request"])]
    if len(absent):
        items = [f"{row.category} sold {channel} in {row.country}" for row in absent.itertuples()]
        raise missing("returns", items, "Add a row for it, or for * as category and country.")
    best = best.sort_values("request", ignore_index=True)
    factor = Exchange(instance).rate(best["currency"].to_numpy(), combos["date"].to_numpy())
    shares = best[["return_pct", "shipped_back_pct", "resale_pct"]] / 100
    found = shares.set_axis(names[:3], axis=1).assign(disposal=best["disposal_amount"] * factor)
    return found.iloc[inverse].set_axis(requests.index)


def return_cost(
    rules: pd.DataFrame, goods_cost: Floats, units: Floats, way_back: Floats, handling: Floats | float = 0.0
) -> Floats:
    r"""Return the expected cost of returns per order.

    .. math:: q\,\bigl[\,b\,(w + h + (1 - \sigma)(g + e\,u)) + (1 - b)\,g\,\bigr]

    A share q of orders comes back; of these a share b travels (way back w, handling h; a share σ is sold
    again, the rest is destroyed at e per unit), the others are refunded and the goods g are lost. The
    price paid back is not a cost of logistics: the sale did not happen, on any route.

    Parameters
    ----------
    rules
        From `return_rules`: returned q, shipped_back b, resold σ, disposal e.
    goods_cost, units
        g and u per order.
    way_back
        Transport of the return parcel w: to the origin when sold direct, to the site otherwise.
    handling
        Return fee of the warehouse h; 0 when sold direct.
    """
    back = rules["shipped_back"].to_numpy(np.float64)
    wasted = 1 - rules["resold"].to_numpy(np.float64)
    destroyed = wasted * (goods_cost + rules["disposal"].to_numpy(np.float64) * units)
    each = back * (way_back + handling + destroyed) + (1 - back) * goods_cost
    cost: Floats = rules["returned"].to_numpy(np.float64) * each
    return cost
