"""What a warehouse provider charges: per m³ and unit inbound, per order by weight, per member, per month."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.dated import in_force
from optimizer.costing.money import Exchange
from optimizer.scenario.instance import Instance

__all__ = ["WarehouseTariff", "onboarding_fees", "warehouse_tariff"]

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class WarehouseTariff:
    """Unit charges of all providers in scenario currency.

    Attributes
    ----------
    steps
        Columns provider, period, item, weight_from_kg, amount; sorted.
    """

    steps: pd.DataFrame

    def charge(self, item: str, asked: pd.DataFrame) -> Floats:
        """Charge of an item for every row of `asked`; zero where the provider does not charge it.

        Weight steps hold from ≤ kg: the step with the largest ``weight_from_kg`` not above the weight counts.

        Parameters
        ----------
        asked
            Columns provider, period, and weight_kg for items with weight steps.
        """
        steps = self.steps[self.steps["item"] == item]
        keys = asked[["provider", "period"]].reset_index(drop=True)
        weight = asked["weight_kg"].to_numpy(np.float64) if "weight_kg" in asked else np.zeros(len(asked))
        amount = np.zeros(len(asked))
        for start, group in steps.sort_values("weight_from_kg").groupby("weight_from_kg"):
            here = keys.merge(group, on=["provider", "period"], how="left")["amount"].to_numpy(np.float64)
            reached = ~np.isnan(here) & (weight >= float(str(start)))
            amount[reached] = here[reached]
        return amount


def warehouse_tariff(instance: Instance, exchange: Exchange, periods: pd.DataFrame) -> WarehouseTariff:
    """Tariffs of all providers by period.

    Parameters
    ----------
    periods
        Columns period, date (the day whose tariff counts).
    """
    providers = instance["sites"][["provider"]].drop_duplicates()
    asked = providers.merge(periods[["period", "date"]], how="cross")
    table = instance["warehouse_charges"]
    found = in_force(asked, table, ["provider"], "date", ["provider", "period", "item"])
    amount = found["amount"] * exchange.rate(found["currency"], found["date"])
    columns = ["provider", "period", "item", "weight_from_kg"]
    return WarehouseTariff(found[columns].assign(amount=amount).sort_values(columns, ignore_index=True))


def onboarding_fees(instance: Instance, exchange: Exchange, tariff: WarehouseTariff) -> pd.DataFrame:
    """Fee of each member that may use each site, once, dated in the first period.

    Returns
    -------
    pd.DataFrame
        Columns member, site, fee; pairs that `member_sites` forbids are absent.
    """
    sites = instance["sites"][["site", "provider"]]
    pairs = instance["members"][["member"]].merge(sites, how="cross")
    terms = instance["member_sites"][["member", "site", "allowed", "onboarding", "currency"]]
    pairs = pairs.merge(terms, on=["member", "site"], how="left")
    pairs = pairs[(pairs["allowed"] != False).to_numpy()].reset_index(drop=True)  # noqa: E712
    first = instance["periods"].sort_values("start").iloc[0]
    general = tariff.charge("onboarding", pairs.assign(period=first["period"]))
    own = pairs["onboarding"].notna().to_numpy()
    fee = general.copy()
    agreed = pairs[own]
    fee[own] = agreed["onboarding"] * exchange.rate(agreed["currency"], first["start"])
    return pairs[["member", "site"]].assign(fee=fee)
