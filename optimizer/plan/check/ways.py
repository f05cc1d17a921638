"""Every order is served, each in a way that exists, and each way's figures are those of the rates."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.options import PricedOptions
from optimizer.plan.check.tolerance import differing, exceeding, tell
from optimizer.scenario.instance import Instance

__all__ = ["known_ways", "served_demand", "way_figures"]

Floats = npt.NDArray[np.float64]

ROW = ["product", "market", "period"]


def served_demand(instance: Instance, flows: pd.DataFrame) -> list[str]:
    """All orders are served, none twice; single-sourced products in one way per market and period."""
    demand = instance["demand"].merge(instance["products"][["product", "single_source"]], on="product")
    served = flows.groupby(ROW)["orders"].agg(["sum", "size", "min"]).reset_index()
    both = demand.merge(served, on=ROW, how="outer").fillna(
        {"orders": 0.0, "sum": 0.0, "size": 0, "min": 0.0}
    )
    wrong = differing(both["orders"], both["sum"])
    failures = tell(
        both, wrong, "{product} to {market} in {period}: {sum:,.4f} of {orders:,.4f} orders are served"
    )
    split = (both["single_source"].fillna(False).astype(bool) & (both["size"] > 1)).to_numpy()
    failures += tell(
        both, split, "{product} to {market} in {period} is single sourced, but served in {size} ways"
    )
    return failures + tell(
        both, (both["min"] < 0).to_numpy(), "{product} to {market} in {period}: negative orders"
    )


def known_ways(flows: pd.DataFrame, priced: PricedOptions) -> tuple[pd.DataFrame, list[str]]:
    """Find each flow in the factor tables by its keys.

    Returns
    -------
    tuple
        The flows with the positions ``direct``, ``inbound``, ``holding``, ``outbound`` (−1: none), and a
        failure for every flow that is in none, or that misses one of its three parts.
    """
    direct = _numbered(priced.direct, [*ROW, "service"], "direct")
    inbound = _numbered(priced.inbound.rename(columns={"period": "arrival_period"}), INBOUND_KEY, "inbound")
    holding = _numbered(priced.holding.rename(columns={"sale": "period"}), ["inbound", "period"], "holding")
    outbound = _numbered(priced.outbound, [*ROW, "site", "service"], "outbound")
    ways = flows.copy()
    for table, keys in ((direct, [*ROW, "service"]), (inbound, INBOUND_KEY)):
        ways = ways.merge(table, on=keys, how="left")
    ways = ways.merge(holding, on=["inbound", "period"], how="left")
    ways = ways.merge(outbound, on=[*ROW, "site", "service"], how="left")
    stages = ["direct", "inbound", "holding", "outbound"]
    ways[stages] = ways[stages].fillna(-1).astype(np.int64)
    stocked = (ways["site"] != "").to_numpy()
    ways["direct"] = np.where(stocked, -1, ways["direct"])
    complete = np.where(stocked, (ways[stages[1:]] >= 0).all(axis=1), ways["direct"] >= 0)
    sentence = "{product} to {market} in {period}: no rate for {mode} by {service} {site} (route {route})"
    failures = tell(ways, ~complete, sentence)
    return ways[complete].reset_index(drop=True), failures


INBOUND_KEY = ["product", "route", "arrival_period"]


def way_figures(ways: pd.DataFrame, priced: PricedOptions) -> list[str]:
    """Days, lateness, volume, weights, carbon and cost of each flow are those of its rates."""
    stocked = (ways["site"] != "").to_numpy()
    orders = ways["orders"].to_numpy(np.float64)
    expected = {
        "days_mean": _first(ways, priced, "days", "days"),
        "late_share": _first(ways, priced, "late_share", "late_share"),
        "kg": orders * _first(ways, priced, "kg", "kg"),
        "m3": orders * np.where(stocked, at(priced.inbound, "m3", ways["inbound"]), 0.0),
        "t": orders * np.where(stocked, at(priced.inbound, "t", ways["inbound"]), 0.0),
        "co2_kg": orders * _sum(ways, priced, "co2_kg", ("direct", "inbound", "outbound")),
        "cost": orders * _sum(ways, priced, "cost", ("direct", "inbound", "holding", "outbound")),
    }
    failures = []
    for name, values in expected.items():
        wrong = differing(ways[name], values)
        sentence = (
            "{product} to {market} in {period} by {service} {site}: " + name + " is {found:g}, not {right:g}"
        )
        failures += tell(ways.assign(found=ways[name], right=values), wrong, sentence)
    over = exceeding(ways.groupby(ROW)["share"].transform("sum"), 1.0)
    return failures + tell(ways, over, "{product} to {market} in {period}: shares add up to more than 1")


def at(table: pd.DataFrame, column: str, positions: pd.Series) -> Floats:
    """Column of a factor table at positions; 0 where the position is −1."""
    values = np.append(table[column].to_numpy(np.float64), 0.0)
    picked: Floats = values[positions.to_numpy()]
    return picked


def _first(ways: pd.DataFrame, priced: PricedOptions, of_direct: str, of_outbound: str) -> Floats:
    return at(priced.direct, of_direct, ways["direct"]) + at(priced.outbound, of_outbound, ways["outbound"])


def _sum(ways: pd.DataFrame, priced: PricedOptions, column: str, stages: tuple[str, ...]) -> Floats:
    return sum((at(getattr(priced, stage), column, ways[stage]) for stage in stages), np.zeros(len(ways)))


def _numbered(table: pd.DataFrame, keys: list[str], name: str) -> pd.DataFrame:
    return table[keys].assign(**{name: np.arange(len(table))})
