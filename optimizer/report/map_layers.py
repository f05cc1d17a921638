"""What a map of a plan shows: sites, markets, first leg, last mile and direct parcels, with coordinates."""

from dataclasses import dataclass

import pandas as pd
from shapely.geometry import MultiPoint

from optimizer.plan.plan import Plan
from optimizer.report.markets import market_summary
from optimizer.scenario.instance import Instance

__all__ = ["MapLayers", "catchments", "coordinates", "map_layers"]

STRIP = 0.2
"""Degrees on each side of a catchment without breadth."""

LANE = ["start", "load_place", "discharge_place", "hub", "site"]


@dataclass(frozen=True, eq=False)
class MapLayers:
    """The layers of a map, one table each; latitudes and longitudes in degrees (WGS 84).

    Parameters
    ----------
    sites
        Every candidate: ``site``, ``name``, ``country``, ``lat``, ``lon``, ``open``, ``size``, ``orders``,
        ``peak_m3``, ``capacity_m3``, ``cost`` (summed over owners where nothing is shared).
    markets
        As `market_summary`, with ``lat``, ``lon`` and ``mode``, the mode most orders go by.
    first_leg
        Freight by lane: ``freight_mode``, ``stops`` (places in order), ``orders``, ``m3``, ``t``, ``cost``.
    last_mile
        ``site``, ``market``, ``orders``, ``kg``.
    direct
        ``start`` (the members' origins), ``market``, ``mode``, ``orders``, ``kg``.
    catchments
        For each open site the markets that get most of their warehouse orders from it: ``site``, ``markets``
        (how many), ``orders``, ``outline`` (latitude and longitude of the hull of the site and its markets).
    places
        Latitude and longitude by place, site and market.
    """

    sites: pd.DataFrame
    markets: pd.DataFrame
    first_leg: pd.DataFrame
    last_mile: pd.DataFrame
    direct: pd.DataFrame
    catchments: pd.DataFrame
    places: dict[str, tuple[float, float]]


def map_layers(plan: Plan, instance: Instance) -> MapLayers:
    """Join a plan's tables with the coordinates of its scenario."""
    markets = market_summary(plan).merge(instance["markets"][["market", "lat", "lon"]], on="market")
    last_mile = _sums(plan["flows"].query("site != ''"), ["site", "market"], ["orders", "kg"])
    places = coordinates(instance)
    return MapLayers(
        sites=_sites(plan, instance),
        markets=markets,
        first_leg=_first_leg(plan),
        last_mile=last_mile,
        direct=_direct(plan, instance),
        catchments=catchments(last_mile, places),
        places=places,
    )


def coordinates(instance: Instance) -> dict[str, tuple[float, float]]:
    """Latitude and longitude of every place, site and market of a scenario, by its code."""
    found: dict[str, tuple[float, float]] = {}
    for table, key in (("places", "place"), ("markets", "market"), ("sites", "site")):
        rows = instance[table]
        found |= {
            str(code): (float(lat), float(lon))
            for code, lat, lon in zip(rows[key], rows["lat"], rows["lon"], strict=True)
        }
    return found


def catchments(last_mile: pd.DataFrame, places: dict[str, tuple[float, float]]) -> pd.DataFrame:
    """Return the catchment of each site: the hull of the markets that it serves more than any other does.

    >>> rows = [("A", "x", 2.0), ("A", "y", 3.0), ("B", "y", 1.0)]
    >>> served = pd.DataFrame(rows, columns=["site", "market", "orders"])
    >>> found = catchments(served, {"A": (0.0, 0.0), "x": (0.0, 2.0), "y": (2.0, 0.0)})
    >>> found[["site", "markets", "orders"]].to_numpy().tolist()
    [['A', 2, 5.0]]
    """
    first = last_mile.sort_values(["market", "orders", "site"], ascending=[True, False, True])
    rows = [
        {
            "site": site,
            "markets": len(those),
            "orders": float(those["orders"].sum()),
            "outline": _hull([places[code] for code in (site, *those["market"]) if code in places]),
        }
        for site, those in first.drop_duplicates("market").groupby("site", sort=True)
    ]
    return pd.DataFrame(rows, columns=["site", "markets", "orders", "outline"])


def _hull(points: list[tuple[float, float]]) -> list[list[float]]:
    """Corners of the convex hull; where the points lie on a line, of a narrow strip around it."""
    shape = MultiPoint(points).convex_hull
    area = shape if shape.geom_type == "Polygon" else shape.buffer(STRIP)
    return [list(corner) for corner in area.exterior.coords]


def _sites(plan: Plan, instance: Instance) -> pd.DataFrame:
    candidates = instance["sites"][["site", "name", "country", "lat", "lon"]]
    opened = plan["openings"].groupby("site", sort=True)
    loads = opened[["orders", "peak_m3", "capacity_m3", "cost"]].sum()
    loads["size"] = opened["size"].agg(lambda sizes: ", ".join(dict.fromkeys(sizes))).astype(object)
    joined = candidates.merge(loads.reset_index(), on="site", how="left")
    joined["open"] = joined["size"].notna()
    return joined.fillna({"size": "", "orders": 0.0, "peak_m3": 0.0, "capacity_m3": 0.0, "cost": 0.0})


def _first_leg(plan: Plan) -> pd.DataFrame:
    shipped = plan["shipments"]
    costs = [column for column in shipped.columns if column.startswith("cost_")]
    lanes = _sums(
        shipped.assign(cost=shipped[costs].sum(axis=1)),
        [*LANE, "freight_mode"],
        ["orders", "m3", "t", "cost"],
    )
    ways = lanes[LANE].itertuples(index=False)
    lanes["stops"] = pd.Series([[stop for stop in way if stop] for way in ways], dtype=object)
    return lanes


def _direct(plan: Plan, instance: Instance) -> pd.DataFrame:
    members = instance["members"][["member", "origin"]].rename(columns={"origin": "origin_place"})
    parcels = plan["flows"].query("site == ''").merge(members, on="member", how="left")
    return _sums(
        parcels.assign(start=parcels["origin_place"].fillna("")),
        ["start", "market", "mode"],
        ["orders", "kg"],
    )


def _sums(rows: pd.DataFrame, by: list[str], amounts: list[str]) -> pd.DataFrame:
    return rows.groupby(by, sort=True)[amounts].sum().reset_index()
