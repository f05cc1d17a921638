"""What a map of a plan shows: sites, markets, first leg, last mile and direct parcels, with coordinates."""

from dataclasses import dataclass

import pandas as pd

from optimizer.plan.plan import Plan
from optimizer.report.markets import market_summary
from optimizer.scenario.instance import Instance

__all__ = ["MapLayers", "coordinates", "map_layers"]

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
    places
        Latitude and longitude by place, site and market.
    """

    sites: pd.DataFrame
    markets: pd.DataFrame
    first_leg: pd.DataFrame
    last_mile: pd.DataFrame
    direct: pd.DataFrame
    places: dict[str, tuple[float, float]]


def map_layers(plan: Plan, instance: Instance) -> MapLayers:
    """Join a plan's tables with the coordinates of its scenario."""
    markets = market_summary(plan).merge(instance["markets"][["market", "lat", "lon"]], on="market")
    return MapLayers(
        sites=_sites(plan, instance),
        markets=markets,
        first_leg=_first_leg(plan),
        last_mile=_sums(plan["flows"].query("site != ''"), ["site", "market"], ["orders", "kg"]),
        direct=_direct(plan, instance),
        places=coordinates(instance),
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
