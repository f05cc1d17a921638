"""Customs value of bulk goods: the goods alone (FOB) or with the freight to the border (CIF)."""

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Floats, distinct
from optimizer.costing.matching import country_or_union, match
from optimizer.costing.validity import day, epochs, missing, rows_on
from optimizer.scenario.instance import Instance

__all__ = ["customs_value"]


def customs_value(instance: Instance, requests: pd.DataFrame, goods: Floats, freight: Floats) -> Floats:
    r"""Return what duty is counted on: :math:`v + s / 100 \cdot f`, s the part of freight that counts.

    The country's row wins over that of ``EU``. An empty `customs_values` table counts the goods alone.
    Insurance is no component of landed cost and none is added.

    Parameters
    ----------
    requests
        Columns destination (country) and date.
    goods, freight
        Transfer value of the goods and freight on them to the border, scenario currency.

    Raises
    ------
    InputError
        The table has rows, but none for a destination on a date.

    Notes
    -----
    EU: Regulation (EU) 952/2013, article 71(1)(e); UK: Customs (Import Duty) (EU Exit) Regulations 2018,
    part 12; Japan: Customs Tariff Act, article 4 (all CIF). US: 19 U.S.C. 1401a(b)(4)(A), transport is left
    out (FOB).
    """
    rules = instance["customs_values"]
    if rules.empty or requests.empty:
        return goods
    combos, inverse = distinct(requests, ["destination", "date"])
    epoch, samples = epochs(rules, combos["date"].to_numpy().astype("datetime64[D]"))
    counted = np.full(len(combos), np.nan)
    for number, date in enumerate(samples):
        at = np.flatnonzero(epoch == number)
        keys = [("destination", "destination", country_or_union)]
        best = match(combos.iloc[at], rows_on(rules, ["destination"], date), keys)
        counted[at[best["request"]]] = best["freight_pct"] / 100
    unknown = combos[np.isnan(counted)]
    if len(unknown):
        names = [f"{row.destination} on {day(row.date)}" for row in unknown.itertuples()]
        raise missing(
            "customs_values",
            names,
            "Add the basis on which the country counts duty: freight_pct 100 (CIF) or 0 (FOB).",
        )
    value: Floats = goods + counted[inverse] * freight
    return value
