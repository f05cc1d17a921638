"""Why a first-leg service, or one of its ways to load, is not offered for a bulk shipment."""

import pandas as pd

from optimizer.costing.freight import CONTAINERS
from optimizer.network import Network, accepts_cargo
from optimizer.network.freight_routes import truck_legs
from optimizer.scenario.instance import Instance

__all__ = ["refused_bulk"]

FREIGHT_MODES = ("sea", "air", "rail", "truck")
STORES_NOT = {"battery": "does not store lithium batteries", "liquid": "does not store liquids"}
REFUSED_CARGO = {"battery": "does not take lithium batteries", "liquid": "does not take liquids"}


def refused_bulk(instance: Instance, network: Network, sailings: pd.DataFrame) -> list[dict[str, str]]:
    """Return services and ways to load that are not offered, with the reason.

    Parameters
    ----------
    instance
        From `bulk_instance`.
    network
        Its network.
    sailings
        Sailings that are priced; see `FreightPrices`.
    """
    services = instance["services"]
    takes = accepts_cargo(services)
    cargo = str(instance["products"]["cargo"].iloc[0])
    taking = set(takes.loc[takes["cargo"] == cargo, "service"])
    stores = accepts_cargo(instance["sites"], "site")
    storing = set(stores.loc[stores["cargo"] == cargo, "site"])
    refused = [
        {"service": f"site {site}", "reason": STORES_NOT[cargo]}
        for site in instance["sites"]["site"]
        if site not in storing
    ]
    for service in services.loc[services["mode"].isin(FREIGHT_MODES), "service"].astype(str):
        offered = sailings[sailings["service"] == service]
        if service not in taking:
            refused.append({"service": service, "reason": REFUSED_CARGO.get(cargo, f"does not take {cargo}")})
        elif offered.empty:
            refused.append({"service": service, "reason": _no_way(instance, network, service, len(storing))})
        else:
            refused += [
                {"service": f"{service}, {way}", "reason": reason} for way, reason in _no_load(offered)
            ]
    return refused


def _no_load(offered: pd.DataFrame) -> list[tuple[str, str]]:
    """Ways to load without a rate; freight by the kilogram knows no other way."""
    ways = [*CONTAINERS, "lcl"]
    if offered[ways].isna().all(axis=None):
        return []
    return [(way, "its lanes have no such rate") for way in ways if offered[way].isna().all()]


def _no_way(instance: Instance, network: Network, service: str, stored: int) -> str:
    """Why no sailing of a service brings goods to the destination on the day."""
    if stored == 0:
        return "no site stores the goods"
    origin = str(instance["members"]["origin"].iloc[0])
    site = instance["sites"]["name"].iloc[0]
    routes = network.freight_routes
    if (routes["service"] == service).any():
        period = instance["periods"].iloc[0]
        middle = period["start"] + (period["end"] - period["start"]) / 2
        return f"none of its lanes holds on the day of departure for arrival on {middle.date().isoformat()}"
    lanes = instance["freight_lanes"]
    if not (lanes["service"] == service).any():
        return "the rates hold no lane of it"
    places = instance["places"].rename(columns={"place": "key"})[["key", "country", "lat", "lon"]]
    reached = truck_legs(places[places["key"] == origin], places)["to_key"]
    if not lanes.loc[lanes["service"] == service, "from_place"].isin(reached).any():
        return f"no truck from {origin} to where it loads"
    return f"no truck from where it discharges to {site}"
