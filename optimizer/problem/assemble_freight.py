"""Pooled freight in the canonical problem: one resource per lane and arrival period, gates for its fees."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.problem.assemble_sites import ROOM, SiteItems
from optimizer.problem.assembly import Assembly, codes, owners

__all__ = ["add_freight"]

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]


def add_freight(assembly: Assembly, sites: SiteItems) -> None:
    """Add lanes with containers, LCL and kilogram tiers, and the gates of lanes, declarations and hubs."""
    lanes = assembly.priced.supply.freight.lanes
    if lanes.empty:
        return
    _add_lane_resources(assembly)
    _add_lane_gates(assembly, sites)
    _add_declaration_gates(assembly, sites)
    _add_hub_gates(assembly)


def _add_lane_resources(assembly: Assembly) -> None:
    """Two measures per lane: m³ and weight as m³ (W/M), or kg and volume as kg; one if it implies both."""
    priced, lane_period = assembly.priced, assembly.facts["inbound"].lane
    freight = priced.supply.freight
    lanes = freight.lanes
    by_kg = (lanes["basis"] == "kg").to_numpy()
    plain = _plain_tiers(freight.tiers)
    price = lanes["lcl"].fillna(0.0).to_numpy(np.float64)
    price[plain["lane_period"]] = plain["unit_cost"]
    offered = lanes["lcl"].notna().to_numpy()
    offered[plain["lane_period"]] = True
    resources = assembly.builder.add_resources(
        len(lanes), overflow_price=price, overflow_limit=np.where(offered, np.inf, 0.0)
    )
    label = lanes[["period", "site"]].assign(kind="lane", owner=lanes["member"], lane_period=lanes.index)
    assembly.label("resources", label)
    ratio = lanes["kg_per_m3"].to_numpy(np.float64)
    most = _largest_loads(assembly, by_kg, ratio)
    loads = [_load(priced.inbound, number, by_kg, ratio, lane_period) for number in (0, 1)]
    implied = _implied(freight.modules, loads, lane_period, ratio)
    measures = []
    for number, names in enumerate((("kg", "m3"), ("volume_kg", "weight_m3"))):
        kept = np.flatnonzero(~implied[number])
        measures.append(np.full(len(lanes), -1, dtype=np.int64))
        measures[number][kept] = assembly.builder.add_measures(resources[kept], 0.0)
        named = np.where(by_kg, *names)[kept]
        assembly.label("measures", pd.DataFrame({"resource": resources[kept], "measure": named}))
        assembly.use("inbound", measures[number][lane_period], loads[number])
    _add_containers(assembly, resources, measures, ratio, most)
    _add_tiers(assembly, resources, most)


def _implied(
    modules: pd.DataFrame, loads: list[Floats], lane_period: Ids, ratio: Floats
) -> list[npt.NDArray[np.bool_]]:
    r"""Whether a lane's measure is covered whenever its other one is.

    Measure 1 is implied if for everything that can travel :math:`x_1 \rho \le x_0`, where ρ ≥ 1 is the
    largest ratio of a container's capacities in measures 0 and 1: supply in measure 1 is then at least
    1/ρ of that in measure 0. Of two that imply each other the first stays.
    """
    at = modules["lane_period"].to_numpy(np.int64)
    capacity = modules["m3"].to_numpy(np.float64), modules["t"].to_numpy(np.float64) * 1000 / ratio[at]
    implied = []
    for number in (0, 1):
        widest = np.ones(len(ratio))
        np.maximum.at(widest, at, capacity[1 - number] / capacity[number])
        largest = np.zeros(len(ratio))
        share = np.divide(
            loads[number], loads[1 - number], out=np.full(len(loads[0]), np.inf), where=loads[1 - number] > 0
        )
        np.maximum.at(largest, lane_period, share)
        implied.append(largest * widest <= 1)
    return [implied[0] & ~implied[1], implied[1]]


def _plain_tiers(tiers: pd.DataFrame) -> pd.DataFrame:
    """Tiers that are a mere price per unit: the only one of their lane, from zero, without a fixed part."""
    alone = ~tiers["lane_period"].duplicated(keep=False)
    plain = alone & (tiers["start"] == 0) & (tiers["fixed"] == 0) & np.isinf(tiers["end"])
    alone_from_zero: pd.DataFrame = tiers.loc[plain]
    return alone_from_zero


def _load(
    goods: pd.DataFrame, number: int, by_kg: npt.NDArray[np.bool_], ratio: Floats, lane_period: Ids
) -> Floats:
    """Load per order in measure 0 (m³ or kg) or 1 (weight as m³, or volume as kg)."""
    m3, kg = goods["m3"].to_numpy(np.float64), 1000 * goods["t"].to_numpy(np.float64)
    lane_by_kg, lane_ratio = by_kg[lane_period], ratio[lane_period]
    if number == 0:
        return np.where(lane_by_kg, kg, m3)
    return np.where(lane_by_kg, m3 * lane_ratio, kg / lane_ratio)


def _largest_loads(assembly: Assembly, by_kg: npt.NDArray[np.bool_], ratio: Floats) -> Floats:
    """Largest load that each lane can ever see in either measure: all orders its users can sell from it."""
    priced, instance = assembly.priced, assembly.instance
    inbound, lane_period = priced.inbound, assembly.facts["inbound"].lane
    rows = priced.rows
    sold = rows.groupby(["product", "number"])["orders"].sum()
    arrival = codes(priced.periods.index, inbound["period"])
    orders = np.zeros(len(inbound))
    for lag in range(instance.model.ahead_periods + 1):
        key = pd.MultiIndex.from_arrays([inbound["product"], arrival + lag])
        orders += sold.reindex(key).fillna(0.0).to_numpy(np.float64)
    once = ~pd.DataFrame({"lane": lane_period, "product": inbound["product"]}).duplicated().to_numpy()
    loads = [_load(inbound, number, by_kg, ratio, lane_period) * orders * once for number in (0, 1)]
    totals = [np.bincount(lane_period, weights=load, minlength=len(ratio)) for load in loads]
    return np.maximum(*totals) * ROOM


def _add_containers(
    assembly: Assembly, resources: Ids, measures: list[Ids], ratio: Floats, most: Floats
) -> None:
    table = assembly.priced.supply.freight.modules
    if table.empty:
        return
    at = table["lane_period"].to_numpy(np.int64)
    volume = table["m3"].to_numpy(np.float64)
    weight = table["t"].to_numpy(np.float64) * 1000 / ratio[at]
    limit = np.ceil(most[at] / np.minimum(volume, weight)).astype(np.int64) + 1
    modules = assembly.builder.add_modules(resources[at], table["cost"], limit)
    assembly.label("modules", table[["lane_period", "container"]].assign(resource=resources[at]))
    for measure, capacity in zip(measures, (volume, weight), strict=True):
        there = measure[at] >= 0
        assembly.builder.add_module_supply(modules[there], measure[at][there], capacity[there])


def _add_tiers(assembly: Assembly, resources: Ids, most: Floats) -> None:
    tiers = assembly.priced.supply.freight.tiers
    tiers = tiers.drop(index=_plain_tiers(tiers).index)
    if tiers.empty:
        return
    at = tiers["lane_period"].to_numpy(np.int64)
    start = tiers["start"].to_numpy(np.float64)
    end = np.minimum(tiers["end"].to_numpy(np.float64), np.maximum(most[at], start))
    assembly.builder.add_tiers(resources[at], start, end, tiers["fixed"], tiers["unit_cost"])
    label = tiers[["start", "end", "fixed", "unit_cost"]].assign(resource=resources[at], kind="lane")
    assembly.label("tiers", label)


def _add_lane_gates(assembly: Assembly, sites: SiteItems) -> None:
    """Fees per shipment, with a lone owner's declarations; under the site where the lane ends at one."""
    lanes = assembly.priced.supply.freight.lanes
    own = (lanes["member"] != "").to_numpy()
    fee = lanes["shipment_fee"] + lanes["declaration_fee"].where(own, 0.0)
    charged = lanes[(fee > 0).to_numpy()]
    gates = assembly.builder.add_gates(
        fee[charged.index], _site_of(assembly, sites, charged, charged["member"])
    )
    label = charged[["member", "site", "hub", "period"]].assign(
        kind="lane", owner=charged["member"], lane_period=charged.index
    )
    assembly.label("gates", label)
    number = np.full(len(lanes), -1, dtype=np.int64)
    number[charged.index] = gates
    assembly.need("inbound", number[assembly.facts["inbound"].lane])


