"""Enumerate freight routes: start → place of loading → place of discharge [→ hub] → site."""

from typing import Any

import numpy as np
import pandas as pd

from optimizer.network.distance import (
    P95_FACTOR,
    TRUCK_KM_PER_DAY,
    TRUCK_REACH_KM,
    great_circle_km,
    road_km,
    same_landmass,
    sea_km,
    transit_days,
)
from optimizer.scenario.instance import Instance

__all__ = ["FREIGHT_MODES", "freight_routes", "pickups", "truck_legs"]

FREIGHT_MODES = ("sea", "air", "rail", "truck")
ROUTE_COLUMNS = [
    "start", "member", "service", "mode", "load_place", "discharge_place", "hub", "site", "lane",
    "pre_km", "main_km", "hub_km", "on_km", "land_days", "days_mean", "days_p95",
]  # fmt: skip


def truck_legs(starts: pd.DataFrame, ends: pd.DataFrame) -> pd.DataFrame:
    """Truck legs between two sets of points on the same landmass within `TRUCK_REACH_KM`.

    Parameters
    ----------
    starts, ends
        Columns key, country, lat, lon.

    Returns
    -------
    pd.DataFrame
        Columns from_key, to_key, km; a point reaches itself over 0 km.
    """
    pairs = starts.merge(ends, how="cross", suffixes=("_a", "_b"))
    linked = [same_landmass(a, b) for a, b in zip(pairs["country_a"], pairs["country_b"], strict=True)]
    pairs = pairs[np.asarray(linked, dtype=bool)]
    km = road_km(pairs["lat_a"], pairs["lon_a"], pairs["lat_b"], pairs["lon_b"])
    legs = pd.DataFrame({"from_key": pairs["key_a"], "to_key": pairs["key_b"], "km": km})
    return legs[legs["km"] <= TRUCK_REACH_KM].reset_index(drop=True)


def pickups(instance: Instance) -> tuple[pd.DataFrame, int]:
    """Consolidation points each member brings its goods to, and how many farther ones were left out.

    The nearest `model.routes_per_pair` points on the member's landmass are kept.

    Returns
    -------
    tuple
        Frame with columns member, place, km; number of pairs left out.
    """
    model = instance.model
    if not (model.sharing and model.pooling):
        return pd.DataFrame({"member": [], "place": [], "km": []}, dtype=object), 0
    origins = _points(instance["places"], "place")
    origins = instance["members"][["member", "origin"]].merge(origins, left_on="origin", right_on="key")
    points = instance["places"][instance["places"]["kind"] == "consolidation"]
    legs = truck_legs(origins.assign(key=origins["member"]), _points(points, "place"))
    legs = legs.sort_values(["from_key", "km", "to_key"], kind="stable")
    kept = legs.groupby("from_key", sort=False).head(model.routes_per_pair)
    rank = {member: number for number, member in enumerate(instance.members)}
    kept = kept.sort_values("from_key", key=lambda names: names.map(rank), kind="stable")
    frame = kept.rename(columns={"from_key": "member", "to_key": "place"}).reset_index(drop=True)
    return frame, len(legs) - len(kept)


def freight_routes(instance: Instance, consolidation: pd.DataFrame) -> pd.DataFrame:
    """Every freight route of a member's own goods and of goods pooled at a consolidation point.

    Parameters
    ----------
    instance
        The scenario.
    consolidation
        Pickups as returned by `pickups`.

    Returns
    -------
    pd.DataFrame
        Columns `ROUTE_COLUMNS`, index 0..n−1 named route. `member` is empty for pooled routes, `hub` where
        there is none; hubs take containers and LCL, not freight charged by the kilogram. `lane` numbers
        what is loaded together: member, start, service, places of loading and
        discharge, and the hub or, without one, the site. Days run from the start to the site's door;
        `land_days` of them are trucking and dwell.
    """
    starts = _starts(instance, consolidation)
    legs = _main_legs(instance)
    places, sites = _points(instance["places"], "place"), _points(instance["sites"], "site")
    used = places["key"].isin(set(starts["start"]))
    pre = truck_legs(places[used], places[places["key"].isin(set(legs["load_place"]))])
    pre = pre.rename(columns={"from_key": "start", "to_key": "load_place", "km": "pre_km"})
    ends = _to_sites(instance, places[places["key"].isin(set(legs["discharge_place"]))], places, sites)
    routes = starts.merge(pre, on="start").merge(legs, on="load_place").merge(ends, on="discharge_place")
    routes = routes[(routes["hub"] == "") | ~routes["service"].isin(_charged_by_kg(instance))]
    trucking = (routes["pre_km"] + routes["hub_km"] + routes["on_km"]) / TRUCK_KM_PER_DAY
    routes["land_days"] = routes["dwell_days"] + trucking
    routes["days_mean"] = routes["main_days"] + routes["land_days"]
    routes["days_p95"] = routes["main_days_p95"] + routes["land_days"]
    routes["end"] = np.where(routes["hub"] == "", "site " + routes["site"], "hub " + routes["hub"])
    key = ["member", "start", "service", "load_place", "discharge_place", "end"]
    routes = routes.sort_values(
        ["rank_start", "rank_service", "load_place", "discharge_place", "hub", "rank_site"]
    )
    routes["lane"] = routes.groupby(key, sort=False).ngroup()
    return routes[ROUTE_COLUMNS].reset_index(drop=True).rename_axis("route")


