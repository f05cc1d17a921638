"""The warehouse routes of a quote: bulk freight to a site, stock, and the last mile, per order."""

from collections.abc import Hashable
from dataclasses import dataclass
from operator import itemgetter
from typing import Any

import numpy as np
import pandas as pd

from optimizer.costing.bulk_loads import tier_price
from optimizer.costing.consolidation import user_sailings
from optimizer.costing.freight import freight_prices
from optimizer.costing.holding import HOLDING_COSTS, holding_table
from optimizer.costing.horizon import horizon
from optimizer.costing.inbound import INBOUND_COSTS, inbound_table
from optimizer.costing.lane_supply import LaneSupply
from optimizer.costing.money import Exchange
from optimizer.costing.orders import means
from optimizer.costing.outbound import OUTBOUND_COSTS, outbound_requests, outbound_table
from optimizer.costing.parcels import parcel_tariffs
from optimizer.costing.supply import Supply, supply
from optimizer.costing.validity import pricing_dates
from optimizer.costing.warehouse import onboarding_fees, warehouse_tariff
from optimizer.network import Network
from optimizer.scenario.instance import Instance

__all__ = ["shared_freight", "warehouse_routes"]


@dataclass(frozen=True, eq=False)
class _Factors:
    """Priced parts of the warehouse routes of one product, market and period."""

    inbound: pd.DataFrame
    holding: pd.DataFrame
    outbound: pd.DataFrame
    shared: Supply


def warehouse_routes(
    instance: Instance, network: Network, orders: int
) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """Price one order from every site by every freight service and last mile, each by its cheapest route.

    Components are summed over the stages; `container_freight`, `lcl_freight`, `air_freight`,
    `shipment_fees` and `order_fees` are the order's share when `orders` orders travel together.

    Parameters
    ----------
    instance
        One product, one market, one period.
    network
        Its network.
    orders
        Orders in the bulk shipment and in the month.

    Returns
    -------
    routes, not_offered
        As `optimizer.costing.quote.quote` uses them.
    """
    reason = _obstacle(instance, network)
    if reason:
        return [], [{"service": "warehouse", "reason": reason}]
    parts = _factors(instance, network)
    if parts.outbound.empty or parts.holding.empty:
        market = instance["markets"]["market"].iloc[0]
        return [], [{"service": "warehouse", "reason": f"no site can stock it and deliver it to {market}"}]
    spread = network.last_mile.set_index(["site", "service"])["days_p95"]
    joined = parts.holding.reset_index().merge(
        parts.inbound.reset_index(), on=["inbound", "product", "route", "site"], suffixes=("_holding", "")
    )
    joined = joined.merge(parts.outbound, on=["product", "site"], suffixes=("", "_outbound"))
    freight = {
        int(lane): shared_freight(parts.shared.freight, int(lane), m3, t, orders)
        for lane, m3, t in joined.drop_duplicates("lane")[["lane", "m3", "t"]].itertuples(index=False)
    }
    fees = {str(site): _order_fee(parts.shared, str(site), orders) for site in joined["site"].unique()}
    carrier = joined["route"].map(network.freight_routes["service"])
    best: dict[tuple[str, str, str], dict[str, Any]] = {}
    for by, row in zip(carrier, joined.to_dict("records"), strict=True):
        key = (str(by), str(row["site"]), str(row["service"]))
        components = _components(row) | freight[row["lane"]] | fees[row["site"]]
        total = sum(components.values())
        if key not in best or total < best[key]["total"]:
            best[key] = {
                "mode": "warehouse",
                "service": " > ".join(key),
                "days": row["days"],
                "days_p95": spread.loc[(row["site"], row["service"])],
                "late_share": row["late_share"],
                "components": components,
                "total": total,
            }
    return list(best.values()), []


