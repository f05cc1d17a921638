"""Direct lanes from member origins to markets, and last miles from sites to markets."""

import pandas as pd

from optimizer.network.distance import great_circle_km
from optimizer.network.lane_match import distance_zone, match_lanes
from optimizer.scenario.instance import Instance

__all__ = ["DIRECT_MODES", "direct_lanes", "last_mile"]

DIRECT_MODES = ("postal", "express", "line")
LANE_COLUMNS = ["zone", "days_mean", "days_p95", "capacity_kg_per_day"]


def direct_lanes(instance: Instance) -> pd.DataFrame:
    """Parcel lanes of every member, market and period.

    Returns
    -------
    pd.DataFrame
        Columns member, service, mode, market, period, lane (row of `lanes`), zone, distance_km, days_mean,
        days_p95, capacity_kg_per_day.
    """
    origins = instance["members"][["member", "origin"]].merge(
        instance["places"][["place", "country", "lat", "lon"]], left_on="origin", right_on="place"
    )
    starts = origins.drop_duplicates("origin").rename(columns={"origin": "start"})
    matched = _matched(instance, DIRECT_MODES, starts[["start", "country", "lat", "lon"]])
    matched = origins[["member", "origin"]].merge(matched, left_on="origin", right_on="start")
    order = {member: rank for rank, member in enumerate(instance.members)}
    matched = matched.sort_values("member", key=lambda names: names.map(order), kind="stable")
    columns = ["member", "service", "mode", "market", "period", "lane", "zone", "distance_km"]
    return matched[columns + LANE_COLUMNS[1:]].reset_index(drop=True)


def last_mile(instance: Instance) -> pd.DataFrame:
    """Last-mile lanes of every site, market and period.

    Returns
    -------
    pd.DataFrame
        Columns site, market, service, period, lane (row of `lanes`), zone, distance_km, days_mean, days_p95,
        capacity_kg_per_day.
    """
    starts = instance["sites"][["site", "country", "lat", "lon"]].rename(columns={"site": "start"})
    matched = _matched(instance, ("last_mile",), starts).rename(columns={"start": "site"})
    columns = ["site", "market", "service", "period", "lane", "zone", "distance_km"]
    return matched[columns + LANE_COLUMNS[1:]]


def _matched(instance: Instance, modes: tuple[str, ...], starts: pd.DataFrame) -> pd.DataFrame:
    services = instance["services"]
    services = services[services["mode"].isin(modes)]
    lanes = instance["lanes"]
    lanes = lanes[lanes["service"].isin(services["service"])]
    matched = match_lanes(lanes, starts[["start", "country"]], instance["markets"], instance["periods"])
    matched = matched.merge(lanes[LANE_COLUMNS], left_on="lane", right_index=True)
    matched = matched.merge(services[["service", "mode", "rate_card"]], on="service")
    ends = instance["markets"][["market", "lat", "lon"]]
    matched = matched.merge(starts[["start", "lat", "lon"]], on="start").merge(
        ends, on="market", suffixes=("", "_market")
    )
    matched["distance_km"] = great_circle_km(
        matched["lat"], matched["lon"], matched["lat_market"], matched["lon_market"]
    )
    by_distance = matched["zone"] == ""
    matched.loc[by_distance, "zone"] = distance_zone(
        instance["distance_zones"],
        matched.loc[by_distance, "rate_card"],
        matched.loc[by_distance, "distance_km"],
    )
    matched = matched[matched["zone"] != ""]
    return _in_table_order(instance, matched)


def _in_table_order(instance: Instance, matched: pd.DataFrame) -> pd.DataFrame:
    for column, table in (("service", "services"), ("market", "markets"), ("period", "periods")):
        rank = {key: number for number, key in enumerate(instance[table][column])}
        matched = matched.assign(**{f"rank_{column}": matched[column].map(rank)})
    ranks = ["rank_service", "start", "rank_market", "rank_period"]
    return matched.sort_values(ranks, kind="stable").reset_index(drop=True)
