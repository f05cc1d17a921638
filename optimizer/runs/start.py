"""What a run keeps for the next: keys of its items, its prices and openings, brought to another problem."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt

from optimizer.plan.keys import ItemKeys
from optimizer.solver.solution import Prices, Warm

__all__ = ["Start", "read_start", "write_start"]

Ids = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]
_KINDS = ("row", "gate", "size", "measure", "rule")
_PRICES = ("row", "measure", "link_row", "link_gate", "link_price", "rule")


@dataclass(frozen=True, eq=False)
class Start:
    """Keys of a run's items with what its solve came to."""

    keys: ItemKeys
    warm: Warm

    def for_items(self, keys: ItemKeys) -> Warm:
        """Bring prices and openings to a problem with these items; what it does not share is left out."""
        old, size, gate = self.warm, self.warm.size, self.warm.gate
        prices = None if old.prices is None else _prices(old.prices, self.keys, keys)
        return Warm(
            prices,
            None if size is None else _opened(size, self.keys.size, keys.size),
            None if gate is None else _opened(gate, self.keys.gate, keys.gate),
        )


def write_start(path: Path, start: Start) -> None:
    """Write keys, openings and prices."""
    arrays = {f"key_{kind}": getattr(start.keys, kind) for kind in _KINDS}
    if start.warm.prices is not None:
        arrays |= {name: getattr(start.warm.prices, name) for name in _PRICES}
    for name in ("size", "gate"):
        opened = getattr(start.warm, name)
        if opened is not None:
            arrays[f"open_{name}"] = opened
    np.savez_compressed(path, **arrays)


def read_start(path: Path) -> Start | None:
    """Read what `write_start` wrote; None for a run that kept nothing."""
    if not path.exists():
        return None
    with np.load(path, allow_pickle=False) as stored:
        keys = ItemKeys(**{kind: stored[f"key_{kind}"] for kind in _KINDS})
        prices = Prices(*(stored[name] for name in _PRICES)) if "row" in stored.files else None
        opened = [stored[name] if name in stored.files else None for name in ("open_size", "open_gate")]
    return Start(keys, Warm(prices, *opened))


def _prices(prices: Prices, old: ItemKeys, new: ItemKeys) -> Prices:
    row, gate = _where(new.row, old.row), _where(new.gate, old.gate)
    link_row, link_gate = row[prices.link_row], gate[prices.link_gate]
    kept = (link_row >= 0) & (link_gate >= 0)
    return Prices(
        _moved(prices.row, old.row, new.row),
        _moved(prices.measure, old.measure, new.measure),
        link_row[kept],
        link_gate[kept],
        prices.link_price[kept],
        _moved(prices.rule, old.rule, new.rule),
    )


def _moved(values: npt.NDArray[np.float64], old: Keys, new: Keys) -> npt.NDArray[np.float64]:
    """Values of the old items in the order of the new ones, NaN where there was none."""
    at = _where(old, new)
    return np.where(at >= 0, np.append(values, np.nan)[at], np.nan)


def _opened(opened: npt.NDArray[np.bool_], old: Keys, new: Keys) -> npt.NDArray[np.bool_]:
    at = _where(old, new)
    return np.append(opened, False)[at]


def _where(known: Keys, wanted: Keys) -> Ids:
    """Position of each wanted key among the known ones, −1 where it is not there."""
    if not len(known):
        return np.full(len(wanted), -1, dtype=np.int64)
    order = np.argsort(known, kind="stable")
    at = order[np.minimum(np.searchsorted(known[order], wanted), len(known) - 1)]
    return np.where(known[at] == wanted, at, -1)
