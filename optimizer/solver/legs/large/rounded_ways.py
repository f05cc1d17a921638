r"""Roundings of supply over ways: which tails they count for which rows.

A cut (`optimizer.solver.rounding`) counts what the rows :math:`T` use of a measure. A pair of legs uses what
its tail uses; so with the nodes parted by the cuts that their heads' rows are in, every tail uses the cuts of
its node that round a measure of its own.
"""

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from optimizer.problem.problem import Floats
from optimizer.problem.ragged import counts_to_start, positions, sum_by
from optimizer.solver.legs.large.ways import Ways, parted
from optimizer.solver.solution import Roundings

__all__ = ["rounded_ways"]

Ids = npt.NDArray[np.int64]


def rounded_ways(ways: Ways, demand: Floats, cuts: Roundings, measures: int) -> tuple[Ways, Floats]:
    r"""Let tails use the cuts as further measures, numbered from `measures` on.

    Parameters
    ----------
    ways
        Heads use nothing.
    demand : float64, shape (rows,)
        Orders of the rows.
    cuts
        In the numbers of the tails' measures; no option that is not a pair of legs uses one of them.

    Returns
    -------
    Ways
        Nodes parted by cuts.
    float64, shape (cuts,)
        The most that the rows of each cut can use, `A`.
    """
    head, cut, amount = _memberships(ways, cuts)
    row = ways.head_row[head]
    key = cut * len(demand) + row
    keys, place = np.unique(key, return_inverse=True)
    most = np.zeros(len(keys))
    np.maximum.at(most, place, amount * demand[row])
    totals = sum_by(keys // len(demand), most, len(cuts))
    random = np.random.default_rng(0).integers(1, 2**62, len(cuts), dtype=np.int64)
    signature = np.zeros(len(ways.head_row), dtype=np.int64)
    np.add.at(signature, head, random[cut])
    label = np.unique(signature, return_inverse=True)[1]
    apart, _ = parted(ways, label)
    first = np.full(apart.nodes, -1, dtype=np.int64)
    first[apart.head.node[::-1]] = np.arange(len(label))[::-1]
    order = np.argsort(head, kind="stable")
    start = counts_to_start(np.bincount(head, minlength=len(label)))
    return _with_uses(apart, cuts, cut[order], start, first, measures), totals


def _memberships(ways: Ways, cuts: Roundings) -> tuple[Ids, Ids, Floats]:
    """Head, cut and largest amount per order, where a head's row is in the cut and its node can use it."""
    tail, column = np.nonzero(ways.tail.measure >= 0)
    measure, used = ways.tail.measure[tail, column], ways.tail.amount[tail, column]
    head_start = np.searchsorted(ways.head_row, np.arange(int(cuts.row.max(initial=0)) + 2))
    by_measure = np.argsort(measure, kind="stable")
    measure_start = np.searchsorted(measure[by_measure], np.arange(int(measure.max(initial=0)) + 2))
    parts: list[tuple[Ids, Ids, Floats]] = []
    at = np.zeros(ways.nodes)
    for number, rounded in enumerate(cuts.measure.tolist()):
        entries = by_measure[measure_start[rounded] : measure_start[rounded + 1]]
        nodes = ways.tail.node[tail[entries]]
        np.maximum.at(at, nodes, used[entries])
        heads = positions(head_start, cuts.row[cuts.row_start[number] : cuts.row_start[number + 1]])
        heads = heads[at[ways.head.node[heads]] > 0.0]
        parts.append((heads, np.full(len(heads), number, dtype=np.int64), at[ways.head.node[heads]]))
        at[nodes] = 0.0
    none = np.zeros(0, dtype=np.int64)
    head, cut, amount = zip((none, none, np.zeros(0)), *parts, strict=True)
    return np.concatenate(head), np.concatenate(cut), np.concatenate(amount)


def _with_uses(apart: Ways, cuts: Roundings, cut: Ids, start: Ids, first: Ids, measures: int) -> Ways:
    """Give tails the cuts of their node's first head that round a measure of theirs."""
    of_node = first[apart.tail.node]
    counts = np.diff(start)[of_node]
    tail = np.repeat(np.arange(len(of_node)), counts)
    found = cut[positions(start, of_node)]
    same = apart.tail.measure[tail] == cuts.measure[found][:, None]
    hit = same.any(axis=1)
    tail, found = tail[hit], found[hit]
    amount = (apart.tail.amount[tail] * same[hit]).sum(axis=1)
    begin = counts_to_start(np.bincount(tail, minlength=len(of_node)))
    column = np.arange(len(tail)) - begin[tail]
    width = int(np.diff(begin).max(initial=0))
    measure = np.full((len(of_node), width), -1, dtype=np.int64)
    used = np.zeros((len(of_node), width))
    measure[tail, column], used[tail, column] = measures + found, amount
    wider = replace(
        apart.tail,
        measure=np.column_stack([apart.tail.measure, measure]),
        amount=np.column_stack([apart.tail.amount, used]),
    )
    return replace(apart, tail=wider)
