"""How priced options fall apart: the way out of a warehouse (head), the way of its stock into it (tail)."""

import numpy as np
import numpy.typing as npt
import pandas as pd

from optimizer.problem.assembly import Assembly
from optimizer.problem.builder import Built
from optimizer.problem.legs import Leg, Legs

__all__ = ["legs_of"]

Ids = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.int32]
HEAD = ("outbound",)
TAIL = ("inbound", "holding")


def legs_of(assembly: Assembly, built: Built) -> Legs | None:
    """Return the legs of the assembled options.

    A head is a row's delivery from a site; a tail is a freight lane into the site with the storage until
    the sale; they meet in a node: a product class at a site in a period of sale.

    Returns
    -------
    Legs or None
        None where no option is a pair, and where rows are single sourced: a row's flow may mix tails.
    """
    priced, order = assembly.priced, built.option_order
    if priced.rows["single"].any():
        return None
    row, outbound = priced.option_row[order], priced.option_outbound[order]
    inbound, holding = priced.option_inbound[order], priced.option_holding[order]
    pairs = np.flatnonzero(outbound >= 0)
    if not len(pairs):
        return None
    meets = priced.outbound.groupby(["product", "site", "period"], sort=False).ngroup().to_numpy()
    head_at, head = _numbered(row[pairs], outbound[pairs], len(priced.outbound))
    tail_at, tail = _numbered(inbound[pairs], holding[pairs], len(priced.holding))
    head_entry, tail_entry = pairs[head_at], pairs[tail_at]
    _, head_node = np.unique(meets[outbound[head_entry]], return_inverse=True)
    node = np.full(len(priced.outbound), -1, dtype=np.int64)
    node[meets[outbound[head_entry]]] = head_node
    tail_node = node[meets[outbound[tail_entry]]]
    option_head, option_tail = (np.full(len(order), -1, dtype=np.int64) for _ in range(2))
    option_head[pairs], option_tail[pairs] = head, tail
    measure_place = np.argsort(built.measure_order)
    heads = _leg(assembly, HEAD, {"outbound": outbound[head_entry]}, head_node, measure_place)
    entries = {"inbound": inbound[tail_entry], "holding": holding[tail_entry]}
    tails = _leg(assembly, TAIL, entries, tail_node, measure_place)
    return Legs(option_head, option_tail, row[head_entry].astype(np.int64), heads, tails)


def _numbered(source: Indices, entry: Indices, entries: int) -> tuple[Ids, Ids]:
    """Number the entries of a factor table that occur, by their source: where each first occurs, all numbers.

    An entry has one source: a delivery serves one row, a lot of stock comes by one sailing.
    """
    first = np.full(entries, -1, dtype=np.int64)
    first[entry[::-1]] = np.arange(len(entry))[::-1]
    present = np.flatnonzero(first >= 0)
    present = present[np.lexsort((present, source[first[present]]))]
    number = np.full(entries, -1, dtype=np.int64)
    number[present] = np.arange(len(present))
    return first[present], number[entry]


def _leg(
    assembly: Assembly,
    stages: tuple[str, ...],
    entries: dict[str, npt.NDArray[np.int32]],
    node: Ids,
    measure_place: Ids,
) -> Leg:
    """Cost, gates and uses per order, summed over the factor tables that a leg is made of."""
    count = len(node)
    cost = np.zeros(count)
    gates: list[Ids] = [np.full(count, -1, dtype=np.int64)]
    measures: list[Ids] = [np.full(count, -1, dtype=np.int64)]
    amounts: list[Floats] = [np.zeros(count)]
    for stage in stages:
        at = entries[stage]
        has = at >= 0
        table: pd.DataFrame = getattr(assembly.priced, stage)
        total = table.filter(like="cost_").sum(axis=1).to_numpy(np.float64)
        total = total - sum(assembly.credits.get(stage, []))
        cost += np.where(has, total[at], 0.0)
        gates += [np.where(has, gate[at], -1) for gate in assembly.gates.get(stage, [])]
        for measure, amount in assembly.uses.get(stage, []):
            named = np.where(has, measure[at], -1)
            measures.append(np.where(named >= 0, measure_place[named], -1))
            amounts.append(np.where(has, amount[at], 0.0))
    return Leg(node, cost, np.column_stack(gates), np.column_stack(measures), np.column_stack(amounts))
