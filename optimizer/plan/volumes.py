"""Quantities that flows add up to: shipments, stock, site loads, hubs, service by market, carbon."""

import numpy as np
import pandas as pd

from optimizer.costing.options import PricedOptions
from optimizer.plan.readout import CONTAINERS, Readout
from optimizer.scenario.instance import Instance

__all__ = ["hub_use", "market_service", "shipments", "site_periods", "stock"]

MODES = ("postal", "express", "line", "warehouse")
SITE = ["site", "site_owner"]


def shipments(priced: PricedOptions, ways: pd.DataFrame, readout: Readout) -> pd.DataFrame:
    """What moves on each lane and arrives in each period, in which containers, and what it costs."""
    lanes = priced.supply.freight.lanes
    stocked = ways[ways["lane_period"] >= 0]
    grouped = stocked.groupby("lane_period")
    table = grouped[["orders", "m3", "t"]].sum().join(readout.containers)
    table = table.fillna(dict.fromkeys([*CONTAINERS.values(), "cost_containers"], 0.0))
    charges = readout.charges[readout.charges["kind"] == "lane"].set_index("lane_period")[
        ["charged", "charge"]
    ]
    table = table.join(charges).join(lanes)
    by_kg = (table["basis"] == "kg").to_numpy()
    members = grouped["member"].nunique()
    return table.assign(
        freight_service=table["service"],
        freight_mode=table["mode"],
        owner=table["member"],
        arrival_period=table["period"],
        lcl_revenue_t=np.where(by_kg, 0.0, table["charged"]),
        chargeable_kg=np.where(by_kg, table["charged"], 0.0),
        cost_lcl=np.where(by_kg, 0.0, table["charge"]),
        cost_air=np.where(by_kg, table["charge"], 0.0),
        cost_fees=table["shipment_fee"] + members * table["declaration_fee"],
    ).reset_index()


def stock(priced: PricedOptions, ways: pd.DataFrame) -> pd.DataFrame:
    """Arrivals, average stock and orders of each member at each site and period."""
    number = priced.periods["number"]
    stocked = ways[ways["holding"] >= 0]
    factor = priced.holding.iloc[stocked["holding"]]
    lines = stocked[["site", "site_owner", "member"]].reset_index(drop=True)
    lines = lines.assign(
        first=stocked["arrival_period"].map(number).to_numpy(np.int64),
        last=stocked["period"].map(number).to_numpy(np.int64),
        before=stocked["orders"].to_numpy() * factor["m3_before"].to_numpy(),
        sale=stocked["orders"].to_numpy() * factor["m3_sale"].to_numpy(),
        m3=stocked["m3"].to_numpy(),
        orders=stocked["orders"].to_numpy(),
    )
    keys = [*SITE, "member", "number"]
    parts = [
        lines.rename(columns={"last": "number"}).assign(held=lines["sale"])[[*keys, "held", "orders"]],
        lines.rename(columns={"first": "number"}).assign(arrived_m3=lines["m3"])[[*keys, "arrived_m3"]],
    ]
    for back in range(1, int((lines["last"] - lines["first"]).max() if len(lines) else 0) + 1):
        held = lines[lines["last"] - back >= lines["first"]]
        parts.append(held.assign(number=held["last"] - back, held=held["before"])[[*keys, "held"]])
    table = (
        pd.concat(parts, ignore_index=True)
        .groupby(keys)[["arrived_m3", "held", "orders"]]
        .sum()
        .reset_index()
    )
    period = priced.periods.index.to_numpy()[table["number"]]
    return table.rename(columns={"held": "m3"}).assign(period=period)


