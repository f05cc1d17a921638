"""Join stock and deliveries into complete options, without those that a direct service beats for certain."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.arrays import ragged

__all__ = ["Joined", "Limits", "best_services", "join_options"]

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]

BLOCK = 4_000_000


@dataclass(frozen=True)
class Limits:
    """What beside cost can bind: promises, a carbon cap, monthly minimums, carriers' capacity.

    Parameters
    ----------
    promised
        Keys of markets with a share of orders to be in time.
    carbon
        Whether emissions are capped.
    minimum
        Keys of sites whose provider has a monthly minimum.
    carrier
        Pairs (lane, period) with a capacity.
    """

    promised: frozenset[str]
    carbon: bool
    minimum: frozenset[str]
    carrier: frozenset[tuple[int, str]]

    def limited(self, table: pd.DataFrame) -> npt.NDArray[np.bool_]:
        """Whether each entry of a table with lane and period runs on a carrier's capacity."""
        if not self.carrier:
            return np.zeros(len(table), dtype=bool)
        code, periods = pd.factorize(table["period"])
        number = {period: position for position, period in enumerate(periods)}
        full = [lane * len(periods) + number[when] for lane, when in self.carrier if when in number]
        return np.isin(table["lane"].to_numpy(np.int64) * len(periods) + code, full)


@dataclass(frozen=True, eq=False)
class Joined:
    """Options as positions in the factor tables, −1 where there is none, sorted by row; and how many fell.

    ``beaten_directly`` counts stocked options that a direct service beats in cost, lateness and carbon, using
    nothing that is scarce: replacing them never costs more, so dropping them is exact.
    """

    row: Indices
    direct: Indices
    inbound: Indices
    holding: Indices
    outbound: Indices
    cost: Floats
    beaten_directly: int


def best_services(
    table: pd.DataFrame, group: list[str], cost: Floats, limits: Limits
) -> npt.NDArray[np.bool_]:
    """Mark the entries of a factor table that no other of their group beats in everything that can bind.

    Parameters
    ----------
    table
        Columns of `group`, market, period, lane, late_share, co2_kg.
    cost
        Money per order that each entry adds.

    Returns
    -------
    np.ndarray of bool
        True where the entry is kept; of equal entries the first stays.
    """
    number = table.groupby(group, sort=False).ngroup().to_numpy()
    late = np.where(table["market"].isin(list(limits.promised)), table["late_share"], 0.0)
    carbon = table["co2_kg"].to_numpy(np.float64) if limits.carbon else np.zeros(len(table))
    limited = limits.limited(table)
    order = np.lexsort((limited, carbon, late, cost, number))
    number, late, carbon, limited = number[order], late[order], carbon[order], limited[order]
    keep = np.ones(len(table), dtype=bool)
    for step in range(1, int(np.bincount(number).max(initial=0))):
        same = number[step:] == number[:-step]
        no_worse = (late[:-step] <= late[step:]) & (carbon[:-step] <= carbon[step:])
        keep[order[step:][same & no_worse & ~limited[:-step]]] = False
    return keep


def join_options(
    rows: int,
    direct: pd.DataFrame,
    inbound: pd.DataFrame,
    holding: pd.DataFrame,
    outbound: pd.DataFrame,
    limits: Limits,
    *,
    reduce: bool = True,
) -> Joined:
    """Combine every delivery with every lot of stock that can be at its site in its period.

    Parameters
    ----------
    rows
        Number of rows.
    direct, inbound, holding, outbound
        Factor tables with ``cost`` per order; direct and outbound with column row.
    limits
        What beside cost can bind.
    reduce
        Whether to leave out what a direct service beats.
    """
    key = pd.concat(
        [
            holding[["product", "site", "sale"]].set_axis(["product", "site", "period"], axis=1),
            outbound[["product", "site", "period"]],
        ],
        ignore_index=True,
    ).groupby(["product", "site", "period"], sort=False).ngroup().to_numpy()  # fmt: skip
    lots, asked = key[: len(holding)], key[len(holding) :]
    order = np.argsort(lots, kind="stable")
    counts = np.bincount(lots, minlength=int(key.max(initial=-1)) + 1)
    first = np.cumsum(counts) - counts
    sources = holding["inbound"].to_numpy(np.int64)
    lot_cost = inbound["cost"].to_numpy(np.float64)[sources] + holding["cost"].to_numpy(np.float64)
    lot_linear = lot_cost - _minimum_charge(holding, limits) - _minimum_charge(inbound, limits)[sources]
    lot_carbon = inbound["co2_kg"].to_numpy(np.float64)[sources]
    cost = outbound["cost"].to_numpy(np.float64)
    linear = cost - _minimum_charge(outbound, limits)
    ladder = _Ladder(rows, direct, limits)
    clean = not limits.carbon
    row = outbound["row"].to_numpy(np.int64)
    late = np.where(outbound["market"].isin(list(limits.promised)), outbound["late_share"], 0.0)
    carbon = outbound["co2_kg"].to_numpy(np.float64)
    parts, beaten = [], 0
    least = ladder.price(row, late, carbon) if clean else np.zeros(0)
    total = np.cumsum(counts[asked])
    for begin, end in _blocks(total):
        owner, position = ragged(first[asked[begin:end]], counts[asked[begin:end]])
        owner, lot = owner + begin, order[position]
        worst = (
            least[owner] if clean else ladder.price(row[owner], late[owner], carbon[owner] + lot_carbon[lot])
        )
        kept = (linear[owner] + lot_linear[lot] < worst) | (not reduce)
        beaten += int(len(kept) - kept.sum())
        owner, lot = owner[kept], lot[kept]
        parts.append((owner.astype(np.int32), lot.astype(np.int32), cost[owner] + lot_cost[lot]))
    return _merged(direct, row, sources, parts, beaten)


