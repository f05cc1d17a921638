"""Promises, carriers' capacities, hubs and the planner's rules, recomputed from the flows."""

from collections.abc import Hashable
from typing import Any

import numpy as np
import pandas as pd

from optimizer.costing.money import Exchange
from optimizer.costing.options import PricedOptions
from optimizer.plan.check.sites import with_owner
from optimizer.plan.check.tolerance import differing, exceeding, tell
from optimizer.plan.check.ways import at
from optimizer.scenario.instance import Instance

__all__ = ["check_carriers", "check_hubs", "check_promises", "check_rules"]

MARKET = ["market", "period"]


def check_promises(
    instance: Instance, plan: dict[str, pd.DataFrame], ways: pd.DataFrame, priced: PricedOptions
) -> list[str]:
    """Late orders of each market and period are counted right, and stay within the limit or are paid for.

    Where nothing is shared, every member keeps the promise by itself.
    """
    lines = with_owner(instance, ways).assign(late=ways["orders"] * _late_share(ways, priced))
    each = lines.groupby([*MARKET, "site_owner"])[["late", "orders"]].sum().reset_index()
    each = each.merge(priced.supply.late, on=MARKET, how="left")
    limit = (each["allowed"] * each["orders"]).fillna(np.inf)
    soft = each["price"].notna().to_numpy()
    broken = exceeding(each["late"], limit) & ~soft
    where = "{market} in {period}: "
    failures = tell(
        each.assign(most=limit), broken, where + "{late:,.1f} late orders, but at most {most:,.1f} may be"
    )
    beyond = np.where(soft, np.maximum(0.0, each["late"] - limit), 0.0)
    each = each.assign(due=beyond * each["price"].fillna(0.0))
    right = each.groupby(MARKET)[["late", "due"]].sum().reset_index()
    found = plan["market_service"].merge(right, on=MARKET, how="outer")
    wrong = differing(found["late_orders"], found["late"])
    failures += tell(found, wrong, where + "{late:g} orders are late, not {late_orders:g}")
    wrong = differing(found["cost_late_orders"], found["due"])
    return failures + tell(found, wrong, where + "late orders cost {due:g}, not {cost_late_orders:g}")


def _late_share(ways: pd.DataFrame, priced: PricedOptions) -> np.ndarray:
    return at(priced.direct, "late_share", ways["direct"]) + at(
        priced.outbound, "late_share", ways["outbound"]
    )


def check_carriers(instance: Instance, ways: pd.DataFrame, priced: PricedOptions) -> list[str]:
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


def check_hubs(
    instance: Instance, plan: dict[str, pd.DataFrame], ways: pd.DataFrame, priced: PricedOptions
) -> list[str]:
    """A hub that freight passes is contracted, at its fee."""
    keys = ["hub", "site_owner", "period"]
    through = with_owner(instance, ways[(ways["hub"] != "") & (ways["inbound"] >= 0)]).drop(columns="period")
    through = through.rename(columns={"arrival_period": "period"})
    passed = through.assign(passed=through["orders"] * at(priced.inbound, "m3", through["inbound"]))
    found = plan["hubs"].merge(passed.groupby(keys)["passed"].sum().reset_index(), on=keys, how="outer")
    found = found.merge(priced.supply.hubs, on=["hub", "period"], how="left")
    wrong = differing(found["m3"], found["passed"].fillna(0.0)) | differing(found["cost"], found["fee"])
    return tell(
        found, wrong, "hub {hub} in {period}: {passed} m³ for {fee}, but {m3} m³ for {cost} are booked"
    )


def check_rules(
    instance: Instance, plan: dict[str, pd.DataFrame], ways: pd.DataFrame, priced: PricedOptions
) -> list[str]:
    """Every rule of the planner holds; where nothing is shared, of every member by itself."""
    failures = []
    for owner in [""] if instance.model.sharing else instance.members:
        mine = {name: plan[name][plan[name]["site_owner"] == owner] for name in ("openings", "site_periods")}
        lines = ways if instance.model.sharing else ways[ways["member"] == owner]
        for rule in instance["rules"].to_dict("records"):
            failures += _rule(instance, mine, lines, priced, rule)
    if instance.model.sharing:
        kept = set(instance["sites"].loc[instance["sites"]["status"] == "Open", "site"])
        failures += [f"{site} must stay open" for site in sorted(kept - set(plan["openings"]["site"]))]
    return failures


def _rule(
    instance: Instance,
    plan: dict[str, pd.DataFrame],
    ways: pd.DataFrame,
    priced: PricedOptions,
    rule: dict[Hashable, Any],
) -> list[str]:
    opened = set(plan["openings"]["site"])
    named = str(rule["sites"]).split()
    sites = named or list(instance["sites"]["site"])
    count, name, value = len(opened & set(sites)), rule["rule"], rule["value"]
    if rule["kind"] == "max_open":
        return [f"rule {name}: {count} sites are open, at most {value:g} may be"] if count > value else []
    if rule["kind"] == "min_open":
        return [f"rule {name}: {count} sites are open, at least {value:g} must be"] if count < value else []
    if rule["kind"] == "at_most_one":
        return [f"rule {name}: {count} of its sites are open, at most one may be"] if count > 1 else []
    if rule["kind"] == "requires":
        lacking = sorted(set(named[1:]) - opened) if named[0] in opened else []
        return [f"rule {name}: {named[0]} is open without {site}" for site in lacking]
    return _amount_rule(instance, plan, ways, priced, rule, sites)


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
        opened = plan["openings"][plan["openings"]["site"].isin(sites)].rename(
            columns={"from_period": "opens"}
        )
        keys = ["site", "size", "opens"]
        total = float(opened[keys].merge(priced.supply.openings, on=keys)["cost"].sum())
        first = instance["periods"]["start"].min()
        limit = value * float(Exchange(instance).rate(np.array([rule["currency"]]), first)[0])
        return [f"rule {name}: openings cost {total:,.0f} of {limit:,.0f}"] if exceeding(total, limit) else []
    here = plan["site_periods"]["site"].isin(sites)
    shipped = plan["site_periods"][here].groupby("period")["orders"].sum()
    allowed = value * priced.periods["months"].reindex(shipped.index)
    over = shipped[exceeding(shipped, allowed)]
    return [f"rule {name}: {orders:,.0f} orders in {period}" for period, orders in over.items()]
