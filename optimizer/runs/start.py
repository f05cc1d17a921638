"""What a run keeps for the next: keys of its items, its prices and plan, brought to another problem.

Of what the last linear relaxation hands over only what other problems can use: cuts by what they are made of,
and the basis.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Self

import numpy as np
import numpy.typing as npt

from optimizer.plan.keys import ItemKeys
from optimizer.solver.carried import COLUMNS, KINDS, Carried, moved
from optimizer.solver.lane_start import LaneStart, SiteNodes
from optimizer.solver.solution import Prices, Warm

__all__ = ["Start", "read_start", "write_start"]

Ids = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
_CARRIED = tuple(Carried.__dataclass_fields__)
_BLOCKS = ("column", "row")
"""Parts of what is carried that are several arrays."""

_KINDS = tuple(ItemKeys.__dataclass_fields__)
_KEPT = ("open_size", "open_gate", "plan_option", "plan_share", "node_price")
_LANES = tuple(LaneStart.__dataclass_fields__)
_SITES = ("count", "region", "allowed", "must", "share")
_PRICES = ("row", "measure", "link_row", "link_gate", "link_price", "rule")


@dataclass(frozen=True, eq=False)
class Start:
    """Keys of a run's items with what its solve came to; of the options only those of its plan."""

    keys: ItemKeys
    warm: Warm

    @classmethod
    def of(cls, keys: ItemKeys, warm: Warm) -> Self:
        """Keep what a later solve can use."""
        if warm.option is None or not len(keys.option):
            return cls(replace(keys, option=keys.option[:0]), replace(warm, option=None, share=None))
        plan = np.arange(len(warm.option))
        return cls(replace(keys, option=keys.option[warm.option]), replace(warm, option=plan))

    def for_items(self, keys: ItemKeys) -> Warm:
        """Bring what was kept to a problem with these items; what it does not share is left out."""
        old, size, gate = self.warm, self.warm.size, self.warm.gate
        prices = None if old.prices is None else _prices(old.prices, self.keys, keys)
        option = share = None
        if old.option is not None and old.share is not None and len(keys.option):
            at = _where(keys.option, self.keys.option)[old.option]
            order = np.argsort(at[at >= 0])
            option, share = at[at >= 0][order], old.share[at >= 0][order]
        return Warm(
            prices,
            None if size is None else _opened(size, self.keys.size, keys.size),
            None if gate is None else _opened(gate, self.keys.gate, keys.gate),
            option,
            share,
            _carried(old.carried, self.keys, keys),
            None if old.node is None else _moved(old.node, self.keys.node, keys.node),
            None if old.lanes is None else _lanes(old.lanes, self.keys, keys),
            None if old.sites is None else _sites(old.sites, self.keys, keys),
        )


def write_start(path: Path, start: Start) -> None:
    """Write keys, openings, prices, plan and what is carried."""
    arrays: dict[str, Any] = {f"key_{kind}": getattr(start.keys, kind) for kind in _KINDS}
    if start.warm.prices is not None:
        arrays |= {name: getattr(start.warm.prices, name) for name in _PRICES}
    for name in ("size", "gate"):
        opened = getattr(start.warm, name)
        if opened is not None:
            arrays[f"open_{name}"] = opened
    if start.warm.option is not None:
        arrays |= {"plan_option": start.warm.option, "plan_share": start.warm.share}
    if start.warm.node is not None:
        arrays["node_price"] = start.warm.node
    if start.warm.lanes is not None:
        arrays |= _named("lane", start.warm.lanes, _LANES)
    if start.warm.sites is not None:
        arrays |= _named("site", start.warm.sites, _SITES) | _named("shift", start.warm.sites.shift, _LANES)
    if start.warm.carried is not None:
        arrays |= _carried_arrays(start.warm.carried)
    np.savez_compressed(path, **arrays)


