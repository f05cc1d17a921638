"""The network as a directed graph, for reachability, maps and explanations."""

import networkx as nx
import pandas as pd

from optimizer.scenario.instance import Instance

__all__ = ["build_graph"]


def build_graph(
    instance: Instance,
    routes: pd.DataFrame,
    consolidation: pd.DataFrame,
    direct: pd.DataFrame,
    final: pd.DataFrame,
) -> nx.DiGraph:
    """Graph of all places, sites and markets with an edge per leg that something can travel.

    Returns
    -------
    nx.DiGraph
        Nodes ``(kind, key)`` with attributes country, lat, lon; edges with km and the set ``services``
        (``truck`` for trucking).
    """
    graph = nx.DiGraph()
    for kind in ("place", "site", "market"):
        for row in instance[f"{kind}s"].itertuples():
            graph.add_node((kind, getattr(row, kind)), country=row.country, lat=row.lat, lon=row.lon)
    _add(graph, routes, ("place", "start"), ("place", "load_place"), "pre_km")
    _add(graph, routes, ("place", "load_place"), ("place", "discharge_place"), "main_km", "service")
    via, straight = routes[routes["hub"] != ""], routes[routes["hub"] == ""]
    _add(graph, straight, ("place", "discharge_place"), ("site", "site"), "on_km")
    _add(graph, via, ("place", "discharge_place"), ("place", "hub"), "hub_km")
    _add(graph, via, ("place", "hub"), ("site", "site"), "on_km")
    origins = instance["members"][["member", "origin"]]
    _add(graph, consolidation.merge(origins, on="member"), ("place", "origin"), ("place", "place"), "km")
    _add(
        graph,
        direct.merge(origins, on="member"),
        ("place", "origin"),
        ("market", "market"),
        "distance_km",
        "service",
    )
    _add(graph, final, ("site", "site"), ("market", "market"), "distance_km", "service")
    return graph


def _add(
    graph: nx.DiGraph,
    legs: pd.DataFrame,
    tail: tuple[str, str],
    head: tuple[str, str],
    km: str,
    service: str = "",
) -> None:
    columns = [tail[1], head[1], km, *([service] if service else [])]
    for values in legs[list(dict.fromkeys(columns))].drop_duplicates().itertuples(index=False, name=None):
        leg = dict(zip(dict.fromkeys(columns), values, strict=True))
        start, end = (tail[0], leg[tail[1]]), (head[0], leg[head[1]])
        if start == end:
            continue
        if not graph.has_edge(start, end):
            graph.add_edge(start, end, km=float(leg[km]), services=set())
        graph.edges[start, end]["services"].add(leg[service] if service else "truck")
