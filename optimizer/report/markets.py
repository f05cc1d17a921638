"""Markets over the whole horizon: orders, modes, service and cost, as reports show them."""

import pandas as pd

from optimizer.plan.plan import Plan

__all__ = ["FREIGHT_MODES", "MODES", "cost_by_component", "lane_summary", "market_summary"]

MODES = ("postal", "express", "line", "warehouse")
FREIGHT_MODES = ("sea", "rail", "air", "truck")
SHARES = [f"{mode}_pct" for mode in MODES]


def market_summary(plan: Plan) -> pd.DataFrame:
    r"""Sum the service of each market over its periods, and add its cost.

    Shares and days are means weighted by orders, :math:`\bar a_m = \sum_t d_{mt} a_{mt} / \sum_t d_{mt}`;
    ``on_time_pct`` counts only periods with a promise.

    Returns
    -------
    DataFrame
        ``market``, ``name``, ``country``, ``mode`` (the one most orders go by), ``orders``, ``cost`` (money),
        ``cost_per_order``, ``on_time_pct``, ``promise_days``, ``promise_share_pct``, ``days_mean`` and
        ``<mode>_pct``; the largest market first.
    """
    rows = plan["market_service"]
    orders = rows["orders"]
    promised = orders.where(rows["promise_days"].notna(), 0.0)
    parts = rows[["market", "name", "country", "orders"]].assign(
        promised=promised,
        late=rows["late_orders"].where(promised > 0.0, 0.0),
        promise_days=rows["promise_days"],
        promise_share_pct=(rows["promise_share_pct"] * promised).fillna(0.0),
        days_mean=rows["days_mean"] * orders,
        **{share: rows[share] * orders for share in SHARES},
    )
    first = dict.fromkeys(("name", "country", "promise_days"), "first")
    sums = dict.fromkeys(("orders", "promised", "late", "promise_share_pct", "days_mean", *SHARES), "sum")
    found = parts.groupby("market", sort=True).agg(first | sums).reset_index()
    found["on_time_pct"] = 100.0 * (1.0 - found["late"] / found["promised"].where(found["promised"] > 0.0))
    found["promise_share_pct"] /= found["promised"].where(found["promised"] > 0.0)
    for column in ("days_mean", *SHARES):
        found[column] /= found["orders"]
    most = found[SHARES].idxmax(axis=1) if len(found) else pd.Series(dtype=object)
    found["mode"] = most.astype(object).str.removesuffix("_pct")
    cost = plan["costs"].groupby("market")["amount"].sum()
    found["cost"] = found["market"].map(cost).fillna(0.0)
    found["cost_per_order"] = found["cost"] / found["orders"]
    columns = ["market", "name", "country", "mode", "orders", "cost", "cost_per_order", "on_time_pct"]
    columns += ["promise_days", "promise_share_pct", "days_mean", *SHARES]
    return found.sort_values("orders", ascending=False, kind="stable", ignore_index=True)[columns]


def cost_by_component(plan: Plan, by: str) -> pd.DataFrame:
    """Cost of each market (or member, mode, period) by component: one column each, in order of total cost.

    Costs that no flow caused stand in the line with an empty key.
    """
    table = plan["costs"].pivot_table(index=by, columns="component", values="amount", aggfunc="sum")
    order = list(plan.cost_by("component"))
    return table.reindex(columns=order).fillna(0.0).reset_index().rename_axis(columns=None)


def lane_summary(plan: Plan) -> pd.DataFrame:
    """Return the shipments with ``lane`` (its stops, in words) and ``cost`` (freight, fees) added."""
    rows = plan["shipments"]
    stops = rows[["start", "load_place", "hub", "discharge_place", "site"]].itertuples(index=False)
    costs = [column for column in rows.columns if column.startswith("cost_")]
    lanes = [" → ".join(stop for stop in way if stop) for way in stops]
    return rows.assign(lane=pd.Series(lanes, dtype=object), cost=rows[costs].sum(axis=1))