def read_start(path: Path) -> Start | None:
    """Read what `write_start` wrote; None for a run that kept nothing."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as stored:
        keys = ItemKeys(**{kind: stored[f"key_{kind}"] for kind in _KINDS if f"key_{kind}" in stored.files})
        prices = Prices(*(stored[name] for name in _PRICES)) if "row" in stored.files else None
        size, gate, option, share, node = (stored[n] if n in stored.files else None for n in _KEPT)
        carried = _stored_carried({name: stored[name] for name in stored.files})
        lanes, shift = _stored_lanes(stored, "lane"), _stored_lanes(stored, "shift")
        nodes = _stored(stored, "site", _SITES)
    sites = None if nodes is None or shift is None else SiteNodes(**nodes, shift=shift)
    return Start(keys, Warm(prices, size, gate, option, share, carried, node, lanes, sites))


def _named(kind: str, kept: LaneStart | SiteNodes, names: Sequence[str]) -> dict[str, Any]:
    """Arrays of what is kept by the names that they are stored under."""
    return {f"{kind}_{name}": getattr(kept, name) for name in names}


def _stored(stored: Mapping[str, Any], kind: str, names: Sequence[str]) -> dict[str, Any] | None:
    """What `_named` gave; None where some of it is missing."""
    if not all(f"{kind}_{name}" in stored for name in names):
        return None
    return {name: stored[f"{kind}_{name}"][()] for name in names}


def _stored_lanes(stored: Mapping[str, Any], kind: str) -> LaneStart | None:
    found = _stored(stored, kind, _LANES)
    return None if found is None else LaneStart(**found)


def _carried_arrays(carried: Carried) -> dict[str, Any]:
    """Arrays by name; blocks numbered."""
    arrays: dict[str, Any] = {}
    for name in _CARRIED:
        part = getattr(carried, name)
        named = {f"{name}_{k}": block for k, block in enumerate(part)} if name in _BLOCKS else {name: part}
        arrays |= {f"carried_{key}": values for key, values in named.items()}
    return arrays


def _stored_carried(arrays: dict[str, Any]) -> Carried | None:
    """What `_carried_arrays` wrote; None where there is nothing."""
    if "carried_cut" not in arrays:
        return None
    parts: dict[str, Any] = {}
    for name in _CARRIED:
        key = f"carried_{name}"
        count = sum(f"{key}_{k}" in arrays for k in range(len(arrays)))
        blocks = tuple(arrays[f"{key}_{k}"] for k in range(count))
        parts[name] = blocks if name in _BLOCKS else arrays.get(key)
    if parts["link"].shape[1] == 2:  # of before, when all links that were kept were tight
        parts["link"] = np.column_stack([parts["link"], np.ones(len(parts["link"]), dtype=np.int64)])
    if parts["asked"] is None:  # of before, when that was not kept
        parts["asked"] = np.full(len(parts["column"][COLUMNS.index("size")]), np.inf)
    return Carried(**parts)


def _carried(carried: Carried | None, old: ItemKeys, new: ItemKeys) -> Carried | None:
    """Bring what is carried to a problem with these keys; None where it does not fall apart into legs."""
    if carried is None or not len(new.leg):
        return None
    at = {kind: _where(getattr(old, kind), getattr(new, kind)) for kind in KINDS}
    node = _where(old.node, new.node)
    at["row"] = np.concatenate([at["row"], np.where(node >= 0, len(old.row) + node, -1)])
    return moved(carried, at)


def _prices(prices: Prices, old: ItemKeys, new: ItemKeys) -> Prices:
    row, gate, kept = _links(prices, old, new)
    return Prices(
        _moved(prices.row, old.row, new.row),
        _moved(prices.measure, old.measure, new.measure),
        row,
        gate,
        prices.link_price[kept],
        _moved(prices.rule, old.rule, new.rule),
    )


def _lanes(start: LaneStart, old: ItemKeys, new: ItemKeys) -> LaneStart:
    row, gate, kept = _links(start, old, new)
    claim, measure = (
        _where(new.row, old.row)[start.claim_row],
        _where(new.measure, old.measure)[start.claim_measure],
    )
    known = (claim >= 0) & (measure >= 0)
    return LaneStart(
        _moved(start.row, old.row, new.row),
        _moved(start.measure, old.measure, new.measure),
        _moved(start.weight, old.measure, new.measure),
        row,
        gate,
        start.link_size[kept],
        start.link_price[kept],
        _moved(start.rule, old.rule, new.rule),
        claim[known],
        measure[known],
        start.claim_price[known],
        _moved(start.demand, old.row, new.row),
        start.proved,
    )


def _sites(sites: SiteNodes, old: ItemKeys, new: ItemKeys) -> SiteNodes:
    return SiteNodes(
        sites.count,
        _opened(sites.region, old.size, new.size),
        _opened(sites.allowed, old.size, new.size),
        _opened(sites.must, old.size, new.size),
        _moved(sites.share, old.size, new.size),
        _lanes(sites.shift, old, new),
    )


def _links(
    prices: Prices | LaneStart, old: ItemKeys, new: ItemKeys
) -> tuple[Ids, Ids, npt.NDArray[np.bool_]]:
    """New rows and gates of the links that both problems have, and which of the old ones these are."""
    row, gate = _where(new.row, old.row)[prices.link_row], _where(new.gate, old.gate)[prices.link_gate]
    kept = (row >= 0) & (gate >= 0)
    return row[kept], gate[kept], kept


def _moved(values: npt.NDArray[np.float64], old: Keys, new: Keys) -> npt.NDArray[np.float64]:
    """Values of the old items in the order of the new ones, NaN where there was none."""
    return np.concatenate([values, np.full((1, *values.shape[1:]), np.nan)])[_where(old, new)]


def _opened(opened: npt.NDArray[np.bool_], old: Keys, new: Keys) -> npt.NDArray[np.bool_]:
    return np.concatenate([opened, np.zeros((1, *opened.shape[1:]), dtype=bool)])[_where(old, new)]


def _where(known: Keys, wanted: Keys) -> Ids:
    """Position of each wanted key among the known ones, −1 where it is not there."""
    if not len(known):
        return np.full(len(wanted), -1, dtype=np.int64)
    order = np.argsort(known, kind="stable")
    at = order[np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)]
    return np.where(known[at] == wanted, at, -1)
