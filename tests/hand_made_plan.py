"""A plan of two firms and two markets, small enough to add up by hand."""

import pandas as pd

from optimizer.plan.columns import PLAN_TABLES, conform
from optimizer.plan.plan import Plan

COSTS = [
    # stage, component, member, market, mode, amount
    ("direct", "parcel_base", "anna", "DE", "postal", 40.0),
    ("outbound", "last_mile", "anna", "FR", "warehouse", 20.0),
    ("outbound", "last_mile", "bela", "FR", "warehouse", 30.0),
    ("joint", "site_rent", "anna", "FR", "warehouse", 4.0),
    ("joint", "site_rent", "bela", "FR", "warehouse", 6.0),
]
FLOWS = [
    # member, market, mode, service, site, orders
    ("anna", "DE", "postal", "epacket", "", 10.0),
    ("anna", "FR", "warehouse", "colissimo", "FR-LIL", 4.0),
    ("bela", "FR", "warehouse", "colissimo", "FR-LIL", 6.0),
]


def hand_made_plan(last_mile: float = 30.0, size: str = "small", via: str = "FR-LIL") -> Plan:
    """Total 100 by default: anna 64, bela 36; direct 40, outbound 50, joint 10."""
    costs = pd.DataFrame(COSTS, columns=["stage", "component", "member", "market", "mode", "amount"])
    costs.loc[2, "amount"] = last_mile
    flows = pd.DataFrame(FLOWS, columns=["member", "market", "mode", "service", "site", "orders"])
    flows.loc[2, "site"] = via
    columns = {column.name: "" if column.type == "text" else 0 for column in PLAN_TABLES["flows"]}
    flows = flows.assign(**{k: v for k, v in columns.items() if k not in flows}).assign(period="2026-11")
    openings = pd.DataFrame({column.name: [""] for column in PLAN_TABLES["openings"]})
    numbers = [column.name for column in PLAN_TABLES["openings"] if column.type != "text"]
    openings = openings.assign(**dict.fromkeys(numbers, 1.0)).assign(site="FR-LIL", size=size, cost=10.0)
    service = pd.DataFrame(
        {
            "market": ["DE", "FR"],
            "period": "2026-11",
            "name": ["Germany", "France"],
            "country": ["DE", "FR"],
            "orders": 10.0,
            "late_orders": [1.0, 0.5],
            "charged_late_orders": 0.0,
            "cost_late_orders": 0.0,
            "on_time_pct": [90.0, 95.0],
            "promise_days": [12.0, float("nan")],
            "promise_share_pct": [80.0, 0.0],
            "days_mean": [9.0, 3.0],
            "postal_pct": [100.0, 0.0],
            "express_pct": 0.0,
            "line_pct": 0.0,
            "warehouse_pct": [0.0, 100.0],
        }
    )
    carbon = flows.groupby(["member", "market", "mode", "period"], as_index=False)["orders"].sum()
    frames = {
        "openings": openings,
        "member_use": pd.DataFrame(),
        "flows": flows,
        "shipments": pd.DataFrame(),
        "stock": pd.DataFrame(),
        "site_periods": pd.DataFrame(),
        "hubs": pd.DataFrame(),
        "market_service": service,
        "costs": costs.assign(period="2026-11"),
        "carbon": carbon.rename(columns={"orders": "co2_kg"}),
    }
    return Plan("hand-made", "USD", {name: conform(name, frame) for name, frame in frames.items()})
