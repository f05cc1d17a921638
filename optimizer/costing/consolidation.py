"""Which member's goods may travel on which sailing, and the pickup to the consolidation point."""

import numpy as np
import pandas as pd

from optimizer.costing.dated import missing_fault
from optimizer.costing.freight import FreightPrices
from optimizer.costing.inland import inland_charges
from optimizer.costing.money import Exchange
from optimizer.errors import InputError
from optimizer.network import Network
from optimizer.scenario.instance import Instance

__all__ = ["user_sailings"]


def user_sailings(
    instance: Instance, network: Network, exchange: Exchange, prices: FreightPrices
) -> pd.DataFrame:
    """Pairs of member and sailing: its own routes, and pooled ones from points it brings goods to.

    Pooled goods pay the part-load pickup per m³ and its emissions; joining takes the truck's time too.

    Returns
    -------
    pd.DataFrame
        Columns user (member), sailing, pickup_per_m3, pickup_km.
    """
    sailings = prices.sailings.reset_index()[["sailing", "member", "start", "departure"]]
    own = sailings[sailings["member"] != ""]
    own = (
        own[["member", "sailing"]].rename(columns={"member": "user"}).assign(pickup_per_m3=0.0, pickup_km=0.0)
    )
    pooled = sailings[sailings["member"] == ""].drop(columns="member")
    joined = network.pickups.rename(columns={"member": "user", "place": "start", "km": "pickup_km"})
    joined = joined.merge(pooled, on="start")
    origin = instance["members"].set_index("member")["origin"]
    country = instance["places"].set_index("place")["country"]
    legs = joined[["user", "start", "departure", "pickup_km"]].drop_duplicates(["user", "start", "departure"])
    legs = legs.assign(country=legs["user"].map(origin).map(country))
    asked = legs.assign(leg=np.arange(len(legs))).rename(columns={"pickup_km": "km", "departure": "date"})
    legs["pickup_per_m3"] = inland_charges(instance, exchange, asked)["m3"].to_numpy(np.float64)
    lost = legs[legs["pickup_per_m3"].isna()]
    if len(lost):
        what = f"{lost['user'].iloc[0]} → {lost['start'].iloc[0]}"
        raise InputError([missing_fault("inland_rates", what, lost["departure"])])
    joined = joined.merge(
        legs[["user", "start", "departure", "pickup_per_m3"]], on=["user", "start", "departure"]
    )
    parts = [part for part in (own, joined[own.columns]) if len(part)]
    return pd.concat(parts, ignore_index=True) if parts else own
