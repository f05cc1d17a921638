"""Hold stock at a site from its arrival to its sale: storage by age, space and capital."""

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Floats
from optimizer.costing.capital import capital_cost
from optimizer.costing.money import Exchange
from optimizer.costing.refund_settlement import settlement_cost
from optimizer.costing.stock import P95_DEVIATES, effective_markets, mean_age, safety_share, service_deviate
from optimizer.costing.storage import storage_per_m3
from optimizer.scenario.instance import Instance

__all__ = ["HOLDING_COSTS", "holding_table", "pooled_markets"]

HOLDING_COSTS = ("storage", "capital", "export_refund")


def pooled_markets(reach: pd.DataFrame) -> pd.DataFrame:
    """Effective number of markets whose demand a site pools, by product, site and period of sale.

    Parameters
    ----------
    reach
        Columns product, site, period, market, orders: demand that the site can deliver to.
    """
    once = reach.drop_duplicates(["product", "site", "period", "market"])
    once = once.assign(squares=once["orders"] ** 2)
    sums = once.groupby(["product", "site", "period"], sort=False, as_index=False)[
        ["orders", "squares"]
    ].sum()
    markets = effective_markets(sums["orders"].to_numpy(np.float64), sums["squares"].to_numpy(np.float64))
    return sums[["product", "site", "period"]].assign(markets=markets)


def holding_table(
    instance: Instance, exchange: Exchange, inbound: pd.DataFrame, reach: pd.DataFrame, periods: pd.DataFrame
) -> pd.DataFrame:
    r"""Cost and space per order of stock that arrives in one period and is sold in the same or a later one.

    Age at sale is spread evenly over [y, y + c] with c the replenishment cycle and
    :math:`y = \text{lag} + s T`: days between the middles of the periods, and the safety stock in days.
    Space: in the period of sale :math:`(c/2 + sT)/T` m³ per m³ sold when arrival and sale fall together;
    sent ahead, 1 in every period before the sale and 1/2 + s in the period of sale.

    Parameters
    ----------
    inbound
        As returned by `inbound_table`.
    reach
        Demand each site can deliver to, see `pooled_markets`.
    periods
        As returned by `horizon`, with ``date``.

    Returns
    -------
    pd.DataFrame
        Columns inbound, product, route, site, arrival, sale (periods), lag, safety (share of the orders),
        age (mean days), m3_before, m3_sale, provider_charge and ``cost_…`` for each of `HOLDING_COSTS`; of
        the refund only what it costs to pay it back where goods are unsold on settlement day. Index holding.
    """
    ahead = pd.DataFrame({"lag": np.arange(instance.model.ahead_periods + 1)})
    lots = inbound.reset_index().rename(columns={"period": "arrival"}).merge(ahead, how="cross")
    lots["sale_number"] = lots["arrival"].map(periods["number"]) + lots["lag"]
    lots = lots[lots["sale_number"] < len(periods)]
    lots["sale"] = periods.index.to_numpy()[lots["sale_number"]]
    keys = ["product", "site", "sale"]
    lots = lots.merge(pooled_markets(reach).rename(columns={"period": "sale"}), on=keys)
    lots = lots.sort_values(["inbound", "lag"], kind="stable", ignore_index=True)
    sold, arrived = periods.loc[lots["sale"]], periods.loc[lots["arrival"]]
    days = sold["days"].to_numpy(np.float64)
    cycle, transit = lots["cycle"].to_numpy(np.float64), lots["days_mean"].to_numpy(np.float64)
    deviation = (lots["days_p95"].to_numpy(np.float64) - transit) / P95_DEVIATES
    model = instance.model
    deviate = service_deviate(model.safety_stock_service_pct)
    markets = lots["markets"].to_numpy(np.float64)
    safety = safety_share(
        deviate, model.demand_cv, transit + cycle, np.maximum(deviation, 0.0), days, markets
    )
    lag_days = sold["middle"].to_numpy(np.float64) - arrived["middle"].to_numpy(np.float64)
    age = mean_age(lag_days, cycle, safety, days)
    together = (lots["lag"] == 0).to_numpy()
    provider = lots["site"].map(instance["sites"].set_index("site")["provider"])
    asked = pd.DataFrame(
        {
            "provider": provider,
            "date": sold["date"].to_numpy(),
            "youngest": lag_days + safety * days,
            "cycle": cycle,
        }
    )
    m3 = lots["m3"].to_numpy(np.float64)
    discount = sold["discount"].to_numpy(np.float64)
    storage = storage_per_m3(instance, exchange, asked) * m3 * discount
    youngest = asked["youngest"].to_numpy(np.float64)
    terms = instance["members"].set_index("member").loc[lots["member"]]
    rate = terms["capital_rate_pct"].to_numpy(np.float64)
    settled = settlement_cost(lots["refunded"], rate, youngest, cycle, lots["days_left"], lots["refund_days"])
    table = lots[["inbound", "product", "route", "site", "arrival", "sale", "lag"]].assign(
        safety=safety,
        age=age,
        m3_before=np.where(together, 0.0, m3),
        m3_sale=np.where(together, (cycle / 2 + safety * days) / days, 0.5 + safety) * m3,
        provider_charge=storage,
        cost_storage=storage,
        cost_capital=_capital(lots, terms, rate, age) * discount,
        cost_export_refund=settled * discount,
    )
    return table.rename_axis("holding")


def _capital(lots: pd.DataFrame, terms: pd.DataFrame, rate: Floats, age: Floats) -> Floats:
    """Capital cost of goods, freight and duty of an order from their payment, or the arrival, to the sale."""
    cost = capital_cost(lots["goods_value"], rate, age)
    for charges in ("freight", "border"):
        term = {"freight": "freight_terms_days", "border": "duty_terms_days"}[charges]
        cost = cost + capital_cost(lots[f"{charges}_charges"], rate, age - terms[term].to_numpy(np.float64))
    return cost
