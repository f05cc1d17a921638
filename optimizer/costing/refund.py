"""Export VAT refund: by customs regime, taxpayer, invoice and HS code, less what waiting for it costs."""

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Flags, Floats, distinct
from optimizer.costing.capital import capital_cost
from optimizer.costing.matching import match, prefixes
from optimizer.costing.money import Exchange
from optimizer.costing.refund_settlement import settlement_day
from optimizer.costing.validity import day, epochs, missing, rows_on
from optimizer.scenario.instance import Instance

__all__ = ["export_refund", "export_regimes", "net_refund", "refund_rate_pct"]


def export_regimes(instance: Instance, requests: pd.DataFrame) -> pd.DataFrame:
    """Return the rules of each request's export regime on its date; declaration in scenario currency.

    Parameters
    ----------
    requests
        Columns regime and date; an empty regime declares nothing and refunds nothing.

    Returns
    -------
    pandas.DataFrame
        Same index: refund, needs_invoice, refund_days, refund_at, settle_month, clawback_on_return,
        declaration_amount.

    Raises
    ------
    InputError
        A regime has no row on a date.
    """
    table = instance["export_regimes"]
    combos, inverse = distinct(requests, ["regime", "date"])
    epoch, samples = epochs(table, combos["date"].to_numpy().astype("datetime64[D]"))
    row = np.full(len(combos), -1, dtype=np.int64)
    for number, date in enumerate(samples):
        at = np.flatnonzero(epoch == number)
        held = rows_on(table, ["regime"], date)
        rows = pd.Series(held.index, index=held["regime"])
        row[at] = rows.reindex(combos["regime"].to_numpy()[at]).fillna(-1).to_numpy().astype(np.int64)
    named = (combos["regime"] != "").to_numpy()
    absent = combos[(row < 0) & named]
    if len(absent):
        names = [f"{r.regime} on {day(r.date)}" for r in absent.itertuples()]
        raise missing("export_regimes", names, "Add a row of the regime that holds on that date.")
    columns = [
        "refund",
        "needs_invoice",
        "refund_days",
        "refund_at",
        "settle_month",
        "clawback_on_return",
        "declaration_amount",
    ]
    found = (
        table[columns].iloc[np.maximum(row, 0)].reset_index(drop=True)
        if named.any()
        else _nothing(len(combos))
    )
    if named.any():
        currency = table["currency"].to_numpy()[np.maximum(row, 0)]
        factor = Exchange(instance).rate(np.where(named, currency, ""), combos["date"].to_numpy())
        found["declaration_amount"] = np.where(named, found["declaration_amount"] * factor, 0.0)
        found["refund"] = found["refund"].to_numpy(np.bool_) & named
        found["clawback_on_return"] = found["clawback_on_return"].to_numpy(np.bool_) & named
    return found.iloc[inverse].set_axis(requests.index)


def refund_rate_pct(instance: Instance, requests: pd.DataFrame) -> Floats:
    """Return the refund rate of goods in percent of the invoice value before VAT; the longest HS prefix wins.

    Parameters
    ----------
    requests
        Columns hs_code and date (of export).

    Raises
    ------
    InputError
        No rate covers an HS code on a date.
    """
    table = instance["refund_rates"]
    combos, inverse = distinct(requests, ["hs_code", "date"])
    epoch, samples = epochs(table, combos["date"].to_numpy().astype("datetime64[D]"))
    rate = np.full(len(combos), np.nan)
    for number, date in enumerate(samples):
        at = np.flatnonzero(epoch == number)
        best = match(
            combos.iloc[at], rows_on(table, ["hs_prefix"], date), [("hs_code", "hs_prefix", prefixes)]
        )
        rate[at[best["request"]]] = best["rate_pct"]
    absent = combos[np.isnan(rate)]
    if len(absent):
        names = [f"HS {r.hs_code} on {day(r.date)}" for r in absent.itertuples()]
        raise missing(
            "refund_rates", names, "Add a rate for a prefix of the code; 0 where nothing is refunded."
        )
    result: Floats = rate[inverse]
    return result


