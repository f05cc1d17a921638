"""Direct dispatch: every cost component of an order that leaves the origin as a parcel."""

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Ints, common_keys, distinct, numbered, pairs
from optimizer.costing.capital import capital_cost
from optimizer.costing.carbon import carbon_cost, emission_factor, leg_kg
from optimizer.costing.disputes import dispute_terms, disputes
from optimizer.costing.import_charges import parcel_import_charges
from optimizer.costing.lateness import late_share
from optimizer.costing.loss import failure_cost, failure_share, loss_factor
from optimizer.costing.money import Exchange
from optimizer.costing.orders import means
from optimizer.costing.parcels import ParcelTariffs, parcel_tariffs, price_parcels
from optimizer.costing.refund import export_refund
from optimizer.costing.returns import return_cost, return_rules
from optimizer.costing.validity import pricing_dates
from optimizer.scenario.instance import Instance

__all__ = ["DIRECT_COSTS", "direct_table", "refused_direct"]

DIRECT_COSTS = (
    "parcel_base", "parcel_surcharges", "packing", "export_declaration", "import_duty", "import_tax",
    "clearance", "export_refund", "loss_damage", "returns", "disputes", "capital", "carbon",
)  # fmt: skip
GROUP = ["product", "member", "service", "zone", "remote", "country", "date"]


def direct_table(
    instance: Instance, lanes: pd.DataFrame, tariffs: ParcelTariffs | None = None
) -> pd.DataFrame:
    """Cost per order of every direct lane of every demanded product, market and period.

    Parameters
    ----------
    lanes
        `Network.direct_lanes`: member, service, mode, market, period, zone, distance_km, days_mean, days_p95.
    tariffs
        Parcel tariffs on the periods' pricing dates, if they are at hand.

    Returns
    -------
    pandas.DataFrame
        product, member, market, period, service, mode, days, late_share, kg (chargeable), co2_kg and a column
        ``cost_…`` per name in `DIRECT_COSTS`; money per mean order in scenario currency of the day of sale,
        not discounted. Services that refuse the product are absent (`refused_direct`).

    Raises
    ------
    InputError
        A rate, rule or exchange rate that a lane needs is missing on its date.
    """
    tariffs = tariffs or parcel_tariffs(instance, pricing_dates(instance["periods"]))
    rows, groups, inverse = _prepare(instance, lanes)
    priced = _group_costs(tariffs, groups)
    offered = priced["offered"].to_numpy(np.bool_)[inverse]
    rows, inverse = rows[offered].reset_index(drop=True), inverse[offered]
    by_lane = ("disputes", "capital", "carbon")
    costs = priced[[f"cost_{name}" for name in DIRECT_COSTS if name not in by_lane]]
    table = rows[["product", "member", "market", "period", "service", "mode"]].assign(days=rows["days_mean"])
    table["late_share"] = late_share(rows["days_mean"], rows["days_p95"], rows["promise_days"])
    table["kg"] = priced["kg"].to_numpy()[inverse]
    weight = priced["gross_kg"].to_numpy()[inverse]
    table["co2_kg"] = leg_kg(weight, rows["distance_km"], emission_factor(instance, "parcel_air"))
    table = pd.concat([table, costs.iloc[inverse].reset_index(drop=True)], axis=1)
    terms = dispute_terms(instance, rows["market"], rows["date"].to_numpy())
    table["cost_disputes"] = disputes(table["late_share"], terms, priced["retail_value"].to_numpy()[inverse])
    goods = priced["goods_cost"].to_numpy()[inverse]
    tied_up = rows["days_mean"] - priced["goods_terms_days"].to_numpy()[inverse]
    table["cost_capital"] = capital_cost(goods, priced["capital_rate_pct"].to_numpy()[inverse], tied_up)
    table["cost_carbon"] = carbon_cost(table["co2_kg"], instance.model.carbon_price_per_t)
    return table


def refused_direct(instance: Instance, lanes: pd.DataFrame) -> pd.DataFrame:
    """Products and lanes that a service refuses, each with the reason.

    Returns
    -------
    pandas.DataFrame
        product, member, market, period, service, mode, reason.
    """
    tariffs = parcel_tariffs(instance, pricing_dates(instance["periods"]))
    rows, groups, inverse = _prepare(instance, lanes)
    reason = price_parcels(tariffs, groups)["reason"].to_numpy()[inverse]
    frame = rows[["product", "member", "market", "period", "service", "mode"]].assign(reason=reason)
    return frame[frame["reason"] != ""].reset_index(drop=True)


