"""Import VAT and GST: at the sale, relieved, recovered from the buyer, or recovered later."""

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Floats, distinct
from optimizer.costing.capital import DAYS_PER_YEAR
from optimizer.costing.low_value import at_most
from optimizer.costing.money import Exchange
from optimizer.costing.validity import day, epochs, missing, rows_on
from optimizer.scenario.instance import Instance

__all__ = ["bulk_tax", "parcel_tax", "tax_rules"]


def tax_rules(instance: Instance, requests: pd.DataFrame) -> pd.DataFrame:
    """Return the tax rule of each request, thresholds in scenario currency.

    Parameters
    ----------
    requests
        Columns destination (country) and date.

    Returns
    -------
    pandas.DataFrame
        Same index: rate_pct, at_sale_threshold, relief_threshold, parcel_tax_recoverable,
        bulk_tax_recoverable, recovery_days.

    Raises
    ------
    InputError
        A country has no rule on a date; one that levies no tax is a row with rate 0.
    """
    rules = instance["tax_rules"]
    combos, inverse = distinct(requests, ["destination", "date"])
    epoch, samples = epochs(rules, combos["date"].to_numpy().astype("datetime64[D]"))
    row = np.full(len(combos), -1, dtype=np.int64)
    for number, date in enumerate(samples):
        at = np.flatnonzero(epoch == number)
        held = rows_on(rules, ["destination"], date)
        rows = pd.Series(held.index, index=held["destination"])
        row[at] = rows.reindex(combos["destination"].to_numpy()[at]).fillna(-1).to_numpy().astype(np.int64)
    if np.any(row < 0):
        absent = combos[row < 0]
        names = [f"{r.destination} on {day(r.date)}" for r in absent.itertuples()]
        raise missing("tax_rules", names, "Add the country's rule; rate_pct 0 if it levies none.")
    found = rules.iloc[row].reset_index(drop=True)
    factor = Exchange(instance).rate(found["currency"].to_numpy(), combos["date"].to_numpy())
    for column in ("at_sale_threshold", "relief_threshold"):
        found[column] = found[column] * factor
    columns = [
        "rate_pct", "at_sale_threshold", "relief_threshold", "parcel_tax_recoverable", "bulk_tax_recoverable",
        "recovery_days",
    ]  # fmt: skip
    return found[columns].iloc[inverse].set_axis(requests.index)


def parcel_tax(rules: pd.DataFrame, value: Floats, duty: Floats) -> Floats:
    r"""Return the import tax of parcels that stays with the seller.

    .. math:: t = (v + d) \cdot r / 100

    unless v ≤ relief threshold (free), v ≤ at-sale threshold (the buyer pays with the sale), or the tax
    is recovered from the buyer: then 0. Tax that buyers pay on the sale is the same for every route and
    is left out of landed cost.

    Parameters
    ----------
    rules
        From `tax_rules`.
    value, duty
        Of the consignment, in scenario currency.
    """
    borne = ~(
        at_most(value, rules["relief_threshold"].to_numpy())
        | at_most(value, rules["at_sale_threshold"].to_numpy())
        | rules["parcel_tax_recoverable"].to_numpy(np.bool_)
    )
    tax: Floats = np.where(borne, (value + duty) * rules["rate_pct"].to_numpy() / 100, 0.0)
    return tax


def bulk_tax(rules: pd.DataFrame, value: Floats, duty: Floats, capital_rate_pct: Floats) -> Floats:
    r"""Return what import tax on stock costs: its financing until it is deducted, or all of it.

    .. math:: t = (v + d) \tfrac{r}{100} \begin{cases} \rho \, n / 365 & \text{back after n days} \\
              1 & \text{not recoverable} \end{cases}

    Parameters
    ----------
    rules
        From `tax_rules`.
    value, duty
        Transfer value of the goods and duty on them, in scenario currency.
    capital_rate_pct
        Cost of capital ρ of the importer, percent per year.
    """
    tax = (value + duty) * rules["rate_pct"].to_numpy() / 100
    financing = capital_rate_pct / 100 * rules["recovery_days"].to_numpy() / DAYS_PER_YEAR
    cost: Floats = tax * np.where(rules["bulk_tax_recoverable"].to_numpy(np.bool_), financing, 1.0)
    return cost
