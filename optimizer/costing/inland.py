"""Trucking at either end of a freight leg, by container or as part load."""

import numpy as np
import pandas as pd

from optimizer.costing.arrays import distinct
from optimizer.costing.dated import in_force
from optimizer.costing.money import Exchange
from optimizer.scenario.instance import Instance

__all__ = ["INLAND_UNITS", "inland_charges"]

INLAND_UNITS = ("20GP", "40GP", "40HQ", "m3")


def inland_charges(instance: Instance, exchange: Exchange, legs: pd.DataFrame) -> pd.DataFrame:
    """Price of truck legs: amount + amount_per_km × km, per unit moved; nothing for a leg of 0 km.

    Parameters
    ----------
    legs
        Columns leg (a unique number), country (in which the leg ends; begins, for origins), km, date.

    Returns
    -------
    pd.DataFrame
        Index leg, one column per unit of `INLAND_UNITS` in scenario currency; NaN where no rate holds.
    """
    combos, inverse = distinct(legs, ["country", "km", "date"])
    table = _by_combo(instance, exchange, combos.rename_axis("leg").reset_index())
    return table.iloc[inverse].set_index(pd.Index(legs["leg"], name="leg"))


def _by_combo(instance: Instance, exchange: Exchange, legs: pd.DataFrame) -> pd.DataFrame:
    """Prices of distinct legs."""
    moved = legs[legs["km"] > 0]
    priced = in_force(moved, instance["inland_rates"], ["country"], "date", ["leg", "unit"])
    factor = exchange.rate(priced["currency"], priced["date"])
    priced = priced.assign(value=(priced["amount"] + priced["amount_per_km"] * priced["km"]) * factor)
    table = priced.pivot_table(index="leg", columns="unit", values="value", aggfunc="sum")
    table = table.reindex(index=legs["leg"], columns=list(INLAND_UNITS)).astype(np.float64)
    table.loc[(legs["km"] == 0).to_numpy()] = 0.0
    return table.rename_axis(index="leg", columns=None)
