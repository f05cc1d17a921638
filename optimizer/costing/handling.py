"""Charges at either end of a freight leg and at consolidation points: terminal, documents, customs."""

import numpy as np
import pandas as pd

from optimizer.costing.arrays import distinct
from optimizer.costing.dated import in_force
from optimizer.costing.money import Exchange
from optimizer.scenario.instance import Instance

__all__ = ["BASES", "QUANTITIES", "handling_charges"]

BASES = ("shipment", "declaration", "container_20", "container_40", "lcl", "m3", "kg", "pct_of_value")
QUANTITIES = ("lcl", "m3", "kg", "pct_of_value")
"""Bases that count the goods, so that a minimum and a maximum per shipment mean something."""
BOUNDS = ["minimum_amount", "maximum_amount"]


def handling_charges(
    instance: Instance, exchange: Exchange, ends: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sum the handling charges at the ends of sailings, by basis; list those by quantity one by one.

    A row of `handling_charges` names a place or a country and a mode or ``*``; item by item the place
    wins over the country, then the mode over ``*``.

    Parameters
    ----------
    ends
        One row per sailing and end: sailing, place, country, side, mode, date.

    Returns
    -------
    sums
        Columns sailing, side, and one per basis of `BASES` (scenario currency per unit of the basis;
        ``pct_of_value`` in percent).
    items
        Charges on the bases of `QUANTITIES`: sailing, side, item, basis, amount, minimum_amount and
        maximum_amount per shipment (scenario currency; infinite where there is none).
    """
    key = ["place", "country", "side", "mode", "date"]
    combos, inverse = distinct(ends, key)
    found = _by_combo(instance, exchange, combos.rename_axis("combo").reset_index())
    table = found.pivot_table(index="combo", columns="basis", values="value", aggfunc="sum", fill_value=0.0)
    table = table.reindex(index=range(len(combos)), columns=list(BASES)).fillna(0.0)
    spread = table.rename_axis(columns=None).iloc[inverse].reset_index(drop=True)
    named = ends[["sailing", "side"]].reset_index(drop=True)
    counted = found.loc[found["basis"].isin(QUANTITIES), ["combo", "item", "basis", "value", *BOUNDS]]
    items = named.assign(combo=inverse).merge(counted, on="combo").drop(columns="combo")
    return pd.concat([named, spread], axis=1), items.rename(columns={"value": "amount"})


def _by_combo(instance: Instance, exchange: Exchange, ends: pd.DataFrame) -> pd.DataFrame:
    """Charges of distinct ends, one row per combo and item."""
    charges = instance["handling_charges"].rename(columns={"place": "at", "mode": "for_mode"})
    asked = pd.concat(
        [ends.assign(at=ends["place"], named=2), ends.assign(at=ends["country"], named=0)], ignore_index=True
    )
    found = in_force(asked, charges, ["at", "side"], "date", ["combo", "at", "for_mode", "item"])
    found = found[(found["for_mode"] == "*") | (found["for_mode"] == found["mode"])]
    found = found.assign(rank=found["named"] + (found["for_mode"] != "*"))
    found = found.sort_values(["combo", "item", "rank"], kind="stable")
    found = found.drop_duplicates(["combo", "item"], keep="last")
    factor = exchange.rate(found["currency"], found["date"])
    bounds = {name: found[name].fillna(np.inf) * factor for name in BOUNDS}
    counted = np.where(found["basis"] == "pct_of_value", 1.0, factor)
    return found.assign(value=found["amount"] * counted, **bounds)
