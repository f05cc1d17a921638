"""Low-value consignments: no duty, or a flat duty per tariff heading, up to a threshold."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Flags, Floats, distinct
from optimizer.costing.matching import country_or_union, match, named_or_any
from optimizer.costing.money import Exchange
from optimizer.costing.validity import epochs, rows_on
from optimizer.scenario.instance import Instance

__all__ = ["LowValue", "at_most", "low_value"]


@dataclass(frozen=True, eq=False)
class LowValue:
    """The low-value rule of each request.

    Parameters
    ----------
    threshold
        Value up to which it holds, included; in scenario currency, −1 where there is no rule.
    per_heading
        Flat duty per tariff heading in scenario currency; 0 where goods are exempt.
    within
        Whether the consignment is of low value.
    """

    threshold: Floats
    per_heading: Floats
    within: Flags


def at_most(value: Floats, threshold: Floats) -> Flags:
    """Return whether values reach thresholds at most, exact to a millionth of the currency.

    Examples
    --------
    >>> at_most(np.array([150.0, 150.01]), np.array([150.0, 150.0])).tolist()
    [True, False]
    """
    result: Flags = np.round(value - threshold, 6) <= 0
    return result


def low_value(instance: Instance, requests: pd.DataFrame) -> LowValue:
    """Return the low-value rule in force for consignments; without one nothing is of low value.

    The country beats ``EU`` and a named channel beats ``*``.

    Parameters
    ----------
    requests
        Columns destination, channel, date, and value: that of the goods in scenario currency.
    """
    rules = instance["low_value_rules"]
    combos, inverse = distinct(requests, ["destination", "channel", "date"])
    epoch, samples = epochs(rules, combos["date"].to_numpy().astype("datetime64[D]"))
    row = np.full(len(combos), -1, dtype=np.int64)
    keys = [("destination", "destination", country_or_union), ("channel", "channel", named_or_any)]
    for number, date in enumerate(samples):
        at = np.flatnonzero(epoch == number)
        held = rows_on(rules, ["destination", "channel"], date).rename_axis("rule_row").reset_index()
        best = match(combos.iloc[at], held, keys)
        row[at[best["request"]]] = best["rule_row"]
    ruled = np.flatnonzero(row >= 0)
    found = rules.iloc[row[ruled]]
    factor = Exchange(instance).rate(found["currency"].to_numpy(), combos["date"].to_numpy()[ruled])
    threshold, flat = np.full(len(combos), -1.0), np.zeros(len(combos))
    threshold[ruled] = found["threshold"].to_numpy() * factor
    flat[ruled] = np.where(found["treatment"] == "per_heading", found["amount"].to_numpy() * factor, 0.0)
    limit = threshold[inverse]
    within = (limit >= 0) & at_most(requests["value"].to_numpy(np.float64), limit)
    return LowValue(limit, flat[inverse], within)
