"""What it costs to send every order as a parcel from its origin, period by period."""

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Floats
from optimizer.costing.direct import DIRECT_COSTS, direct_table
from optimizer.costing.money import Exchange
from optimizer.costing.validity import pricing_dates
from optimizer.network import build
from optimizer.scenario.instance import Instance

__all__ = ["direct_only"]

ROW = ["product", "market", "period"]


def direct_only(instance: Instance, periods: pd.DataFrame) -> tuple[Floats | None, str]:
    """Cost per period of the cheapest direct service of every order, or None and the reason.

    Late orders beyond the share a market tolerates are charged where they have a price. Services are
    chosen once by cost alone and once by cost and price of lateness; the cheaper choice counts per market
    and period. Amounts are not discounted.

    Parameters
    ----------
    periods
        As returned by `horizon`.
    """
    demand = instance["demand"][[*ROW, "orders"]]
    lanes = build(instance).direct_lanes
    if lanes.empty:
        return None, "no direct service serves any order"
    table = direct_table(instance, lanes)
    table = table.assign(cost=table[[f"cost_{name}" for name in DIRECT_COSTS]].sum(axis=1))
    table = table.merge(_promises(instance), on="market").merge(demand, on=ROW)
    lost = demand.merge(table[ROW].drop_duplicates(), on=ROW, how="left", indicator="found")
    lost = lost[lost["found"] == "left_only"]
    if len(lost):
        return (
            None,
            f"{lost['orders'].sum():,.0f} orders have no direct service, the first {lost.iloc[0]['product']}",
        )
    priced = table["cost"] + table["late_share"] * _late_price(instance, table)
    costs = [_chosen(instance, table, by) for by in (table["cost"], priced)]
    best = pd.concat(costs, axis=1).min(axis=1).groupby("period").sum()
    return best.reindex(periods.index).fillna(0.0).to_numpy(np.float64), ""


def _promises(instance: Instance) -> pd.DataFrame:
    """Share of late orders each market tolerates, and the price of one beyond it (0: none)."""
    markets = instance["markets"]
    tolerated = 1 - markets["promise_share_pct"] / 100
    promised = markets["promise_days"].notna() & (markets["promise_share_pct"] > 0)
    return pd.DataFrame(
        {
            "market": markets["market"],
            "tolerated": tolerated.where(promised, 1.0),
            "late_amount": markets["late_order_amount"].fillna(0.0).where(promised, 0.0),
            "late_currency": markets["currency"],
        }
    )


def _late_price(instance: Instance, table: pd.DataFrame) -> Floats:
    dates = pd.Series(pricing_dates(instance["periods"]), index=instance["periods"]["period"])
    price = table["late_amount"].to_numpy(np.float64).copy()
    charged = price > 0
    days = table.loc[charged, "period"].map(dates)
    price[charged] *= Exchange(instance).rate(table.loc[charged, "late_currency"], days)
    return price


def _chosen(instance: Instance, table: pd.DataFrame, by: pd.Series) -> pd.Series:
    """Cost per market and period if every order takes its best service by `by`, late orders included."""
    best = table.loc[by.groupby([table[name] for name in ROW], sort=False).idxmin()]
    price = _late_price(instance, best)
    sums = (
        best.assign(
            paid=best["cost"] * best["orders"],
            late=best["late_share"] * best["orders"],
            allowed=best["tolerated"] * best["orders"],
            price=price,
        )
        .groupby(["market", "period"])
        .agg({"paid": "sum", "late": "sum", "allowed": "sum", "price": "first"})
    )
    cost: pd.Series = sums["paid"] + sums["price"] * np.maximum(0.0, sums["late"] - sums["allowed"])
    return cost
