"""Price bulk freight: what a sailing costs per container, revenue ton, kilogram, m³ and shipment."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.arrays import distinct
from optimizer.costing.dated import in_force, missing_fault
from optimizer.costing.freight_legs import freight_carbon, handling_at_ends, truck_charges
from optimizer.costing.money import Exchange
from optimizer.errors import Fault, InputError
from optimizer.network import sailings as departures
from optimizer.scenario.instance import Instance

__all__ = ["CONTAINERS", "FreightPrices", "freight_prices"]

CONTAINERS = ("20GP", "40GP", "40HQ")


@dataclass(frozen=True, eq=False)
class FreightPrices:
    """Prices of all sailings in scenario currency, undiscounted.

    Attributes
    ----------
    sailings
        One row per route and arrival period, index sailing: route, lane, member, start, service, mode, site,
        hub, period, arrival, departure, days_mean, days_p95, kg_per_m3, shipments_per_month, duty_included,
        linear charges ``per_m3`` and ``per_kg``, ``origin_pct`` and ``destination_pct`` of the goods' value,
        ``co2_per_t`` (kg CO₂e per tonne), fees ``per_shipment`` and ``per_declaration``, and the all-in
        prices ``20GP``, ``40GP``, ``40HQ`` (per container), ``lcl`` (per revenue ton), NaN where not offered,
        ``lcl_rate`` of the main leg alone and its ``lcl_minimum`` per shipment.
    breaks
        Kilogram breaks: sailing, break_from_kg, amount (per kg), minimum_amount (per shipment).
    """

    sailings: pd.DataFrame
    breaks: pd.DataFrame


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
    ends = handling_at_ends(instance, exchange, sailings)
    trucking = truck_charges(instance, exchange, sailings)
    priced = sailings.join(rates)
    sides = ("origin", "destination", "consolidation")
    for container in CONTAINERS:
        basis = "container_20" if container == "20GP" else "container_40"
        handled = sum(ends[side, basis] for side in sides)
        priced[container] = (
            rates[container] + handled + trucking["pre", container] + trucking["end", container]
        )
    handled = sum(ends[side, "lcl"] for side in sides)
    priced["lcl_rate"] = rates["lcl"]
    priced["lcl"] = rates["lcl"] + handled + trucking["pre", "m3"] + trucking["end", "m3"]
    by_kg = priced.index.isin(breaks["sailing"])
    trucked_loose = np.where(by_kg, trucking["pre", "m3"] + trucking["end", "m3"], 0.0)
    priced["per_m3"] = sum(ends[side, "m3"] for side in sides) + trucked_loose + trucking["on", "m3"]
    priced["per_kg"] = sum(ends[side, "kg"] for side in sides)
    priced["origin_pct"] = ends["origin", "pct_of_value"] + ends["consolidation", "pct_of_value"]
    priced["destination_pct"] = ends["destination", "pct_of_value"]
    borne = 1.0 - priced["duty_included"].to_numpy(np.float64)
    for fee in ("shipment", "declaration"):
        at_start = ends["origin", fee] + ends["consolidation", fee]
        priced[f"per_{fee}"] = at_start + borne * ends["destination", fee]
    priced["co2_per_t"] = freight_carbon(instance, sailings)
    _require_price(priced, by_kg)
    return FreightPrices(priced, breaks)


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
