"""Deliver orders from a site: pick and pack, packing, last mile, losses, returns, per mean order."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.arrays import distinct
from optimizer.costing.capital import capital_cost
from optimizer.costing.carbon import carbon_cost, emission_factor, leg_kg
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
    "pick_pack", "packing", "last_mile", "last_mile_surcharges", "loss_damage", "returns", "capital",
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
    codes = stocked[["product", "site", "period"]].drop_duplicates()
    frame = rows[["row", "member", "product", "market", "period", "orders"]].merge(
        lanes, on=["market", "period"]
    )
    frame = frame.merge(codes, on=["product", "site", "period"])
    return frame.sort_values(["row"], kind="stable", ignore_index=True)


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
    at = periods.loc[frame["period"]]
    day = at["date"].to_numpy().astype("datetime64[D]")
    of = goods.loc[frame["product"]]
    factor = exchange.rate(of["currency"].to_numpy(), day)
    value, retail = of["goods_cost"].to_numpy() * factor, of["retail_value"].to_numpy() * factor
    service = instance["services"].set_index("service").loc[frame["service"]]
    provider = frame["site"].map(instance["sites"].set_index("site")["provider"])
    asked = pd.DataFrame({"provider": provider, "period": frame["period"], "product": frame["product"]})
    picked = pick_pack(tariffs.profiles, warehouse, asked)
    packed = warehouse.charge("packing", asked)
    base, extra = priced["base"].to_numpy(), priced["surcharges"].to_numpy()
    frame["cost_pick_pack"] = picked
    frame["cost_packing"] = priced["packing"].to_numpy() + packed
    frame["cost_last_mile"], frame["cost_last_mile_surcharges"] = base, extra
    sent = base + extra + frame["cost_packing"].to_numpy() + picked
    failed = failure_share(
        service["loss_pct"].to_numpy(np.float64),
        service["damage_pct"].to_numpy(np.float64),
        loss_factor(instance, day),
    )
    frame["cost_loss_damage"] = failure_cost(failed, value, sent, retail)
    frame["cost_returns"] = _returns(
        instance, frame, of, value, base + extra, warehouse.charge("return_order", asked), day
    )
    rate = (
        frame["member"].map(instance["members"].set_index("member")["capital_rate_pct"]).to_numpy(np.float64)
    )
    frame["cost_capital"] = capital_cost(value, rate, frame["days_mean"])
    frame["co2_kg"] = leg_kg(priced["gross_kg"], frame["distance_km"], emission_factor(instance, "van"))
    frame["cost_carbon"] = carbon_cost(frame["co2_kg"], instance.model.carbon_price_per_t)
    promise = instance["markets"].set_index("market")["promise_days"]
    frame["late_share"] = late_share(frame["days_mean"], frame["days_p95"], frame["market"].map(promise))
    frame["kg"] = priced["kg"].to_numpy()
    frame["provider_charge"] = picked + packed
    money = [f"cost_{name}" for name in OUTBOUND_COSTS] + ["provider_charge"]
    frame[money] = frame[money].mul(at["discount"].to_numpy(np.float64), axis=0)
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
    return frame[keep + money].rename(columns={"days_mean": "days"}).rename_axis("outbound")


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
    remote = instance["markets"].set_index("market")["remote"]
    frame = requests.assign(
        remote=requests["market"].map(remote).astype(bool), date=requests["period"].map(periods["date"])
    )
    combos, inverse = distinct(frame, ["product", "service", "zone", "remote", "date"])
    priced = price_parcels(tariffs, combos)
    taken = priced["offered"].to_numpy()[inverse]
    return frame[taken].reset_index(drop=True), priced.iloc[inverse[taken]].reset_index(drop=True)


def _returns(
    instance: Instance,
    frame: pd.DataFrame,
    of: pd.DataFrame,
    value: Floats,
    way_back: Floats,
    handling: Floats,
    day: npt.NDArray[np.datetime64],
) -> Floats:
    country = instance["markets"].set_index("market")["country"]
    asked = pd.DataFrame(
        {"category": of["category"].to_numpy(), "country": frame["market"].map(country), "date": day}
    )
    rules = return_rules(instance, asked, "warehouse")
    return return_cost(rules, value, of["units"].to_numpy(np.float64), way_back, handling)
