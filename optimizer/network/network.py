"""`Network`: where goods and parcels can go, how far it is and how long it takes. No money yet."""

from dataclasses import dataclass

import networkx as nx
import pandas as pd

from optimizer.network.freight_routes import freight_routes, pickups
from optimizer.network.graph import build_graph
from optimizer.network.parcel_lanes import direct_lanes, last_mile
from optimizer.scenario.instance import Instance

__all__ = ["Network", "build"]


@dataclass(frozen=True, eq=False)
class Network:
    """Reachability, distances and days of a scenario.

    Attributes
    ----------
    graph
        Nodes ``(kind, key)`` with kind place, site or market; edges with modes, services and km.
    freight_routes
        See `optimizer.network.freight_routes.freight_routes`; index route.
    direct_lanes, last_mile
        See `optimizer.network.parcel_lanes`.
    pickups
        member, place, km: consolidation points each member brings its goods to.
    pickups_left_out
        Farther consolidation points that `model.routes_per_pair` leaves out.
    """

    graph: nx.DiGraph
    freight_routes: pd.DataFrame
    direct_lanes: pd.DataFrame
    last_mile: pd.DataFrame
    pickups: pd.DataFrame
    pickups_left_out: int


def build(instance: Instance) -> Network:
    """Build the network of a scenario.

    Parameters
    ----------
    instance
        A checked scenario.

    Returns
    -------
    Network
        All routes and lanes, before any is priced or left out for its price.
    """
    consolidation, left_out = pickups(instance)
    routes = freight_routes(instance, consolidation)
    direct, final = direct_lanes(instance), last_mile(instance)
    return Network(
        graph=build_graph(instance, routes, consolidation, direct, final),
        freight_routes=routes,
        direct_lanes=direct,
        last_mile=final,
        pickups=consolidation,
        pickups_left_out=left_out,
    )