def _add_declaration_gates(assembly: Assembly, sites: SiteItems) -> None:
    """Declarations on pooled lanes, per member that uses them."""
    priced, facts = assembly.priced, assembly.facts["inbound"]
    lanes, members = priced.supply.freight.lanes, assembly.instance.members
    charged = ((lanes["member"] == "") & (lanes["declaration_fee"] > 0)).to_numpy()
    if not charged.any():
        return
    users = priced.inbound[["member"]].assign(lane_period=facts.lane).drop_duplicates()
    users = users[charged[users["lane_period"]]]
    here = lanes.loc[users["lane_period"]].reset_index(drop=True).assign(member=users["member"].to_numpy())
    site = _site_of(assembly, sites, here, here["member"])
    gates = assembly.builder.add_gates(here["declaration_fee"], site)
    label = here[["member", "site", "hub", "period"]].assign(
        kind="declaration", owner="", lane_period=users["lane_period"].to_numpy()
    )
    assembly.label("gates", label)
    number = np.full((len(members), len(lanes)), -1, dtype=np.int64)
    number[codes(members, users["member"]), users["lane_period"].to_numpy()] = gates
    assembly.need("inbound", number[facts.member, facts.lane])


def _site_of(assembly: Assembly, sites: SiteItems, lanes: pd.DataFrame, member: pd.Series) -> Ids:
    """Site at which each lane ends, −1 behind a hub."""
    instance = assembly.instance
    site = codes(instance["sites"]["site"], lanes["site"])
    party = np.zeros(len(lanes), np.int64) if instance.model.sharing else codes(instance.members, member)
    return np.where(site >= 0, sites.site[party, site], -1)


def _add_hub_gates(assembly: Assembly) -> None:
    """A hub's fee in every period in which anything passes it."""
    priced, facts, instance = assembly.priced, assembly.facts["inbound"], assembly.instance
    fees = priced.supply.hubs
    fees = fees[(fees["fee"] > 0).to_numpy()]
    lanes, parties = priced.supply.freight.lanes, owners(instance)
    if fees.empty or not (lanes["hub"] != "").any():
        return
    table = pd.concat([fees.assign(owner=owner) for owner in parties], ignore_index=True)
    gates = assembly.builder.add_gates(table["fee"])
    assembly.label("gates", table[["hub", "period", "owner"]].assign(kind="hub"))
    hubs = list(instance["hubs"]["hub"])
    number = np.full((len(parties), len(hubs) + 1, len(priced.periods)), -1, dtype=np.int64)
    at = (
        codes(parties, table["owner"]),
        codes(hubs, table["hub"]),
        codes(priced.periods.index, table["period"]),
    )
    number[at] = gates
    hub_of_lane = codes(hubs, lanes["hub"])[facts.lane]
    assembly.need("inbound", number[facts.owner, hub_of_lane, facts.arrival])
