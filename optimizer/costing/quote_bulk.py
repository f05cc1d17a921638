"""`quote_bulk`: one bulk shipment over every first-leg service, from the engine that prices scenarios."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from optimizer.costing.bulk_enquiry import bulk_instance
from optimizer.costing.bulk_loads import BulkLoad, bulk_loads
from optimizer.costing.consolidation import user_sailings
from optimizer.costing.enquiry import Enquiry
from optimizer.costing.freight import FreightPrices, freight_prices
from optimizer.costing.horizon import horizon
from optimizer.costing.inbound import INBOUND_COSTS, inbound_table
from optimizer.costing.lane_supply import LaneSupply, lane_supply
from optimizer.costing.money import Exchange
from optimizer.costing.orders import means, profile
from optimizer.costing.quote import to_cents
from optimizer.costing.refused_bulk import refused_bulk
from optimizer.costing.supply import hub_fees
from optimizer.costing.validity import pricing_dates
from optimizer.costing.warehouse import WarehouseTariff, onboarding_fees, warehouse_tariff
from optimizer.network import Network, accepts_cargo, build
from optimizer.scenario.instance import Instance

__all__ = ["quote_bulk"]


@dataclass(frozen=True, eq=False)
class _Bulk:
    """Everything that is priced once for all ways of loading."""

    instance: Instance
    exchange: Exchange
    periods: pd.DataFrame
    goods: pd.DataFrame
    tariff: WarehouseTariff
    allowed: pd.DataFrame
    prices: FreightPrices
    users: pd.DataFrame
    freight: LaneSupply
    quantity: int


def quote_bulk(source: Instance, enquiry: Enquiry) -> dict[str, Any]:
    """Price a bulk shipment of `enquiry.quantity` units over every first-leg service on a day of arrival.

    Of the ports and hubs a service may take the cheapest are kept: one route per service, site and way to
    load, and one more through a hub. Duty counts the freight of this very shipment where the country values
    goods CIF, and charges by quantity or value keep their minimum and maximum per shipment.

    Parameters
    ----------
    source
        A scenario, or rates alone (`optimizer.costing.enquiry.rate_source`).
    enquiry
        What is asked; `to` may name a site, a place, a market or a country.

    Returns
    -------
    dict
        ``routes``: list of ``mode``, ``service`` (with the way to load), ``via``, ``days``, ``days_p95``,
        ``components`` (name → amount for the whole shipment), ``total``, ``per_unit``, ``currency``, cheapest
        first; amounts are whole cents and add up exactly. ``not_offered``: list of ``service`` and
        ``reason``. ``notes``.

    Raises
    ------
    InputError
        The question is faulty, or a rate or rule that a route needs is missing on the day.
    """
    instance = bulk_instance(source, enquiry)
    network = build(instance)
    priced = _priced(instance, network, enquiry.quantity)
    answers = _routes(priced) if priced else []
    answers.sort(key=lambda answer: (answer["total"], answer["service"]))
    sailing = priced.prices.sailings if priced else pd.DataFrame({"service": []})
    return {
        "routes": answers,
        "not_offered": refused_bulk(instance, network, sailing),
        "notes": _notes(enquiry),
    }


def _priced(instance: Instance, network: Network, quantity: int) -> _Bulk | None:
    """Prices of all sailings that take the cargo; None where there is none."""
    takes = accepts_cargo(instance["services"])
    cargo = instance["products"]["cargo"].iloc[0]
    routes = network.freight_routes
    stores = accepts_cargo(instance["sites"], "site")
    routes = routes[routes["service"].isin(takes.loc[takes["cargo"] == cargo, "service"])]
    routes = routes[routes["site"].isin(stores.loc[stores["cargo"] == cargo, "site"])]
    if routes.empty:
        return None
    exchange = Exchange(instance)
    periods = horizon(instance).assign(date=pricing_dates(instance["periods"]))
    tariff = warehouse_tariff(instance, exchange, periods.reset_index())
    prices = freight_prices(instance, exchange, routes, instance["periods"])
    if prices.sailings.empty:
        return None
    return _Bulk(
        instance=instance,
        exchange=exchange,
        periods=periods,
        goods=means(profile(instance)),
        tariff=tariff,
        allowed=onboarding_fees(instance, exchange, tariff),
        prices=prices,
        users=user_sailings(instance, network, exchange, prices),
        freight=lane_supply(instance, prices, periods),
        quantity=quantity,
    )


def _routes(bulk: _Bulk) -> list[dict[str, Any]]:
    """The cheapest route of every service, site and way to load, with a hub and without."""
    goods, count = bulk.goods.iloc[0], bulk.quantity
    m3, t = float(goods["volume_m3"]) * count, float(goods["weight_kg"]) * count / 1000
    ways = {
        int(at): bulk_loads(bulk.prices, bulk.freight, int(at), m3, t) for at in bulk.prices.sailings.index
    }
    best: dict[tuple[str, str, str, bool], dict[str, Any]] = {}
    for turn in range(max(map(len, ways.values()))):
        loads = {sailing: found[turn] for sailing, found in ways.items() if turn < len(found)}
        inbound = _inbound(bulk, loads, m3)
        for sailing, load in loads.items():
            row: Any = bulk.prices.sailings.loc[sailing]
            unit: Any = inbound.loc[sailing]
            components, total = to_cents(_components(bulk, row, load, unit, m3, t))
            key = (str(row["service"]), load.way, str(row["site"]), bool(row["hub"]))
            if key not in best or total < best[key]["total"]:
                best[key] = _answer(bulk, row, load, components, total)
    return list(best.values())


def _inbound(bulk: _Bulk, loads: dict[int, BulkLoad], m3: float) -> pd.DataFrame:
    """Costs per unit on each sailing, with the freight of the load it carries; index sailing."""
    total = np.array([load.total for load in loads.values()])
    border = np.array([load.to_border for load in loads.values()])
    loaded = bulk.prices.sailings.loc[list(loads)].assign(
        full_per_m3=total / m3, full_per_t=0.0, border_per_m3=border / m3, border_per_t=0.0
    )
    users = bulk.users[bulk.users["sailing"].isin(list(loads))]
    prices = replace(bulk.prices, sailings=loaded)
    table = inbound_table(
        bulk.instance, bulk.goods, prices, users, bulk.allowed, bulk.tariff, bulk.periods, bulk.exchange
    )
    return table.set_index("sailing")


def _answer(
    bulk: _Bulk, row: pd.Series, load: BulkLoad, components: dict[str, float], total: float
) -> dict[str, Any]:
    stops = (row["start"], row["load_place"], row["discharge_place"], row["hub"], row["site"])
    return {
        "mode": str(row["mode"]),
        "service": f"{row['service']}, {load.way}",
        "via": " > ".join(dict.fromkeys(str(stop) for stop in stops if stop)),
        "days": round(float(row["days_mean"]), 2),
        "days_p95": round(float(row["days_p95"]), 2),
        "components": components,
        "total": total,
        "per_unit": round(total / bulk.quantity, 4),
        "currency": bulk.instance.currency,
    }


def _components(
    bulk: _Bulk, row: pd.Series, load: BulkLoad, inbound: pd.Series, m3: float, t: float
) -> dict[str, float]:
    """Components of the whole shipment: what the lane charges, fees, and what counts per unit."""
    parts = {name: float(inbound[f"cost_{name}"]) * bulk.quantity for name in INBOUND_COSTS}
    del parts["freight"]
    fees = {"shipment_fees": float(row["per_shipment"] + row["per_declaration"])}
    if row["hub"]:
        months = float(bulk.periods["months"].iloc[0])
        charged = hub_fees(bulk.instance, bulk.exchange, bulk.periods).set_index("hub")["fee"]
        fees["hub_fees"] = float(charged[row["hub"]]) / months
    components = load.components | fees | parts
    for name, amount in _within_bounds(bulk, row, load, m3, t, float(inbound["goods_value"])).items():
        components[name] = components.get(name, 0.0) + amount
    return components


def _within_bounds(
    bulk: _Bulk, row: pd.Series, load: BulkLoad, m3: float, t: float, unit_value: float
) -> dict[str, float]:
    """What minimums and maximums per shipment add to charges that count in proportion."""
    items = bulk.prices.bounded[bulk.prices.bounded["sailing"] == row.name]
    quantity = {
        "m3": m3, "kg": 1000 * t, "lcl": max(m3, 1000 * t / float(row["kg_per_m3"])),
        "pct_of_value": unit_value * bulk.quantity / 100,
    }  # fmt: skip
    moved: dict[str, float] = {}
    for item in items.to_dict("records"):
        basis, after = str(item["basis"]), item["side"] == "destination"
        if (basis == "lcl" and load.way != "lcl") or (
            basis == "pct_of_value" and after and row["duty_included"]
        ):
            continue
        plain = float(item["amount"]) * quantity[basis]
        bounded = float(np.clip(plain, item["minimum_amount"], item["maximum_amount"]))
        name = "clearance" if basis == "pct_of_value" and after else "first_leg"
        name = f"{'destination' if after else 'origin'}_charges" if basis == "lcl" else name
        moved[name] = moved.get(name, 0.0) + bounded - plain
    return moved


def _notes(enquiry: Enquiry) -> list[str]:
    notes = [
        "The day is that of arrival; rates hold on the day of departure, earlier by the days on the way.",
        "Import VAT that is deducted later counts by what it costs to finance, not as such.",
    ]
    if enquiry.unit_cost is None:
        notes.append("The transfer price is taken equal to the value, since none is given.")
    return notes
