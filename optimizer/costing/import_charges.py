"""What a parcel pays at the border: duty, import tax and clearance of the mean order, in one pass."""

import numpy as np
import pandas as pd

from optimizer.costing.arrays import Floats, Ints, ragged
from optimizer.costing.clearance import parcel_clearance
from optimizer.costing.duty import duty_amount, duty_rate_pct
from optimizer.costing.import_tax import parcel_tax, tax_rules
from optimizer.costing.low_value import low_value
from optimizer.costing.money import Exchange
from optimizer.costing.validity import day, missing
from optimizer.scenario.instance import Instance

__all__ = ["parcel_import_charges"]


def parcel_import_charges(instance: Instance, profiles: pd.DataFrame, requests: pd.DataFrame) -> pd.DataFrame:
    r"""Return duty, import tax and clearance of the mean order sent direct, per request.

    Each order profile is one consignment, valued at the selling price before VAT. Within the low-value
    threshold it pays nothing, or the flat duty times its tariff headings; above, the duty rate times its
    value. Where the rate card is delivered duty paid, all three are already in the freight: zero here.

    Parameters
    ----------
    profiles
        Order profiles of the instance, ordered by product.
    requests
        Columns product, origin (country of origin of the goods), destination (country), channel,
        duty_included (bool) and date.

    Returns
    -------
    pandas.DataFrame
        Same index: import_duty, import_tax, clearance in scenario currency per order.

    Raises
    ------
    InputError
        A duty rate or tax rule that is needed is missing, naming goods, country, date and table.
    """
    number = profiles["product_number"].to_numpy()
    position = pd.Series(number, index=profiles["product"])
    position = position[~position.index.duplicated()]
    product = position.reindex(requests["product"]).to_numpy().astype(np.int64)
    owner, at = _entries(number, product)
    owes = ~requests["duty_included"].to_numpy(np.bool_)[owner]
    owner, at = owner[owes], at[owes]
    orders = profiles.iloc[at].reset_index(drop=True)
    asked = requests[["origin", "destination", "channel", "date"]].iloc[owner].reset_index(drop=True)
    factor = Exchange(instance).rate(orders["currency"].to_numpy(), asked["date"].to_numpy())
    asked["value"] = orders["retail_value"] * factor
    asked["headings"], asked["hs_code"] = orders["headings"], orders["hs_code"]
    small = low_value(instance, asked)
    value = asked["value"].to_numpy(np.float64)
    rate = np.zeros(len(asked))
    rate[~small.within] = _known_rates(instance, asked[~small.within])
    flat = small.per_heading * asked["headings"].to_numpy(np.float64)
    duty = np.where(small.within, flat, duty_amount(value, rate))
    parts = {
        "import_duty": duty,
        "import_tax": parcel_tax(tax_rules(instance, asked), value, duty),
        "clearance": parcel_clearance(instance, asked, small.within),
    }
    share = orders["share"].to_numpy(np.float64)
    sums = {name: _mean(owner, share, part, len(requests)) for name, part in parts.items()}
    return pd.DataFrame(sums, index=requests.index)


def _known_rates(instance: Instance, asked: pd.DataFrame) -> Floats:
    rates = duty_rate_pct(instance, asked)
    unknown = asked[np.isnan(rates)]
    if len(unknown):
        named = unknown.drop_duplicates(["hs_code", "origin", "destination", "channel", "date"])
        items = [
            f"HS {row.hs_code} from {row.origin} to {row.destination} by {row.channel} on {day(row.date)}"
            for row in named.head(20).itertuples()
        ]
        raise missing(
            "duty_rules", items, "Add a row of rule mfn that covers it; rate_pct 0 where entry is free."
        )
    return rates


def _entries(profile_product: Ints, product: Ints) -> tuple[Ints, Ints]:
    """Owner request and profile of every consignment to be valued."""
    counts = np.bincount(profile_product)
    starts = np.cumsum(counts) - counts
    return ragged(starts[product], counts[product])


def _mean(owner: Ints, share: Floats, amount: Floats, length: int) -> Floats:
    mean: Floats = np.bincount(owner, weights=share * amount, minlength=length).astype(np.float64)
    return mean
