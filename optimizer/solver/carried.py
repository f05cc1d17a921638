"""What a linear relaxation over legs hands over to that of a similar problem: its cuts, and its basis.

A cut is kept as what it was made of, not as its coefficients: these are computed anew from the data of the
other problem, so that it holds there whatever was edited. The basis says where the simplex method starts.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

__all__ = ["COLUMNS", "DIVISORS", "KINDS", "ROWS", "UNKNOWN", "Carried", "moved"]

Ids = npt.NDArray[np.int64]
Status = npt.NDArray[np.int8]

KINDS = ("leg", "row", "size", "gate", "measure", "resource", "module", "tier", "rule")
"""Kinds of items. Legs are whole options, heads and tails, in this order; rows those of the problem, then
nodes."""

COLUMNS = ("leg", "size", "gate", "module", "tier", "tier", "resource")
"""Items that columns of the relaxation stand for; a tier has one for each of its ends."""

ROWS = ("row", "gate", "size", "measure", "resource", "rule", "gate")
"""Items that rows stand for: demand and ties, gates under sites, sites (by their first size), supply, one
tier of a resource, rules, sums of links."""

UNKNOWN = -1
"""Status of an item that has no such column or row."""

DIVISORS = ("size", "module", "tier")


@dataclass(frozen=True, eq=False)
class Carried:
    """Cuts and basis, in the numbers of a problem.

    Attributes
    ----------
    column, row : int8 arrays, one for each of `COLUMNS` and `ROWS`
        Status of the items' columns and rows in the basis.
    link : int64, shape (links, 3)
        Row and gate of each link that is in use, and whether it is tight in the basis (1) or not (0).
    pair, pair_cell : int64, shape (pair cuts, 2) and (cells, 2)
        Node (as a row) and gate of each cut of a pair; number of the cut and row of each of its cells.
    cut : int64, shape (roundings, 3)
        Kind of the item that divides (a place in `DIVISORS`), its number, and whether tiers count in full.
    cut_measure, cut_scale : int64, shape (terms, 2), and float64, shape (terms,)
        Number of the rounding, measure, and how often its supply row is taken.
    cut_tail, cut_high, cut_row : int64, shape (·, 2)
        Number of the rounding, and: leg whose use is the weight of its node's tie; leg that is seen from its
        limit; row whose cells are.
    asked : float64, shape (sizes,)
        What the unlikely choice of the site of each size cost when last asked for
        (`optimizer.solver.legs.probe`), infinite where it was not.
    """

    column: tuple[Status, ...]
    row: tuple[Status, ...]
    link: Ids
    pair: Ids
    pair_cell: Ids
    cut: Ids
    cut_measure: Ids
    cut_scale: npt.NDArray[np.float64]
    cut_tail: Ids
    cut_high: Ids
    cut_row: Ids
    asked: npt.NDArray[np.float64]


def moved(carried: Carried, old: Mapping[str, Ids]) -> Carried:
    """Bring what is carried to another problem; cuts that lose what they are made of are left out.

    Parameters
    ----------
    old
        For every kind the number that each item of the other problem has in this one, −1 for none.

    Examples
    --------
    >>> none, two = np.zeros((0, 2), dtype=np.int64), np.array([0, 1], dtype=np.int8)
    >>> carried = Carried((two,) * 7, (two,) * 7, np.array([[0, 1, 1], [1, 0, 0]]), none, none,
    ...     np.zeros((0, 3), dtype=np.int64), none, np.zeros(0), none, none, none, np.ones(2))
    >>> same, other = np.array([0, 1]), np.array([1, -1, 0])
    >>> there = moved(carried, {kind: other if kind == "row" else same for kind in KINDS})
    >>> there.row[0].tolist(), there.link.tolist()
    ([1, -1, 0], [[2, 1, 1], [0, 0, 0]])
    """
    new = _inverse(carried, old)
    link = np.column_stack(
        [new["row"][carried.link[:, 0]], new["gate"][carried.link[:, 1]], carried.link[:, 2]]
    )
    pair = np.column_stack([new["row"][carried.pair[:, 0]], new["gate"][carried.pair[:, 1]]])
    pair_number = _numbers(np.all(pair >= 0, axis=1))
    divisor = np.full(len(carried.cut), -1, dtype=np.int64)
    for place, kind in enumerate(DIVISORS):
        mine = carried.cut[:, 0] == place
        divisor[mine] = new[kind][carried.cut[mine, 1]]
    measure = new["measure"][carried.cut_measure[:, 1]]
    kept = divisor >= 0
    kept[carried.cut_measure[measure < 0, 0]] = False
    number = _numbers(kept)
    terms = number[carried.cut_measure[:, 0]] >= 0
    return Carried(
        column=tuple(_status(s, old[kind]) for s, kind in zip(carried.column, COLUMNS, strict=True)),
        row=tuple(_status(s, old[kind]) for s, kind in zip(carried.row, ROWS, strict=True)),
        link=link[np.all(link >= 0, axis=1)],
        pair=pair[pair_number >= 0],
        pair_cell=_renumbered(carried.pair_cell, pair_number, new["row"]),
        cut=np.column_stack([carried.cut[:, 0], divisor, carried.cut[:, 2]])[kept],
        cut_measure=_renumbered(carried.cut_measure, number, new["measure"]),
        cut_scale=carried.cut_scale[terms],
        cut_tail=_renumbered(carried.cut_tail, number, new["leg"]),
        cut_high=_renumbered(carried.cut_high, number, new["leg"]),
        cut_row=_renumbered(carried.cut_row, number, new["row"]),
        asked=np.append(carried.asked, np.inf)[old["size"]],
    )


def _inverse(carried: Carried, old: Mapping[str, Ids]) -> dict[str, Ids]:
    """For every kind the number in the other problem of each item of this one, −1 for none."""
    counts = dict(zip((*COLUMNS, *ROWS), map(len, (*carried.column, *carried.row)), strict=True))
    new = {kind: np.full(counts[kind] + 1, -1, dtype=np.int64) for kind in KINDS}
    for kind in KINDS:
        new[kind][old[kind]] = np.arange(len(old[kind]))
        new[kind][-1] = -1
    return new


def _numbers(kept: npt.NDArray[np.bool_]) -> Ids:
    """Number of each item among those that are kept, −1 for the others."""
    return np.where(kept, np.cumsum(kept) - 1, -1)


def _renumbered(entries: Ids, number: Ids, item: Ids) -> Ids:
    """Entries of what is kept, with the new numbers of both."""
    new = np.column_stack([number[entries[:, 0]], item[entries[:, 1]]])
    return new[np.all(new >= 0, axis=1)]


def _status(status: Status, old: Ids) -> Status:
    """Statuses of the other problem's items."""
    return np.append(status, np.int8(UNKNOWN))[old]
