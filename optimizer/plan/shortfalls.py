"""Shortfalls of limits as sentences: what cannot be kept, by how much, and how fast or large things are."""

from typing import Any

import numpy as np
import pandas as pd

from optimizer.costing.options import PricedOptions
from optimizer.scenario.instance import Instance

__all__ = ["shortfall_sentences"]

MOST_SENTENCES = 30


def shortfall_sentences(instance: Instance, priced: PricedOptions, short: pd.DataFrame) -> list[str]:
    """One sentence per shortfall, largest of each kind first.

    Parameters
    ----------
    short
        Labels of resources (kind, site, market, lane, rule, period, owner) and ``short``, by how much.
    """
    words = {
        "late": _late,
        "carrier": _carrier,
        "stock": _stock,
        "site_orders": _site_orders,
        "carbon_cap": _carbon,
        "max_orders": _max_orders,
    }
    ordered = short.sort_values(["kind", "short"], ascending=[False, False], kind="stable")
    lines = ordered.to_dict("records")
    sentences = [words[line["kind"]](instance, priced, line) for line in lines[:MOST_SENTENCES]]
    if len(lines) > MOST_SENTENCES:
        sentences.append(f"… and {len(lines) - MOST_SENTENCES} more limits")
    return sentences


def _late(instance: Instance, priced: PricedOptions, line: dict[Any, Any]) -> str:
    market = instance["markets"].set_index("market").loc[line["market"]]
    rows = priced.rows[(priced.rows["market"] == line["market"]) & (priced.rows["period"] == line["period"])]
    if line["owner"]:
        rows = rows[rows["member"] == line["owner"]]
    allowed = 100.0 - float(market["promise_share_pct"])
    days, late = _surest(priced, rows)
    return (
        f"{_whose(line)}{market['promise_days']:g}-day promise in {line['market']} cannot be kept for "
        f"{line['short']:,.0f} of {rows['orders'].sum():,.0f} orders in {line['period']}, beyond the "
        f"{allowed:g} % that may be late: the surest services allowed take {days:.3g} days on average and "
        f"are late for {100 * late:.3g} % of orders"
    )


def _surest(priced: PricedOptions, rows: pd.DataFrame) -> tuple[float, float]:
    """Mean days and late share when every order goes by the service that is late least often."""
    here = np.isin(priced.option_row, rows["row"].to_numpy())
    picks = ((priced.direct, priced.option_direct), (priced.outbound, priced.option_outbound))
    figures = {
        name: sum(np.append(table[name].to_numpy(np.float64), 0.0)[at[here]] for table, at in picks)
        for name in ("days", "late_share")
    }
    ways = pd.DataFrame(figures).assign(row=priced.option_row[here])
    best = ways.sort_values(["row", "late_share", "days"], kind="stable").drop_duplicates("row")
    weight = rows.set_index("row")["orders"].loc[best["row"]].to_numpy(np.float64)
    return float(best["days"] @ weight / weight.sum()), float(best["late_share"] @ weight / weight.sum())


def _carrier(instance: Instance, priced: PricedOptions, line: dict[Any, Any]) -> str:
    lane = instance["lanes"].loc[line["lane"]]
    capacity = priced.supply.carrier.set_index(["lane", "period"])["kg"].loc[(line["lane"], line["period"])]
    return (
        f"capacity of {lane['service']} from {lane['origin']} to {lane['destination']} in {line['period']} "
        f"is short by {line['short']:,.0f} kg (it takes {capacity:,.0f} kg)"
    )


def _stock(instance: Instance, priced: PricedOptions, line: dict[Any, Any]) -> str:
    largest = instance["site_sizes"].groupby("site")["capacity_m3"].max().get(line["site"], 0.0)
    return (
        f"{_whose(line)}{line['site']} is short of {line['short']:,.1f} m³ of space in {line['period']} "
        f"(its largest size holds {largest:,.0f} m³)"
    )


def _site_orders(instance: Instance, priced: PricedOptions, line: dict[Any, Any]) -> str:
    largest = instance["site_sizes"].groupby("site")["capacity_orders_per_month"].max().get(line["site"], 0.0)
    return (
        f"{_whose(line)}{line['site']} cannot ship {line['short']:,.0f} of its orders in {line['period']} "
        f"(its largest size ships {largest:,.0f} a month)"
    )


def _carbon(instance: Instance, priced: PricedOptions, line: dict[Any, Any]) -> str:
    cap = _rule_value(instance, line)
    return (
        f"rule {line['rule']}: emissions exceed the cap of {cap:,.0f} kg CO₂e "
        f"by at least {line['short']:,.0f} kg"
    )


def _max_orders(instance: Instance, priced: PricedOptions, line: dict[Any, Any]) -> str:
    cap = _rule_value(instance, line)
    return (
        f"rule {line['rule']}: {line['short']:,.0f} orders in {line['period']} go beyond the {cap:,.0f} a "
        "month that its sites may ship, and nothing else can serve them"
    )


def _rule_value(instance: Instance, line: dict[Any, Any]) -> float:
    return float(instance["rules"].set_index("rule")["value"].loc[line["rule"]])


def _whose(line: dict[Any, Any]) -> str:
    return f"{line['owner']}: " if line["owner"] else ""
