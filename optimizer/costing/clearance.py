"""Clearance fees of carriers and customs on parcels that cross a border."""

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Flags, Floats, distinct
from optimizer.costing.matching import country_or_union, match, named_or_any
from optimizer.costing.money import Exchange
from optimizer.costing.validity import epochs, rows_on
from optimizer.scenario.instance import Instance

__all__ = ["parcel_clearance"]


def parcel_clearance(instance: Instance, requests: pd.DataFrame, within: Flags) -> Floats:
    r"""Return the clearance fees of parcels in scenario currency.

    .. math:: f = \sum_k [\text{applies}_k] \cdot \max(a_k u_k,\ \text{minimum}_k)

    with u = 1, tariff headings, or goods value / 100 by the basis of the fee. Of one fee, the country beats
    ``EU`` and a named channel beats ``*``. A place without a row charges nothing: fees are additions, not
    rates that a lane needs.

    Parameters
    ----------
    requests
        Columns destination, channel, date, headings, value (scenario currency).
    within
        Whether the consignment is within the low-value threshold (`low_value`).
    """
    fees = instance["clearance_fees"]
    total = np.zeros(len(requests))
    if fees.empty or requests.empty:
        return total
    combos, inverse = distinct(requests, ["destination", "channel", "date"])
    exchange = Exchange(instance)
    epoch, samples = epochs(fees, combos["date"].to_numpy().astype("datetime64[D]"))
    keys = [("destination", "destination", country_or_union), ("channel", "channel", named_or_any)]
    value, headings = requests["value"].to_numpy(np.float64), requests["headings"].to_numpy(np.float64)
    for number, date in enumerate(samples):
        at = np.flatnonzero(epoch == number)
        best = match(
            combos.iloc[at], rows_on(fees, ["destination", "channel", "fee"], date), keys, within=["fee"]
        )
        for _, group in best.groupby(["fee", "destination", "channel"], sort=False):
            row = group.iloc[0]
            combo = np.zeros(len(combos), dtype=np.bool_)
            combo[at[group["request"]]] = True
            hit = np.flatnonzero(combo[inverse] & _applies(str(row["applies"]), within))
            factor = exchange.rate(str(row["currency"]), combos["date"].to_numpy()[inverse[hit]])
            units = {"parcel": factor, "heading": headings[hit] * factor, "pct_of_value": value[hit] / 100}
            charge = row["amount"] * units[str(row["basis"])]
            total[hit] += np.maximum(charge, row["minimum_amount"] * factor)
    return total


def _applies(rule: str, within: Flags) -> Flags:
    return {"all": np.ones(len(within), dtype=np.bool_), "above": ~within, "within": within}[rule]
