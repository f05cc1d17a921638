"""`price`: every complete way to serve every row, with its cost, and what the ways share."""

from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.consolidation import user_sailings
from optimizer.costing.direct import direct_table
from optimizer.costing.freight import freight_prices
from optimizer.costing.holding import holding_table
from optimizer.costing.horizon import horizon
from optimizer.costing.inbound import inbound_table
from optimizer.costing.lane_choice import LaneChoice, choose_lanes
from optimizer.costing.lane_supply import LaneSupply
from optimizer.costing.money import Exchange
from optimizer.costing.option_join import Limits, best_services, join_options
from optimizer.costing.orders import means
from optimizer.costing.outbound import outbound_requests, outbound_table
from optimizer.costing.parcels import ParcelTariffs, parcel_tariffs
from optimizer.costing.route_choice import RouteChoice, choose_routes
from optimizer.costing.supply import Supply, supply
from optimizer.costing.unserved import require_options
from optimizer.costing.validity import pricing_dates
from optimizer.costing.warehouse import onboarding_fees, warehouse_tariff
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


def price(instance: Instance, network: Network) -> PricedOptions:
    """Price all options of a scenario.

    Parameters
    ----------
    instance
        A checked scenario.
    network
        Its network.

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
    exchange = Exchange(instance)
    periods = horizon(instance).assign(date=pricing_dates(instance["periods"]))
    rows = _rows(instance, periods)
    tariffs = parcel_tariffs(instance, pricing_dates(instance["periods"]))
    goods = means(tariffs.profiles)
    tariff = warehouse_tariff(instance, exchange, periods.reset_index())
    allowed = onboarding_fees(instance, exchange, tariff)
    choice = _choose(instance, network, exchange, rows, goods)
    kept = network.freight_routes.loc[choice.kept]
    prices = freight_prices(instance, exchange, kept, instance["periods"])
    users = user_sailings(instance, network, exchange, prices)
    inbound = inbound_table(instance, goods, prices, users, allowed, tariff, periods, exchange)
    requests = outbound_requests(rows, network.last_mile, _stocked(instance, inbound, periods))
    holding = holding_table(instance, exchange, inbound, requests, periods)
    outbound = outbound_table(instance, exchange, goods, tariffs, tariff, requests, periods)
    shared = supply(instance, exchange, prices, tariff, allowed, periods)
    limits = _limits(instance, shared)
    direct = _direct(instance, network, rows, periods, tariffs)
    direct, inbound, holding, outbound = (_with_cost(table) for table in (direct, inbound, holding, outbound))
    everything = len(direct) + len(outbound)
    lanes = choose_lanes(shared.freight, inbound, holding)
    shared, inbound, holding = _without_lanes(shared, inbound, holding, lanes)
    direct = direct[best_services(direct, ["row"], direct["cost"].to_numpy(), limits)].reset_index(drop=True)
    outbound = _best_outbound(outbound, limits)
    joined = join_options(
        len(rows), direct, inbound["cost"].to_numpy(np.float64), holding, outbound, inbound, limits
    )
    require_options(instance, network, rows, joined.row)
    beaten = everything - len(direct) - len(outbound)
    return PricedOptions(
        rows=rows,
        direct=direct.rename_axis("direct"),
        inbound=inbound,
        holding=holding,
        outbound=outbound.rename_axis("outbound"),
        option_row=joined.row,
        option_direct=joined.direct,
        option_inbound=joined.inbound,
        option_holding=joined.holding,
        option_outbound=joined.outbound,
        option_cost=joined.cost,
        supply=shared,
        periods=periods,
        routes=choice,
        statements=_statements(instance, network, choice, lanes, beaten, joined.beaten_directly),
    )


def _rows(instance: Instance, periods: pd.DataFrame) -> pd.DataFrame:
    """Demand rows sorted by member, product, market and period, in table order."""
    frame = instance["demand"][["product", "market", "period", "orders"]].merge(
        instance["products"][["product", "member", "single_source"]], on="product"
    )
    ranks = {
        "member": instance["members"]["member"],
        "product": instance["products"]["product"],
        "market": instance["markets"]["market"],
        "period": periods.index,
    }
    codes = [pd.Index(keys).get_indexer(frame[name]) for name, keys in ranks.items()]
    frame = frame.iloc[np.lexsort(codes[::-1])].reset_index(drop=True)
    frame = frame.assign(row=np.arange(len(frame)), number=frame["period"].map(periods["number"]))
    frame = frame.rename(columns={"single_source": "single"})
    return frame[["row", "member", "product", "market", "period", "number", "orders", "single"]]


def _choose(
    instance: Instance, network: Network, exchange: Exchange, rows: pd.DataFrame, goods: pd.DataFrame
) -> RouteChoice:
    """Choose routes by their prices in the middle period, at the mean density of the goods."""
    routes = network.freight_routes
    pair = ["member", "start", "service", "site"]
    if routes.groupby([*pair, routes["hub"] != ""]).size().max() <= instance.model.routes_per_pair:
        return RouteChoice(routes.index.to_numpy(np.int64), 0, 0)
    calendar = instance["periods"]
    orders = rows.groupby("product")["orders"].sum().reindex(goods.index).fillna(0.0)
    volume, weight = float((orders * goods["volume_m3"]).sum()), float((orders * goods["weight_kg"]).sum())
    middle = calendar.iloc[[len(calendar) // 2]]
    prices = freight_prices(instance, exchange, network.freight_routes, middle)
    return choose_routes(instance, prices, weight / 1000 / volume if volume else 0.2)


def _stocked(instance: Instance, inbound: pd.DataFrame, periods: pd.DataFrame) -> pd.DataFrame:
    """Products, sites and periods of sale for which stock can be at hand."""
    arrivals = inbound[["product", "site", "period"]].drop_duplicates()
    ahead = pd.DataFrame({"lag": np.arange(instance.model.ahead_periods + 1)})
    lots = arrivals.merge(ahead, how="cross")
    number = lots["period"].map(periods["number"]) + lots["lag"]
    lots = lots[(number < len(periods)).to_numpy()]
    sold = periods.index.to_numpy()[number[number < len(periods)]]
    return lots[["product", "site"]].assign(period=sold).drop_duplicates(ignore_index=True)


def _direct(
    instance: Instance, network: Network, rows: pd.DataFrame, periods: pd.DataFrame, tariffs: ParcelTariffs
) -> pd.DataFrame:
    table = direct_table(instance, network.direct_lanes, tariffs)
    money = [name for name in table.columns if name.startswith("cost_")]
    table[money] = table[money].mul(table["period"].map(periods["discount"]).to_numpy(np.float64), axis=0)
    table = table.merge(rows[["row", "product", "market", "period"]], on=["product", "market", "period"])
    key = ["member", "service", "market", "period"]
    table = table.merge(network.direct_lanes[[*key, "lane"]], on=key)
    return table.sort_values("row", kind="stable", ignore_index=True)


def _without_lanes(
    shared: Supply, inbound: pd.DataFrame, holding: pd.DataFrame, choice: LaneChoice
) -> tuple[Supply, pd.DataFrame, pd.DataFrame]:
    """Take lanes out of the supply and everything that travels on them out of the factor tables."""
    freight = shared.freight
    number = np.where(choice.kept, np.cumsum(choice.kept) - 1, -1)
    tables = []
    for table in (freight.modules, freight.tiers):
        at = number[table["lane_period"].to_numpy(np.int64)]
        tables.append(table.assign(lane_period=at)[at >= 0].reset_index(drop=True))
    lanes = freight.lanes[choice.kept].reset_index(drop=True).rename_axis("lane_period")
    on_lane = pd.MultiIndex.from_frame(inbound[["lane", "period"]])
    stays = on_lane.isin(pd.MultiIndex.from_frame(lanes[["lane", "period"]]))
    entry = np.where(stays, np.cumsum(stays) - 1, -1)[holding["inbound"].to_numpy(np.int64)]
    return (
        replace(shared, freight=LaneSupply(lanes, *tables)),
        inbound[stays].reset_index(drop=True).rename_axis("inbound"),
        holding.assign(inbound=entry)[entry >= 0].reset_index(drop=True).rename_axis("holding"),
    )


def _limits(instance: Instance, shared: Supply) -> Limits:
    pairs = zip(shared.carrier["lane"].tolist(), shared.carrier["period"].tolist(), strict=True)
    return Limits(
        promised=frozenset(shared.late["market"]),
        carbon=bool((instance["rules"]["kind"] == "carbon_cap").any()),
        minimum=frozenset(shared.provider_minimum["site"]),
        carrier=frozenset(pairs),
    )


def _with_cost(table: pd.DataFrame) -> pd.DataFrame:
    return table.assign(cost=table[[name for name in table.columns if name.startswith("cost_")]].sum(axis=1))


def _best_outbound(outbound: pd.DataFrame, limits: Limits) -> pd.DataFrame:
    charged = np.where(outbound["site"].isin(list(limits.minimum)), outbound["provider_charge"], 0.0)
    linear = outbound["cost"].to_numpy(np.float64) - charged
    return outbound[best_services(outbound, ["row", "site"], linear, limits)].reset_index(drop=True)


def _statements(
    instance: Instance, network: Network, choice: RouteChoice, lanes: LaneChoice, services: int, beaten: int
) -> tuple[str, ...]:
    """Say what was left out and on what ground."""
    charges = instance["handling_charges"]
    by_quantity = charges["basis"].isin(["lcl", "m3", "kg", "pct_of_value"])
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
