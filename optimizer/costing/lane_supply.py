"""What carries the pooled freight of a lane in a period: containers, LCL, kilogram tiers, and fees."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.freight import CONTAINERS, FreightPrices
from optimizer.scenario.instance import Instance

__all__ = ["LaneSupply", "lane_supply"]

US = "US"

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LaneSupply:
    """Supply of freight lanes in scenario currency, discounted.

    Attributes
    ----------
    lanes
        One row per lane and arrival period, index lane_period: lane, member, service, mode, start,
        load_place, discharge_place, hub, site (empty behind a hub), period, basis (``rt`` revenue tons
        or ``kg``), kg_per_m3, shipments (in the period), shipment_fee, declaration_fee (both for the
        whole period) and lcl (price per revenue ton; NaN where there is none or a minimum makes it tiers).
    modules
        Containers: lane_period, container, cost (all-in), m3, t.
    tiers
        lane_period, start, end (`inf`: open), fixed, unit_cost, in units of the basis.
    """

    lanes: pd.DataFrame
    modules: pd.DataFrame
    tiers: pd.DataFrame


def lane_supply(instance: Instance, prices: FreightPrices, periods: pd.DataFrame) -> LaneSupply:
    """Bring the prices of sailings to the form in which goods share them.

    Fees per shipment and per declaration count once per consignment: `shipments_per_month` × months. A
    minimum per shipment becomes the fixed part of a first tier that ends where the rate reaches it, and all
    breaks scale with the number of consignments, taken as equal. Handling by the kilogram of a lane that is
    charged by the kilogram is in its tiers, minimum included; it counts the same chargeable weight.

    Parameters
    ----------
    prices
        Of the routes kept.
    periods
        As returned by `horizon`.
    """
    once = prices.sailings.rename_axis("sailing").reset_index().drop_duplicates(["lane", "period"])
    once = once.reset_index(drop=True).rename_axis("lane_period")
    at = periods.loc[once["period"]]
    months, discount = at["months"].to_numpy(np.float64), at["discount"].to_numpy(np.float64)
    by_kg = once["sailing"].isin(prices.breaks["sailing"])
    lanes = once[
        [
            "lane",
            "member",
            "service",
            "mode",
            "start",
            "load_place",
            "discharge_place",
            "hub",
            "period",
            "kg_per_m3",
        ]
    ].assign(
        site=once["site"].where(once["hub"] == "", ""),
        basis=np.where(by_kg, "kg", "rt"),
        shipments=once["shipments_per_month"] * months,
    )
    lanes["shipment_fee"] = once["per_shipment"] * lanes["shipments"] * discount
    lanes["declaration_fee"] = once["per_declaration"] * lanes["shipments"] * discount
    minimum = once["lcl_minimum"] > 0
    lanes["lcl"] = (once["lcl"] * discount).where(~minimum)
    by_ton = once[minimum & once["lcl"].notna()]
    tiers = pd.concat(
        [_kg_tiers(prices, once, lanes, discount), _lcl_tiers(by_ton, lanes, discount)], ignore_index=True
    )
    tiers = tiers.sort_values(["lane_period", "start"], kind="stable", ignore_index=True)
    return LaneSupply(lanes, _modules(instance, once, discount), tiers)


def _modules(instance: Instance, once: pd.DataFrame, discount: Floats) -> pd.DataFrame:
    types = instance["containers"].set_index("container")
    frames = []
    for container in CONTAINERS:
        offered = once[container].notna() & (container in types.index)
        here = once[offered]
        if len(here):
            kind = types.loc[container]
            end_country = here["hub_country"].where(here["hub"] != "", here["site_country"])
            by_road = (end_country == US) & ~np.isnan(kind["us_road_limit_t"])
            payload = np.where(by_road, min(kind["payload_t"], kind["us_road_limit_t"]), kind["payload_t"])
            frames.append(
                pd.DataFrame(
                    {
                        "lane_period": here.index,
                        "container": container,
                        "cost": here[container].to_numpy() * discount[here.index],
                        "m3": float(kind["usable_m3"]),
                        "t": payload,
                    }
                )
            )
    columns = ["lane_period", "container", "cost", "m3", "t"]
    table = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    return table.sort_values(["lane_period", "container"], kind="stable", ignore_index=True)


def _kg_tiers(
    prices: FreightPrices, once: pd.DataFrame, lanes: pd.DataFrame, discount: Floats
) -> pd.DataFrame:
    """All-units breaks per kg, with the minimum as a first tier."""
    used = once.reset_index()[["sailing", "lane_period"]].merge(prices.breaks, on="sailing")
    used = used.sort_values(["lane_period", "break_from_kg"], kind="stable")
    factor = discount[used["lane_period"]]
    shipments = lanes["shipments"].to_numpy()[used["lane_period"]]
    start = used["break_from_kg"].to_numpy(np.float64)
    last = used["lane_period"].ne(used["lane_period"].shift(-1)).to_numpy()
    end = np.where(last, np.inf, np.append(start[1:], np.inf))
    rate = used["amount"].to_numpy(np.float64)
    minimum = used.groupby("lane_period")["minimum_amount"].transform("max").to_numpy(np.float64)
    tiers = _with_minimum(used["lane_period"].to_numpy(), start, end, rate, minimum, shipments, factor)
    handled = once.reset_index()[["sailing", "lane_period"]].merge(prices.kg_handling, on="sailing")
    turn = handled.groupby("lane_period").cumcount()
    for _, items in handled.groupby(turn):
        tiers = _with_handling(tiers, items.set_index("lane_period"), lanes["shipments"], discount)
    return tiers


def _with_handling(
    tiers: pd.DataFrame, items: pd.DataFrame, shipments: pd.Series, discount: Floats
) -> pd.DataFrame:
    """Add max(minimum, rate × kg) of a charge per lane: tiers are cut where the rate reaches the minimum."""
    at = tiers["lane_period"].to_numpy(np.int64)
    item = items.reindex(at).fillna(0.0)
    rate, minimum = item["amount"].to_numpy(np.float64), item["minimum_amount"].to_numpy(np.float64)
    number, factor = shipments.to_numpy(np.float64)[at], discount[at]
    passes = np.divide(minimum, rate, out=np.where(minimum > 0, np.inf, 0.0), where=rate > 0) * number
    below = tiers.assign(
        end=np.minimum(tiers["end"], passes), fixed=tiers["fixed"] + minimum * number * factor
    )
    above = tiers.assign(
        start=np.maximum(tiers["start"], passes), unit_cost=tiers["unit_cost"] + rate * factor
    )
    both = pd.concat([below, above], ignore_index=True)
    return both[both["end"] > both["start"]].reset_index(drop=True)


def _lcl_tiers(once: pd.DataFrame, lanes: pd.DataFrame, discount: Floats) -> pd.DataFrame:
    """LCL with a minimum: max(minimum, rate × revenue tons) on the main leg, charges at both ends on top."""
    index = once.index.to_numpy()
    rate, minimum = once["lcl_rate"].to_numpy(np.float64), once["lcl_minimum"].to_numpy(np.float64)
    ends = once["lcl"].to_numpy(np.float64) - rate
    open_end = np.full(len(once), np.inf)
    shipments = lanes["shipments"].to_numpy(np.float64)[index]
    tiers = _with_minimum(index, np.zeros(len(once)), open_end, rate, minimum, shipments, discount[index])
    on_top = pd.Series(ends * discount[index], index=index)
    return tiers.assign(unit_cost=tiers["unit_cost"] + tiers["lane_period"].map(on_top))


def _with_minimum(
    owner: npt.NDArray[np.int64], start: Floats, end: Floats, rate: Floats, minimum: Floats,
    shipments: Floats, factor: Floats,
) -> pd.DataFrame:  # fmt: skip
    """Split every tier where rate × quantity passes the minimum; below, the minimum is the fixed part."""
    passes = np.divide(minimum, rate, out=np.full(len(rate), np.inf), where=rate > 0)
    passes = np.where(minimum > 0, np.clip(passes, start, end), start)
    flat = pd.DataFrame(
        {"lane_period": owner, "start": start, "end": passes, "fixed": minimum, "unit_cost": 0.0}
    )
    rated = pd.DataFrame({"lane_period": owner, "start": passes, "end": end, "fixed": 0.0, "unit_cost": rate})
    both = pd.concat(
        [flat.assign(n=shipments, f=factor), rated.assign(n=shipments, f=factor)], ignore_index=True
    )
    both = both[both["end"] > both["start"]]
    scaled = both[["lane_period"]].assign(
        start=both["start"] * both["n"], end=both["end"] * both["n"],
        fixed=both["fixed"] * both["n"] * both["f"], unit_cost=both["unit_cost"] * both["f"],
    )  # fmt: skip
    return scaled.reset_index(drop=True)
