"""Shipments hold what flows send, containers hold it, and their price is that of the rates."""

import numpy as np
import pandas as pd

from optimizer.costing.options import PricedOptions
from optimizer.plan.check.tolerance import differing, exceeding, tell
from optimizer.plan.check.ways import at

__all__ = ["LANE", "check_shipments", "tier_cost"]

LANE = ["freight_service", "load_place", "discharge_place", "hub", "site", "owner", "start", "arrival_period"]
CONTAINERS = {"containers_20gp": "20GP", "containers_40gp": "40GP", "containers_40hq": "40HQ"}
WHERE = "{freight_service} {load_place} → {discharge_place} {hub} {site} {owner} in {arrival_period}: "


def check_shipments(plan: dict[str, pd.DataFrame], ways: pd.DataFrame, priced: PricedOptions) -> list[str]:
    """Check quantities, space, weight, charged quantities and prices of every shipment.

    Parameters
    ----------
    plan
        Plan tables by name.
    ways
        Flows with their positions, from `known_ways`.
    """
    found = plan["shipments"].merge(_sent(ways, priced), on=LANE, how="outer", suffixes=("", "_sent"))
    found = found.merge(_lanes(priced), on=LANE, how="left").reset_index(drop=True)
    lost = found["lane_period"].isna() | found["orders"].isna() | found["orders_sent"].isna()
    failures = tell(found, lost.to_numpy(), WHERE + "what is shipped is not what flows send")
    found = found[~lost].reset_index(drop=True)
    for name in ("orders", "m3", "t"):
        sentence = WHERE + f"{name} is {{{name}:g}}, but flows send {{{name}_sent:g}}"
        failures += tell(found, differing(found[name], found[f"{name}_sent"]), sentence)
    space, payload, cost = _containers(found, priced)
    failures += tell(
        found, differing(found["cost_containers"], cost), WHERE + "containers do not cost {cost_containers:g}"
    )
    return failures + _loose(found, space, payload, priced) + _fees(found)


def _sent(ways: pd.DataFrame, priced: PricedOptions) -> pd.DataFrame:
    """Orders, m³, t and members of every lane and period of arrival, added up from the flows."""
    stocked = ways[ways["inbound"] >= 0]
    stocked = stocked.assign(
        lane_m3=stocked["orders"] * at(priced.inbound, "m3", stocked["inbound"]),
        lane_t=stocked["orders"] * at(priced.inbound, "t", stocked["inbound"]),
        site=stocked["site"].where(stocked["hub"] == "", ""),
    )
    columns = {"orders": "sum", "lane_m3": "sum", "lane_t": "sum", "member": "nunique"}
    summed = stocked.groupby(LANE).agg(columns).reset_index()
    return summed.rename(
        columns={"orders": "orders_sent", "lane_m3": "m3_sent", "lane_t": "t_sent", "member": "users"}
    )


def _lanes(priced: PricedOptions) -> pd.DataFrame:
    names = {"service": "freight_service", "member": "owner", "period": "arrival_period"}
    lanes = priced.supply.freight.lanes.reset_index().rename(columns=names)
    return lanes[["lane_period", *LANE, "basis", "kg_per_m3", "shipment_fee", "declaration_fee", "lcl"]]


def _containers(found: pd.DataFrame, priced: PricedOptions) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Space, payload and price of the containers of each shipment."""
    modules = priced.supply.freight.modules.set_index(["lane_period", "container"])
    totals = np.zeros((3, len(found)))
    for column, container in CONTAINERS.items():
        keys = pd.MultiIndex.from_arrays([found["lane_period"].astype(int), [container] * len(found)])
        kind = modules[["m3", "t", "cost"]].reindex(keys).to_numpy(np.float64).T
        count = found[column].to_numpy(np.float64)
        totals += np.where(count > 0, count * kind, 0.0)
    return totals[0], totals[1], totals[2]


def _loose(found: pd.DataFrame, space: np.ndarray, payload: np.ndarray, priced: PricedOptions) -> list[str]:
    """What containers do not hold is charged as part load or by weight, at the right price."""
    per_m3 = found["kg_per_m3"].to_numpy(np.float64)
    by_kg = (found["basis"] == "kg").to_numpy()
    over_m3, over_kg = found["m3_sent"] - space, 1000.0 * (found["t_sent"] - payload)
    tons = np.maximum(0.0, np.maximum(over_m3, over_kg / per_m3))
    kilograms = np.maximum(0.0, np.maximum(over_kg, over_m3 * per_m3))
    charged = np.where(by_kg, found["chargeable_kg"], found["lcl_revenue_t"]).astype(np.float64)
    needed = np.where(by_kg, kilograms, tons)
    loaded = found.assign(needed=needed, charged=charged, unit=np.where(by_kg, "kg", "revenue tons"))
    wrong = exceeding(needed, charged)
    failures = tell(
        loaded, wrong, WHERE + "{needed:g} {unit} beyond the containers, but {charged:g} are charged"
    )
    tiers = priced.supply.freight.tiers.set_index("lane_period")
    tiered = found["lane_period"].isin(tiers.index).to_numpy()
    linear = charged * found["lcl"].fillna(0.0).to_numpy(np.float64)
    right = np.where(tiered, tier_cost(tiers, found["lane_period"].to_numpy(), charged), linear)
    unpriced = (charged > 1e-9) & ~tiered & found["lcl"].isna().to_numpy()
    failures += tell(loaded, unpriced, WHERE + "takes no part loads, but {charged:g} {unit} are charged")
    paid = (found["cost_lcl"] + found["cost_air"]).to_numpy(np.float64)
    wrong = differing(paid, right) & ~unpriced
    return failures + tell(
        loaded.assign(paid=paid, right=right),
        wrong,
        WHERE + "{charged:g} {unit} cost {right:g}, not {paid:g}",
    )


def tier_cost(tiers: pd.DataFrame, owners: np.ndarray, quantity: np.ndarray) -> np.ndarray:
    """Cheapest price of a quantity among the tiers that hold it (both ends); NaN where none does, 0 for none.

    Parameters
    ----------
    tiers
        Index owner; columns start, end, fixed, unit_cost.

    Examples
    --------
    >>> steps = {"start": [0., 100.], "end": [100., np.inf], "fixed": 0., "unit_cost": [3., 2.]}
    >>> tiers = pd.DataFrame(steps, [7, 7])
    >>> tier_cost(tiers, np.array([7, 7, 7]), np.array([50., 100., 0.])).tolist()
    [150.0, 200.0, 0.0]
    """
    asked = pd.DataFrame({"owner": owners, "quantity": quantity, "line": np.arange(len(owners))})
    held = asked.merge(tiers, left_on="owner", right_index=True)
    slack = 1e-6 * np.maximum(1.0, held["quantity"])
    held = held[(held["start"] <= held["quantity"] + slack) & (held["quantity"] <= held["end"] + slack)]
    price = (held["fixed"] + held["unit_cost"] * held["quantity"]).groupby(held["line"]).min()
    return np.where(quantity <= 1e-9, 0.0, price.reindex(asked["line"]).to_numpy(np.float64))


def _fees(found: pd.DataFrame) -> list[str]:
    """Fees per shipment once, declarations once per member on board."""
    right = found["shipment_fee"] + found["users"] * found["declaration_fee"]
    wrong = differing(found["cost_fees"], right)
    return tell(found.assign(right=right), wrong, WHERE + "fees are {cost_fees:g}, not {right:g}")
