"""Deliver orders from a site: pick and pack, packing, last mile, losses, returns, per mean order."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.arrays import Ints, common_keys, distinct, numbered, pairs
from optimizer.costing.capital import capital_cost
from optimizer.costing.carbon import carbon_cost, emission_factor, leg_kg
from optimizer.costing.disputes import dispute_terms, disputes
from optimizer.costing.lateness import late_share
from optimizer.costing.loss import failure_cost, failure_share, loss_factor
from optimizer.costing.money import Exchange
from optimizer.costing.parcels import ParcelTariffs, price_parcels
from optimizer.costing.returns import return_cost, return_rules
from optimizer.costing.warehouse import WarehouseTariff
from optimizer.scenario.instance import Instance

__all__ = ["OUTBOUND_COSTS", "outbound_requests", "outbound_table", "pick_pack"]

Floats = npt.NDArray[np.float64]

OUTBOUND_COSTS = (
    "pick_pack", "packing", "last_mile", "last_mile_surcharges", "loss_damage", "returns",
    "disputes", "capital",
    "carbon",
)  # fmt: skip


def outbound_requests(rows: pd.DataFrame, last_mile: pd.DataFrame, stocked: pd.DataFrame) -> pd.DataFrame:
    """Questions (product, site, market, period, service): rows that a stocked site can deliver to.

    Parameters
    ----------
    rows
        Columns row, member, product, market, period, orders.
    last_mile
        Lanes of the network.
    stocked
        Columns product, site, period of sale for which some stock can be there.
    """
    lanes = last_mile[
        ["site", "market", "period", "service", "lane", "zone", "distance_km", "days_mean", "days_p95"]
    ]
    owner, lane = pairs(*common_keys(rows, lanes, ["market", "period"]))
    asked = rows["product"], lanes["site"], rows["period"]
    known = [pd.Index(stocked[name].unique(), name=name) for name in ("product", "site", "period")]
    held = np.zeros([len(keys) + 1 for keys in known], dtype=bool)
    held[tuple(keys.get_indexer(pd.Index(stocked[keys.name])) for keys in known)] = True
    product, site, period = (
        keys.get_indexer(pd.Index(names)) for keys, names in zip(known, asked, strict=True)
    )
    there = held[product[owner], site[lane], period[owner]]
    owner, lane = owner[there], lane[there]
    order = np.argsort(rows["row"].to_numpy()[owner], kind="stable")
    owner, lane = owner[order], lane[order]
    row = rows[["row", "member", "product", "market", "period", "orders"]].iloc[owner]
    way = lanes.drop(columns=["market", "period"]).iloc[lane]
    return pd.concat([row.reset_index(drop=True), way.reset_index(drop=True)], axis=1)


def outbound_table(
    instance: Instance,
    exchange: Exchange,
    goods: pd.DataFrame,
    tariffs: ParcelTariffs,
    warehouse: WarehouseTariff,
    requests: pd.DataFrame,
    periods: pd.DataFrame,
) -> pd.DataFrame:
    """Price the delivery of an order from a site, component by component; refused services are left out.

    Parameters
    ----------
    goods
        Mean order of each product, index product.
    tariffs, warehouse
        Parcel and warehouse tariffs.
    requests
        As returned by `outbound_requests`.
    periods
        As returned by `horizon`, with ``date``.

    Returns
    -------
    pd.DataFrame
        Columns row, product, site, market, period, service, lane, days, late_share, kg (chargeable), co2_kg,
        provider_charge and ``cost_…`` for each of `OUTBOUND_COSTS`, discounted. Index outbound.
    """
    frame, priced = _parcels(instance, tariffs, requests, periods)
    sold, sale = _sold(frame)
    at = periods.loc[sold["period"]]
    day = at["date"].to_numpy().astype("datetime64[D]")
    of = goods.loc[sold["product"]]
    factor = exchange.rate(of["currency"].to_numpy(), day)
    value, retail = (of[name].to_numpy() * factor for name in ("goods_cost", "retail_value"))
    rules = _return_rules(instance, sold, of, day)
    service = instance["services"].set_index("service")[["loss_pct", "damage_pct"]].loc[frame["service"]]
    asked, question = _asked_provider(instance, frame, sold, sale)
    picked = pick_pack(tariffs.profiles, warehouse, asked)[question]
    packed = warehouse.charge("packing", asked)[question]
    base, extra = priced["base"].to_numpy(), priced["surcharges"].to_numpy()
    frame["cost_pick_pack"] = picked
    frame["cost_packing"] = priced["packing"].to_numpy() + packed
    frame["cost_last_mile"], frame["cost_last_mile_surcharges"] = base, extra
    sent = base + extra + frame["cost_packing"].to_numpy() + picked
    failed = failure_share(
        service["loss_pct"].to_numpy(np.float64),
        service["damage_pct"].to_numpy(np.float64),
        loss_factor(instance, day)[sale],
    )
    frame["cost_loss_damage"] = failure_cost(failed, value[sale], sent, retail[sale])
    units, handled = of["units"].to_numpy(np.float64), warehouse.charge("return_order", asked)
    frame["cost_returns"] = return_cost(
        rules.iloc[sale], value[sale], units[sale], base + extra, handled[question]
    )
    rate = sold["member"].map(instance["members"].set_index("member")["capital_rate_pct"])
    frame["cost_capital"] = capital_cost(value[sale], rate.to_numpy(np.float64)[sale], frame["days_mean"])
    frame["co2_kg"] = leg_kg(priced["gross_kg"], frame["distance_km"], emission_factor(instance, "van"))
    frame["cost_carbon"] = carbon_cost(frame["co2_kg"], instance.model.carbon_price_per_t)
    promise = sold["market"].map(instance["markets"].set_index("market")["promise_days"])
    promised = promise.to_numpy(np.float64)[sale]
    frame["late_share"] = late_share(frame["days_mean"], frame["days_p95"], promised)
    terms = dispute_terms(instance, sold["market"], day).iloc[sale]
    frame["cost_disputes"] = disputes(frame["late_share"], terms, retail[sale])
    frame["kg"] = priced["kg"].to_numpy()
    frame["provider_charge"] = picked + packed
    money = [f"cost_{name}" for name in OUTBOUND_COSTS] + ["provider_charge"]
    frame[money] = frame[money].mul(at["discount"].to_numpy(np.float64)[sale], axis=0)
    keep = [
        "row",
        "product",
        "site",
        "market",
        "period",
        "service",
        "lane",
        "days_mean",
        "late_share",
        "kg",
        "co2_kg",
    ]
    table = frame[keep + money]
    table.columns = table.columns.where(table.columns != "days_mean", "days")
    table.index.name = "outbound"
    return table


def pick_pack(profiles: pd.DataFrame, warehouse: WarehouseTariff, asked: pd.DataFrame) -> Floats:
    r"""First unit by the order's weight step, plus further units, of the mean order.

    .. math:: \sum_p \text{share}_p \bigl(f(w_p) + (u_p - 1) g(w_p)\bigr)

    Parameters
    ----------
    profiles
        Order profiles: product, share, units, weight_kg.
    asked
        Columns product, provider, period.
    """
    combos, inverse = distinct(asked, ["product", "provider", "period"])
    each = (
        combos.rename_axis("combo")
        .reset_index()
        .merge(profiles[["product", "share", "units", "weight_kg"]], on="product")
    )
    first = warehouse.charge("first_unit", each)
    further = warehouse.charge("further_unit", each)
    cost = each["share"] * (first + (each["units"] - 1) * further)
    mean = np.bincount(each["combo"], weights=cost.to_numpy(np.float64), minlength=len(combos))
    return np.asarray(mean[inverse], dtype=np.float64)


def _parcels(
    instance: Instance, tariffs: ParcelTariffs, requests: pd.DataFrame, periods: pd.DataFrame
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Requests that the service takes, and their parcel prices; each distinct question is priced once."""
    sold, sale = _sold(requests)
    remote = instance["markets"].set_index("market")["remote"]
    sold = sold.assign(
        remote=sold["market"].map(remote).astype(bool), date=sold["period"].map(periods["date"])
    )
    _, kind = distinct(sold, ["product", "remote", "date"])
    _, way = distinct(requests, ["service", "zone"])
    first, inverse = numbered(kind[sale], way)
    combos = requests[["product", "service", "zone"]].iloc[first].reset_index(drop=True)
    for name in ("remote", "date"):
        combos[name] = sold[name].to_numpy()[sale[first]]
    priced = price_parcels(tariffs, combos)
    taken = priced["offered"].to_numpy()[inverse]
    return requests[taken].reset_index(drop=True), priced.iloc[inverse[taken]].reset_index(drop=True)


