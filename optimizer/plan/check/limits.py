"""Promises, carriers' capacities, hubs and the planner's rules, recomputed from the flows."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from optimizer.costing.money import Exchange
from optimizer.costing.options import PricedOptions
from optimizer.plan.check.tolerance import differing, exceeding, tell
from optimizer.plan.check.ways import at
from optimizer.scenario.instance import Instance

__all__ = ["check_carriers", "check_hubs", "check_promises", "check_rules"]

MARKET = ["market", "period"]


def check_promises(plan: dict[str, pd.DataFrame], ways: pd.DataFrame, priced: PricedOptions) -> list[str]:
    """Late orders of each market and period are counted right, and stay within the limit or are paid for."""
    late = (ways["orders"] * _late_share(ways, priced)).groupby([ways["market"], ways["period"]]).sum()
    found = plan["market_service"].merge(late.rename("late").reset_index(), on=MARKET, how="outer")
    found = found.merge(priced.supply.late, on=MARKET, how="left")
    where = "{market} in {period}: "
    failures = tell(
        found,
        differing(found["late_orders"], found["late"]),
        where + "{late:g} orders late, not {late_orders:g}",
    )
    hard = found["limit"].notna() & found["price"].isna()
    broken = exceeding(found["late"], found["limit"].fillna(np.inf)) & hard.to_numpy()
    failures += tell(found, broken, where + "{late:,.1f} late orders, but at most {limit:,.1f} may be")
    beyond = np.where(found["price"].notna(), np.maximum(0.0, found["late"] - found["limit"]), 0.0)
    wrong = differing(found["cost_late_orders"], beyond * found["price"].fillna(0.0))
    return failures + tell(
        found.assign(beyond=beyond), wrong, where + "{beyond:g} late orders do not cost {cost_late_orders:g}"
    )


def _late_share(ways: pd.DataFrame, priced: PricedOptions) -> np.ndarray:
    return at(priced.direct, "late_share", ways["direct"]) + at(
        priced.outbound, "late_share", ways["outbound"]
    )


def check_carriers(ways: pd.DataFrame, priced: PricedOptions) -> list[str]:
    """Chargeable weight on each lane and period stays within what its carrier takes."""
    kg = at(priced.direct, "kg", ways["direct"]) + at(priced.outbound, "kg", ways["outbound"])
    lane = at(priced.direct, "lane", ways["direct"]) + at(priced.outbound, "lane", ways["outbound"])
    used = ways.assign(kg=ways["orders"] * kg, lane=lane.astype(np.int64))
    carried = (
        used.groupby(["lane", "period"])
        .agg({"kg": "sum", "service": "first", "market": "first"})
        .reset_index()
    )
    found = carried.merge(priced.supply.carrier.rename(columns={"kg": "takes"}), on=["lane", "period"])
    over = exceeding(found["kg"], found["takes"])
    return tell(found, over, "{service} to {market} in {period}: {kg:,.0f} kg, but it takes {takes:,.0f} kg")


def check_hubs(plan: dict[str, pd.DataFrame], ways: pd.DataFrame, priced: PricedOptions) -> list[str]:
    """A hub that freight passes is contracted, at its fee."""
    through = ways[(ways["hub"] != "") & (ways["inbound"] >= 0)]
    m3 = through["orders"] * at(priced.inbound, "m3", through["inbound"])
    passed = m3.groupby([through["hub"], through["arrival_period"]]).sum().rename("passed").reset_index()
    found = plan["hubs"].merge(
        passed.rename(columns={"arrival_period": "period"}), on=["hub", "period"], how="outer"
    )
    found = found.merge(priced.supply.hubs, on=["hub", "period"], how="left")
    wrong = differing(found["m3"], found["passed"].fillna(0.0)) | differing(found["cost"], found["fee"])
    return tell(
        found, wrong, "hub {hub} in {period}: {passed} m³ for {fee}, but {m3} m³ for {cost} are booked"
    )


def check_rules(
    instance: Instance, plan: dict[str, pd.DataFrame], ways: pd.DataFrame, priced: PricedOptions
) -> list[str]:
    """Every rule of the planner holds of the plan."""
    failures = []
    opened = set(plan["openings"]["site"])
    for rule in instance["rules"].to_dict("records"):
        sites = str(rule["sites"]).split() or list(instance["sites"]["site"])
        count = len(opened & set(sites))
        name, value = rule["rule"], rule["value"]
        if rule["kind"] == "max_open" and count > value:
            failures.append(f"rule {name}: {count} sites are open, at most {value:g} may be")
        elif rule["kind"] == "min_open" and count < value:
            failures.append(f"rule {name}: {count} sites are open, at least {value:g} must be")
        elif rule["kind"] == "at_most_one" and count > 1:
            failures.append(f"rule {name}: {count} of its sites are open, at most one may be")
        elif rule["kind"] == "requires" and sites[0] in opened and sites[1] not in opened:
            failures.append(f"rule {name}: {sites[0]} is open without {sites[1]}")
        elif rule["kind"] in ("budget", "carbon_cap", "max_orders"):
            failures += _amount_rule(instance, plan, ways, priced, rule, sites)
    return failures


def _amount_rule(
    instance: Instance,
    plan: dict[str, pd.DataFrame],
    ways: pd.DataFrame,
    priced: PricedOptions,
    rule: dict[Hashable, Any],
    sites: list[str],
) -> list[str]:
    """Rules with an amount: fixed cost of openings, kg CO₂e, orders a month."""
    name, value = rule["rule"], float(rule["value"])
    if rule["kind"] == "carbon_cap":
        stages = (("direct", priced.direct), ("inbound", priced.inbound), ("outbound", priced.outbound))
        each = sum((at(table, "co2_kg", ways[stage]) for stage, table in stages), np.zeros(len(ways)))
        total = float(each @ ways["orders"].to_numpy())
        return [f"rule {name}: {total:,.0f} kg CO₂e of {value:,.0f}"] if exceeding(total, value) else []
    if rule["kind"] == "budget":
        total = float(plan["openings"].loc[plan["openings"]["site"].isin(sites), "cost"].sum())
        first = instance["periods"]["start"].min()
        limit = value * float(Exchange(instance).rate(np.array([rule["currency"]]), first)[0])
        return [f"rule {name}: openings cost {total:,.0f} of {limit:,.0f}"] if exceeding(total, limit) else []
    here = plan["site_periods"]["site"].isin(sites)
    shipped = plan["site_periods"][here].groupby("period")["orders"].sum()
    allowed = value * priced.periods["months"].reindex(shipped.index)
    over = shipped[exceeding(shipped, allowed)]
    return [f"rule {name}: {orders:,.0f} orders in {period}" for period, orders in over.items()]