def _prepare(instance: Instance, lanes: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame, Ints]:
    """Rows of demand × lanes, their distinct groups, and the group of each row."""
    dates = pricing_dates(instance["periods"])
    demand = instance["demand"].merge(instance["products"][["product", "member"]], on="product")
    markets = instance["markets"].set_index("market")[["remote", "country", "promise_days"]]
    sold = pd.concat(
        [
            demand[["product", "member", "market", "period"]],
            markets.loc[demand["market"]].reset_index(drop=True),
        ],
        axis=1,
    )
    sold["date"] = dates[pd.Index(instance["periods"]["period"]).get_indexer(demand["period"])]
    left, right = common_keys(demand, lanes, ["member", "market", "period"])
    order, lane = pairs(left, right)
    columns = ["service", "mode", "zone", "distance_km", "days_mean", "days_p95"]
    parts = [sold.iloc[order].reset_index(drop=True), lanes[columns].iloc[lane].reset_index(drop=True)]
    rows = pd.concat(parts, axis=1)
    _, kind = distinct(sold, [name for name in GROUP if name in sold])
    _, way = distinct(lanes, [name for name in GROUP if name not in sold])
    first, inverse = numbered(kind[order], way[lane])
    return rows, rows[GROUP].iloc[first].reset_index(drop=True), inverse


def _group_costs(tariffs: ParcelTariffs, groups: pd.DataFrame) -> pd.DataFrame:
    """Components that do not depend on days and distance, per distinct group; refused groups hold zeros."""
    instance = tariffs.instance
    transport = price_parcels(tariffs, groups)
    frame = groups.assign(**{name: transport[name] for name in ("kg", "gross_kg", "offered")})
    frame["cost_parcel_base"], frame["cost_parcel_surcharges"] = transport["base"], transport["surcharges"]
    frame["cost_packing"] = transport["packing"]
    asked = _with_goods(instance, tariffs, groups)
    for name in ("goods_cost", "retail_value", "capital_rate_pct", "goods_terms_days"):
        frame[name] = asked[name]
    served = frame["offered"].to_numpy(np.bool_)
    border = parcel_import_charges(instance, tariffs.profiles, asked[served])
    rules = return_rules(instance, asked, "direct")
    asked["returned_share"] = rules["returned"] * rules["shipped_back"]
    export = export_refund(instance, asked.assign(days_to_sale=0.0))
    for name in ("import_duty", "import_tax", "clearance"):
        frame[f"cost_{name}"] = border[name].reindex(frame.index)
    for name in ("export_refund", "export_declaration"):
        frame[f"cost_{name}"] = export[name]
    way_back = (transport["base"] + transport["surcharges"]).to_numpy()
    sent = [f"cost_{name}" for name in DIRECT_COSTS[: DIRECT_COSTS.index("export_refund")]]
    goods = asked["goods_cost"].to_numpy()
    factor = loss_factor(instance, groups["date"].to_numpy())
    failing = failure_share(asked["loss_pct"].to_numpy(), asked["damage_pct"].to_numpy(), factor)
    dispatch = frame[sent].sum(axis=1, skipna=False).to_numpy()
    frame["cost_loss_damage"] = failure_cost(failing, goods, dispatch, asked["retail_value"].to_numpy())
    frame["cost_returns"] = return_cost(rules, goods, asked["units"].to_numpy(), way_back)
    return frame


def _with_goods(instance: Instance, tariffs: ParcelTariffs, groups: pd.DataFrame) -> pd.DataFrame:
    """Groups with what their product, member and service add: goods, origin, channel, regime, loss."""
    goods = means(tariffs.profiles).loc[groups["product"]].reset_index(drop=True)
    terms = ["duty_channel", "regime", "loss_pct", "damage_pct", "rate_card"]
    services = instance["services"].set_index("service")[terms].loc[groups["service"]]
    firm = ["origin", "capital_rate_pct", "goods_terms_days"]
    members = instance["members"].set_index("member")[firm].loc[groups["member"]]
    country = instance["places"].set_index("place")["country"]
    factor = Exchange(instance).rate(goods["currency"].to_numpy(), groups["date"].to_numpy())
    included = pd.Series(tariffs.rates.duty_included, index=tariffs.rates.cards)
    return groups.assign(
        units=goods["units"],
        category=goods["category"],
        hs_code=goods["hs_code"],
        retail_value=goods["retail_value"] * factor,
        goods_cost=goods["goods_cost"] * factor,
        origin=country.loc[members["origin"]].to_numpy(),
        capital_rate_pct=members["capital_rate_pct"].to_numpy(),
        goods_terms_days=members["goods_terms_days"].to_numpy(np.float64),
        destination=groups["country"],
        channel=services["duty_channel"].to_numpy(),
        regime=services["regime"].to_numpy(),
        loss_pct=services["loss_pct"].to_numpy(),
        damage_pct=services["damage_pct"].to_numpy(),
        duty_included=included.loc[services["rate_card"]].to_numpy(),
    )
