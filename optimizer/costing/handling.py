"""Charges at either end of a freight leg and at consolidation points: terminal, documents, customs."""

import numpy as np
import pandas as pd

from optimizer.costing.arrays import distinct
from optimizer.costing.dated import in_force
from optimizer.costing.money import Exchange
from optimizer.scenario.instance import Instance

__all__ = ["BASES", "handling_charges"]

BASES = ("shipment", "declaration", "container_20", "container_40", "lcl", "m3", "kg", "pct_of_value")


def handling_charges(instance: Instance, exchange: Exchange, ends: pd.DataFrame) -> pd.DataFrame:
    """Sum the handling charges at the ends of sailings, by basis.

    A row of `handling_charges` names a place or a country and a mode or ``*``; item by item the place
    wins over the country, then the mode over ``*``.

    Parameters
    ----------
    ends
        One row per sailing and end: sailing, place, country, side, mode, date.

    Returns
    -------
    pd.DataFrame
        Columns sailing, side, and one per basis of `BASES` (scenario currency per unit of the basis;
        ``pct_of_value`` in percent).
    """
    key = ["place", "country", "side", "mode", "date"]
    combos, inverse = distinct(ends, key)
    table = _by_combo(instance, exchange, combos.rename_axis("combo").reset_index())
    spread = table.reindex(range(len(combos))).fillna(0.0).iloc[inverse].reset_index(drop=True)
    return pd.concat([ends[["sailing", "side"]].reset_index(drop=True), spread], axis=1)


def _by_combo(instance: Instance, exchange: Exchange, ends: pd.DataFrame) -> pd.DataFrame:
    """Charges of distinct ends, index combo."""
    charges = instance["handling_charges"].rename(columns={"place": "at", "mode": "for_mode"})
    asked = pd.concat(
        [ends.assign(at=ends["place"], named=2), ends.assign(at=ends["country"], named=0)], ignore_index=True
    )
    found = in_force(asked, charges, ["at", "side"], "date", ["combo", "at", "for_mode", "item"])
    found = found[(found["for_mode"] == "*") | (found["for_mode"] == found["mode"])]
    found = found.assign(rank=found["named"] + (found["for_mode"] != "*"))
    found = found.sort_values(["combo", "item", "rank"], kind="stable")
    found = found.drop_duplicates(["combo", "item"], keep="last")
    money = found["basis"] != "pct_of_value"
    factor = np.ones(len(found))
    factor[money] = exchange.rate(found.loc[money, "currency"], found.loc[money, "date"])
    found = found.assign(value=found["amount"] * factor)
    table = found.pivot_table(index="combo", columns="basis", values="value", aggfunc="sum", fill_value=0.0)
    return table.reindex(columns=list(BASES), fill_value=0.0).rename_axis(columns=None)
