"""Keys by which the items of two problems are recognised as the same: hashes of what they stand for."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.costing.options import PricedOptions
from optimizer.plan.keys import ItemKeys
from optimizer.problem.labels import LabelledProblem

__all__ = ["item_keys"]

Keys = npt.NDArray[np.uint64]

ROW = ["member", "product", "market", "period", "number"]
LANE = ["member", "service", "start", "load_place", "discharge_place", "hub", "period", "site"]
GATE = ["kind", "owner", "member", "site", "hub", "period"]
RESOURCE = ["kind", "owner", "site", "market", "lane", "rule", "period"]
_MIX = np.uint64(0x9E3779B97F4A7C15)


def item_keys(labelled: LabelledProblem, priced: PricedOptions) -> ItemKeys:
    """Return the keys of a problem's items.

    Parameters
    ----------
    labelled
        The problem and its labels.
    priced
        The priced options it was assembled from; they say which lanes its lane numbers mean.
    """
    labels = labelled.labels
    lane = _keys(priced.supply.freight.lanes, LANE)
    resource = _mixed(_keys(labels.resources, RESOURCE), _at(lane, labels.resources, "lane_period"))
    measure = _mixed(_keys(labels.measures, ["measure"]), _at(resource, labels.measures, "resource"))
    return ItemKeys(
        row=_keys(labels.rows, ROW),
        gate=_mixed(_keys(labels.gates, GATE), _at(lane, labels.gates, "lane_period")),
        size=_keys(labels.sizes, ["site", "owner", "size", "opens"]),
        measure=measure,
        rule=_keys(labels.rules, ["rule", "kind", "owner"]),
    )


def _keys(table: pd.DataFrame, columns: list[str]) -> Keys:
    """Hash of the texts in some columns, line by line; a column that is not there is skipped."""
    key = np.zeros(len(table), dtype=np.uint64)
    for number, name in enumerate(columns):
        if name in table:
            texts = table[name].astype(str).to_numpy(dtype=object)
            key = _mixed(key, pd.util.hash_array(texts) + np.uint64(number))
    return key


def _at(keys: Keys, table: pd.DataFrame, column: str) -> Keys:
    """Key of the item that a column points to; zero where it points to none."""
    if column not in table or not len(keys):
        return np.zeros(len(table), dtype=np.uint64)
    at = table[column].fillna(-1).to_numpy(np.int64)
    return np.where(at >= 0, keys[np.maximum(at, 0)], np.uint64(0))


def _mixed(key: Keys, other: Keys) -> Keys:
    with np.errstate(over="ignore"):
        mixed = (key ^ (key >> np.uint64(29))) * _MIX + other
        return (mixed ^ (mixed >> np.uint64(32))) * _MIX
