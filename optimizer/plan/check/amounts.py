"""Every cost component, recomputed: those of orders line by line, joint ones by component."""

import numpy as np
import pandas as pd

from optimizer.costing.options import PricedOptions
from optimizer.plan.check.tolerance import differing, tell

__all__ = ["check_joint_costs", "check_order_costs"]

KEY = ["stage", "component", "member", "market", "mode", "period"]
STAGES = ("direct", "inbound", "holding", "outbound")


def check_order_costs(costs: pd.DataFrame, ways: pd.DataFrame, priced: PricedOptions) -> list[str]:
    """Orders × rate of every component, by member, market, mode and period, is what the plan books."""
    parts = []
    for stage in STAGES:
        table: pd.DataFrame = getattr(priced, stage)
        used = ways[(ways[stage] >= 0).to_numpy()]
        for column in (name for name in table.columns if name.startswith("cost_")):
            money = used["orders"].to_numpy(np.float64) * table[column].to_numpy(np.float64)[used[stage]]
            summed = used.assign(right=money).groupby(["member", "market", "mode", "period"])["right"].sum()
            parts.append(summed.reset_index().assign(stage=stage, component=column.removeprefix("cost_")))
    right = pd.concat(parts, ignore_index=True)
    booked = costs[costs["stage"] != "joint"]
    both = right.merge(booked, on=KEY, how="outer").fillna({"right": 0.0, "amount": 0.0})
    sentence = (
        "{stage} {component}, {member} to {market} by {mode} in {period}: {amount:g}, right is {right:g}"
    )
    return tell(both, differing(both["amount"], both["right"]), sentence)


def check_joint_costs(plan: dict[str, pd.DataFrame], priced: PricedOptions) -> list[str]:
    """Joint costs booked on members add up to those of openings, freight, fees, hubs and late orders."""
    openings = plan["openings"].rename(columns={"from_period": "opens"})
    opened = openings[["site", "size", "opens"]].merge(priced.supply.openings, on=["site", "size", "opens"])
    shipments, sites = plan["shipments"], plan["site_periods"]
    right = {
        "site_rent": opened["site_rent"].sum(),
        "site_labour": opened["site_labour"].sum(),
        "site_start_up": opened["site_start_up"].sum(),
        "onboarding": plan["member_use"]["cost"].sum(),
        "container_freight": shipments["cost_containers"].sum(),
        "lcl_freight": shipments["cost_lcl"].sum(),
        "air_freight": shipments["cost_air"].sum(),
        "shipment_fees": shipments["cost_fees"].sum(),
        "order_fees": sites["cost_order_fees"].sum(),
        "provider_minimum": sites["cost_provider_minimum"].sum(),
        "hub_fees": plan["hubs"]["cost"].sum(),
        "late_orders": plan["market_service"]["cost_late_orders"].sum(),
    }
    booked = plan["costs"][plan["costs"]["stage"] == "joint"].groupby("component")["amount"].sum()
    both = pd.DataFrame({"right": pd.Series(right), "amount": booked}).fillna(0.0).rename_axis("component")
    both = both.reset_index()
    sentence = "joint {component}: {amount:,.6f} booked on members, {right:,.6f} is right"
    return tell(both, differing(both["amount"], both["right"]), sentence)
