"""Sites: open where used, one size each, within their capacity, and charged by the provider's schedule."""

import numpy as np
import pandas as pd

from optimizer.costing.options import PricedOptions
from optimizer.plan.check.freight import tier_cost
from optimizer.plan.check.tolerance import differing, exceeding, tell
from optimizer.plan.check.ways import at
from optimizer.scenario.instance import Instance

__all__ = ["check_openings", "check_site_periods", "stock_by_period", "with_owner"]

SITE = ["site", "site_owner"]
HERE = "{site} {site_owner} in {period}: "


def check_openings(
    instance: Instance, plan: dict[str, pd.DataFrame], ways: pd.DataFrame, priced: PricedOptions
) -> list[str]:
    """One size per site, open before it is used, by members who may and who pay their joining fee."""
    openings = plan["openings"].rename(columns={"from_period": "opens"})
    twice = openings.duplicated(SITE, keep=False).to_numpy()
    failures = tell(openings, twice, "{site} {site_owner} opens at several sizes")
    costs = priced.supply.openings[["site", "size", "opens", "cost", "provider_minimum"]]
    found = openings.merge(costs, on=["site", "size", "opens"], how="left", suffixes=("", "_right"))
    right = found["cost_right"] - found["provider_minimum"]
    failures += tell(
        found.assign(right=right),
        differing(found["cost"], right),
        "{site} {size} costs {right:g}, not {cost:g}",
    )
    used = with_owner(instance, ways[ways["site"] != ""])
    number = priced.periods["number"]
    used = used.merge(openings[[*SITE, "opens"]], on=SITE, how="left")
    known = used["opens"].isin(number.index).to_numpy()
    early = ~known
    early[known] = (used["arrival_period"][known].map(number) < used["opens"][known].map(number)).to_numpy()
    failures += tell(used, early, "{site} is used for {member} in {arrival_period}, but is not open then")
    pairs = used[["member", "site"]].drop_duplicates()
    paid = plan["member_use"].merge(pairs.assign(used=True), on=["member", "site"], how="outer")
    paid = paid.merge(priced.supply.onboarding, on=["member", "site"], how="left")
    failures += tell(paid, paid["fee"].isna().to_numpy(), "{member} may not use {site}")
    wrong = differing(paid["cost"].fillna(np.inf), paid["fee"].fillna(0.0))
    return failures + tell(paid, wrong, "{member} joins {site} for {fee}, but {cost} is booked")


def with_owner(instance: Instance, frame: pd.DataFrame) -> pd.DataFrame:
    """Add ``site_owner``: empty where sites are shared, the member where each has its own copy."""
    return frame.assign(site_owner="" if instance.model.sharing else frame["member"])


def stock_by_period(ways: pd.DataFrame, priced: PricedOptions) -> pd.DataFrame:
    """Average stock of every flow in every period from its arrival to its sale.

    Returns
    -------
    DataFrame
        Columns member, site, period, m3: all of it before the period of sale, cycle and safety stock in it.
    """
    stocked = ways[ways["holding"] >= 0]
    number = priced.periods["number"]
    arrived = stocked["arrival_period"].map(number).to_numpy(np.int64)
    sold = stocked["period"].map(number).to_numpy(np.int64)
    before = (stocked["orders"] * at(priced.holding, "m3_before", stocked["holding"])).to_numpy()
    sale = (stocked["orders"] * at(priced.holding, "m3_sale", stocked["holding"])).to_numpy()
    parts = []
    for position, period in enumerate(priced.periods.index):
        m3 = np.where(
            sold == position, sale, np.where((arrived <= position) & (position < sold), before, 0.0)
        )
        here = m3 > 0
        parts.append(stocked.loc[here, ["member", "site"]].assign(period=period, m3=m3[here]))
    return pd.concat(parts, ignore_index=True)


