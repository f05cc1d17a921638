r"""Leave out freight lanes that another lane of the same start, end and period undercuts at any load.

With a load of q orders the cost of a lane lies between

.. math:: f + \max(g, s \cdot q) \;\le\; F(q) \;\le\; f + \max(g + e \cdot q,\, r \cdot q)

(fees f, minimum g, slopes by product). Lane B undercuts lane A if its fees are no higher,
:math:`f_B + g_B \le f_A + g_A`, and for every product with all its linear costs l, holding included (with
and without the provider's charges), :math:`l_B + e_B \le l_A` and :math:`l_B + r_B \le l_A + s_A`. Then
:math:`F_B(q) + l_B q \le F_A(q) + l_A q` for every load, and since costs are subadditive, moving all of A's
goods to B never costs more. It is exact unless B's goods need more space because they travel longer: such
cases are counted apart.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.lane_supply import LaneSupply

__all__ = ["LaneChoice", "choose_lanes", "lane_slopes"]

Floats = npt.NDArray[np.float64]
Flags = npt.NDArray[np.bool_]

TOLERANCE = 1e-9
MIXES = (0.0, 0.5, 1.0)
MATCH = ["product", "site", "period", "lag", "owner", "start", "hub"]


@dataclass(frozen=True, eq=False)
class LaneChoice:
    """Lanes × periods that stay.

    Attributes
    ----------
    kept
        Flag per lane_period.
    dominated
        Dropped without any loss.
    dearer
        Dropped because another is cheaper at any load, though its goods take more space.
    """

    kept: Flags
    dominated: int
    dearer: int


def choose_lanes(supply: LaneSupply, inbound: pd.DataFrame, holding: pd.DataFrame) -> LaneChoice:
    """Find the lanes that others undercut.

    Parameters
    ----------
    supply
        Lanes with fees, containers and tiers.
    inbound, holding
        Factor tables with ``cost``.
    """
    lanes = supply.lanes
    if lanes.empty:
        return LaneChoice(np.ones(0, dtype=bool), 0, 0)
    entries = _entries(supply, inbound, holding)
    count = entries.groupby("lane_period").size().reindex(lanes.index).fillna(0).to_numpy(np.int64)
    slim = entries[[*MATCH, "lane_period"]].assign(entry=np.arange(len(entries)))
    pairs = slim.merge(slim, on=MATCH, suffixes=("_a", "_b"))
    pairs = pairs[(pairs["lane_period_a"] != pairs["lane_period_b"]).to_numpy()]
    a, b = pairs["entry_a"].to_numpy(), pairs["entry_b"].to_numpy()
    value = {name: entries[name].to_numpy(np.float64) for name in entries.columns if name not in MATCH}
    lane_a, lane_b = pairs["lane_period_a"].to_numpy(), pairs["lane_period_b"].to_numpy()
    key = lane_a * len(lanes) + lane_b
    edges, inverse = np.unique(key, return_inverse=True)
    first, second = edges // len(lanes), edges % len(lanes)
    full = np.bincount(inverse) == count[first]
    cheaper = np.zeros(len(edges), dtype=bool)
    for mix in range(len(MIXES)):
        good = _undercuts(value, a, b, f"low_{mix}")
        cheaper |= np.bincount(inverse, weights=~good, minlength=len(edges)) == 0
    cheaper &= full & _fees_no_higher(supply, first, second)
    larger = value["space"][b] > value["space"][a] + 1e-12
    roomy = np.bincount(inverse, weights=larger, minlength=len(edges)) == 0
    return _decide(len(lanes), first[cheaper], second[cheaper], roomy[cheaper])


def _undercuts(
    value: dict[str, Floats], a: npt.NDArray[np.int64], b: npt.NDArray[np.int64], low: str
) -> Flags:
    """Whether entry b costs no more than entry a per order, within b's minimum and beyond it.

    It must hold with the provider's charges and without them: below a monthly minimum they cost nothing.
    """
    good = np.ones(len(a), dtype=bool)
    for linear in (value["linear"], value["linear"] - value["charge"]):
        good &= (linear + value["flat"])[b] <= linear[a] + TOLERANCE
        good &= (linear + value["steep"])[b] <= (linear + value[low])[a] + TOLERANCE
    return good


def _decide(lanes: int, beaten: npt.NDArray[np.int64], by: npt.NDArray[np.int64], exact: Flags) -> LaneChoice:
    """Drop beaten lanes; of two that beat each other the first stays."""
    mutual = np.isin(beaten * lanes + by, by * lanes + beaten)
    drops = ~mutual | (by < beaten)
    kept = np.ones(lanes, dtype=bool)
    kept[beaten[drops]] = False
    sure = np.zeros(lanes, dtype=bool)
    sure[beaten[drops & exact]] = True
    return LaneChoice(kept, int(sure.sum()), int((~kept).sum() - sure.sum()))


def _entries(supply: LaneSupply, inbound: pd.DataFrame, holding: pd.DataFrame) -> pd.DataFrame:
    """Every lot of stock with its linear cost and the slopes of its lane."""
    lanes = supply.lanes
    at = holding["inbound"].to_numpy()
    goods = inbound.iloc[at].reset_index(drop=True)
    keys = pd.MultiIndex.from_frame(lanes[["lane", "period"]])
    lane_period = keys.get_indexer(pd.MultiIndex.from_frame(goods[["lane", "period"]]))
    of = lanes.iloc[lane_period].reset_index(drop=True)
    by_kg = (of["basis"] == "kg").to_numpy()
    m3, kg = goods["m3"].to_numpy(np.float64), 1000 * goods["t"].to_numpy(np.float64)
    ratio = of["kg_per_m3"].to_numpy(np.float64)
    measure = np.where(by_kg, kg, m3), np.where(by_kg, m3 * ratio, kg / ratio)
    slopes = lane_slopes(supply)
    low, flat, steep = (slopes[name].to_numpy(np.float64)[lane_period] for name in ("low", "flat", "steep"))
    frame = goods[["product", "site", "period"]].assign(
        lag=holding["lag"].to_numpy(),
        owner=of["member"],
        start=of["start"],
        hub=of["hub"],
        lane_period=lane_period,
        linear=goods["cost"].to_numpy() + holding["cost"].to_numpy(),
        charge=goods["provider_charge"].to_numpy() + holding["provider_charge"].to_numpy(),
        flat=flat * np.maximum(*measure),
        steep=steep * np.maximum(*measure),
        space=holding["m3_sale"].to_numpy(),
    )
    boxes = _container_slopes(supply, lane_period)
    for number, mix in enumerate(MIXES):
        mixed = low * (mix * measure[0] + (1 - mix) * measure[1])
        for per_m3, per_t in boxes:
            mixed = np.fmin(mixed, mix * per_m3 * m3 + (1 - mix) * per_t * kg / 1000)
        frame[f"low_{number}"] = mixed
    return frame


def lane_slopes(supply: LaneSupply) -> pd.DataFrame:
    """Per lane: lowest and highest price per unit, price within the minimum, and the minimum."""
    tiers = supply.tiers
    by_lane = tiers.groupby("lane_period")
    rated = tiers[tiers["fixed"] == 0].groupby("lane_period")["unit_cost"]
    fixed = tiers[tiers["fixed"] > 0].groupby("lane_period")
    table = pd.DataFrame(index=supply.lanes.index)
    lcl = supply.lanes["lcl"]
    table["low"] = rated.min().reindex(table.index).fillna(lcl)
    table["steep"] = by_lane["unit_cost"].max().reindex(table.index).fillna(lcl).fillna(np.inf)
    table["flat"] = fixed["unit_cost"].max().reindex(table.index).fillna(0.0)
    table["minimum"] = fixed["fixed"].max().reindex(table.index).fillna(0.0)
    return table


def _container_slopes(supply: LaneSupply, lane_period: npt.NDArray[np.int64]) -> list[tuple[Floats, Floats]]:
    """Cost per m³ and per tonne of full containers of each type; NaN where not offered."""
    modules, lanes = supply.modules, len(supply.lanes)
    slopes = []
    for _, group in modules.groupby("container"):
        per_m3, per_t = np.full(lanes, np.nan), np.full(lanes, np.nan)
        at = group["lane_period"].to_numpy(np.int64)
        per_m3[at] = (group["cost"] / group["m3"]).to_numpy(np.float64)
        per_t[at] = (group["cost"] / group["t"]).to_numpy(np.float64)
        slopes.append((per_m3[lane_period], per_t[lane_period]))
    return slopes


def _fees_no_higher(supply: LaneSupply, first: npt.NDArray[np.int64], second: npt.NDArray[np.int64]) -> Flags:
    """Whether the second lane's fees, and its fees with the minimum, are no higher than the first's."""
    lanes = supply.lanes
    minimum = lane_slopes(supply)["minimum"].to_numpy(np.float64)
    box = supply.modules.groupby("lane_period")["cost"].min().reindex(lanes.index).to_numpy(np.float64)
    least = np.fmin(minimum, box)
    fee = lanes["shipment_fee"].to_numpy(np.float64)
    declared = lanes["declaration_fee"].to_numpy(np.float64)
    together = (fee + minimum)[second] <= (fee + least)[first] + TOLERANCE
    each = (fee[second] <= fee[first] + TOLERANCE) & (declared[second] <= declared[first] + TOLERANCE)
    return np.asarray(together & each)
