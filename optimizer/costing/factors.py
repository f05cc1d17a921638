"""Price the factors of options: direct services, and bringing, holding and delivering stock."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.costing.consolidation import user_sailings
from optimizer.costing.direct import direct_table
from optimizer.costing.freight import freight_prices
from optimizer.costing.holding import holding_table
from optimizer.costing.horizon import horizon
from optimizer.costing.inbound import inbound_table
from optimizer.costing.money import Exchange
from optimizer.costing.orders import means
from optimizer.costing.outbound import outbound_requests, outbound_table
from optimizer.costing.parcels import ParcelTariffs, parcel_tariffs
from optimizer.costing.route_choice import RouteChoice, choose_routes
from optimizer.costing.supply import Supply, supply
from optimizer.costing.validity import pricing_dates
from optimizer.costing.warehouse import onboarding_fees, warehouse_tariff
from optimizer.network import Network
from optimizer.scenario.instance import Instance

__all__ = ["Factors", "price_factors"]


@dataclass(frozen=True, eq=False)
class Factors:
    """Rows, the four factor tables (each with ``cost``, the sum of its components), and what they share.

    Attributes
    ----------
    rows, direct, inbound, holding, outbound, supply, periods, routes
        As in `optimizer.costing.options.PricedOptions`.
    """

    rows: pd.DataFrame
    direct: pd.DataFrame
    inbound: pd.DataFrame
    holding: pd.DataFrame
    outbound: pd.DataFrame
    supply: Supply
    periods: pd.DataFrame
    routes: RouteChoice


def price_factors(instance: Instance, network: Network) -> Factors:
    """Price every factor that options of a scenario are made of.

    Raises
    ------
    InputError
        A rate, rule or exchange rate is missing; the lane, date and table are named.
    """
    exchange = Exchange(instance)
    dates = pricing_dates(instance["periods"])
    periods = horizon(instance).assign(date=dates)
    rows = _rows(instance, periods)
    tariffs = parcel_tariffs(instance, dates)
    goods = means(tariffs.profiles)
    tariff = warehouse_tariff(instance, exchange, periods.reset_index())
    allowed = onboarding_fees(instance, exchange, tariff)
    routes = _choose(instance, network, exchange, rows, goods)
    kept = network.freight_routes.loc[routes.kept]
    prices = freight_prices(instance, exchange, kept, instance["periods"])
    users = user_sailings(instance, network, exchange, prices)
    inbound = inbound_table(instance, goods, prices, users, allowed, tariff, periods, exchange)
    requests = outbound_requests(rows, network.last_mile, _stocked(instance, inbound, periods))
    holding = holding_table(instance, exchange, inbound, requests, periods)
    outbound = outbound_table(instance, exchange, goods, tariffs, tariff, requests, periods)
    direct = _direct(instance, network, rows, periods, tariffs)
    return Factors(
        rows=rows,
        direct=_with_cost(direct),
        inbound=_with_cost(inbound),
        holding=_with_cost(holding),
        outbound=_with_cost(outbound),
        supply=supply(instance, exchange, prices, tariff, allowed, periods),
        periods=periods,
        routes=routes,
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


def _with_cost(table: pd.DataFrame) -> pd.DataFrame:
    table["cost"] = table[[name for name in table.columns if name.startswith("cost_")]].sum(axis=1)
    return table
