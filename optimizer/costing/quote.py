"""`quote`: every route of one order, component by component, from the engine that prices scenarios."""

from typing import Any

import numpy as np
import pandas as pd

from optimizer.costing.direct import DIRECT_COSTS, direct_table, refused_direct
from optimizer.costing.enquiry import Enquiry, enquiry_instance
from optimizer.costing.lateness import lateness_cost
from optimizer.costing.money import Exchange
from optimizer.costing.quote_warehouse import warehouse_routes
from optimizer.costing.validity import pricing_dates
from optimizer.network import Network, build
from optimizer.scenario.instance import Instance

__all__ = ["quote", "to_cents"]

DIRECT_MODES = ("postal", "express", "line")


def quote(source: Instance, enquiry: Enquiry) -> dict[str, Any]:
    """Price an order over every route on a day.

    Parameters
    ----------
    source
        A scenario, or rates alone (`optimizer.costing.enquiry.rate_source`).
    enquiry
        What is asked.

    Returns
    -------
    dict
        ``routes``: list of ``mode``, ``service``, ``days``, ``days_p95``, ``components`` (name → amount),
        ``total``, ``currency``, cheapest first; amounts are whole cents and add up exactly.
        ``not_offered``: list of ``service`` and ``reason``. ``notes``: what the figures leave out.

    Raises
    ------
    InputError
        The question is faulty, or a rate or rule that a route needs is missing on the day.
    """
    instance = enquiry_instance(source, enquiry)
    network = build(instance)
    routes = _direct_routes(instance, network)
    refused = _refused(instance, network)
    stocked, reasons = warehouse_routes(instance, network, enquiry.bulk_orders)
    routes += stocked
    amount = _late_amount(instance)
    answers = []
    for route in routes:
        parts = dict(route["components"])
        if amount > 0:
            parts["lateness"] = float(lateness_cost(route["late_share"], amount))
        components, total = to_cents(parts)
        answers.append(
            {
                "mode": route["mode"],
                "service": route["service"],
                "days": round(float(route["days"]), 2),
                "days_p95": round(float(route["days_p95"]), 2),
                "components": components,
                "total": total,
                "currency": instance.currency,
            }
        )
    answers.sort(key=lambda answer: (answer["total"], answer["service"]))
    return {"routes": answers, "not_offered": refused + reasons, "notes": _notes(enquiry, bool(stocked))}


def to_cents(components: dict[str, float]) -> tuple[dict[str, float], float]:
    """Round amounts to cents so that they add up to the rounded total.

    Largest remainders: every amount is rounded down, and the cents that are missing go to the largest
    fractions. No amount moves by a cent or more.

    Examples
    --------
    >>> to_cents({"a": 1.004, "b": 1.004, "c": 1.004})
    ({'a': 1.01, 'b': 1.0, 'c': 1.0}, 3.01)
    """
    exact = np.array(list(components.values()), dtype=np.float64) * 100
    exact = np.round(exact, 6)
    total = int(np.rint(exact.sum()))
    cents = np.floor(exact).astype(np.int64)
    order = np.argsort(np.round(cents - exact, 6), kind="stable")
    cents[order[: total - int(cents.sum())]] += 1
    return {name: float(cent) / 100 for name, cent in zip(components, cents, strict=True)}, total / 100


def _direct_routes(instance: Instance, network: Network) -> list[dict[str, Any]]:
    if network.direct_lanes.empty:
        return []
    table = direct_table(instance, network.direct_lanes)
    spread = network.direct_lanes.set_index("service")["days_p95"]
    return [
        {
            "mode": str(row["mode"]),
            "service": str(row["service"]),
            "days": row["days"],
            "days_p95": spread.loc[row["service"]],
            "late_share": row["late_share"],
            "components": {name: float(row[f"cost_{name}"]) for name in DIRECT_COSTS},
        }
        for _, row in table.iterrows()
    ]


def _refused(instance: Instance, network: Network) -> list[dict[str, str]]:
    """Direct services that are not offered, with the reason."""
    services = instance["services"]
    services = services[services["mode"].isin(DIRECT_MODES)]
    lanes = network.direct_lanes
    reasons = dict.fromkeys(services["service"], "")
    for service in services["service"]:
        if service not in set(lanes["service"]):
            reasons[str(service)] = _no_lane(instance, str(service))
    if len(lanes):
        refused = refused_direct(instance, lanes)
        reasons |= dict(zip(refused["service"], refused["reason"], strict=True))
    return [{"service": service, "reason": reason} for service, reason in reasons.items() if reason]


def _no_lane(instance: Instance, service: str) -> str:
    """Why no lane of a service serves the market on the day."""
    lanes = instance["lanes"]
    lanes = lanes[lanes["service"] == service]
    market, day = instance["markets"].iloc[0], pd.Timestamp(pricing_dates(instance["periods"])[0])
    origin = instance["members"]["origin"].iloc[0]
    country = instance["places"].set_index("place").at[origin, "country"]
    there = lanes[lanes["destination"].isin([market["market"], market["country"]])]
    if there.empty:
        return f"no lane to {market['market']}"
    from_here = there[there["origin"].isin([origin, country])]
    if from_here.empty:
        return f"no lane from {origin} to {market['market']}"
    ends = from_here["valid_to"].fillna(pd.Timestamp.max)
    if not ((from_here["valid_from"] <= day) & (ends >= day)).any():
        return f"its lane to {market['market']} does not hold on {day.date().isoformat()}"
    return f"{market['market']} is beyond the zones of its card"


def _late_amount(instance: Instance) -> float:
    """Price of one late order in scenario currency; 0 where none is set."""
    market = instance["markets"].iloc[0]
    if np.isnan(market["late_order_amount"]):
        return 0.0
    factor = Exchange(instance).rate(str(market["currency"]), pricing_dates(instance["periods"])[0])
    return float(market["late_order_amount"] * factor)


def _notes(enquiry: Enquiry, stocked: bool) -> list[str]:
    notes = ["Tax that buyers pay on the sale is the same on every route and left out."]
    if enquiry.unit_cost is None:
        notes.append("The purchase price is taken equal to the value, since none is given.")
    if stocked:
        notes.append(
            f"Warehouse routes share bulk freight and order fees among {enquiry.bulk_orders} orders a month; "
            "rent, labour, start-up and joining fees of the site are left out."
        )
    return notes