def _charged_by_kg(instance: Instance) -> set[str]:
    """Services charged by the kilogram: their consignments go to one door and do not pass hubs."""
    rates = instance["freight_rates"]
    return set(rates.loc[rates["unit"] == "kg", "service"])


def _starts(instance: Instance, consolidation: pd.DataFrame) -> pd.DataFrame:
    own = instance["members"][["member", "origin"]].rename(columns={"origin": "start"})
    if not instance.model.own_freight:
        own = own.head(0)
    pooled = pd.DataFrame({"start": sorted(set(consolidation["place"]))}, dtype=object).assign(member="")
    starts = pd.concat([own, pooled], ignore_index=True)
    return starts.assign(rank_start=range(len(starts)))


def _main_legs(instance: Instance) -> pd.DataFrame:
    services = instance["services"].assign(rank_service=range(len(instance["services"])))
    services = services[services["mode"].isin(FREIGHT_MODES)]
    lanes = instance["freight_lanes"].sort_values("valid_from", kind="stable")
    lanes = lanes.drop_duplicates(["service", "from_place", "to_place"], keep="first")
    lanes = lanes.merge(services[["service", "mode", "rank_service"]], on="service")
    at = instance["places"].set_index("place")[["lat", "lon"]]
    main_km, days, days_p95 = [], [], []
    leg: Any
    for leg in lanes.itertuples():
        a, b = at.loc[leg.from_place], at.loc[leg.to_place]
        km = float(leg.distance_km)
        if np.isnan(km):
            km = leg_km(str(leg.mode), (float(a.lat), float(a.lon)), (float(b.lat), float(b.lon)))
        mean = transit_days(str(leg.mode), km) if np.isnan(leg.days_mean) else float(leg.days_mean)
        main_km.append(km)
        days.append(mean)
        days_p95.append(P95_FACTOR * mean if np.isnan(leg.days_p95) else float(leg.days_p95))
    legs = lanes[["service", "mode", "rank_service"]].assign(
        load_place=lanes["from_place"], discharge_place=lanes["to_place"]
    )
    return legs.assign(main_km=main_km, main_days=days, main_days_p95=days_p95)


def leg_km(mode: str, start: tuple[float, float], end: tuple[float, float]) -> float:
    """Length of a main leg between two (lat, lon) points: by sea network, by road, or great circle."""
    if mode == "sea":
        return sea_km(*start, *end)
    if mode == "air":
        return float(great_circle_km(*start, *end))
    return float(road_km(*start, *end))


def _to_sites(
    instance: Instance, discharge: pd.DataFrame, places: pd.DataFrame, sites: pd.DataFrame
) -> pd.DataFrame:
    sites = sites.assign(rank_site=range(len(sites)))
    rank = sites[["key", "rank_site"]].rename(columns={"key": "site"})
    direct = truck_legs(discharge, sites.drop(columns="rank_site"))
    direct = direct.rename(columns={"from_key": "discharge_place", "to_key": "site", "km": "on_km"})
    direct = direct.assign(hub="", hub_km=0.0, dwell_days=0.0)
    hubs = instance["hubs"]
    hub_points = places[places["key"].isin(set(hubs["hub"]))]
    to_hub = truck_legs(discharge, hub_points)
    to_hub = to_hub.rename(columns={"from_key": "discharge_place", "to_key": "hub", "km": "hub_km"})
    on = truck_legs(hub_points, sites.drop(columns="rank_site"))
    on = on.rename(columns={"from_key": "hub", "to_key": "site", "km": "on_km"})
    via = to_hub.merge(on, on="hub").merge(hubs[["hub", "dwell_days"]], on="hub")
    both = pd.concat([direct, via[direct.columns]], ignore_index=True) if len(via) else direct
    return both.merge(rank, on="site")


def _points(table: pd.DataFrame, key: str) -> pd.DataFrame:
    return table[[key, "country", "lat", "lon"]].rename(columns={key: "key"})
