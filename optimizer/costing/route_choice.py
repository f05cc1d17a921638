"""Keep the best freight routes per start, service and site; say what is known of the others."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.freight import CONTAINERS, FreightPrices
from optimizer.scenario.instance import Instance

__all__ = ["RouteChoice", "choose_routes"]

Floats = npt.NDArray[np.float64]

PAIR = ["member", "start", "service", "by_hub", "site"]
TERMS = [
    *CONTAINERS, "lcl", "lcl_rate", "lcl_minimum", "per_m3", "per_kg", "origin_pct", "destination_pct",
    "per_shipment", "per_declaration", "co2_per_t", "days_mean", "days_p95", "tier_per_kg", "tier_minimum",
    "full_per_m3", "full_per_t", "border_per_m3", "border_per_t", "origin_per_m3", "origin_per_kg",
]  # fmt: skip
EQUAL = ["kg_per_m3", "shipments_per_month", "duty_included"]


@dataclass(frozen=True)
class RouteChoice:
    """Routes kept, and how many were dropped.

    Attributes
    ----------
    kept
        Route numbers, ascending.
    dominated
        Dropped with proof: a kept route of the same start, service and site is at most as dear in every
        unit and every fee, at most as slow, in every period.
    left_out
        Dropped by `model.routes_per_pair` without such a proof: dearer per m³ at the alliance's mean density.
    """

    kept: npt.NDArray[np.int64]
    dominated: int
    left_out: int


def choose_routes(instance: Instance, prices: FreightPrices, t_per_m3: float) -> RouteChoice:
    """Rank the routes of each pair by mean price per m³ and keep the first `model.routes_per_pair`.

    A pair is a start, service and site; routes that pass a hub are ranked apart from those that do not.

    Domination is enough to drop a route without loss: moving all its goods to the kept route saves fees
    and never pays more, since containers, revenue tons and all-units breaks are subadditive.

    Parameters
    ----------
    t_per_m3
        Mean density of the goods, for the ranking only.
    """
    sailings = prices.sailings
    steps = _break_steps(prices.breaks, len(sailings))
    ranked = sailings.assign(by_hub=sailings["hub"] != "")[["route", *PAIR, "days_mean"]].assign(
        price=_price_per_m3(prices, steps, t_per_m3)
    )
    routes = ranked.groupby("route", as_index=False).agg(
        {**dict.fromkeys(PAIR, "first"), "price": "mean", "days_mean": "mean"}
    )
    routes["periods"] = ranked.groupby("route").size().to_numpy()
    routes = routes.sort_values(
        ["periods", "price", "days_mean", "route"], ascending=[False, True, True, True], kind="stable"
    )
    rank = routes.groupby(PAIR, sort=False).cumcount()
    kept = routes[(rank < instance.model.routes_per_pair).to_numpy()]
    dropped = routes[(rank >= instance.model.routes_per_pair).to_numpy()]
    proven = _count_dominated(sailings, steps, kept, dropped)
    return RouteChoice(np.sort(kept["route"].to_numpy(np.int64)), proven, len(dropped) - proven)


def _break_steps(breaks: pd.DataFrame, sailings: int) -> Floats:
    """Rate per kg at every break of any sailing, shape (sailings, breaks + 1); last the minimum charge."""
    points = np.sort(breaks["break_from_kg"].unique())
    table = breaks.pivot_table(index="sailing", columns="break_from_kg", values="amount")
    table = table.reindex(index=range(sailings), columns=points).ffill(axis=1)
    minimum = breaks.groupby("sailing")["minimum_amount"].max().reindex(range(sailings))
    return np.column_stack([table.to_numpy(np.float64), minimum.to_numpy(np.float64)])


def _price_per_m3(prices: FreightPrices, steps: Floats, t_per_m3: float) -> Floats:
    sailings = prices.sailings
    kg = 1000 * t_per_m3
    ratio = sailings["kg_per_m3"].to_numpy(np.float64)
    lowest = np.fmin.reduce(steps[:, :-1], axis=1) if steps.shape[1] > 1 else np.full(len(sailings), np.nan)
    volumes = {"20GP": 27.0, "40GP": 56.0, "40HQ": 65.0}
    ways = [sailings[container].to_numpy(np.float64) / volume for container, volume in volumes.items()]
    ways += [
        sailings["lcl"].to_numpy(np.float64) * np.maximum(1.0, kg / ratio),
        lowest * np.maximum(kg, ratio),
    ]
    main = np.fmin.reduce(np.stack(ways), axis=0)
    handled = sailings["per_m3"] + sailings["per_kg"] * kg + sailings["tier_per_kg"] * np.maximum(kg, ratio)
    return np.asarray(main + handled, dtype=np.float64)


def _count_dominated(sailings: pd.DataFrame, steps: Floats, kept: pd.DataFrame, dropped: pd.DataFrame) -> int:
    terms = sailings[TERMS].to_numpy(np.float64)
    terms = np.where(np.isnan(terms), np.inf, terms)
    terms = np.column_stack([terms, np.where(np.isnan(steps), np.inf, steps)])
    equal = sailings[EQUAL].to_numpy(np.float64)
    rows = sailings.reset_index()[["sailing", "route", "period"]]
    pairs = dropped[["route", *PAIR]].merge(kept[["route", *PAIR]], on=PAIR, suffixes=("", "_kept"))
    pairs = pairs.merge(rows, on="route")
    other = rows.rename(columns={"sailing": "sailing_kept", "route": "route_kept"})
    pairs = pairs.merge(other, on=["route_kept", "period"], how="left")
    sails = pairs["sailing_kept"].notna().to_numpy()
    a, b = pairs["sailing_kept"].fillna(0).to_numpy(np.int64), pairs["sailing"].to_numpy(np.int64)
    better = sails & np.all(terms[a] <= terms[b] + 1e-9, axis=1) & np.all(equal[a] == equal[b], axis=1)
    by_pair = pairs.assign(better=better).groupby(["route", "route_kept"])["better"].all()
    return int(by_pair.groupby("route").any().sum())