def net_refund(
    goods_cost: Floats,
    rate_pct: Floats,
    capital_rate_pct: Floats,
    days: Floats,
    kept_share: Floats | float = 1.0,
) -> Floats:
    r"""Return what a refund is worth on the day of departure.

    .. math:: R = c \cdot \frac{r}{100} \cdot k \cdot \max\left(0,\ 1 - \frac{\rho}{100} \frac{n}{365}\right)

    Parameters
    ----------
    goods_cost
        Invoice value before VAT, c.
    rate_pct
        Refund rate r.
    capital_rate_pct
        Cost of capital ρ of the member, percent per year.
    days
        From departure to the money, n.
    kept_share
        Share of the goods whose refund is not clawed back because they return, k.

    Examples
    --------
    11 USD of goods, 13 %, 90 days at 8 %: 1.43 less 1.43 · 0.08 · 90 / 365 = 0.0282.

    >>> float(net_refund(np.array([11.0]), np.array([13.0]), np.array([8.0]), np.array([90.0])).round(4)[0])
    1.4018
    """
    gross = goods_cost * rate_pct / 100 * kept_share
    worth: Floats = np.maximum(0.0, gross - capital_cost(gross, capital_rate_pct, days))
    return worth


def export_refund(instance: Instance, requests: pd.DataFrame) -> pd.DataFrame:
    """Return refund and declaration cost of orders, or of any quantity of goods.

    A refund needs a regime that grants it, a general taxpayer, and a VAT invoice where the regime asks
    for one. The clock runs from departure, or from the sale: then the days to the sale are added.

    Parameters
    ----------
    requests
        Columns regime, date (of export), member, hs_code, goods_cost (scenario currency), days_to_sale
        (days from departure to the sale) and returned_share (share of the goods that come back home).

    Returns
    -------
    pandas.DataFrame
        Same index: export_refund (≤ 0, a cost) and export_declaration (per parcel), in scenario currency;
        refunded (≥ 0, the sum refunded before the sale), refund_days, and settle_on, the day on which it
        goes back if the goods are not sold (NaT: no such day).
    """
    regimes = export_regimes(instance, requests)
    members = instance["members"].set_index("member").loc[requests["member"]]
    eligible: Flags = (
        regimes["refund"].to_numpy(np.bool_)
        & (members["taxpayer"] == "general").to_numpy()
        & (~regimes["needs_invoice"].to_numpy(np.bool_) | members["vat_invoice"].to_numpy(np.bool_))
    )
    worth, refunded = np.zeros(len(requests)), np.zeros(len(requests))
    if eligible.any():
        asked, rule = requests[eligible], regimes[eligible]
        waits = np.where(rule["refund_at"] == "sale", asked["days_to_sale"].to_numpy(np.float64), 0.0)
        clawed = np.where(rule["clawback_on_return"], asked["returned_share"].to_numpy(np.float64), 0.0)
        cost, rate = asked["goods_cost"].to_numpy(np.float64), refund_rate_pct(instance, asked)
        worth[eligible] = net_refund(
            cost, rate, members["capital_rate_pct"].to_numpy(np.float64)[eligible],
            rule["refund_days"].to_numpy(np.float64) + waits, 1.0 - clawed,
        )  # fmt: skip
        refunded[eligible] = np.where(rule["refund_at"] == "departure", cost * rate / 100, 0.0)
    days = regimes["refund_days"].to_numpy(np.float64)
    paid = requests["date"].to_numpy().astype("datetime64[D]") + np.rint(days).astype("timedelta64[D]")
    return pd.DataFrame(
        {
            "export_refund": 0.0 - worth,
            "export_declaration": regimes["declaration_amount"].to_numpy(np.float64),
            "refunded": refunded,
            "refund_days": days,
            "settle_on": settlement_day(paid, regimes["settle_month"].to_numpy(np.float64)),
        },
        index=requests.index,
    )


def _nothing(length: int) -> pd.DataFrame:
    """Rules of goods that leave without any regime."""
    row = {
        "refund": False, "needs_invoice": False, "refund_days": 0.0, "refund_at": "departure",
        "settle_month": np.nan,
        "clawback_on_return": False, "declaration_amount": 0.0,
    }  # fmt: skip
    return pd.DataFrame([row] * length, columns=list(row))