def site_periods(
    priced: PricedOptions, ways: pd.DataFrame, stocks: pd.DataFrame, readout: Readout
) -> pd.DataFrame:
    """Load, capacity, order fees and provider's charges of every open site from its opening on."""
    keys = [*SITE, "period"]
    number = priced.periods["number"]
    opened = readout.openings.rename(columns={"owner": "site_owner"})
    table = opened.merge(priced.periods.reset_index()[["period", "months"]], how="cross")
    table = table[(table["period"].map(number) >= table["opens"].map(number)).to_numpy()]
    table = table.merge(stocks.groupby(keys)[["m3", "orders"]].sum().reset_index(), on=keys, how="left")
    fees = readout.charges[readout.charges["kind"] == "order_fees"]
    fees = fees.rename(
        columns={"owner": "site_owner", "charged": "charged_orders", "charge": "cost_order_fees"}
    )
    table = table.merge(fees[[*keys, "charged_orders", "cost_order_fees"]], on=keys, how="left")
    charges = pd.concat(
        [
            ways[SITE].assign(period=ways["arrival_period"], provider_charges=ways["charge_arrival"]),
            ways[SITE].assign(period=ways["period"], provider_charges=ways["charge_sale"]),
        ]
    )
    table = table.merge(charges.groupby(keys)["provider_charges"].sum().reset_index(), on=keys, how="left")
    least = priced.supply.provider_minimum.rename(columns={"amount": "least"})
    table = table.merge(least, on=["site", "period"], how="left")
    zeros = ["m3", "orders", "charged_orders", "cost_order_fees", "provider_charges", "least"]
    table = table.fillna(dict.fromkeys(zeros, 0.0))
    return table.drop(columns="provider_minimum").assign(
        capacity_orders=table["capacity_orders_per_month"] * table["months"],
        provider_minimum=table["least"],
        cost_provider_minimum=np.maximum(0.0, table["least"] - table["provider_charges"]),
    )


def hub_use(priced: PricedOptions, ways: pd.DataFrame) -> pd.DataFrame:
    """Volume through each hub and period of arrival, with the contract fee."""
    through = ways[ways["hub"] != ""].rename(columns={"period": "sale", "arrival_period": "period"})
    table = through.groupby(["hub", "site_owner", "period"])["m3"].sum().reset_index()
    return table.merge(priced.supply.hubs, on=["hub", "period"], how="left").assign(cost=lambda t: t["fee"])


def market_service(instance: Instance, priced: PricedOptions, ways: pd.DataFrame) -> pd.DataFrame:
    """Orders, lateness, days and mode shares of every market and period; late orders that are paid for."""
    keys = ["market", "period"]
    lines = ways.assign(late=ways["orders"] * ways["late_share"], days=ways["orders"] * ways["days_mean"])
    for mode in MODES:
        lines[mode] = lines["orders"] * (lines["mode"] == mode)
    table = lines.groupby(keys)[["orders", "late", "days", *MODES]].sum().reset_index()
    markets = instance["markets"][["market", "name", "country", "promise_days", "promise_share_pct"]]
    table = table.merge(markets, on="market").merge(late_charges(priced, lines), on=keys, how="left")
    table = table.fillna({"charged_late_orders": 0.0, "cost_late_orders": 0.0})
    on_time = 100.0 * (1.0 - table["late"] / table["orders"])
    shares = {f"{mode}_pct": 100.0 * table[mode] / table["orders"] for mode in MODES}
    return table.assign(
        late_orders=table["late"],
        on_time_pct=on_time.where(table["promise_days"].notna()),
        days_mean=table["days"] / table["orders"],
        **shares,
    )


def late_charges(priced: PricedOptions, lines: pd.DataFrame) -> pd.DataFrame:
    """Late orders beyond the tolerated share where the promise is soft, by market and period."""
    keys = ["market", "period"]
    table = lines.groupby([*keys, "site_owner"])[["orders", "late"]].sum().reset_index()
    table = table.merge(priced.supply.late.dropna(subset="price"), on=keys)
    beyond = np.maximum(0.0, table["late"] - table["allowed"] * table["orders"])
    table = table.assign(charged_late_orders=beyond, cost_late_orders=beyond * table["price"])
    return table.groupby(keys)[["charged_late_orders", "cost_late_orders"]].sum().reset_index()
