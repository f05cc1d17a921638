"""`Supply`: everything that options share, in scenario currency and per period."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from optimizer.costing.dated import in_force
from optimizer.costing.freight import FreightPrices
from optimizer.costing.lane_supply import LaneSupply, lane_supply
from optimizer.costing.money import Exchange
from optimizer.costing.site_sizes import openings
from optimizer.costing.warehouse import WarehouseTariff
from optimizer.scenario.instance import Instance

__all__ = ["Supply", "hub_fees", "supply"]


@dataclass(frozen=True, eq=False)
class Supply:
    """What is shared, and what it costs; money discounted to the start of the horizon.

    Attributes
    ----------
    freight
        Lanes, containers and tiers: `LaneSupply`.
    openings
        Site × size × opening period: see `optimizer.costing.site_sizes.openings`.
    onboarding
        member, site, fee: pairs that may work together.
    order_fees
        site, period, start, end (orders in the period, `inf`: open), amount per order.
    provider_minimum
        site, period, amount: least total of the provider's charges while the site is open.
    hubs
        hub, period, fee.
    carrier
        lane (row of `lanes`), period, kg: chargeable weight a carrier takes.
    late
        market, period, limit (late orders allowed), price (per late order beyond; NaN: hard limit).
    """

    freight: LaneSupply
    openings: pd.DataFrame
    onboarding: pd.DataFrame
    order_fees: pd.DataFrame
    provider_minimum: pd.DataFrame
    hubs: pd.DataFrame
    carrier: pd.DataFrame
    late: pd.DataFrame


def supply(
    instance: Instance,
    exchange: Exchange,
    prices: FreightPrices,
    tariff: WarehouseTariff,
    onboarding: pd.DataFrame,
    periods: pd.DataFrame,
) -> Supply:
    """Price everything that options share.

    Parameters
    ----------
    prices
        Of the routes kept.
    tariff, onboarding
        Of the warehouses.
    periods
        As returned by `horizon`, with ``date``.
    """
    return Supply(
        freight=lane_supply(instance, prices, periods),
        openings=openings(instance, exchange, tariff, periods),
        onboarding=onboarding,
        order_fees=_order_fees(instance, exchange, periods),
        provider_minimum=_provider_minimum(instance, tariff, periods),
        hubs=hub_fees(instance, exchange, periods),
        carrier=_carrier_capacity(instance, periods),
        late=_late_limits(instance, exchange, periods),
    )


def _site_periods(instance: Instance, periods: pd.DataFrame) -> pd.DataFrame:
    frame = periods.reset_index()[["period", "date", "months", "days", "discount"]]
    return instance["sites"][["site", "provider"]].merge(frame, how="cross")


def _order_fees(instance: Instance, exchange: Exchange, periods: pd.DataFrame) -> pd.DataFrame:
    asked = _site_periods(instance, periods)
    found = in_force(asked, instance["order_fee_tiers"], ["provider"], "date", ["site", "period"])
    amount = found["amount_per_order"] * exchange.rate(found["currency"], found["date"]) * found["discount"]
    table = found[["site", "period"]].assign(
        start=found["orders_from"] * found["months"],
        end=found["orders_to"].fillna(np.inf) * found["months"],
        amount=amount,
    )
    return table.reset_index(drop=True)


def _provider_minimum(instance: Instance, tariff: WarehouseTariff, periods: pd.DataFrame) -> pd.DataFrame:
    asked = _site_periods(instance, periods)
    amount = tariff.charge("monthly_minimum", asked) * asked["months"] * asked["discount"]
    table = asked[["site", "period"]].assign(amount=amount)
    charged = table.groupby("site")["amount"].transform("max") > 0
    return table[charged].reset_index(drop=True)


def hub_fees(instance: Instance, exchange: Exchange, periods: pd.DataFrame) -> pd.DataFrame:
    """Contract fee of every hub and period in which it is used; columns hub, period, fee."""
    frame = periods.reset_index()[["period", "date", "months", "discount"]]
    asked = instance["hubs"][["hub", "amount", "currency"]].merge(frame, how="cross")
    fee = (
        asked["amount"]
        * exchange.rate(asked["currency"], asked["date"])
        * asked["months"]
        * asked["discount"]
    )
    return asked[["hub", "period"]].assign(fee=fee)


def _carrier_capacity(instance: Instance, periods: pd.DataFrame) -> pd.DataFrame:
    lanes = instance["lanes"][["capacity_kg_per_day"]].rename_axis("lane").reset_index().dropna()
    both = lanes.merge(periods.reset_index()[["period", "days"]], how="cross")
    return both[["lane", "period"]].assign(kg=both["capacity_kg_per_day"] * both["days"])


def _late_limits(instance: Instance, exchange: Exchange, periods: pd.DataFrame) -> pd.DataFrame:
    markets = instance["markets"]
    promised = markets[markets["promise_days"].notna() & (markets["promise_share_pct"] > 0)]
    frame = periods.reset_index()[["period", "date", "discount"]]
    both = promised[["market", "promise_share_pct", "late_order_amount", "currency"]].merge(
        frame, how="cross"
    )
    priced = both["late_order_amount"] * exchange.rate(both["currency"], both["date"]) * both["discount"]
    orders = instance["demand"].groupby(["market", "period"], as_index=False)["orders"].sum()
    table = both[["market", "period"]].assign(allowed=1 - both["promise_share_pct"] / 100, price=priced)
    table = table.merge(orders, on=["market", "period"])
    return table.assign(limit=table["allowed"] * table["orders"])[
        ["market", "period", "allowed", "limit", "price"]
    ]
