"""`price`: every complete way to serve every row, with its cost, and what the ways share."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.arrays import lazy_copies
from optimizer.costing.factors import Factors, price_factors
from optimizer.costing.handling import QUANTITIES
from optimizer.costing.lane_choice import LaneChoice, choose_lanes
from optimizer.costing.lane_supply import LaneSupply
from optimizer.costing.option_join import Limits, best_services, join_options
from optimizer.costing.route_choice import RouteChoice
from optimizer.costing.supply import Supply
from optimizer.costing.unserved import require_options
from optimizer.network import Network
from optimizer.scenario.instance import Instance

__all__ = ["PricedOptions", "price"]

Indices = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class PricedOptions:
    """Rows, factor tables, options as positions in them, and what options share.

    Money is in scenario currency per order, discounted to the start of the horizon. The cost of an
    option is the sum of the ``cost_…`` columns of its factors: direct, or inbound + holding + outbound.

    Attributes
    ----------
    rows
        row, member, product, market, period, number (of the period), orders, single.
    direct
        See `optimizer.costing.direct.direct_table`; with row, lane and cost.
    inbound, holding, outbound
        See the tables' own modules; each with ``cost``, the sum of its components.
    option_row, option_direct, option_inbound, option_holding, option_outbound
        Positions, −1 where there is none; options stand sorted by row.
    option_cost
        Cost per order.
    supply
        What options share.
    periods
        As returned by `horizon`, with ``date``.
    routes
        Which freight routes were kept.
    statements
        What was left out, in words.
    """

    rows: pd.DataFrame
    direct: pd.DataFrame
    inbound: pd.DataFrame
    holding: pd.DataFrame
    outbound: pd.DataFrame
    option_row: Indices
    option_direct: Indices
    option_inbound: Indices
    option_holding: Indices
    option_outbound: Indices
    option_cost: Floats
    supply: Supply
    periods: pd.DataFrame
    routes: RouteChoice
    statements: tuple[str, ...]


@lazy_copies()
def price(instance: Instance, network: Network, *, reduce: bool = True) -> PricedOptions:
    """Price all options of a scenario.

    Parameters
    ----------
    instance
        A checked scenario.
    network
        Its network.
    reduce
        False keeps every option on the routes kept, also those that something else beats for certain.

    Returns
    -------
    PricedOptions
        Options that something else beats for certain are gone; `statements` says how many.

    Raises
    ------
    InputError
        A rate, rule or exchange rate is missing; the lane, date and table are named.
    InfeasibleError
        Some demand has no option at all, named with the reason.
    """
    everything = price_factors(instance, network)
    limits = _limits(instance, everything.supply)
    factors, lanes = _reduced(everything, limits) if reduce else (everything, _all_lanes(everything))
    joined = join_options(
        len(factors.rows),
        factors.direct,
        factors.inbound,
        factors.holding,
        factors.outbound,
        limits,
        reduce=reduce,
    )
    require_options(instance, network, factors.rows, joined.row)
    services = len(everything.direct) + len(everything.outbound) - len(factors.direct) - len(factors.outbound)
    return PricedOptions(
        rows=factors.rows,
        direct=factors.direct.rename_axis("direct"),
        inbound=factors.inbound,
        holding=factors.holding,
        outbound=factors.outbound.rename_axis("outbound"),
        option_row=joined.row,
        option_direct=joined.direct,
        option_inbound=joined.inbound,
        option_holding=joined.holding,
        option_outbound=joined.outbound,
        option_cost=joined.cost,
        supply=factors.supply,
        periods=factors.periods,
        routes=factors.routes,
        statements=_statements(instance, network, factors.routes, lanes, services, joined.beaten_directly),
    )


def _reduced(factors: Factors, limits: Limits) -> tuple[Factors, LaneChoice]:
    """Leave out lanes, direct services and last miles that others beat."""
    lanes = choose_lanes(factors.supply.freight, factors.inbound, factors.holding)
    factors = _without_lanes(factors, lanes)
    direct = factors.direct
    kept = best_services(direct, ["row"], direct["cost"].to_numpy(np.float64), limits)
    outbound = _best_outbound(factors.outbound, limits)
    return replace(factors, direct=direct[kept].reset_index(drop=True), outbound=outbound), lanes


def _all_lanes(factors: Factors) -> LaneChoice:
    return LaneChoice(np.ones(len(factors.supply.freight.lanes), dtype=bool), 0, 0)


def _without_lanes(factors: Factors, choice: LaneChoice) -> Factors:
    """Take lanes out of the supply and everything that travels on them out of the factor tables."""
    freight, inbound, holding = factors.supply.freight, factors.inbound, factors.holding
    number = np.where(choice.kept, np.cumsum(choice.kept) - 1, -1)
    tables = []
    for table in (freight.modules, freight.tiers):
        at = number[table["lane_period"].to_numpy(np.int64)]
        tables.append(table.assign(lane_period=at)[at >= 0].reset_index(drop=True))
    lanes = freight.lanes[choice.kept].reset_index(drop=True).rename_axis("lane_period")
    on_lane = pd.MultiIndex.from_frame(inbound[["lane", "period"]])
    stays = on_lane.isin(pd.MultiIndex.from_frame(lanes[["lane", "period"]]))
    entry = np.where(stays, np.cumsum(stays) - 1, -1)[holding["inbound"].to_numpy(np.int64)]
    return replace(
        factors,
        supply=replace(factors.supply, freight=LaneSupply(lanes, *tables)),
        inbound=inbound[stays].reset_index(drop=True).rename_axis("inbound"),
        holding=holding.assign(inbound=entry)[entry >= 0].reset_index(drop=True).rename_axis("holding"),
    )


def _limits(instance: Instance, shared: Supply) -> Limits:
    pairs = zip(shared.carrier["lane"].tolist(), shared.carrier["period"].tolist(), strict=True)
    return Limits(
        promised=frozenset(shared.late["market"]),
        carbon=bool((instance["rules"]["kind"] == "carbon_cap").any()),
        minimum=frozenset(shared.provider_minimum["site"]),
        carrier=frozenset(pairs),
    )


def _best_outbound(outbound: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    charged = np.where(outbound["site"].isin(list(limits.minimum)), outbound["provider_charge"], 0.0)
    linear = outbound["cost"].to_numpy(np.float64) - charged
    return outbound[best_services(outbound, ["row", "site"], linear, limits)].reset_index(drop=True)


def _statements(
    instance: Instance, network: Network, choice: RouteChoice, lanes: LaneChoice, services: int, beaten: int
) -> tuple[str, ...]:
    """Say what was left out and on what ground."""
    charges = instance["handling_charges"]
    in_tiers = (charges["basis"] == "kg") & (charges["mode"] == "air") & charges["maximum_amount"].isna()
    by_quantity = charges["basis"].isin(QUANTITIES) & ~in_tiers
    bounded = (by_quantity & ((charges["minimum_amount"] > 0) | charges["maximum_amount"].notna())).sum()
    return (
        f"freight routes: {len(choice.kept):,} kept; {choice.dominated:,} left out that a kept route beats "
        f"in every price, fee and time of the middle period; {choice.left_out:,} left out by "
        "routes_per_pair as dearer per m³",
        f"freight lanes × periods: {lanes.kept.sum():,} kept; {lanes.dominated:,} left out that another of "
        f"the same start and end undercuts at any load; {lanes.dearer:,} more that are undercut by one whose "
        "goods take more space",
        f"consolidation points: {network.pickups_left_out:,} farther ones left out by routes_per_pair",
        f"handling charges: the minimum or maximum per shipment of {bounded:,} charges by quantity or value "
        "is not modelled; they count in proportion",
        f"services: {services:,} direct and last-mile entries left out that another beats in cost, lateness "
        "and carbon",
        f"options: {beaten:,} stocked options left out that a direct service beats in cost, "
        "lateness and carbon",
    )
