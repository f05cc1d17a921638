"""When freight must leave to arrive in a period, and which dated row of its lane then holds."""

import numpy as np
import pandas as pd

from optimizer.network.distance import P95_FACTOR
from optimizer.network.lane_match import middle_days, valid_on
from optimizer.scenario.instance import Instance

__all__ = ["sailings"]


def sailings(instance: Instance, routes: pd.DataFrame, periods: pd.DataFrame) -> pd.DataFrame:
    """Departures of routes for arrival in the middle of each of the periods.

    Arrivals spread evenly over a period, so its middle day stands for them. The departure is the arrival
    less the days of the route, rounded up. The lane row valid on the departure day gives
    days, kg per m³ and shipments per month; a route whose lane has no such row does not run then.

    Returns
    -------
    pd.DataFrame
        Columns route, period, arrival, departure, days_mean, days_p95, kg_per_m3, shipments_per_month.
    """
    lanes = instance["freight_lanes"].rename(columns={"days_mean": "main_days", "days_p95": "main_p95"})
    columns = [
        "service",
        "from_place",
        "to_place",
        "main_days",
        "main_p95",
        "kg_per_m3",
        "shipments_per_month",
    ]
    dated = routes.reset_index().merge(
        lanes[[*columns, "valid_from", "valid_to"]],
        left_on=["service", "load_place", "discharge_place"],
        right_on=["service", "from_place", "to_place"],
    )
    base_mean, base_p95 = dated["days_mean"] - dated["land_days"], dated["days_p95"] - dated["land_days"]
    mean = dated["main_days"].fillna(base_mean)
    p95 = dated["main_p95"].fillna(base_p95.where(dated["main_days"].isna(), P95_FACTOR * mean))
    dated = dated.assign(days_mean=dated["land_days"] + mean, days_p95=dated["land_days"] + p95)
    arrivals = periods[["period"]].assign(arrival=middle_days(periods))
    dated = dated.drop(columns=["start"]).merge(arrivals, how="cross")
    dated["departure"] = dated["arrival"] - pd.to_timedelta(np.ceil(dated["days_mean"] - 1e-9), unit="D")
    dated = dated[valid_on(dated, dated["departure"])]
    dated = dated.sort_values(["route", "arrival", "valid_from"], kind="stable")
    dated = dated.drop_duplicates(["route", "period"], keep="last")
    keep = [
        "route",
        "period",
        "arrival",
        "departure",
        "days_mean",
        "days_p95",
        "kg_per_m3",
        "shipments_per_month",
    ]
    return dated[keep].reset_index(drop=True)