def _merged(
    direct: pd.DataFrame, row: npt.NDArray[np.int64], sources: npt.NDArray[np.int64],
    parts: list[tuple[Indices, Indices, Floats]], beaten: int,
) -> Joined:  # fmt: skip
    """Put direct and stocked options together, sorted by row."""
    owner = np.concatenate([np.zeros(0, np.int32), *(part[0] for part in parts)])
    lot = np.concatenate([np.zeros(0, np.int32), *(part[1] for part in parts)])
    stocked_cost = np.concatenate([np.zeros(0), *(part[2] for part in parts)])
    stocked = row[owner].astype(np.int32)
    alone = direct["row"].to_numpy(np.int32)
    at_direct, at_stocked = _places(alone, stocked)
    length = len(alone) + len(stocked)

    def spread(one: npt.NDArray[Any], other: npt.NDArray[Any], kind: npt.DTypeLike) -> npt.NDArray[Any]:
        whole = np.empty(length, kind)
        whole[at_direct], whole[at_stocked] = one, other
        return whole

    none, no_stock = np.full(len(stocked), -1, np.int32), np.full(len(alone), -1, np.int32)
    return Joined(
        row=spread(alone, stocked, np.int32),
        direct=spread(np.arange(len(alone)), none, np.int32),
        inbound=spread(no_stock, sources[lot], np.int32),
        holding=spread(no_stock, lot, np.int32),
        outbound=spread(no_stock, owner, np.int32),
        cost=spread(direct["cost"].to_numpy(np.float64), stocked_cost, np.float64),
        beaten_directly=beaten,
    )


def _places(direct: Indices, stocked: Indices) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Positions of two lists of rows in their merged order; of one row the direct entries come first."""
    both = np.concatenate([direct, stocked])
    place = np.empty(len(both), np.int64)
    if np.all(np.diff(direct) >= 0) and np.all(np.diff(stocked) >= 0):
        first = np.arange(len(direct)) + np.searchsorted(stocked, direct, side="left")
        free = np.ones(len(both), dtype=bool)
        free[first] = False
        return first, np.flatnonzero(free)
    place[np.argsort(both, kind="stable")] = np.arange(len(both))
    return place[: len(direct)], place[len(direct) :]


class _Ladder:
    """Cheapest unlimited direct service of each row that is no later and no dirtier than asked."""

    def __init__(self, rows: int, direct: pd.DataFrame, limits: Limits) -> None:
        free = direct[~limits.limited(direct)]
        late = np.where(free["market"].isin(list(limits.promised)), free["late_share"], 0.0)
        frame = pd.DataFrame(
            {"row": free["row"], "cost": free["cost"], "late": late,
             "carbon": free["co2_kg"] if limits.carbon else 0.0}
        )  # fmt: skip
        frame = frame.iloc[np.lexsort((frame["cost"], frame["row"]))]
        frame["step"] = frame.groupby("row").cumcount()
        steps = int(frame["step"].max()) + 1 if len(frame) else 0
        self.binding = bool(limits.promised) or limits.carbon
        self.cost = np.full((steps, rows), np.inf)
        self.late = np.full((steps, rows), np.inf)
        self.carbon = np.full((steps, rows), np.inf)
        for name in ("cost", "late", "carbon"):
            getattr(self, name)[frame["step"], frame["row"]] = frame[name]

    def price(self, row: npt.NDArray[np.int64], late: Floats, carbon: Floats) -> Floats:
        """Cost of that service, `inf` where there is none."""
        best = np.full(len(row), np.inf)
        for step in range(len(self.cost) - 1, -1, -1):
            fits = (self.late[step][row] <= late) & (self.carbon[step][row] <= carbon)
            best = np.where(fits, self.cost[step][row], best)
        return best


def _minimum_charge(table: pd.DataFrame, limits: Limits) -> Floats:
    at_minimum = table["site"].isin(list(limits.minimum)).to_numpy()
    return np.where(at_minimum, table["provider_charge"].to_numpy(np.float64), 0.0)


def _blocks(total: npt.NDArray[np.int64]) -> list[tuple[int, int]]:
    if not len(total) or not total[-1]:
        return []
    cuts = np.searchsorted(total, np.arange(BLOCK, int(total[-1]), BLOCK), side="left") + 1
    edges = np.unique(np.concatenate([[0], cuts, [len(total)]]))
    return list(zip(edges[:-1].tolist(), edges[1:].tolist(), strict=True))
