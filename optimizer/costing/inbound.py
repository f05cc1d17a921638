"""Bring stock to a site: the linear part of freight, customs and handling per order, by sailing."""

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Floats
from optimizer.costing.capital import capital_cost
from optimizer.costing.carbon import emission_factor
from optimizer.costing.customs_value import customs_value
from optimizer.costing.duty import duty_amount, duty_rate_pct
from optimizer.costing.freight import FreightPrices
from optimizer.costing.import_tax import bulk_tax, tax_rules
from optimizer.costing.money import Exchange
from optimizer.costing.refund import export_refund
from optimizer.costing.unit_freight import order_freight
from optimizer.costing.validity import day, missing
from optimizer.costing.warehouse import WarehouseTariff
from optimizer.network import accepts_cargo
from optimizer.scenario.instance import Instance

__all__ = ["INBOUND_COSTS", "inbound_table"]

INBOUND_COSTS = (
    "first_leg", "freight", "import_duty", "import_tax", "clearance", "export_refund", "inbound_handling",
    "capital", "carbon",
)  # fmt: skip


def inbound_table(
    instance: Instance,
    goods: pd.DataFrame,
    prices: FreightPrices,
    users: pd.DataFrame,
    allowed: pd.DataFrame,
    tariff: WarehouseTariff,
    periods: pd.DataFrame,
    exchange: Exchange,
) -> pd.DataFrame:
    """Cost per order of bringing goods to a site on each sailing, without what is shared on the lane.

    Parameters
    ----------
    goods
        Mean order of each product, as `optimizer.costing.orders.means` returns it.
    users
        From `user_sailings`, limited to the routes kept.
    allowed
        Columns member, site: who may use which site.
    periods
        As returned by `horizon`.

    Returns
    -------
    pd.DataFrame
        Columns product, member, route, lane, sailing, site, period, days_mean, days_p95, cycle, m3, t,
        co2_kg, goods_value, freight_charges and border_charges (estimate of what else is tied up in the goods
        on arrival, not discounted), refunded, refund_days and days_left (to settlement day), provider_charge
        and ``cost_…`` for each of `INBOUND_COSTS`; money per order in scenario currency, discounted to the
        start of the horizon.
    """
    frame = _pairs(instance, goods, prices, users, allowed, periods)
    frame["goods_value"] = frame["goods_cost"] * exchange.rate(frame["currency"], frame["departure"])
    kg, m3, value = 1000 * frame["t"], frame["m3"], frame["goods_value"]
    frame["cost_first_leg"] = (
        (frame["per_m3"] + frame["pickup_per_m3"]) * m3
        + frame["per_kg"] * kg
        + frame["origin_pct"] / 100 * value
    )
    frame["cost_freight"] = 0.0
    frame["cost_import_duty"], frame["cost_import_tax"] = _import(instance, frame)
    frame["cost_clearance"] = np.where(frame["duty_included"], 0.0, frame["destination_pct"] / 100 * value)
    _add_refund(instance, frame)
    by_volume = tariff.charge("inbound_m3", frame) * m3
    frame["cost_inbound_handling"] = by_volume + tariff.charge("inbound_unit", frame) * frame["units"]
    paid_after = frame["days_mean"] - frame["goods_terms_days"]
    frame["cost_capital"] = capital_cost(value, frame["capital_rate_pct"], paid_after)
    carried = order_freight(frame, "full") + frame["cost_first_leg"]
    frame["freight_charges"] = carried + frame["cost_inbound_handling"]
    frame["border_charges"] = frame[["cost_import_duty", "cost_import_tax", "cost_clearance"]].sum(axis=1)
    frame["co2_kg"] = (frame["co2_per_t"] + frame["pickup_km"] * emission_factor(instance, "truck")) * frame[
        "t"
    ]
    frame["cost_carbon"] = instance.model.carbon_price_per_t * frame["co2_kg"] / 1000
    frame["provider_charge"] = frame["cost_inbound_handling"]
    discount = frame["period"].map(periods["discount"]).to_numpy(np.float64)
    money = [f"cost_{name}" for name in INBOUND_COSTS] + ["provider_charge"]
    frame[money] = frame[money].mul(discount, axis=0)
    keep = [
        "product", "member", "route", "lane", "sailing", "site", "period", "days_mean", "days_p95", "cycle",
        "m3", "t", "co2_kg", "goods_value", "freight_charges", "border_charges", "refunded", "refund_days",
        "days_left",
    ]  # fmt: skip
    return frame[keep + money].rename_axis("inbound")


