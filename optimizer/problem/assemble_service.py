"""Carriers' capacity and service promises in the canonical problem."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.problem.assembly import Assembly, codes, owners

__all__ = ["add_carriers", "add_promises"]

Ids = npt.NDArray[np.int64]


def add_carriers(assembly: Assembly) -> None:
    """Chargeable weight that a parcel lane takes in a period, shared by everyone who uses it."""
    priced, instance = assembly.priced, assembly.instance
    capacity = priced.supply.carrier
    if capacity.empty:
        return
    parties = owners(instance)
    table = pd.concat([capacity.assign(owner=owner) for owner in parties], ignore_index=True)
    _, measures = assembly.resource(
        table[["owner", "lane", "period"]].assign(kind="carrier"), "kg", table["kg"].to_numpy()
    )
    grid = np.full((len(parties), len(instance["lanes"]), len(priced.periods)), -1, dtype=np.int64)
    at = (
        codes(parties, table["owner"]),
        table["lane"].to_numpy(),
        codes(priced.periods.index, table["period"]),
    )
    grid[at] = measures
    for stage in ("direct", "outbound"):
        facts = assembly.facts[stage]
        parcels: pd.DataFrame = getattr(priced, stage)
        assembly.use(stage, grid[facts.owner, facts.lane, facts.sale], parcels["kg"].to_numpy(np.float64))


def add_promises(assembly: Assembly) -> None:
    """Late orders of a market and period: as many as the promise allows, more at a price if it is soft."""
    priced, instance = assembly.priced, assembly.instance
    late = priced.supply.late
    if late.empty:
        return
    parties, markets = owners(instance), list(instance["markets"]["market"])
    table = pd.concat([late.assign(owner=owner) for owner in parties], ignore_index=True)
    rows = priced.rows
    whose = np.full(len(rows), "", dtype=object) if instance.model.sharing else rows["member"].to_numpy()
    orders = rows["orders"].groupby([pd.Series(whose), rows["market"], rows["period"]]).sum()
    key = pd.MultiIndex.from_frame(table[["owner", "market", "period"]])
    limit = table["allowed"].to_numpy(np.float64) * orders.reindex(key).fillna(0.0).to_numpy(np.float64)
    soft = table["price"].notna().to_numpy()
    _, measures = assembly.resource(
        table[["owner", "market", "period"]].assign(kind="late"), "orders", limit,
        table["price"].fillna(0.0).to_numpy(), np.where(soft, np.inf, 0.0),
    )  # fmt: skip
    grid = np.full((len(parties), len(markets), len(priced.periods)), -1, dtype=np.int64)
    at = (
        codes(parties, table["owner"]),
        codes(markets, table["market"]),
        codes(priced.periods.index, table["period"]),
    )
    grid[at] = measures
    for stage in ("direct", "outbound"):
        facts = assembly.facts[stage]
        parcels: pd.DataFrame = getattr(priced, stage)
        share = parcels["late_share"].to_numpy(np.float64)
        assembly.use(stage, grid[facts.owner, facts.market, facts.sale], share)
