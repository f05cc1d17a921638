"""Import duty: ordinary and additional rates by HS prefix, origin, destination, channel and date."""

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Floats, distinct
from optimizer.costing.matching import country_or_union, match, named_or_any, prefixes
from optimizer.costing.validity import epochs, rows_on
from optimizer.scenario.instance import Instance

__all__ = ["ORDINARY", "duty_amount", "duty_rate_pct"]

ORDINARY = "mfn"
KEY = ["destination", "origin", "hs_prefix", "rule", "channel"]


def duty_rate_pct(instance: Instance, requests: pd.DataFrame) -> Floats:
    r"""Return the duty rate of goods in percent of their customs value; NaN where no ordinary rate is given.

    .. math:: r = \sum_{\text{rule}} r_{\text{rule, best row}}

    Within a rule the longest HS prefix wins, then the country before ``EU``, a named origin before ``*``,
    a named channel before ``*``. The ordinary rate is the rule named ``mfn``; it must be there, also when
    it is zero, because a missing rate is never taken for free entry.

    Parameters
    ----------
    requests
        Columns destination (country), origin (country), hs_code, channel (postal, courier, freight), date.
    """
    rules = instance["duty_rules"]
    combos, inverse = distinct(requests, ["destination", "origin", "hs_code", "channel", "date"])
    epoch, samples = epochs(rules, combos["date"].to_numpy().astype("datetime64[D]"))
    combos = combos.assign(epoch=epoch)
    known, each = distinct(combos, ["destination", "origin", "hs_code", "channel", "epoch"])
    rate = np.full(len(known), np.nan)
    keys = [
        ("hs_code", "hs_prefix", prefixes),
        ("destination", "destination", country_or_union),
        ("origin", "origin", named_or_any),
        ("channel", "channel", named_or_any),
    ]
    for number, date in enumerate(samples):
        at = np.flatnonzero(known["epoch"].to_numpy() == number)
        best = match(known.iloc[at], rows_on(rules, KEY, date), keys, within=["rule"])
        total = np.bincount(best["request"], weights=best["rate_pct"], minlength=len(at))
        ordinary = np.isin(np.arange(len(at)), best.loc[best["rule"] == ORDINARY, "request"])
        rate[at] = np.where(ordinary, total, np.nan)
    result: Floats = rate[each][inverse]
    return result


def duty_amount(value: Floats, rate_pct: Floats) -> Floats:
    r"""Return the duty on goods: :math:`v \cdot r / 100`.

    The customs value is that of the goods: the selling price before VAT for a parcel to the buyer, the
    purchase or transfer price (`unit_cost`) in bulk. Freight is not added to it (see the duty page).

    Examples
    --------
    >>> duty_amount(np.array([200.0]), np.array([4.7])).round(2).tolist()
    [9.4]
    """
    amount: Floats = value * rate_pct / 100
    return amount
