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
LANE = ["member", "service", "start", "hub", "site"]
PORTS = ["load_place", "discharge_place"]
GATE = ["kind", "owner", "member", "site", "hub", "period"]
RESOURCE = ["kind", "owner", "site", "market", "lane", "rule", "period"]
NODE = ["product", "site", "period"]
OUTBOUND = ["product", "site", "market", "period", "service"]
INBOUND = ["product", "member", "site", "period"]
HOLDING = ["arrival", "sale"]
DIRECT = ["product", "market", "period", "service", "mode"]
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
    lane, row = _lane_keys(priced.supply.freight.lanes, [*LANE, "period"]), _keys(labels.rows, ROW)
    resource = _mixed(_keys(labels.resources, RESOURCE), _at(lane, labels.resources, "lane_period"))
    measure = _mixed(_keys(labels.measures, ["measure"]), _at(resource, labels.measures, "resource"))
    leg, node, option = _leg_keys(labelled, priced, row)
    module = _mixed(_keys(labels.modules, ["container"]), _at(resource, labels.modules, "resource"))
    return ItemKeys(
        row=row,
        gate=_mixed(_keys(labels.gates, GATE), _at(lane, labels.gates, "lane_period")),
        size=_keys(labels.sizes, ["site", "owner", "size", "opens"]),
        measure=measure,
        rule=_keys(labels.rules, ["rule", "kind", "owner"]),
        resource=resource,
        module=_distinct(module),
        tier=_distinct(_at(resource, labels.tiers, "resource")),
        leg=leg,
        node=node,
        option=option,
    )


def _leg_keys(labelled: LabelledProblem, priced: PricedOptions, row: Keys) -> tuple[Keys, Keys, Keys]:
    """Keys of legs, nodes and options: by the row, and by the ways of goods that they stand for."""
    legs, options = labelled.legs, labelled.labels.options
    if legs is None:
        none = np.zeros(0, dtype=np.uint64)
        return none, none, none
    lanes = priced.supply.freight.lanes.drop_duplicates("lane")
    number = lanes["lane"].to_numpy(np.int64)
    lane = np.zeros(int(number.max(initial=-1)) + 1, dtype=np.uint64)
    lane[number] = _lane_keys(lanes, LANE)
    inbound = _mixed(_keys(priced.inbound, INBOUND), _at(lane, priced.inbound, "lane"))
    holding = _mixed(_keys(priced.holding, HOLDING), _at(inbound, priced.holding, "inbound"))
    outbound, of_row = _keys(priced.outbound, OUTBOUND), _at(row, options, "row")
    first_head, first_tail = _first(legs.option_head), _first(legs.option_tail)
    whole = np.flatnonzero(legs.option_head < 0)
    way = _mixed(_at(_keys(priced.direct, DIRECT), options, "direct"), _at(inbound, options, "inbound"))
    head = _mixed(_at(outbound, options, "outbound"), of_row)[first_head]
    tail = _mixed(_at(holding, options, "holding"), _at(inbound, options, "inbound"))[first_tail]
    parts = [_distinct(_mixed(way, of_row)[whole]), _distinct(head), _distinct(tail)]
    node = np.zeros(int(legs.head.node.max()) + 1, dtype=np.uint64)
    node[legs.head.node] = _at(_keys(priced.outbound, NODE), options, "outbound")[first_head]
    option = np.empty(len(options), dtype=np.uint64)
    option[whole] = parts[0]
    pairs = np.flatnonzero(legs.option_head >= 0)
    option[pairs] = _mixed(parts[1][legs.option_head[pairs]], parts[2][legs.option_tail[pairs]])
    return np.concatenate(parts), node, option


def _lane_keys(lanes: pd.DataFrame, columns: list[str]) -> Keys:
    """Keys of lanes: by their ports only where another one differs in nothing else.

    Which ports are the cheapest to go by changes with the rates, what takes the goods to the site does not.
    """
    key = _keys(lanes, columns)
    _, place, count = np.unique(key, return_inverse=True, return_counts=True)
    return np.where(count[place] > 1, _mixed(key, _keys(lanes, PORTS)), key)


def _first(leg: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """First option of each leg."""
    found, first = np.unique(leg, return_index=True)
    return first[found >= 0]


def _distinct(key: Keys) -> Keys:
    """Keys that tell items with the same key apart, by their order."""
    order = np.argsort(key, kind="stable")
    alike = np.diff(key[order], prepend=~key[order][:1]) == 0
    place = np.arange(len(key))
    number = np.empty(len(key), dtype=np.uint64)
    number[order] = place - np.maximum.accumulate(np.where(alike, 0, place))
    return _mixed(key, number)


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
