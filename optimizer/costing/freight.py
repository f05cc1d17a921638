"""Price bulk freight: what a sailing costs per container, revenue ton, kilogram, m³ and shipment."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.arrays import distinct
from optimizer.costing.dated import in_force, missing_fault
from optimizer.costing.freight_legs import freight_carbon, handling_at_ends, truck_charges
from optimizer.costing.money import Exchange
from optimizer.costing.unit_freight import REACHES, unit_freight
from optimizer.errors import Fault, InputError
from optimizer.network import sailings as departures
from optimizer.scenario.instance import Instance

__all__ = ["CONTAINERS", "FreightPrices", "freight_prices"]

CONTAINERS = ("20GP", "40GP", "40HQ")
BEFORE = ("origin", "consolidation")
"""Sides of a sailing whose charges arise before the border."""


@dataclass(frozen=True, eq=False)
class FreightPrices:
    """Prices of all sailings in scenario currency, undiscounted.

    Attributes
    ----------
    sailings
        One row per route and arrival period, index sailing: route, lane, member, start, service, mode, site,
        hub, period, arrival, departure, days_mean, days_p95, kg_per_m3, shipments_per_month, duty_included,
        linear charges ``per_m3`` and ``per_kg`` (``origin_per_m3`` and ``origin_per_kg`` of them arise before
        the border), ``origin_pct`` and ``destination_pct`` of the goods' value, ``tier_per_kg`` and
        ``tier_minimum`` (sums of `kg_handling`), the full-load prices of `unit_freight`,
        ``co2_per_t`` (kg CO₂e per tonne), fees ``per_shipment`` and ``per_declaration``, and the all-in
        prices ``20GP``, ``40GP``, ``40HQ`` (per container), ``lcl`` (per revenue ton), NaN where not offered,
        ``lcl_rate`` of the main leg alone and its ``lcl_minimum`` per shipment.
    breaks
        Kilogram breaks: sailing, break_from_kg, amount (per kg), minimum_amount (per shipment).
    kg_handling
        Handling by the kilogram of sailings that are charged by the kilogram, on the same chargeable weight:
        sailing, side, amount (per kg), minimum_amount (per shipment).
    bounded
        All other charges by quantity or value with a minimum or maximum per shipment, see `handling_charges`.
    main, border
        Of the all-in prices, the main leg alone, and all up to the border; columns 20GP, 40GP, 40HQ, lcl.
    """

    sailings: pd.DataFrame
    breaks: pd.DataFrame
    kg_handling: pd.DataFrame
    bounded: pd.DataFrame
    main: pd.DataFrame
    border: pd.DataFrame


def freight_prices(
    instance: Instance, exchange: Exchange, routes: pd.DataFrame, periods: pd.DataFrame
) -> FreightPrices:
    """Price the sailings of routes in the periods given.

    All-in price of a container: main leg + container charges at both ends + trucking before and after.
    Price of a revenue ton (W/M): LCL rate + ``lcl`` charges + part-load trucking at both ends. Rates, origin
    charges and trucking before the main leg are dated at the departure, the rest at the arrival. A rate with
    duty included holds documents and clearance at the destination, so none are added. Behind a
    hub goods travel on as part loads, charged per m³ with the hub's cross-docking.

    Parameters
    ----------
    routes
        `Network.freight_routes`, or some of them.
    periods
        Rows of the `periods` table.

    Raises
    ------
    InputError
        Where a sailing has no rate, or a truck leg no inland rate, in force.
    """
    sailings = _sailings(instance, routes, periods)
    rates, breaks = _main_rates(instance, exchange, sailings)
    ends, items = handling_at_ends(instance, exchange, sailings)
    trucking = truck_charges(instance, exchange, sailings)
    by_kg = sailings.index.isin(breaks["sailing"])
    in_tiers = (items["basis"] == "kg").to_numpy() & by_kg[items["sailing"].to_numpy(np.int64)]
    kg_handling = items.loc[in_tiers, ["sailing", "side", "amount", "minimum_amount"]].reset_index(drop=True)
    priced = _linear(sailings.join(rates), ends, trucking, by_kg)
    tiered = kg_handling.groupby("sailing")[["amount", "minimum_amount"]].sum().reindex(sailings.index)
    priced[["tier_per_kg", "tier_minimum"]] = tiered.fillna(0.0).to_numpy()
    reaches = {reach: _all_in(rates, ends, trucking, reach) for reach in REACHES}
    priced["lcl_rate"] = rates["lcl"]
    priced[[*CONTAINERS, "lcl"]] = reaches["full"][[*CONTAINERS, "lcl"]]
    priced["co2_per_t"] = freight_carbon(instance, sailings)
    _require_price(priced, by_kg)
    capped = np.isfinite(items["maximum_amount"]) | ((items["minimum_amount"] > 0) & ~in_tiers)
    return FreightPrices(
        sailings=priced.join(unit_freight(instance, sailings, reaches, breaks)),
        breaks=breaks,
        kg_handling=kg_handling,
        bounded=items[capped.to_numpy()].reset_index(drop=True),
        main=rates[[*CONTAINERS, "lcl"]],
        border=reaches["border"][[*CONTAINERS, "lcl"]],
    )


def _all_in(rates: pd.DataFrame, ends: pd.DataFrame, trucking: pd.DataFrame, reach: str) -> pd.DataFrame:
    """Prices per container and revenue ton up to the site or the border, and handling per kg on the way."""
    whole = reach == "full"
    sides = [*BEFORE, "destination"] if whole else list(BEFORE)
    priced = pd.DataFrame(index=rates.index)
    for unit in (*CONTAINERS, "lcl"):
        basis = {"20GP": "container_20", "lcl": "lcl"}.get(unit, "container_40")
        truck = "m3" if unit == "lcl" else unit
        moved = trucking["pre", truck] + (trucking["end", truck] if whole else 0.0)
        priced[unit] = rates[unit] + sum(ends[side, basis] for side in sides) + moved
    return priced.assign(kg=sum(ends[side, "kg"] for side in sides))


def _linear(
    priced: pd.DataFrame, ends: pd.DataFrame, trucking: pd.DataFrame, by_kg: npt.NDArray[np.bool_]
) -> pd.DataFrame:
    """Add what is charged per m³, kg, percent of value, shipment and declaration."""
    loose = np.where(by_kg, 1.0, 0.0)
    before = trucking["pre", "m3"].where(by_kg, 0.0)
    priced["origin_per_m3"] = sum(ends[side, "m3"] for side in BEFORE) + before
    after = ends["destination", "m3"] + trucking["end", "m3"].where(by_kg, 0.0) + trucking["on", "m3"]
    priced["per_m3"] = priced["origin_per_m3"] + after
    priced["origin_per_kg"] = (1 - loose) * sum(ends[side, "kg"] for side in BEFORE)
    priced["per_kg"] = priced["origin_per_kg"] + (1 - loose) * ends["destination", "kg"]
    priced["origin_pct"] = ends["origin", "pct_of_value"] + ends["consolidation", "pct_of_value"]
    priced["destination_pct"] = ends["destination", "pct_of_value"]
    borne = 1.0 - priced["duty_included"].to_numpy(np.float64)
    for fee in ("shipment", "declaration"):
        at_start = ends["origin", fee] + ends["consolidation", fee]
        priced[f"per_{fee}"] = at_start + borne * ends["destination", fee]
    return priced


def _sailings(instance: Instance, routes: pd.DataFrame, periods: pd.DataFrame) -> pd.DataFrame:
    sailings = departures(instance, routes, periods)
    sailings = sailings.merge(
        routes.drop(columns=["days_mean", "days_p95"]), left_on="route", right_index=True
    )
    country = instance["places"].set_index("place")["country"]
    for place in ("start", "load_place", "discharge_place", "hub"):
        sailings[f"{place}_country"] = sailings[place].map(country)
    sailings["site_country"] = sailings["site"].map(instance["sites"].set_index("site")["country"])
    return sailings.reset_index(drop=True).rename_axis("sailing")


def _main_rates(
    instance: Instance, exchange: Exchange, sailings: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    on = ["service", "load_place", "discharge_place"]
    combos, inverse = distinct(sailings, [*on, "departure"])
    rates = instance["freight_rates"].drop(columns=["mode", "source", "quality", "plausible_range"])
    rates = rates.rename(columns={"from_place": "load_place", "to_place": "discharge_place"})
    asked = combos.rename_axis("combo").reset_index()
    found = in_force(asked, rates, on, "departure", ["combo", "unit"])
    unrated = combos[~combos.index.isin(found["combo"])]
    if len(unrated):
        raise InputError(
            [
                missing_fault("freight_rates", f"{service} {load} → {discharge}", group["departure"])
                for (service, load, discharge), group in unrated.groupby(on, sort=False)
            ]
        )
    factor = exchange.rate(found["currency"], found["departure"])
    found = found.assign(amount=found["amount"] * factor, minimum_amount=found["minimum_amount"] * factor)
    table = found[found["unit"] != "kg"].pivot_table(index="combo", columns="unit", values="amount")
    table = table.reindex(index=combos.index, columns=[*CONTAINERS, "lcl"]).rename_axis(columns=None)
    lcl = found[found["unit"] == "lcl"].set_index("combo")["minimum_amount"]
    table["lcl_minimum"] = lcl.reindex(combos.index).fillna(0.0)
    table["duty_included"] = found.groupby("combo")["duty_included"].any().reindex(combos.index)
    breaks = found.loc[found["unit"] == "kg", ["combo", "break_from_kg", "amount", "minimum_amount"]]
    mixed = sorted(set(breaks["combo"]) & set(found.loc[found["unit"] != "kg", "combo"]))
    if mixed:
        raise InputError([_mixed_fault(str(combos["service"].iloc[mixed[0]]))])
    used = pd.DataFrame({"sailing": sailings.index, "combo": inverse}).merge(breaks, on="combo")
    used = used.drop(columns="combo").sort_values(["sailing", "break_from_kg"]).reset_index(drop=True)
    return table.iloc[inverse].set_index(sailings.index), used


def _mixed_fault(service: str) -> Fault:
    return Fault(
        where="table freight_rates",
        what=service,
        rule="a lane is priced either by container and revenue ton or by kilogram, not both at once.",
        mend="Split it into two services.",
    )


def _require_price(priced: pd.DataFrame, by_kg: npt.NDArray[np.bool_]) -> None:
    lost = priced[[*CONTAINERS, "lcl"]].isna().all(axis=1) & ~by_kg
    lost |= priced["per_m3"].isna()
    if lost.any():
        ways = ["start", "load_place", "discharge_place", "site"]
        raise InputError(
            [
                missing_fault("inland_rates", " → ".join(map(str, way)), group["departure"])
                for way, group in priced[lost].groupby(ways, sort=False)
            ]
        )
