"""What freight costs per m³ and tonne of a full load: an order's share before the shipment is known."""

from collections.abc import Mapping

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Floats
from optimizer.scenario.instance import Instance

__all__ = ["REACHES", "order_freight", "unit_freight"]

REACHES = ("full", "border")
"""How far a price reaches: to the site, or to the border of the country that imports."""


def unit_freight(
    instance: Instance, sailings: pd.DataFrame, prices: Mapping[str, pd.DataFrame], breaks: pd.DataFrame
) -> pd.DataFrame:
    r"""Price per m³ and per tonne of the cheapest full load of every sailing.

    .. math:: a = \min_c \frac{p_c}{V_c}, \qquad b = \frac{p_{c^*}}{W_{c^*}}

    over containers (usable volume V, payload W), revenue tons (1 m³, `kg_per_m3` kg) and the lowest break
    per kg; c* is the way that is cheapest per m³. Both the customs value (freight to the border) and the
    capital tied up in freight need an order's share of a shipment that only the plan knows; a load that
    fills its containers is the least it can be. Containers filled to 80 % cost 1 / 0.8 = 1.25 of it.

    Parameters
    ----------
    sailings
        Column kg_per_m3, index sailing.
    prices
        ``full`` (to the site) and ``border`` (to the border): columns 20GP, 40GP, 40HQ, lcl, and ``kg``,
        what is added to the rate per kg; NaN where not offered.
    breaks
        Kilogram breaks: sailing, amount.

    Returns
    -------
    pd.DataFrame
        Same index: full_per_m3, full_per_t, border_per_m3, border_per_t.
    """
    ratio = sailings["kg_per_m3"].to_numpy(np.float64)
    lowest = breaks.groupby("sailing")["amount"].min().reindex(sailings.index).to_numpy(np.float64)
    kinds = instance["containers"].set_index("container")
    one = np.ones(len(sailings))
    holds = {"lcl": (one, ratio / 1000), "kg": (1 / ratio, one / 1000)}
    holds |= {str(name): (one * row["usable_m3"], one * row["payload_t"]) for name, row in kinds.iterrows()}
    loads = {
        reach: {name: lowest + table["kg"].to_numpy() if name == "kg" else table[name].to_numpy(np.float64)
                for name in holds}
        for reach, table in prices.items()
    }  # fmt: skip
    per_m3 = np.stack([loads["full"][name] / holds[name][0] for name in holds])
    way = np.argmin(np.where(np.isnan(per_m3), np.inf, per_m3), axis=0)
    at = np.arange(len(sailings))
    result = pd.DataFrame(index=sailings.index)
    for reach in REACHES:
        for number, unit in enumerate(("m3", "t")):
            every = np.stack([loads[reach][name] / holds[name][number] for name in holds])
            result[f"{reach}_per_{unit}"] = every[way, at]
    return result


def order_freight(frame: pd.DataFrame, reach: str) -> Floats:
    r"""Freight of an order as part of a full load: :math:`\max(a V, b W)`.

    Parameters
    ----------
    frame
        Columns m3, t (per order) and ``<reach>_per_m3``, ``<reach>_per_t``.
    reach
        ``full`` or ``border``.

    Examples
    --------
    0.01 m³ and 2 kg in a 40HQ at 2600 (65 m³, 24 t): 0.40 by volume, 0.22 by weight

    >>> one = pd.DataFrame({"m3": [0.01], "t": [0.002], "full_per_m3": [40.0], "full_per_t": [108.33]})
    >>> order_freight(one, "full").tolist()
    [0.4]
    """
    by_volume = (frame[f"{reach}_per_m3"] * frame["m3"]).to_numpy(np.float64)
    freight: Floats = np.maximum(by_volume, (frame[f"{reach}_per_t"] * frame["t"]).to_numpy(np.float64))
    return freight
