"""Who bears joint costs: traced to the flows that cause them, shared among these by volume."""

from collections.abc import Sequence

import pandas as pd

__all__ = ["BEARER", "split_by_volume"]

BEARER = ["member", "market", "mode", "period"]
"""Columns that say who bears a cost, for which market, mode and period of sale."""


def split_by_volume(
    charges: pd.DataFrame, flows: pd.DataFrame, on: Sequence[str], weight: str
) -> pd.DataFrame:
    r"""Split each charge over the flows it belongs to, in proportion to their volume.

    .. math:: a_f = A_k \, w_f / \sum_{f' \in k} w_{f'}

    A charge that no flow belongs to (a site kept open for nobody) is shared by all members in proportion
    to their orders, with market and period left empty.

    Parameters
    ----------
    charges
        Columns `on`, ``component`` and ``amount`` (money).
    flows
        Columns `on`, `weight` (≥ 0), ``orders`` and `BEARER`.
    on
        Columns that name the pool: site, or lane and arrival period, ….
    weight
        The volume to share by: m³, orders, late orders.

    Returns
    -------
    DataFrame
        Columns ``component``, `BEARER` and ``amount``; the amounts of each charge add up to it.

    Examples
    --------
    >>> charges = pd.DataFrame({"site": ["HAM"], "component": ["site_rent"], "amount": [90.0]})
    >>> flows = pd.DataFrame({"site": "HAM", "m3": [2.0, 1.0], "orders": 1.0, "member": ["a", "b"],
    ...     "market": "DE", "mode": "warehouse", "period": "p"})
    >>> split_by_volume(charges, flows, ["site"], "m3")["amount"].tolist()
    [60.0, 30.0]
    """
    keys = list(on)
    due = charges[charges["amount"] != 0.0].groupby([*keys, "component"], sort=True)["amount"].sum()
    fine = list(dict.fromkeys([*keys, *BEARER]))
    weights = flows[flows[weight] > 0.0].groupby(fine, sort=True)[weight].sum().reset_index()
    total = weights.groupby(keys, sort=True)[weight].sum().rename("pool_weight").reset_index()
    traced = due.reset_index().merge(total, on=keys, how="left")
    loose = traced[traced["pool_weight"].isna()]
    parts = traced.dropna(subset="pool_weight").merge(weights, on=keys)
    parts = parts.assign(amount=parts["amount"] * (parts[weight] / parts["pool_weight"]))
    columns = ["component", *BEARER, "amount"]
    return pd.concat([parts[columns], _by_orders(loose, flows)[columns]], ignore_index=True)


def _by_orders(charges: pd.DataFrame, flows: pd.DataFrame) -> pd.DataFrame:
    """Share charges without a flow among all members by their orders."""
    share = flows.groupby("member", sort=True)["orders"].sum()
    members = pd.DataFrame({"member": share.index, "part": share.to_numpy() / share.sum()})
    spread = charges[["component", "amount"]].merge(members, how="cross")
    amount = spread["amount"] * spread["part"]
    return spread.assign(market="", mode="warehouse", period="", amount=amount)
