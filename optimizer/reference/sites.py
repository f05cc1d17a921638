"""Sites in the reference formulation: openings, capacities, order fees by volume, provider minimums."""

from typing import Any

import pulp

from optimizer.costing.options import PricedOptions
from optimizer.reference.ways import Way, grouped
from optimizer.scenario.instance import Instance

__all__ = ["Openings", "add_capacities", "add_openings", "minimum_cost", "order_fee_cost"]

Openings = dict[tuple[str, str, str, str], pulp.LpVariable]
Shares = dict[int, pulp.LpVariable]


def add_openings(
    model: pulp.LpProblem, priced: PricedOptions, parties: list[str]
) -> tuple[Openings, list[pulp.LpAffineExpression]]:
    """One size and opening period per site at most; rent, labour and start-up are paid.

    The provider's monthly minimum is left to `minimum_cost`.
    """
    openings, cost = {}, []
    table = priced.supply.openings
    for owner in parties:
        for number, row in enumerate(table.to_dict("records")):
            y = model.add_variable(f"y_{owner}_{number}", cat="Binary")
            openings[owner, row["site"], row["size"], row["opens"]] = y
            cost.append((row["site_rent"] + row["site_labour"] + row["site_start_up"]) * y)
        for site in table["site"].unique():
            model += pulp.lpSum(y for key, y in openings.items() if key[:2] == (owner, site)) <= 1
    return openings, cost


def open_by(
    priced: PricedOptions, openings: Openings, owner: str, site: str, period: str
) -> list[tuple[int, pulp.LpVariable]]:
    """Openings of a site that are open in a period, with their line in the openings table."""
    order = list(priced.periods.index)
    table = priced.supply.openings
    return [
        (number, openings[owner, row["site"], row["size"], row["opens"]])
        for number, row in enumerate(table.to_dict("records"))
        if row["site"] == site and order.index(row["opens"]) <= order.index(period)
    ]  # fmt: skip


def add_capacities(
    model: pulp.LpProblem,
    instance: Instance,
    priced: PricedOptions,
    found: list[Way],
    shares: Shares,
    openings: Openings,
) -> None:
    """Space and orders per month of every site in every period."""
    order = list(priced.periods.index)
    table = priced.supply.openings
    months = priced.periods["months"]
    stocked = [way for way in found if way.site]
    for (owner, site), group in grouped(stocked, lambda way: (way.owner, way.site)).items():
        for now in order:
            space, sold = [], []
            for way in group:
                x = way.orders * shares[way.option]
                if way.sale == now:
                    space.append(way.m3_sale * x)
                    sold.append(x)
                elif order.index(way.arrival) <= order.index(now) < order.index(way.sale):
                    space.append(way.m3_before * x)
            opened = open_by(priced, openings, owner, site, now)
            room = pulp.lpSum(float(table["capacity_m3"].iloc[number]) * y for number, y in opened)
            monthly = [(float(table["capacity_orders_per_month"].iloc[number]), y) for number, y in opened]
            model += pulp.lpSum(space) <= room
            model += pulp.lpSum(sold) <= pulp.lpSum(each * float(months[now]) * y for each, y in monthly)


def order_fee_cost(
    model: pulp.LpProblem, priced: PricedOptions, found: list[Way], shares: Shares
) -> list[pulp.LpAffineExpression]:
    """All orders of a site and period pay the fee of the tier reached; a higher tier may be bought into."""
    fees = priced.supply.order_fees
    cost = []
    stocked = [way for way in found if way.site]
    for (owner, site, period), group in grouped(stocked, lambda way: (way.owner, way.site, way.sale)).items():
        here = fees[(fees["site"] == site) & (fees["period"] == period)]
        if here.empty:
            continue
        sold = pulp.lpSum(way.orders * shares[way.option] for way in group)
        most = sum({way.row: way.orders for way in group}.values())
        tiers = [(r["start"], r["end"], 0.0, r["amount"]) for r in here.to_dict("records")]
        name = f"fee_{owner}_{site}_{period}"
        cost += tier_cost(model, name, [sold], most, tiers)
    return cost


def tier_cost(
    model: pulp.LpProblem,
    name: str,
    loads: list[pulp.LpAffineExpression],
    most: float,
    tiers: list[tuple[float, float, float, float]],
    alternatives: list[pulp.LpAffineExpression] | None = None,
) -> list[pulp.LpAffineExpression]:
    """Cost of a charged quantity u ≥ every load that lies in one tier (from, to, fixed part, unit cost).

    Parameters
    ----------
    alternatives
        What covers each load beside u.
    """
    cost, charged, chosen = [], [], []
    for number, (start, end, fixed, unit_cost) in enumerate(tiers):
        w = model.add_variable(f"{name}_w{number}", cat="Binary")
        u = model.add_variable(f"{name}_u{number}", 0)
        model += u >= start * w
        model += u <= min(end, max(most, start)) * w
        charged.append(u)
        chosen.append(w)
        cost.append(fixed * w + unit_cost * u)
    model += pulp.lpSum(chosen) <= 1
    for number, load in enumerate(loads):
        other = alternatives[number] if alternatives else 0
        model += load <= pulp.lpSum(charged) + other
    return cost


def minimum_cost(
    model: pulp.LpProblem, priced: PricedOptions, found: list[Way], shares: Shares, openings: Openings
) -> list[pulp.LpAffineExpression]:
    """Shortfall to the provider's minimum: max(0, minimum − charges) in every period a site is open."""
    cost = []
    owners = {key[0] for key in openings}
    for owner in sorted(owners):
        row: Any
        for row in priced.supply.provider_minimum.itertuples():
            opened = open_by(priced, openings, owner, row.site, row.period)
            charges = []
            for way in found:
                if way.site == row.site and way.owner == owner:
                    x = way.orders * shares[way.option]
                    charges += [way.charge_arrival * x] if way.arrival == row.period else []
                    charges += [way.charge_sale * x] if way.sale == row.period else []
            shortfall = model.add_variable(f"short_{owner}_{row.site}_{row.period}", 0)
            model += shortfall >= row.amount * pulp.lpSum(y for _, y in opened) - pulp.lpSum(charges)
            cost.append(shortfall)
    return cost
