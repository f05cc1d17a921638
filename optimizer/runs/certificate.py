"""The files that certify a run's bound: prices, and the search tree where a search went beyond them."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from optimizer.solver.solution import Prices, Roundings, SearchTree

__all__ = ["Certificate", "read_certificate", "write_certificate"]

PRICES, TREE = "prices.npz", "tree.npz"
_COLUMNS = ("parent", "item", "at", "above", "prices_of", "word")
_CUTS = ("cut_measure", "cut_divisor", "cut_row_start", "cut_row")
_PARTS = ("row", "measure", "link_row", "link_gate", "link_price", "rule")


@dataclass(frozen=True, eq=False)
class Certificate:
    """What is stored to prove a bound; None where there is nothing of the kind."""

    prices: Prices | None = None
    tree: SearchTree | None = None


def write_certificate(folder: Path, certificate: Certificate) -> None:
    """Write what there is into a folder that exists."""
    if certificate.prices is not None:
        arrays: dict[str, Any] = {
            name: getattr(certificate.prices, name) for name in (*_PARTS, "split", "over_legs")
        }
        if certificate.prices.lane_weight is not None:
            arrays["lane_weight"] = certificate.prices.lane_weight
        np.savez_compressed(folder / PRICES, **arrays | _cut_arrays(certificate.prices))
    if certificate.tree is not None:
        np.savez_compressed(folder / TREE, **_tree_arrays(certificate.tree))


def read_certificate(folder: Path) -> Certificate:
    """Read what `write_certificate` wrote."""
    prices = tree = None
    if (folder / PRICES).exists():
        arrays = _arrays(folder / PRICES)
        prices = _prices([arrays[part] for part in _PARTS], bool(arrays.get("split", False)))
        prices = replace(
            _with_cuts(prices, arrays),
            over_legs=bool(arrays.get("over_legs", False)),
            lane_weight=arrays.get("lane_weight"),
        )
    if (folder / TREE).exists():
        tree = _tree(_arrays(folder / TREE))
    return Certificate(prices, tree)


def _arrays(path: Path) -> dict[str, np.ndarray]:
    with np.load(path, allow_pickle=False) as stored:
        return {name: stored[name] for name in stored.files}


def _prices(parts: list[np.ndarray], split: bool) -> Prices:
    row, measure, link_row, link_gate, link_price, rule = parts
    return Prices(row, measure, link_row, link_gate, link_price, rule, split)


def _cut_arrays(prices: Prices) -> dict[str, Any]:
    if prices.cuts is None:
        return {}
    return {name: getattr(prices.cuts, name[4:]) for name in _CUTS} | {"cut_price": prices.cut_price}


def _with_cuts(prices: Prices, arrays: dict[str, np.ndarray]) -> Prices:
    if "cut_price" not in arrays:
        return prices
    cuts = Roundings(**{name[4:]: arrays[name] for name in _CUTS})
    return replace(prices, cuts=cuts, cut_price=arrays["cut_price"])


def _tree_arrays(tree: SearchTree) -> dict[str, Any]:
    """Columns of the tree, and the parts of all price vectors one after the other with their lengths."""
    arrays: dict[str, Any] = {name: getattr(tree, name) for name in _COLUMNS}
    for part in _PARTS:
        pieces = [getattr(prices, part) for prices in tree.prices]
        arrays[part] = np.concatenate(pieces) if pieces else np.zeros(0)
        arrays[f"{part}_count"] = np.array([len(piece) for piece in pieces], dtype=np.int64)
    arrays["split"] = np.array([prices.split for prices in tree.prices], dtype=bool)
    arrays["solver"] = np.array(tree.solver)
    return arrays


def _tree(arrays: dict[str, np.ndarray]) -> SearchTree:
    pieces = [np.split(arrays[part], np.cumsum(arrays[f"{part}_count"])[:-1]) for part in _PARTS]
    split = arrays["split"].tolist()
    vectors = zip(*pieces, strict=True)
    prices = tuple(_prices(list(parts), kind) for parts, kind in zip(vectors, split, strict=False))
    columns = {name: arrays[name] for name in _COLUMNS}
    return SearchTree(**columns, prices=prices, solver=str(arrays["solver"]))
