"""Carriers' capacity and service promises in the canonical problem."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.problem.assembly import Assembly, codes, owners

__all__ = ["add_carriers", "add_promises"]

Ids = npt.NDArray[np.int64]


def add_carriers(assembly: Assembly) -> None:
    """Chargeable weight that a parcel lane takes in a period, shared by everyone who uses it."""
    priced, facts, instance = assembly.priced, assembly.facts, assembly.instance
    capacity = priced.supply.carrier
    if capacity.empty:
        return
    parties = owners(instance)
    table = pd.concat([capacity.assign(owner=owner) for owner in parties], ignore_index=True)
    _, measures = assembly.resource(
        table[["owner", "lane", "period"]].assign(kind="carrier"), "kg", table["kg"].to_numpy()
    )
    grid = np.full((len(parties), len(instance["lanes"]) + 1, len(priced.periods)), -1, dtype=np.int64)
    at = (
        codes(parties, table["owner"]),
        table["lane"].to_numpy(),
        codes(priced.periods.index, table["period"]),
    )
    grid[at] = measures
    for table, at_option in (
        (priced.direct, priced.option_direct),
        (priced.outbound, priced.option_outbound),
    ):
        lane = np.append(table["lane"].to_numpy(np.int64), -1)[at_option]
        kg = np.append(table["kg"].to_numpy(np.float64), 0.0)[at_option]
        assembly.use(grid[facts.owner, lane, facts.sale], kg)


def add_promises(assembly: Assembly) -> None:
    """Late orders of a market in a period: as many as the promise allows, more at their price if it is soft."""
    priced, facts, instance = assembly.priced, assembly.facts, assembly.instance
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
    market = codes(markets, rows["market"])[priced.option_row]
    share = np.append(priced.direct["late_share"].to_numpy(np.float64), 0.0)[priced.option_direct]
    share = share + np.append(priced.outbound["late_share"].to_numpy(np.float64), 0.0)[priced.option_outbound]
    assembly.use(grid[facts.owner, market, facts.sale], share)