def _sold(requests: pd.DataFrame) -> tuple[pd.DataFrame, Ints]:
    """What each row among the requests sells, and the position of every request's row in it."""
    sale, _ = pd.factorize(requests["row"])
    _, first = np.unique(sale, return_index=True)
    columns = ["member", "product", "market", "period"]
    return requests[columns].iloc[first].reset_index(drop=True), sale.astype(np.int64)


def _asked_provider(
    instance: Instance, frame: pd.DataFrame, sold: pd.DataFrame, sale: Ints
) -> tuple[pd.DataFrame, Ints]:
    """Distinct products, providers' sites and periods of the requests, and the number of each request's."""
    _, kind = distinct(sold, ["product", "period"])
    _, place = distinct(frame, ["site"])
    first, question = numbered(kind[sale], place)
    asked = frame[["product", "site", "period"]].iloc[first].reset_index(drop=True)
    provider = asked["site"].map(instance["sites"].set_index("site")["provider"])
    return asked.assign(provider=provider), question


def _return_rules(
    instance: Instance, sold: pd.DataFrame, of: pd.DataFrame, day: npt.NDArray[np.datetime64]
) -> pd.DataFrame:
    country = instance["markets"].set_index("market")["country"]
    asked = pd.DataFrame(
        {"category": of["category"].to_numpy(), "country": sold["market"].map(country), "date": day}
    )
    return return_rules(instance, asked, "warehouse")
