"""What sailings pay at both ends and on the road, and what they emit."""

import numpy as np
import pandas as pd

from optimizer.costing.carbon import emission_factor
from optimizer.costing.handling import BASES, handling_charges
from optimizer.costing.inland import INLAND_UNITS, inland_charges
from optimizer.costing.money import Exchange
from optimizer.scenario.instance import Instance

__all__ = ["freight_carbon", "handling_at_ends", "truck_charges"]

SIDES = {"origin": "load_place", "destination": "discharge_place", "consolidation": "start"}


def handling_at_ends(
    instance: Instance, exchange: Exchange, sailings: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Handling charges of every sailing: sums in columns (side, basis), and the items by quantity.

    Charges at the destination are dated at the arrival, all others at the departure.
    """
    ends = []
    for side, place in SIDES.items():
        end = sailings[["mode"]].assign(
            side=side, place=sailings[place], country=sailings[f"{place}_country"]
        )
        end["date"] = sailings["arrival" if side == "destination" else "departure"]
        ends.append(end[sailings["member"] == ""] if side == "consolidation" else end)
    asked = pd.concat(ends).rename_axis("sailing").reset_index()
    charges, items = handling_charges(instance, exchange, asked)
    parts = {
        side: charges[charges["side"] == side].set_index("sailing")[list(BASES)].reindex(sailings.index)
        for side in SIDES
    }
    return pd.concat(parts, axis=1).fillna(0.0), items


def truck_charges(instance: Instance, exchange: Exchange, sailings: pd.DataFrame) -> pd.DataFrame:
    """Trucking of every sailing; columns (leg, unit) with leg pre, end and on.

    ``pre`` runs to the place of loading; ``end`` from the discharge to the site, or to the hub; ``on``
    from the hub to the site as part load, with the hub's cross-docking. NaN where no rate holds.
    """
    via = (sailings["hub"] != "").to_numpy()
    pre = _leg(sailings, sailings["start_country"], sailings["pre_km"], "departure")
    end_country = sailings["hub_country"].where(via, sailings["site_country"])
    end = _leg(sailings, end_country, sailings["hub_km"].where(via, sailings["on_km"]), "arrival")
    on = _leg(sailings, sailings["site_country"], sailings["on_km"].where(via, 0.0), "arrival")
    priced = {
        name: inland_charges(instance, exchange, leg)
        for name, leg in (("pre", pre), ("end", end), ("on", on))
    }
    hubs = instance["hubs"].set_index("hub")
    handled = sailings.loc[via, ["hub", "arrival"]].join(hubs[["handling_per_m3", "currency"]], on="hub")
    cross_docking = handled["handling_per_m3"] * exchange.rate(handled["currency"], handled["arrival"])
    priced["on"]["m3"] += cross_docking.reindex(sailings.index).fillna(0.0)
    table = pd.concat(priced, axis=1)
    return table.reindex(columns=pd.MultiIndex.from_product([["pre", "end", "on"], list(INLAND_UNITS)]))


def _leg(sailings: pd.DataFrame, country: pd.Series, km: pd.Series, date: str) -> pd.DataFrame:
    return pd.DataFrame({"leg": sailings.index, "country": country, "km": km, "date": sailings[date]})


def freight_carbon(instance: Instance, sailings: pd.DataFrame) -> pd.Series:
    """Kilograms of CO₂e per tonne moved: km × factor of the main leg plus trucking.

    Raises
    ------
    InputError
        A leg has no emission factor.
    """
    factors = {mode: emission_factor(instance, str(mode)) for mode in sailings["mode"].unique()}
    road = sailings["pre_km"] + sailings["hub_km"] + sailings["on_km"]
    truck = emission_factor(instance, "truck") if road.any() else 0.0
    main = sailings["mode"].map(factors).to_numpy(np.float64)
    carbon: pd.Series = road * truck + sailings["main_km"] * main
    return carbon
