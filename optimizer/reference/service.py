"""Carriers' capacity and service promises in the reference formulation."""

from typing import Any

import pulp

from optimizer.costing.options import PricedOptions
from optimizer.reference.ways import Way, grouped

__all__ = ["carrier_limits", "promise_cost"]

Shares = dict[int, pulp.LpVariable]


def carrier_limits(model: pulp.LpProblem, priced: PricedOptions, found: list[Way], shares: Shares) -> None:
    """Chargeable weight on a parcel lane in a period."""
    limit = {(row.lane, row.period): row.kg for row in priced.supply.carrier.itertuples()}
    for (owner, lane, period), group in grouped(
        found, lambda way: (way.owner, way.carrier, way.sale)
    ).items():
        if (lane, period) in limit:
            used = pulp.lpSum(way.orders * way.carrier_kg * shares[way.option] for way in group)
            model += used <= limit[lane, period], f"carrier_{owner}_{lane}_{period}"


def promise_cost(
    model: pulp.LpProblem, priced: PricedOptions, found: list[Way], shares: Shares
) -> list[pulp.LpAffineExpression]:
    """Late orders of a market within what its promise allows; more only where lateness has a price."""
    promise: dict[tuple[str, str], Any] = {
        (str(row.market), str(row.period)): row for row in priced.supply.late.itertuples()
    }
    cost = []
    for (owner, market, period), group in grouped(
        found, lambda way: (way.owner, way.market, way.sale)
    ).items():
        if (market, period) not in promise:
            continue
        asked = promise[market, period]
        late = pulp.lpSum(way.orders * way.late_share * shares[way.option] for way in group)
        total = sum({way.row: way.orders for way in group}.values())
        soft = asked.price == asked.price
        beyond = model.add_variable(f"late_{owner}_{market}_{period}", 0, None if soft else 0)
        model += late <= asked.allowed * total + beyond
        if soft:
            cost.append(asked.price * beyond)
    return cost