def shared_freight(freight: LaneSupply, lane: int, m3: float, t: float, orders: int) -> dict[str, float]:
    r"""Return an order's share of the cheapest way to move all orders of a lane together.

    The cheapest of: LCL at :math:`p \cdot \max(V, 1000\,W / k)`, kilogram tiers at their all-units price (a
    heavier break may be bought), and the least number of one type of container that holds volume and weight;
    plus fees per shipment.

    Parameters
    ----------
    freight
        Supply of lanes in one period.
    lane
        Lane of the route.
    m3, t
        Of one order.
    orders
        Orders that share the shipment.
    """
    lanes = freight.lanes[freight.lanes["lane"] == lane]
    index, row = lanes.index[0], lanes.iloc[0]
    volume, weight = m3 * orders, t * orders
    quantity = max(volume, 1000 * weight / row["kg_per_m3"])
    ways: list[tuple[float, str]] = []
    if not np.isnan(row["lcl"]):
        ways.append((float(row["lcl"] * quantity), "lcl_freight"))
    scale = row["kg_per_m3"] if row["basis"] == "kg" else 1.0
    amount = max(1000 * weight, volume * scale) if row["basis"] == "kg" else quantity
    tiers = freight.tiers[freight.tiers["lane_period"] == index]
    if len(tiers):
        ways.append((tier_price(tiers, amount)[0], "air_freight" if row["basis"] == "kg" else "lcl_freight"))
    for _, module in freight.modules[freight.modules["lane_period"] == index].iterrows():
        count = np.ceil(max(volume / module["m3"], weight / module["t"]))
        ways.append((float(count * module["cost"]), "container_freight"))
    cheapest, name = min(ways, key=itemgetter(0))
    fees = row["shipment_fee"] + row["declaration_fee"]
    return {name: cheapest / orders, "shipment_fees": float(fees) / orders}


def _obstacle(instance: Instance, network: Network) -> str:
    market = instance["markets"]["market"].iloc[0]
    if instance["sites"].empty:
        return "the rates hold no candidate sites"
    if network.last_mile.empty:
        return f"no last mile from any site to {market}"
    if network.freight_routes.empty:
        return f"no freight route from {instance['members']['origin'].iloc[0]} to any site"
    return ""


def _factors(instance: Instance, network: Network) -> _Factors:
    """Price the stages as `optimizer.costing.options.price` does, without leaving out what is beaten."""
    exchange = Exchange(instance)
    periods = horizon(instance).assign(date=pricing_dates(instance["periods"]))
    demand = instance["demand"].merge(instance["products"][["product", "member"]], on="product")
    rows = demand.assign(row=np.arange(len(demand)))
    tariffs = parcel_tariffs(instance, pricing_dates(instance["periods"]))
    goods = means(tariffs.profiles)
    tariff = warehouse_tariff(instance, exchange, periods.reset_index())
    allowed = onboarding_fees(instance, exchange, tariff)
    prices = freight_prices(instance, exchange, network.freight_routes, instance["periods"])
    users = user_sailings(instance, network, exchange, prices)
    inbound = inbound_table(instance, goods, prices, users, allowed, tariff, periods, exchange)
    stocked = inbound[["product", "site", "period"]].drop_duplicates()
    requests = outbound_requests(rows, network.last_mile, stocked)
    return _Factors(
        inbound=inbound,
        holding=holding_table(instance, exchange, inbound, requests, periods),
        outbound=outbound_table(instance, exchange, goods, tariffs, tariff, requests, periods),
        shared=supply(instance, exchange, prices, tariff, allowed, periods),
    )


def _components(row: dict[Hashable, Any]) -> dict[str, float]:
    """Linear components of a joined row, summed over the stages that share a name."""
    found: dict[str, float] = {}
    stages = ((INBOUND_COSTS, ""), (HOLDING_COSTS, "_holding"), (OUTBOUND_COSTS, "_outbound"))
    for names, suffix in stages:
        for name in names:
            column = f"cost_{name}{suffix}"
            amount = row[column] if column in row else row[f"cost_{name}"]
            found[name] = found.get(name, 0.0) + float(amount)
    return found


def _order_fee(shared: Supply, site: str, orders: int) -> dict[str, float]:
    tiers = shared.order_fees
    held = tiers[(tiers["site"] == site) & (tiers["start"] <= orders) & (orders < tiers["end"])]
    return {"order_fees": float(held["amount"].iloc[0])} if len(held) else {}