def check_site_periods(
    instance: Instance, plan: dict[str, pd.DataFrame], ways: pd.DataFrame, priced: PricedOptions
) -> list[str]:
    """Stock, orders, fees and the provider's minimum of every open site and period."""
    keys = [*SITE, "period"]
    stock = with_owner(instance, stock_by_period(ways, priced)).groupby(keys)["m3"].sum()
    used = with_owner(instance, ways[ways["site"] != ""])
    orders = used.groupby(keys)["orders"].sum()
    found = plan["site_periods"].set_index(keys)
    found = found.join(stock.rename("stock"), how="outer").join(orders.rename("shipped"), how="outer")
    found = found.join(_charges(instance, ways, priced).rename("charges"), how="outer")
    found = found.fillna({"stock": 0.0, "shipped": 0.0, "charges": 0.0}).reset_index()
    failures = tell(found, differing(found["m3"], found["stock"]), HERE + "stock is {stock:g} m³, not {m3:g}")
    failures += tell(
        found, differing(found["orders"], found["shipped"]), HERE + "{shipped:g} orders, not {orders:g}"
    )
    size = plan["openings"].merge(
        priced.supply.openings[["site", "size", "capacity_m3"]].drop_duplicates(), on=["site", "size"]
    )
    capacity = found[SITE].merge(
        plan["openings"][[*SITE, "capacity_m3", "capacity_orders_per_month"]], on=SITE, how="left"
    )
    months = found["period"].map(priced.periods["months"]).to_numpy(np.float64)
    failures += tell(
        size, differing(size["capacity_m3_x"], size["capacity_m3_y"]), "{site} {size}: wrong capacity"
    )
    holds, ships = (
        capacity["capacity_m3"].fillna(0.0),
        capacity["capacity_orders_per_month"].fillna(0.0) * months,
    )
    full = exceeding(found["stock"], holds)
    failures += tell(found.assign(holds=holds), full, HERE + "{stock:g} m³ of stock, but it holds {holds:g}")
    busy = exceeding(found["shipped"], ships)
    failures += tell(found.assign(ships=ships), busy, HERE + "{shipped:g} orders, but it can ship {ships:g}")
    return failures + _order_fees(found, priced) + _minimum(found, plan, priced)


def _charges(instance: Instance, ways: pd.DataFrame, priced: PricedOptions) -> "pd.Series[float]":
    """Provider's charges by site and period: inbound and storage of arrival, the rest at the sale."""
    stocked = with_owner(instance, ways[ways["inbound"] >= 0])
    parts = {
        "arrival_period": at(priced.inbound, "provider_charge", stocked["inbound"]),
        "period": at(priced.holding, "provider_charge", stocked["holding"])
        + at(priced.outbound, "provider_charge", stocked["outbound"]),
    }
    frames = [
        stocked[SITE].assign(period=stocked[column], charge=stocked["orders"] * charge)
        for column, charge in parts.items()
    ]
    return pd.concat(frames).groupby([*SITE, "period"])["charge"].sum()


def _order_fees(found: pd.DataFrame, priced: PricedOptions) -> list[str]:
    """The fee schedule counts at least the orders shipped, and charges all units at the tier reached."""
    fees = priced.supply.order_fees.assign(fixed=0.0).rename(columns={"amount": "unit_cost"})
    fees = fees.set_index(fees["site"] + "\n" + fees["period"])[["start", "end", "fixed", "unit_cost"]]
    scheduled = found[(found["site"] + "\n" + found["period"]).isin(fees.index)].reset_index(drop=True)
    charged = scheduled["charged_orders"].to_numpy(np.float64)
    right = tier_cost(fees, (scheduled["site"] + "\n" + scheduled["period"]).to_numpy(), charged)
    short = exceeding(scheduled["shipped"], charged)
    failures = tell(scheduled, short, HERE + "{shipped:g} orders, but fees for {charged_orders:g}")
    wrong = differing(scheduled["cost_order_fees"], right)
    return failures + tell(
        scheduled.assign(right=right), wrong, HERE + "order fees are {right:g}, not {cost_order_fees:g}"
    )


def _minimum(found: pd.DataFrame, plan: dict[str, pd.DataFrame], priced: PricedOptions) -> list[str]:
    """What the provider's charges miss of its minimum is paid on top, from the opening on."""
    failures = tell(
        found,
        differing(found["provider_charges"], found["charges"]),
        HERE + "charges are {charges:g}, not {provider_charges:g}",
    )
    least = priced.supply.provider_minimum.rename(columns={"amount": "least"})
    found = found.merge(least, on=["site", "period"], how="left").fillna({"least": 0.0})
    right = np.maximum(0.0, found["least"] - found["charges"])
    wrong = differing(found["cost_provider_minimum"], right)
    return failures + tell(
        found.assign(right=right),
        wrong,
        HERE + "{right:g} is missing to the minimum, not {cost_provider_minimum:g}",
    )
