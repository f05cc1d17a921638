"""Pooled freight in the reference formulation: containers, LCL by W/M, kilogram tiers, fees per use."""

from typing import Any

import pulp

from optimizer.costing.options import PricedOptions
from optimizer.reference.sites import tier_cost
from optimizer.reference.ways import Way, grouped

__all__ = ["freight_cost"]

Shares = dict[int, pulp.LpVariable]
Terms = list[pulp.LpAffineExpression]


def freight_cost(model: pulp.LpProblem, priced: PricedOptions, found: list[Way], shares: Shares) -> Terms:
    """Cost of all lanes × periods in use, with their fees and those of hubs."""
    stocked = [way for way in found if way.lane >= 0]
    cost: Terms = []
    for lane, group in grouped(stocked, lambda way: way.lane).items():
        facts = priced.supply.freight.lanes.to_dict("records")[lane]
        cost += _carriage(model, priced, lane, group, shares)
        cost += _in_use(model, f"lane_{lane}", facts["shipment_fee"], group, shares)
        for member, mine in grouped(group, lambda way: way.member).items():
            cost += _in_use(model, f"declare_{lane}_{member}", facts["declaration_fee"], mine, shares)
    by_hub = [way for way in stocked if way.hub]
    fees: dict[tuple[str, str], float] = {
        (row["hub"], row["period"]): row["fee"] for row in priced.supply.hubs.to_dict("records")
    }
    for (owner, hub, period), group in grouped(by_hub, lambda way: (way.owner, way.hub, way.arrival)).items():
        cost += _in_use(model, f"hub_{owner}_{hub}_{period}", fees[hub, period], group, shares)
    return cost


def _in_use(model: pulp.LpProblem, name: str, fee: float, group: list[Way], shares: Shares) -> Terms:
    """A fee that is due as soon as any of the ways is used."""
    if fee == 0:
        return []
    use = model.add_variable(f"use_{name}", cat="Binary")
    for way in group:
        model += shares[way.option] <= use
    return [fee * use]


def _carriage(
    model: pulp.LpProblem, priced: PricedOptions, lane: int, group: list[Way], shares: Shares
) -> Terms:
    """Containers, LCL and tiers that together carry the pooled m³ and kilograms of a lane."""
    freight = priced.supply.freight
    facts = freight.lanes.iloc[lane]
    ratio, by_kg = float(facts["kg_per_m3"]), facts["basis"] == "kg"
    m3 = pulp.lpSum(way.orders * way.m3 * shares[way.option] for way in group)
    kg = pulp.lpSum(way.orders * way.kg * shares[way.option] for way in group)
    loads = [kg, ratio * m3] if by_kg else [m3, kg / ratio]
    largest = {way.row: way.orders * max(way.m3, way.kg / ratio) for way in group}
    most = sum(largest.values()) * (ratio if by_kg else 1.0)
    cost: Terms = []
    covered = [pulp.LpAffineExpression(), pulp.LpAffineExpression()]
    boxes = freight.modules[freight.modules["lane_period"] == lane]
    box: Any
    for box in boxes.itertuples():
        n = model.add_variable(f"n_{lane}_{box.container}", 0, None, "Integer")
        covered = [covered[0] + box.m3 * n, covered[1] + box.t * 1000 / ratio * n]
        cost.append(box.cost * n)
    if facts["lcl"] == facts["lcl"]:
        tons = model.add_variable(f"lcl_{lane}", 0)
        covered = [part + tons for part in covered]
        cost.append(float(facts["lcl"]) * tons)
    mine = freight.tiers[freight.tiers["lane_period"] == lane]
    tiers = [(row["start"], row["end"], row["fixed"], row["unit_cost"]) for row in mine.to_dict("records")]
    cost += tier_cost(model, f"tier_{lane}", loads, most, tiers, covered)
    return cost