def _pairs(
    instance: Instance,
    goods: pd.DataFrame,
    prices: FreightPrices,
    users: pd.DataFrame,
    allowed: pd.DataFrame,
    periods: pd.DataFrame,
) -> pd.DataFrame:
    """Products × sailings that may carry them to sites their member may use, in periods they sell from."""
    sailings = prices.sailings.drop(
        columns=["member", "20GP", "40GP", "40HQ", "lcl", "lcl_rate", "lcl_minimum"]
    )
    frame = users.rename(columns={"user": "member"}).merge(sailings, left_on="sailing", right_index=True)
    frame = frame.merge(allowed[["member", "site"]], on=["member", "site"])
    products = goods.reset_index().rename(columns={"weight_kg": "order_kg", "volume_m3": "m3"})
    frame = frame.merge(products.assign(t=products["order_kg"] / 1000), on="member")
    frame = frame.merge(accepts_cargo(instance["services"]), on=["service", "cargo"])
    frame = frame.merge(accepts_cargo(instance["sites"], "site"), on=["site", "cargo"])
    frame = frame[_sells_from(instance, frame, periods)].reset_index(drop=True)
    sites = instance["sites"].set_index("site")
    services = instance["services"].set_index("service")
    members = instance["members"].set_index("member")
    frame["provider"] = frame["site"].map(sites["provider"])
    frame["destination"] = frame["site"].map(sites["country"])
    frame["channel"] = frame["service"].map(services["duty_channel"])
    frame["regime"] = frame["service"].map(services["regime"])
    country = instance["places"].set_index("place")["country"]
    frame["origin"] = frame["member"].map(members["origin"]).map(country)
    for term in ("capital_rate_pct", "goods_terms_days"):
        frame[term] = frame["member"].map(members[term]).astype(np.float64)
    at = periods.loc[frame["period"]]
    shipments = frame["shipments_per_month"].to_numpy(np.float64) * at["months"].to_numpy(np.float64)
    frame["cycle"] = at["days"].to_numpy(np.float64) / shipments
    order = frame[["product", "route", "period"]].assign(
        product=pd.Index(goods.index).get_indexer(frame["product"]), period=at["number"].to_numpy()
    )
    return frame.iloc[np.lexsort([order["period"], order["route"], order["product"]])].reset_index(drop=True)


def _sells_from(instance: Instance, frame: pd.DataFrame, periods: pd.DataFrame) -> pd.Series:
    """Whether the product has orders in the arrival period or one that stock may be sent ahead for."""
    number = periods["number"]
    sold = instance["demand"][["product", "period"]].drop_duplicates()
    sold = sold.assign(number=sold["period"].map(number))
    ahead = pd.DataFrame({"lag": range(instance.model.ahead_periods + 1)})
    useful = sold.merge(ahead, how="cross")
    useful = useful.assign(number=useful["number"] - useful["lag"])[["product", "number"]].drop_duplicates()
    asked = pd.MultiIndex.from_arrays([frame["product"], frame["period"].map(number)])
    return pd.Series(asked.isin(pd.MultiIndex.from_frame(useful)), index=frame.index)


def _import(instance: Instance, frame: pd.DataFrame) -> tuple[pd.Series, pd.Series]:
    """Duty and import tax per order; nothing on sailings whose rate holds them."""
    asked = frame.assign(date=frame["arrival"])
    rate = duty_rate_pct(instance, asked)
    unknown = frame[np.isnan(rate) & ~frame["duty_included"].astype(bool)]
    if len(unknown):
        keys = unknown.drop_duplicates(["destination", "origin", "hs_code"])
        items = [
            f"HS {row.hs_code} {row.origin} → {row.destination} on {day(row.arrival)}"
            for row in keys.itertuples()
        ]
        raise missing("duty_rules", items[:20], "Add the ordinary rate (rule mfn), 0 where entry is free.")
    goods = frame["goods_value"].to_numpy(np.float64)
    value = customs_value(instance, asked, goods, _to_border(frame))
    duty = duty_amount(value, np.nan_to_num(rate))
    tax = bulk_tax(tax_rules(instance, asked), value, duty, frame["capital_rate_pct"].to_numpy(np.float64))
    included = frame["duty_included"].to_numpy(bool)
    zero = np.zeros(len(frame))
    return pd.Series(np.where(included, zero, duty)), pd.Series(np.where(included, zero, tax))


def _to_border(frame: pd.DataFrame) -> Floats:
    """Freight of an order up to the border, at the prices of a full load."""
    linear = (frame["origin_per_m3"] + frame["pickup_per_m3"]) * frame["m3"]
    by_weight = 1000 * frame["origin_per_kg"] * frame["t"]
    freight: Floats = order_freight(frame, "border") + (linear + by_weight).to_numpy(np.float64)
    return freight


def _add_refund(instance: Instance, frame: pd.DataFrame) -> None:
    """Export refund per order (≤ 0); a clock that starts at the sale starts half a cycle after arrival."""
    asked = frame[["regime", "member", "hs_code"]].assign(
        date=frame["departure"],
        goods_cost=frame["goods_value"],
        days_to_sale=frame["days_mean"] + frame["cycle"] / 2,
        returned_share=0.0,
    )
    found = export_refund(instance, asked)
    frame["cost_export_refund"] = found["export_refund"]
    frame[["refunded", "refund_days"]] = found[["refunded", "refund_days"]]
    frame["days_left"] = ((found["settle_on"] - frame["arrival"]).dt.days).fillna(np.inf)
