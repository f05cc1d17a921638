"""Greenhouse gas per leg and its price."""

import numpy as np
import numpy.typing as npt

from optimizer.costing.arrays import Floats
from optimizer.costing.validity import missing
from optimizer.scenario.instance import Instance

__all__ = ["carbon_cost", "emission_factor", "leg_kg"]

KG_PER_T = 1000.0


def emission_factor(instance: Instance, leg: str) -> float:
    """Return kg CO₂e per tonne-kilometre of a kind of leg, in the scope its row states.

    An empty table leaves carbon out, unless the scenario prices or caps it.

    Raises
    ------
    InputError
        The leg has no factor.
    """
    table = instance["emission_factors"]
    wanted = instance.model.carbon_price_per_t > 0 or (instance["rules"]["kind"] == "carbon_cap").any()
    if table.empty and not wanted:
        return 0.0
    rows = table[table["leg"] == leg]
    if rows.empty:
        raise missing("emission_factors", [f"leg {leg}"], "Add its factor, with the scope it covers.")
    return float(rows["kg_per_tkm"].iloc[0])


def leg_kg(weight_kg: npt.ArrayLike, distance_km: npt.ArrayLike, kg_per_tkm: npt.ArrayLike) -> Floats:
    r"""Return kg CO₂e of a leg: :math:`w / 1000 \cdot d \cdot f`.

    Examples
    --------
    >>> round(float(leg_kg(0.8, 9000.0, 0.6)), 2)
    4.32
    """
    tonnes = np.asarray(weight_kg, np.float64) / KG_PER_T
    kg: Floats = tonnes * np.asarray(distance_km, np.float64) * np.asarray(kg_per_tkm, np.float64)
    return kg


def carbon_cost(kg: npt.ArrayLike, price_per_t: npt.ArrayLike) -> Floats:
    """Return the price of kg CO₂e at a price per tonne."""
    cost: Floats = np.asarray(kg, np.float64) / KG_PER_T * np.asarray(price_per_t, np.float64)
    return cost
