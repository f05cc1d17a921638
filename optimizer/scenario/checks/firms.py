"""Checks across the tables of firms, markets and periods."""

from itertools import pairwise

import numpy as np
import pandas as pd

from optimizer.errors import Fault
from optimizer.scenario.faultlist import Tables, cell_faults, day_of, place, suggestion, text_of

__all__ = ["SHARE_TOLERANCE_PCT", "firm_faults"]

SHARE_TOLERANCE_PCT = 0.01
_DAY = np.timedelta64(1, "D")


def firm_faults(tables: Tables) -> list[Fault]:
    """Return the faults of periods, order mixes, promises, hubs and categories."""
    faults = []
    if "periods" in tables:
        faults += _period_faults(tables["periods"])
    if "order_mix" in tables:
        faults += _mix_faults(tables["order_mix"])
    if "markets" in tables:
        faults += _promise_faults(tables["markets"])
    if "hubs" in tables and "places" in tables:
        faults += _hub_faults(tables["hubs"], tables["places"])
    if "products" in tables and "returns" in tables:
        faults += _returns_faults(tables["products"], tables["returns"])
    return faults


def _returns_faults(products: pd.DataFrame, returns: pd.DataFrame) -> list[Fault]:
    """Return a fault for each category that the table of returns, if there is one, does not know."""
    known = set(returns["category"])
    bad = ~products["category"].isin(known | {""}) & (len(returns) > 0) & ("*" not in known)
    return cell_faults(
        products,
        "category",
        bad,
        "The table returns has no such category, and none for * (all).",
        lambda index: suggestion(products["category"].to_numpy()[index], known),
    )


def _period_faults(periods: pd.DataFrame) -> list[Fault]:
    """Return a fault for each period that ends before it starts, and for each gap or overlap between two."""
    reversed_rows = periods["end"] < periods["start"]
    rule = "The period ends before it starts."
    faults = cell_faults(periods, "end", reversed_rows, rule, "Exchange start and end, or mend the year.")
    starts = periods["start"].to_numpy(dtype="datetime64[ns]")
    ends = periods["end"].to_numpy(dtype="datetime64[ns]")
    order = np.argsort(starts, kind="stable").tolist()
    for row, follower in pairwise(order):
        end, start = ends[row], starts[follower]
        if reversed_rows.iat[row] or np.isnat(end) or np.isnat(start) or start == end + _DAY:
            continue
        kind = "overlaps" if start <= end else "leaves a gap after"
        rule = f"The period {kind} {periods['period'].iat[row]}, which ends on {day_of(end)}."
        where = place(periods, follower, "start")
        faults.append(Fault(where, day_of(start), rule, f"Start it on {day_of(end + _DAY)}."))
    return faults


def _mix_faults(mix: pd.DataFrame) -> list[Fault]:
    """Return a fault for each product whose order shares do not add up to 100 %."""
    product = pd.factorize(mix["product"])[0]
    total = np.bincount(product, weights=mix["share_pct"])[
        product
    ]  # NaN, a cell that is no number, stays NaN
    bad = (np.abs(total - 100) > SHARE_TOLERANCE_PCT) & ~mix["product"].duplicated()
    return cell_faults(
        mix,
        "share_pct",
        bad,
        "The shares of a product's orders add up to 100 %.",
        lambda index: (
            f"Those of {mix['product'].iat[index]} add up to {text_of(float(total[index]))}: mend one."
        ),
        lambda index: text_of(float(total[index])),
    )


def _promise_faults(markets: pd.DataFrame) -> list[Fault]:
    """Return a fault for each market with a promised share, or a price of lateness, but no promised days."""
    without = markets["promise_days"].isna()
    faults = cell_faults(
        markets,
        "promise_share_pct",
        (markets["promise_share_pct"] > 0) & without,
        "A share of orders is promised, but promise_days is empty.",
        "Give promise_days, or set the share to 0.",
    )
    return faults + cell_faults(
        markets,
        "late_order_amount",
        markets["late_order_amount"].notna() & without,
        "Late orders have a price, but promise_days is empty.",
        "Give promise_days, or leave the amount empty.",
    )


def _hub_faults(hubs: pd.DataFrame, places: pd.DataFrame) -> list[Fault]:
    """Return a fault for each hub whose place is of another kind."""
    kinds = dict(zip(places["place"], places["kind"], strict=False))
    bad = [kinds.get(hub, "hub") != "hub" for hub in hubs["hub"]]
    return cell_faults(
        hubs,
        "hub",
        bad,
        "A hub is a place of kind hub.",
        lambda index: (
            f"It is a {kinds[hubs['hub'].iat[index]]} in places: set its kind to hub, or name another place."
        ),
    )
